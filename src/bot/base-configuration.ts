/**
 * What is in force for each Dockerfile, by the configuration files of a commit that people with write
 * access made: the base of a pull request, never its head. Files that are code are not run.
 */
import { parse as parseYaml } from 'yaml';
import { checkConfiguration } from '../config/check.ts';
import { CONFIGURATION_FILES } from '../config/file-names.ts';
import { inForce, layersOf, optionsInForce, type InForce, type Layer } from '../config/in-force.ts';
import { configurationShape, type Configuration, type Settings } from '../config/keys.ts';
import { areNamed } from '../config/patterns.ts';
import { folderOf } from '../analysis/go-paths.ts';
import { withOwnImages } from '../facts/own-images.ts';
import type { Facts } from '../facts/types.ts';
import type { OptimizeOptions } from '../pipeline.ts';
import type { Bot, BotSettings } from './bot.ts';
import type { Snapshot } from './snapshot.ts';

export type FileSettings =
  | {
      readonly kind: 'settings';
      readonly options: OptimizeOptions;
      /** With the rows about images that the configuration adds. */
      readonly facts: Facts;
      /** The configuration says that the file is not to be rewritten. */
      readonly isIgnored: boolean;
    }
  /** A sentence for people: `dfopt.config.json: level: …`. */
  | { readonly kind: 'problem'; readonly why: string };

/** What whoever runs the bot says: their level wins over configuration files. */
type Around = Pick<Bot, 'passes' | 'facts'> & { readonly settings: Pick<BotSettings, 'level'> };

/** Written by hand; what is larger is something else. */
const MOST_BYTES = 1_000_000;

interface Found {
  /** From the top of the repository. */
  readonly name: string;
  readonly folder: string;
  readonly configuration: Configuration;
}

/** @param base the commit that configuration is taken from */
export function settingsIn(
  base: Snapshot,
  { passes, facts, settings: { level } }: Around,
): (path: string) => Promise<FileSettings> {
  const shape = configurationShape(passes);
  const folders = new Map<string, Promise<Found | undefined>>();
  const foundIn = (folder: string): Promise<Found | undefined> => {
    const known = folders.get(folder) ?? find(folder);
    folders.set(folder, known);
    return known;
  };
  const find = async (folder: string): Promise<Found | undefined> => {
    const own = await fileIn(base, folder);
    if (own) {
      const checked = checkConfiguration(own.value, shape);
      if (checked.kind === 'problem') throw new Unusable(`${own.name}: ${checked.why}`);
      return { name: own.name, folder, configuration: checked.configuration };
    }
    return folder === '' ? undefined : foundIn(folderOf(folder));
  };
  const said: Layer = {
    settings: level === undefined ? {} : { level },
    from: () => 'the bot',
  };
  return async (path) => {
    try {
      const found = await foundIn(folderOf(path));
      return await resolved(path, found, said, { base, passes, facts });
    } catch (error) {
      if (error instanceof Unusable) return { kind: 'problem', why: error.message };
      throw error;
    }
  };
}

async function resolved(
  path: string,
  found: Found | undefined,
  said: Layer,
  { base, passes, facts }: { readonly base: Snapshot } & Pick<Around, 'passes' | 'facts'>,
): Promise<FileSettings> {
  const name = found && (found.folder === '' ? path : path.slice(found.folder.length + 1));
  const layers = found ? layersOf(found.configuration, name!, found.name) : [];
  const force = inForce([...layers, said], passes);
  if (force.kind === 'problem') throw new Unusable(force.why);
  const { images, ...rest } = force.inForce;
  return {
    kind: 'settings',
    options: optionsInForce(rest),
    facts: images ? await withImages(images, found!.folder, base, facts) : facts,
    isIgnored: found !== undefined && areNamed(found.configuration.ignore ?? [], name!),
  };
}

/** Its message is for people. */
class Unusable extends Error {}

interface ConfigurationFile {
  readonly name: string;
  readonly value: unknown;
}

async function fileIn(base: Snapshot, folder: string): Promise<ConfigurationFile | undefined> {
  for (const file of CONFIGURATION_FILES) {
    const path = folder === '' ? file : `${folder}/${file}`;
    // The first that is there counts.
    // oxlint-disable-next-line no-await-in-loop
    const text = await textAt(base, path);
    if (text === undefined) continue;
    if (/\.m?js$/.test(file)) {
      throw new Unusable(
        `${path} is code, which the bot does not run: say the same in JSON or YAML`,
      );
    }
    if (file === 'package.json') {
      const own = manifestKey(text);
      if (own !== undefined) return { name: `${path}#dfopt`, value: own };
    } else return { name: path, value: parsed(path, text) };
  }
  return undefined;
}

/** @returns `undefined` where there is no such file */
async function textAt(base: Snapshot, path: string): Promise<string | undefined> {
  const entry = await base.entryAt(path);
  if (!entry || entry.kind === 'folder') return undefined;
  if (entry.kind !== 'file' && entry.kind !== 'executable') {
    throw new Unusable(`${path} is not a regular file`);
  }
  const read = await base.text(entry, MOST_BYTES, 'texts');
  if (read.kind === 'text') return read.text.replace(/^\uFEFF/, '');
  // npm says what is wrong with a manifest.
  if (path.endsWith('package.json')) return undefined;
  throw new Unusable(`${path} ${read.why}`);
}

function manifestKey(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && Object.hasOwn(value, 'dfopt')
      ? (value as { readonly dfopt: unknown }).dfopt
      : undefined;
  } catch {
    return undefined;
  }
}

function parsed(path: string, text: string): unknown {
  const isJson = path.endsWith('.json');
  try {
    // A file of comments alone says nothing.
    const value: unknown = isJson ? JSON.parse(text) : parseYaml(text, { logLevel: 'error' });
    return value ?? {};
  } catch (error) {
    const [why] = (error as Error).message.split('\n');
    throw new Unusable(`${path} is no ${isJson ? 'JSON' : 'YAML'}: ${why}`);
  }
}

async function withImages(
  { value, from }: NonNullable<InForce['images']>,
  folder: string,
  base: Snapshot,
  facts: Facts,
): Promise<Facts> {
  const rows = typeof value === 'string' ? await rowsAt(value, folder, from, base) : value;
  const own = withOwnImages(typeof value === 'string' ? rows : { images: rows }, facts);
  if (own.kind === 'problem') throw new Unusable(`${from}: images: ${own.why}`);
  return own.facts;
}

async function rowsAt(
  name: NonNullable<Settings['images']> & string,
  folder: string,
  from: string,
  base: Snapshot,
): Promise<unknown> {
  const path = [folder, name.replace(/^\.\//, '')].filter((each) => each !== '').join('/');
  // A snapshot knows no path that leads out of it.
  const text = await textAt(base, path);
  if (text === undefined) throw new Unusable(`${from}: images: there is no file ${name}`);
  return parsed(path, text);
}
