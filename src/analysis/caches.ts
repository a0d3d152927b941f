/**
 * The caches that a RUN's commands fill: which calls of which tool, where the folder lies for the user
 * who runs it, and which words and commands in the RUN keep that folder out of the layer by hand.
 */
import type { Dockerfile, RunInstruction, Stage } from '../dockerfile/model.ts';
import { runBody, type Script, type ShellWord, type SimpleCommand } from '../dockerfile/shell.ts';
import type { CacheFolder, CacheRow } from '../facts/cache-types.ts';
import type { Facts } from '../facts/types.ts';
import { accountOf, ROOT, type Account } from './accounts.ts';
import { programName, wrapperLength } from './packages.ts';
import { matchesAny, matchesWhole } from './patterns.ts';
import { baseImage } from './stages.ts';
import { stateBefore, variableIn, type State } from './state.ts';
import { plainText } from './values.ts';

/** What a call means to a cache. */
export type CacheUse = 'pays' | 'downloads' | 'uses' | 'cleans';

/** A call of a tool that has a cache. */
export interface CacheCall {
  readonly row: CacheRow;
  readonly use: CacheUse;
  readonly command: SimpleCommand;
  /** The words behind the program. */
  readonly args: readonly ShellWord[];
  /** Another user may run it: sudo. */
  readonly isOfAnother: boolean;
}

const calls = new WeakMap<Script, { facts: Facts; found: readonly CacheCall[] }>();

/** The calls in the code of one RUN, in order. */
export function cacheCalls(script: Script, facts: Facts): readonly CacheCall[] {
  let known = calls.get(script);
  if (known?.facts !== facts) {
    calls.set(script, (known = { facts, found: findCalls(script, facts) }));
  }
  return known.found;
}

function findCalls(script: Script, facts: Facts): readonly CacheCall[] {
  return script.commands.flatMap((command) => {
    const start = wrapperLength(command.words);
    const name = programName(command.words[start]);
    if (name === undefined) return [];
    const isOfAnother = command.words.slice(0, start).some((word) => word.literal === 'sudo');
    return facts.caches.rows.flatMap((row) => {
      const length = programLength(row, name, command.words.slice(start + 1));
      if (length === 0) return [];
      const args = command.words.slice(start + length);
      const use = useOf(row, args);
      return use === undefined ? [] : [{ row, use, command, args, isOfAnother }];
    });
  });
}

function programLength(row: CacheRow, name: string, rest: readonly ShellWord[]): number {
  if (matchesAny(row.programs, name)) return 1;
  const through = row.through?.find(
    (way) =>
      matchesWhole(way.program, name) &&
      way.words.every((word, index) => rest[index]?.literal === word),
  );
  return through ? 1 + through.words.length : 0;
}

function useOf(row: CacheRow, args: readonly ShellWord[]): CacheUse | undefined {
  const words = args.map((word) =>
    // What stands in one word must not look like several: `$(sed -r …)`.
    (word.literal ?? word.text.replace(/["']/g, '')).replace(/\s+/g, '_'),
  );
  const text = words.join(' ');
  const matches = (patterns: readonly string[] = []): boolean => matchesAny(patterns, text);
  if (matches(row.cleans)) return 'cleans';
  if (matches(row.noUse)) return undefined;
  if (matches(row.downloads)) return 'downloads';
  const isLess = words.some((word) => matchesAny(row.unless ?? [], word));
  return matches(row.pays) && !isLess ? 'pays' : 'uses';
}

/** Where a cache lies while a RUN runs. */
export interface CachePlace {
  /** One folder for each of the row's. */
  readonly targets: readonly string[];
  readonly account: Account;
  /** What must be true, where the base is not known. */
  readonly assumption: string | undefined;
}

export function cachePlace(
  row: CacheRow,
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  facts: Facts,
): CachePlace | { readonly refused: string } {
  const state = stateBefore(file, stage, run, facts);
  const who = accountOf(file, stage, state, facts);
  const isAssumed = 'refused' in who && who.isOfBase;
  if ('refused' in who && !isAssumed) return { refused: who.refused };
  const account = 'refused' in who ? ROOT : who;
  const home = homeFolder(row, state, account);
  if (home === undefined) return { refused: 'nobody knows the home folder of its user' };
  const targets: string[] = [];
  for (const folder of row.folders) {
    const path = pathOf(folder, state, account, home);
    if (typeof path !== 'string') return path;
    const refused = unfit(path, state, account);
    if (refused !== undefined) return { refused };
    targets.push(path);
  }
  const isKnown = !isAssumed && state.base.usual !== undefined;
  return {
    targets,
    account,
    assumption: isKnown ? undefined : 'the base image runs as root and puts no cache elsewhere',
  };
}

/** BuildKit sets HOME from the account unless the image does. */
function homeFolder(row: CacheRow, state: State, account: Account): string | undefined {
  const { isSet, text } = variableIn(state, 'HOME').usual;
  // An open environment is what an unknown base has; that is assumed, and said.
  if (isSet !== true) return account.home;
  const home = plainText(text);
  return row.homeIsOfAccount && home !== account.home ? undefined : home;
}

function pathOf(
  { path, rootPath, movedBy }: CacheFolder,
  state: State,
  account: Account,
  home: string,
): string | { readonly refused: string } {
  for (const each of movedBy) {
    const slash = each.indexOf('/');
    const name = slash < 0 ? each : each.slice(0, slash);
    const { isSet, text } = variableIn(state, name).usual;
    if (isSet === false || (isSet === 'unknown' && state.base.usual === undefined)) continue;
    const value = isSet === true ? plainText(text) : undefined;
    if (value === '') continue;
    if (value === undefined) return { refused: `nobody knows what ${name} says` };
    return value.replace(/\/+$/, '') + (slash < 0 ? '' : each.slice(slash));
  }
  const usual = account.uid === 0 ? (rootPath ?? path) : path;
  if (usual === undefined) return { refused: 'nobody knows where the cache lies' };
  return usual.startsWith('~') ? home + usual.slice(1) : usual;
}

/** Why there can be no mount at a path. */
function unfit(path: string, state: State, account: Account): string | undefined {
  if (!/^\/[\w./@+-]+$/.test(path) || /\/\.{0,2}(\/|$)/.test(path)) {
    return `${path} is no folder to mount a cache on`;
  }
  const workdir = plainText(state.workdir.usual);
  if (workdir !== undefined && `${workdir}/`.startsWith(`${path}/`)) {
    return `it works in ${workdir}, where the cache would be`;
  }
  const parent = path.slice(0, path.lastIndexOf('/'));
  if (account.uid !== 0 && !account.folders.includes(parent)) {
    return `BuildKit would make ${parent} for root, and the user could not write there`;
  }
  return undefined;
}

/** The id of a cache that fits no images but some, among them the base of this stage. */
export function cacheId(row: CacheRow, file: Dockerfile, stage: Stage): string | undefined {
  const image = baseImage(file, stage);
  const name = `${image?.name ?? ''}:${image?.tag ?? ''}`;
  return row.apart?.find((each) => matchesWhole(each.images, name))?.id;
}

/** The mount as RUN takes it. */
export function mountFlag(
  row: CacheRow,
  target: string,
  { uid, gid }: Account,
  id: string | undefined,
): string {
  const fields = [
    'type=cache',
    ...(id === undefined ? [] : [`id=${row.folders.length > 1 ? `${id}${lastName(target)}` : id}`]),
    `target=${target}`,
    ...(uid === 0 ? [] : [`uid=${uid}`, ...(gid === undefined ? [] : [`gid=${gid}`])]),
    ...(row.sharing ? [`sharing=${row.sharing}`] : []),
  ];
  return `--mount=${fields.join(',')}`;
}

function lastName(path: string): string {
  return `-${path.slice(path.lastIndexOf('/') + 1)}`;
}

/** The script of a RUN, where it is one. */
export function scriptOfRun(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
): Script | undefined {
  const body = runBody(run, stateBefore(file, stage, run).shell);
  return body.kind === 'script' ? body : undefined;
}
