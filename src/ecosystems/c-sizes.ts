/** How large code of C and C++ comes out, by its sources and by how it is compiled. */
import { about, type Amount } from '../analysis/amounts.ts';
import { textOf, type BuildContext } from '../analysis/context.ts';
import { folderOf, pathInside } from '../analysis/go-paths.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import type { CWeights } from '../facts/compiled-weight-types.ts';
import { wider } from './spans.ts';

export const SOURCE = /\.(c|cc|cpp|cxx|C|m)$/;
const CPP = /\.(cc|cpp|cxx|C|hpp|hh)$/;

export interface Source {
  readonly path: string;
  readonly text: string;
  /** Headers from elsewhere, also those that its own headers include. */
  readonly headers: readonly string[];
}

/** How code is compiled, by the flags of a call or of a build. */
export interface Manner {
  readonly optimized: 'none' | 'size' | 'speed';
  readonly hasDebug: boolean;
  readonly isStatic: boolean;
  readonly isStripped: boolean;
}

export function mannerOf(flags: string): Manner {
  const level = [...flags.matchAll(/(?:^|\s)-O(\w*)/g)].at(-1)?.[1];
  const optimized =
    level === undefined || level === '0' ? 'none' : /[sz]/.test(level) ? 'size' : 'speed';
  return {
    optimized,
    hasDebug: /(^|\s)-g(gdb|dwarf-\d|[1-3])?(\s|$)/.test(flags),
    isStatic: /(^|\s)-static(\s|$)/.test(flags),
    isStripped: /(^|\s)(-s|-Wl,-s|-Wl,--strip-all)(\s|$)/.test(flags),
  };
}

/** What code makes of the text segment, and what debuggers read of it. */
function codeBytes(sources: readonly Source[], manner: Manner, weights: CWeights): number {
  return sources.reduce((sum, source) => {
    const headers = CPP.test(source.path) ? headersOf(source, weights) : 0;
    return sum + source.text.length * weights.perSource[manner.optimized] + headers;
  }, 0);
}

function headersOf({ headers }: Source, weights: CWeights): number {
  return headers.reduce(
    (sum, name) =>
      sum + (weights.headers.find((each) => matchesWhole(each.name, name))?.bytes ?? 0),
    0,
  );
}

export function programBytes(
  sources: readonly Source[],
  manner: Manner,
  weights: CWeights,
): Amount {
  const kind = sources.some(({ path }) => CPP.test(path)) ? 'cpp' : 'c';
  const base = manner.isStatic ? weights.static[kind] : weights.program[kind];
  const code = codeBytes(sources, manner, weights);
  const debug = manner.hasDebug && !manner.isStripped ? debugBytes(sources, manner, weights) : 0;
  const symbols = manner.isStripped ? base * (1 - weights.stripped) : 0;
  const known = base - symbols;
  const whole = about(known + code + debug, 0.06);
  // The base is sure; how much code comes out is not.
  return wider(
    whole,
    ((code + debug) * weights.range) / whole.bytes,
    ((code + debug) * weights.range) / whole.bytes,
  );
}

function debugBytes(sources: readonly Source[], manner: Manner, weights: CWeights): number {
  const { perSource, perFile, headers } = weights.debug;
  return sources.reduce(
    (sum, source) =>
      sum +
      source.text.length * perSource[manner.optimized] +
      perFile +
      (CPP.test(source.path) ? headersOf(source, weights) * headers : 0),
    0,
  );
}

export function objectBytes(source: Source, manner: Manner, weights: CWeights): number {
  const code = codeBytes([source], manner, weights);
  const debug = manner.hasDebug ? debugBytes([source], manner, weights) : 0;
  return weights.object + code * weights.objectFactor + debug * weights.debug.objectFactor;
}

export function objectsOf(
  sources: readonly Source[],
  manner: Manner,
  weights: CWeights,
  notes: number,
): Amount | undefined {
  if (sources.length === 0) return undefined;
  const bytes = sources.reduce((sum, each) => sum + objectBytes(each, manner, weights), notes);
  return about(bytes, weights.range);
}

/** The source at a path with what it includes; nothing where nobody can read it. */
export function readSource(path: string, files: BuildContext): readonly Source[] {
  const read = textOf(files, path);
  if (read.kind !== 'text') return [];
  const headers = new Set<string>();
  const seen = new Set<string>();
  const follow = (at: string, text: string): void => {
    if (seen.has(at)) return;
    seen.add(at);
    for (const [, name] of text.matchAll(/^\s*#\s*include\s*[<"]([^>"]+)[>"]/gm)) {
      const own = ownHeader(name!, at, files);
      if (own) follow(own.path, own.text);
      else headers.add(name!);
    }
  };
  follow(path, read.text);
  return [{ path, text: read.text, headers: [...headers] }];
}

/** A header of the project: beside the file that includes it, or in a folder `include`. */
function ownHeader(
  name: string,
  from: string,
  files: BuildContext,
): { readonly path: string; readonly text: string } | undefined {
  for (const folder of ['.', '..', 'include', '../include', 'src']) {
    const path = pathInside(`${folderOf(from)}/${folder}/${name}`);
    const read = textOf(files, path);
    if (read.kind === 'text') return { path, text: read.text };
  }
  return undefined;
}
