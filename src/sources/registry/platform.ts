/** Which image of an index is meant: by operating system, architecture and variant. */
import type { Platform } from '../../facts/observed.ts';

export const DEFAULT_PLATFORM: Platform = { os: 'linux', architecture: 'amd64' };

/** Other names of the same, by Docker's rules. */
const ALIASES: Readonly<Record<string, Omit<Platform, 'os'>>> = {
  x86_64: { architecture: 'amd64' },
  'x86-64': { architecture: 'amd64' },
  i386: { architecture: '386' },
  aarch64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v6' },
};

/** What is meant where no variant is written. */
const USUAL: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8', arm: 'v7' };

/** @returns `undefined` where the text is no `os/architecture` or `os/architecture/variant` */
export function parsePlatform(text: string): Platform | undefined {
  const match = /^([a-z0-9]+)\/([a-z0-9_-]+)(?:\/(v?[0-9]+))?$/.exec(text.toLowerCase());
  if (!match) return undefined;
  const [, os = '', architecture = '', variant] = match;
  return normalPlatform({
    os,
    architecture,
    ...(variant !== undefined && { variant: variant.startsWith('v') ? variant : `v${variant}` }),
  });
}

/** With the usual name of the architecture, and without a variant that goes without saying. */
export function normalPlatform({ os, architecture, variant }: Platform): Platform {
  const alias = Object.hasOwn(ALIASES, architecture) ? ALIASES[architecture] : undefined;
  const plain = alias ?? { architecture };
  const exact = variant ?? plain.variant;
  const isUsual = exact === undefined || exact === '' || exact === USUAL[plain.architecture];
  return { os, architecture: plain.architecture, ...(!isUsual && { variant: exact }) };
}

/** `linux/arm/v6` */
export function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}

/**
 * The best of what an index lists: this very variant, else the highest one below it, which such a
 * machine runs as well.
 * @returns its place in the list
 */
export function bestPlatform(
  listed: readonly (Platform | undefined)[],
  wanted: Platform,
): number | undefined {
  const target = normalPlatform(wanted);
  const level = levelOf(target);
  const fits = listed.flatMap((each, index) => {
    if (!each) return [];
    const one = normalPlatform(each);
    const isSame = one.os === target.os && one.architecture === target.architecture;
    const own = levelOf(one);
    const runs = one.variant === target.variant || own < level;
    return isSame && runs ? [{ index, rank: own }] : [];
  });
  // Of equals the first: an index lists what its makers prefer first.
  return fits.toSorted((a, b) => b.rank - a.rank || a.index - b.index)[0]?.index;
}

function levelOf({ architecture, variant = USUAL[architecture] ?? 'v0' }: Platform): number {
  return Number(/^v(\d+)$/.exec(variant)?.[1] ?? -1);
}
