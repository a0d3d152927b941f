/**
 * The Dockerfiles of a commit as the bot works on them: their text, their build context and what is in
 * force for them. What cannot be read is said and left alone.
 */
import { isDockerfileName } from '../analysis/context-texts.ts';
import { baseName } from '../analysis/go-paths.ts';
import { areNamed } from '../config/patterns.ts';
import { instructionsOf, type Diagnostic } from '../dockerfile/model.ts';
import { parse } from '../dockerfile/parse.ts';
import type { Facts } from '../facts/types.ts';
import type { OptimizeOptions } from '../pipeline.ts';
import type { FileSettings } from './base-configuration.ts';
import type { Bot } from './bot.ts';
import { contextFor } from './context.ts';
import { isInside, type Budget, type Snapshot } from './snapshot.ts';

/** As the command line has it: what is larger is no Dockerfile, and would keep the parsers busy. */
const MOST_BYTES = 1024 * 1024;

export interface FoundDockerfile {
  /** From the top of the repository. */
  readonly path: string;
  /** Missing with a `failure`. */
  readonly text?: string;
  /** A phrase: "is larger than …". */
  readonly failure?: string;
  readonly isExecutable: boolean;
  /** With its build context, today's date and prices. */
  readonly options: OptimizeOptions;
  readonly facts: Facts;
  /** From the top of the repository, ending in `/`, or empty. */
  readonly contextFolder: string;
  /** What people must know of its build context. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Those that a delivery is about: named like one, inside, and wanted. */
export function isWanted(path: string, { settings }: Pick<Bot, 'settings'>): boolean {
  if (!isInside(path) || !isDockerfileName(baseName(path))) return false;
  if (path.split('/').includes('node_modules')) return false;
  return settings.paths.length === 0 || areNamed(settings.paths, path);
}

/**
 * @param snapshot the commit that the file is in
 * @param settings from the base, never from a head
 * @returns `undefined` where the configuration says that the file is to be left alone
 */
export async function dockerfileAt(
  path: string,
  snapshot: Snapshot,
  settings: FileSettings,
  bot: Bot,
): Promise<FoundDockerfile | undefined> {
  const failed = (failure: string): FoundDockerfile => ({
    path,
    failure,
    isExecutable: false,
    options: {},
    facts: bot.facts,
    contextFolder: '',
    diagnostics: [],
  });
  if (settings.kind === 'problem') {
    return failed(`was not looked at, as the configuration is not right: ${settings.why}`);
  }
  if (settings.isIgnored) return undefined;
  const entry = await snapshot.entryAt(path);
  if (!entry) return failed('is not there');
  if (entry.kind !== 'file' && entry.kind !== 'executable') return failed('is not a regular file');
  if ((entry.bytes ?? 0) > MOST_BYTES) {
    return failed(`is larger than ${MOST_BYTES / 1024 / 1024} MiB, which no Dockerfile is`);
  }
  const read = await snapshot.text(entry, MOST_BYTES, 'texts');
  if (read.kind === 'unread') return failed(read.why);
  const tooMuch = spendOn(read.text, snapshot.budget);
  if (tooMuch !== undefined) return failed(tooMuch);
  const { facts } = settings;
  const found = await contextFor(path, read.text, snapshot, facts.manifests);
  return {
    path,
    text: read.text,
    isExecutable: entry.kind === 'executable',
    options: {
      ...settings.options,
      ...(found.context && { context: found.context }),
      today: bot.today(),
      isPriced: true,
    },
    facts,
    contextFolder: found.folder,
    diagnostics: found.diagnostics,
  };
}

/** So that the slowest file of a stranger takes seconds, not hours. */
const MOST_INSTRUCTIONS = 200;
const MOST_CHARACTERS = 32 * 1024;

/** @returns why the file is not looked at */
function spendOn(text: string, budget: Budget): string | undefined {
  if (text.length > MOST_CHARACTERS) {
    return `is longer than ${MOST_CHARACTERS / 1024} KiB, which a bot does not look at`;
  }
  const count = instructionsOf(parse(text)).length;
  if (count > MOST_INSTRUCTIONS) {
    return `has ${count} instructions; a bot looks at files with up to ${MOST_INSTRUCTIONS}`;
  }
  if (count > budget.instructions) {
    return 'was not looked at: the Dockerfiles before it have too many instructions for one look';
  }
  budget.instructions -= count;
  return undefined;
}

/** More than so many of a repository are not looked at in one go. */
const MOST_DOCKERFILES = 200;

/** All of a commit that are wanted, in the order of their names. */
export async function dockerfilesIn(
  snapshot: Snapshot,
  settingsOf: (path: string) => Promise<FileSettings>,
  bot: Bot,
): Promise<readonly FoundDockerfile[]> {
  const below = await snapshot.below('');
  const paths = (below?.entries ?? [])
    .filter(({ kind, path }) => (kind === 'file' || kind === 'executable') && isWanted(path, bot))
    .map(({ path }) => path)
    .toSorted();
  if (paths.length > MOST_DOCKERFILES) {
    bot.tell(`${paths.length} Dockerfiles: the first ${MOST_DOCKERFILES} are looked at`);
  }
  const files: FoundDockerfile[] = [];
  for (const path of paths.slice(0, MOST_DOCKERFILES)) {
    // One after the other, so that the budget goes to the same files each time.
    // oxlint-disable-next-line no-await-in-loop
    const found = await dockerfileAt(path, snapshot, await settingsOf(path), bot);
    if (found) files.push(found);
  }
  return files;
}
