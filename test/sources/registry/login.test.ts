/** Registries that want to know who asks: tokens, passwords, helpers; and who must not learn of it. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keysOf, type Credentials } from '../../../src/sources/registry/credentials.ts';
import { folderWith } from '../../cli/support.ts';
import {
  fakeRegistry,
  lookUp,
  lookUpAll,
  lookedUp,
  madeImage,
  shelfOf,
  type FakeRegistry,
} from '../../support/registry.ts';

const image = madeImage();
const shelf = shelfOf({ '1': image.manifest, '2': image.manifest }, [image]);
const SECRET = 'open:sesame';
const BASIC = `Basic ${Buffer.from(`me:${SECRET}`).toString('base64')}`;

/** A home folder where Docker is logged in to these hosts. */
function homeWith(configuration: object): string {
  return folderWith({ '.docker/config.json': JSON.stringify(configuration) });
}

function loggedIn(host: string, entry: object): string {
  return homeWith({ auths: { [host]: entry } });
}

const PAIR = { auth: Buffer.from(`me:${SECRET}`).toString('base64') };

interface Tokens {
  readonly registry: FakeRegistry;
  readonly server: FakeRegistry;
  /** Bodies of what was posted to the token server. */
  readonly posted: string[];
}

interface TokenSettings {
  readonly token?: unknown;
  readonly status?: number;
  readonly challenge?: (server: string) => string;
}

/** A registry that answers to the token of its token server only. */
async function withTokens({ token, status = 200, challenge }: TokenSettings = {}): Promise<Tokens> {
  const posted: string[] = [];
  const server = await fakeRegistry(shelf, (request, response) => {
    request.on('data', (chunk: Buffer) => posted.push(chunk.toString()));
    request.on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(token ?? { token: 'good.token', expires_in: 300 }));
    });
  });
  const ask =
    challenge?.(server.host) ?? `Bearer realm="http://${server.host}/token",service="the service"`;
  const registry = await fakeRegistry(shelf, (request, response, next) => {
    if (request.headers.authorization === 'Bearer good.token') next();
    else response.writeHead(401, { 'www-authenticate': ask }).end();
  });
  return { registry, server, posted };
}

describe('a token', () => {
  it('is fetched without a name where there is none, once for a repository', async () => {
    const { registry, server } = await withTokens();
    await lookUpAll([`${registry.host}/a/app:1`, `${registry.host}/a/app:2`]);
    expect(server.asked).toEqual([
      'GET /token?service=the+service&scope=repository%3Aa%2Fapp%3Apull',
    ]);
    expect(server.headers[0]).not.toHaveProperty('authorization');
    expect(registry.headers.at(-1)).toMatchObject({ authorization: 'Bearer good.token' });
    const { looked } = await lookUpAll([`${registry.host}/a/app:1`, `${registry.host}/b/app:1`]);
    expect([...looked.values()].map(({ kind }) => kind)).toEqual(['image', 'image']);
    expect(server.asked).toHaveLength(3);
  });

  it('is fetched again when it has expired', async () => {
    const { registry, server } = await withTokens({
      token: { access_token: 'good.token', expires_in: 1 },
    });
    await lookedUp(`${registry.host}/app:1`);
    // Each request after the first is with a token of its own.
    expect(server.asked.length).toBeGreaterThan(1);
  });

  it('is fetched with the login of the registry, which sees nothing of it', async () => {
    const { registry, server } = await withTokens();
    await lookedUp(`${registry.host}/app:1`, { home: loggedIn(registry.host, PAIR) });
    expect(server.asked[0]).toContain('account=me');
    expect(server.headers[0]).toMatchObject({ authorization: BASIC });
    const shown = registry.headers.map(({ authorization }) => authorization);
    expect(new Set(shown)).toEqual(new Set([undefined, 'Bearer good.token']));
  });

  it('is had for an identity token, by POST', async () => {
    const { registry, server, posted } = await withTokens();
    const home = loggedIn(registry.host, { identitytoken: 'identity' });
    await lookedUp(`${registry.host}/app:1`, { home });
    expect(server.asked).toEqual(['POST /token']);
    expect(Object.fromEntries(new URLSearchParams(posted.join('')))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'dfopt',
      service: 'the service',
      scope: 'repository:app:pull',
      refresh_token: 'identity',
    });
  });

  it('may be in the configuration', async () => {
    const { registry, server } = await withTokens();
    const home = loggedIn(registry.host, { registrytoken: 'good.token' });
    await lookedUp(`${registry.host}/app:1`, { home });
    expect(server.asked).toEqual([]);
  });

  it.each([
    ['repository:other/app:pull', 'repository:other/app:pull'],
    ['aws', 'aws'],
    ['repository:app:pull,push,delete', 'repository:app:pull'],
    ['registry:catalog:*', 'repository:app:pull'],
  ])('is for reading alone: %s', async (asked, scope) => {
    const { registry, server } = await withTokens({
      challenge: (host) => `Bearer realm="http://${host}/token",scope="${asked}"`,
    });
    await lookedUp(`${registry.host}/app:1`);
    expect(new URL(`http://x${server.asked[0]!.slice(4)}`).searchParams.get('scope')).toBe(scope);
  });

  it.each<[string, TokenSettings, string]>([
    ['refused', { status: 401 }, 'shows it only after a login'],
    ['refused to this host', { status: 429 }, 'asks for fewer requests'],
    ['broken', { status: 404 }, 'the token server, answers with status 404'],
    ['none', { token: {} }, 'the token server, answers without a token'],
    ['no JSON', { token: '<html>' }, 'the token server, answers without a token'],
    ['a header more', { token: { token: 'a\r\nX-Evil: 1' } }, 'answers without a token'],
    ['another', { token: { token: 'other' } }, 'shows it only after a login'],
    ['nowhere', { challenge: () => 'Bearer realm="/token"' }, 'names no token server'],
    ['a script', { challenge: () => 'Bearer realm="javascript:x"' }, 'names no token server'],
    ['in no known way', { challenge: () => 'Negotiate abc' }, 'in a way that dfopt does not know'],
    ['in no way', { challenge: () => '' }, 'in a way that dfopt does not know'],
  ])('that is %s is a failure', async (_what, settings, why) => {
    const { registry } = await withTokens(settings);
    expect(await lookUp(`${registry.host}/app:1`)).toMatchObject({
      kind: 'failure',
      why: expect.stringContaining(why),
    });
  });
});

describe('a name and a password', () => {
  const registryOf = () =>
    fakeRegistry(shelf, (request, response, next) => {
      if (request.headers.authorization === BASIC) next();
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    });

  it('are shown where the registry asks for them', async () => {
    const { host, headers, asked } = await registryOf();
    await lookedUp(`${host}/app:1`, { home: loggedIn(`http://${host}/v1/`, PAIR) });
    expect(headers[0]).not.toHaveProperty('authorization');
    // One question without, and none after it.
    expect(asked).toHaveLength(4);
  });

  it('that are missing or wrong are advice, without them', async () => {
    const { host } = await registryOf();
    expect(await lookUp(`${host}/app:1`)).toMatchObject({
      why: `${host} has no app, or shows it only after a login`,
      advice: `check the name, or log in with docker login ${host}`,
    });
    const home = loggedIn(host, { username: 'me', password: 'wrong-password' });
    const refused = await lookUp(`${host}/app:1`, { home });
    expect(refused).toMatchObject({ why: `${host} does not show app to this login` });
    expect(JSON.stringify(refused)).not.toContain('wrong-password');
  });

  it('are not shown to whom a registry sends one on', async () => {
    const elsewhere = await fakeRegistry(shelf);
    const nosy = await fakeRegistry(shelf, (_request, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
    );
    let target = elsewhere.host;
    const { host } = await fakeRegistry(shelf, (request, response, next) => {
      const location = `http://${target}${request.url}`;
      if (request.headers.authorization !== BASIC) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      } else if (request.url!.includes('/blobs/')) response.writeHead(307, { location }).end();
      else next();
    });
    const home = loggedIn(host, PAIR);
    await lookedUp(`${host}/app:1`, { home });
    expect(elsewhere.headers.map(({ authorization }) => authorization)).toEqual([undefined]);
    target = nosy.host;
    expect(await lookUp(`${host}/app:1`, { home })).toMatchObject({ kind: 'failure' });
    expect(nosy.headers.map(({ authorization }) => authorization)).toEqual([undefined]);
  });
});

describe("Docker's configuration", () => {
  const of = (configuration: object, registry: string, env = {}) =>
    keysOf(env, homeWith(configuration)).of(registry);
  const me = { kind: 'password', username: 'me', password: SECRET };

  it.each([
    ['docker.io', 'https://index.docker.io/v1/'],
    ['docker.io', 'docker.io'],
    ['docker.io', 'registry-1.docker.io'],
    ['ghcr.io', 'ghcr.io'],
    ['ghcr.io', 'https://ghcr.io'],
    ['ghcr.io', 'https://ghcr.io/v2/'],
    ['localhost:5000', 'localhost:5000'],
    ['[::1]:5000', 'http://[::1]:5000'],
  ])('knows %s as %s', async (registry, key) => {
    expect(await of({ auths: { [key]: PAIR } }, registry)).toEqual(me);
  });

  it.each([
    [{ auths: { 'evil.ghcr.io': PAIR, 'ghcr.io.evil': PAIR, 'ghcr.io:5000': PAIR } }],
    [{ auths: { 'ghcr.io': {} } }],
    [{ auths: { 'ghcr.io': { auth: 'AAAA' } } }],
    [{ auths: { 'ghcr.io': { auth: 7 } } }],
    [{ auths: { 'ghcr.io': null } }],
    [{ auths: null, credHelpers: null, credsStore: null }],
    [{}],
  ])('has nothing: %j', async (configuration) => {
    expect(await of(configuration, 'ghcr.io')).toBeUndefined();
  });

  it('may be elsewhere, be missing, or be broken', async () => {
    const folder = folderWith({ 'config.json': JSON.stringify({ auths: { 'ghcr.io': PAIR } }) });
    expect(await of({}, 'ghcr.io', { DOCKER_CONFIG: folder })).toEqual(me);
    const none = keysOf({}, folderWith({}));
    expect(await none.of('ghcr.io')).toBeUndefined();
    expect(none.problems()).toEqual([]);
    const folderInPlace = keysOf({}, folderWith({ '.docker/config.json/file': '' }));
    expect(await folderInPlace.of('ghcr.io')).toBeUndefined();
    expect(folderInPlace.problems()).toEqual([
      "Docker's configuration cannot be read, so that no login is known",
    ]);
    for (const text of [`{"auths": ${SECRET}`, '{"auths":[]', '7', '{"credsStore":5}']) {
      const keys = keysOf({}, folderWith({ '.docker/config.json': text }));
      // oxlint-disable-next-line no-await-in-loop -- a few files, one after the other
      expect(await keys.of('ghcr.io')).toBeUndefined();
      expect(keys.problems(), text).toEqual([
        "Docker's configuration is not valid, so that no login is known",
      ]);
    }
  });
});

describe.skipIf(process.platform === 'win32')('a helper', () => {
  /** A folder of programs, for PATH, in front of where sh and cat are. */
  function programs(scripts: Readonly<Record<string, string>>): string {
    const folder = folderWith({});
    mkdirSync(join(folder, 'bin'));
    for (const [name, script] of Object.entries(scripts)) {
      const path = join(folder, 'bin', `docker-credential-${name}`);
      writeFileSync(path, `#!/bin/sh\n${script}\n`);
      chmodSync(path, 0o755);
    }
    return folder;
  }

  async function asked(
    configuration: object,
    scripts: Readonly<Record<string, string>>,
    { registry = 'ghcr.io', limitMs = 5000 } = {},
  ): Promise<{ found: Credentials | undefined; problems: readonly string[]; folder: string }> {
    const folder = programs(scripts);
    const path = `${join(folder, 'bin')}:/usr/bin:/bin`;
    const keys = keysOf({ PATH: path, FOLDER: folder }, homeWith(configuration), limitMs);
    const found = await keys.of(registry);
    await keys.of(registry);
    return { found, problems: keys.problems(), folder };
  }

  const answer = `echo '{"ServerURL":"x","Username":"me","Secret":"${SECRET}"}'`;
  const log = 'read key; echo "$1 $key" >> "$FOLDER/log"';

  it('is asked once, for its host, without a shell', async () => {
    const { found, folder } = await asked(
      { credHelpers: { 'ghcr.io': 'one' }, credsStore: 'two' },
      { one: `${log}; ${answer}`, two: 'exit 1' },
    );
    expect(found).toEqual({ kind: 'password', username: 'me', password: SECRET });
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('get ghcr.io\n');
  });

  it('knows Docker Hub by its old name, and tokens by theirs', async () => {
    const { found, folder } = await asked(
      { credsStore: 'store' },
      { store: `${log}; echo '{"Username":"<token>","Secret":"t"}'` },
      { registry: 'docker.io' },
    );
    expect(found).toEqual({ kind: 'refresh', token: 't' });
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('get https://index.docker.io/v1/\n');
  });

  it('that knows nobody leaves it to the file', async () => {
    const { found, problems } = await asked(
      { credsStore: 'store', auths: { 'ghcr.io': PAIR } },
      { store: 'echo credentials not found in native keychain; exit 1' },
    );
    expect(found).toMatchObject({ username: 'me' });
    expect(problems).toEqual([]);
  });

  it.each([
    ['exit 3', 'docker-credential-x fails'],
    [`echo ${SECRET}; echo ${SECRET} >&2; exit 1`, 'docker-credential-x fails'],
    [`echo ${SECRET}`, 'docker-credential-x answers with something else than credentials'],
    ['echo "{}"', 'docker-credential-x answers with something else than credentials'],
    ['kill -9 $$', 'docker-credential-x fails'],
    ['sleep 60 & sleep 60', 'docker-credential-x does not answer'],
    ['cat /dev/zero', 'docker-credential-x does not answer'],
  ])('%s', async (script, problem) => {
    const began = performance.now();
    const { found, problems } = await asked(
      { credsStore: 'x' },
      { x: script },
      { limitMs: script.includes('sleep') ? 100 : 5000 },
    );
    expect(found).toBeUndefined();
    expect(problems).toEqual([problem]);
    expect(performance.now() - began).toBeLessThan(4000);
  });

  it('that is missing, or is no name of a program, is said', async () => {
    const missing = await asked({ credsStore: 'gone' }, {});
    expect(missing.problems).toEqual([
      "docker-credential-gone, which Docker's configuration names, is not there",
    ]);
    const { problems, folder } = await asked({ credsStore: '../x; touch "$FOLDER/y"' }, {});
    expect(problems).toEqual(["Docker's configuration names a helper that is no name"]);
    expect(existsSync(join(folder, 'y'))).toBe(false);
  });
});
