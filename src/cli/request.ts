/** What the arguments of `dfopt rewrite` ask for, checked. */
import { BUILDERS, DEFAULT_BUILDER, isFrontendVersion, type Builder } from '../builder.ts';
import { LEVELS, type Level, type PassWords, type PassOption, type PassOptions } from '../pass.ts';
import type { OptimizeOptions } from '../pipeline.ts';
import { lastString, strings, words, type Arguments } from './command.ts';
import { STDIN } from './io.ts';
import { formatsOf, outputsOf, type Outputs } from './outputs.ts';
import { formatOf } from '../report/formats/formats.ts';
import { oneOf, UsageError } from './usage.ts';

export interface Request {
  readonly files: readonly string[];
  /** The name of what comes from standard input; `undefined` where files are rewritten. */
  readonly stdinName: string | undefined;
  /** It has the name of a file, in whose folder its build context may be. */
  readonly stdinIsNamed: boolean;
  readonly level?: Level;
  /** The folder of the build context, as it is named; `undefined`: that of each file. */
  readonly context: string | undefined;
  readonly write: boolean;
  readonly check: boolean;
  readonly list: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly outputs: Outputs;
  readonly color: boolean | undefined;
  readonly debug: boolean;
}

/** @throws UsageError */
export function requestOf(argv: Arguments): Request {
  // What stands behind "--" is left in `_` by yargs.
  const behind = (argv['_'] as readonly (string | number)[]).slice(1).map(String);
  const files = [...strings(argv['files']), ...behind];
  const level = lastString(argv['level']);
  const isOn = (name: string): boolean => [argv[name]].flat().at(-1) === true;
  const request = {
    files,
    stdinName: stdinNameOf(files, lastString(argv['stdin-filepath'])),
    stdinIsNamed: lastString(argv['stdin-filepath']) !== undefined,
    ...(level !== undefined && { level: oneOf('level', level, LEVELS) }),
    context: lastString(argv['context']),
    write: isOn('write'),
    check: isOn('check'),
    list: isOn('list'),
    quiet: isOn('quiet'),
    verbose: isOn('verbose'),
    outputs: outputsOf(argv),
    color: argv['color'] === undefined ? undefined : isOn('color'),
    debug: isOn('debug'),
  };
  refuseTogether(request, 'write', 'check');
  refuseTogether(request, 'quiet', 'verbose');
  refuseFormats(request);
  return request;
}

/** Formats that say something else than the other options ask for. */
function refuseFormats({ outputs, list, write, stdinName }: Request): void {
  const { stdout = 'text' } = outputs;
  const { title } = formatOf(stdout);
  if (stdout !== 'text' && list) throw new UsageError(`--list cannot be ${title}`);
  if (stdout !== 'text' && write && stdinName !== undefined) {
    throw new UsageError(`--write prints the rewritten text of "-"; it cannot be ${title}`);
  }
  const pointing = formatsOf(outputs).find((name) => formatOf(name).hasPlaces);
  if (write && pointing !== undefined) {
    throw new UsageError(
      `--format ${pointing} points at lines of the files as they are; --write changes them`,
    );
  }
}

function refuseTogether(
  request: Request,
  one: 'write' | 'quiet',
  other: 'check' | 'verbose',
): void {
  if (request[one] && request[other]) {
    throw new UsageError(`--${one} and --${other} exclude each other`);
  }
}

function stdinNameOf(files: readonly string[], given: string | undefined): string | undefined {
  if (!files.includes(STDIN)) {
    if (given !== undefined) throw new UsageError('--stdin-filepath needs "-" as the file');
    return undefined;
  }
  if (files.length > 1) throw new UsageError('"-" stands alone, without other files');
  return given ?? 'stdin';
}

/** @throws UsageError for a pass or an option that there is not. */
export function optimizeOptionsOf(
  argv: Arguments,
  level: Level,
  passes: readonly PassWords[],
): OptimizeOptions {
  const select = passIds(argv, 'select', passes);
  const skip = passIds(argv, 'skip', passes);
  const passOptions = passOptionsOf(strings(argv['option']), passes);
  const deny = new Set(wordsOf(argv, 'deny'));
  const builder = builderOf(argv);
  return { level, builder, ...(select && { select }), ...(skip && { skip }), deny, passOptions };
}

/** @throws UsageError for what is no builder, no version, or a version of what has none. */
function builderOf(argv: Arguments): Builder {
  const name = oneOf('builder', lastString(argv['builder']) ?? DEFAULT_BUILDER.name, BUILDERS);
  const frontend = lastString(argv['frontend']);
  if (frontend === undefined) return { name };
  if (name !== 'buildkit') throw new UsageError('--frontend is for BuildKit alone');
  if (isFrontendVersion(frontend)) return { name, frontend };
  throw new UsageError(`--frontend is written as 1.5, not "${frontend}"`);
}

function passIds(
  argv: Arguments,
  name: string,
  passes: readonly PassWords[],
): string[] | undefined {
  const ids = passes.map((pass) => pass.id);
  return wordsOf(argv, name)?.map((word) => oneOf('pass', word, ids));
}

function wordsOf(argv: Arguments, name: string): string[] | undefined {
  if (argv[name] === undefined) return undefined;
  const found = words(argv[name]);
  if (found.length === 0) throw new UsageError(`--${name} needs a value`);
  return found;
}

function passOptionsOf(
  given: readonly string[],
  passes: readonly PassWords[],
): Readonly<Record<string, PassOptions>> {
  const options: Record<string, Record<string, string | boolean | readonly string[]>> = {};
  for (const word of given) {
    const [, id, name, value] = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(word) ?? [];
    if (id === undefined || name === undefined || value === undefined) {
      throw new UsageError(`--option is written pass.name=value, not "${word}"`);
    }
    const found = oneOf(
      'pass',
      id,
      passes.map((pass) => pass.id),
    );
    const known = passes.find((pass) => pass.id === found)?.options ?? {};
    const option = known[oneOf(`option of ${found}`, name, Object.keys(known))]!;
    const ofPass = (options[found] ??= {});
    ofPass[name] = valueOf(word, value, option, ofPass[name]);
  }
  return options;
}

function valueOf(
  word: string,
  value: string,
  { default: standard }: PassOption,
  before: string | boolean | readonly string[] | undefined,
): string | boolean | readonly string[] {
  if (typeof standard === 'string') return value;
  if (typeof standard !== 'boolean')
    return [...(Array.isArray(before) ? before : []), ...words(value)];
  if (value === 'true' || value === 'false') return value === 'true';
  throw new UsageError(`"${word}": the value is true or false`);
}
