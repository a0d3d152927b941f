/** How large classes and archives come out, and rows about what comes from elsewhere. */
import { about, plus, sum, times, type Amount } from '../analysis/amounts.ts';
import { bytesBelow, entriesOf, isWithin } from '../analysis/context.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import type { ClassWeights, JavaWeights, NamedSpan, Span } from '../facts/compiled-weight-types.ts';
import type { PackageSizes } from '../facts/size-types.ts';
import type { Facts } from '../facts/types.ts';
import { amountOf, wider } from './spans.ts';
import type { WorkScope } from './work.ts';

const SOURCE = /\.(java|kt|scala|groovy)$/;

/** Each becomes a file of its own. */
const TYPES = /\b(class|record|interface|enum|object)\s+[A-Z]\w*/g;

/**
 * What the compiler makes of the sources below a folder.
 *
 * @param hasDebug with names of variables, as Maven and Gradle ask for
 */
export function classesOf(
  folder: string,
  { files, facts }: WorkScope,
  hasDebug = true,
): Amount | undefined {
  if (!files) return undefined;
  const own = entriesOf(files).filter(
    ({ path, kind }) => kind === 'file' && SOURCE.test(path) && isWithin(path, folder),
  );
  if (own.length === 0) return undefined;
  const { classes, range } = facts.compiledWeights.java;
  const bytes = own.reduce(
    (all, each) => all + classBytes(files.texts.get(each.path), each.bytes, classes),
    0,
  );
  return about(bytes * (hasDebug ? classes.debug : 1), range);
}

/** Of what is read, code without comments and imports; where a source was not read, its usual share. */
const CODE = 0.75;

function classBytes(text: string | undefined, bytes: number, classes: ClassWeights): number {
  if (text === undefined) return classes.base + bytes * CODE * classes.perCharacter;
  const code = text
    .replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '')
    .replaceAll(/^\s*(import|package)\b.*/gm, '')
    .replaceAll(/\s+/g, ' ');
  const types = Math.max(1, code.match(TYPES)?.length ?? 0);
  let all = types * classes.base + code.length * classes.perCharacter;
  for (const { pattern, bytes: more, isEach } of classes.traits) {
    const found = code.match(everywhere(pattern))?.length ?? 0;
    all += more * (isEach ? found : Math.min(1, found));
  }
  return all;
}

const patterns = new Map<string, RegExp>();

/** Of the rows' patterns, each compiled once: every class is held against all of them. */
function everywhere(pattern: string): RegExp {
  let regex = patterns.get(pattern);
  if (!regex) patterns.set(pattern, (regex = new RegExp(pattern, 'g')));
  return regex;
}

/** Files of a project that go into its archive as they are. */
export function resourcesOf(folder: string, { files }: WorkScope): Amount {
  return about(files ? bytesBelow(files, folder) : 0, 0.02);
}

export function archiveOf(content: Amount, { jar }: JavaWeights): Amount {
  return plus(about(jar.base, 0.2), wider(times(content, jar.share), 0.1, 0.1));
}

export function rowOf(name: string, rows: readonly NamedSpan[], other: Span): Span {
  return rows.find((each) => matchesWhole(each.name, name)) ?? other;
}

interface Library {
  readonly bytes: number;
  readonly needs: readonly string[];
}

const indexes = new WeakMap<PackageSizes, ReadonlyMap<string, Library>>();

function librariesIn(rows: PackageSizes): ReadonlyMap<string, Library> {
  const known = indexes.get(rows);
  if (known) return known;
  const made = new Map(
    rows.rows.map((row) => {
      const [name = '', bytes = '', needs = ''] = row.split(';');
      return [name, { bytes: Number(bytes), needs: needs === '' ? [] : needs.split(' ') }] as const;
    }),
  );
  indexes.set(rows, made);
  return made;
}

/**
 * Archives of what a project asks for, with all that they need: counted ones where there are rows, by
 * name in general else.
 *
 * @param names `group:artifact` each
 */
export function dependencyArchives(names: readonly string[], facts: Facts): Amount {
  const libraries = librariesIn(facts.javaLibraries);
  const { java } = facts.compiledWeights;
  const counted = new Set<string>();
  const others: Amount[] = [];
  const visit = (name: string): void => {
    if (counted.has(name)) return;
    counted.add(name);
    for (const each of libraries.get(name)?.needs ?? []) visit(each);
  };
  for (const name of names) {
    if (libraries.has(name)) visit(name);
    else others.push(amountOf(rowOf(name, java.dependencies, java.dependency)));
  }
  const bytes = [...counted].reduce((all, name) => all + (libraries.get(name)?.bytes ?? 0), 0);
  // A release apart, and packed by others.
  return sum([about(bytes, 0.35), ...others]);
}
