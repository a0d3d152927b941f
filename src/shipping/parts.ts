/** A folder that is copied in parts: as few instructions as bring nothing else. */
import { isWithin } from '../analysis/context.ts';
import { baseName, folderOf, hasWildcards } from '../analysis/go-paths.ts';
import type { Carried } from './carried.ts';
import type { CopiedFolder } from './copied-folders.ts';

export interface Part {
  /** Files of one folder, or one path of any kind. */
  readonly paths: readonly string[];
  /** They are put into the folder that held them; one path of another kind keeps its name. */
  readonly isFiles: boolean;
}

/** What was found in a folder: paths without a slash in front. */
export interface Found {
  /** Files of the build context. */
  readonly kept: readonly string[];
  /** Those that are not worth a name of their own. */
  readonly papers: readonly string[];
  readonly dropped: readonly string[];
  /** Products that stay behind. */
  readonly lost: readonly string[];
  readonly products: readonly Carried[];
  /** Further paths to be copied. */
  readonly others: readonly string[];
}

/** Dependencies first, then what was made, then what else is there. */
export function partsOf(from: string, found: Found): readonly Part[] {
  return new Walk(found).parts(from);
}

/** Gathers what is copied into as few folders as hold nothing else. */
class Walk {
  private readonly found: Found;
  private readonly files: Part[] = [];
  private readonly folders: Part[] = [];

  constructor(found: Found) {
    this.found = found;
  }

  parts(from: string): readonly Part[] {
    this.folder(from);
    const { products, others } = this.found;
    const isWhole = (path: string): boolean =>
      this.folders.some(({ paths }) => paths.some((each) => isWithin(path, each)));
    const one = (path: string): Part => ({ paths: [path], isFiles: hasWildcards(path) });
    const isDependency = (path: string): boolean => baseName(path) === 'node_modules';
    const first = [
      ...products.filter(({ of }) => of === 'dependencies').map(({ path }) => path),
      ...others.filter(isDependency),
    ];
    const then = [
      ...products.filter(({ of }) => of !== 'dependencies').map(({ path }) => path),
      ...others.filter((path) => !isDependency(path)),
    ];
    const unique = [...new Set([...first, ...then])].filter(
      (path, _, all) => !all.some((other) => other !== path && isWithin(path, other)),
    );
    return [...unique.filter((path) => !isWhole(path)).map(one), ...this.files, ...this.folders];
  }

  private folder(path: string): void {
    const { kept, papers, dropped, lost, products, others } = this.found;
    const own: string[] = [];
    const below = new Set(
      kept
        .filter((each) => each.startsWith(`${path}/`))
        .map((each) => each.slice(path.length + 1).split('/')[0]!),
    );
    const taken = [...products.map((each) => each.path), ...others];
    for (const name of [...below].toSorted()) {
      const child = `${path}/${name}`;
      if (taken.some((each) => isWithin(child, each))) continue;
      if (kept.includes(child)) {
        if (!papers.includes(child)) own.push(child);
        continue;
      }
      const files = kept.filter((each) => each.startsWith(`${child}/`));
      if (files.every((each) => papers.includes(each))) continue;
      const isMixed =
        [...dropped, ...lost].some((each) => isWithin(each, child)) ||
        products.some((each) => each.of === 'dependencies' && isWithin(each.path, child));
      if (isMixed) this.folder(child);
      else this.folders.push({ paths: [child], isFiles: false });
    }
    if (own.length > 0) this.files.push({ paths: own, isFiles: true });
  }
}

/** The instructions in place of the one that copies the whole folder. */
export function partTexts({ copy, from }: CopiedFolder, parts: readonly Part[]): readonly string[] {
  const flags = copy.flags.map(({ start, end }) => copy.text.slice(start, end));
  const source = copy.sources[0]!.text.replace(/\/\.?$|(?<=\/)$/, '').replace(/\/+$/, '');
  const target = copy.destination!.text.replace(/(?<=^|\/)\.?$/, '').replace(/\/+$/, '');
  const isHere = /^\.?\/?$/.test(copy.destination!.text) && copy.destination!.text !== '/';
  const at = isHere ? '.' : target;
  return parts.map(({ paths, isFiles }) => {
    const below = (path: string): string => path.slice(from.length + 1);
    const inner = folderOf(below(paths[0]!));
    const place = isFiles
      ? `${at}/${inner === '' ? '' : `${inner}/`}`
      : `${at}/${below(paths[0]!)}`;
    return [copy.keyword, ...flags, ...paths.map((path) => `${source}/${below(path)}`), place].join(
      ' ',
    );
  });
}
