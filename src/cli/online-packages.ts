/** `--online`: how large packages of npm are of which no row tells, by the user's own registry. */
import { homedir } from 'node:os';
import manifest from '../../package.json' with { type: 'json' };
import type { BuildContext } from '../analysis/context.ts';
import { baseName } from '../analysis/go-paths.ts';
import { LOCK_READERS } from '../ecosystems/node-locked.ts';
import { withoutSize } from '../ecosystems/npm-sizes.ts';
import type { Facts } from '../facts/types.ts';
import { npmSizesOf } from '../sources/npm-registry.ts';
import type { Io } from './io.ts';

export interface PricedPackages {
  /** With what the registry said. */
  readonly facts: Facts;
  /** Not yet escaped. */
  readonly problems: readonly string[];
}

/** Asks about the packages that lockfiles of these contexts name. */
export async function withPackageSizes(
  contexts: readonly (BuildContext | undefined)[],
  facts: Facts,
  io: Io,
): Promise<PricedPackages> {
  const readers = new Map(Object.values(LOCK_READERS).flatMap((each) => Object.entries(each)));
  const named = contexts.flatMap((context) =>
    [...(context?.texts ?? [])].flatMap(([path, text]) => {
      const question = { text, manifests: [], omitsDevelopment: false, libc: 'glibc' } as const;
      return readers.get(baseName(path))?.(question) ?? [];
    }),
  );
  const missing = withoutSize(named, facts.npmSizes);
  if (missing.length === 0) return { facts, problems: [] };
  const { sizes, problems } = await npmSizesOf(missing, {
    env: io.env,
    home: homedir(),
    version: manifest.version,
  });
  return { facts: { ...facts, npmSizes: { ...facts.npmSizes, observed: sizes } }, problems };
}
