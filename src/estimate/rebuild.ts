/**
 * What a change of the project's own sources costs: which layers of the shipped image are made anew, so
 * that they are built, pushed and pulled again. A COPY from another stage is made anew only where what
 * it takes changes: dependencies that a stage installs before it sees the sources stay as they are.
 */
import { sum, type Amount } from '../analysis/amounts.ts';
import type { BuildContext } from '../analysis/context.ts';
import { baseName } from '../analysis/go-paths.ts';
import { filesAtEnd } from '../analysis/image-files.ts';
import { baseOf, fromOf, stageNamed } from '../analysis/stages.ts';
import { isCopy, type Dockerfile, type Instruction, type Stage } from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { Facts } from '../facts/types.ts';
import type { Bill } from './bill.ts';
import { holdsPackages } from './lying.ts';

export interface Rebuild {
  /** Layers with files in them that are made anew. */
  readonly layers: number;
  /** What these weigh. */
  readonly bytes: Amount;
}

/** @returns `undefined` where nothing is known of the build context, or it has no sources */
export function rebuildOf(
  file: Dockerfile,
  bill: Bill,
  { context, facts }: { readonly context: BuildContext | undefined; readonly facts: Facts },
): Rebuild | undefined {
  const last = file.stages.at(-1);
  if (!context || !last) return undefined;
  if (!hasSources(context)) return undefined;
  const anew = new Changed(file, context, facts).of(last);
  const layers = new Set<Instruction>();
  const amounts: Amount[] = [];
  for (const { instruction, amount } of bill.lines) {
    if (!anew.has(instruction)) continue;
    layers.add(instruction);
    amounts.push(amount);
  }
  return { layers: layers.size, bytes: sum(amounts) };
}

const known = new RunMemory<BuildContext, boolean>();

/** Asked of the file as it was, and as it came out. */
function hasSources(context: BuildContext): boolean {
  let has = known.get(context);
  if (has === undefined) {
    has = context.entries.some(({ kind, path }) => kind === 'file' && isSource(path));
    known.set(context, has);
  }
  return has;
}

const CODE =
  /\.([cm]?[jt]sx?|vue|svelte|py|rb|php|go|rs|java|kt|scala|clj|cs|fs|c|cc|cpp|h|hpp|ex|exs|erl|sh|pl|html?|css|scss|md|twig|erb|ejs|hbs|pug|jinja2?)$/i;

/** Files that say how the project is built, and not what it does. */
const SETTINGS =
  /^(.*\.config\.[cm]?[jt]s|setup\.py|conftest\.py|gulpfile\.[cm]?js|gruntfile\.js|readme.*|license.*|changelog.*)$/i;

function isSource(path: string): boolean {
  return CODE.test(path) && !SETTINGS.test(baseName(path)) && !/(^|\/)node_modules\//.test(path);
}

function hasSource(paths: Iterable<string>): boolean {
  for (const path of paths) if (isSource(path)) return true;
  return false;
}

/** Instructions that run again after a change of the sources, by stage. */
class Changed {
  private readonly done = new Map<Stage, ReadonlySet<Instruction>>();
  private readonly file: Dockerfile;
  private readonly context: BuildContext;
  private readonly facts: Facts;

  constructor(file: Dockerfile, context: BuildContext, facts: Facts) {
    this.file = file;
    this.context = context;
    this.facts = facts;
  }

  of(stage: Stage): ReadonlySet<Instruction> {
    let changed = this.done.get(stage);
    if (!changed) {
      // A stage that copies from itself would never end.
      this.done.set(stage, new Set());
      changed = this.found(stage);
      this.done.set(stage, changed);
    }
    return changed;
  }

  private found(stage: Stage): ReadonlySet<Instruction> {
    const base = baseOf(this.file, stage);
    const below = base.kind === 'stage' ? this.of(base.stage) : new Set<Instruction>();
    const { written } = filesAtEnd(this.file, stage, this.context, this.facts);
    const changed = new Set(below);
    let isAnew = below.size > 0;
    for (const each of stage.instructions) {
      if (isCopy(each) && !isAnew) {
        const from = fromOf(each);
        const source = from === undefined ? undefined : stageNamed(from, this.file, stage);
        isAnew = source
          ? this.takesChanged(
              each.sources.map(({ text }) => text),
              source,
            )
          : hasSource(written.get(each)?.values() ?? []);
      }
      if (isAnew) changed.add(each);
    }
    return changed;
  }

  /** Whether what is copied out of a stage is made by what runs again there. */
  private takesChanged(paths: readonly string[], source: Stage): boolean {
    const changed = this.of(source);
    if (changed.size === 0) return false;
    // Packages are the same files when they are installed again.
    return !paths.every((path) => holdsPackages(path) || /(^|\/)install\/?$/.test(path));
  }
}
