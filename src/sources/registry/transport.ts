/**
 * One HTTP request and its answer, or why there is none: through the proxies of the environment, with
 * the authorities that hold for the host, and never more than a limit of bytes.
 */
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { authoritiesFor, certificateFolders } from './certificates.ts';
import { failure, messageOf, quoted, type Failure } from './failure.ts';
import { isLoopback } from './reference.ts';

export interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes of an answer that are taken; of an error, fewer are read. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  /** The value of a header; several are joined by commas, none is empty. */
  readonly header: (name: string) => string;
  readonly body: Buffer;
}

/** No answer, and why. */
export interface Unanswered extends Failure {
  /** The other side does not speak TLS, or nobody listens there. */
  readonly mayBePlain?: boolean;
  /** Worth another try. */
  readonly isPassing?: boolean;
}

export interface Transport {
  readonly send: (question: Question) => Promise<Answer | Unanswered>;
  /** Leaves no connection behind. */
  readonly close: () => Promise<void>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Of an error: a short JSON document. */
const ERROR_BYTES = 64 * 1024;

export function transportOf(env: Env, home: string): Transport {
  const dispatchers = new Map<string, Dispatcher>();
  const dispatcherFor = (url: URL): Dispatcher => {
    let dispatcher = dispatchers.get(url.origin);
    if (!dispatcher) dispatchers.set(url.origin, (dispatcher = dispatcherOf(url, env, home)));
    return dispatcher;
  };
  return {
    send: async (question) => {
      const { url, signal } = question;
      let dispatcher: Dispatcher;
      try {
        dispatcher = dispatcherFor(url);
      } catch {
        return failure(
          `a proxy in the environment, or a certificate for ${url.host}, is not valid`,
          'see HTTPS_PROXY and HTTP_PROXY, and certs.d in the folder of Docker',
          true,
        );
      }
      try {
        return await answerTo(question, dispatcher);
      } catch (error) {
        return noAnswer(error, url, signal);
      }
    },
    close: async () => {
      await Promise.all([...dispatchers.values()].map((each) => each.destroy()));
    },
  };
}

/** @throws where a proxy's address or a certificate is not valid */
function dispatcherOf(url: URL, env: Env, home: string): Dispatcher {
  const own = authoritiesFor(url.host, certificateFolders(home), env);
  const tls = own && { ca: [...own] };
  const direct = { ...(tls && { connect: tls }) };
  // Where nothing is said of it, no proxy reaches this machine itself.
  if (isLoopback(url.host)) return new Agent(direct);
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const proxy = proxyUrl(env[name] ?? env[name.toUpperCase()]);
  return new EnvHttpProxyAgent({
    ...direct,
    ...(tls && { requestTls: tls }),
    // All are named, else undici asks the process's own environment, or takes one for the other.
    httpProxy: url.protocol === 'http:' ? proxy : '',
    httpsProxy: url.protocol === 'https:' ? proxy : '',
    noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '',
  });
}

/** `proxy.example:3128` is common, and no URL. */
function proxyUrl(text = ''): string {
  return text === '' || text.includes('://') ? text : `http://${text}`;
}

async function answerTo(question: Question, dispatcher: Dispatcher): Promise<Answer | Unanswered> {
  const { method, url, headers, body, limit, signal } = question;
  const response = await request(url, {
    method,
    headers: { ...headers, 'accept-encoding': 'identity' },
    ...(body !== undefined && { body }),
    dispatcher,
    signal,
  });
  const { statusCode: status } = response;
  const isError = status >= 300;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > (isError ? Math.min(limit, ERROR_BYTES) : limit)) {
      if (isError) break;
      return failure(`${url.host} answers with more than ${limit} bytes`, 'see what is there');
    }
    chunks.push(chunk);
  }
  const header = (name: string): string => [response.headers[name] ?? []].flat().join(', ');
  return { kind: 'answer', status, header, body: Buffer.concat(chunks) };
}

const NETWORK = 'check the network, or the name of the registry';

const REASONS: Readonly<Record<string, readonly [why: string, advice: string]>> = {
  ENOTFOUND: ['there is no such host', NETWORK],
  EAI_AGAIN: ['its name cannot be looked up now', NETWORK],
  ECONNREFUSED: ['nobody listens there', NETWORK],
  EHOSTUNREACH: ['there is no way to it', NETWORK],
  ENETUNREACH: ['there is no network', NETWORK],
  ECONNRESET: ['it breaks the connection off', NETWORK],
  EPIPE: ['it breaks the connection off', NETWORK],
  ETIMEDOUT: ['it does not answer', NETWORK],
  UND_ERR_CONNECT_TIMEOUT: ['it does not answer', NETWORK],
  UND_ERR_HEADERS_TIMEOUT: ['it does not answer', NETWORK],
  UND_ERR_BODY_TIMEOUT: ['it stops in the middle of an answer', NETWORK],
  UND_ERR_SOCKET: ['it breaks the connection off', NETWORK],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['it breaks the connection off', NETWORK],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'tell whoever runs it'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['its certificate is for another host', 'check the name'],
};

const PASSING = /^(ECONNRESET|EPIPE|EAI_AGAIN|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/;
const MAYBE_PLAIN = /^(EPROTO|ERR_SSL_\w+|ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET)$/;
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_|UNABLE_TO_VERIFY|CERT_(UNTRUSTED|SIGNATURE|REJECTED)/;

function noAnswer(error: unknown, { host, hostname }: URL, signal: AbortSignal): Unanswered {
  if (signal.aborted) {
    return failure(`${host} did not answer in time`, 'try again later', true);
  }
  const code = codeOf(error);
  const [why, advice] = reasonFor(code, messageOf(error), hostname);
  return {
    ...failure(`${host} cannot be asked: ${why}`, advice, true),
    mayBePlain: MAYBE_PLAIN.test(code),
    isPassing: PASSING.test(code),
  };
}

function reasonFor(
  code: string,
  message: string,
  hostname: string,
): readonly [why: string, advice: string] {
  if (Object.hasOwn(REASONS, code)) return REASONS[code]!;
  if (UNTRUSTED.test(code)) {
    return [
      'its certificate is of an authority that is not known here',
      `put the authority's certificate into certs.d/${hostname} of Docker, or name it with NODE_EXTRA_CA_CERTS`,
    ];
  }
  if (/^(EPROTO|ERR_SSL_)/.test(code)) {
    return ['it does not speak TLS', 'where plain HTTP is meant, say so with --insecure-registry'];
  }
  const proxied = /^Proxy response \((\d+)\)/.exec(message)?.[1];
  if (proxied !== undefined) {
    return [`the proxy refuses it with status ${proxied}`, 'see HTTPS_PROXY and NO_PROXY'];
  }
  return [code === '' ? quoted(message) : `the system says ${code}`, NETWORK];
}

/** Of several addresses that all failed, the first one's. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  if (first !== undefined) return codeOf(first);
  return 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error.cause);
}
