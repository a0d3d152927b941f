/** The rows by which build contexts are read, for those who need no others: all rows take a while. */
import * as v from 'valibot';
import manifests from './manifests.json' with { type: 'json' };
import { manifestRows } from './manifest-rows.ts';
import type { Manifests } from './types.ts';

let loaded: Manifests | undefined;

/** @throws where a shipped row does not have its shape: a bug of dfopt, never of its user. */
export function loadManifests(): Manifests {
  return (loaded ??= v.parse(manifestRows, manifests));
}
