/** Which is the smallest image that provides what a program asks for, with a shell or without? By rows. */
import { imageOf, plainImages, runtimeImages } from '../analysis/images.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { imageName } from '../analysis/stages.ts';
import type { Image } from '../facts/image-types.ts';
import type { Asked, SmallImage } from '../facts/small-types.ts';
import type { Facts } from '../facts/types.ts';
import { isAtLeast } from './native.ts';

/** What the program itself is. */
export type Program =
  /** It links nothing. */
  | { readonly kind: 'static' }
  /** It links libraries, by packages of Debian, and was made with this libc. */
  | { readonly kind: 'linked'; readonly libraries: readonly string[]; readonly glibc: string }
  /** Code that a runtime runs; `glibc` of the image that it ran on, `undefined` for another libc. */
  | {
      readonly kind: 'runtime';
      readonly id: string;
      readonly version: string;
      readonly glibc: string | undefined;
    };

export interface Wish {
  readonly program: Program;
  /** `unknown`: it may ask for anything but other programs. */
  readonly asks: ReadonlySet<Asked> | 'unknown';
  /** Names of accounts and groups that must exist; numbers need none. */
  readonly accounts: readonly string[];
  /** The code name of the suite that it stood on, which is kept where it can be. */
  readonly suite: string | undefined;
  /** Only images of these publishers; none: of all. */
  readonly publishers?: readonly string[];
}

export interface Candidate {
  readonly image: Image;
  /** For an image without a shell. */
  readonly row: SmallImage | undefined;
}

/** Images with nothing but the program, smallest first; one suite, the wished one or the newest. */
export function withoutShell(wish: Wish, facts: Facts): readonly Candidate[] {
  const all = facts.smallImages.images.flatMap((row): Candidate[] => {
    const image = imageOf(imageName(row.image), facts);
    if (!image || wish.publishers?.includes(image.publisher) === false) return [];
    return provides(image, row, wish, facts) ? [{ image, row }] : [];
  });
  const suites = new Set(all.flatMap(({ image }) => image.distribution?.suite ?? []));
  const newest = all.toSorted(
    (a, b) =>
      Number(b.image.distribution?.version ?? 0) - Number(a.image.distribution?.version ?? 0),
  )[0]?.image.distribution?.suite;
  const suite = wish.suite !== undefined && suites.has(wish.suite) ? wish.suite : newest;
  return bySize(
    all.filter(
      ({ image }) => image.distribution === undefined || image.distribution.suite === suite,
    ),
  );
}

/** Why there is none without a shell: a sentence without a full stop. */
export function whyNone(wish: Wish, facts: Facts): string {
  const { program, accounts } = wish;
  const { smallImages } = facts;
  const account = accounts.find((name) => !smallImages.accounts.includes(name));
  if (account !== undefined) return `no image without a shell has the account "${account}"`;
  if (program.kind === 'runtime') {
    return `no image without a shell that is still updated has ${program.id} ${program.version}`;
  }
  if (program.kind === 'linked') {
    return `no image without a shell has ${program.libraries.join(' and ')} for glibc ${program.glibc}`;
  }
  return 'no image without a shell has what the program asks for';
}

/** Images that people can look around in, smallest first. */
export function withShell(wish: Wish, facts: Facts): readonly Candidate[] {
  const { program, suite, publishers } = wish;
  if (suite === undefined) return [];
  const images =
    program.kind === 'runtime'
      ? (publishers ?? ['docker']).flatMap((publisher) =>
          runtimeImages({ publisher, runtime: program.id, version: program.version, suite }, facts),
        )
      : plainImages(suite, facts);
  return bySize(
    images.flatMap((image): Candidate[] =>
      image.hasShell === 'yes' &&
      publishers?.includes(image.publisher) !== false &&
      hasLibc(image, program) &&
      wish.accounts.every(
        (name) => name === 'root' || image.users.some((user) => user.name === name),
      ) &&
      (wish.asks === 'unknown' || asksAreMet(image, wish.asks))
        ? [{ image, row: undefined }]
        : [],
    ),
  );
}

function bySize(candidates: readonly Candidate[]): readonly Candidate[] {
  const size = ({ image }: Candidate): number => image.size?.bytes ?? Infinity;
  return candidates.toSorted((a, b) => size(a) - size(b));
}

function provides(image: Image, row: SmallImage, wish: Wish, { smallImages }: Facts): boolean {
  const { program, asks, accounts } = wish;
  const isEmpty = image.distribution === undefined;
  if (accounts.some((name) => isEmpty || !smallImages.accounts.includes(name))) return false;
  if (asks === 'unknown' ? isEmpty : !asksAreMet(image, asks)) return false;
  switch (program.kind) {
    case 'static':
      return row.runtime === undefined;
    case 'linked':
      return (
        row.runtime === undefined &&
        program.libraries.every((name) => row.libraries?.includes(name) === true) &&
        isNewEnough(image, program.glibc)
      );
    case 'runtime':
      return (
        row.runtime?.id === program.id &&
        matchesWhole(`${row.runtime.version.replaceAll('.', '\\.')}(\\..*)?`, program.version) &&
        (row.runtime.isPortable === true ||
          (program.glibc !== undefined && isNewEnough(image, program.glibc)))
      );
  }
}

/** What was made with a libc runs with the same one or a newer one, never with an older. */
function isNewEnough({ libc }: Image, version: string): boolean {
  return libc?.kind === 'glibc' && libc.version !== undefined && isAtLeast(libc.version, version);
}

function hasLibc(image: Image, program: Program): boolean {
  if (program.kind === 'static') return true;
  return program.glibc === undefined || isNewEnough(image, program.glibc);
}

function asksAreMet(image: Image, asks: ReadonlySet<Asked>): boolean {
  const isEmpty = image.distribution === undefined;
  return [...asks].every((each) => {
    switch (each) {
      case 'certificates':
        return image.hasCertificates === 'yes';
      case 'time zones':
        return image.hasTimeZones === 'yes';
      case 'other programs':
        return image.hasShell === 'yes';
      case 'a folder for temporary files':
      case 'accounts':
      case 'files of the system':
        return !isEmpty;
    }
  });
}
