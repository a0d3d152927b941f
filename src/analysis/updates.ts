/** Updates of package lists: which of them nothing needs, and which belong to the next install. */
import type { Dockerfile, RunInstruction, Stage } from '../dockerfile/model.ts';
import type { Splice } from '../dockerfile/edit.ts';
import type { Facts, Manager } from '../facts/types.ts';
import { cleansItself, hiddenUse, isUnconditional, laterReader } from './leftovers.ts';
import { hasWord, programName } from './packages.ts';
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
