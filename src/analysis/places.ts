/**
 * Places in an image's file system that a command touches, and whether two of them meet. Names may be
 * patterns, and parts may be unknown: then the answer may be, too.
 */
import { cleanPath, HOME_FOLDER, segmentsOf, WORKDIR_OF_BASE } from './paths.ts';
import { plainText, prefixOf, type Text } from './values.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

/** A file, or a folder with all that is in it. */
export interface Place {
  /** Absolute, without `.`, `..` and double slashes, as far as it is known. */
  readonly path: Text;
  /** `*`, `?` and brackets in it stand for names that exist when the command runs. */
  readonly isPattern: boolean;
  /** It is one of several, and nobody knows which: what is done there may be done elsewhere. */
  readonly isGuess?: true;
}

export type Answer = 'yes' | 'no' | 'unknown';

export function placeAt(path: Text, isPattern = false): Place {
  return { path: cleanPath(path), isPattern };
}

/** Where home folders lie in nearly all images; that one may lie elsewhere is not looked into. */
const HOMES = ['/root', '/home/*'];

/** The places that a path may be: one, or one in each home folder that it may begin with. */
export function placesAt(path: Text, isPattern = false): readonly Place[] {
  const [first, ...rest] = path;
  if (first !== HOME_FOLDER) return [placeAt(path, isPattern)];
  return HOMES.map((home) => ({ ...placeAt([home, ...rest], true), isGuess: true as const }));
}

const plainPlaces = new Map<string, Place>();

/** So many are kept: a stage holds each of a few dozen paths against all that its commands touch. */
const MOST_PLAIN = 256;

/** The place of a known path. */
export function plainPlace(path: string): Place {
  let place = plainPlaces.get(path);
  if (!place) {
    if (plainPlaces.size >= MOST_PLAIN) plainPlaces.clear();
    plainPlaces.set(path, (place = placeAt(path === '' ? [] : [path])));
  }
  return place;
}

/** Nobody knows which place. */
export function somewhere(what: string): Place {
  return { path: [{ unknown: what }], isPattern: false };
}

/** Whether the two have files in common: they are the same, or one lies in the other. */
export function placesMeet(one: Place, other: Place): Answer {
  const a = plainPath(one);
  const b = a === undefined ? undefined : plainPath(other);
  if (a !== undefined && b !== undefined) return liesIn(a, b) || liesIn(b, a) ? 'yes' : 'no';
  const ours = segmentsIn(one);
  const theirs = segmentsIn(other);
  let isSure = true;
  const length = Math.min(ours.length, theirs.length);
  for (let index = 0; index < length; index++) {
    const same = isSameName(ours[index]!, theirs[index]!);
    if (same === 'no') return 'no';
    // A gap may hold slashes: nothing behind it can be compared.
    if (same === 'gap') return 'unknown';
    if (same === 'unknown') isSure = false;
  }
  return isSure ? 'yes' : 'unknown';
}

/** Whether all of `inner` lies in `outer`, or is the same. */
export function placeCovers(outer: Place, inner: Place): Answer {
  const a = plainPath(outer);
  const b = a === undefined ? undefined : plainPath(inner);
  if (a !== undefined && b !== undefined) return liesIn(b, a) ? 'yes' : 'no';
  const ours = segmentsIn(outer);
  const theirs = segmentsIn(inner);
  let isSure = true;
  for (let index = 0; index < ours.length; index++) {
    const own = ours[index]!;
    const its = theirs[index];
    if (its === undefined) {
      // A folder does not lie in what is only a part of it.
      return theirs.some(({ kind }) => kind === 'gap' || kind === 'base') ? 'unknown' : 'no';
    }
    const same = isSameName(own, its);
    if (same === 'no') return 'no';
    if (same === 'gap') return 'unknown';
    if (same === 'unknown' && !coversName(own, its)) isSure = false;
  }
  return isSure ? 'yes' : 'unknown';
}

/** Most places are known as a whole, and need not be cut into names. */
function plainPath({ path, isPattern }: Place): string | undefined {
  return isPattern ? undefined : plainText(path);
}

function liesIn(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

/** `yes` where one is, `no` where none is. */
export function anyOf(answers: readonly Answer[]): Answer {
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}

/** One name of a path: as it is, a pattern, a gap behind what it begins with, or the base's WORKDIR. */
interface Name {
  readonly kind: 'plain' | 'pattern' | 'gap' | 'base';
  readonly text: string;
}

/** Most places are held against many others. */
const named = new RunMemory<Place, readonly Name[]>();

function segmentsIn(place: Place): readonly Name[] {
  let names = named.get(place);
  if (!names) named.set(place, (names = namesOf(place)));
  return names;
}

function namesOf({ path, isPattern }: Place): readonly Name[] {
  const plain = isPattern ? undefined : plainText(path);
  if (plain !== undefined) {
    const names = plain.split('/').filter(Boolean);
    return names.map((text): Name => ({ kind: 'plain', text }));
  }
  return segmentsOf(path).flatMap((segment): Name[] => {
    const text = plainText(segment);
    if (text === '') return [];
    if (text !== undefined) {
      return [{ kind: isPattern && /[*?[]/.test(text) ? 'pattern' : 'plain', text }];
    }
    const isBase = segment.length === 1 && segment[0] === WORKDIR_OF_BASE;
    return [{ kind: isBase ? 'base' : 'gap', text: isPattern ? '' : prefixOf(segment) }];
  });
}

function isSameName(one: Name, other: Name): Answer | 'gap' {
  // Unknown, but one and the same.
  if (one.kind === 'base' && other.kind === 'base') return 'yes';
  if (one.kind === 'base' || other.kind === 'base') return 'gap';
  if (one.kind === 'gap' || other.kind === 'gap') return canBeSame(one, other) ? 'gap' : 'no';
  if (one.kind === 'plain' && other.kind === 'plain') return one.text === other.text ? 'yes' : 'no';
  if (one.kind === 'pattern' && other.kind === 'pattern') return 'unknown';
  const [pattern, plain] = one.kind === 'pattern' ? [one.text, other.text] : [other.text, one.text];
  return matchesName(pattern, plain) ? 'unknown' : 'no';
}

/** Whether a name of which only the beginning is known may be the other one, or lead to it. */
function canBeSame(one: Name, other: Name): boolean {
  if (one.kind === 'pattern' || other.kind === 'pattern') return true;
  if (one.kind === 'plain') return one.text.startsWith(other.text);
  if (other.kind === 'plain') return other.text.startsWith(one.text);
  return one.text.startsWith(other.text) || other.text.startsWith(one.text);
}

/** Whether a pattern stands for every name that the other can be. */
function coversName(own: Name, its: Name): boolean {
  if (own.kind !== 'pattern') return false;
  if (its.kind === 'plain') return matchesName(own.text, its.text);
  return its.kind === 'pattern' && own.text === its.text;
}

const patterns = new Map<string, RegExp>();

/** The shell's file name patterns, for one name; a leading dot is matched by a dot only. */
function matchesName(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  let regex = patterns.get(pattern);
  if (!regex) {
    const source = pattern
      .replace(/\[!/g, '[^')
      .replace(/[.+^$(){}|\\]/g, (char) => (char === '^' ? char : `\\${char}`))
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    patterns.set(pattern, (regex = compiled(source)));
  }
  return regex.test(name);
}

/** Brackets that are no class stand for anything: whoever asks then gets no wrong "no". */
function compiled(source: string): RegExp {
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    return /^/;
  }
}
