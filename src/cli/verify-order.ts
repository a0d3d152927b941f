/** What the arguments of `dfopt verify` ask for. */
import { splitWords } from '../verify/argv.ts';
import { FIELDS } from '../verify/configuration.ts';
import { ENGINES, type EngineName } from '../verify/engine-names.ts';
import type { ExpectedChange, Order, Request, Run } from '../verify/order.ts';
import { lastString, strings, type Arguments } from './command.ts';
import { oneOf, UsageError } from './usage.ts';

/** Seconds that a program gets to end or to answer, unless the user says otherwise. */
export const DEFAULT_TIMEOUT = '20';

const A_DAY = 86_400;

/** What does not depend on files. */
export type Settings = Omit<Order, 'file' | 'against' | 'sources' | 'context'> & {
  readonly engine: EngineName | undefined;
};

/** @throws UsageError */
export function settingsOf(argv: Arguments): Settings {
  const timeout = lastString(argv['timeout']) ?? DEFAULT_TIMEOUT;
  const seconds = Number(timeout);
  if (!(seconds > 0 && seconds <= A_DAY)) {
    throw new UsageError(`--timeout is a number of seconds, not "${timeout}"`);
  }
  const engine = lastString(argv['engine']);
  const touched = lastString(argv['touch']);
  return {
    engine: engine === undefined ? undefined : oneOf('engine', engine, ENGINES),
    buildArgs: strings(argv['build-arg']),
    network: lastString(argv['network']),
    isCached: [argv['cache']].flat().at(-1) !== false,
    runs: [
      ...strings(argv['args']).map((text): Run => ({
        kind: 'arguments',
        argv: wordsOf('args', text),
      })),
      ...strings(argv['run']).map((text): Run => ({ kind: 'program', argv: programOf(text) })),
    ],
    requests: strings(argv['request']).map(requestOf),
    timeoutMs: seconds * 1000,
    ...((touched !== undefined || argv['rebuild'] === true) && {
      rebuild: { ...(touched !== undefined && { edit: { path: touched } }) },
    }),
    expectedChanges: strings(argv['expect-change']).map(changeOf),
    hasCompressed: argv['compressed'] === true,
  };
}

function wordsOf(option: string, text: string): readonly string[] {
  const words = splitWords(text);
  if (!words) throw new UsageError(`--${option}: a quote is open in "${text}"`);
  return words;
}

function programOf(text: string): readonly string[] {
  const words = wordsOf('run', text);
  if (!words[0]) throw new UsageError(`--run: "${text}" is no command`);
  return words;
}

function requestOf(text: string): Request {
  const [, digits, path] = /^:?(\d{1,5})(\/[\u0021-\u007e]*)?$/.exec(text) ?? [];
  const port = Number(digits);
  if (!(port > 0 && port < 65_536)) {
    throw new UsageError(`--request is written PORT/PATH, not "${text}"`);
  }
  return { port, path: path ?? '/' };
}

/** `Env PATH`, `Env.PATH`, `User`. */
function changeOf(text: string): ExpectedChange {
  const [, name = '', key] = /^\s*([^\s.]+)(?:[\s.]+(.*?))?\s*$/.exec(text) ?? [];
  const known = FIELDS.find((each) => each.toLowerCase() === name.toLowerCase());
  const field = known ?? oneOf('field of the configuration', name, FIELDS);
  return { field, ...(key !== undefined && { key }) };
}
