/** Which stage stands on which, and which of them are shipped. */
import { foundOnce } from '../dockerfile/found-once.ts';
import type { CopyInstruction, Dockerfile, Instruction, Stage } from '../dockerfile/model.ts';
import { globalScope, resolveWord } from './scope.ts';
import { plainText } from './values.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

/** What a stage stands on. */
export type Base =
  | { readonly kind: 'stage'; readonly stage: Stage }
  | { readonly kind: 'image'; readonly image: ImageName }
  /** A variable without a known value, or `scratch`. */
  | { readonly kind: 'unknown' };

export interface ImageName {
  /** Without `docker.io/` and `library/`: `node`, `phusion/baseimage`, `ghcr.io/a/b`. */
  readonly name: string;
  /** `latest` where none is written. */
  readonly tag: string;
  /** `sha256:…` where the reference is pinned. */
  readonly digest?: string;
}

// By the stage itself: a pass may ask of one that it is changing and that is not in the file yet.
const bases = new RunMemory<Stage, { readonly file: Dockerfile; readonly base: Base }>();

export function baseOf(file: Dockerfile, stage: Stage): Base {
  const last = bases.get(stage);
  // What the first stage stands on, only global ARGs can change.
  if (last && (last.file === file || (stage.index === 0 && last.file.globals === file.globals))) {
    return last.base;
  }
  const base = readBase(file, stage);
  bases.set(stage, { file, base });
  return base;
}

function readBase(file: Dockerfile, stage: Stage): Base {
  const { image, escape } = stage.from;
  const reference = plainText(resolveWord(globalScope(file), image?.text ?? '', escape).usual);
  if (reference === undefined || reference === '' || reference.toLowerCase() === 'scratch') {
    return { kind: 'unknown' };
  }
  const below = stage.index > 0 && stageAbove(reference, file, stage);
  return below ? { kind: 'stage', stage: below } : { kind: 'image', image: imageName(reference) };
}

/** The stage that a stage stands on, if it is one. */
export function stageBelow(file: Dockerfile, stage: Stage): Stage | undefined {
  // Mostly there is none above it.
  const base = stage.index > 0 ? baseOf(file, stage) : undefined;
  return base?.kind === 'stage' ? base.stage : undefined;
}

/** The parts of an image's name; files of one project stand on few. */
export const imageName: (reference: string) => ImageName = foundOnce(256, readName);

function readName(reference: string): ImageName {
  const digest = /@(.*)$/.exec(reference)?.[1];
  const pinned = digest !== undefined && { digest };
  const plain = reference
    .replace(/@.*$/, '')
    .replace(/^(registry-1\.|index\.)?docker\.io\//, '')
    .replace(/^library\//, '');
  const colon = plain.lastIndexOf(':');
  return colon > plain.lastIndexOf('/')
    ? { name: plain.slice(0, colon), tag: plain.slice(colon + 1), ...pinned }
    : { name: plain, tag: 'latest', ...pinned };
}

/** The image at the bottom of a stage, through the stages that it stands on. */
export function baseImage(file: Dockerfile, stage: Stage): ImageName | undefined {
  const base = baseOf(file, stage);
  if (base.kind === 'stage') return baseImage(file, base.stage);
  return base.kind === 'image' ? base.image : undefined;
}

/** The stages whose layers are in the shipped image: the last one and those that it stands on. */
export function shippedStages(file: Dockerfile): ReadonlySet<number> {
  let shipped = shippedIn.get(file);
  if (!shipped) shippedIn.set(file, (shipped = findShipped(file)));
  return shipped;
}

const shippedIn = new RunMemory<Dockerfile, ReadonlySet<number>>();

function findShipped(file: Dockerfile): ReadonlySet<number> {
  const shipped = new Set<number>();
  for (let stage = file.stages.at(-1); stage; stage = stageBelow(file, stage)) {
    shipped.add(stage.index);
  }
  return shipped;
}

/** The stages that stand on this one, directly or not. */
export function descendants(file: Dockerfile, stage: Stage): readonly Stage[] {
  return file.stages.filter((other) => {
    for (let each: Stage | undefined = other; each;) {
      each = stageBelow(file, each);
      if (each?.index === stage.index) return true;
    }
    return false;
  });
}

/** The instructions that ran before this one in the same image, oldest first. */
export function instructionsBefore(
  file: Dockerfile,
  stage: Stage,
  instruction: Instruction,
): readonly Instruction[] {
  const own = stage.instructions.slice(0, stage.instructions.indexOf(instruction));
  const below = stageBelow(file, stage);
  return below ? [...lineage(file, below), ...own] : own;
}

function lineage(file: Dockerfile, stage: Stage): readonly Instruction[] {
  const below = stageBelow(file, stage);
  return below ? [...lineage(file, below), ...stage.instructions] : stage.instructions;
}

/** What a COPY names as its source instead of the build context. */
export function fromOf(copy: CopyInstruction): string | undefined {
  if (copy.flags.length === 0) return undefined;
  return copy.flags.find(({ name }) => name === 'from')?.value;
}

/** The stage that a COPY --from means. */
export function stageNamed(
  name: string | undefined,
  file: Dockerfile,
  before: Stage,
): Stage | undefined {
  if (name === undefined) return undefined;
  const named = stageAbove(name, file, before);
  return named ?? (/^\d+$/.test(name) ? file.stages[Number(name)] : undefined);
}

function stageAbove(name: string, { stages }: Dockerfile, { index }: Stage): Stage | undefined {
  const inLowerCase = name.toLowerCase();
  return stages.findLast((each) => each.index < index && each.from.stageName === inLowerCase);
}
