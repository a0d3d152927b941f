/** What calls of a distribution's package manager put into a layer. */
import type { Amount } from '../analysis/amounts.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { doesAsFlagged } from '../analysis/flags.ts';
import { listed } from '../analysis/listing.ts';
import type { PackageCommand } from '../analysis/packages.ts';
import { expandWord, type ShellValues } from '../analysis/shell-expansion.ts';
import { plainText, textOf } from '../analysis/values.ts';
import { aptCaches, aptInstall, aptLists, type AptEstimate } from './apt.ts';
import { UNKNOWN } from './bill.ts';
import type { Item } from './lying.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import type { PackageSurroundings } from './surroundings.ts';
import { apkItems, rpmItems, withoutApk } from './other-packages.ts';

/** What a variable holds where the call runs; `undefined` where nobody knows. */
export type Variables = (name: string) => string | undefined;

const LISTS = 'var/lib/apt/lists';

/** What the call leaves; of the packages themselves nobody can say where they lie. */
export function packageItems(
  call: PackageCommand,
  surroundings: PackageSurroundings,
  variable: Variables,
): readonly Item[] {
  const { names, isWhole } = namesIn(call, variable);
  if (call.manager.id === 'apt') return aptItems(call, names, isWhole, surroundings);
  const what = described(names);
  if (call.manager.id === 'apk') return apkItems(call, { names, isWhole, what }, surroundings);
  if (call.manager.id === 'dnf') {
    return rpmItems(call, { names, isWhole, what }, surroundings);
  }
  if (call.action !== 'install') return [];
  return [{ path: undefined, kind: 'packages', what, amount: UNKNOWN.command, isUnknown: true }];
}

/** The packages of a call, variables filled in, and whether these are all. */
function namesIn(
  { operands }: PackageCommand,
  variable: Variables,
): { readonly names: readonly string[]; readonly isWhole: boolean } {
  const plain = plainNames(operands);
  if (plain) return { names: plain, isWhole: true };
  const values: ShellValues = {
    read: (name) => {
      const value = variable(name);
      return value === undefined
        ? { isSet: 'unknown', text: [{ unknown: `$${name}` }] }
        : { isSet: true, text: textOf(value) };
    },
    home: () => textOf('/root'),
    hasBraces: false,
  };
  const all = operands.flatMap((word) => expandWord(word, values));
  const names = all.flatMap(({ text }) => plainText(text) ?? []).filter((name) => name !== '');
  return {
    names,
    isWhole: all.every(({ text, isOpen }) => !isOpen && plainText(text) !== undefined),
  };
}

/** Where all are written out, as mostly: nothing has to be expanded. */
function plainNames(operands: PackageCommand['operands']): readonly string[] | undefined {
  const names: string[] = [];
  for (const { literal, pieces } of operands) {
    // A home folder is expanded, although the word has a literal.
    if (literal === undefined || literal === '' || pieces[0]?.kind === 'home') return undefined;
    names.push(literal);
  }
  return names;
}

function aptItems(
  call: PackageCommand,
  names: readonly string[],
  isWhole: boolean,
  { run, state, image, facts, installed, lying }: PackageSurroundings,
): readonly Item[] {
  const suite = image?.distribution?.suite ?? 'unknown';
  if (call.action === 'update') {
    // What did not change is not fetched again.
    if (lying.some(({ path }) => path === LISTS)) return [];
    return [
      {
        path: LISTS,
        kind: 'leavings',
        what: 'the package lists of apt',
        amount: aptLists(suite, facts),
      },
    ];
  }
  if (call.action === 'upgrade') {
    return [
      { path: undefined, kind: 'packages', what: 'newer versions of packages', amount: UPGRADE },
    ];
  }
  if (call.action !== 'install') return [];
  const withRecommends = !doesAsFlagged(run, call, 'recommends', state);
  const estimate = aptEstimate(names, withRecommends, { image, facts, installed });
  for (const { name } of estimate.packages) installed.add(name);
  const added = aptCaches(suite, facts, image ? 'yes' : 'unknown', estimate.bytes);
  return [
    {
      path: undefined,
      kind: 'packages',
      what: described(names),
      packages: names,
      withRecommends,
      amount: isWhole ? estimate : { ...estimate, high: estimate.high + UNKNOWN.command.high },
    },
    ...(added.bytes === 0
      ? []
      : [
          {
            path: 'var/cache/apt',
            kind: 'leavings',
            what: 'the caches of apt',
            amount: added,
          } as const,
        ]),
  ];
}

interface Known {
  readonly packages: Facts['aptPackages'];
  readonly suites: Facts['aptSuites'];
  readonly answers: Map<string, AptEstimate>;
}

// Of all files: many a file installs what others install on the same base.
const known = new WeakMap<Image, Known>();

/** So many answers are kept for each image. */
const MOST = 64;

function aptEstimate(
  names: readonly string[],
  withRecommends: boolean,
  surroundings: Pick<PackageSurroundings, 'image' | 'facts' | 'installed'>,
): AptEstimate {
  const { image, facts, installed } = surroundings;
  if (!image) return newEstimate(names, withRecommends, surroundings);
  const { aptPackages: packages, aptSuites: suites } = facts;
  let own = known.get(image);
  if (own?.packages !== packages || own.suites !== suites || own.answers.size >= MOST) {
    known.set(image, (own = { packages, suites, answers: new Map<string, AptEstimate>() }));
  }
  const key = `${withRecommends}\0\0${names.join('\0')}\0\0${[...installed].join('\0')}`;
  let estimate = own.answers.get(key);
  if (!estimate) {
    own.answers.set(key, (estimate = newEstimate(names, withRecommends, surroundings)));
  }
  return estimate;
}

function newEstimate(
  names: readonly string[],
  withRecommends: boolean,
  { image, facts, installed }: Pick<PackageSurroundings, 'image' | 'facts' | 'installed'>,
): AptEstimate {
  return aptInstall(
    {
      names,
      suite: image?.distribution?.suite ?? 'unknown',
      withRecommends,
      isThere: (name) => (installed.has(name) ? 'yes' : (image?.hasPackage(name) ?? 'unknown')),
      isSlim: image?.variant === 'slim' || image?.distribution?.id === 'ubuntu',
    },
    facts,
  );
}

/**
 * What is left of the installs of a RUN when some of their packages are removed in the same RUN: what
 * only those needed goes with them, if the call says so.
 */
export function withoutPackages(
  items: readonly Item[],
  call: PackageCommand,
  variable: Variables = () => undefined,
  surroundings: PackageSurroundings,
): readonly Item[] {
  const { names } = namesIn(call, variable);
  if (call.manager.id === 'apk') return withoutApk(items, names, surroundings);
  if (call.manager.id !== 'apt') return items;
  const isGone = (name: string): boolean =>
    names.some((each) =>
      matchesWhole(each.replaceAll('*', '.*').replaceAll('+', String.raw`\+`), name),
    );
  const isDeep = call.args.some(({ literal }) =>
    /^--(auto-remove|autoremove)$/.test(literal ?? ''),
  );
  // What the call leaves alone, or a later autoremove takes, is not told apart.
  if (!isDeep && call.actionWord?.literal !== 'autoremove' && names.length === 0) return items;
  return items.map((item) => {
    if (!item.packages?.some(isGone)) return item;
    const packages = item.packages.filter((name) => !isGone(name));
    if (packages.length === 0) {
      return { ...item, packages, what: 'records of packages', amount: RECORDS };
    }
    const { facts, image } = surroundings;
    const installed = new Set<string>();
    const amount = aptEstimate(packages, item.withRecommends === true, { facts, image, installed });
    return { ...item, packages, what: described(packages), amount };
  });
}

/** Logs, and what dpkg keeps of packages that are gone. A guess. */
const RECORDS: Amount = { bytes: 1_500_000, low: 200_000, high: 6_000_000, basis: 'model' };

/** Images of distributions are built again every few weeks: mostly there is little to upgrade. A guess. */
const UPGRADE: Amount = { bytes: 1_000_000, low: 0, high: 60_000_000, basis: 'model' };

function described(names: readonly string[]): string {
  return names.length === 0 ? 'packages' : listed(names);
}
