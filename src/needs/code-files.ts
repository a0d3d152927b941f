/** Which files of an image are code that may start, load or compile something: as rows say by their paths. */
import { entriesOf, type BuildContext } from '../analysis/context.ts';
import { matchesAny, matchesWhole } from '../analysis/patterns.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { Facts } from '../facts/types.ts';
import { byPath } from './by-path.ts';

/** What is said of a path; all of it mostly nothing. */
export interface CodeRows {
  /** How code of its language starts programs and loads libraries; not of tests and of packages. */
  readonly spawner: Facts['programs']['spawners'][number] | undefined;
  readonly loader: Facts['programs']['loaders'][number] | undefined;
  /** How it may compile something while it runs; not of tests, nor of what builds run. */
  readonly late: readonly Facts['work']['lateCompilers'][number][];
  /** Nobody can read what a build makes of it. */
  readonly isClosed: boolean;
}

export interface CodeFile extends CodeRows {
  readonly path: string;
}

/** Files that people and builds run, not programs. */
export const OF_BUILDS =
  /(^|\/)(setup|build|conftest|tasks|noxfile|fabfile|install|bootstrap|configure)\.\w+$|(^|\/)(tools?|scripts?|ci|hack|docs?|examples?|bench(marks?)?|third_party|vendor|site-packages|node_modules)\//;

interface Patterns {
  /** Of all paths of which anything is said. */
  readonly all: readonly string[];
  readonly closed: readonly string[];
}

const patterns = new WeakMap<Facts, Patterns>();

function patternsOf(facts: Facts): Patterns {
  let found = patterns.get(facts);
  if (!found) {
    const { spawners } = facts.programs;
    const closed = spawners.filter(({ isClosed }) => isClosed === true);
    const all = [...spawners, ...facts.work.lateCompilers].map(({ files }) => files);
    patterns.set(facts, (found = { all, closed: closed.map(({ files }) => files) }));
  }
  return found;
}

/** The file with what is said of its path; `undefined` where that is nothing. */
export const codeFile = byPath(findCodeFile);

function findCodeFile(path: string, facts: Facts): CodeFile | undefined {
  const { all, closed } = patternsOf(facts);
  if (!matchesAny(all, path)) return undefined;
  const { programs, work } = facts;
  const isTest = matchesWhole(programs.testFiles, path);
  const isOwn = !isTest && !/(^|\/)node_modules\//.test(path);
  const isAt = ({ files }: { readonly files: string }): boolean => matchesWhole(files, path);
  return {
    path,
    spawner: isOwn ? programs.spawners.find(isAt) : undefined,
    loader: isOwn ? programs.loaders.find(isAt) : undefined,
    late: isTest || OF_BUILDS.test(path) ? [] : work.lateCompilers.filter(isAt),
    isClosed: matchesAny(closed, path),
  };
}

const known = new RunMemory<
  BuildContext,
  { readonly facts: Facts; readonly code: readonly CodeFile[] }
>();

/** In the order of the files. */
export function codeFilesIn(files: BuildContext, facts: Facts): readonly CodeFile[] {
  const last = known.get(files);
  if (last?.facts === facts) return last.code;
  const code: CodeFile[] = [];
  for (const { path, kind } of entriesOf(files)) {
    const found = kind === 'file' ? codeFile(path, facts) : undefined;
    if (found) code.push(found);
  }
  known.set(files, { facts, code });
  return code;
}
