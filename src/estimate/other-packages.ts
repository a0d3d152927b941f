/** What calls of apk, dnf and yum put into a layer, and what is left of it where the same RUN removes some. */
import { doesAsFlagged } from '../analysis/flags.ts';
import type { PackageCommand } from '../analysis/packages.ts';
import type { Answer } from '../facts/image-types.ts';
import { apkIndex, apkInstall } from './apk.ts';
import { UNKNOWN } from './bill.ts';
import type { Item } from './lying.ts';
import type { PackageSurroundings } from './surroundings.ts';
import { rpmInstall, rpmMetadata } from './rpm.ts';

/** The words of a call, variables filled in. */
export interface NamedPackages {
  readonly names: readonly string[];
  /** Whether these are all: where some are not known, more may come. */
  readonly isWhole: boolean;
  /** For people. */
  readonly what: string;
}

const APK_INDEX = 'var/cache/apk';
const DNF_CACHE = 'var/cache/dnf';

export function apkItems(
  call: PackageCommand,
  { names, isWhole, what }: NamedPackages,
  surroundings: PackageSurroundings,
): readonly Item[] {
  const { run, state, image, facts, installed, lying } = surroundings;
  const isInstall = call.action === 'install';
  const keeps =
    call.action === 'update' || (isInstall && !doesAsFlagged(run, call, 'cache', state));
  const index: Item[] =
    keeps && !lying.some(({ path }) => path === APK_INDEX)
      ? [{ path: APK_INDEX, kind: 'leavings', what: 'the index of apk', amount: apkIndex(facts) }]
      : [];
  if (!isInstall) return index;
  const release = image?.distribution?.suite ?? 'unknown';
  const isThere = isThereIn(surroundings);
  const { packages, unknown, ...amount } = apkInstall({ names, release, isThere }, facts);
  for (const { name } of packages) installed.add(name);
  const group = groupOf(call);
  return [
    {
      path: undefined,
      kind: 'packages',
      what,
      packages: names,
      ...(group !== undefined && { group }),
      amount: isWhole ? amount : { ...amount, high: amount.high + UNKNOWN.command.high },
      ...(unknown.length > 0 && packages.length === 0 && { isUnknown: true }),
    },
    ...index,
  ];
}

export function rpmItems(
  call: PackageCommand,
  { names, isWhole, what }: NamedPackages,
  surroundings: PackageSurroundings,
): readonly Item[] {
  const { image, facts, lying } = surroundings;
  if (call.action !== 'install' && call.action !== 'update' && call.action !== 'upgrade') return [];
  const amount = rpmMetadata(image?.distribution?.id, facts);
  const metadata: Item[] = lying.some(({ path }) => path === DNF_CACHE)
    ? []
    : [{ path: DNF_CACHE, kind: 'leavings', what: 'what dnf knows of its repositories', amount }];
  if (call.action !== 'install') return metadata;
  const isThere = isThereIn(surroundings);
  const { packages, unknown, ...weight } = rpmInstall({ names, isThere }, facts);
  return [
    {
      path: undefined,
      kind: 'packages',
      what,
      packages: names,
      amount: isWhole ? weight : { ...weight, high: weight.high + UNKNOWN.command.high },
      ...(unknown.length > 0 && packages.length === 0 && { isUnknown: true }),
    },
    ...metadata,
  ];
}

function isThereIn({ image, installed }: PackageSurroundings): (name: string) => Answer {
  return (name) => (installed.has(name) ? 'yes' : (image?.hasPackage(name) ?? 'unknown'));
}

/** What is left when the same RUN calls `apk del`: what only the removed packages needed goes with them. */
export function withoutApk(
  items: readonly Item[],
  removed: readonly string[],
  { image, facts }: PackageSurroundings,
): readonly Item[] {
  return items.flatMap((item) => {
    if (!item.packages) return [item];
    if (item.group !== undefined && removed.includes(item.group)) return [];
    const packages = item.packages.filter((name) => !removed.includes(name));
    if (packages.length === item.packages.length) return [item];
    if (packages.length === 0) return [];
    const release = image?.distribution?.suite ?? 'unknown';
    const isThere = (name: string): Answer => image?.hasPackage(name) ?? 'unknown';
    const estimate = apkInstall({ names: packages, release, isThere }, facts);
    return [{ ...item, packages, what: packages.join(', '), amount: estimate }];
  });
}

/** The name under which `apk add --virtual` has its packages. */
function groupOf({ args }: PackageCommand): string | undefined {
  for (const [index, { literal }] of args.entries()) {
    if (literal === '-t' || literal === '--virtual') return args[index + 1]?.literal;
    const own = /^--virtual=(.+)$/.exec(literal ?? '')?.[1];
    if (own !== undefined) return own;
  }
  return undefined;
}
