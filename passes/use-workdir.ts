/**
 * Enters a folder once by WORKDIR where RUNs below each other all begin by entering it.
 * Refuses where that would make the file no shorter, or the folder is not the same for certain.
 */
import { heldBefore, stateBefore } from '../src/analysis/state.ts';
import { plainText } from '../src/analysis/values.ts';
import { splice } from '../src/dockerfile/edit.ts';
import {
  mapStages,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
  type Stage,
} from '../src/dockerfile/model.ts';
import { inPlaceOf } from '../src/dockerfile/parse.ts';
import { runBody } from '../src/dockerfile/shell.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'use-workdir',
  summary: 'Enter a folder once by WORKDIR instead of by cd in each RUN.',
  why: 'Each RUN starts anew in the WORKDIR: a cd that is forgotten in one of them runs the command somewhere else, and chains of cd are hard to read.',
  refuses: [
    'the folder is relative, or a variable names it',
    'what stands below needs the folder of before, and going back to it would make the file no shorter',
    'the folder to which one would have to go back is that of the base',
  ],
  level: 'standard',
  improves: ['reliability'],
  references: ['https://docs.docker.com/build/building/best-practices/#workdir'],
  run: (file, scope) => mapStages(file, (stage) => entered(file, stage, scope)),
});

/** A RUN that begins by entering a folder: where it says so. */
interface Entering {
  readonly run: RunInstruction;
  readonly folder: string;
  readonly start: number;
  readonly end: number;
}

/** From the last to the first: whether one has to go back depends on what is entered behind. */
function entered(file: Dockerfile, whole: Stage, scope: PassScope): readonly Instruction[] {
  const groups: { readonly at: number; readonly group: readonly Entering[] }[] = [];
  for (let at = 0; at < whole.instructions.length; at++) {
    // One alone is left as it is.
    const [one, other] = [whole.instructions[at], whole.instructions[at + 1]];
    if (one?.kind !== 'run' || other?.kind !== 'run') continue;
    const group = groupAt(file, whole, at, scope);
    if (group.length > 1) groups.push({ at, group });
    at += Math.max(group.length - 1, 0);
  }
  return groups
    .toReversed()
    .reduce((stage, { at, group }) => rewritten(file, stage, at, group, scope), whole).instructions;
}

/** The RUNs from here on that all enter the same folder first. */
function groupAt(file: Dockerfile, stage: Stage, at: number, scope: PassScope): Entering[] {
  const group: Entering[] = [];
  for (let index = at; index < stage.instructions.length; index++) {
    const each = stage.instructions[index]!;
    const entering = each.kind === 'run' ? enteringOf(file, stage, each, scope) : undefined;
    if (!entering || (group[0] && group[0].folder !== entering.folder)) break;
    group.push(entering);
  }
  return group;
}

function enteringOf(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  { facts }: PassScope,
): Entering | undefined {
  const body = runBody(run, heldBefore(file, stage, run, facts).shell);
  if (body.kind !== 'script' || body.form !== 'shell') return undefined;
  const [first, second] = body.chains[0]?.links ?? [];
  const [program, to, ...more] = first?.simple?.words ?? [];
  const isPlain =
    program?.literal === 'cd' &&
    more.length === 0 &&
    first!.simple!.redirections.length === 0 &&
    first!.simple!.assignments.length === 0 &&
    second?.operator === '&&';
  const folder = to?.literal;
  // Behind `cd -` stands the folder before; a comment in between would be lost.
  const isOdd = /\bOLDPWD\b|\bcd\s+-(\s|$|;)/.test(run.text) || folder?.startsWith('-') === true;
  if (!isPlain || folder === undefined || isOdd) return undefined;
  const between = { start: first!.start, end: second.start };
  return run.text.slice(between.start, between.end).includes('#')
    ? undefined
    : { run, folder: folder.replace(/(.)\/+$/, '$1'), ...between };
}

function rewritten(
  file: Dockerfile,
  stage: Stage,
  at: number,
  group: readonly Entering[],
  scope: PassScope,
): Stage {
  const [{ run, folder }] = group as readonly [Entering];
  const missed = (why: string): Stage => {
    scope.missed(run, why);
    return stage;
  };
  if (!/^\/[\w./@+-]*$/.test(folder)) return missed(`the folder "${folder}" is not absolute`);
  const rest = stage.instructions.slice(at + group.length);
  // By what the file says itself: a folder of the base may be another one tomorrow.
  const old = plainText(stateBefore(file, stage, run).workdir.certain);
  const isThere = old === folder;
  const hasToReturn = !isThere && needsFolder(rest);
  if (hasToReturn && old === undefined)
    return missed('the folder of before is that of the base, which the file does not name');
  // Two lines more, and one `cd` less in each RUN.
  if (hasToReturn && group.length < 3) {
    return missed(`what stands below needs ${old!}: going back would make the file no shorter`);
  }
  const workdir = (path: string, lead: string, eol: string): Instruction => {
    const keyword = run.keyword === run.keyword.toLowerCase() ? 'workdir' : 'WORKDIR';
    return { ...inPlaceOf({ ...run, eol }, `${keyword} ${path}`), lead };
  };
  const runs = group.map(({ run: each, start, end }, index) => {
    const without = splice(each, [{ start, end, insert: '' }]);
    return index === 0 && !isThere ? { ...without, lead: indentation(each) } : without;
  });
  const lineEnd = run.eol === '' ? '\n' : run.eol;
  const last = runs.at(-1)!;
  const back = hasToReturn ? [workdir(old!, indentation(run), last.eol)] : [];
  const edited = [
    ...(isThere ? [] : [workdir(folder, run.lead, lineEnd)]),
    ...runs.slice(0, -1),
    ...(hasToReturn && last.eol === '' ? [{ ...last, eol: lineEnd }] : [last]),
    ...back,
  ];
  return scope.propose(
    run,
    {
      level: 'standard',
      message: `enter ${folder} once for ${group.length} RUNs`,
      also: group.slice(1).map((each) => each.run),
      indifferentTo: ['WorkingDir'],
    },
    stage,
    () => ({
      ...stage,
      instructions: [...stage.instructions.slice(0, at), ...edited, ...rest],
    }),
  );
}

/** Whether something behind looks at the folder in which it stands, before another one is entered. */
function needsFolder(rest: readonly Instruction[]): boolean {
  for (const each of rest) {
    if (each.kind === 'workdir') return !each.argsText.trim().startsWith('/');
    if (each.kind === 'run' || each.kind === 'onbuild') return true;
    const isCopy = each.kind === 'copy' || each.kind === 'add';
    if (isCopy && !(each.destination?.text ?? '').startsWith('/')) return true;
  }
  // The image, or what stands on the stage, starts in it.
  return true;
}

function indentation({ lead }: RunInstruction): string {
  return lead.slice(lead.lastIndexOf('\n') + 1);
}
