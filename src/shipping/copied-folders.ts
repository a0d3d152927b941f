/** Folders that the shipped stage copies from other stages of the file, and what runs by their paths. */
import { pathInside, hasWildcards } from '../analysis/go-paths.ts';
import { isWithin } from '../analysis/context.ts';
import { imagePath } from '../analysis/image-files.ts';
import { fromOf, stageNamed } from '../analysis/stages.ts';
import { resolveWord, stateAfter, stateBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import type { CopyInstruction, Dockerfile, Stage } from '../dockerfile/model.ts';
import type { Facts } from '../facts/types.ts';
import { saidByVariables, type Running } from './running.ts';

/** `COPY --from=build /app /srv/app`: paths of the two images, without a slash in front. */
export interface CopiedFolder {
  readonly copy: CopyInstruction;
  /** The one that copies. */
  readonly stage: Stage;
  readonly build: Stage;
  readonly from: string;
  readonly to: string;
}

/** Of each COPY that names one path in full, files as well as folders. */
export function copiedFolders(
  file: Dockerfile,
  stage: Stage,
  facts: Facts,
): readonly CopiedFolder[] {
  return stage.instructions.flatMap((copy): CopiedFolder[] => {
    if (copy.kind !== 'copy') return [];
    const build = stageNamed(fromOf(copy), file, stage);
    const [source, ...more] = copy.sources;
    const { destination } = copy;
    const isOdd = copy.flags.some(({ name }) => name === 'parents' || name === 'exclude');
    if (!build || !source || !destination || more.length > 0 || isOdd) return [];
    const isPlain =
      copy.dropped.length === 0 &&
      copy.heredocs.length === 0 &&
      [source, destination].every(
        ({ start, end, text }) => copy.text.slice(start, end) === text && !/[\s"'[\]]/.test(text),
      );
    const state = stateBefore(file, stage, copy, facts);
    const path = plainText(resolveWord(state, source.text, copy.escape).usual);
    if (!isPlain || path === undefined || hasWildcards(path)) return [];
    const to = imagePath(state, destination.text, copy.escape);
    return /[$?]/.test(to) ? [] : [{ copy, stage, build, from: pathInside(path), to }];
  });
}

/**
 * What runs, by the paths that the files had before they were copied. Values of variables count as named:
 * programs look there for their files.
 */
export function runningBefore(
  running: Running,
  { stage, from, to }: CopiedFolder,
  { file, facts }: { readonly file: Dockerfile; readonly facts: Facts },
): Running {
  const moved = (path: string): string =>
    isWithin(path, to) ? pathInside(`${from}/${path.slice(to.length)}`) : path;
  const word = (text: string): string =>
    text.startsWith('/') && isWithin(pathInside(text), to) ? `/${moved(pathInside(text))}` : text;
  const all = (paths: ReadonlySet<string>): ReadonlySet<string> => new Set([...paths].map(moved));
  const values = saidByVariables(stateAfter(file, stage, facts));
  return {
    said: running.said,
    isUnclear: running.isUnclear,
    get why() {
      return running.why;
    },
    calls: running.calls.map((call) => {
      const program = word(call.program);
      const args = call.args.map((arg) => (arg === undefined ? undefined : word(arg)));
      const folder = moved(call.folder);
      const isSame =
        program === call.program &&
        folder === call.folder &&
        args.every((arg, index) => arg === call.args[index]);
      return isSame ? call : { ...call, program, args, folder };
    }),
    named: new Set([...running.named, ...values].map(moved)),
    programs: all(running.programs),
    folders: all(running.folders),
  };
}
