/** One package that an install puts in place, and all of them. */

/** Where packages of a language come from; rows about packages name it. */
export type Registry = 'npm' | 'pypi' | 'rubygems' | 'packagist';

export interface Dependency {
  /** As its registry has it; for Python in its normal form: lower case, with dashes. */
  readonly name: string;
  /** `undefined` where it is not fixed. */
  readonly version: string | undefined;
  /** What a manifest allows, as written: `^4.18.0`; `undefined` where it does not say. */
  readonly range: string | undefined;
  /** Only for development; `undefined` where the lockfile does not say. */
  readonly isDevelopment: boolean | undefined;
  /** Whether the install runs a script of it, which may compile; `undefined` where nobody says. */
  readonly hasInstallScript: boolean | undefined;
  /** Files that are offered ready to use, by their names; `undefined` where nobody says. */
  readonly ready: readonly string[] | undefined;
  /** Where it comes from, when that is not its registry: `git+https://…`. */
  readonly from: string | undefined;
  /** Of Python: what is asked for in brackets behind the name. */
  readonly extras?: readonly string[];
}

export interface Dependencies {
  readonly registry: Registry;
  readonly packages: readonly Dependency[];
  /** Whether it is all of them: what others ask for included. */
  readonly isComplete: boolean;
  /** Of which file this is. */
  readonly path: string;
}

export type DependencyList = Omit<Dependencies, 'path'>;

/** A package of which nothing is known but what is given. */
export function dependency(name: string, given: Partial<Dependency>): Dependency {
  return {
    name,
    version: undefined,
    range: undefined,
    isDevelopment: undefined,
    hasInstallScript: undefined,
    ready: undefined,
    from: undefined,
    ...given,
  };
}
