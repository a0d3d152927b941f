/**
 * Who the user is for a registry: by Docker's configuration file and the helper programs that it
 * names. Nothing of it is ever put into a message.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { HUB, HUB_NAMES } from './reference.ts';

export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** To be changed for tokens at the registry's token server. */
  | { readonly kind: 'refresh'; readonly token: string }
  /** To be shown to the registry as it is. */
  | { readonly kind: 'bearer'; readonly token: string };

export interface Keys {
  /** @param registry as in an image's name; `undefined`: nobody in particular */
  readonly of: (registry: string) => Promise<Credentials | undefined>;
  /** What is wrong with the configuration or a helper, for the user. */
  readonly problems: () => readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

/** Under this name Docker keeps the login to its Hub. */
const HUB_KEY = 'https://index.docker.io/v1/';

const MOST_BYTES = 4 * 1024 * 1024;
/** Of a helper's answer: tokens of some registries have kilobytes. */
const MOST_ANSWER_BYTES = 1024 * 1024;
/** Some ask a server; none should ask the user. */
const HELPER_MS = 15_000;

const entry = v.object({
  auth: v.nullish(v.string(), ''),
  username: v.nullish(v.string(), ''),
  password: v.nullish(v.string(), ''),
  identitytoken: v.nullish(v.string(), ''),
  registrytoken: v.nullish(v.string(), ''),
});

const shape = v.object({
  auths: v.nullish(v.record(v.string(), v.unknown()), {}),
  credsStore: v.nullish(v.string(), ''),
  credHelpers: v.nullish(v.record(v.string(), v.string()), {}),
});

const answerShape = v.object({ Username: v.string(), Secret: v.string() });

type Configuration = v.InferOutput<typeof shape>;

export function keysOf(env: Env, home: string, helperMs = HELPER_MS): Keys {
  const problems = new Set<string>();
  const known = new Map<string, Promise<Credentials | undefined>>();
  let configuration: Configuration | undefined;
  const find = async (registry: string): Promise<Credentials | undefined> => {
    configuration ??= read(
      join(env['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json'),
      problems,
    );
    const { auths, credHelpers, credsStore } = configuration;
    const helper = ofHost(credHelpers, registry) ?? credsStore;
    if (helper !== '') {
      const key = registry === HUB ? HUB_KEY : registry;
      const answer = await ask(helper, key, env, helperMs);
      if (typeof answer === 'object') return answer;
      if (answer !== undefined) problems.add(answer);
    }
    // A store keeps an empty entry in the file for each of its own.
    const parsed = v.safeParse(entry, ofHost(auths, registry));
    return parsed.success ? fromEntry(parsed.output) : undefined;
  };
  return {
    of: (registry) => {
      let found = known.get(registry);
      if (!found) known.set(registry, (found = find(registry)));
      return found;
    },
    problems: () => [...problems],
  };
}

function read(path: string, problems: Set<string>): Configuration {
  const nothing = v.parse(shape, {});
  // Who has never logged in has none.
  if (!existsSync(path)) return nothing;
  let text: string;
  try {
    if (statSync(path).size > MOST_BYTES) throw new Error('no configuration');
    text = readFileSync(path, 'utf8');
  } catch {
    problems.add("Docker's configuration cannot be read, so that no login is known");
    return nothing;
  }
  try {
    return v.parse(shape, JSON.parse(text));
  } catch {
    // Its own message would quote the text.
    problems.add("Docker's configuration is not valid, so that no login is known");
    return nothing;
  }
}

/** The entry of a host, which may be written as a URL, with a path of old times. */
function ofHost<T>(entries: Readonly<Record<string, T>>, registry: string): T | undefined {
  const exact = registry === HUB ? HUB_KEY : registry;
  if (Object.hasOwn(entries, exact)) return entries[exact];
  const key = Object.keys(entries).find((each) => hostOf(each) === hostOf(exact));
  return key === undefined ? undefined : entries[key];
}

function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return HUB_NAMES.has(host) ? HUB : host;
}

function fromEntry({
  auth,
  username,
  password,
  identitytoken,
  registrytoken,
}: v.InferOutput<typeof entry>): Credentials | undefined {
  if (identitytoken !== '') return { kind: 'refresh', token: identitytoken };
  if (registrytoken !== '') return { kind: 'bearer', token: registrytoken };
  if (username !== '') return { kind: 'password', username, password };
  // Docker on Windows pads with zeros.
  const pair = Buffer.from(auth, 'base64').toString('utf8').replaceAll('\0', '');
  const colon = pair.indexOf(':');
  if (colon < 1) return undefined;
  return { kind: 'password', username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

/**
 * @returns credentials, `undefined` where the helper has none for the host, or what is wrong with it
 */
async function ask(
  helper: string,
  key: string,
  env: Env,
  limitMs: number,
): Promise<Credentials | string | undefined> {
  // It becomes the name of a program.
  if (!/^[\w.-]+$/.test(helper)) return "Docker's configuration names a helper that is no name";
  const program = `docker-credential-${helper}`;
  const { status, output } = await run(program, key, env, limitMs);
  if (status === 'missing') return `${program}, which Docker's configuration names, is not there`;
  if (status === 'late') return `${program} does not answer`;
  if (status !== 0) {
    // Helpers write it to stdout, and all in these words.
    return /credentials not found/i.test(output) ? undefined : `${program} fails`;
  }
  try {
    const { Username, Secret } = v.parse(answerShape, JSON.parse(output));
    if (Secret === '') return undefined;
    if (Username === '<token>') return { kind: 'refresh', token: Secret };
    return { kind: 'password', username: Username, password: Secret };
  } catch {
    return `${program} answers with something else than credentials`;
  }
}

interface Ended {
  readonly status: number | 'missing' | 'late';
  readonly output: string;
}

function run(program: string, input: string, env: Env, limitMs: number): Promise<Ended> {
  return new Promise((settle) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const child = spawn(program, ['get'], {
      env: { ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
      // With what it starts itself, so that all of it can be ended.
      detached: process.platform !== 'win32',
    });
    const end = (status: Ended['status']): void => {
      clearTimeout(timer);
      settle({ status, output: Buffer.concat(chunks).toString('utf8') });
    };
    const stop = (): void => {
      try {
        if (process.platform === 'win32' || child.pid === undefined) child.kill('SIGKILL');
        else process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
      child.stdout.destroy();
      end('late');
    };
    const timer = setTimeout(stop, limitMs);
    child.once('error', () => end('missing'));
    child.once('close', (code) => end(code ?? -1));
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_ANSWER_BYTES) stop();
      else chunks.push(chunk);
    });
    // It may end without having read.
    child.stdin.on('error', () => {});
    child.stdin.end(`${input}\n`);
  });
}
