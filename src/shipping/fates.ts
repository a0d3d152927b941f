/** What becomes of each RUN of a stage that is divided: left to the build, repeated, or both in part. */
import { isApplicationFolder } from '../analysis/base-folders.ts';
import type { Call } from '../analysis/calls.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { plainImages } from '../analysis/images.ts';
import { matchesAny } from '../analysis/patterns.ts';
import { sharedLibraries, sharedLibrariesOnAlpine } from '../analysis/system-packages.ts';
import { plainText } from '../analysis/values.ts';
import { placeCovers, plainPlace, type Place } from '../analysis/places.ts';
import type { Facts } from '../facts/types.ts';
import { ownName } from '../ecosystems/work.ts';
import { covers, isIndexer, isLeaving, meets } from './carried.ts';
import { copyTargets } from './copy-targets.ts';
import type { Fate, FateScope, Renamed } from './fate.ts';
import { changeFate, handsOver, isAbove } from './hand-over-fates.ts';
import {
  fetchedFate,
  folderHandedOver,
  homeFate,
  isForProgram,
  wholeFolderFate,
} from './folder-fates.ts';
import { isOfSources } from './fetched-sources.ts';
import { isLinkNamed } from './named-links.ts';
import {
  readsGone,
  settleChecks,
  settleDeletes,
  settleFolders,
  settleHandOvers,
} from './late-fates.ts';
import type { RunSteps, Step } from './steps.ts';

export type Fates = ReadonlyMap<Step, Fate>;

export function fatesOf(
  runs: readonly RunSteps[],
  scope: FateScope,
): Fates | { readonly why: string } {
  const fates = new Map<Step, Fate>();
  const all = runs.flatMap(({ steps }) => steps);
  // Installs last: what the other steps call that run for the shipped image must be in it.
  const isInstall = ({ role }: Step): boolean => role.kind === 'packages';
  for (const step of [...all.filter((each) => !isInstall(each)), ...all.filter(isInstall)]) {
    const fate = fateOf(step, scope, fates, all);
    if ('why' in fate) return { why: `${fate.why} (line ${step.run.origin[0]!.line})` };
    fates.set(step, fate);
  }
  settlePackages(all, fates);
  settleLists(all, fates, scope.facts);
  settleIndexers(all, fates);
  settleFolders(all, fates, scope);
  settleHandOvers(all, fates, scope);
  settleDeletes(all, fates, scope);
  settleChecks(all, fates, scope);
  const blind = all.find((step) => fates.get(step)!.kind === 'ship' && readsGone(step, scope));
  return blind
    ? { why: `it reads what is deleted in the end (line ${blind.run.origin[0]!.line})` }
    : fates;
}

/** Libraries that the shipped image gets by a step of its own are in no index until one is made. */
function settleIndexers(all: readonly Step[], fates: Map<Step, Fate>): void {
  for (const [index, step] of all.entries()) {
    if (!step.call || !isIndexer(step.call) || fates.get(step)?.kind !== 'build') continue;
    const adds = all
      .slice(0, index)
      .some(
        (each) =>
          each.role.kind === 'change' &&
          fates.get(each)?.kind === 'ship' &&
          each.role.effects.writes.some((place) =>
            /^\/(usr\/(local\/)?)?lib(\/|$)|^\/etc\/ld\.so\.conf/.test(plainText(place.path) ?? ''),
          ),
      );
    if (adds) fates.set(step, { kind: 'ship' });
  }
}

/** Names of programs that make or change accounts. */
const ACCOUNTS =
  /^(useradd|adduser|groupadd|addgroup|usermod|groupmod|deluser|userdel|chpasswd|passwd|gpasswd|chsh)$/;

/** Packages that a later step takes away again, whatever happens. */
function removedBehind(all: readonly Step[], step: Step): ReadonlySet<string> {
  return new Set(
    all
      .slice(all.indexOf(step) + 1)
      .flatMap((each) =>
        each.role.kind === 'packages' &&
        each.role.packages.action === 'remove' &&
        each.certainty !== 'may run'
          ? namesIn(each)
          : [],
      ),
  );
}

/**
 * @param fates of the steps before it: what they call for the shipped image an install must leave there
 * @param all the steps of the stage
 */
function fateOf(
  step: Step,
  scope: FateScope,
  fates: Fates,
  all: readonly Step[],
): Fate | { readonly why: string } {
  const { role, call } = step;
  switch (role.kind) {
    case 'check':
      return { kind: 'nothing' };
    case 'setting':
      return { kind: 'setting' };
    case 'work':
      return { kind: role.work.isRepeated === true ? 'ship' : 'build' };
    case 'unknown':
      return { why: role.why };
    case 'packages':
      return packagesFate(step, scope, fates, all);
    case 'change':
      break;
  }
  const { effects } = role;
  if (call && ACCOUNTS.test(ownName(call))) return { kind: 'ship' };
  if (call && isIndexer(call)) {
    // The index is of what is there: in the shipped image where it has libraries.
    const hasLibraries =
      scope.isRepeated(plainPlace('/usr/local/lib')) ||
      scope.carried.some(({ path, to = path }) => /(^|\/)lib(32|64)?(\/|$)|^usr\/local$/.test(to));
    return { kind: hasLibraries ? 'ship' : 'build' };
  }
  const writes = effects.writes.flatMap((place) => copiedTo(call, place));
  const places = [...writes, ...effects.deletes].filter((place) => place.isGuess !== true);
  // Of a folder in which something is made the shipped image has other files, and the folder itself.
  const isAround = (place: Place): boolean =>
    effects.changes !== undefined &&
    (scope.isRepeated(place) || scope.carried.some(({ path }) => isAbove(place, path)));
  const isOfBuild = (place: Place): boolean =>
    scope.carried.some(({ path }) => covers(path, place)) ||
    (scope.made.some(({ path }) => covers(path, place)) && !isAround(place)) ||
    scope.isInput(place) ||
    scope.fetched.some((path) => covers(path, place)) ||
    isLeaving(place, scope.facts);
  // What the base has there is not shipped by the build, and must go before the build's own comes.
  const isOfBase =
    effects.writes.length === 0 && places.some((place) => isOfBaseStill(step, place, scope));
  if (isOfBase) return { kind: 'ship' };
  // A folder that is copied may also hold what a COPY of the author's brings.
  if (places.length > 0 && places.every((place) => scope.isCopied(place))) return { kind: 'ship' };
  const fetched = call && ownName(call) === 'git' && fetchedFate(places, scope);
  if (fetched) return fetched;
  const whole = effects.changes !== undefined && wholeFolderFate(step, places, scope);
  if (whole) return whole;
  if (isForProgram(step, places, scope)) return { kind: 'ship' };
  // Among what a COPY brings it may change any file: the shipped image has them from its own COPY.
  const guessed = effects.writes.filter((place) => place.isGuess === true);
  const isFound = effects.program === 'find' && places.length === 0;
  if (
    isFound &&
    guessed.some((place) => scope.isRepeated(place) && !isCarriedWhole(place, scope))
  ) {
    return { kind: 'ship' };
  }
  const home = homeFate(step, places, scope);
  if (home) return home;
  // The folder itself, in which a program that is shipped out of it may write.
  if (effects.changes !== undefined && folderHandedOver(places, scope)) {
    return changeFate(step, places, scope);
  }
  if (places.every(isOfBuild) || isOfSources(step, all, scope)) {
    const isHandedOver = effects.changes !== undefined && handsOver(step, places, scope);
    const change = isHandedOver ? changeFate(step, places, scope, 'modes, too') : undefined;
    return change && !('why' in change) ? change : { kind: 'build' };
  }
  if (call && ownName(call) === 'mkdir' && places.every((place) => scope.isMadeAnyway(place))) {
    return { kind: 'build' };
  }
  if (effects.changes !== undefined) return changeFate(step, places, scope);
  if (effects.writes.length === 0) {
    const isForBuild = places.every(
      (place) =>
        isOfBuild(place) ||
        (scope.made.some(({ path }) => meets(path, place)) && !scope.isRepeated(place)),
    );
    return { kind: isForBuild ? 'build' : 'ship' };
  }
  const readsBuild = effects.reads.some(
    (place) =>
      !effects.writes.includes(place) &&
      (scope.isInput(place) ||
        scope.made.some(({ path }) => meets(path, place) && !isAbove(place, path))),
  );
  if (!readsBuild) {
    const folder = scope.fetched.find((path) =>
      effects.reads.some((place) => !effects.writes.includes(place) && covers(path, place)),
    );
    return folder === undefined
      ? { kind: 'ship' }
      : { why: `nobody can see what a container needs of /${folder}, which git fetches` };
  }
  const lost = places.find((place) => !isOfBuild(place));
  return {
    why: `nobody can see all that "${call ? ownName(call) : 'it'}" writes to ${nameOf(lost!)}`,
  };
}

/** Of `cp` into a folder that is there, the files in it. */
function copiedTo(call: Call | undefined, place: Place): readonly Place[] {
  const path = place.isGuess || place.isPattern ? undefined : plainText(place.path);
  const found = path === undefined ? [] : copyTargets(call, pathInside(path));
  const isOther = found.length > 0 && found[0] !== pathInside(path!);
  return isOther ? found.map((each) => plainPlace(`/${each}`)) : [place];
}

function isCarriedWhole(place: Place, { carried }: FateScope): boolean {
  return carried.some(({ path }) => covers(path, place));
}

/** Whether a step deletes in a folder of the base, in which the build only later puts something. */
function isOfBaseStill({ run }: Step, place: Place, { stage, made }: FateScope): boolean {
  const path = plainText(place.path)?.replace(/\/\*$/, '');
  if (path === undefined || isApplicationFolder(path)) return false;
  const at = stage.instructions.indexOf(run);
  const there = made.filter((each) => meets(each.path, place));
  return there.length > 0 && there.every((each) => stage.instructions.indexOf(each.run) > at);
}

function nameOf({ path }: Place): string {
  return plainText(path) ?? 'a place that is not known';
}

/** What extensions are compiled with, as the official images of PHP name it in a variable. */
const PHP_TOOLS = /^"?\$(PHPIZE_DEPS|\{PHPIZE_DEPS\})"?$/;

function packagesFate(
  step: Step,
  scope: FateScope,
  fates: Fates,
  all: readonly Step[],
): Fate | { readonly why: string } {
  const { role, command } = step;
  if (role.kind !== 'packages') return { kind: 'nothing' };
  const { action, operands, manager } = role.packages;
  if (action !== 'install') return { kind: 'nothing' };
  const removed = removedBehind(all, step);
  const shipped = all.flatMap((each): Call[] =>
    each.call && fates.get(each)?.kind === 'ship' ? [each.call] : [],
  );
  if (command && command.within.length > 0)
    return { why: 'packages are installed in a condition or a loop' };
  const left: string[] = [];
  const renamed: Renamed[] = [];
  for (const { literal, text } of operands) {
    if (literal === undefined && PHP_TOOLS.test(text)) {
      left.push(text);
      continue;
    }
    if (literal === undefined) return { why: 'a variable names packages' };
    const name = literal.replace(/[=/:].*$/, '');
    const runtime = scope.runtimePackage(name);
    if (runtime === name) continue;
    if (runtime !== undefined) {
      // A version that is pinned is one of the package that was named.
      if (literal !== name) continue;
      left.push(literal);
      renamed.push({ from: literal, to: [runtime] });
      continue;
    }
    if (isLinkNamed(name, scope.stage, scope.context)) continue;
    // Where nothing is compiled with headers, a program loads the library, perhaps by the name without a version.
    if (scope.isWithoutHeaders && /^lib.*-dev$/.test(name)) continue;
    const isForBuild =
      matchesAny(scope.facts.work.buildPackages, name) || scope.isBuildTool(name, shipped);
    if (scope.isCalledBy(name, shipped)) continue;
    if (!removed.has(name) && (!isForBuild || scope.isCalled(name))) continue;
    const libraries = librariesOf(name, manager.id, scope);
    if (libraries === undefined) return { why: `nobody knows which libraries ${name} stands for` };
    left.push(literal);
    if (libraries.length > 0) renamed.push({ from: literal, to: libraries });
  }
  if (left.length === 0) return { kind: 'ship' };
  if (left.length === operands.length && renamed.length === 0) return { kind: 'build' };
  return { kind: 'fewer', left, renamed };
}

/** What a program needs that was linked with what the package has headers for. */
function librariesOf(
  name: string,
  manager: string,
  scope: FateScope,
): readonly string[] | undefined {
  const { facts, image, linksByHeaders } = scope;
  if (!linksByHeaders) return [];
  if (name === 'gfortran') return ['libgfortran5'];
  if (/^(g\+\+|build-essential|gcc|clang)/.test(name)) return [];
  // It brings the headers of the client's library along.
  if (name.startsWith('postgresql-server-dev-')) return librariesOf('libpq-dev', manager, scope);
  if (!name.endsWith('-dev')) return [];
  if (/^(musl|libc|linux-headers)-dev$/.test(name)) return [];
  if (manager === 'apk') {
    // Headers of Alpine's own interpreter, where the image has another: that one needs none of it.
    if (/^python3?-dev$/.test(name) && image.runtimes.has('python')) return [];
    return sharedLibrariesOnAlpine(name, image.distribution?.suite ?? '', facts);
  }
  if (manager !== 'apt') return undefined;
  if (/^(libc6|libc|linux-libc|musl|python3?[\d.]*|ruby[\d.]*|php[\d.]*)-dev$/.test(name))
    return [];
  const suite = image.distribution?.suite ?? '';
  const plain = plainImages(suite, facts).filter((each) => each.packageManager === 'apt');
  return sharedLibraries(name, suite, facts)?.filter(
    (each) => plain.length === 0 || plain.some((other) => other.hasPackage(each) !== 'yes'),
  );
}

/** Deleting the lists of a package manager is for the build where no lists are fetched but there. */
function settleLists(all: readonly Step[], fates: Map<Step, Fate>, facts: Facts): void {
  let isFetched = false;
  let wasPackages = false;
  for (const step of all) {
    const { role } = step;
    const isShipped = isInShipped(step, fates);
    if (role.kind === 'packages') {
      wasPackages = true;
      isFetched ||= isShipped;
    }
    const mayBeOfLists =
      wasPackages &&
      isShipped &&
      role.kind === 'change' &&
      role.effects.writes.length === 0 &&
      role.effects.deletes.length > 0;
    if (!mayBeOfLists) continue;
    const folders = facts.managers.flatMap(({ leaves }) => leaves.flatMap(({ paths }) => paths));
    const isOfLists = role.effects.deletes.every((place) =>
      folders.some((folder) => placeCovers(plainPlace(folder), place) === 'yes'),
    );
    // A later layer takes nothing out of the one that has them.
    const isLate = !all.some(
      (other) =>
        other.run === step.run && other.role.kind === 'packages' && isInShipped(other, fates),
    );
    if (isOfLists && (!isFetched || isLate)) fates.set(step, { kind: 'build' });
  }
}

function isInShipped(step: Step, fates: Fates): boolean {
  const { kind } = fates.get(step)!;
  return kind === 'ship' || kind === 'fewer';
}

/** Packages that a step installs or removes, with the name under which `apk add --virtual` has them. */
function namesIn({ role }: Step): readonly string[] {
  if (role.kind !== 'packages') return [];
  const { operands, args } = role.packages;
  const groups = args.flatMap(({ literal }, index) => {
    if (literal === '-t' || literal === '--virtual') return args[index + 1]?.literal ?? [];
    return /^--virtual=(.+)$/.exec(literal ?? '')?.[1] ?? [];
  });
  return [...operands.map(({ literal, text }) => literal ?? text), ...groups];
}

/** What is left to the build and would be in the image otherwise: it is not removed by the same RUN. */
export function leftBy(fates: Fates): readonly string[] {
  const removed = (run: Step['run']): ReadonlySet<string> =>
    new Set(
      [...fates.keys()].flatMap((step) => {
        const isRemove = step.role.kind === 'packages' && step.role.packages.action === 'remove';
        return isRemove && step.run === run ? namesIn(step) : [];
      }),
    );
  return [...fates].flatMap(([step, fate]) => {
    if (step.role.kind !== 'packages' || step.role.packages.action !== 'install') return [];
    const gone = removed(step.run);
    const { operands } = step.role.packages;
    const own = operands.map(({ literal, text }) => literal ?? text);
    const isGone = namesIn(step).some((name) => !own.includes(name) && gone.has(name));
    const left = fate.kind === 'build' ? own : fate.kind === 'fewer' ? fate.left : [];
    return isGone ? [] : left.filter((name) => !gone.has(name));
  });
}

/**
 * A group of packages that a later command takes away again, with all that came along: nothing of it is in
 * the image, so that the shipped one needs it only for commands in between that are not installs themselves.
 */
function settleGroups(all: readonly Step[], fates: Map<Step, Fate>): void {
  const isShipped = (step: Step): boolean => isInShipped(step, fates);
  for (const step of all) {
    if (step.role.kind !== 'packages' || !isShipped(step)) continue;
    const { action, manager, operands } = step.role.packages;
    const own = operands.map(({ literal, text }) => literal ?? text);
    const groups = namesIn(step).filter((name) => !own.includes(name));
    if (action !== 'install' || manager.id !== 'apk' || groups.length === 0) continue;
    const later = all.slice(all.indexOf(step) + 1);
    const end = later.findIndex(
      (each) =>
        each.role.kind === 'packages' &&
        each.role.packages.action === 'remove' &&
        namesIn(each).every((name) => groups.includes(name)),
    );
    const removal = later[end];
    const isRead = later
      .slice(0, Math.max(0, end))
      .some((each) => isShipped(each) && each.role.kind !== 'packages');
    if (!removal || isRead) continue;
    fates.set(step, { kind: 'build' });
    fates.set(removal, { kind: 'build' });
  }
}

/** Updates and clean-ups go where the installs go. */
function settlePackages(all: readonly Step[], fates: Map<Step, Fate>): void {
  const isShipped = (step: Step): boolean => isInShipped(step, fates);
  settleGroups(all, fates);
  const dropped = new Set<string>();
  for (const step of all) {
    if (step.role.kind !== 'packages') continue;
    const fate = fates.get(step)!;
    const names = namesIn(step);
    if (fate.kind === 'build') for (const each of names) dropped.add(each);
    if (fate.kind === 'fewer') for (const each of fate.left) dropped.add(each);
  }
  // Where nothing is removed by name, nothing is left over for `autoremove`.
  const removed = all.flatMap(({ role }) =>
    role.kind === 'packages' && role.packages.action === 'remove'
      ? role.packages.operands.map(({ literal, text }) => literal ?? text)
      : [],
  );
  for (const [index, step] of all.entries()) {
    if (step.role.kind !== 'packages') continue;
    const { action, manager, operands } = step.role.packages;
    const isSame = (other: Step): boolean =>
      other.role.kind === 'packages' && other.role.packages.manager.id === manager.id;
    const installs = all.filter(
      (each) =>
        isSame(each) &&
        each.role.kind === 'packages' &&
        each.role.packages.action === 'install' &&
        isShipped(each),
    );
    if (action === 'install') continue;
    const names = operands.flatMap(({ literal }) => literal ?? []);
    // What the next one fetches anew, it fetches for nobody.
    const next = all.findIndex(
      (each, at) =>
        at > index &&
        isSame(each) &&
        each.role.kind === 'packages' &&
        each.role.packages.action === 'update' &&
        each.certainty !== 'may run',
    );
    const until = action === 'update' && next >= 0 ? next : all.length;
    const isRead = installs.some((each) => {
      const at = all.indexOf(each);
      return at > index && at < until;
    });
    const isNeeded =
      action === 'update' || action === 'configure' || action === 'upgrade'
        ? action === 'upgrade' || isRead
        : action === 'remove'
          ? (names.length === 0 ? removed : names).some((name) => !dropped.has(name))
          : installs.some((each) => each.run === step.run || all.indexOf(each) < index);
    const absent = names.filter((name) => dropped.has(name));
    if (action === 'remove' && isNeeded && absent.length > 0) {
      // What was never installed there cannot be taken away by name.
      fates.set(step, { kind: 'fewer', left: absent, renamed: [] });
    } else fates.set(step, { kind: isNeeded ? 'ship' : 'build' });
  }
  // An upgrade needs the lists.
  for (const [index, step] of all.entries()) {
    if (step.role.kind !== 'packages' || step.role.packages.action !== 'update') continue;
    const upgrade = all
      .slice(index + 1)
      .some((each) => each.role.kind === 'packages' && each.role.packages.action === 'upgrade');
    if (upgrade) fates.set(step, { kind: 'ship' });
  }
}
