/** Accounts that a RUN makes before it gives files to them: made in front of the COPYs, by a RUN of their own. */
import { commandTouches, effectsOf } from '../analysis/effects.ts';
import { copyPlace } from '../analysis/copy-place.ts';
import { plainPlace } from '../analysis/places.ts';
import { stateBefore } from '../analysis/state.ts';
import { withText } from '../dockerfile/parse.ts';
import type { Instruction, RunInstruction } from '../dockerfile/model.ts';
import { runBody } from '../dockerfile/shell.ts';
import { changesIn, type Change } from './change.ts';
import type { Where } from './creation.ts';

const ACCOUNTS = /^(useradd|adduser|groupadd|addgroup|usermod|groupmod)$/;

/** Instructions that accounts may be made in front of. */
const CROSSED = new Set<Instruction['kind']>([
  'copy',
  'add',
  'label',
  'maintainer',
  'expose',
  'cmd',
  'entrypoint',
  'healthcheck',
  'stopsignal',
  'workdir',
]);

/** The stage with the accounts made first, and the change in what is left of the RUN. */
export function withAccountsFirst(
  where: Where,
  at: number,
  change: Change,
): { readonly where: Where; readonly at: number; readonly change: Change } | undefined {
  const { file, stage, facts, context } = where;
  const run = stage.instructions[at] as RunInstruction;
  const state = stateBefore(file, stage, run, facts);
  const body = runBody(run, state.shell);
  const [chain] = body.kind === 'script' ? body.chains : [];
  if (body.kind !== 'script' || body.form !== 'shell' || run.heredocs.length > 0 || !chain) {
    return undefined;
  }
  const { commands } = effectsOf(run, state, facts, 'usual');
  const length = chain.links.findIndex(
    ({ simple }) => !ACCOUNTS.test(commands.find((each) => each.command === simple)?.program ?? ''),
  );
  const isPlain = chain.links.every(({ operator, simple }) => operator !== '||' && simple);
  if (length <= 0 || !isPlain || run.flags.length > 0 || change.command.chain !== 0)
    return undefined;
  const accounts = commands.slice(0, length);
  const start =
    stage.instructions.slice(0, at).findLastIndex((each) => !CROSSED.has(each.kind)) + 1;
  const crossed = stage.instructions.slice(start, at);
  const first = crossed.findIndex((each) => each.kind === 'copy' || each.kind === 'add');
  if (first < 0) return undefined;
  const isSeen = crossed.slice(first).some((each) => {
    if (each.kind !== 'copy' && each.kind !== 'add') return false;
    const place = copyPlace(each, stateBefore(file, stage, each, facts), context, 'usual');
    return !place || accounts.some((one) => commandTouches(one, plainPlace(place.path)) !== 'no');
  });
  if (isSeen || accounts.some(({ knowledge }) => knowledge !== 'complete')) return undefined;
  const end = chain.links[length - 1]!.end;
  const next = chain.links[length]!.start;
  if (run.text.slice(end, next).includes('#')) return undefined;
  const making: RunInstruction = {
    ...withText(run, run.text.slice(0, end)),
    eol: stage.instructions[at - 1]!.eol,
  };
  const rest: RunInstruction = {
    ...withText(run, run.text.slice(0, run.args.start) + run.text.slice(next)),
    lead: '',
  };
  const { instructions } = stage;
  const place = start + first;
  const list = [
    ...instructions.slice(0, place),
    making,
    ...instructions.slice(place, at),
    rest,
    ...instructions.slice(at + 1),
  ];
  const there = { ...stage, instructions: list };
  const restState = stateBefore(file, there, rest, facts);
  const restBody = runBody(rest, restState.shell);
  if (restBody.kind !== 'script') return undefined;
  const text = run.text.slice(change.command.start, change.command.end);
  const same = changesIn(restBody, effectsOf(rest, restState, facts, 'usual').commands).find(
    ({ command }) => rest.text.slice(command.start, command.end) === text,
  );
  return same && { where: { ...where, stage: there }, at: at + 1, change: same };
}
