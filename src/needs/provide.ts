/** Whether another base provides what is asked of the one that is there, and with which packages. */
import { plainImages } from '../analysis/images.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { inAlpineRelease } from '../analysis/system-packages.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import { commandPackages } from './command-packages.ts';
import type { Need, Needs } from './need.ts';

/** A need, and why the other base does not meet it: "the image has no gpg". */
export interface Unmet {
  readonly need: Need;
  readonly why: string;
}

export interface Provision {
  /** Packages that must be installed on the other base, sorted, each with what needs it. */
  readonly missing: readonly { readonly name: string; readonly need: Need }[];
  /** What no package brings. */
  readonly unmet: readonly Unmet[];
  /** What nobody can tell. */
  readonly unknown: readonly Unmet[];
}

/**
 * What it takes to put an image in the place of another.
 *
 * @param needs of the steps and the program that stand on it
 * @param from the image that is there: what it lacks, something else brings
 * @param hasLost an install is left out that may have brought what is linked
 */
export function provision(
  needs: Needs,
  from: Image,
  to: Image,
  facts: Facts,
  hasLost = false,
): Provision {
  const missing = new Map<string, Need>();
  const unmet: Unmet[] = [];
  const unknown: Unmet[] = [];
  const installed = new Set(needs.installed);
  const add = (names: readonly string[], need: Need): void => {
    for (const name of names) {
      if (isThere(name, from, to, facts)) continue;
      if (!installed.has(name) && !missing.has(name)) {
        missing.set(name, need);
      }
    }
  };
  // Packages that are named first: one of them may bring a program that something else calls.
  const ordered: Need[] = [];
  for (const each of needs.needs) if (each.kind === 'packages') ordered.push(each);
  for (const each of needs.needs) if (each.kind !== 'packages') ordered.push(each);
  for (const need of ordered) {
    switch (need.kind) {
      case 'command': {
        const had = from.hasCommand(need.name);
        const has = to.hasCommand(need.name);
        if (had === 'no' || has === 'yes') break;
        // Rows leave open which programs come with a runtime; its images have the same ones.
        if (had === has && isSmallerKin(from, to)) break;
        const named = commandPackages(need.name, to, facts);
        // A JDK's compiler is no package of the distribution: another one would be another JDK.
        const isOwn =
          isSameSuite(from, to) &&
          had === 'yes' &&
          named?.some((name) => from.hasPackage(name) === 'yes') !== true;
        // Nor is the runtime that the image is for: a package of the distribution is another version.
        const isRuntime =
          (from.runtimes.has(need.name) && !to.runtimes.has(need.name)) ||
          isOfKit(need.name, named ?? [], from, facts);
        const names = isOwn || isRuntime ? undefined : named;
        if (names?.some((name) => to.hasPackage(name) === 'yes')) break;
        // In every image of the distribution, where rows put it first.
        if (names?.[0] === 'busybox' && to.hasShell === 'yes') break;
        if (!isSameSuite(from, to) && isOfRuntime(need.name, from, to)) break;
        // What no distribution has a package for comes with what the steps install.
        const isLeft = has === 'unknown' || named === undefined;
        if (had === 'unknown' && isLeft && isSibling(from, to)) break;
        if (names && (had === 'yes' || has === 'no')) {
          if (!names.some((name) => installed.has(name) || missing.has(name))) {
            add(names.slice(0, 1), need);
          }
        } else if (names?.some((name) => installed.has(name))) break;
        else if (had === 'yes' && has === 'no') {
          unmet.push({ need, why: `it has no ${need.name}` });
        } else unknown.push({ need, why: `whether it has ${need.name} is not known` });
        break;
      }
      case 'packages': {
        // There it asks gcc or ld, and they take what only packages with headers have.
        if (need.isSought === true && to.libc?.kind === 'musl' && (from !== to || hasLost)) {
          unmet.push({ need, why: 'on musl, Python finds libraries by a compiler alone' });
          break;
        }
        const names =
          to.packageManager === undefined || to.distribution === undefined
            ? undefined
            : namesOn(need, to.distribution.suite, to.packageManager, facts);
        // What the image that is there lacks was never there.
        const had = names?.filter(
          (name) =>
            !isSameSuite(from, to) ||
            from.hasPackage(name) !== 'no' ||
            (hasLost && need.isLinked === true),
        );
        if (had) add(had, need);
        else unknown.push({ need, why: `which package has ${need.what} is not known` });
        break;
      }
      case 'certificates':
        if (from.hasCertificates === 'no' || to.hasCertificates === 'yes') break;
        // Where a manager of packages makes sure of it, it need not be known.
        if (
          to.hasCertificates === 'unknown' &&
          (from.hasCertificates !== 'yes' || to.packageManager === undefined)
        ) {
          unknown.push({ need, why: 'whether it has CA certificates is not known' });
        } else add(['ca-certificates'], need);
        break;
      case 'libc':
        // What was made for another one never ran here.
        if (from.libc !== undefined && from.libc.kind !== need.libc) break;
        if (to.libc === undefined) unknown.push({ need, why: 'its libc is not known' });
        else if (to.libc.kind !== need.libc) unmet.push({ need, why: `it has no ${need.libc}` });
        break;
      case 'documentation':
        if (from.variant !== 'slim' && to.variant === 'slim') {
          unmet.push({ need, why: `it leaves ${need.path} empty` });
        }
        break;
      case 'manual pages': {
        const { suites, why } = facts.programs.manualPages;
        const suite = to.distribution?.suite;
        if (suite === undefined) unknown.push({ need, why: 'its suite is not known' });
        else if (suites.includes(suite)) unmet.push({ need, why });
        break;
      }
    }
  }
  const names = [...missing].map(([name, need]) => ({ name, need }));
  return { missing: names.sort((a, b) => (a.name < b.name ? -1 : 1)), unmet, unknown };
}

function namesOn(
  need: Extract<Need, { readonly kind: 'packages' }>,
  suite: string,
  manager: string,
  facts: Facts,
): readonly string[] | undefined {
  const names = need.names(suite, manager);
  return manager === 'apk' ? names && inAlpineRelease(names, suite, facts) : names;
}

/** Whether the package is there: also where only the plain image of an earlier suite is known to have it. */
function isThere(name: string, from: Image, to: Image, facts: Facts): boolean {
  const has = to.hasPackage(name);
  if (has !== 'unknown' || from.distribution?.id !== to.distribution?.id) return has === 'yes';
  const plain = plainImages(from.distribution?.suite ?? '', facts).filter(
    (image) => image.distribution?.id === to.distribution?.id && image.hasShell === 'yes',
  );
  return plain.length > 0 && plain.every((image) => image.hasPackage(name) === 'yes');
}

/** Images of one program on two distributions. */
function isSibling(from: Image, to: Image): boolean {
  return from.family === to.family && from.distribution?.id !== to.distribution?.id;
}

/** Whether it comes with what both images are for: `python3`, `php`. */
function isOfRuntime(command: string, from: Image, to: Image): boolean {
  const name = command.replace(/[\d.]+$/, '');
  return from.family === to.family && from.runtimes.has(name) && to.runtimes.has(name);
}

/** Whether they differ in packages of the distribution, all of which are known, and in nothing else. */
/** Whether it is a tool of the kit that the image is for, and that no package of the system brought: `jstack`. */
function isOfKit(
  command: string,
  packages: readonly string[],
  { runtimes, hasPackage }: Image,
  { work }: Facts,
): boolean {
  return (
    work.runtimePackages.some(
      ({ runtime, tools }) => runtimes.has(runtime) && matchesWhole(tools, command),
    ) && packages.every((name) => hasPackage(name) !== 'yes')
  );
}

function isSmallerKin(from: Image, to: Image): boolean {
  return (
    from.family === to.family &&
    to.variant === 'slim' &&
    from.packages !== undefined &&
    to.packages !== undefined
  );
}

function isSameSuite(one: Image, other: Image): boolean {
  return one.distribution?.suite === other.distribution?.suite;
}
