/** What registries say of the bases and packages of a run, where the user wants them asked. */
import type { Diagnostic } from '../dockerfile/model.ts';
import { loadFacts } from '../facts/load.ts';
import { escapeLine } from '../report/escape.ts';
import type { Read } from '../sources/read-file.ts';
import { contextsOf } from './contexts.ts';
import type { Arguments } from './command.ts';
import type { Io } from './io.ts';
import { lookUpBases, type LookedUp } from './online.ts';
import type { Online } from './online-options.ts';
import { withPackageSizes } from './online-packages.ts';
import { factsWithImages } from './own-images.ts';
import type { Request } from './request.ts';
import type { Common } from './rewrite-file.ts';
import type { Target } from './targets.ts';

/** A file to be rewritten, and how its text is had. */
export interface Source {
  readonly target: Target;
  readonly read: () => Read;
}

export interface Observed {
  readonly observed: NonNullable<Common['observed']>;
  /** Of base images that no registry told of. */
  readonly warningsOf: (text: string) => readonly Diagnostic[];
}

/** @param folder of the build context, absolute; `undefined`: that of each file */
export async function observe(
  sources: readonly Source[],
  online: Online,
  argv: Arguments,
  {
    folder,
    request,
    io,
  }: { readonly folder: string | undefined; readonly request: Request; readonly io: Io },
): Promise<Observed> {
  const read = sources.flatMap((source) => {
    const text = source.target.failure === undefined ? source.read() : undefined;
    return text?.kind === 'text' ? [{ path: source.target.path, text: text.text }] : [];
  });
  const rows = factsWithImages(argv, loadFacts(), io);
  const texts = read.map(({ text }) => text);
  const looked = await lookUpBases(texts, online, rows, io);
  if (!request.quiet) tellOf(looked, request, io);
  const contexts = contextsOf(folder, rows.manifests);
  const found = read.map(({ path, text }) => contexts.of(path, text).context);
  const priced = await withPackageSizes(found, looked.facts, io);
  if (!request.quiet) tellOf({ lines: [], problems: priced.problems }, request, io);
  const { observedImages, npmSizes } = priced.facts;
  return {
    observed: { images: observedImages ?? new Map(), npmSizes: npmSizes.observed },
    warningsOf: looked.warningsOf,
  };
}

function tellOf(
  { lines, problems }: Pick<LookedUp, 'lines' | 'problems'>,
  { verbose }: Request,
  io: Io,
): void {
  for (const line of [...problems, ...(verbose ? lines : [])]) {
    io.stderr.write(`--online: ${escapeLine(line)}\n`);
  }
}
