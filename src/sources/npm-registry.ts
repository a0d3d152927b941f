/**
 * How large packages of npm are, by the registry that their user has set: the document of a release
 * names the bytes that it takes unpacked. Asked only where the user wants it, and only about packages
 * that no row tells of. Settings of a project are not read: they may be a stranger's.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { follow, type Patience } from './registry/patience.ts';
import { isLoopback } from './registry/reference.ts';
import { transportOf, type Transport } from './registry/transport.ts';

export interface NpmRegistryOptions {
  /** For proxies, the settings of npm and the cache folder. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's own folder. */
  readonly home: string;
  /** The version of dfopt, which the registry is told. */
  readonly version: string;
  /** Milliseconds for all packages; default half a minute. */
  readonly totalMs?: number;
  readonly patience?: Patience;
}

export interface NpmSizesFound {
  /** By `name@version`: bytes unpacked. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Why some were not found out; not yet escaped. */
  readonly problems: readonly string[];
}

interface Wanted {
  readonly name: string;
  readonly version: string | undefined;
}

const TOTAL_MS = 30_000;
const AT_ONCE = 4;
/** More of one project are not asked for: the rows of the others carry the sum. */
const MOST_PACKAGES = 200;
/** A manifest with its dist; larger ones are not of packages that anybody needs. */
const DOCUMENT_BYTES = 512 * 1024;
/** More is no package. */
const MOST_BYTES = 4e9;
/** Of releases that were asked for before. */
const MOST_KEPT = 20_000;

const NAME = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i;
const VERSION = /^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/;

/** @param packages as `withoutSize` names them; those without a version are left out */
export async function npmSizesOf(
  packages: readonly Wanted[],
  options: NpmRegistryOptions,
): Promise<NpmSizesFound> {
  const path = join(folderOf(options), 'sizes.json');
  const kept = await readKept(path);
  const sizes = new Map<string, number>();
  const missing: { readonly key: string; readonly name: string; readonly version: string }[] = [];
  for (const { name, version } of packages) {
    if (version === undefined || !NAME.test(name) || !VERSION.test(version)) continue;
    const key = `${name}@${version}`;
    const bytes = kept.get(key);
    if (bytes !== undefined) sizes.set(key, bytes);
    else if (!missing.some((each) => each.key === key)) missing.push({ key, name, version });
  }
  if (missing.length === 0) return { sizes, problems: [] };
  const settings = await settingsOf(options);
  if ('problem' in settings) return { sizes, problems: [settings.problem] };
  const problems = new Set<string>();
  const transport = transportOf(options.env, options.home);
  const signal = AbortSignal.timeout(options.totalMs ?? TOTAL_MS);
  const queue = missing.slice(0, MOST_PACKAGES);
  if (queue.length < missing.length) {
    problems.add(`only ${MOST_PACKAGES} of ${missing.length} packages were asked for`);
  }
  const work = async (): Promise<void> => {
    for (let each = queue.shift(); each; each = queue.shift()) {
      // oxlint-disable-next-line no-await-in-loop -- a few at once, one after the other
      const answer = await ask(each, { settings, transport, signal, options });
      if (typeof answer === 'number') sizes.set(each.key, answer);
      else {
        problems.add(answer.why);
        // Nothing else of this registry will be answered either.
        if (answer.isOfHost) queue.length = 0;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await transport.close();
  }
  await keep(path, new Map([...kept, ...sizes]));
  return { sizes, problems: [...problems] };
}

interface Asking {
  readonly settings: Settings;
  readonly transport: Transport;
  readonly signal: AbortSignal;
  readonly options: NpmRegistryOptions;
}

async function ask(
  { name, version }: { readonly name: string; readonly version: string },
  { settings, transport, signal, options }: Asking,
): Promise<number | { readonly why: string; readonly isOfHost: boolean }> {
  const registry = registryFor(name, settings);
  const url = new URL(`${name.replace('/', '%2f')}/${version}`, registry);
  const token = tokenFor(url, settings);
  const headers = {
    accept: 'application/json',
    'user-agent': `dfopt/${options.version}`,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const question = { method: 'GET', url, headers, limit: DOCUMENT_BYTES, signal } as const;
  const { answer } = await follow(question, transport, isLoopback, options.patience);
  if (answer.kind === 'failure') return { why: answer.why, isOfHost: answer.isOfHost === true };
  const isRefused = answer.status === 401 || answer.status === 403;
  if (answer.status !== 200) {
    return { why: `${url.host} answers with status ${answer.status}`, isOfHost: isRefused };
  }
  const bytes = unpackedSize(answer.body);
  return bytes ?? { why: `${url.host} does not say how large packages are`, isOfHost: true };
}

function unpackedSize(body: Buffer): number | undefined {
  try {
    const document: unknown = JSON.parse(body.toString('utf8'));
    const size = (document as { dist?: { unpackedSize?: unknown } } | null)?.dist?.unpackedSize;
    const isSize = typeof size === 'number' && Number.isInteger(size) && size >= 0;
    return isSize && size < MOST_BYTES ? size : undefined;
  } catch {
    return undefined;
  }
}

interface Settings {
  /** Names as in .npmrc: `registry`, `@scope:registry`, `//host/:_authToken`. */
  readonly values: ReadonlyMap<string, string>;
  readonly registry: URL;
}

async function settingsOf({
  env,
  home,
}: NpmRegistryOptions): Promise<Settings | { readonly problem: string }> {
  const own = env['npm_config_userconfig'] ?? env['NPM_CONFIG_USERCONFIG'];
  const values = settingsIn(
    await readFile(own ?? join(home, '.npmrc'), 'utf8').catch(() => ''),
    env,
  );
  const text =
    env['npm_config_registry'] ??
    env['NPM_CONFIG_REGISTRY'] ??
    values.get('registry') ??
    (await registryOfNpm(env));
  const registry = urlOf(text ?? '');
  return registry
    ? { values, registry }
    : { problem: 'npm is not there to say which registry it is set to' };
}

/** `name = value`, with `${VARIABLE}` in it. */
function settingsIn(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, raw] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined) continue;
    const value = raw!.replace(/^(["'])(.*)\1$/, '$2');
    values.set(
      name,
      value.replace(/\$\{(\w+)\}/g, (_, each: string) => env[each] ?? ''),
    );
  }
  return values;
}

/** What npm itself takes where nothing is set. */
async function registryOfNpm(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const asking = promisify(execFile)('npm', ['config', 'get', 'registry'], {
    env,
    timeout: 10_000,
    // Not in a project, whose settings would count.
    cwd: '/',
  });
  return asking.then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

function urlOf(text: string): URL | undefined {
  try {
    const url = new URL(text.endsWith('/') ? text : `${text}/`);
    const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.host));
    return isSafe && url.username === '' ? url : undefined;
  } catch {
    return undefined;
  }
}

function registryFor(name: string, { values, registry }: Settings): URL {
  const scope = name.startsWith('@') ? name.slice(0, name.indexOf('/')) : undefined;
  const own = scope === undefined ? undefined : values.get(`${scope}:registry`);
  return (own === undefined ? undefined : urlOf(own)) ?? registry;
}

/** The token of the longest path that the address begins with. */
function tokenFor({ host, pathname }: URL, { values }: Settings): string | undefined {
  for (let path = pathname; path !== ''; path = path.replace(/[^/]*\/?$/, '')) {
    const token = values.get(`//${host}${path}:_authToken`);
    if (token !== undefined && token !== '') return token;
  }
  return undefined;
}

function folderOf({ env, home }: NpmRegistryOptions): string {
  const given = env['XDG_CACHE_HOME'];
  const base = given !== undefined && isAbsolute(given) ? given : join(home, '.cache');
  return join(base, 'dfopt', 'npm');
}

/** What is published under a version never changes: it need not be asked for again. */
async function readKept(path: string): Promise<Map<string, number>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const entries = Object.entries(value as Record<string, unknown>);
    return new Map(
      entries.filter((entry): entry is [string, number] => Number.isInteger(entry[1])),
    );
  } catch {
    return new Map();
  }
}

async function keep(path: string, sizes: ReadonlyMap<string, number>): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
    const newest = [...sizes].slice(-MOST_KEPT);
    await writeFile(temporary, JSON.stringify(Object.fromEntries(newest)), { mode: 0o600 });
    await rename(temporary, path);
  } catch {
    // What is not kept is asked for again.
  }
}
