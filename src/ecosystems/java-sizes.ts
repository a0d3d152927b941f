/** How large classes and archives come out, and rows about what comes from elsewhere. */
import { about, plus, times, type Amount } from '../analysis/amounts.ts';
import { bytesBelow, entriesOf, isWithin } from '../analysis/context.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import type { JavaWeights, NamedSpan, Span } from '../facts/compiled-weight-types.ts';
import { wider } from './spans.ts';
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
  const bytes = own.reduce((all, each) => {
    const types = files.texts.get(each.path)?.match(TYPES)?.length ?? 1;
    return all + Math.max(1, types) * classes.base + each.bytes * classes.perSource;
  }, 0);
  return about(bytes * (hasDebug ? classes.debug : 1), range);
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
