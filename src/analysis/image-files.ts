/** Which files an instruction finds in the image because COPYs before it brought them. */
import type { CopyInstruction, Dockerfile, Instruction, Stage } from '../dockerfile/model.ts';
import type { Facts } from '../facts/types.ts';
import {
  entryAt,
  isWithin,
  makeContext,
  type BuildContext,
  type ContextEntry,
  type Gap,
} from './context.ts';
import { copiedBy, readsOf } from './copied.ts';
import { baseName, hasWildcards, pathInside } from './go-paths.ts';
import { resolvePath } from './paths.ts';
import { baseOf, fromOf, stageNamed } from './stages.ts';
import { resolveWord, stateAfter, stateBefore, type State } from './state.ts';
import { plainText, showText } from './values.ts';

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
}

/** The folder of the image in which a container starts, without a slash in front. */
export function startFolder(file: Dockerfile, stage: Stage, facts: Facts): string {
  const last = stage.instructions.at(-1);
  if (!last) return '';
  const state = stateBefore(file, stage, last, facts);
  return imagePath({ ...state, workdir: stateAfter(file, stage, facts).workdir }, '.');
}

/**
 * A path of the image, without a slash in front. What nobody knows of it stands in it as it would in
 * a remark, so that two paths in one unknown folder are seen to be neighbours.
 */
export function imagePath(state: State, text: string, escape?: string): string {
  const word = resolveWord(state, text, escape);
  return pathInside(showText(resolvePath(state.workdir.usual, word.usual)));
}

export function filesBefore(
  file: Dockerfile,
  stage: Stage,
  instruction: Instruction,
  context: BuildContext,
  facts: Facts,
): ImageFiles {
  return filesUntil({ file, stage, instruction, context, facts });
}

interface Moment {
  readonly file: Dockerfile;
  readonly stage: Stage;
  /** The first that did not run; `undefined`: all ran. */
  readonly instruction: Instruction | undefined;
  readonly context: BuildContext;
  readonly facts: Facts;
}

interface Known {
  readonly moment: Moment;
  readonly image: ImageFiles;
}

// Many passes ask for the same, and from the same files follow the same answers about them. By the
// stage itself: a pass may ask of one that is not in the file yet.
const known = new WeakMap<Dockerfile, WeakMap<Stage, Known[]>>();

function filesUntil(moment: Moment): ImageFiles {
  const { file, stage, instruction, context, facts } = moment;
  let byStage = known.get(file);
  if (!byStage) known.set(file, (byStage = new WeakMap<Stage, Known[]>()));
  let all = byStage.get(stage);
  if (!all) byStage.set(stage, (all = []));
  const before = all.find(
    (each) =>
      each.moment.instruction === instruction &&
      each.moment.context === context &&
      each.moment.facts === facts,
  );
  if (before) return before.image;
  const image = readFilesUntil(moment);
  all.push({ moment, image });
  return image;
}

function readFilesUntil({ file, stage, instruction, context, facts }: Moment): ImageFiles {
  const image = new Image(context);
  for (const [each, its] of lineage(file, stage, instruction)) {
    const state = stateBefore(file, its, each, facts);
    if (each.kind === 'workdir') image.folders.add(imagePath(state, each.argsText, each.escape));
    if (each.kind === 'copy' || each.kind === 'add') image.copy(each, state);
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
  return filesUntil({ file, stage, instruction: undefined, context, facts });
}

/**
 * All files of the build context that the stage's image holds when it ends, by their paths there, also
 * those that come through other stages.
 */
export function filesOfImage(
  file: Dockerfile,
  stage: Stage,
  context: BuildContext,
  facts: Facts,
): BuildContext {
  const own = filesAtEnd(file, stage, context, facts).files;
  const copied = lineage(file, stage, undefined).flatMap(([each, its]) => {
    const source = each.kind === 'copy' ? stageNamed(fromOf(each), file, its) : undefined;
    if (each.kind !== 'copy' || !source) return [];
    const inner = filesOfImage(file, source, context, facts);
    const state = stateBefore(file, its, each, facts);
    const text = each.destination?.text ?? '';
    const target = imagePath(state, text, each.escape);
    const intoFolder = /(^|\/)\.?$/.test(text) || each.sources.length > 1;
    return each.sources.map((word) => {
      const from = pathInside(plainText(resolveWord(state, word.text, each.escape).usual) ?? '?');
      return movedFiles(inner, from, target, intoFolder);
    });
  });
  if (copied.length === 0) return own;
  const parts = [...copied, own];
  const byPath = new Map(parts.flatMap(({ entries }) => entries.map((each) => [each.path, each])));
  return makeContext({
    entries: [...byPath.values()],
    texts: new Map(parts.flatMap(({ texts }) => [...texts])),
    unread: new Map(parts.flatMap(({ unread }) => [...unread])),
    gaps: parts.flatMap(({ gaps }) => gaps),
  });
}

/** What lies at or below a path, at another place. */
function movedFiles(
  files: BuildContext,
  from: string,
  target: string,
  intoFolder: boolean,
): Pick<BuildContext, 'entries' | 'texts' | 'unread' | 'gaps'> {
  const entry = entryAt(files, from);
  const isFile = entry !== undefined && entry.kind !== 'folder';
  const top = isFile && intoFolder ? pathInside(`${target}/${baseName(from)}`) : target;
  const place = (path: string): string | undefined =>
    isWithin(path, from) ? pathInside(`${top}/${path.slice(from.length)}`) : undefined;
  const moved = <T>(all: ReadonlyMap<string, T>): Map<string, T> =>
    new Map(
      [...all].flatMap(([path, value]): [string, T][] => {
        const to = place(path);
        return to === undefined ? [] : [[to, value]];
      }),
    );
  return {
    entries: files.entries.flatMap((each) => {
      const path = place(each.path);
      return path === undefined || path === '' ? [] : [{ ...each, path }];
    }),
    texts: moved(files.texts),
    unread: moved(files.unread),
    gaps: files.gaps.flatMap((gap) => {
      const path = place(gap.path) ?? (isWithin(from, gap.path) ? top : undefined);
      return path === undefined ? [] : [{ ...gap, path }];
    }),
  };
}

/** The instructions that ran before this one in the same image, with their stages, oldest first. */
function lineage(
  file: Dockerfile,
  stage: Stage,
  until: Instruction | undefined,
): [Instruction, Stage][] {
  const base = baseOf(file, stage);
  const below = base.kind === 'stage' ? lineage(file, base.stage, undefined) : [];
  const end = until ? stage.instructions.indexOf(until) : stage.instructions.length;
  return [
    ...below,
    ...stage.instructions.slice(0, end).map((each): [Instruction, Stage] => [each, stage]),
  ];
}

/** Files of the image, growing instruction by instruction. */
class Image {
  /** Folders that are there although no file is known in them. */
  readonly folders = new Set<string>(['']);
  private readonly entries = new Map<string, ContextEntry>();
  private readonly supplies = new Map<string, Supply>();
  private readonly written = new Map<CopyInstruction, Map<string, string>>();
  private readonly gaps: Gap[] = [];
  private readonly context: BuildContext;

  constructor(context: BuildContext) {
    this.context = context;
  }

  copy(copy: CopyInstruction, state: State): void {
    const text = copy.destination?.text ?? '';
    const target = imagePath(state, text, copy.escape);
    const reads = readsOf(copy);
    // A variable that is empty names nothing: it is there to be set at the build.
    const sources = reads?.sources.map(
      (source) => plainText(resolveWord(state, source, copy.escape).usual) || undefined,
    );
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
        const path = isNamed && !intoFolder ? target : pathInside(`${target}/${to}`);
        this.put(copy, path, entry);
      }
    }
  }

  private isFolder(path: string): boolean {
    return (
      this.folders.has(path) ||
      this.entries.get(path)?.kind === 'folder' ||
      [...this.folders, ...this.entries.keys()].some((each) => each.startsWith(`${path}/`))
    );
  }

  private put(copy: CopyInstruction, path: string, entry: ContextEntry): void {
    this.entries.set(path, { ...entry, path });
    const over = this.supplies.get(path);
    this.supplies.set(path, { copy, path: entry.path, ...(over && { over }) });
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
    return { files, supplies: this.supplies, written: this.written };
  }
}

/** Names under which ADD unpacks a local file. */
function isArchive(name: string): boolean {
  return /\.(tar|tgz|tbz2?|txz|gz|bz2|xz|zst)$/i.test(name);
}
