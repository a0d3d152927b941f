/**
 * What the commands of a build make of a project, and what of it the program may need. A language
 * answers for its own tools; rows answer for those of which a line says all.
 */
import type { Call } from '../analysis/calls.ts';
import type { BuildContext } from '../analysis/context.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { matchesWhole, rowsOfProgram } from '../analysis/patterns.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';

/** Something that a command makes. */
export interface Product {
  /** Of the image, without a slash in front: a file, or a folder with all that is in it. */
  readonly path: string;
  /** `dependencies` change less often than what is made of the project's own sources. */
  readonly of: 'dependencies' | 'sources';
  /** Only what the start of the program names of it is needed: a `target` full of half-made things. */
  readonly isNamed?: true;
  /** All that the command puts there, where that is known; with `isNamed`. */
  readonly names?: readonly string[];
  /** It is no program, even where it has the name of one that is called: a prefix, `/opt/redis`. */
  readonly isFolder?: true;
  /** The base and the author may put something into the folder as well. */
  readonly isShared?: true;
  /** Whose it is, as USER has it, where that is not root: a COPY gives the folder itself to root. */
  readonly owner?: string;
}

export interface Work {
  /** An id of the ecosystems: what it says of files that only a build reads counts. */
  readonly ecosystem: string;
  readonly makes: readonly Product[];
  /**
   * A folder, without a slash in front, in which all lies that the command writes beside caches:
   * where nobody knows what of it the program needs, so that it goes along as a whole.
   */
  readonly within?: string;
  /** A pattern of programs: where none of them runs in a container, nothing of this is needed. */
  readonly readBy?: string;
  /**
   * How what it makes is linked: as its compiler's call shows; with libraries whose headers the
   * stage has; or not at all.
   */
  readonly links?: 'as the call shows' | 'by headers';
  /**
   * It sets up the system, reads nothing that the build makes, and runs again in the shipped image:
   * `bundle config`.
   */
  readonly isRepeated?: true;
  /** Folders, without a slash in front: what else lies in them is of use to the build alone. */
  readonly onlyBuild?: readonly string[];
  /** Programs of the base that what it makes is run by, called or not: `ruby`. */
  readonly runBy?: readonly string[];
  /** Packages of Debian with libraries that it links, beside those whose headers the stage installs. */
  readonly libraries?: readonly string[];
  /**
   * Keys of an image's runtimes that it needs: `java`, `aspnetcore`. What is made is closed then: the
   * program does not read the sources that it was made of.
   */
  readonly runsOn?: readonly string[];
  /** Further packages of the system that it needs, as far as the base of the build has them. */
  readonly packages?: readonly PackageWish[];
  /** A pattern of packages that it needs although most programs do without them. */
  readonly keeps?: string;
  /** What it leaves in the build is nothing: where no step compiles, one stage is enough. */
  readonly isKept?: true;
  /** What the needs of its step say counts: nobody has seen all that it puts in place. */
  readonly isOpen?: true;
  /** What must be true, where nothing shows it: a sentence without a full stop each. */
  readonly assumptions?: readonly string[];
  /** RUNs to be put behind the last of the build, so that less has to be shipped: `npm prune`. */
  readonly thins?: Thinning;
  /** What stays in the build with it, for the remark. */
  readonly leaves?: readonly string[];
  /** Words to be put behind the action of the command, so that what it makes lies together. */
  readonly redirects?: Redirecting;
}

export interface PackageWish {
  /** In words: `fonts`. */
  readonly what: string;
  readonly names: (suite: string, manager: string) => readonly string[] | undefined;
  /** The build had it by an install, whatever the base has. */
  readonly isLinked?: true;
}

export interface Thinning {
  /** Shell code, run in the folder. */
  readonly command: string;
  /** Without a slash in front. */
  readonly folder: string;
  /** What it does, for the remark: `leaves out 12 packages for development`. */
  readonly message: string;
}

export interface Redirecting {
  /** Behind which word, by its offset in the instruction's text. */
  readonly after: number;
  readonly text: string;
  /** Where what it makes comes to lie in the shipped image, without a slash in front. */
  readonly to: string;
}

export type WorkAnswer = Work | { readonly why: string };

/** Where a command of a build runs. */
export interface WorkScope {
  /** By paths of the image; `undefined` where nothing is known of the build context. */
  readonly files: BuildContext | undefined;
  /** The same when all of the stage is done. */
  readonly atEnd: BuildContext | undefined;
  /** The image below. */
  readonly image: Image | undefined;
  readonly facts: Facts;
  /**
   * A variable's value, empty where it is not set; `undefined` where nobody knows. Of `npm_config_*`:
   * empty where nothing that begins so is set, else `undefined`.
   */
  readonly variable: (name: string) => string | undefined;
  /** What the ENVs of the stage say, as they are written. */
  readonly environment: string;
  /** As USER has it, empty where nobody set it; `undefined` where nobody knows. */
  readonly user: string | undefined;
  /** Whether it stands in the code of a shell, whose words can be edited. */
  readonly isShell: boolean;
  /** The commands in front of it in the same RUN. */
  readonly alongside: readonly SimpleCommand[];
  /** The calls that run in front of it in the same stage, as far as they show. */
  readonly earlier: readonly Call[];
  /** The calls that run behind it in the same stage, as far as they show. */
  readonly later: readonly Call[];
  /** What a container runs, scripts followed. */
  readonly started: readonly Call[];
}

/** What rows say of a call; `undefined` where none speaks of it. */
export function workByRows(call: Call, { facts }: WorkScope): Work | undefined {
  const name = ownName(call);
  const words = wordsOf(call);
  const row = rowsOfProgram(facts.work.builders, name).find((each) =>
    matchesWhole(each.words, words),
  );
  if (!row) return undefined;
  const place = (path: string): string => pathInside(path.replace('{folder}', call.folder));
  return {
    ecosystem: row.ecosystem,
    makes: row.makes.map((path): Product => ({
      path: place(path),
      of: row.of ?? 'sources',
      ...(row.isNamed === true && { isNamed: true }),
    })),
    ...(row.within !== undefined && { within: place(row.within) }),
    ...(row.readBy !== undefined && { readBy: row.readBy }),
    ...(row.links !== undefined && { links: row.links }),
  };
}

/** Whether a call only looks at things: what it writes, if anything, no program reads. */
export function isCheck(call: Call, { work }: Facts): boolean {
  const rows = rowsOfProgram(work.checks, ownName(call));
  if (rows.length === 0) return false;
  const words = wordsOf(call);
  return rows.some((each) => matchesWhole(each.words, words));
}

/** The program's name without folders: `./mvnw` is `mvnw`. */
export function ownName({ program }: Call): string {
  return program.slice(program.lastIndexOf('/') + 1);
}

/** The arguments as one text; what is not literal is a `?`. */
export function wordsOf({ args }: Call): string {
  return (args.includes(undefined) ? args.map((each) => each ?? '?') : args).join(' ');
}

export function isRoot({ user }: Pick<WorkScope, 'user'>): boolean {
  return user !== undefined && /^(|root|0)(:.*)?$/.test(user);
}

/** What is made by another account than root is its own: of a folder that is copied, the folder, too. */
export function ownedBy<A extends WorkAnswer>(answer: A, scope: Pick<WorkScope, 'user'>): A {
  const { user } = scope;
  if ('why' in answer || user === undefined || isRoot(scope)) return answer;
  return { ...answer, makes: answer.makes.map((each) => ({ ...each, owner: user })) };
}
