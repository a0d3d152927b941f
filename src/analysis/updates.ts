/** Updates of package lists: which of them nothing needs, and which belong to the next install. */
import type { Dockerfile, RunInstruction, Stage } from '../dockerfile/model.ts';
import type { Splice } from '../dockerfile/edit.ts';
import type { Facts, Manager } from '../facts/types.ts';
import { hiddenUse, isUnconditional, laterReader } from './leftovers.ts';
import { hasWord } from './packages.ts';
import { contextOf, type RunContext } from './runs.ts';

/**
 * Splices that take `update` calls out of a RUN whose installs all fetch the lists themselves. None where anything else, here or later, reads the lists.
 */
export function uselessUpdates(
  file: Dockerfile,
  { body, calls, stage }: RunContext,
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

/**
 * The manager whose lists a RUN updates as the last thing it does; with `alone`, as the only thing.
 */
export function updateOnlyRun(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  facts: Facts,
  alone?: 'alone',
): Manager | undefined {
  const { body, calls } = contextOf(file, stage, run, facts);
  if (body.kind !== 'script' || body.chains.length !== 1) return undefined;
  const last = body.chains[0]!.links.at(-1)!;
  const call = calls.find((each) => each.command === last.simple);
  if (call?.action !== 'update' || (alone && body.commands.length > 1)) return undefined;
  const { manager } = call;
  const installs = calls.some((each) => each.manager === manager && each.action === 'install');
  const hasLists = manager.leaves.some((each) => each.neededByLaterInstalls);
  return hasLists && !installs ? manager : undefined;
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
