/** Installs that were measured (corpus/measured-apt.json), and what the estimate says of each. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageOf } from '../../src/analysis/images.ts';
import { imageName } from '../../src/analysis/stages.ts';
import { aptInstall, type AptEstimate } from '../../src/estimate/apt.ts';
import type { Facts } from '../../src/facts/types.ts';
import type { AptTrial } from './apt-sets.ts';
import { PROJECT } from './engine.ts';

export const MEASURED = join(PROJECT, 'corpus', 'measured-apt.json');

/** One trial as it came out. */
export interface MeasuredInstall extends AptTrial {
  /** Difference of the image sizes. */
  readonly bytes: number;
  /** How many packages were installed. */
  readonly packages: number;
  /** The day. */
  readonly date: string;
}

export function readMeasured(): MeasuredInstall[] {
  if (!existsSync(MEASURED)) return [];
  const { installs } = JSON.parse(readFileSync(MEASURED, 'utf8')) as {
    installs: MeasuredInstall[];
  };
  return installs;
}

export function isSame(one: AptTrial, other: AptTrial): boolean {
  return (
    one.set === other.set && one.base === other.base && one.withRecommends === other.withRecommends
  );
}

/** @returns the estimate, and by which share of what was measured it is too high */
export function compare(
  install: MeasuredInstall,
  facts: Facts,
): {
  readonly install: MeasuredInstall;
  readonly estimate: AptEstimate;
  readonly deviation: number;
} {
  const image = imageOf(imageName(install.base), facts)!;
  const estimate = aptInstall(
    {
      names: install.set.split(' '),
      suite: image.distribution!.suite,
      withRecommends: install.withRecommends,
      isThere: image.hasPackage,
      isSlim: image.variant === 'slim',
    },
    facts,
  );
  return { install, estimate, deviation: estimate.bytes / install.bytes - 1 };
}

/** Of a sorted list the place at which so large a share lies below. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
