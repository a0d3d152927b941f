/** What the bot must know of GitHub and must not tell: from variables, or from files that they name. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface Secrets {
  /** Id or client id of the GitHub App. */
  readonly appId?: string;
  /** PEM. */
  readonly privateKey?: string;
  readonly webhookSecret?: string;
  /** Whoever has it may see parked jobs and put them back. */
  readonly adminToken?: string;
  readonly redisUrl?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The variable of each; with `_FILE` behind it, it names a file. */
export const VARIABLES = {
  appId: 'DFOPT_BOT_APP_ID',
  privateKey: 'DFOPT_BOT_PRIVATE_KEY',
  webhookSecret: 'DFOPT_BOT_WEBHOOK_SECRET',
  adminToken: 'DFOPT_BOT_ADMIN_TOKEN',
  redisUrl: 'DFOPT_BOT_REDIS_URL',
} as const satisfies Readonly<Record<keyof Secrets, string>>;

/** Shorter ones can be guessed. */
const SHORTEST_SECRET = 16;

/** What is wrong with the settings, in words for whoever made them; no secret is in it. */
export class SettingsError extends Error {}

/** @throws a `SettingsError` */
export function readSecrets(environment: Environment): Secrets {
  const found: { -readonly [K in keyof Secrets]: Secrets[K] } = {};
  for (const [name, variable] of Object.entries(VARIABLES) as [keyof Secrets, string][]) {
    const value = valueOf(variable, environment);
    if (value !== undefined) found[name] = value;
  }
  if (found.privateKey !== undefined) found.privateKey = keyIn(found.privateKey);
  for (const name of ['webhookSecret', 'adminToken'] as const) {
    if ((found[name]?.length ?? SHORTEST_SECRET) < SHORTEST_SECRET) {
      throw new SettingsError(
        `${VARIABLES[name]} is shorter than ${SHORTEST_SECRET} characters: take a random one`,
      );
    }
  }
  return found;
}

/** @throws a `SettingsError` that says which variable is missing */
export function demand<K extends keyof Secrets>(
  secrets: Secrets,
  names: readonly K[],
  what: string,
): Required<Pick<Secrets, K>> {
  const missing = names.filter((name) => secrets[name] === undefined);
  if (missing.length > 0) {
    const variables = missing.map((name) => `${VARIABLES[name]} (or ${VARIABLES[name]}_FILE)`);
    throw new SettingsError(`${what} needs ${variables.join(' and ')}`);
  }
  return secrets as Required<Pick<Secrets, K>>;
}

function valueOf(variable: string, environment: Environment): string | undefined {
  const value = environment[variable];
  const file = environment[`${variable}_FILE`];
  if (value && file) {
    throw new SettingsError(`${variable} and ${variable}_FILE are both set: take one`);
  }
  if (!file) return value?.trim() || undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw new SettingsError(`${variable}_FILE: ${file} cannot be read (${code})`);
  }
  if (text === '') throw new SettingsError(`${variable}_FILE: ${file} is empty`);
  return text;
}

function keyIn(given: string): string {
  // Where a variable cannot hold several lines, people write \n.
  const pem = given.includes('\n') ? given : given.replaceAll('\\n', '\n');
  try {
    createPrivateKey(pem);
    return pem;
  } catch {
    // Node's own words may quote what they could not read.
    throw new SettingsError(
      `${VARIABLES.privateKey} holds no private key: it begins with -----BEGIN RSA PRIVATE KEY-----, as GitHub hands it out`,
    );
  }
}
