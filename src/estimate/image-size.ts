/**
 * What the image of a stage weighs before anybody has built it: its base, and what each layer on it
 * adds. Sizes are sums of the bytes of all files in all layers, as `docker image inspect` tells them with
 * the classic image store: what a later layer deletes stays, and what it changes counts twice.
 */
import { exactly, type Amount } from '../analysis/amounts.ts';
import type { BuildContext } from '../analysis/context.ts';
import { filesAtEnd, type ImageFiles } from '../analysis/image-files.ts';
import { imageOf, imagesBelow } from '../analysis/images.ts';
import { baseImage, baseOf, fromOf, stageNamed } from '../analysis/stages.ts';
import { stateBefore } from '../analysis/state.ts';
import {
  isCopy,
  type CopyInstruction,
  type Dockerfile,
  type Instruction,
  type Stage,
} from '../dockerfile/model.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import { anyStepsOf } from '../shipping/steps.ts';
import { billOf, UNKNOWN, type Bill, type BillLine } from './bill.ts';
import type { BuiltImage } from './built-image.ts';
import { copiedItems, foreignItems, takenItems } from './copy-size.ts';
import { laidOver, type Item } from './lying.ts';
import { measuredLayers, withMeasured, type MeasuredLayers } from './measured.ts';
import { runSize } from './run-size.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

export interface SizeScope {
  readonly context: BuildContext | undefined;
  readonly facts: Facts;
  /** What is known from an image that was built. */
  readonly measured?: MeasuredLayers | undefined;
}

/** The bill of a stage's image; of the last one, it is the shipped image's. */
export function imageBill(file: Dockerfile, stage: Stage, scope: SizeScope): Bill {
  const { measured, facts } = scope;
  const { lines } = new Stages(file, scope).of(stage);
  return billOf(measured ? withMeasured(file, stage, lines, measured, facts) : lines);
}

/** What an image that was built from the Dockerfile says of what this one ships. */
export function measuredBy(
  image: BuiltImage,
  file: Dockerfile,
  { context, facts }: SizeScope,
): MeasuredLayers | undefined {
  const last = file.stages.at(-1);
  if (!last) return undefined;
  const { lines } = new Stages(file, { context, facts }).of(last);
  return measuredLayers(file, last, lines, image, facts);
}

const known = new RunMemory<Dockerfile, { readonly scope: SizeScope; readonly bill: Bill }>();

/** The bill of what a Dockerfile ships; the same file is asked about more than once. */
export function shippedBill(file: Dockerfile, scope: SizeScope): Bill {
  const { context, facts, measured } = scope;
  const asked = known.get(file);
  const isSame =
    asked?.scope.context === context &&
    asked?.scope.facts === facts &&
    asked?.scope.measured === measured;
  if (asked && isSame) return asked.bill;
  const last = file.stages.at(-1);
  const bill = last ? imageBill(file, last, scope) : billOf([]);
  known.set(file, { scope, bill });
  return bill;
}

interface Built {
  readonly lines: readonly BillLine[];
  readonly lying: readonly Item[];
  /** Packages that were installed on the base. */
  readonly installed: ReadonlySet<string>;
}

/** A line that is being written: field by field, as hundreds are. */
type Filled = { -readonly [Field in keyof BillLine]: BillLine[Field] };

/** Bills of stages, each made once. */
class Stages {
  private readonly done = new Map<Stage, Built>();
  private readonly files = new Map<Stage, ImageFiles>();
  private readonly file: Dockerfile;
  private readonly scope: SizeScope;

  constructor(file: Dockerfile, scope: SizeScope) {
    this.file = file;
    this.scope = scope;
  }

  of(stage: Stage): Built {
    let built = this.done.get(stage);
    if (!built) {
      // A stage that copies from itself would never end.
      this.done.set(stage, { lines: [], lying: [], installed: new Set() });
      built = this.made(stage);
      this.done.set(stage, built);
    }
    return built;
  }

  private made(stage: Stage): Built {
    const { file } = this;
    const { context, facts } = this.scope;
    const base = baseOf(file, stage);
    const name = baseImage(file, stage);
    const image = name && imageOf(name, facts);
    const below: Built =
      base.kind === 'stage'
        ? this.of(base.stage)
        : { lines: [this.baseLine(stage, image)], lying: [], installed: new Set() };
    const steps = anyStepsOf({ file, stage, image, context, facts });
    const lines = [...below.lines];
    const installed = new Set(below.installed);
    let { lying } = below;
    const add = (instruction: Instruction, items: readonly Item[]): void => {
      for (const { path, kind, what, amount: own, isUnknown } of items) {
        // Whole bytes, so that what edits save adds up.
        const { low, high, basis } = own;
        const amount = { bytes: Math.round(own.bytes), low, high, basis };
        const line: Filled = { instruction, kind, what, amount };
        if (isUnknown) line.isUnknown = true;
        if (path !== undefined) line.path = path;
        lines.push(line);
      }
    };
    // One for each RUN, in their order.
    let next = 0;
    for (const each of stage.instructions) {
      if (isCopy(each)) {
        const items = this.copied(each, stage, context);
        add(each, items);
        lying = laidOver(lying, items);
      } else if (each.kind === 'run') {
        const state = stateBefore(file, stage, each, facts);
        const run = steps[next++]!;
        const size = runSize(run, { run: each, state, image, facts, installed, lying });
        add(each, size.added);
        ({ lying } = size);
      }
    }
    return { lines, lying, installed };
  }

  private baseLine(stage: Stage, image: Image | undefined): BillLine {
    const { facts } = this.scope;
    const instruction = stage.from;
    const word = stage.from.image?.text ?? 'the base';
    if (word.toLowerCase() === 'scratch') {
      return { instruction, kind: 'base', what: 'scratch', amount: exactly(0) };
    }
    const amount = image && sizeOf(image, facts);
    const what = image ? `${image.name}:${image.tag}` : word;
    return amount
      ? { instruction, kind: 'base', what, amount }
      : { instruction, kind: 'base', what, amount: UNKNOWN.base, isUnknown: true };
  }

  /** Of the build context; each stage is looked at once. */
  private filesOf(stage: Stage): ImageFiles | undefined {
    const { context, facts } = this.scope;
    let files = this.files.get(stage);
    if (!files && context) {
      files = filesAtEnd(this.file, stage, context, facts);
      this.files.set(stage, files);
    }
    return files;
  }

  private copied(
    copy: CopyInstruction,
    stage: Stage,
    context: BuildContext | undefined,
  ): readonly Item[] {
    const { facts } = this.scope;
    const state = stateBefore(this.file, stage, copy, facts);
    const from = fromOf(copy);
    if (from === undefined) {
      return copiedItems(copy, { state, context, image: this.filesOf(stage), facts });
    }
    const source = stageNamed(from, this.file, stage);
    if (source) {
      const name = source.from.stageName ?? `stage ${source.index}`;
      return takenItems(copy, state, this.of(source).lying, name, facts);
    }
    return foreignItems(copy, state, from, undefined);
  }
}

/** Of an image, or where no row has its size, of the one that it is made of. */
function sizeOf(image: Image, facts: Facts): Amount | undefined {
  if (image.size) return image.size;
  const below = imagesBelow(image, facts).find(({ size }) => size !== undefined)?.size;
  return below && { bytes: below.bytes, low: below.low, high: below.high * 2, basis: 'model' };
}
