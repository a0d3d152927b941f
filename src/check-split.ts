/**
 * Where a stage was divided into a build and what is shipped: does the second hold what the first held,
 * as far as a container can tell? Asked of the two models, without building.
 */
import { baseConfiguration } from './analysis/base-configuration.ts';
import { isWithin, type BuildContext } from './analysis/context.ts';
import { baseName, hasWildcards, pathInside } from './analysis/go-paths.ts';
import { copyPlace } from './analysis/copy-place.ts';
import { filesAtEnd, imagePath } from './analysis/image-files.ts';
import { imageOf } from './analysis/images.ts';
import { baseOf, fromOf } from './analysis/stages.ts';
import { stateAfter, stateBefore, variableIn } from './analysis/state.ts';
import { plainText, showText } from './analysis/values.ts';
import { placeOf } from './dockerfile/place.ts';
import {
  isCopy,
  type CopyInstruction,
  type Dockerfile,
  type Instruction,
  type Stage,
} from './dockerfile/model.ts';
import { isNameTaken, keptFindings } from './check-kept.ts';
import type { Facts } from './facts/types.ts';
import { needsOf } from './needs/needs.ts';
import { provision } from './needs/provide.ts';
import type { ConfigurationField, Remark } from './pass.ts';
import { configured, lostAccount } from './shipping/configured.ts';
import { liesAt, madeIn, type Made } from './shipping/carried.ts';
import { runningOf } from './shipping/running.ts';
import { stepsOf } from './shipping/steps.ts';

/** A stage of the input, and the two that it became. */
export interface SplitStage {
  readonly was: Stage;
  readonly build: Stage;
  readonly shipped: Stage;
  readonly remark: Remark;
}

/** The stage that an applied remark divided, where the result has both parts. */
export function splitStage(
  before: Dockerfile,
  after: Dockerfile,
  remarks: readonly Remark[],
): SplitStage | undefined {
  let remark: Remark | undefined;
  for (const each of remarks) {
    if (each.outcome === 'applied' && each.splits !== undefined) remark ??= each;
  }
  if (!remark) return undefined;
  const place = placeOf(remark.origin);
  const isHere = ({ from }: Stage): boolean => placeOf(from.origin[0]!) === place;
  const was = before.stages.find(isHere);
  const [build, shipped, ...more] = after.stages.filter(isHere);
  if (!was || !build || !shipped || more.length > 0) return undefined;
  return { was, build, shipped, remark };
}

/** For each stage of the result, the one of the input that it takes the place of. */
export function counterparts(
  before: Dockerfile,
  after: Dockerfile,
  split: SplitStage | undefined,
): readonly (Stage | undefined)[] {
  if (!split) return after.stages.map((_, index) => before.stages[index]);
  const at = after.stages.indexOf(split.build);
  return after.stages.map((_, index) => before.stages[index > at ? index - 1 : index]);
}

/** What FROM says of both: the same base below the build, and the name of the stage on what is shipped. */
export function frameFindings(
  { was, build, shipped, remark }: SplitStage,
  bases: readonly string[],
): string[] {
  const found: string[] = [];
  const flags = (stage: Stage): string =>
    stage.from.flags.map(({ name, value }) => `${name}=${value ?? ''}`).join(' ');
  const allowed = new Set([was.from.image?.text ?? '', ...bases]);
  if (build.from.stageName !== remark.splits) found.push('the build has another name');
  // A name such as `builder` may have gone with the build.
  const isWithBuild =
    shipped.from.stageName === undefined && build.from.stageName === was.from.stageName;
  if (shipped.from.stageName !== was.from.stageName && !isWithBuild)
    found.push('the name of the shipped stage changed');
  if (flags(build) !== flags(was) || flags(shipped) !== flags(was))
    found.push('a flag of FROM changed');
  for (const { from } of [build, shipped]) {
    if (!allowed.has(from.image?.text ?? '')) found.push('a FROM changed');
  }
  if (build.from.lead !== was.from.lead) found.push('what stands above FROM changed');
  return found;
}

const FIELDS: readonly (readonly [ConfigurationField, Instruction['kind']])[] = [
  ['Cmd', 'cmd'],
  ['Entrypoint', 'entrypoint'],
  ['Healthcheck', 'healthcheck'],
  ['StopSignal', 'stopsignal'],
  ['Shell', 'shell'],
  ['Labels', 'label'],
  ['ExposedPorts', 'expose'],
  ['Volumes', 'volume'],
  ['User', 'user'],
];

/** What the instructions of each kind say, in their order. */
function saidIn({ instructions }: Stage): ReadonlyMap<Instruction['kind'], string> {
  const said = new Map<Instruction['kind'], string>();
  for (const { kind, argsText } of instructions) {
    said.set(kind, `${said.get(kind) ?? ''}${argsText.length}:${argsText}`);
  }
  return said;
}

/** What the author set is said again, in the same order and words. */
export function configurationFindings(
  { was, shipped }: SplitStage,
  before: Dockerfile,
  after: Dockerfile,
  meant: ReadonlySet<ConfigurationField>,
  facts: Facts | undefined,
): string[] {
  const [said, again] = [saidIn(was), saidIn(shipped)];
  const found = FIELDS.filter(
    ([field, kind]) => !meant.has(field) && said.get(kind) !== again.get(kind),
  ).map(([field]) => `${field} changed with the stage divided`);
  const [old, next] = [stateAfter(before, was, facts), stateAfter(after, shipped, facts)];
  if (!meant.has('WorkingDir') && showText(old.workdir.usual) !== showText(next.workdir.usual)) {
    found.push(
      `WorkingDir changed: ${showText(old.workdir.usual)} → ${showText(next.workdir.usual)}`,
    );
  }
  if (meant.has('Env')) return found;
  const base = baseOf(before, was);
  const inherited =
    base.kind === 'image' && facts ? baseConfiguration(base.image, facts)?.env : undefined;
  const own = (stage: Stage): Map<string, string> =>
    new Map(
      stage.instructions.flatMap((each) =>
        each.kind === 'env'
          ? each.pairs.map(({ name, value }): [string, string] => [name, value ?? ''])
          : [],
      ),
    );
  const [had, has] = [own(was), own(shipped)];
  for (const [name, value] of had) {
    if (has.get(name) !== value) found.push(`ENV ${name} changed with the stage divided`);
  }
  for (const [name, value] of has) {
    // An empty one says that the old base had none where the new one has.
    const isNone = /^(""|'')?$/.test(value) && inherited?.has(name) === false;
    if (!had.has(name) && inherited?.get(name) === undefined && !isNone) {
      found.push(`ENV ${name} is new`);
    }
  }
  return found;
}

/** What the shipped stage lacks, or takes from where nothing is. */
export function shippedFindings(
  split: SplitStage,
  before: Dockerfile,
  after: Dockerfile,
  context: BuildContext | undefined,
  facts: Facts,
): string[] {
  const { was, build, shipped } = split;
  const where = `line ${was.from.origin[0]!.line}`;
  const base = baseOf(before, was);
  const next = baseOf(after, shipped);
  const from = base.kind === 'image' ? imageOf(base.image, facts) : undefined;
  const to = next.kind === 'image' ? imageOf(next.image, facts) : undefined;
  // A base that another pass put there is looked at with that pass.
  const isOwn = shipped.from.image?.text === split.remark.newBase;
  if (!from || (isOwn && !to)) return [`${where}: nothing is known of a base`];
  const scope = { file: after, stage: build, image: from, context, facts };
  const found: string[] = [];
  const carried = carriedPaths(split, after, facts);
  found.push(...copyFindings(split, after, carried, context, facts));
  found.push(...lostCopies(split, before, carried, context, facts));
  const name = build.from.stageName ?? '';
  if (isNameTaken(name, before)) found.push(`the name ${name} is taken`);
  if (to && (from.name !== to.name || from.tag !== to.tag)) {
    const isProgram = (word: string): boolean => from.hasCommand(word) === 'yes';
    const libc = to.libc?.kind === 'musl' ? 'musl' : 'glibc';
    const { runtimes } = from;
    const needs = needsOf([shipped], { file: after, context, facts, libc, runtimes, isProgram });
    const { missing, unmet } = provision(needs, from, to, facts);
    found.push(
      ...missing.map((each) => `${where}: ${each.need.by} needs ${each.name}`),
      ...unmet.map(({ need, why }) => `${where}: ${need.by}: ${why}`),
    );
  }
  if (isOwn && to && (from.name !== to.name || from.tag !== to.tag)) {
    const change = configured(to, shipped, { ...scope, file: before, stage: was });
    if ('why' in change) found.push(`${where}: ${to.name}: ${change.why}`);
    const account = lostAccount(to, shipped);
    if (account !== undefined) found.push(`${where}: there is no account "${account}"`);
  }
  found.push(...variableFindings(split, before, after, facts));
  // What the program is called by must be somewhere.
  const old = { file: before, stage: was, image: from, context, facts };
  const running = runningOf(old);
  let made: readonly Made[] | undefined;
  for (const path of running.programs) {
    const isThere = carried.some(
      (each) => hasWildcards(each.from) || isFoundAt(path, each, running.folders),
    );
    if (isThere) continue;
    made ??= madeIn(stepsOf(old), () => false);
    if (made.some((each) => each.path === path)) found.push(`${where}: /${path} is left behind`);
  }
  const kept = keptFindings(
    old,
    running.calls,
    { file: after, stage: shipped, image: to ?? from, context, facts },
    carried,
  );
  found.push(...kept.map((each) => `${where}: ${each}`));
  return found;
}

/** Whether a program comes to lie where it was, or in another folder of PATH. */
function isFoundAt(path: string, { from, to }: CarriedPath, folders: ReadonlySet<string>): boolean {
  if (!isWithin(path, from)) return false;
  const below = path.slice(from.length);
  const name = path.slice(path.lastIndexOf('/') + 1);
  return [`${to}${below}`, `${to}/${name}`].some(
    (place) =>
      place === path ||
      /^(usr\/(local\/)?)?s?bin\/[^/]+$/.test(place) ||
      folders.has(place.slice(0, -name.length - 1)),
  );
}

interface CarriedPath {
  readonly copy: CopyInstruction;
  readonly from: string;
  readonly to: string;
}

function carriedPaths(
  { build, shipped }: SplitStage,
  after: Dockerfile,
  facts: Facts,
): readonly CarriedPath[] {
  return shipped.instructions.flatMap((each) => {
    if (!isCopy(each) || fromOf(each) !== build.from.stageName) return [];
    const state = stateBefore(after, shipped, each, facts);
    const target = imagePath(state, each.destination?.text ?? '', each.escape);
    return each.sources.map(({ text }) => ({ copy: each, from: pathInside(text), to: target }));
  });
}

/** Every COPY takes what the build makes, to where it lay; nothing of the build context is laid over it. */
function copyFindings(
  { build, shipped }: SplitStage,
  after: Dockerfile,
  carried: readonly CarriedPath[],
  context: BuildContext | undefined,
  facts: Facts,
): string[] {
  const base = baseOf(after, build);
  const image = base.kind === 'image' ? imageOf(base.image, facts) : undefined;
  if (!image) return ['nothing is known of the base of the build'];
  const found: string[] = [];
  const names = after.stages.filter(({ from }) => from.stageName === build.from.stageName);
  if (names.length !== 1) found.push(`the name ${build.from.stageName} is taken`);
  const scope = { file: after, stage: build, image, context, facts };
  const { calls } = runningOf({ file: after, stage: shipped, image: undefined, context, facts });
  const made = madeIn(stepsOf(scope, calls), () => true);
  const files = context && filesAtEnd(after, shipped, context, facts);
  for (const { copy, from, to } of carried) {
    const line = copy.text;
    const isMade = made.some(
      ({ path, work }) =>
        (work.redirects !== undefined && isWithin(from, work.redirects.to)) ||
        isWithin(from, path) ||
        isWithin(path, from) ||
        (hasWildcards(from) && isWithin(from.slice(0, from.search(/[*?[]/)), path)),
    );
    if (!isMade) found.push(`${line}: the build makes no /${from}`);
    const place = hasWildcards(from) ? pathInside(`${to}/${baseName(from)}`) : to;
    const overlaid = [...(files?.supplies ?? [])].find(([path]) => liesAt(path, place));
    // The same install could have gone to a folder of its own in this stage.
    const isShared = made.some(
      ({ path, isShared: shares, work }) =>
        shares === true &&
        (path === from || (work.redirects !== undefined && isWithin(from, work.redirects.to))),
    );
    if (overlaid && !isShared)
      found.push(`${line}: ${overlaid[1].path} of the build context is in the way`);
  }
  return found;
}

/** A COPY that is in neither part, though what it brings would lie in a folder that is carried. */
function lostCopies(
  { was, build, shipped }: SplitStage,
  before: Dockerfile,
  carried: readonly CarriedPath[],
  context: BuildContext | undefined,
  facts: Facts,
): string[] {
  const kept = new Set(
    [...build.instructions, ...shipped.instructions].flatMap(({ origin }) => origin.map(placeOf)),
  );
  return was.instructions.flatMap((each) => {
    if (!isCopy(each) || kept.has(placeOf(each.origin[0]!))) return [];
    const place = copyPlace(each, stateBefore(before, was, each, facts), context, 'usual');
    const isCarried = carried.some(({ from }) => place && isWithin(pathInside(place.path), from));
    return isCarried ? [`${each.text}: nothing brings it to the build`] : [];
  });
}

/** What a repeated RUN reads must have the value that it had. */
function variableFindings(
  { was, shipped }: SplitStage,
  before: Dockerfile,
  after: Dockerfile,
  facts: Facts,
): string[] {
  return shipped.instructions.flatMap((each) => {
    if (!each.text.includes('$')) return [];
    const place = placeOf(each.origin[0]!);
    const original = was.instructions.find((other) => placeOf(other.origin[0]!) === place);
    if (!original || each.kind === 'from' || original.kind !== each.kind) return [];
    const [old, next] = [
      stateBefore(before, was, original, facts),
      stateBefore(after, shipped, each, facts),
    ];
    const names = [...each.text.matchAll(/\$\{?(\w+)/g)].map((match) => match[1]!);
    return names.flatMap((name) => {
      if (name === 'PATH' || /^\d/.test(name)) return [];
      const [one, other] = [variableIn(old, name).usual, variableIn(next, name).usual];
      const isSame = one.isSet === other.isSet && plainText(one.text) === plainText(other.text);
      return isSame ? [] : [`${each.keyword} in the shipped stage reads another ${name}`];
    });
  });
}
