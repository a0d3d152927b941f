/** Which configuration file is in force for a file, and what is in it. */
import { readFileSync } from 'node:fs';
import { dirname, extname, join, parse as parsePath, resolve } from 'node:path';
import type { lilconfig, LilconfigResult, Loader } from 'lilconfig';
import { checkConfiguration } from '../config/check.ts';
import { CONFIGURATION_FILES } from '../config/file-names.ts';
import type { Configuration } from '../config/keys.ts';
import type { Shape } from '../config/shape.ts';
import { repositoriesOf } from '../sources/find-files.ts';
import type { Folders } from '../sources/folders.ts';
import { whyNot } from '../sources/why-not.ts';
import { nameOfFile } from './targets.ts';
import { UsageError } from './usage.ts';

export interface FoundConfiguration {
  /** Absolute. */
  readonly path: string;
  /** As its user would type it. */
  readonly name: string;
  readonly configuration: Configuration;
}

export interface Finder {
  /**
   * The nearest one above a file, up to the top of its repository; outside of a repository, only what
   * lies beside the file.
   *
   * @throws UsageError where it cannot be read, is not of the form, or is code of somebody else's
   */
  readonly above: (path: string) => Promise<FoundConfiguration | undefined>;
  /** @throws UsageError as above, and where there is none */
  readonly named: (path: string) => Promise<FoundConfiguration>;
}

type Searcher = ReturnType<typeof lilconfig>;

const MANIFEST = 'package.json';

const OWN_NAMES = CONFIGURATION_FILES.filter((name) => name !== MANIFEST);

export function configurationFinder(shape: Shape, cwd: string, folders: Folders): Finder {
  const searchers = new Map<string, Searcher>();
  const checked = new Map<string, FoundConfiguration>();
  const topOf = repositoriesOf(folders);
  const manifests = new Map<string, boolean>();
  /** Most manifests have no word of dfopt in them, and asking the searcher takes its time. */
  const mayConfigure = (folder: string): boolean => {
    if (folders.mayHave(folder, OWN_NAMES)) return true;
    if (!folders.mayHave(folder, [MANIFEST])) return false;
    const known = manifests.get(folder) ?? maySayDfopt(join(folder, MANIFEST));
    manifests.set(folder, known);
    return known;
  };
  /** Up to the last one that may be searched. */
  const nearestConfigured = (folder: string, last: string): string | undefined => {
    if (!isAtOrBelow(folder, last)) return undefined;
    if (mayConfigure(folder)) return folder;
    const above = dirname(folder);
    return above === folder ? undefined : nearestConfigured(above, last);
  };
  const own = topOf(cwd);
  const checkedOnce = (found: NonNullable<LilconfigResult>): FoundConfiguration => {
    const known = checked.get(found.filepath) ?? check(found, shape, cwd);
    checked.set(found.filepath, known);
    return known;
  };
  return {
    above: async (path) => {
      const folder = dirname(path);
      const top = topOf(folder);
      const stopDir = top ?? folder;
      const isOwn = top !== undefined && top === own;
      const start = nearestConfigured(folder, stopDir);
      if (start === undefined) return undefined;
      const searcher = searchers.get(stopDir) ?? (await newSearcher(stopDir, isOwn, cwd));
      searchers.set(stopDir, searcher);
      const found = await searcher.search(start);
      return found ? checkedOnce(found) : undefined;
    },
    named: async (given) => {
      const path = resolve(cwd, given);
      if (!Object.hasOwn(loaders(true, cwd), extname(path) || 'noExt')) {
        throw new UsageError(`--config: ${given} is no JSON, YAML or JavaScript by its name`);
      }
      try {
        const searcher = await newSearcher(dirname(path), true, cwd);
        const found = await searcher.load(path);
        if (!found?.config && !found?.isEmpty) throw new UsageError(`${given} has no key "dfopt"`);
        return checkedOnce(found);
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw new UsageError(`--config: ${given} cannot be read: ${whyNot(error)}`);
      }
    },
  };
}

/** By its bytes: whether a manifest may have the key, however it is written. */
function maySayDfopt(path: string): boolean {
  try {
    const bytes = readFileSync(path);
    return bytes.includes('dfopt') || bytes.includes('\\u');
  } catch (error) {
    // What is there and cannot be read is complained of by the searcher.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** Of a folder, and one that lies above, below or is the same. */
function isAtOrBelow(folder: string, top: string): boolean {
  return folder.length >= top.length;
}

/** Most runs find no configuration, and need neither the searcher nor a reader of YAML. */
async function newSearcher(stopDir: string, mayRunCode: boolean, cwd: string): Promise<Searcher> {
  const { lilconfig } = await import('./configuration-readers.ts');
  const searcher = lilconfig('dfopt', {
    stopDir,
    searchPlaces: [...CONFIGURATION_FILES],
    ignoreEmptySearchPlaces: false,
    loaders: loaders(mayRunCode, cwd),
  });
  return {
    ...searcher,
    search: async (folder) => {
      try {
        return await searcher.search(folder);
      } catch (error) {
        if (error instanceof UsageError) throw error;
        const { path } = error as { path?: unknown };
        const name = typeof path === 'string' ? nameOfFile(path, cwd) : 'the configuration';
        throw new UsageError(`${name} cannot be read: ${whyNot(error)}`);
      }
    },
  };
}

/** By the ends of names. What a file says is never told to be a bug of dfopt's. */
function loaders(mayRunCode: boolean, cwd: string): Record<string, Loader> {
  const yaml: Loader = async (path, text) => emptyForNull(await readYaml(path, text, cwd));
  const json: Loader = (path, text) => {
    if (parsePath(path).base === MANIFEST) return manifestOf(text);
    return readJson(path, text, cwd);
  };
  const code: Loader = async (path, text) => {
    const name = nameOfFile(path, cwd);
    if (!mayRunCode) {
      throw new UsageError(
        `${name} is code of another repository than this folder's, and was not run; --config ${name} runs it, --no-config leaves it out`,
      );
    }
    try {
      const { defaultLoaders } = await import('./configuration-readers.ts');
      return (await defaultLoaders['.js']!(path, text)) as unknown;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new UsageError(`${name} cannot be run: ${why}`);
    }
  };
  return { '.json': json, '.yaml': yaml, '.yml': yaml, noExt: yaml, '.js': code, '.mjs': code };
}

/** One that is broken is no business of dfopt's: npm will say so. */
function manifestOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function readJson(path: string, text: string, cwd: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const { message } = error as Error;
    const position = /at position (\d+)/.exec(message)?.[1];
    const line = position === undefined ? '' : `:${lineAt(text, Number(position))}`;
    throw new UsageError(`${nameOfFile(path, cwd)}${line} is no JSON: ${message}`);
  }
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

async function readYaml(path: string, text: string, cwd: string): Promise<unknown> {
  const { parseYaml, YAMLParseError } = await import('./configuration-readers.ts');
  try {
    return parseYaml(text, { logLevel: 'error' });
  } catch (error) {
    const position = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
    const place = position ? `:${position.line}:${position.col}` : '';
    const [why = ''] = (error as Error).message.split(/ at line |\n/);
    throw new UsageError(`${nameOfFile(path, cwd)}${place} is no YAML: ${why}`);
  }
}

/** A file of comments alone says nothing. */
function emptyForNull(value: unknown): unknown {
  return value ?? {};
}

function check(
  { filepath, config, isEmpty }: NonNullable<LilconfigResult>,
  shape: Shape,
  cwd: string,
): FoundConfiguration {
  const file = nameOfFile(filepath, cwd);
  const name = parsePath(filepath).base === MANIFEST ? `${file}#dfopt` : file;
  const found = checkConfiguration(isEmpty ? {} : (config as unknown), shape);
  if (found.kind === 'problem') throw new UsageError(`${name}: ${found.why}`);
  return { path: filepath, name, configuration: found.configuration };
}
