/** TLS with authorities of one's own, proxies, and hosts without TLS: what the environment decides. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { folderWith } from '../../cli/support.ts';
import {
  answerFrom,
  fakeRegistry,
  lookUp,
  lookedUp,
  madeImage,
  shelfOf,
} from '../../support/registry.ts';

const image = madeImage();
const shelf = shelfOf({ '1': image.manifest }, [image]);

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('SKIPPED: TLS of registries was not tried, as there is no openssl');

interface Pair {
  readonly key: string;
  readonly cert: string;
}

/** A certificate that vouches for itself. */
function certificate(names: string): Pair {
  const folder = folderWith({});
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=registry'];
  const args = ['req', '-x509', ...kind, ...files, '-addext', `subjectAltName=${names}`];
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

async function listening(server: Server | ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function tlsRegistry(pair: Pair): Promise<number> {
  return listening(createServer(pair, (request, response) => answerFrom(shelf, request, response)));
}

interface Proxy {
  readonly url: string;
  /** `CONNECT registry.example:443`, `GET http://…` */
  readonly asked: string[];
  readonly logins: (string | undefined)[];
}

/** Leads to this machine whatever host is asked for. */
async function proxyTo(port: number, status = 200): Promise<Proxy> {
  const asked: string[] = [];
  const logins: (string | undefined)[] = [];
  const server = createPlainServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(500).end();
  });
  server.on('connect', (request, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    logins.push(request.headers['proxy-authorization']);
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const behind = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      behind.pipe(socket).pipe(behind);
    });
    behind.on('error', () => socket.destroy());
    socket.on('error', () => behind.destroy());
  });
  return { url: `127.0.0.1:${await listening(server)}`, asked, logins };
}

describe.skipIf(!hasOpenssl)('a registry with TLS', () => {
  it('is believed with an authority of certs.d, for its host alone', async () => {
    const pair = certificate('DNS:localhost,IP:127.0.0.1');
    const port = await tlsRegistry(pair);
    const home = folderWith({
      [`.docker/certs.d/localhost:${port}/ca.crt`]: pair.cert,
      [`.docker/certs.d/localhost:${port}/other.crt`]: 'no certificate',
      [`.docker/certs.d/localhost:${port}/key.pem`]: pair.key,
    });
    expect(await lookedUp(`localhost:${port}/app:1`, { home })).toMatchObject({
      digest: image.manifest.digest,
    });
    for (const [host, own] of [
      ['127.0.0.1', home],
      ['localhost', folderWith({})],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- two hosts, one after the other
      expect(await lookUp(`${host}:${port}/app:1`, { home: own })).toMatchObject({
        why: `${host}:${port} cannot be asked: its certificate is of an authority that is not known here`,
        advice: expect.stringContaining('certs.d/'),
      });
    }
  });

  it('is not asked without, whatever may be', async () => {
    const port = await tlsRegistry(certificate('IP:127.0.0.1'));
    const found = await lookUp(`127.0.0.1:${port}/app:1`, { insecure: [`127.0.0.1:${port}`] });
    expect(found).toMatchObject({ why: expect.stringContaining('its certificate is of') });
  });

  it('may have a certificate for another, or a broken authority', async () => {
    const pair = certificate('DNS:other.example');
    const port = await tlsRegistry(pair);
    const known = (text: string) =>
      folderWith({ [`.docker/certs.d/localhost:${port}/ca.crt`]: text });
    expect(await lookUp(`localhost:${port}/app:1`, { home: known(pair.cert) })).toMatchObject({
      why: `localhost:${port} cannot be asked: its certificate is for another host`,
    });
    const broken = known('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect(await lookUp(`localhost:${port}/app:1`, { home: broken })).toMatchObject({
      kind: 'failure',
    });
  });

  it('is asked through the proxy, with the authorities of its host', async () => {
    const pair = certificate('DNS:registry.example');
    const port = await tlsRegistry(pair);
    const proxy = await proxyTo(port);
    const home = folderWith({ '.docker/certs.d/registry.example/ca.crt': pair.cert });
    for (const [name, value] of [
      ['HTTPS_PROXY', `http://me:pass%20word@${proxy.url}`],
      ['https_proxy', proxy.url],
    ] as const) {
      const env = { [name]: value, NO_PROXY: 'example.com,.other.example' };
      // oxlint-disable-next-line no-await-in-loop -- the log is read after each
      expect(await lookedUp('registry.example/app:1', { home, env })).toMatchObject({
        name: 'registry.example/app:1',
      });
      expect(new Set(proxy.asked.splice(0))).toEqual(new Set(['CONNECT registry.example:443']));
    }
    const login = `Basic ${Buffer.from('me:pass word').toString('base64')}`;
    expect(proxy.logins.slice(0, 1)).toEqual([login]);
    expect(proxy.logins.at(-1)).toBeUndefined();
  });
});

describe('a proxy', () => {
  it('that refuses, is broken, or is of another kind, is said', async () => {
    const proxy = await proxyTo(1, 407);
    const look = (env: Readonly<Record<string, string>>) =>
      lookUp('registry.example/app:1', { env });
    expect(await look({ HTTPS_PROXY: `http://me:secret@${proxy.url}` })).toMatchObject({
      why: 'registry.example cannot be asked: the proxy refuses it with status 407',
      advice: 'see HTTPS_PROXY and NO_PROXY',
    });
    const broken = await look({ HTTPS_PROXY: 'http://me:secret@:x/' });
    expect(broken).toMatchObject({ why: expect.stringContaining('is not valid') });
    expect(JSON.stringify(broken)).not.toContain('secret');
  });

  it('is not asked for this machine, nor where NO_PROXY says so', async () => {
    const { host } = await fakeRegistry(shelf);
    const proxy = await proxyTo(1);
    const env = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
    expect(await lookedUp(`${host}/app:1`, { env })).toMatchObject({ name: `${host}/app:1` });
    expect(proxy.asked).toEqual([]);
  });

  it('of another scheme is not taken for this one', async () => {
    const proxy = await proxyTo(1);
    // A host of documentation (RFC 5737): nobody is there, and nobody is asked for its name.
    await lookUp('192.0.2.1/app:1', { env: { HTTP_PROXY: proxy.url }, timeoutMs: 50 });
    await lookUp('192.0.2.1/app:1', {
      env: { HTTPS_PROXY: proxy.url, NO_PROXY: '192.0.2.1' },
      timeoutMs: 50,
    });
    expect(proxy.asked).toEqual([]);
  });
});

describe('a host without TLS', () => {
  it('is asked only where the user says so', async () => {
    const { host } = await fakeRegistry(shelf);
    const [, port] = host.split(':');
    const proxy = await proxyTo(Number(port));
    // By a name that is not this machine's own.
    const env = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
    const look = (insecure: readonly string[]) =>
      lookUp('registry.example/app:1', { env, insecure });
    expect(await look([])).toMatchObject({
      kind: 'failure',
      why: expect.stringMatching(/registry\.example cannot be asked/),
    });
    expect(proxy.asked.every((each) => each === 'CONNECT registry.example:443')).toBe(true);
    expect(await look(['Registry.example'])).toMatchObject({ kind: 'image' });
    expect(proxy.asked).toContain('CONNECT registry.example:80');
  });
});
