/** Whether code compiles something while it runs, for which it needs the compiler that the build had. */
import type { BuildContext } from '../analysis/context.ts';
import type { Facts } from '../facts/types.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import { byText } from './by-path.ts';
import { codeFilesIn, OF_BUILDS } from './code-files.ts';
import { startedPrograms } from './source-code.ts';

export interface CompiledLate {
  /** The file that says so. */
  readonly path: string;
  /** Follows the path: "compiles what it loads". */
  readonly why: string;
}

/** Those that nothing but code in need of them names. */
const COMPILERS = /^(gcc|g\+\+|clang(\+\+)?|gfortran|fpc|rustc|tcc)(-[\d.]+)?$/;

const known = new RunMemory<
  BuildContext,
  { readonly facts: Facts; readonly found: CompiledLate | undefined }
>();

/** @param files those that are in the image, by their paths there */
export function compiledLate(files: BuildContext, facts: Facts): CompiledLate | undefined {
  const last = known.get(files);
  if (last?.facts === facts) return last.found;
  const found = find(files, facts);
  known.set(files, { facts, found });
  return found;
}

const isSaid = byText((text, row: Facts['work']['lateCompilers'][number]) =>
  new RegExp(row.text, 'm').test(text),
);

function find(files: BuildContext, facts: Facts): CompiledLate | undefined {
  for (const { path, late } of codeFilesIn(files, facts)) {
    const text = late.length > 0 ? files.texts.get(path) : undefined;
    if (text === undefined) continue;
    const row = late.find((each) => isSaid(text, each));
    if (row) return { path, why: row.why };
  }
  const started = startedPrograms(files, (word) => COMPILERS.test(word), facts).programs;
  const own = started.find(({ by }) => !OF_BUILDS.test(by));
  return own && { path: own.by, why: `starts "${own.program}" when it runs` };
}
