/**
 * What lies in the file system of an image, as far as a bill needs to know: things with a place and a
 * weight, of which later layers copy, change and delete some.
 */
import { about, exactly, times, type Amount } from '../analysis/amounts.ts';
import { isWithin } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { placeCovers, placesMeet, plainPlace, type Place } from '../analysis/places.ts';
import { plainText } from '../analysis/values.ts';
import type { LineKind } from './bill.ts';

/** A file, or a folder with all that is in it. */
export interface Item {
  /** Without a slash in front; `undefined`: files all over the image, as packages have them. */
  readonly path: string | undefined;
  readonly kind: LineKind;
  readonly what: string;
  readonly amount: Amount;
  readonly isUnknown?: true;
  /** Of an install, the packages that were asked for, as long as others may be taken away. */
  readonly packages?: readonly string[];
  /** Of an install by `apk add --virtual`: the name under which all of it can be removed. */
  readonly group?: string;
  /** Of an install: what is recommended came along. */
  readonly withRecommends?: boolean;
  /** Files with their bytes by path in the image, where each is known: those of the build context. */
  readonly files?: ReadonlyMap<string, number>;
}

/** Whether a place covers all of a path, be it by naming all that is in it: `/var/lib/apt/lists/*`. */
export function coversPath(place: Place, path: string | undefined): boolean {
  if (place.isGuess === true || path === undefined) return false;
  const known = place.isPattern ? undefined : plainText(place.path);
  if (known?.startsWith('/') && pathInside(path) === path) {
    const inside = known.slice(1);
    // Of plain paths their texts say it all.
    if (pathInside(inside) === inside) return isWithin(path, inside);
  }
  return (
    placeCovers(place, plainPlace(`/${path}`)) === 'yes' ||
    placeCovers(place, plainPlace(`/${path}/in it`)) === 'yes'
  );
}

/** What is left of things when these places are deleted. */
export function without(items: readonly Item[], places: readonly Place[]): readonly Item[] {
  if (places.length === 0 || items.length === 0) return items;
  const covers = (path: string | undefined): boolean =>
    places.some((place) => coversPath(place, path));
  return items
    .filter(({ path }) => !covers(path))
    .map((item) =>
      item.files && places.some((place) => touches(place, item.path))
        ? withoutFiles(item, item.files, covers)
        : item,
    );
}

function touches(place: Place, path: string | undefined): boolean {
  return path !== undefined && placesMeet(place, plainPlace(`/${path}`)) !== 'no';
}

/** Things and new ones: what lies at the same path is the new one. */
export function laidOver(items: readonly Item[], added: readonly Item[]): readonly Item[] {
  if (added.length === 0) return items;
  if (items.length === 0) return added;
  // Loops, as each command of each RUN asks this; mostly, what lies there has many files, and few are new.
  const goes = (path: string): boolean => {
    for (const each of added) if (each.path === path || each.files?.has(path)) return true;
    return false;
  };
  const all: Item[] = [];
  for (const item of items) {
    if (!item.files) {
      if (item.path === undefined || !hasPath(added, item.path)) all.push(item);
    } else all.push(hasOne(item.files, added) ? withoutFiles(item, item.files, goes) : item);
  }
  all.push(...added);
  return all;
}

function hasPath(items: readonly Item[], path: string): boolean {
  for (const each of items) if (each.path === path) return true;
  return false;
}

/** Whether one of the files lies where one of the things lies, or a file of it. */
function hasOne(files: ReadonlyMap<string, number>, items: readonly Item[]): boolean {
  for (const { path, files: others } of items) {
    if (path !== undefined && files.has(path)) return true;
    if (!others) continue;
    // The fewer of them are gone through.
    const [few, many] = others.size < files.size ? [others, files] : [files, others];
    for (const each of few.keys()) if (many.has(each)) return true;
  }
  return false;
}

/** The same thing where none of its files go. */
function withoutFiles(
  item: Item,
  files: ReadonlyMap<string, number>,
  goes: (path: string) => boolean,
): Item {
  const left = new Map<string, number>();
  for (const [path, bytes] of files) if (!goes(path)) left.set(path, bytes);
  return left.size === files.size ? item : ofFiles(item, left);
}

export function ofFiles(item: Omit<Item, 'amount'>, files: ReadonlyMap<string, number>): Item {
  let bytes = 0;
  for (const each of files.values()) bytes += each;
  return { ...item, files, amount: exactly(bytes) };
}

/** Of a folder of which a part is taken, and nobody knows how much: from nothing to all. */
function partOf({ bytes, high }: Amount): Amount {
  return { ...about(bytes / 2, 1), low: 0, high };
}

export interface Found {
  readonly items: readonly Item[];
  /** Only some of a thing is meant, and its share is a guess. */
  readonly isPartial: boolean;
}

/** What lies at a path or below it, with the paths that it has there. */
export function foundAt(items: readonly Item[], path: string): Found {
  const found: Item[] = [];
  let around: Item | undefined;
  for (const item of items) {
    if (item.files) {
      const inside = new Map<string, number>();
      for (const [each, bytes] of item.files) if (isWithin(each, path)) inside.set(each, bytes);
      if (inside.size > 0)
        found.push(inside.size === item.files.size ? item : ofFiles(item, inside));
    } else if (item.path === undefined) {
      if (path === '') found.push(item);
    } else if (isWithin(item.path, path)) found.push(item);
    else if (isWithin(path, item.path) && (!around || isWithin(item.path, around.path!))) {
      around = item;
    }
  }
  if (found.length > 0 || !around) return { items: found, isPartial: false };
  return {
    items: [{ ...around, path, amount: partOf(around.amount) }],
    isPartial: true,
  };
}

/** The same things at another place. */
export function moved(items: readonly Item[], from: string, to: string): readonly Item[] {
  const place = (path: string): string => {
    const rest = path.slice(from.length).replace(/^\//, '');
    return [to, rest].filter((part) => part !== '').join('/');
  };
  return items.map((item) => ({
    ...item,
    path: item.path === undefined ? undefined : isWithin(item.path, from) ? place(item.path) : to,
    ...(item.files && {
      files: new Map([...item.files].map(([path, bytes]) => [place(path), bytes])),
    }),
  }));
}

/** One that may be there or not. */
export function perhaps(amount: Amount): Amount {
  return { ...times(amount, 1), low: 0 };
}

/** Whether a folder is one in which tools of languages put packages. */
export function holdsPackages(path: string): boolean {
  return /(^|\/)(node_modules|site-packages|dist-packages|vendor|bundle|\.?venv)(\/|$)/.test(path);
}
