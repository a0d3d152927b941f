/**
 * What a registry says of an image: its configuration and how much is downloaded, by the OCI
 * distribution API. Asked only where the user wants it; rows are there for everybody else.
 *
 * From the name to an index, from there to the image of a platform, from there to its configuration.
 * A tag is looked up by HEAD, which Docker Hub does not count; documents are kept on the disk by
 * their digest, and each is held against its digest before it is believed.
 */
import type { ObservedImage, Platform } from '../facts/observed.ts';
import { authorizerOf } from './registry/authorization.ts';
import { cacheFolder, digestOf, diskCache, hasDigest, type Cache } from './registry/cache.ts';
import { clientOf, type Client } from './registry/client.ts';
import { keysOf } from './registry/credentials.ts';
import {
  ACCEPTED,
  chooseManifest,
  DOCUMENT_BYTES,
  observedImage,
  readManifest,
  whyNoDocument,
  type Manifest,
} from './registry/documents.ts';
import { failure, type Failure } from './registry/failure.ts';
import type { Patience } from './registry/patience.ts';
import { fullName, isDigest, parseReference, type Reference } from './registry/reference.ts';
import { transportOf, type Answer } from './registry/transport.ts';

export interface RegistryOptions {
  /** For proxies, Docker's configuration, its helpers and the cache folder. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's own folder. */
  readonly home: string;
  readonly platform: Platform;
  /** Hosts that may be asked without TLS; this machine itself always may. */
  readonly insecure?: readonly string[];
  /** The version of dfopt, which registries are told. */
  readonly version: string;
  /** Default: below the XDG cache folder. */
  readonly cache?: Cache;
  /** Milliseconds for one image; default half a minute. */
  readonly timeoutMs?: number;
  /** Milliseconds for all images of one call; default two minutes. */
  readonly totalMs?: number;
  readonly patience?: Patience;
}

export type Looked = { readonly kind: 'image'; readonly image: ObservedImage } | Failure;

export interface Registries {
  /**
   * Looks up several images, each of them once.
   * @param references as behind FROM
   * @returns one answer for each reference, in their order
   */
  readonly lookUp: (references: readonly string[]) => Promise<ReadonlyMap<string, Looked>>;
  /** What is wrong with Docker's configuration or its helpers, as far as it was needed. */
  readonly problems: () => readonly string[];
  readonly close: () => Promise<void>;
}

const TIMEOUT_MS = 30_000;

/** Where nobody answers, a file may name any number of hosts: who waits has waited long by then. */
const TOTAL_MS = 120_000;

/** Images are looked up side by side: no registry minds four. */
const AT_ONCE = 4;

/** More bases in one run are a mistake, or an attack on somebody's limit. */
const MOST_IMAGES = 200;

/** An index may list an index; deeper is nonsense. */
const MOST_INDEXES = 2;

export function registriesOf(options: RegistryOptions): Registries {
  const { env, home, platform, insecure = [], version } = options;
  const { timeoutMs = TIMEOUT_MS, totalMs = TOTAL_MS } = options;
  const transport = transportOf(env, home);
  const keys = keysOf(env, home);
  const client = clientOf({
    transport,
    authorizer: authorizerOf(transport, keys, () => performance.now()),
    insecure: insecure.map((host) => host.toLowerCase()),
    agent: `dfopt/${version}`,
    ...(options.patience && { patience: options.patience }),
  });
  const cache = options.cache ?? diskCache(cacheFolder(env, home));
  const lookUpOne = async (written: string, deadline: number): Promise<Looked> => {
    const reference = parseReference(written);
    if (reference.kind === 'failure') return reference;
    const left = Math.min(timeoutMs, deadline - performance.now());
    if (left <= 0) return NO_TIME;
    // Not AbortSignal.timeout: of several in AbortSignal.any, nobody keeps the timers alive.
    const stopper = new AbortController();
    const timer = setTimeout(() => stopper.abort(), left);
    try {
      return await imageOf({ reference, client, cache, platform, signal: stopper.signal });
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    lookUp: async (references) => {
      const wanted = [...new Set(references)];
      const looked = new Map<string, Looked>();
      const next = wanted.slice(0, MOST_IMAGES).values();
      const deadline = performance.now() + totalMs;
      const work = async (): Promise<void> => {
        // oxlint-disable-next-line no-await-in-loop -- several of these loops share one iterator
        for (const written of next) looked.set(written, await lookUpOne(written, deadline));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      return new Map(wanted.map((written) => [written, looked.get(written) ?? TOO_MANY]));
    },
    problems: keys.problems,
    close: transport.close,
  };
}

const TOO_MANY = failure(
  `only ${MOST_IMAGES} images are looked up in one run`,
  'run dfopt on fewer files at once',
);

const NO_TIME = failure('the images before it took all the time there is', 'try again later');

/** What a lookup of one image works with. */
interface Lookup {
  readonly reference: Reference;
  readonly client: Client;
  readonly cache: Cache;
  readonly platform: Platform;
  readonly signal: AbortSignal;
}

interface Document {
  readonly kind: 'document';
  readonly digest: string;
  readonly bytes: Uint8Array;
  /** Empty where it was not fetched now. */
  readonly contentType: string;
}

async function imageOf(lookup: Lookup): Promise<Looked> {
  const { reference, platform } = lookup;
  const top = await topDocument(lookup);
  if (top.kind === 'failure') return top;
  const found = await manifestOf(top, lookup);
  if (found.kind === 'failure') return found;
  const { config } = found.manifest;
  const text = await documentOf('blobs', config, lookup);
  if (text.kind === 'failure') return text;
  const asked = {
    name: fullName(reference),
    digest: top.digest,
    manifest: found.digest,
    platform,
    seen: new Date().toISOString().slice(0, 10),
  };
  return observedImage(asked, found.manifest, text.bytes);
}

/** From an index to the image of the platform; an image is one already. */
async function manifestOf(
  top: Document,
  lookup: Lookup,
): Promise<
  { readonly kind: 'found'; readonly digest: string; readonly manifest: Manifest } | Failure
> {
  let document = top;
  for (let indexes = 0; ; indexes++) {
    const read = readManifest(document.bytes, document.contentType);
    if (read.kind === 'failure') return read;
    if (read.kind === 'manifest') return { kind: 'found', digest: document.digest, manifest: read };
    if (indexes === MOST_INDEXES) {
      return failure('the registry has an index of indexes without end', 'pull it yourself');
    }
    const chosen = chooseManifest(read, lookup.platform);
    if ('kind' in chosen) return chosen;
    // oxlint-disable-next-line no-await-in-loop -- one leads to the next
    const next = await documentOf('manifests', chosen, lookup);
    if (next.kind === 'failure') return next;
    document = next;
  }
}

/** Answers to HEAD by which a registry says that it does not know it. */
const NO_HEAD = new Set([400, 405, 501]);

/** What the name itself stands for. */
async function topDocument(lookup: Lookup): Promise<Document | Failure> {
  const { reference, client, signal } = lookup;
  const { digest, tag } = reference;
  if (digest !== undefined) return documentOf('manifests', { digest, size: 0 }, lookup);
  const path = `manifests/${tag}`;
  const wanted = { path, accept: ACCEPTED, limit: DOCUMENT_BYTES, signal };
  const head = await client.ask(reference, { ...wanted, method: 'HEAD' });
  if (head.kind === 'failure' && !NO_HEAD.has(head.status ?? 0)) return head;
  if (head.kind === 'answer') {
    const seen = head.header('docker-content-digest');
    if (isDigest(seen)) return documentOf('manifests', { digest: seen, size: 0 }, lookup);
  }
  const answer = await client.ask(reference, { ...wanted, method: 'GET' });
  if (answer.kind === 'failure') return answer;
  const said = answer.header('docker-content-digest');
  return verified(answer, isDigest(said) ? said : digestOf(answer.body), lookup);
}

/** A document by its digest: from the disk, or from the registry. */
async function documentOf(
  kind: 'manifests' | 'blobs',
  { digest, size }: { readonly digest: string; readonly size: number },
  lookup: Lookup,
): Promise<Document | Failure> {
  const { reference, client, cache, signal } = lookup;
  if (size > DOCUMENT_BYTES) {
    return failure(
      `${reference.registry} has a document of ${size} bytes for it, and such ones are small`,
      'tell whoever made the image',
    );
  }
  const kept = await cache.read(digest);
  if (kept) return { kind: 'document', digest, bytes: kept, contentType: '' };
  const answer = await client.ask(reference, {
    method: 'GET',
    path: `${kind}/${digest}`,
    accept: kind === 'manifests' ? ACCEPTED : '*/*',
    limit: DOCUMENT_BYTES,
    signal,
  });
  return answer.kind === 'failure' ? answer : verified(answer, digest, lookup);
}

/** Only what has its digest is believed, and kept. */
async function verified(
  { body, header }: Answer,
  digest: string,
  { reference, cache }: Lookup,
): Promise<Document | Failure> {
  const contentType = header('content-type');
  // These two have other digests for reasons that help more than "it is another one".
  const other = whyNoDocument(contentType);
  if (other) return other;
  if (!hasDigest(body, digest)) {
    return failure(
      `${reference.registry} answers with something else than what it names by its digest`,
      'try again; if it stays, something on the way changes answers',
    );
  }
  await cache.write(digest, body);
  return { kind: 'document', digest, bytes: body, contentType };
}
