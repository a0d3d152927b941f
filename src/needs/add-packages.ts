/** Where a stage gets packages that its base lacks: in its first install, or in a RUN of its own. */
import { contextOf } from '../analysis/runs.ts';
import { heldBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import { insertOperands, splice } from '../dockerfile/edit.ts';
import type { Dockerfile, Instruction, RunInstruction, Stage } from '../dockerfile/model.ts';
import { inPlaceOf } from '../dockerfile/parse.ts';
import { printRun } from '../dockerfile/print.ts';
import { keywordIn, styleOf } from '../dockerfile/style.ts';
import type { Facts } from '../facts/types.ts';

export interface Wanted {
  readonly names: readonly string[];
  /** An id of the rows of managers. */
  readonly manager: string;
  /** Lines of the instructions that need them: the install must stand before. */
  readonly lines: ReadonlySet<number>;
}

/** The stage with the packages installed; or why that cannot be done. */
export function addPackages(
  file: Dockerfile,
  stage: Stage,
  wanted: Wanted,
  facts: Facts,
): readonly Instruction[] | { readonly why: string } {
  const joined = intoFirstInstall(file, stage, wanted, facts);
  if (joined) return joined;
  const [first] = stage.instructions;
  const row = facts.managers.find(({ id }) => id === wanted.manager);
  if (!row?.installs) return { why: `how ${wanted.manager} installs is not known` };
  if (!first) return { why: 'the stage has no instruction' };
  const user = plainText(heldBefore(file, stage, first, facts).user.usual);
  if (user === undefined || !/^(|root|0)(:.*)?$/.test(user)) {
    return { why: 'the base does not run as root, so that packages cannot be installed' };
  }
  const pieces = row.installs.map((code) => ({
    code: code.replace('{packages}', wanted.names.join(' ')),
    comments: [],
  }));
  const keyword = keywordIn(file, 'RUN');
  const text = printRun(keyword, pieces, stage.from.escape, styleOf(file));
  const run = inPlaceOf({ ...first, origin: stage.from.origin, eol: stage.from.eol }, text);
  const blank = /^(?:[ \t]*\r?\n)*/.exec(first.lead)![0];
  return [{ ...run, lead: blank }, ...stage.instructions];
}

/** Adds them to an install that stands before all that needs them. */
function intoFirstInstall(
  file: Dockerfile,
  stage: Stage,
  { names, manager, lines }: Wanted,
  facts: Facts,
): readonly Instruction[] | undefined {
  const run = stage.instructions.find((each): each is RunInstruction => each.kind === 'run');
  if (!run || run.origin.some(({ line }) => lines.has(line))) return undefined;
  const at = stage.instructions.indexOf(run);
  const isNeededBefore = stage.instructions
    .slice(0, at)
    .some((each) => each.kind !== 'cmd' && each.origin.some(({ line }) => lines.has(line)));
  const { body, calls } = contextOf(file, stage, run, facts);
  if (isNeededBefore || body.kind !== 'script') return undefined;
  const call = calls.find((each) => each.action === 'install');
  const last = call?.operands.at(-1);
  // Behind an update and nothing else, so that nothing in between misses them.
  const isFirst =
    call !== undefined &&
    calls.slice(0, calls.indexOf(call)).every((each) => each.action === 'update') &&
    body.commands.indexOf(call.command) === calls.indexOf(call);
  if (!isFirst || !last || call.manager.id !== manager || call.command.within.length > 0) {
    return undefined;
  }
  return stage.instructions.with(
    at,
    splice(run, [insertOperands(run, body, call.operands, names)]),
  );
}
