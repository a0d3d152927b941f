/** Does any secret get into the log, and does everything else? */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeLog } from '../../src/bot/log.ts';
import { demand, readSecrets } from '../../src/bot/settings.ts';

const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs1',
  format: 'pem',
}) as string;
const SECRET = 'wh00k "secret"\\with\nodd letters';
const ADMIN = 'the-token-of-the-operator';

/** As they look, and never were valid. */
const TOKENS = [
  `ghs_${'aB3'.repeat(12)}`,
  `ghs_123_eyJhbGciOiJ.${'x'.repeat(30)}.${'y-_'.repeat(10)}`,
  `ghp_${'0'.repeat(36)}`,
  `github_pat_${'1A'.repeat(20)}_${'b2'.repeat(20)}`,
  `eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMiJ9.${'s'.repeat(40)}`,
];

it('has no secret in it, wherever it stood', () => {
  const lines: string[] = [];
  const secrets = [PEM, SECRET, ADMIN];
  const log = makeLog({ level: 'debug', secrets, write: (line) => lines.push(line) });
  const everything = [...secrets, ...TOKENS];
  for (const secret of everything) {
    const error = Object.assign(new Error(`bad credentials: ${secret}`), {
      status: 401,
      request: { headers: { authorization: `token ${secret}` } },
      cause: new Error(`because of ${secret}`),
    });
    log.error({ error }, `failed with ${secret}`);
    log.info({ [secret]: 1, deep: { er: [{ secret }] }, text: `${secret}${secret}` }, 'told');
    log.child({ secret }).warn('child');
    log.info({ url: `redis://bot:${encodeURIComponent('p4ss!word')}@redis:6379/1` });
  }
  log.info({ authorization: `Bearer ${'q'.repeat(30)}`, other: `token ${'r'.repeat(20)}` });
  const text = lines.join('');
  for (const secret of everything) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
  }
  expect(text).not.toMatch(/PRIVATE KEY|p4ss|qqqqqqqq|rrrrrrrr/);
  // Lines of a key are secret by themselves.
  for (const line of PEM.split('\n').filter((each) => each.length > 20)) {
    expect(text).not.toContain(line);
  }
  expect(lines.length).toBe(everything.length * 4 + 1);
});

it('is JSON with a time, a level, and what was to be said', () => {
  const lines: string[] = [];
  const log = makeLog({ level: 'info', secrets: [], write: (line) => lines.push(line) });
  log.debug('unsaid');
  const error = Object.assign(new TypeError('what'), { status: 502 });
  log.warn({ delivery: 'a-1', repository: 'acme/token-service', error }, 'failed');
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries).toHaveLength(1);
  expect(entries[0]).toMatchObject({
    level: 'warn',
    delivery: 'a-1',
    repository: 'acme/token-service',
    msg: 'failed',
    error: { name: 'TypeError', message: 'what', status: 502 },
  });
  expect(new Date(entries[0]!['time'] as string).getFullYear()).toBeGreaterThan(2020);
});

it('secrets come from variables or from files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dfopt-secrets-'));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const secrets = readSecrets({
    DFOPT_BOT_APP_ID: ' 123 ',
    DFOPT_BOT_PRIVATE_KEY_FILE: file('key.pem', `${PEM}\n`),
    DFOPT_BOT_WEBHOOK_SECRET_FILE: file('secret', 'a secret of the webhook\n'),
    DFOPT_BOT_ADMIN_TOKEN: '',
  });
  expect(secrets.appId).toBe('123');
  expect(secrets.webhookSecret).toBe('a secret of the webhook');
  expect(secrets.adminToken).toBeUndefined();
  expect(createPrivateKey(secrets.privateKey!).type).toBe('private');
  const inOneLine = readSecrets({ DFOPT_BOT_PRIVATE_KEY: PEM.trim().replaceAll('\n', '\\n') });
  expect(createPrivateKey(inOneLine.privateKey!).type).toBe('private');
  expect(() => readSecrets({ DFOPT_BOT_APP_ID_FILE: file('empty', '\n') })).toThrow(/is empty/);
  rmSync(folder, { recursive: true });
});

it.each([
  [{ DFOPT_BOT_PRIVATE_KEY: 'c2VjcmV0' }, /DFOPT_BOT_PRIVATE_KEY holds no private key/],
  [{ DFOPT_BOT_WEBHOOK_SECRET: 'c2VjcmV0' }, /DFOPT_BOT_WEBHOOK_SECRET is shorter than 16/],
  [{ DFOPT_BOT_APP_ID_FILE: '/no/such/c2VjcmV0' }, /cannot be read \(ENOENT\)/],
  [{ DFOPT_BOT_APP_ID: '1', DFOPT_BOT_APP_ID_FILE: '/x' }, /both set/],
])('what is wrong with %j is said, without the value', (environment, message) => {
  expect(() => readSecrets(environment)).toThrow(message);
});

it('says which secret is missing', () => {
  expect(() => demand({ appId: '1' }, ['appId', 'privateKey'], 'a worker')).toThrow(
    'a worker needs DFOPT_BOT_PRIVATE_KEY (or DFOPT_BOT_PRIVATE_KEY_FILE)',
  );
});
