/** What does it cost to change one source file: seconds, and layers to be pushed and pulled? */
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import {
  entriesOf,
  makeContext,
  type BuildContext,
  type ContextEntry,
} from '../analysis/context.ts';
import { parseIgnore, type IgnoreRules } from '../analysis/dockerignore.ts';
import type { Pair, Rebuild, RebuildCost } from '../report/verification.ts';
import type { Builder, Built } from './build.ts';
import { changeCopy, copyContext } from './context-copy.ts';
import type { Engine } from './engine.ts';
import { layersOf } from './layers.ts';
import type { Order, Say } from './order.ts';
import { fileToTouch } from './touched-file.ts';

export interface RebuildRun {
  readonly order: Order;
  /** Where the copy of the context may lie. */
  readonly folder: string;
  readonly builder: Builder;
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly say: Say;
}

const SIDES = ['before', 'after'] as const;

/** Both are built from a copy of the context, once as it is and once with the change. */
export async function measureRebuild(run: RebuildRun): Promise<Rebuild> {
  const { order, folder, signal, say } = run;
  const edit = order.rebuild?.edit;
  const chosen = edit === undefined;
  const refuse = (why: string): Rebuild => ({ chosen, notes: [why] });
  say({ kind: 'phase', text: 'copying the build context' });
  const context = join(folder, 'context');
  const ignored = ignoreTexts(order);
  const copied = await copyContext(order.context, context, rulesFor(order, ignored), signal);
  if (copied.kind === 'refused') return refuse(`the context was not copied: ${copied.why}`);
  const { entries } = copied;
  const path = edit ? posix.normalize(edit.path) : chosenFile(context, order, entries, ignored);
  if (path === undefined) return refuse('the builds copy no file that looks like source code');
  if (!entries.some((each) => each.kind === 'file' && each.path === path)) {
    return refuse(`${path} is no file of the build context`);
  }
  const first = await buildBoth(run, context, 'rebuilding without a change:');
  const phase = `rebuilding with a change in ${path}:`;
  const second = await buildBoth(run, context, phase, () => {
    changeCopy(context, path, edit?.text, randomInt(1, MOST_LINES));
  });
  const notes = SIDES.flatMap((which) => notesOf(which, first[which]));
  return {
    file: path,
    chosen,
    notes,
    before: await costOf(first.before, second.before, run.engine),
    after: await costOf(first.after, second.after, run.engine),
  };
}

/**
 * A change of its own for each build, by blank lines at the end: the builder keeps what it built, and
 * would find the same change of the other side, or of an earlier run, in its cache.
 */
const MOST_LINES = 1000;

async function buildBoth(
  { order, builder, say }: RebuildRun,
  context: string,
  phase: string,
  change?: () => void,
): Promise<Pair<Built>> {
  const one = (which: 'before' | 'after'): Promise<Built> => {
    change?.();
    say({ kind: 'phase', text: `${phase} ${which}` });
    return builder.build({ source: order.sources[which], context, isCached: true });
  };
  return { before: await one('before'), after: await one('after') };
}

/** Steps that are no work of the Dockerfile's. */
const NO_WORK = /^\[[^\]]*\] FROM |^exporting /;

function notesOf(which: string, { succeeded, steps }: Built): string[] {
  if (!succeeded) return [`${which}: it does not build again, without any change`];
  const again = steps.filter(({ name, cached }) => !cached && !NO_WORK.test(name));
  if (again.length === 0) return [];
  const names = again.map(({ name }) => name).join(', ');
  return [`${which}: without any change these run again, so that its cost is too high: ${names}`];
}

async function costOf(
  first: Built,
  { tag, succeeded, seconds, steps, errors }: Built,
  engine: Engine,
): Promise<RebuildCost> {
  const canCompare = first.succeeded && succeeded;
  const layers = canCompare ? await changedLayers(first.tag, tag, engine) : [];
  const bytes = layers.reduce((sum, layer) => sum + layer.bytes, 0);
  return { succeeded, seconds, steps, layers, bytes, errors };
}

async function changedLayers(
  oldTag: string,
  newTag: string,
  engine: Engine,
): Promise<RebuildCost['layers']> {
  const [old, now] = [await engine.image(oldTag), await engine.image(newTag)];
  const isNew = (id: string): boolean => !old.diffIds.includes(id);
  const history = await engine.history(newTag);
  const layers = layersOf(history, now.diffIds);
  if (layers) {
    return layers
      .filter(({ diffId }) => isNew(diffId))
      .map(({ bytes, createdBy }) => ({ bytes, createdBy }));
  }
  // Which row is which layer cannot be told: all that stands on the first changed one is counted.
  const firstNew = now.diffIds.findIndex(isNew);
  if (firstNew < 0) return [];
  return history.filter(({ bytes }) => bytes > 0).slice(firstNew - now.diffIds.length);
}

/** The rules that each build goes by. */
function ignoreTexts({ context, sources }: Order): Pair<string> {
  const beside = join(context, '.dockerignore');
  const common = existsSync(beside) ? readFileSync(beside, 'utf8') : '';
  return { before: sources.before.ignore ?? common, after: sources.after.ignore ?? common };
}

/** By which files are left out of the copy. */
function rulesFor({ context }: Order, ignored: Pair<string>): IgnoreRules[] {
  // podman's own rules come first with podman: nothing is left out that they may let in.
  const isKnown = !existsSync(join(context, '.containerignore'));
  return isKnown ? SIDES.map((which) => parseIgnore(ignored[which])) : [];
}

/** One that both builders see. */
function chosenFile(
  folder: string,
  { sources }: Order,
  entries: readonly ContextEntry[],
  ignored: Pair<string>,
): string | undefined {
  const seenBy = (which: 'before' | 'after', all: readonly ContextEntry[]): BuildContext =>
    makeContext({ entries: all, ignore: { path: '.dockerignore', text: ignored[which] } });
  const seen = seenBy('before', entriesOf(seenBy('after', entries)));
  return fileToTouch(folder, seen, sources.before.text);
}
