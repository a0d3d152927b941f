/**
 * Puts stages that stand on an image of one distribution on one of another: names of packages,
 * accounts and tools in its words. Says why where something has no equal there.
 */
import type { BuildContext } from '../../analysis/context.ts';
import { filesAtEnd } from '../../analysis/image-files.ts';
import { compareNumbers, numbersOf } from '../../analysis/image-tags.ts';
import { contextOf } from '../../analysis/runs.ts';
import type { Dockerfile, FromInstruction, Instruction, Stage } from '../../dockerfile/model.ts';
import { withText } from '../../dockerfile/parse.ts';
import type { Crossing } from '../../facts/crossing-types.ts';
import type { Image } from '../../facts/image-types.ts';
import type { Facts } from '../../facts/types.ts';
import { foreignFile, foreignIn } from './foreign.ts';
import { crossedRun, type CrossingState } from './runs.ts';

export interface CrossingScope {
  readonly file: Dockerfile;
  readonly context: BuildContext;
  readonly facts: Facts;
  readonly crossing: Crossing;
  readonly from: Image;
  readonly to: Image;
}

export interface CrossedFile {
  readonly file: Dockerfile;
  /** The bottom stage, as it is now. */
  readonly stage: Stage;
  /** Instructions of the input that are others now, or gone. */
  readonly touched: readonly Instruction[];
  /** Packages of the first distribution that its steps installed by name. */
  readonly installed: ReadonlySet<string>;
}

/** A sentence without a full stop. */
export interface NotCrossed {
  readonly why: string;
}

/** The rows for a move between two images; `undefined` where there are none, or the other is too old for them. */
export function crossingOf(from: Image, to: Image, { crossings }: Facts): Crossing | undefined {
  return crossings.crossings.find(
    (each) =>
      each.from === from.packageManager &&
      each.to === to.packageManager &&
      each.distribution === to.distribution?.id &&
      isRecent(to.distribution.version, each.since),
  );
}

function isRecent(version: string, since: string): boolean {
  const [one, other] = [numbersOf(version), numbersOf(since)];
  return one !== undefined && other !== undefined && compareNumbers(one, other) >= 0;
}

/** @param stages the one on the image first, then those on top of it */
export function crossed(stages: readonly Stage[], scope: CrossingScope): CrossedFile | NotCrossed {
  const { file, context, facts, crossing, from, to } = scope;
  const state: CrossingState = { crossing, facts, installed: new Set(), groups: new Map() };
  const touched: Instruction[] = [];
  const changed = new Map<Stage, Stage>();
  for (const stage of stages) {
    const found = crossedStage(stage, state, scope, touched);
    if ('why' in found) return found;
    const isBottom = stage === stages[0];
    const base = isBottom ? onImage(stage.from, from, to) : stage.from;
    changed.set(stage, { ...stage, from: base, instructions: found.instructions });
  }
  const foreign = foreignIn(
    [...changed.values()].flatMap(({ instructions }) => instructions),
    from,
    crossing,
  );
  if (foreign) return { why: `${foreign.by} ${foreign.why}` };
  for (const stage of stages) {
    const alien = foreignFile(filesAtEnd(file, stage, context, facts).files, from, crossing);
    if (alien) return { why: `${alien.by} ${alien.why}` };
  }
  return {
    file: { ...file, stages: file.stages.map((each) => changed.get(each) ?? each) },
    stage: changed.get(stages[0]!)!,
    touched,
    installed: state.installed,
  };
}

function crossedStage(
  stage: Stage,
  state: CrossingState,
  { file, facts }: CrossingScope,
  touched: Instruction[],
): { readonly instructions: readonly Instruction[] } | NotCrossed {
  const instructions: Instruction[] = [];
  let lead = '';
  for (const each of stage.instructions) {
    const found =
      each.kind === 'run'
        ? crossedRun(each, contextOf(file, stage, each, facts), state)
        : { run: each, comments: [] };
    const where = `line ${each.origin[0]!.line}`;
    if ('refused' in found) return { why: `${where} has no equal there: ${found.refused}` };
    if (found.run !== each) touched.push(each);
    if (found.run) {
      // What stood above a RUN that is gone.
      const next: Instruction = found.run;
      if (lead !== '') touched.push(each);
      instructions.push(lead === '' ? next : { ...next, lead: joined(lead, next.lead) });
      lead = '';
    } else lead += commentsOf(each.lead) + found.comments.map((text) => `${text}\n`).join('');
  }
  if (lead !== '') return { why: 'nothing is left to which the last comments belong' };
  return { instructions };
}

function commentsOf(lead: string): string {
  return lead.includes('#') ? lead : '';
}

function joined(lead: string, own: string): string {
  return lead + own;
}

/** The FROM with another image; how the registry is written stays. */
export function onImage(from: FromInstruction, was: Image, { name, tag }: Image): FromInstruction {
  const word = from.image!;
  const plain = word.text.replace(/:[^:/]*$/, '');
  const path = was.name === name ? plain : plain.replace(/[^/]+$/, name.replace(/^.*\//, ''));
  return withText(
    from,
    `${from.text.slice(0, word.start)}${path}:${tag}${from.text.slice(word.end)}`,
  );
}
