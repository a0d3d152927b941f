/**
 * Looking images up in the CNCF's registry, on this machine: what the tests' own registries cannot
 * show is that the API, its digests and its logins are what everybody else takes them for.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomUUID, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dfopt, folderWith } from '../../cli/support.ts';
import { programPath } from '../../lab/engine.ts';
import {
  described,
  lookUp,
  lookedUp,
  madeImage,
  madeIndex,
  type Document,
  type MadeImage,
} from '../../support/registry.ts';

const program = programPath('docker-registry');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (program === undefined) {
  console.warn("SKIPPED: no real registry was asked, as Debian's docker-registry is not here");
} else if (!hasOpenssl) {
  console.warn('SKIPPED: no real registry was asked for a token, as there is no openssl');
}

const OCI_CONFIG = {
  Env: ['PATH=/usr/bin:/bin', 'LANG=C.UTF-8'],
  Entrypoint: ['/entry.sh'],
  WorkingDir: '/srv',
  ExposedPorts: { '8080/tcp': {} },
};
const intel = madeImage({
  config: OCI_CONFIG,
  history: [{ created_by: 'COPY a' }, { created_by: 'RUN b' }],
});
const arm = madeImage({ architecture: 'arm64', variant: 'v8', config: { User: 'arm' } });
const docker = madeImage({ isDocker: true, config: {}, layers: ['of Docker'] });

/** As BuildKit lists it: two platforms, and a statement about one of them. */
const attestation = madeImage({ os: 'unknown', architecture: 'unknown', layers: ['statement'] });
const index = madeIndex([
  { ...described(intel.manifest), platform: { os: 'linux', architecture: 'amd64' } },
  { ...described(arm.manifest), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
  {
    ...described(attestation.manifest),
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    platform: { os: 'unknown', architecture: 'unknown' },
  },
]);

/** @returns the host of a registry that is gone after the test */
async function realRegistry(auth: readonly string[] = []): Promise<string> {
  const folder = folderWith({});
  const lines = [
    'version: 0.1',
    'log: { level: info, formatter: text }',
    `storage: { filesystem: { rootdirectory: ${join(folder, 'data')} } }`,
    'http: { addr: "127.0.0.1:0" }',
    ...auth,
  ];
  writeFileSync(join(folder, 'config.yml'), `${lines.join('\n')}\n`);
  const child = spawn(program!, ['serve', join(folder, 'config.yml')], {
    env: { OTEL_TRACES_EXPORTER: 'none' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return new Promise((settle, refuse) => {
    let said = '';
    const look = (chunk: Buffer): void => {
      said += chunk.toString();
      const host = /listening on (127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (host !== undefined) settle(host);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('error', refuse);
    child.once('exit', () => refuse(new Error(said)));
  });
}

type Headers = Readonly<Record<string, string>>;

async function pushDocument(
  at: string,
  kind: 'blob' | { readonly tag: string },
  { mediaType, digest, bytes }: Document,
  headers: Headers,
): Promise<void> {
  const body = new Uint8Array(bytes);
  if (kind !== 'blob') {
    const url = `${at}/manifests/${kind.tag}`;
    const own = { ...headers, 'content-type': mediaType };
    const put = await fetch(url, { method: 'PUT', headers: own, body });
    expect(put.status, await put.text()).toBe(201);
    return;
  }
  const begun = await fetch(`${at}/blobs/uploads/`, { method: 'POST', headers });
  expect(begun.status, await begun.text()).toBe(202);
  const url = new URL(begun.headers.get('location')!, at);
  url.searchParams.set('digest', digest);
  const own = { ...headers, 'content-type': 'application/octet-stream' };
  const put = await fetch(url, { method: 'PUT', headers: own, body });
  expect(put.status, await put.text()).toBe(201);
}

async function push(
  host: string,
  repository: string,
  images: readonly MadeImage[],
  tags: Readonly<Record<string, Document>>,
  headers: Headers = {},
): Promise<void> {
  const at = `http://${host}/v2/${repository}`;
  for (const { manifest, config, layers } of images) {
    for (const blob of [config, ...layers]) {
      // oxlint-disable-next-line no-await-in-loop -- in the order that registries want
      await pushDocument(at, 'blob', blob, headers);
    }
    // oxlint-disable-next-line no-await-in-loop -- in the order that registries want
    await pushDocument(at, { tag: manifest.digest }, manifest, headers);
  }
  for (const [tag, document] of Object.entries(tags)) {
    // oxlint-disable-next-line no-await-in-loop -- in the order that registries want
    await pushDocument(at, { tag }, document, headers);
  }
}

const ALL = [intel, arm, attestation] as const;

function loggedIn(host: string, username: string, password: string): string {
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  return folderWith({ '.docker/config.json': JSON.stringify({ auths: { [host]: { auth } } }) });
}

describe.skipIf(program === undefined)('a real registry', () => {
  it('tells of both platforms of an index, of pinned images, and of what there is not', async () => {
    const host = await realRegistry();
    await push(host, 'team/app', ALL, { '1': index });
    await push(host, 'old', [docker], { latest: docker.manifest });
    expect(await lookedUp(`${host}/team/app:1`)).toMatchObject({
      digest: index.digest,
      manifest: intel.manifest.digest,
      configuration: { workdir: '/srv', entrypoint: ['/entry.sh'], exposes: ['8080/tcp'] },
      layers: [
        { compressed: 3, createdBy: 'COPY a' },
        { compressed: 10, createdBy: 'RUN b' },
      ],
    });
    const platform = { os: 'linux', architecture: 'arm64' };
    for (const name of [
      'team/app:1',
      `team/app@${index.digest}`,
      `team/app@${arm.manifest.digest}`,
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- three names, one after the other
      expect(await lookedUp(`${host}/${name}`, { platform }), name).toMatchObject({
        manifest: arm.manifest.digest,
        configuration: { user: 'arm' },
        isOtherPlatform: false,
      });
    }
    expect(await lookedUp(`${host}/old`)).toMatchObject({ layers: [{ compressed: 9 }] });
    expect(await lookUp(`${host}/team/app:2`)).toMatchObject({
      why: `${host} has no team/app:2`,
      advice: 'check the name and the tag',
    });
    expect(await lookUp(`${host}/none`)).toMatchObject({ why: `${host} has no none:latest` });
    expect(
      await lookUp(`${host}/team/app:1`, { platform: { os: 'linux', architecture: 's390x' } }),
    ).toMatchObject({
      why: 'there is no image for linux/s390x, only for "linux/amd64, linux/arm64"',
    });
  });

  it('changes a rewrite: what is known of a base decides', async () => {
    const host = await realRegistry();
    await push(host, 'team/app', ALL, { '1': index });
    await push(host, 'old', [docker], { latest: docker.manifest });
    const dockerfile = (base: string) => `FROM ${host}/${base}\nCMD java -jar /app.jar\n`;
    const cwd = folderWith({
      Dockerfile: dockerfile('old'),
      'app.Dockerfile': dockerfile('team/app:1'),
      'none.Dockerfile': dockerfile('none'),
    });
    const env = { HOME: folderWith({}) };
    const offline = await dfopt(['rewrite'], { cwd, env });
    expect(offline).toMatchObject({ status: 0, stdout: '' });
    const online = await dfopt(['rewrite', '--online', '--verbose'], { cwd, env });
    expect(online.status).toBe(0);
    expect(online.stdout).toContain(`+CMD ["java", "-jar", "/app.jar"]`);
    // The other has an ENTRYPOINT, which would get the words.
    expect(online.stdout.match(/^\+CMD/gm)).toHaveLength(1);
    expect(online.stderr).toContain(
      `--online: ${host}/old:latest for linux/amd64: 1 layer, 0.00 MB to download, ${docker.manifest.digest}`,
    );
    expect(online.stderr).toContain(
      `none.Dockerfile:1:1: ${host}/none:latest was not looked up: ${host} has no none:latest (check the name and the tag; until then dfopt goes by what it knows itself)`,
    );
  });

  it('with a password file wants a name and a password', async () => {
    // Of the user "me": "open sesame", by bcrypt.
    const hash = '$2b$05$dfoptdfoptdfoptdfoptduOX7czxnbB/uFTrO4eE8xzBMd3za6r2G';
    const file = join(folderWith({ htpasswd: `me:${hash}\n` }), 'htpasswd');
    const host = await realRegistry([`auth: { htpasswd: { realm: test, path: ${file} } }`]);
    const authorization = `Basic ${Buffer.from('me:open sesame').toString('base64')}`;
    await push(host, 'app', ALL, { '1': index }, { authorization });
    const home = loggedIn(host, 'me', 'open sesame');
    expect(await lookedUp(`${host}/app:1`, { home })).toMatchObject({ digest: index.digest });
    expect(await lookUp(`${host}/app:1`)).toMatchObject({
      why: `${host} has no app, or shows it only after a login`,
    });
    const wrong = loggedIn(host, 'me', 'shut sesame');
    expect(await lookUp(`${host}/app:1`, { home: wrong })).toMatchObject({
      why: expect.stringContaining('does not show app to this login'),
    });
  });

  it.skipIf(!hasOpenssl)('with a token server believes its tokens', async () => {
    const folder = folderWith({});
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=tokens'];
    expect(spawnSync('openssl', ['req', '-x509', ...curve, ...files]).status).toBe(0);
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const url = new URL(request.url!, 'http://x');
      const scope = url.searchParams.get('scope') ?? '';
      asked.push(scope);
      const isUs = request.headers.authorization?.startsWith('Basic ') === true;
      response.writeHead(200, { 'content-type': 'application/json' });
      // Whoever is nobody gets a token as well: one that allows nothing.
      response.end(
        JSON.stringify({ token: tokenFor(isUs ? scope : '', key, cert), expires_in: 300 }),
      );
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    onTestFinished(() => void server.close());
    const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    const host = await realRegistry([
      `auth: { token: { realm: "${realm}", service: registry, issuer: tokens, rootcertbundle: ${cert} } }`,
    ]);
    const authorization = `Bearer ${tokenFor('repository:app:pull,push', key, cert)}`;
    await push(host, 'app', ALL, { '1': index }, { authorization });
    const home = loggedIn(host, 'me', 'open sesame');
    expect(await lookedUp(`${host}/app:1`, { home })).toMatchObject({ digest: index.digest });
    expect(asked).toEqual(['repository:app:pull']);
    expect(await lookUp(`${host}/app:1`)).toMatchObject({
      why: `${host} has no app, or shows it only after a login`,
    });
  });
});

/** A token as the CNCF's registry reads it: signed by a key whose certificate it carries. */
function tokenFor(scope: string, keyFile: string, certFile: string): string {
  const [, type, name, actions] = /^(\w+):(.+):([\w,]+)$/.exec(scope) ?? [];
  const pem = readFileSync(certFile, 'utf8').replaceAll(/-----[^-]+-----|\s/g, '');
  const now = Math.floor(Date.now() / 1000);
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const head = encode({ typ: 'JWT', alg: 'ES256', x5c: [pem] });
  const claims = encode({
    iss: 'tokens',
    sub: 'me',
    aud: 'registry',
    exp: now + 300,
    nbf: now - 60,
    iat: now,
    jti: createHash('sha256').update(randomUUID()).digest('hex'),
    access: type === undefined ? [] : [{ type, name, actions: actions!.split(',') }],
  });
  const key = { key: readFileSync(keyFile, 'utf8'), dsaEncoding: 'ieee-p1363' as const };
  const signature = sign('sha256', Buffer.from(`${head}.${claims}`), key).toString('base64url');
  return `${head}.${claims}.${signature}`;
}
