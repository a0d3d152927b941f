/** The files of `dfopt review` on a terminal: read one after the other, decided, written at the end. */
import type { Diagnostic } from '../dockerfile/model.ts';
import type { Facts } from '../facts/types.ts';
import type { OptimizeOptions, Result } from '../pipeline.ts';
import {
  appliedOf,
  stateOf,
  UNDECIDED,
  type Decisions,
  type EditState,
  type Rewrite,
} from '../report/edit-state.ts';
import { readDockerfile, type Seen } from '../sources/read-file.ts';
import { replaceFiles, type Replacement } from '../sources/write-file.ts';
import { contextsOf, type Found } from './contexts.ts';
import { nameOfFile, type Target } from './targets.ts';

/** All that the files of a review are rewritten by. */
export interface ReviewInputs {
  readonly targets: readonly Target[];
  readonly cwd: string;
  /** The folder of the build context, absolute; `undefined`: that of each file. */
  readonly folder: string | undefined;
  readonly facts: Facts;
  readonly optionsFor: (path: string) => {
    readonly options: OptimizeOptions;
    readonly facts: Facts;
  };
  readonly optimize: (text: string, facts: Facts, options: OptimizeOptions) => Result;
  readonly today: string;
  /** Of base images that no registry told of. */
  readonly warningsOf: (text: string) => readonly Diagnostic[];
}

/** A file in review. */
export interface Reviewed {
  readonly target: Target;
  readonly seen: Seen;
  readonly found: Found;
  readonly diagnostics: readonly Diagnostic[];
  readonly rewrite: Rewrite;
  readonly decisions: Decisions;
  readonly state: EditState;
}

export type Opened =
  | { readonly kind: 'file'; readonly file: Reviewed }
  | { readonly kind: 'refused'; readonly target: Target; readonly why: string };

/**
 * Reads a file as it is now.
 *
 * @param before the files before it as they are decided: an ignore file may be theirs too
 */
export function openFile(
  target: Target,
  before: readonly Reviewed[],
  inputs: ReviewInputs,
): Opened {
  if (target.failure !== undefined) return { kind: 'refused', target, why: target.failure };
  const source = readDockerfile(target.path);
  if (source.kind === 'refused') return { kind: 'refused', target, why: source.why };
  const { text } = source;
  const contexts = contextsOf(inputs.folder, inputs.facts.manifests);
  for (const { found, state } of before) {
    for (const { path, after } of state.now.files) contexts.edited(found.at(path), after, false);
  }
  const found = contexts.of(target.path, text);
  const { options, facts } = inputs.optionsFor(target.path);
  const rewrite = remembered((choice) =>
    inputs.optimize(text, facts, {
      ...options,
      ...choice,
      deny: new Set([...(options.deny ?? []), ...(choice.deny ?? [])]),
      ...(found.context && { context: found.context }),
      isPriced: true,
      today: inputs.today,
    }),
  );
  const diagnostics = [
    ...rewrite({}).diagnostics,
    ...found.diagnostics,
    ...inputs.warningsOf(text),
  ];
  const state = stateOf(rewrite, UNDECIDED);
  const seen = source.seen!;
  const decisions = UNDECIDED;
  return { kind: 'file', file: { target, seen, found, diagnostics, rewrite, decisions, state } };
}

export function decided(file: Reviewed, decisions: Decisions): Reviewed {
  return { ...file, decisions, state: stateOf(file.rewrite, decisions) };
}

/** Nothing that is undecided will be made. */
export function hasTaken({ state }: Reviewed): boolean {
  return appliedOf(state.now).length > 0;
}

/** So many are enough: what was just shown is asked for again by the next question. */
const REMEMBERED = 6;

function remembered(rewrite: Rewrite): Rewrite {
  const known = new Map<string, Result>();
  return (choice) => {
    const key = JSON.stringify([choice.take && [...choice.take], [...(choice.deny ?? [])]]);
    const result = known.get(key) ?? rewrite(choice);
    known.delete(key);
    known.set(key, result);
    if (known.size > REMEMBERED) known.delete([...known.keys()][0]!);
    return result;
  };
}

export interface Writing {
  /** Names of what was written. */
  readonly written: readonly string[];
  /** Why others were not. */
  readonly refused: readonly string[];
}

/** Each file with what belongs to it: all of it or nothing. Files that share one go together. */
export function writeAll(files: readonly Reviewed[], { cwd }: ReviewInputs): Writing {
  const [written, refused]: [string[], string[]] = [[], []];
  for (const group of groupsOf(files.filter(hasTaken))) {
    const replacements = replacementsOf(group, cwd);
    const why = replaceFiles(replacements);
    const names = replacements.map(({ name }) => name);
    if (why === undefined) written.push(...names);
    else refused.push(names.length > 1 ? `${why}; none of ${names.join(', ')} was written` : why);
  }
  return { written, refused };
}

function groupsOf(files: readonly Reviewed[]): Reviewed[][] {
  const groups: { readonly paths: Set<string>; readonly files: Reviewed[] }[] = [];
  for (const file of files) {
    const paths = file.state.now.files.map(({ path }) => file.found.at(path));
    const same = groups.find((group) => paths.some((path) => group.paths.has(path)));
    if (same) {
      same.files.push(file);
      for (const path of paths) same.paths.add(path);
    } else groups.push({ paths: new Set(paths), files: [file] });
  }
  return groups.map((group) => group.files);
}

/** First what the Dockerfiles count on: alone it does no harm. */
function replacementsOf(group: readonly Reviewed[], cwd: string): Replacement[] {
  const others = new Map<string, Replacement>();
  for (const { found, state } of group) {
    for (const { path, before, after } of state.now.files) {
      const place = found.at(path);
      // The first one saw what is on the disk, the last one knows what is to be there.
      const seen = others.has(place)
        ? others.get(place)!.seen
        : before === undefined
          ? undefined
          : found.ignoreSeen;
      others.set(place, { path: place, name: nameOfFile(place, cwd), seen, text: after });
    }
  }
  const own = group
    .filter(({ state: { now } }) => now.output !== now.input)
    .map(({ target: { path, name }, seen, state: { now } }) => ({
      path,
      name,
      seen,
      text: now.output,
    }));
  return [...others.values(), ...own];
}
