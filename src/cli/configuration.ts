/** What is in force for each file of a run: words of the command line before configuration files. */
import { dirname, isAbsolute, parse as parsePath, relative, resolve, sep } from 'node:path';
import {
  inForce,
  layersOf,
  optionsInForce,
  type InForce,
  type Layer,
  type Sourced,
} from '../config/in-force.ts';
import { configurationShape, type Settings } from '../config/keys.ts';
import { areNamed } from '../config/patterns.ts';
import type { PreferredStyle } from '../dockerfile/model.ts';
import { withOwnImages } from '../facts/own-images.ts';
import type { Facts } from '../facts/types.ts';
import { DEFAULT_LEVEL, LEVELS, type Level, type PassWords } from '../pass.ts';
import type { OptimizeOptions } from '../pipeline.ts';
import { escapeLine } from '../report/escape.ts';
import { styleAbove, type FoundStyle } from '../sources/editor-config.ts';
import { foldersOnce, type Folders } from '../sources/folders.ts';
import { lastString, type Arguments } from './command.ts';
import { configurationFinder, type FoundConfiguration } from './find-configuration.ts';
import type { Io } from './io.ts';
import { readJson } from './own-images.ts';
import { optimizeOptionsOf, type Request } from './request.ts';
import { nameOfFile, type Target } from './targets.ts';
import { oneOf, UsageError } from './usage.ts';

/** What is in force for one file. */
export interface FileConfiguration {
  /** The configuration file, as its user would type it. */
  readonly name?: string;
  readonly inForce: InForce;
  /** Who says that the file is not to be rewritten. */
  readonly ignoredBy?: string;
  /** How new lines are written, by `.editorconfig`. */
  readonly style?: Sourced<PreferredStyle>;
  readonly options: OptimizeOptions;
  /**
   * Facts with the rows about images that the configuration adds.
   *
   * @throws UsageError where they are not of the form
   */
  readonly factsOn: (facts: Facts) => Facts;
  /**
   * The rows themselves, as they are written; missing where it adds none. The same value for all files
   * that have the same.
   *
   * @throws UsageError where they cannot be read
   */
  readonly rows?: () => unknown;
}

export interface Configurations {
  /** @param path absolute, one of those that were asked for */
  readonly of: (path: string) => FileConfiguration;
  /** The least daring level of all files. */
  readonly level: Level;
}

/**
 * The one that is in force for all files; `undefined` for none.
 *
 * @throws UsageError where files differ
 */
export function sameForAll(
  paths: readonly string[],
  configurations: Configurations,
): FileConfiguration | undefined {
  const all = paths.map((path) => configurations.of(path));
  const [first] = all;
  const keyOf = ({ options, inForce: { images } }: FileConfiguration): string =>
    JSON.stringify([options, images?.value ?? null]);
  const other = first && all.find((each) => keyOf(each) !== keyOf(first));
  if (!other) return first;
  const names = [first, other].map(({ name }) => name ?? 'no configuration');
  throw new UsageError(
    `different values are in force for these files (${[...new Set(names)].join(', ')}): name files for which they are the same, or --config, or --no-config`,
  );
}

/**
 * @param paths of all files that will be asked for, absolute
 * @throws UsageError for wrong arguments, and for a configuration that is not right
 */
export async function configurationsOf(
  argv: Arguments,
  passes: readonly PassWords[],
  paths: readonly string[],
  io: Io,
  folders: Folders = foldersOnce(),
): Promise<Configurations> {
  const finder = configurationFinder(configurationShape(passes), io.cwd, folders);
  const given = [argv['config']].flat().at(-1);
  const named = typeof given === 'string' ? await finder.named(given) : undefined;
  const words = wordsOf(argv, passes);
  const memo = rowMemo(io);
  const all = new Map<string, FileConfiguration>();
  const around = { argv, passes, memo, cwd: io.cwd };
  let unsaid: FileConfiguration | undefined;
  for (const path of paths) {
    const found = given === false ? undefined : (named ?? (await finder.above(path)));
    const style = await styleAbove(path, folders);
    if (found || style) all.set(path, configurationOf(path, found, words, { ...around, style }));
    // Where nothing is said of a file, the same is in force for all.
    else all.set(path, (unsaid ??= configurationOf(path, found, words, { ...around, style })));
  }
  const levels = [...all.values()].map((each) => each.inForce.level.value);
  const least = LEVELS.find((level) => levels.includes(level));
  return { of: (path) => all.get(path)!, level: least ?? words.settings.level ?? DEFAULT_LEVEL };
}

/** Without the files that are not to be rewritten; what comes through a pipe goes out as it is. */
export function notIgnored<T extends { readonly target: Target }>(
  sources: readonly T[],
  configurations: Configurations,
  { stdinName, verbose, quiet }: Pick<Request, 'stdinName' | 'verbose' | 'quiet'>,
  io: Io,
): readonly T[] {
  if (stdinName !== undefined) return sources;
  return sources.filter(({ target }) => {
    const { ignoredBy } = configurations.of(target.path);
    if (ignoredBy !== undefined && verbose && !quiet) {
      io.stderr.write(`${escapeLine(`${target.name}: left alone (${ignoredBy})`)}\n`);
    }
    return ignoredBy === undefined;
  });
}

/** What the command line says, as settings. */
interface Words extends Layer {
  readonly deny: OptimizeOptions['deny'];
}

function wordsOf(argv: Arguments, passes: readonly PassWords[]): Words {
  const level = lastString(argv['level']);
  const { builder, select, skip, deny, passOptions } = optimizeOptionsOf(
    argv,
    DEFAULT_LEVEL,
    passes,
  );
  const options = Object.entries(passOptions ?? {}).map(([id, own]) => [id, { options: own }]);
  const frontend = builder?.frontend;
  const settings: Settings = {
    ...(level !== undefined && { level: oneOf('level', level, LEVELS) }),
    ...(builder && argv['builder'] !== undefined && { builder: builder.name }),
    ...(frontend !== undefined && { frontend }),
    ...(select && { select }),
    ...(skip && { skip }),
    passes: Object.fromEntries(options) as NonNullable<Settings['passes']>,
  };
  return { settings, from: (key) => `--${key}`, deny };
}

interface Around {
  readonly argv: Arguments;
  readonly passes: readonly PassWords[];
  readonly memo: RowMemo;
  readonly style: FoundStyle | undefined;
  readonly cwd: string;
}

function configurationOf(
  path: string,
  found: FoundConfiguration | undefined,
  words: Words,
  { argv, passes, memo, style, cwd }: Around,
): FileConfiguration {
  const name = found && nameFrom(dirname(found.path), path);
  const layers = found ? layersOf(found.configuration, name!, found.name) : [];
  const resolved = inForce([...layers, words], passes);
  if (resolved.kind === 'problem') throw new UsageError(resolved.why);
  const { images: rows, ...rest } = resolved.inForce;
  // Rows of the command line take the place of others.
  const images = argv['images'] === undefined ? rows : undefined;
  const force: InForce = { ...rest, ...(images && { images }) };
  const isIgnored = found && areNamed(found.configuration.ignore ?? [], name!);
  return {
    ...(found && { name: found.name }),
    inForce: force,
    ...(isIgnored && { ignoredBy: `${found.name}: ignore` }),
    ...(style && {
      style: {
        value: style.style,
        from: style.files.map((each) => nameOfFile(each, cwd)).join(', '),
      },
    }),
    options: {
      ...optionsInForce(force),
      ...(style && { style: style.style }),
      ...(isIgnored && { select: [] }),
      deny: words.deny ?? new Set(),
    },
    factsOn: (facts) => (images ? memo.onto(facts, images, dirname(found!.path)) : facts),
    ...(images && { rows: () => memo.rows(images, dirname(found!.path)) }),
  };
}

/** A file that does not lie below is known from the top, so that patterns without a folder hold. */
function nameFrom(folder: string, path: string): string {
  const inside = relative(folder, path);
  const isOutside = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return (isOutside ? relative(parsePath(path).root, path) : inside).split(sep).join('/');
}

type Images = NonNullable<InForce['images']>;

interface RowMemo {
  readonly rows: (images: Images, folder: string) => unknown;
  readonly onto: (facts: Facts, images: Images, folder: string) => Facts;
}

/** Most files of a run have the same rows. */
function rowMemo(io: Io): RowMemo {
  const read = new Map<unknown, unknown>();
  const known = new Map<unknown, { readonly on: Facts; readonly facts: Facts }>();
  const keyOf = ({ value }: Images, folder: string): unknown =>
    typeof value === 'string' ? resolve(folder, value) : value;
  const rows = (images: Images, folder: string): unknown => {
    const key = keyOf(images, folder);
    if (!read.has(key)) {
      read.set(key, typeof key === 'string' ? readJson(key, io) : { images: key });
    }
    return read.get(key);
  };
  return {
    rows,
    onto: (on, images, folder) => {
      const key = keyOf(images, folder);
      const before = known.get(key);
      if (before?.on === on) return before.facts;
      const own = withOwnImages(rows(images, folder), on);
      if (own.kind === 'problem') {
        const { value, from } = images;
        const place = typeof value === 'string' ? `${from}: images: ${value}` : from;
        throw new UsageError(`${place}: ${own.why}`);
      }
      known.set(key, { on, facts: own.facts });
      return own.facts;
    },
  };
}
