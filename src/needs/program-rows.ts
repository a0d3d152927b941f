/** What rows say of a program by its name alone: asked of each call, of the same few programs. */
import { matchesAny, matchesWhole } from '../analysis/patterns.ts';
import type { Facts } from '../facts/types.ts';
import { mayCompileExtensions } from './extensions.ts';
import { mayInstall } from './install-calls.ts';

type Programs = Facts['programs'];

export interface ProgramRows {
  /** The name without a folder. */
  readonly own: string;
  readonly calls: readonly Programs['calls'][number][];
  readonly builders: readonly Programs['builders'][number][];
  readonly isDispatcher: boolean;
  readonly isCompiler: boolean;
  readonly isDownloader: boolean;
  /** Its words decide. */
  readonly mayReadCertificates: boolean;
  readonly mayCompileExtensions: boolean;
  readonly mayInstall: boolean;
}

const known = new WeakMap<Programs, Map<string, ProgramRows>>();

/** So many names of programs are kept; most are called again and again. */
const MOST = 256;

/** @param name as `plainName` has it */
export function programRows(name: string, { programs }: Facts): ProgramRows {
  let byName = known.get(programs);
  if (!byName) known.set(programs, (byName = new Map<string, ProgramRows>()));
  let rows = byName.get(name);
  if (!rows) {
    if (byName.size >= MOST) byName.clear();
    byName.set(name, (rows = read(name, programs)));
  }
  return rows;
}

function read(name: string, programs: Programs): ProgramRows {
  const own = name.slice(name.lastIndexOf('/') + 1);
  const isOwn = ({ program }: { readonly program: string }): boolean => matchesWhole(program, own);
  return {
    own,
    calls: programs.calls.filter(isOwn),
    builders: programs.builders.filter(isOwn),
    isDispatcher: matchesAny(programs.dispatchers, own),
    isCompiler: matchesAny(programs.compilers, own),
    isDownloader: programs.downloaders.includes(name),
    mayReadCertificates: programs.certificateReaders.some(
      (each) => each === name || each.startsWith(`${name} `),
    ),
    mayCompileExtensions: mayCompileExtensions(own),
    mayInstall: mayInstall(own),
  };
}
