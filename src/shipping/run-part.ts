/** The part of a RUN that the shipped image needs, as a RUN of its own. */
import { splice, type Splice } from '../dockerfile/edit.ts';
import type { RunInstruction } from '../dockerfile/model.ts';
import { withText } from '../dockerfile/parse.ts';
import { printRun } from '../dockerfile/print.ts';
import { runBody, type Script, type ShellWord } from '../dockerfile/shell.ts';
import type { Style } from '../dockerfile/style.ts';
import type { Fate } from './fate.ts';
import type { Fates } from './fates.ts';
import { withoutWord, withoutWords } from './package-lines.ts';
import type { RunSteps, Step } from './steps.ts';

export type Part =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'run'; readonly run: RunInstruction }
  | { readonly kind: 'refused'; readonly why: string };

const SHIPPED: ReadonlySet<Fate['kind']> = new Set(['ship', 'fewer', 'folder only']);

/** Whether any command of the RUN must run for the shipped image, and whether any is for the build. */
export interface Sides {
  readonly ships: boolean;
  /** Some of it must not be shipped. */
  readonly builds: boolean;
  /** It belongs to the build, if only as a check of what it made. */
  readonly isBuild: boolean;
}

export function sidesOf({ steps }: RunSteps, fates: Fates): Sides {
  const kinds = steps.map((step) => fates.get(step)!.kind);
  const ships = kinds.some((kind) => SHIPPED.has(kind));
  const builds = kinds.some((kind) => kind === 'build' || kind === 'fewer');
  // What is copied from the build with its owners must have got them there.
  const isHandedOver = steps.some((step) => {
    const fate = fates.get(step)!;
    return fate.kind === 'folder only' && fate.owner === undefined;
  });
  const isBuild = builds || isHandedOver || (!ships && kinds.includes('nothing'));
  return { ships, builds, isBuild };
}

export function shippedPart(runs: RunSteps, fates: Fates, style: Style): Part {
  const { run, body, steps } = runs;
  const { ships } = sidesOf(runs, fates);
  if (!ships) return { kind: 'nothing' };
  const isWhole = steps.every((step) => !/^(build|fewer|folder only)$/.test(fates.get(step)!.kind));
  if (isWhole) return { kind: 'run', run };
  const line = run.origin[0]!.line;
  const refused = { kind: 'refused', why: `line ${line} does too much to be divided` } as const;
  if (body.kind !== 'script' || run.heredocs.length > 0) return refused;
  const splices = steps.flatMap((step) => edits(run, step, fates.get(step)!, fates));
  const edited = splices.length > 0 ? splice(run, splices) : run;
  const again = runBody(edited);
  if (again.kind !== 'script' || again.commands.length !== body.commands.length) return refused;
  const kept = linksToKeep(body, steps, fates);
  if (kept === undefined) return refused;
  const isAll = kept.length === linkCount(body);
  if (isAll) return { kind: 'run', run: edited };
  const pieces = kept.map(([chain, link]) => {
    const { start, end } = again.chains[chain]!.links[link]!;
    return { code: edited.text.slice(start, end), comments: [] };
  });
  const head = [run.keyword, ...run.flags.map(({ start, end }) => run.text.slice(start, end))].join(
    ' ',
  );
  return { kind: 'run', run: withText(run, printRun(head, pieces, run.escape, style)) };
}

function linkCount({ chains }: Script): number {
  return chains.reduce((sum, { links }) => sum + links.length, 0);
}

/** By chain and link; `undefined` where one command of a link is for the build and another is not. */
function linksToKeep(
  body: Script,
  steps: readonly Step[],
  fates: Fates,
): readonly (readonly [number, number])[] | undefined {
  const kept: [number, number][] = [];
  const last = steps.findLastIndex((step) => SHIPPED.has(fates.get(step)!.kind));
  for (const [chain, { links, background }] of body.chains.entries()) {
    if (background) return undefined;
    for (const [link, each] of links.entries()) {
      const own = steps.filter(({ command }) => command?.chain === chain && command.link === link);
      const kinds = own.map((step) => fates.get(step)!.kind);
      const ships = kinds.some((kind) => SHIPPED.has(kind));
      const builds = kinds.includes('build');
      if ((ships && builds) || each.operator === '||') return undefined;
      const isSetting =
        kinds.length > 0 &&
        kinds.every((kind) => kind === 'setting') &&
        own.every(
          (step) =>
            steps.indexOf(step) < last &&
            (step.command?.words[0]?.literal !== 'cd' ||
              isFolderOfUse(steps.slice(steps.indexOf(step) + 1), fates)),
        );
      if (ships || isSetting) kept.push([chain, link]);
    }
  }
  // What follows `;` runs although what is before it fails: as a list joined by && it would not.
  const chains = new Set(kept.map(([chain]) => chain));
  return chains.size > 1 && body.chains.some(({ links }) => links.length > 1) ? undefined : kept;
}

/** Whether anything shipped may care where it runs: managers of packages do not, and the folder may be gone. */
function isFolderOfUse(behind: readonly Step[], fates: Fates): boolean {
  return behind.some((step) => SHIPPED.has(fates.get(step)!.kind) && step.role.kind !== 'packages');
}

function edits(run: RunInstruction, step: Step, fate: Fate, fates: Fates): Splice[] {
  const { command, role } = step;
  if (!command) return [];
  if (fate.kind === 'folder only') return [withoutWord(run, command, command.words[1]!)];
  if (fate.kind !== 'fewer' || role.kind !== 'packages') return [];
  const { operands } = role.packages;
  const had = new Set(operands.map(({ literal }) => literal));
  const added = new Set<string>();
  const gone: ShellWord[] = [];
  const packages = operands.flatMap((word): Splice[] => {
    if (!fate.left.includes(word.literal ?? word.text)) return [];
    const names = (fate.renamed.find(({ from }) => from === word.literal)?.to ?? []).filter(
      (name) => !had.has(name) && !added.has(name),
    );
    for (const name of names) added.add(name);
    if (names.length > 0) return [{ start: word.start, end: word.end, insert: names.join(' ') }];
    gone.push(word);
    return [];
  });
  const without = withoutWords(run, command, [...groupOf(step, fates), ...gone]);
  return [...without, ...packages].toSorted((a, b) => a.start - b.start);
}

/** `--virtual .build-deps`, where no step takes that group away any more: it is none of the build now. */
function groupOf({ role }: Step, fates: Fates): readonly ShellWord[] {
  if (role.kind !== 'packages' || role.packages.manager.id !== 'apk') return [];
  const { args } = role.packages;
  const at = args.findIndex(({ literal }) => /^(-t|--virtual(=.+)?)$/.test(literal ?? ''));
  if (at < 0) return [];
  const isOne = args[at]!.literal!.includes('=');
  const name = isOne ? args[at]!.literal!.replace(/^[^=]*=/, '') : args[at + 1]?.literal;
  const isTaken = [...fates].some(
    ([each, fate]) =>
      each.role.kind === 'packages' &&
      each.role.packages.action === 'remove' &&
      SHIPPED.has(fate.kind) &&
      each.role.packages.operands.some(({ literal }) => literal === name),
  );
  return name === undefined || isTaken ? [] : args.slice(at, isOne ? at + 1 : at + 2);
}
