/** Which files an instruction finds in the image because COPYs before it brought them. */
import {
  isCopy,
  type CopyInstruction,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
  type Stage,
  type ValueInstruction,
} from '../dockerfile/model.ts';
import type { Facts } from '../facts/types.ts';
import { makeContext, type BuildContext, type ContextEntry, type Gap } from './context.ts';
import { copiedBy, readsOf } from './copied.ts';
import { effectsOf } from './effects.ts';
import { baseName, folderOf, hasWildcards, pathInside } from './go-paths.ts';
import { resolvePath } from './paths.ts';
import { placeCovers } from './places.ts';
import { stageBelow } from './stages.ts';
import {
  heldBeforeEach,
  isShared,
  resolveWord,
  stateAfter,
  stateBefore,
  type Held,
} from './state.ts';
import { isLiteral } from './substitute.ts';
import { plainText, showText, textOf } from './values.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

/** Where a file of the image comes from. */
export interface Supply {
  readonly copy: CopyInstruction;
  /** In the build context. */
  readonly path: string;
  /** What was at the same place before. */
  readonly over?: Supply;
}

export interface ImageFiles {
  /** By their paths in the image, as a context of their own; gaps where other things may lie. */
  readonly files: BuildContext;
  /** By path in the image: the last instruction that brought it. */
  readonly supplies: ReadonlyMap<string, Supply>;
  /** By instruction: all paths in the image that it writes, with those in the build context. */
  readonly written: ReadonlyMap<CopyInstruction, ReadonlyMap<string, string>>;
  /** Those of the image that are known to be there: a file copied to one without a slash lies in it. */
  readonly folders: ReadonlySet<string>;
}

/** The folder of the image in which a container starts, without a slash in front. */
export function startFolder(file: Dockerfile, stage: Stage, facts: Facts): string {
  return stage.instructions.length === 0 ? '' : workFolder(stateAfter(file, stage, facts));
}

const workFolders = new RunMemory<Held['workdir'], string>();

/** The folder of the image in which commands run, without a slash in front. */
export function workFolder({ workdir }: Pick<Held, 'workdir'>): string {
  let folder = workFolders.get(workdir);
  if (folder === undefined) {
    folder = pathInside(showText(resolvePath(workdir.usual, ['.'])));
    workFolders.set(workdir, folder);
  }
  return folder;
}

/**
 * A path of the image, without a slash in front. What nobody knows of it stands in it as it would in
 * a remark, so that two paths in one unknown folder are seen to be neighbours.
 */
export function imagePath(state: Held, text: string, escape?: string): string {
  const word = isLiteral(text) ? undefined : resolveWord(state, text, escape).usual;
  const plain = word ? plainText(word) : text;
  if (plain?.startsWith('/') === true) return pathInside(plain);
  const folder = plainText(state.workdir.usual);
  if (plain !== undefined && folder !== undefined) {
    return pathInside(folder + (/^\.(?:\/|$)/.test(plain) ? plain.slice(1) : `/${plain}`));
  }
  return pathInside(showText(resolvePath(state.workdir.usual, word ?? textOf(text))));
}

export function filesBefore(
  file: Dockerfile,
  stage: Stage,
  instruction: Instruction,
  context: BuildContext,
  facts: Facts,
): ImageFiles {
  return filesUntil(stage.instructions.indexOf(instruction), stage, { file, context, facts });
}

/** The same for all places of the stage: before the instruction that stands there. */
export function filesBeforeEach(
  file: Dockerfile,
  stage: Stage,
  context: BuildContext,
  facts: Facts,
): (at: number) => ImageFiles {
  const all = reachedIn(stage, { file, context, facts });
  return (at) => (all[at]!.image ??= readFiles(all[at]!, context));
}

/** All that the files of an image are made of, but for the stage. */
export interface Whole {
  readonly file: Dockerfile;
  readonly context: BuildContext;
  readonly facts: Facts;
}

/** What a COPY brings and to where, or which folders a WORKDIR or RUN makes. */
interface Placing {
  readonly instruction: CopyInstruction | ValueInstruction | RunInstruction;
  /** Paths of the image; a COPY has one. */
  readonly targets: readonly string[];
  /** As the builder reads them, where that is known; `undefined`: it takes nothing of the build context. */
  readonly sources: readonly (string | undefined)[] | undefined;
  /** All of the above in one text. */
  readonly key: string;
}

/** The files behind some COPYs and WORKDIRs, and behind those that come next, as they are asked for. */
interface Reached {
  image?: ImageFiles;
  /** The last of them, and the files behind those before it. */
  readonly by?: { readonly placing: Placing; readonly from: Reached };
  readonly next: WeakMap<Instruction, Map<string, Reached>>;
}

// Many passes ask for the same, and from the same files follow the same answers about them: one value
// for all places with the same COPYs and WORKDIRs before them, whatever else is said, and whichever the file.
const known = new RunMemory<BuildContext, Reached>();

interface Asked {
  readonly of: Whole;
  /** In the order of the stage's instructions, and at its end. */
  readonly reached: readonly Reached[];
}

// By the stage itself: a pass may ask of one that it is changing and that is not in the file yet.
const imagesUntil = new RunMemory<Stage, Asked>();

function filesUntil(end: number, stage: Stage, of: Whole): ImageFiles {
  const all = reachedIn(stage, of);
  const reached = all[end < 0 ? all.length + end : end]!;
  return (reached.image ??= readFiles(reached, of.context));
}

function reachedIn(stage: Stage, of: Whole): readonly Reached[] {
  const last = imagesUntil.get(stage);
  if (last && isSameIn(last.of, of)) return last.reached;
  const below = stageBelow(of.file, stage);
  const start = below ? reachedIn(below, of).at(-1)! : startIn(of.context);
  const states = heldBeforeEach(of.file, stage, of.facts);
  let walked = walks.get(states);
  if (walked?.[0] !== start) walks.set(states, (walked = walk(stage, states, start, of)));
  imagesUntil.set(stage, { of, reached: walked });
  return walked;
}

// Of a stage that did not change, in a file that did. Its states are its own.
const walks = new RunMemory<ReadonlyMap<Instruction, Held>, readonly Reached[]>();

function walk(
  stage: Stage,
  states: ReadonlyMap<Instruction, Held>,
  start: Reached,
  { file, facts }: Whole,
): readonly Reached[] {
  const all = [start];
  let from = start;
  for (const each of stage.instructions) {
    if (isPlacing(each)) from = reachedBy(from, placingOf(each, states.get(each)!));
    else if (each.kind === 'run' && /\bmkdir\b/.test(each.text)) {
      const targets = foldersMadeBy(each, stage, file, facts);
      if (targets.length > 0) from = reachedBy(from, { instruction: each, ...saying(targets) });
    }
    all.push(from);
  }
  return all;
}

/** The folders that `mkdir` makes, and that are there when the RUN has ended. */
function foldersMadeBy(
  run: RunInstruction,
  stage: Stage,
  file: Dockerfile,
  facts: Facts,
): readonly string[] {
  const state = stateBefore(file, stage, run, facts);
  const { commands, mounts } = effectsOf(run, state, facts, 'usual');
  return commands.flatMap(({ program, certainty, writes }, index) => {
    if (program !== 'mkdir' || certainty === 'may run') return [];
    const gone = [...mounts, ...commands.slice(index + 1).flatMap(({ deletes }) => deletes)];
    return writes.flatMap((place) => {
      const path = plainText(place.path);
      if (path?.startsWith('/') !== true) return [];
      return gone.every((each) => placeCovers(each, place) === 'no') ? [pathInside(path)] : [];
    });
  });
}

export function isSameIn(one: Whole, other: Whole): boolean {
  return one.file === other.file && one.context === other.context && one.facts === other.facts;
}

function startIn(context: BuildContext): Reached {
  let reached = known.get(context);
  if (!reached) {
    known.set(context, (reached = { next: new WeakMap<Instruction, Map<string, Reached>>() }));
  }
  return reached;
}

function reachedBy(from: Reached, placing: Placing): Reached {
  const { instruction, key } = placing;
  let byKey = from.next.get(instruction);
  if (!byKey) from.next.set(instruction, (byKey = new Map<string, Reached>()));
  let reached = byKey.get(key);
  if (!reached) {
    const next = new WeakMap<Instruction, Map<string, Reached>>();
    byKey.set(key, (reached = { by: { placing, from }, next }));
  }
  return reached;
}

/** Whether what it says alone brings files, or makes a folder for them. */
function isPlacing(instruction: Instruction): instruction is CopyInstruction | ValueInstruction {
  const { kind } = instruction;
  return kind === 'copy' || kind === 'add' || kind === 'workdir';
}

const placings = new RunMemory<Held, WeakMap<Instruction, Placing>>();

function placingOf(instruction: CopyInstruction | ValueInstruction, state: Held): Placing {
  let byInstruction = placings.get(state);
  if (!byInstruction) placings.set(state, (byInstruction = new WeakMap<Instruction, Placing>()));
  let placing = byInstruction.get(instruction);
  if (!placing) byInstruction.set(instruction, (placing = readPlacing(instruction, state)));
  return placing;
}

/** What a COPY or WORKDIR says, by its text. */
type Said = Omit<Placing, 'instruction'>;

function saying(targets: Said['targets'], sources?: Said['sources']): Said {
  return { targets, sources, key: JSON.stringify([targets, sources]) };
}

const saidIn = new WeakMap<Held, Map<string, Said>>();

/** So many are kept for each state that files share. */
const MOST_SAID = 64;

function readPlacing(instruction: CopyInstruction | ValueInstruction, state: Held): Placing {
  if (!isShared(state)) return { instruction, ...readSaid(instruction, state) };
  let byText = saidIn.get(state);
  if (!byText) saidIn.set(state, (byText = new Map<string, Said>()));
  const text = instruction.escape + instruction.text;
  let said = byText.get(text);
  if (!said) {
    if (byText.size >= MOST_SAID) byText.clear();
    byText.set(text, (said = readSaid(instruction, state)));
  }
  return { instruction, ...said };
}

function readSaid(instruction: CopyInstruction | ValueInstruction, state: Held): Said {
  const { escape } = instruction;
  const text = isCopy(instruction) ? (instruction.destination?.text ?? '') : instruction.argsText;
  // A variable that is empty names nothing: it is there to be set at the build.
  const sources = readsOf(instruction)?.sources.map(
    (source) => plainText(resolveWord(state, source, escape).usual) || undefined,
  );
  return saying([imagePath(state, text, escape)], sources);
}

function readFiles(reached: Reached, context: BuildContext): ImageFiles {
  const all: Placing[] = [];
  for (let { by } = reached; by; by = by.from.by) all.push(by.placing);
  const image = new Image(context);
  for (const { instruction: each, targets, sources } of all.toReversed()) {
    if (isCopy(each)) image.copy(each, targets[0]!, sources);
    else for (const folder of targets) image.addFolder(folder);
  }
  return image.finished();
}

/** All that COPYs brought when the stage ends. */
export function filesAtEnd(
  file: Dockerfile,
  stage: Stage,
  context: BuildContext,
  facts: Facts,
): ImageFiles {
  return filesUntil(-1, stage, { file, context, facts });
}

/** Files of the image, growing instruction by instruction. */
class Image {
  /** Folders that are there although no file is known in them, and those above anything that is. */
  private readonly folders = new Set<string>(['']);
  private readonly entries = new Map<string, ContextEntry>();
  private readonly supplies = new Map<string, Supply>();
  private readonly written = new Map<CopyInstruction, Map<string, string>>();
  private readonly gaps: Gap[] = [];
  private readonly context: BuildContext;

  constructor(context: BuildContext) {
    this.context = context;
  }

  copy(copy: CopyInstruction, target: string, sources: Placing['sources']): void {
    const text = copy.destination?.text ?? '';
    const reads = readsOf(copy);
    const line = copy.origin[0]!.line;
    const hasOthers = !reads || reads.sources.length < copy.sources.length;
    const unpacks = copy.kind === 'add' && sources?.some((source) => isArchive(source ?? ''));
    if (!sources || hasOthers || unpacks || sources.includes(undefined)) {
      this.gaps.push({ path: target, why: `may hold what line ${line} copies` });
    }
    for (const source of sources ?? []) {
      if (source === undefined || (unpacks && isArchive(source))) continue;
      const copied = copiedBy(this.context, source, reads);
      if (copied.gap) {
        const { path, why } = copied.gap;
        this.gaps.push({
          path: target,
          why: `may hold what is in ${path || 'the context'}, which ${why}`,
        });
      }
      const intoFolder =
        /(^|\/)\.?$/.test(text) ||
        copy.sources.length > 1 ||
        hasWildcards(source) ||
        this.isFolder(target);
      for (const { entry, to } of copied.entries) {
        // A file that is named may take another name; what is in a folder keeps its own.
        const isNamed =
          copied.entries.length === 1 && entry.kind === 'file' && to === baseName(source);
        const path = isNamed && !intoFolder ? target : target === '' ? to : `${target}/${to}`;
        this.put(copy, path, entry);
      }
    }
  }

  private isFolder(path: string): boolean {
    return this.folders.has(path) || this.entries.get(path)?.kind === 'folder';
  }

  addFolder(path: string): void {
    for (let each = path; !this.folders.has(each); each = folderOf(each)) this.folders.add(each);
  }

  private put(copy: CopyInstruction, path: string, entry: ContextEntry): void {
    const folder = folderOf(path);
    if (!this.folders.has(folder)) this.addFolder(folder);
    this.entries.set(path, path === entry.path ? entry : Object.assign({ ...entry }, { path }));
    const over = this.supplies.get(path);
    const supply = { copy, path: entry.path };
    this.supplies.set(path, over ? { ...supply, over } : supply);
    let paths = this.written.get(copy);
    if (!paths) this.written.set(copy, (paths = new Map<string, string>()));
    paths.set(path, entry.path);
  }

  finished(): ImageFiles {
    const texts = new Map<string, string>();
    const unread = new Map<string, string>();
    for (const [path, { path: from }] of this.supplies) {
      const text = this.context.texts.get(from);
      const why = this.context.unread.get(from);
      if (text !== undefined) texts.set(path, text);
      if (why !== undefined) unread.set(path, why);
    }
    const entries = [...this.entries.values()];
    const files = makeContext({ entries, texts, unread, gaps: this.gaps });
    return { files, supplies: this.supplies, written: this.written, folders: this.folders };
  }
}

/** Names under which ADD unpacks a local file. */
function isArchive(name: string): boolean {
  return /\.(tar|tgz|tbz2?|txz|gz|bz2|xz|zst)$/i.test(name);
}
