/**
 * What is known of sizes once an image of the Dockerfile was built: of each instruction that its history
 * has, what its layer weighs; of the base, what lies below. The measured figures take the place of
 * estimates; where one layer has several causes they share it as they were estimated. After edits, an
 * instruction keeps its figure where nothing that it does is another; of what was edited, moved or is
 * copied elsewhere, the parts that are estimated as before are corrected as the measured layer says.
 */
import { exactly, times, type Amount } from '../analysis/amounts.ts';
import { baseImage, baseOf, fromOf, stageNamed } from '../analysis/stages.ts';
import { stateBefore } from '../analysis/state.ts';
import {
  isCopy,
  type Diagnostic,
  type Dockerfile,
  type Instruction,
  type Stage,
} from '../dockerfile/model.ts';
import { placeOf } from '../dockerfile/place.ts';
import type { Facts } from '../facts/types.ts';
import type { BillLine } from './bill.ts';
import type { BuiltImage, BuiltRow } from './built-image.ts';
import { matchesOf, recordedStep, type Match, type Step } from './history.ts';

export interface MeasuredLayers {
  /** By what an instruction does and where: its lines as they were estimated, and as measured. */
  readonly instructions: ReadonlyMap<string, Exchange>;
  /** By the estimate of a line, with and without its instruction. */
  readonly corrections: ReadonlyMap<string, Correction | 'several'>;
  /** What the image does not say; nothing where it has all of it. */
  readonly warning: Diagnostic | undefined;
}

interface Correction {
  /** How many times as large as its estimate a line was. */
  readonly factor: number;
  /** What the whole layer weighs, and so no part of it more. */
  readonly most: number;
}

interface Exchange {
  /** Keys of the estimated lines. */
  readonly estimated: readonly string[];
  readonly measured: readonly BillLine[];
}

/**
 * Sets an image that was built from this Dockerfile, or from one like it, beside the estimate.
 *
 * @param lines of the estimate of the stage
 * @param image its layers and history
 */
export function measuredLayers(
  file: Dockerfile,
  stage: Stage,
  lines: readonly BillLine[],
  image: BuiltImage,
  facts: Facts,
): MeasuredLayers {
  const chain = chainOf(file, stage);
  const steps = chain.filter(({ instruction }) => makesLayer(instruction));
  const found = measuredGroups(steps, image, matchesOf(steps, image.rows, file, facts));
  const instructions = new Map<string, Exchange>();
  const corrections = new Map<string, Correction | 'several'>();
  const groups =
    found.base === undefined ? found.groups : [...found.groups, baseGroup(chain, found.base)];
  for (const { steps: own, bytes } of groups) {
    const estimated = own.map((step) => linesOf(step, lines));
    const all = estimated.flat();
    const measured = shared(all, bytes, own);
    for (const [index, line] of all.entries()) {
      if (line.amount.bytes <= 0) continue;
      const factor = measured[index]!.amount.bytes / line.amount.bytes;
      const correction = { factor, most: bytes };
      corrections.set(placedKeyOf(line), correction);
      // Elsewhere by its name alone, which a thing that nobody knows does not have.
      const key = keyOf(line);
      if (line.isUnknown || factor > MOST_OFF || factor < 1 / MOST_OFF) continue;
      corrections.set(key, corrections.has(key) ? 'several' : correction);
    }
    for (const [index, step] of own.entries()) {
      const places = measured.filter(({ instruction }) => instruction === step.instruction);
      const exchange = { estimated: estimated[index]!.map(keyOf), measured: places };
      instructions.set(circumstances(step, file, facts), exchange);
    }
  }
  return { instructions, corrections, warning: warningOf(found, steps, image, chain) };
}

/**
 * Where a layer is so many times as large as it was estimated, or as small, it holds more than was
 * seen, or less: what another instruction copies out of it is not corrected by that.
 */
const MOST_OFF = 3;

/** The lines of a bill with measured figures where there are any. */
export function withMeasured(
  file: Dockerfile,
  stage: Stage,
  lines: readonly BillLine[],
  { instructions, corrections }: MeasuredLayers,
  facts: Facts,
): readonly BillLine[] {
  return chainOf(file, stage).flatMap((step) => {
    const { instruction } = step;
    const own = linesOf(step, lines);
    const exchange = instructions.get(circumstances(step, file, facts));
    if (exchange && isSame(exchange.estimated, own.map(keyOf))) {
      return exchange.measured.map((line) => ({ ...line, instruction }));
    }
    return own.map((line) =>
      corrected(line, corrections.get(placedKeyOf(line)) ?? corrections.get(keyOf(line))),
    );
  });
}

/** A layer of which only a part is left, or that lies elsewhere: its share is not measured. */
function corrected(line: BillLine, correction: Correction | 'several' | undefined): BillLine {
  if (typeof correction !== 'object' || line.amount.basis === 'measured') return line;
  const { factor, most } = correction;
  const { bytes, low, high, basis } = times(line.amount, factor);
  const whole = Math.round(bytes);
  return withAmount(line, {
    bytes: whole,
    low,
    high: Math.max(whole, Math.min(high, most)),
    basis,
  });
}

/** The same line, of which more is known. */
function withAmount({ instruction, kind, what, path }: BillLine, amount: Amount): BillLine {
  return { instruction, kind, what, amount, ...(path !== undefined && { path }) };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((key, index) => key === other[index]);
}

function keyOf({ kind, what, path = '', amount }: BillLine): string {
  return [kind, what, path, amount.bytes, amount.high].join('\0');
}

/** With the place in the input, which goes along when it is moved or edited. */
function placedKeyOf(line: BillLine): string {
  return `${placeOf(line.instruction.origin[0]!)}\0${keyOf(line)}`;
}

function linesOf({ instruction }: Step, lines: readonly BillLine[]): readonly BillLine[] {
  return lines.filter((line) => line.instruction === instruction);
}

/** FROM and what follows, through the stages that it stands on; the lowest FROM alone. */
function chainOf(file: Dockerfile, stage: Stage): readonly Step[] {
  const base = baseOf(file, stage);
  const below =
    base.kind === 'stage' ? chainOf(file, base.stage) : [{ instruction: stage.from, stage }];
  return [...below, ...stage.instructions.map((instruction) => ({ instruction, stage }))];
}

function makesLayer(instruction: Instruction): boolean {
  return instruction.kind === 'run' || isCopy(instruction) || instruction.kind === 'workdir';
}

/** Instructions, and what their layers weigh together. */
interface Group {
  readonly steps: readonly Step[];
  readonly bytes: number;
}

interface Found {
  readonly groups: readonly Group[];
  /** What lies below the first instruction; `undefined` where it is not known which that is. */
  readonly base: number | undefined;
  /** Why nothing could be taken from the image. */
  readonly why?: string;
}

function measuredGroups(
  steps: readonly Step[],
  { rows }: BuiltImage,
  matches: readonly Match[],
): Found {
  const firm = steps.filter(isFirm);
  const [first] = matches.filter(({ step }) => isFirm(step));
  if (firm.length === 0) return { groups: [], base: bytesOf(rows) };
  const nothing = { groups: [], base: undefined };
  if (!first) {
    return rows.every(({ createdBy }) => createdBy === '')
      ? { ...nothing, why: 'its history does not say which instruction made which layer' }
      : { ...nothing, why: 'its history has none of the instructions of this Dockerfile' };
  }
  // Not a WORKDIR below it: that may be one of the base's.
  const own = matches.filter(({ row }) => row >= first.row);
  const above = rows.slice(first.row);
  const isWhole = first.step === firm[0];
  const base = isWhole ? bytesOf(rows.slice(0, first.row)) : undefined;
  if (isFlattened(above)) {
    return isWhole && own.filter(({ step }) => isFirm(step)).length === firm.length
      ? { groups: [{ steps, bytes: bytesOf(above) }], base }
      : { ...nothing, why: 'several instructions share one layer of it' };
  }
  const groups = own.map(({ step, row }) => ({ steps: [step], bytes: rows[row]!.bytes }));
  return { groups, base };
}

/** A WORKDIR makes a folder at most, and a base may well have the same. */
function isFirm({ instruction }: Step): boolean {
  return instruction.kind !== 'workdir';
}

/**
 * Squashed, or built by buildah without layers: what an instruction made is in the layer of a later step.
 * A RUN alone says nothing: of one that changes no file, the classic builder makes no layer.
 */
function isFlattened(rows: readonly BuiltRow[]): boolean {
  return rows.some(({ createdBy, bytes, hasLayer }) => {
    const keyword = recordedStep(createdBy)?.keyword;
    const isCopied = keyword === 'COPY' || keyword === 'ADD';
    return keyword === undefined ? bytes > 0 : isCopied && !hasLayer;
  });
}

function bytesOf(rows: readonly BuiltRow[]): number {
  return rows.reduce((sum, { bytes }) => sum + bytes, 0);
}

function baseGroup(chain: readonly Step[], bytes: number): Group {
  return { steps: chain.slice(0, 1), bytes };
}

/**
 * Lines that weigh so much together, in the order in which they were; what is known to the byte stays
 * where the others can make up for it. Whole bytes, so that they add up.
 */
function shared(lines: readonly BillLine[], total: number, steps: readonly Step[]): BillLine[] {
  if (lines.length === 0) {
    const [{ instruction }] = steps as [Step];
    return total === 0
      ? []
      : [{ instruction, kind: 'other', what: 'what its layer holds', amount: exactly(total) }];
  }
  const isFixed = ({ amount }: BillLine): boolean => amount.low === amount.high;
  const weightOf = (all: readonly BillLine[]): number =>
    all.reduce((sum, { amount }) => sum + amount.bytes, 0);
  const fixed = lines.filter(isFixed);
  const rest = lines.filter((line) => !isFixed(line));
  const keepsFixed = weightOf(rest) > 0 && weightOf(fixed) < total;
  const spread = keepsFixed ? rest : lines;
  const weight = weightOf(spread);
  const amount = keepsFixed ? total - weightOf(fixed) : total;
  let left = amount;
  const sizes = new Map<BillLine, number>();
  for (const line of spread) {
    const share = weight > 0 ? line.amount.bytes / weight : 1 / spread.length;
    const bytes = Math.floor(amount * share);
    sizes.set(line, bytes);
    left -= bytes;
  }
  const largest = spread.toSorted((one, other) => other.amount.bytes - one.amount.bytes)[0]!;
  sizes.set(largest, sizes.get(largest)! + left);
  return lines.map((line) => withAmount(line, exactly(sizes.get(line) ?? line.amount.bytes)));
}

/** What an instruction does, and on what: where any of it is another, so may be its layer. */
function circumstances({ instruction, stage }: Step, file: Dockerfile, facts: Facts): string {
  const base = baseImage(file, stage);
  if (instruction.kind === 'from') {
    const platform = instruction.flags.map(({ value }) => value);
    return JSON.stringify(['from', base ?? instruction.image?.text, platform]);
  }
  const { workdir, user, shell, environment } = stateBefore(file, stage, instruction, facts);
  const place = instruction.origin.map(placeOf);
  const own = [place, instruction.text, workdir, user, shell, [...environment]];
  if (!isCopy(instruction)) return JSON.stringify([...own, base]);
  const source = stageNamed(fromOf(instruction), file, stage);
  const texts = source && chainOf(file, source).map((step) => step.instruction.text);
  return JSON.stringify([...own, texts]);
}

function warningOf(
  { groups, why }: Found,
  steps: readonly Step[],
  { name }: BuiltImage,
  chain: readonly Step[],
): Diagnostic | undefined {
  const known = new Set(groups.flatMap((group) => group.steps));
  const missing = steps.filter((step) => isFirm(step) && !known.has(step));
  const [first = chain[0]] = missing;
  if (!first || (missing.length === 0 && why === undefined)) return undefined;
  const all = steps.filter(isFirm).length;
  const { line, column } = first.instruction.origin[0]!;
  return {
    severity: 'warning',
    line,
    column,
    message:
      why === undefined
        ? `${missing.length} of ${all} instructions that make layers are not in the history of the image "${name}", this one first`
        : `no size was taken from the image "${name}": ${why}`,
    advice: 'their sizes are estimated; build the image of this Dockerfile again to measure them',
  };
}
