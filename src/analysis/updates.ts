/** Updates of package lists: which of them nothing needs, and which belong to the next install. */
import type { Dockerfile, RunInstruction, Stage } from '../dockerfile/model.ts';
import type { Refusal, Splice } from '../dockerfile/edit.ts';
import type { Link, SimpleCommand } from '../dockerfile/shell.ts';
import type { Facts, FetchAgain, Leftover, Manager } from '../facts/types.ts';
import { cleansItself, deletesFrom, hiddenUse, isUnconditional, laterReader } from './leftovers.ts';
import { hasWord, programName, type PackageCommand } from './packages.ts';
import { occursIn } from './patterns.ts';
import { contextOf, type RunContext } from './runs.ts';

/**
 * Splices that take `update` calls out of a RUN whose installs all fetch the lists themselves. None where anything else, here or later, reads the lists.
 */
export function uselessUpdates(
  { file, body, calls, stage }: RunContext,
  run: RunInstruction,
  manager: Manager,
  facts: Facts,
): Splice[] {
  if (body.kind !== 'script') return [];
  const flag = manager.flags.find((each) => each.purpose === 'cache');
  const own = calls.filter((call) => call.manager === manager);
  const readers = own.filter((call) => call.action !== 'update' && call.action !== 'remove');
  if (!flag || readers.length === 0) return [];
  const needy = readers.some((call) => !hasWord(call, [flag.add]));
  const hidden = body.commands.some(
    (command) =>
      !calls.some((call) => call.command === command) &&
      hiddenUse(command, manager, facts) !== undefined,
  );
  const lists = manager.leaves.find((each) => each.neededByLaterInstalls);
  if (needy || hidden || !lists) return [];
  if (laterReader(file, stage, run, manager, lists, facts).kind !== 'none') return [];
  return own.flatMap((call) => {
    const { command } = call;
    const chain = body.chains[command.chain]!;
    const link = chain.links[command.link]!;
    const next = chain.links[command.link + 1];
    const alone =
      call.action === 'update' &&
      call.operands.length === 0 &&
      readers.some((reader) => reader.command.start > command.end) &&
      link.simple === command &&
      isUnconditional(command, body) &&
      command.redirections.length === 0 &&
      next?.operator === '&&';
    if (!alone) return [];
    // A comment between the two belongs to what follows it and stays.
    const gap = run.text.slice(link.end, next.start);
    return gap.includes('#') ? [] : [{ start: link.start, end: next.start, insert: '' }];
  });
}

/** How a RUN leaves lists for the next one to install from. */
export interface ListsLeft {
  readonly manager: Manager;
  /** The RUN ends in the update: nothing has read the lists yet. */
  readonly unread: boolean;
  /** The RUN does nothing but update. */
  readonly alone: boolean;
}

/**
 * The lists that a RUN leaves behind for others: it ends in an update, or does nothing but update,
 * install and clean up.
 */
export function listsLeftBy(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  facts: Facts,
): ListsLeft | undefined {
  const { body, calls } = contextOf(file, stage, run, facts);
  if (body.kind !== 'script' || body.chains.length !== 1) return undefined;
  const update = calls.findLast((call) => call.action === 'update');
  const lists = update?.manager.leaves.find((each) => each.neededByLaterInstalls);
  if (!update || !lists || cleansItself(body, lists, calls)) return undefined;
  const { manager } = update;
  const last = body.chains[0]!.links.at(-1)!;
  const ends = last.simple === update.command;
  if (!ends && !isPackageRun(file, stage, run, manager, facts)) return undefined;
  return { manager, unread: ends, alone: body.commands.length === 1 };
}

/** Whether a RUN does nothing but call the package manager and clean up behind it. */
export function isPackageRun(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  manager: Manager,
  facts: Facts,
): boolean {
  const { body, calls } = contextOf(file, stage, run, facts);
  if (body.kind !== 'script') return false;
  return body.commands.every(
    (command) =>
      programName(command.words[0]) === 'rm' ||
      calls.some((call) => call.command === command && call.manager === manager),
  );
}

/** Whether the first thing a RUN asks of the manager is an install that does not update first. */
export function isInstallWithoutUpdate(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  manager: Manager,
  facts: Facts,
): boolean {
  const { calls } = contextOf(file, stage, run, facts);
  const first = calls.find((each) => each.manager === manager);
  return first?.action === 'install' || first?.action === 'upgrade';
}

/**
 * Splices that take out updates which fetch what another one of the same list of commands has
 * fetched, and what deletes the lists between the two.
 */
export function repeatedUpdates(
  { body, calls }: RunContext,
  run: RunInstruction,
): readonly Splice[] | Refusal {
  if (body.kind !== 'script') return [];
  const all: Splice[] = [];
  for (const { links } of body.chains) {
    const found = links.map((link) => calls.find(({ command }) => command === link.simple));
    const updates = found.flatMap((call, at) => (call?.action === 'update' ? [at] : []));
    for (const [nth, at] of updates.entries()) {
      const start = updates[nth - 1];
      if (start === undefined || !isRepeated(links, found, start, at, run)) continue;
      const lists = found[at]!.manager.leaves.find((each) => each.neededByLaterInstalls)!;
      const later = links.slice(at + 1).flatMap(({ simple }) => deletedBy(simple));
      const gone = links
        .slice(start + 1, at)
        .filter(({ simple }) => deletesFrom(simple!, lists.paths, false));
      if (!gone.every(({ simple }) => deletedBy(simple).every(isCovered(lists, later)))) {
        return { refused: 'what deletes the lists in between deletes something else too' };
      }
      const cuts = [...gone, links[at]!].map((each) => cutOf(links, each, run));
      all.push(...cuts.flatMap((cut) => (cuts.includes(undefined) ? [] : cut!)));
    }
  }
  return all;
}

/** Whether one update of a list fetches just what the one before it has fetched. */
function isRepeated(
  links: readonly Link[],
  calls: readonly (PackageCommand | undefined)[],
  start: number,
  at: number,
  run: RunInstruction,
): boolean {
  const [first, second] = [calls[start]!, calls[at]!];
  const again = first.manager.fetchAgain;
  // With nothing joined to it, it would be the end of the list that is cut off.
  const isStraight = links.slice(start + 1, at + 2).every(({ operator }) => operator === '&&');
  if (!again || at === links.length - 1 || !isStraight || links[start]!.operator === '||') {
    return false;
  }
  return (
    isSameUpdate(first, second) &&
    links
      .slice(start + 1, at)
      .every((link, index) => isHarmless(link, calls[start + 1 + index], first, again, run))
  );
}

/** How talkative an update is does not change what it fetches. */
const MANNERS = /^(-[qy]+|-q=\d|--quiet|--yes|--assume-yes)$/;

function isSameUpdate(one: PackageCommand, other: PackageCommand): boolean {
  const words = ({ args }: PackageCommand): string =>
    args
      .map(({ literal, text }) => literal ?? `"${text}`)
      .filter((word) => !MANNERS.test(word))
      .join(' ');
  const isPlain = ({ command }: PackageCommand): boolean =>
    command.assignments.length === 0 &&
    command.redirections.every(({ target }) => target?.literal === '/dev/null');
  return (
    one.manager === other.manager && words(one) === words(other) && isPlain(one) && isPlain(other)
  );
}

/** Whether a command leaves alone where packages come from, and the lists unless it deletes them. */
function isHarmless(
  { simple }: Link,
  call: PackageCommand | undefined,
  { manager }: PackageCommand,
  again: FetchAgain,
  run: RunInstruction,
): boolean {
  if (!simple || occursIn(again.changedBy, run.text.slice(simple.start, simple.end))) return false;
  if (!call) return programName(simple.words[0]) === 'rm' && deletedBy(simple).length > 0;
  if (call.manager !== manager || /^dist-?clean$/.test(call.actionWord?.text ?? '')) return false;
  return !call.operands.some(({ text }) => text.includes('/'));
}

/** What an `rm` deletes, as written. */
function deletedBy(command: SimpleCommand | undefined): string[] {
  const [first, ...rest] = command?.words ?? [];
  if (programName(first) !== 'rm') return [];
  return rest.map(({ text }) => text).filter((text) => !text.startsWith('-'));
}

/** Whether a path holds nothing but the lists, or is deleted later all the same. */
function isCovered(lists: Leftover, later: readonly string[]): (path: string) => boolean {
  return (path) =>
    later.includes(path) || lists.paths.some((folder) => `${path}/`.startsWith(`${folder}/`));
}

/** Takes a command out of its list, and what joins it to the next or to the one before. */
function cutOf(links: readonly Link[], link: Link, run: RunInstruction): Splice | undefined {
  const at = links.indexOf(link);
  const next = links[at + 1]!;
  const before = links[at - 1]!;
  if (!run.text.slice(link.end, next.start).includes('#')) {
    return { start: link.start, end: next.start, insert: '' };
  }
  if (run.text.slice(before.end, link.start).includes('#')) return undefined;
  return { start: before.end, end: link.end, insert: '' };
}
