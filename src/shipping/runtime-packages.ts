/** Packages with all the tools of a language, of which a container needs the runtime alone. */
import type { Call } from '../analysis/calls.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { ownName } from '../ecosystems/work.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import type { Carried } from './carried.ts';
import type { RunSteps } from './steps.ts';

export interface RuntimeScope {
  readonly facts: Facts;
  /** Below the stage. */
  readonly image: Image;
  readonly calls: readonly Call[];
  readonly carried: readonly Carried[];
  readonly runs: readonly RunSteps[];
}

/**
 * The package that takes the place of another; the same name where all of it is needed, and
 * `undefined` where no row speaks of it, or nothing runs on it.
 */
export function runtimePackage(name: string, scope: RuntimeScope): string | undefined {
  const row = scope.facts.work.runtimePackages.find((each) => matchesWhole(each.packages, name));
  if (!row || scope.image.runtimes.has(row.runtime)) return undefined;
  const works = scope.carried.map(({ work }) => work);
  const isStarted =
    scope.calls.some((call) => ownName(call) === row.runtime) ||
    works.some(({ runsOn }) => runsOn?.includes(row.runtime) === true);
  if (!isStarted) return undefined;
  const calls = scope.calls.some((call) => matchesWhole(row.tools, ownName(call)));
  const keeps = works.some((work) => work.keeps !== undefined && matchesWhole(work.keeps, name));
  if (calls || keeps) return name;
  if (row.unless !== undefined && installed(scope).some((each) => matchesWhole(row.unless!, each)))
    return undefined;
  return name.replace(new RegExp(`^(?:${row.packages})$`), row.becomes);
}

function installed({ runs }: RuntimeScope): readonly string[] {
  return runs.flatMap(({ steps }) =>
    steps.flatMap(({ role }) =>
      role.kind === 'packages' && role.packages.action === 'install'
        ? role.packages.operands.map(({ literal }) => (literal ?? '').replace(/[=/:].*$/, ''))
        : [],
    ),
  );
}
