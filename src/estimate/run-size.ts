/**
 * What a RUN puts into its layer: what its commands install, build, fetch and change, less what it
 * deletes again, and what it writes into mounts.
 */
import { NOTHING, sum, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { effectsOf, type CommandEffects } from '../analysis/effects.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { plainText, showText } from '../analysis/values.ts';
import { restOf, weigh } from '../ecosystems/index.ts';
import type { Weight } from '../ecosystems/weight.ts';
import { ownName, type WorkScope } from '../ecosystems/work.ts';
import type { RunInstruction } from '../dockerfile/model.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { Image } from '../facts/image-types.ts';
import type { RunSteps, Step } from '../shipping/steps.ts';
import { UNKNOWN } from './bill.ts';
import { fetchedBy, fetches } from './downloads.ts';
import { coversPath, foundAt, laidOver, perhaps, without, type Item } from './lying.ts';
import { packageItems, withoutPackages } from './package-size.ts';
import type { PackageSurroundings } from './surroundings.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

export interface RunSize {
  /** What the layer adds. */
  readonly added: readonly Item[];
  /** What lies in the image behind it, what lay there before included. */
  readonly lying: readonly Item[];
}

export function runSize(run: RunSteps, surroundings: PackageSurroundings): RunSize {
  const { state, facts } = surroundings;
  const effects = effectsOf(run.run, state, facts, 'usual');
  let own: readonly Item[] = [];
  let { lying } = surroundings;
  const newFolders = new Set<string>();
  for (let index = 0; index < run.steps.length; index++) {
    const step = run.steps[index]!;
    const its =
      step.command === undefined
        ? effects.commands[index]
        : effectsIn(effects.commands, step.command);
    const before = own.length === 0 ? lying : laidOver(lying, own);
    const around =
      before === surroundings.lying ? surroundings : { ...surroundings, lying: before };
    const items = itemsOf(step, its, around);
    const isSure = (step.certainty ?? its?.certainty) !== 'may run';
    if (isSure && its?.program === 'mkdir') {
      for (const { path } of its.writes) newFolders.add(showText(path).replace(/^\//, ''));
    }
    const copies =
      isSure && its?.changes !== undefined ? changedItems(its, lying, own, newFolders) : [];
    const made = isSure ? items : items.map((item) => ({ ...item, amount: perhaps(item.amount) }));
    if (step.role.kind === 'packages' && step.role.packages.action === 'remove' && isSure) {
      own = withoutPackages(own, step.role.packages, step.scope?.variable, surroundings);
    }
    // What a command takes away first may be what it writes anew.
    if (its && isSure && its.deletes.length > 0 && deletesForGood(step, its)) {
      own = without(own, its.deletes);
      lying = without(lying, its.deletes);
    }
    if (made.length + copies.length > 0) own = laidOver(own, [...made, ...copies]);
    const rests = isSure && step.call && step.scope && restOf(step.call, step.scope);
    for (const rest of rests || NONE) {
      own = reduced(own, rest);
      lying = reduced(lying, rest);
    }
  }
  if (own.length === 0) return { added: own, lying };
  const { mounts } = effects;
  const added =
    mounts.length === 0
      ? own
      : own.filter(({ path }) => !mounts.some((mount) => coversPath(mount, path)));
  const isThere = ({ kind }: Item): boolean => kind !== 'copies';
  return { added, lying: laidOver(lying, added.filter(isThere)) };
}

const NONE: readonly Weight[] = [];

function effectsIn(
  all: readonly CommandEffects[],
  command: SimpleCommand,
): CommandEffects | undefined {
  for (const each of all) if (each.command === command) return each;
  return undefined;
}

/** What is left at a path, where something lies there. */
function reduced(items: readonly Item[], { path, amount, what }: Weight): readonly Item[] {
  return items.map((item) =>
    item.path === path && amount && amount.bytes < item.amount.bytes
      ? { ...item, amount, what }
      : item,
  );
}

/** An install may delete what an older version had anywhere; what is meant to go is told apart. */
function deletesForGood({ role }: Step, { call, program }: CommandEffects): boolean {
  if (call) return call.action === 'clean';
  return program === 'rm' || role.kind === 'change' || role.kind === 'check';
}

interface Known {
  readonly scope: WorkScope;
  readonly weights: readonly Weight[] | undefined;
}

const known = new RunMemory<RunInstruction, Map<string, Known>>();

/** A file is priced again after each pass, and most of its RUNs see what they saw before. */
function weighed(run: RunInstruction, call: Call, scope: WorkScope): Known['weights'] {
  let byCall = known.get(run);
  if (!byCall) known.set(run, (byCall = new Map<string, Known>()));
  const key = `${call.command.start} ${call.program} ${call.folder} ${scope.earlier.length} ${scope.later.length}`;
  const last = byCall.get(key);
  if (last && isAlike(last.scope, scope)) return last.weights;
  const weights = weigh(call, scope);
  byCall.set(key, { scope, weights });
  return weights;
}

/** The same base, and the same files by their number: what a pass adds or takes away shows there. */
function isAlike(one: WorkScope, other: WorkScope): boolean {
  return (
    isLike(one.image, other.image) &&
    one.facts === other.facts &&
    one.files?.entries.length === other.files?.entries.length &&
    one.files?.texts.size === other.files?.texts.size &&
    one.atEnd?.entries.length === other.atEnd?.entries.length
  );
}

/** What tools of languages ask of an image: node:22 and node:22-slim are one for them. */
function isLike(one: Image | undefined, other: Image | undefined): boolean {
  if (one === other) return true;
  if (!one || !other) return false;
  return (
    one.libc?.kind === other.libc?.kind &&
    one.distribution?.suite === other.distribution?.suite &&
    versionsOf(one) === versionsOf(other)
  );
}

const versions = new WeakMap<Image, string>();

function versionsOf(image: Image): string {
  let text = versions.get(image);
  if (text === undefined) versions.set(image, (text = [...image.runtimes].join(' ')));
  return text;
}

/** Commands that write a few bytes at most: names, links, lines of text. */
const TINY: ReadonlySet<string> = new Set(
  (
    'mkdir rmdir rm ln touch echo printf chmod chown chgrp true test cat tee sed useradd ' +
    'adduser addgroup groupadd usermod install ldconfig update-alternatives passwd chpasswd ' +
    'corepack which a2enmod a2dismod a2ensite setcap find xargs ls env sh bash id pwd uname cp ' +
    'mv unlink truncate mkfifo sync date hostname'
  ).split(' '),
);

function itemsOf(
  step: Step,
  effects: CommandEffects | undefined,
  surroundings: PackageSurroundings,
): readonly Item[] {
  const { role, call, scope } = step;
  if (role.kind === 'setting') return [];
  if (role.kind === 'packages') {
    return packageItems(role.packages, surroundings, scope?.variable ?? (() => undefined));
  }
  if (call && scope) {
    const weights = weighed(step.run, call, scope);
    if (weights) {
      const isThere = (path: string): boolean =>
        surroundings.lying.some((item) => item.path === path);
      return weights.map(({ path, kind, what, amount, again }) =>
        amount
          ? { path, kind, what, amount: again && isThere(path) ? again : amount }
          : { path, kind, what, amount: unknownOf(kind), isUnknown: true },
      );
    }
    const downloads = fetchedItems(call, surroundings);
    if (downloads) return downloads;
  }
  if (role.kind === 'check') return [];
  const name = call ? ownName(call) : 'a command';
  if (role.kind === 'change') {
    const moves = movedItems(name, effects, surroundings.lying);
    if (moves) return moves;
    if (TINY.has(name)) return tinyItems(effects);
  }
  if (role.kind === 'work') {
    return role.work.makes.map(({ path, of }) => ({
      path,
      kind: of === 'dependencies' ? 'dependencies' : 'build',
      what: `what "${name}" makes`,
      amount: unknownOf(of),
      isUnknown: true,
    }));
  }
  if (role.kind === 'unknown' && TINY.has(name)) return [];
  const what = `what "${name}" writes`;
  const path = undefined;
  return [{ path, kind: 'other', what, amount: UNKNOWN.command, isUnknown: true }];
}

/** Text that a command writes itself: so that what copies the file finds it. */
function tinyItems(effects: CommandEffects | undefined): readonly Item[] {
  if (!effects || effects.changes !== undefined || effects.deletes.length > 0) return [];
  return effects.writes.flatMap((place): Item[] => {
    const path = plainText(place.path);
    if (path === undefined || place.isPattern) return [];
    return [{ path: pathInside(path), kind: 'other', what: 'text', amount: TEXT }];
  });
}

const TEXT: Amount = { bytes: 100, low: 0, high: 20_000, basis: 'model' };

function unknownOf(kind: string): Amount {
  return kind === 'dependencies' ? UNKNOWN.dependencies : UNKNOWN.command;
}

/** What a download, or an archive, puts where the call says; what goes down a pipe lies nowhere. */
function fetchedItems(
  call: Call,
  { facts, lying }: PackageSurroundings,
): readonly Item[] | undefined {
  const name = ownName(call);
  if (!fetches(name)) return undefined;
  const inImage = (path: string): string =>
    pathInside(path.startsWith('/') ? path : `${call.folder}/${path}`);
  const texts = call.command.words.slice(-call.args.length || Infinity).map(({ text }) => text);
  const isPiped = call.command.within.includes('pipeline');
  const sizeOf = (path: string): Amount | undefined =>
    lying.find((item) => item.path === inImage(path))?.amount;
  const found = fetchedBy(name, call.args, texts, facts, sizeOf);
  return found?.flatMap(({ what, path, amount }): Item[] => {
    if (path === undefined && isPiped) return [];
    const place = path === undefined ? undefined : inImage(path);
    return amount
      ? [{ path: place, kind: 'other', what, amount }]
      : [{ path: place, kind: 'other', what, amount: UNKNOWN.download, isUnknown: true }];
  });
}

/** `cp` and `mv` of things that lie there already. */
function movedItems(
  name: string,
  effects: CommandEffects | undefined,
  lying: readonly Item[],
): readonly Item[] | undefined {
  if (!effects || !/^(cp|mv|install)$/.test(name)) return undefined;
  const sources = (name === 'mv' ? effects.deletes : effects.reads).map(({ path }) =>
    showText(path)
      .replace(/^\//, '')
      .replace(/\/?[^/]*[*?[][^]*$/, ''),
  );
  const target = effects.writes.find(
    (place) => !effects.deletes.includes(place) && !effects.reads.includes(place),
  );
  const found = sources.flatMap((path) => (path === '' ? [] : foundAt(lying, path).items));
  if (!target || found.length === 0) return undefined;
  const to = showText(target.path).replace(/^\//, '');
  const amount = sum(found.map((item) => item.amount));
  return [{ path: to, kind: found[0]!.kind, what: found[0]!.what, amount }];
}

/** `chown -R` and `chmod -R` put all that they touch of earlier layers into theirs once more. */
function changedItems(
  { changes, writes, command }: CommandEffects,
  lying: readonly Item[],
  own: readonly Item[],
  newFolders: ReadonlySet<string>,
): readonly Item[] {
  if (changes === undefined) return [];
  const isDeep = command?.words.some(({ literal }) =>
    /^(-[a-zA-Z]*R[a-zA-Z]*|--recursive)$/.test(literal ?? ''),
  );
  const copied = own.filter(({ kind }) => kind === 'copies').flatMap(({ path }) => path ?? []);
  const found = writes.flatMap((place) => {
    const path = showText(place.path)
      .replace(/^\//, '')
      .replace(/\/?[^/]*[*?[][^]*$/, '');
    const { items, isPartial } = foundAt(lying, path);
    // What lies around a folder that was just made is not in it.
    if (isPartial && newFolders.has(path)) return [];
    return items.filter((item) => (isDeep ? true : item.path === path || item.files?.has(path)));
  });
  const fresh = found.filter(({ path }) => path === undefined || !copied.includes(path));
  const amount = sum(fresh.map((item) => item.amount));
  if (amount === NOTHING || amount.bytes === 0) return [];
  const what = `${fresh[0]!.what} once more, with other ${changes === 'owner' ? 'owners' : 'modes'}`;
  return fresh.length === 1
    ? [{ path: fresh[0]!.path, kind: 'copies', what, amount }]
    : fresh.map((item) => ({
        path: item.path,
        kind: 'copies',
        what: `${item.what} once more, with other ${changes === 'owner' ? 'owners' : 'modes'}`,
        amount: item.amount,
      }));
}
