/**
 * How many bytes does `dnf install` or `yum install` add to an image?
 *
 * Figures come from `facts/rpm-packages.json`, a handful of installs that public logs show; of most
 * packages nothing is known, and the range says so.
 */
import type { Amount } from '../analysis/amounts.ts';
import type { Answer } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';

export interface RpmInstall {
  /** Words of the command; of a module its name with the stream: `nodejs:16`. */
  readonly names: readonly string[];
  /** Whether the image has a package before the install; see `Image.hasPackage`. */
  readonly isThere: (name: string) => Answer;
}

export interface RpmEstimate extends Amount {
  readonly packages: readonly { readonly name: string; readonly bytes: number }[];
  /** Words of the command of which no row tells; each counts as the median of the installs in the rows. */
  readonly unknown: readonly string[];
}

/** A package of which nothing is known, in bytes: the least, the middle and the most that one name took in the logs. */
const UNKNOWN = { low: 500_000, bytes: 12_000_000, high: 130_000_000 };

/** How far a row may be off: releases differ, and images bring more or less of what comes along. */
const DEVIATION = 0.5;

/** The same for fetched metadata, which nobody measured by itself. */
const METADATA_RANGE = { low: 0.3, high: 1.5 };

const plainName = (word: string): string => word.replace(/\.(?:x86_64|noarch|aarch64)$/, '');

/** What installing packages adds; a package that the image may have counts, and the range begins below it. */
export function rpmInstall(
  { names, isThere }: RpmInstall,
  { rpmPackages }: Pick<Facts, 'rpmPackages'>,
): RpmEstimate {
  const words = [...new Set(names.filter((word) => !word.startsWith('-')).map(plainName))];
  const missing = words.filter((name) => isThere(name) !== 'yes');
  const packages = missing.flatMap((name) => {
    const bytes = rpmPackages.packages[name];
    return bytes === undefined ? [] : [{ name, bytes }];
  });
  const unknown = missing.filter((name) => rpmPackages.packages[name] === undefined);
  const sum = (all: readonly { readonly bytes: number }[]): number =>
    all.reduce((total, { bytes }) => total + bytes, 0);
  const certain = packages.filter(({ name }) => isThere(name) === 'no');
  return {
    packages: packages.toSorted((a, b) => b.bytes - a.bytes),
    unknown,
    bytes: sum(packages) + unknown.length * UNKNOWN.bytes,
    low: sum(certain) * (1 - DEVIATION) + unknown.length * UNKNOWN.low,
    high: sum(packages) * (1 + DEVIATION) + unknown.length * UNKNOWN.high,
    basis: 'model',
  };
}

/**
 * What the metadata of repositories takes that dnf fetches, where nobody cleans it up.
 *
 * @param distribution `ID` in `/etc/os-release`
 */
export function rpmMetadata(
  distribution: string | undefined,
  { rpmPackages: { metadata } }: Pick<Facts, 'rpmPackages'>,
): Amount {
  const { bytes } = metadata[distribution ?? 'other'] ?? metadata['other']!;
  return {
    bytes,
    low: bytes * METADATA_RANGE.low,
    high: bytes * METADATA_RANGE.high,
    basis: 'model',
  };
}
