/**
 * A RUN that installs dependencies, moved in front of the COPYs that bring the sources: what must be
 * copied before it, how the instructions then stand, and why it cannot be done.
 */
import { entryAt, isWithin, makeContext, type BuildContext } from '../analysis/context.ts';
import { folderOf } from '../analysis/go-paths.ts';
import { filesBefore, imagePath, type ImageFiles } from '../analysis/image-files.ts';
import { copiesApart } from '../analysis/independent.ts';
import { packageCommand, programName } from '../analysis/packages.ts';
import { shippedStages } from '../analysis/stages.ts';
import { heldBefore, resolveWord, stateBefore, type State } from '../analysis/state.ts';
import { plainText, showText, WORLDS } from '../analysis/values.ts';
import type {
  CopyInstruction,
  Dockerfile,
  Instruction,
  RunInstruction,
  Stage,
} from '../dockerfile/model.ts';
import { withText } from '../dockerfile/parse.ts';
import { styleOf } from '../dockerfile/style.ts';
import type { Facts } from '../facts/types.ts';
import {
  commandsOf,
  installsOf,
  installsPackages,
  isInstall,
  isStandaloneRun,
  usualIn,
  type Cut,
  type Installed,
  type Place,
} from './installs.ts';
import {
  blankLines,
  flagsText,
  manifestCopies,
  isWhy,
  readsIn,
  type Manifests,
  type Why,
} from './manifest-copies.ts';
import { overlaid, type Overlaid } from './overlaid.ts';

/** What it takes to look at a RUN. */
export interface Question {
  readonly file: Dockerfile;
  readonly stage: Stage;
  readonly run: RunInstruction;
  readonly context: BuildContext;
  readonly facts: Facts;
}

export interface Split {
  /** The first COPY that moves, and all other instructions that move or change. */
  readonly subject: CopyInstruction;
  readonly also: readonly Instruction[];
  /** What is copied first, by paths of the build context. */
  readonly first: readonly string[];
  readonly isCut: boolean;
  /** What the .dockerignore must say, and the patterns that are new in it. */
  readonly overlaid: Overlaid;
  readonly instructions: readonly Instruction[];
}

/** @returns why the install stays; `undefined` where there is nothing to move */
export function splitInstall(question: Question): Split | Why | undefined {
  const { file, stage, run, context, facts } = question;
  const above = stage.instructions.slice(0, stage.instructions.indexOf(run));
  const folders = above.filter((each) => isFolderCopy(question, each));
  if (folders.length === 0) return undefined;
  const state = stateBefore(file, stage, run, facts);
  if (!commandsOf(run, state)?.some((each) => isInstall(each, facts))) return undefined;
  const image = filesBefore(file, stage, run, context, facts);
  const targets = folders.map((copy) => targetOf(question, copy));
  const place: Place = { state, files: image.files, facts, copied: targets };
  const found = installsOf(run, place);
  if (!found) return undefined;
  if (found.kind === 'refused') {
    const isCopied = targets.some((target) => isWithin(found.folder, target));
    return isCopied && !isSecond(question, above) ? { why: found.why } : undefined;
  }
  const reads = readsIn(image, found);
  const sources = folders.filter((copy) => bringsMore(image, copy, reads));
  if (sources.length === 0) return undefined;
  const { from, why } = crossable(question, above, place);
  const movable = sources.filter((copy) => above.indexOf(copy) >= from);
  if (movable.length === 0) {
    const isNeeded = sources.some((copy) => brings(image, copy, reads));
    return isNeeded && why !== undefined ? { why } : undefined;
  }
  return planned(question, image, found, reads, above, movable);
}

/** Whether something was installed before: what follows may be there for the sources' sake. */
function isSecond({ file, stage, facts }: Question, above: readonly Instruction[]): boolean {
  return above.some(
    (each) =>
      each.kind === 'run' &&
      commandsOf(each, stateBefore(file, stage, each, facts))?.some((command) =>
        isInstall(command, facts),
      ),
  );
}

/** `COPY . .`: one folder of the build context. */
function isFolderCopy(question: Question, each: Instruction): each is CopyInstruction {
  if (each.kind !== 'copy' && each.kind !== 'add') return false;
  const source = sourceOf(question, each);
  if (source === undefined) return false;
  return /^[./]*$/.test(source) || entryAt(question.context, source)?.kind === 'folder';
}

/** The one source of a COPY from the build context, where it is known. */
function sourceOf({ file, stage, facts }: Question, copy: CopyInstruction): string | undefined {
  const isElsewhere = copy.flags.some(({ name }) => name === 'from');
  if (isElsewhere || copy.sources.length !== 1) return undefined;
  const held = heldBefore(file, stage, copy, facts);
  const word = resolveWord(held, copy.sources[0]!.text, copy.escape);
  return plainText(word.usual) || undefined;
}

function targetOf({ file, stage, facts }: Question, copy: CopyInstruction): string {
  const state = heldBefore(file, stage, copy, facts);
  return imagePath(state, copy.destination?.text ?? '', copy.escape);
}

/** Whether a COPY brings anything that the install does not read, but other lists like those that it reads. */
function bringsMore(image: ImageFiles, copy: CopyInstruction, reads: ReadonlySet<string>): boolean {
  const lists = new Set([...reads].filter((path) => LIST.test(path)).map(folderOf));
  return [...(image.written.get(copy)?.keys() ?? [])].some(
    (path) =>
      entryAt(image.files, path)?.kind !== 'folder' &&
      !reads.has(path) &&
      !(LIST.test(path) && lists.has(folderOf(path))),
  );
}

/** What a folder of requirements holds. */
const LIST = /\.(txt|in|pip)$/;

/** Whether a COPY is the one that brings something that the install reads. */
function brings(image: ImageFiles, copy: CopyInstruction, reads: ReadonlySet<string>): boolean {
  return [...reads].some((path) => image.supplies.get(path)?.copy === copy);
}

/** What a COPY may be moved over: nothing there looks at what it brings. */
const INDIFFERENT = new Set<Instruction['kind']>([
  'arg',
  'cmd',
  'copy',
  'add',
  'entrypoint',
  'env',
  'expose',
  'healthcheck',
  'label',
  'maintainer',
  'onbuild',
  'shell',
  'stopsignal',
  'user',
  'workdir',
]);

/** From which instruction on a COPY could be moved down to the RUN, and what stops it there. */
function crossable(
  question: Question,
  above: readonly Instruction[],
  place: Place,
): { readonly from: number; readonly why: string | undefined } {
  const { file, stage, facts } = question;
  for (let at = above.length - 1; at >= 0; at--) {
    const each = above[at]!;
    if (INDIFFERENT.has(each.kind)) continue;
    const line = `line ${each.origin[0]!.line}`;
    const stopped = (why: string): { from: number; why: string } => ({
      from: at + 1,
      why: `${line} stands before the install and ${why}`,
    });
    if (each.kind !== 'run') return stopped('may not be crossed');
    const state = stateBefore(file, stage, each, facts);
    if (!isStandaloneRun(each, { ...place, state })) return stopped('may need the sources');
    const isApart = above
      .slice(0, at)
      .every(
        (copy) =>
          (copy.kind !== 'copy' && copy.kind !== 'add') ||
          copiesApart(copy, stateBefore(file, stage, copy, facts), facts),
      );
    if (installsPackages(each, { ...place, state }) && !isApart) {
      return stopped('installs packages, which may write where the sources are copied');
    }
  }
  return { from: 0, why: undefined };
}

function planned(
  question: Question,
  image: ImageFiles,
  found: Installed,
  reads: ReadonlySet<string>,
  above: readonly Instruction[],
  movable: readonly CopyInstruction[],
): Split | Why {
  const { run, stage, file } = question;
  const moved = movedCopies(question, image, reads, above, movable);
  if (isWhy(moved)) return moved;
  const manifests = manifestCopies(question, image, reads, moved);
  if (isWhy(manifests)) return manifests;
  const missing = found.folders.find(
    (folder) => !isThere(question, image, manifests, moved, folder),
  );
  if (missing !== undefined) return { why: `the folder /${missing} would not be there yet` };
  const shipped = shippedStages(file).has(stage.index);
  const clean = found.cut && shipped ? cleanUp(found.cut, question.facts) : undefined;
  if (clean !== undefined) {
    return { why: `"${clean}" in the same RUN keeps out of the layer what the install leaves` };
  }
  const made = otherwiseMade(question, above, moved, manifests);
  if (made !== undefined) return { why: made };
  const over = overlaid(question, image, found, moved, reads);
  if (isWhy(over)) return over;
  const instructions = rearranged(question, above, moved, manifests, found.cut);
  if (isWhy(instructions)) return instructions;
  return {
    subject: moved[0]!,
    also: [...moved.slice(1), run],
    first: manifests.paths,
    isCut: found.cut !== undefined,
    overlaid: over,
    instructions,
  };
}

/** The COPYs that move: those of sources, and those that must stay behind one of them. */
function movedCopies(
  question: Question,
  image: ImageFiles,
  reads: ReadonlySet<string>,
  above: readonly Instruction[],
  movable: readonly CopyInstruction[],
): readonly CopyInstruction[] | Why {
  const moved: CopyInstruction[] = [];
  for (const each of above) {
    if (each.kind !== 'copy' && each.kind !== 'add') continue;
    if (movable.includes(each)) {
      moved.push(each);
      continue;
    }
    const meets = moved.some((other) => meet(question, image, other, each));
    if (!meets) continue;
    if (brings(image, each, reads)) {
      const line = each.origin[0]!.line;
      return { why: `line ${line} copies over what is copied before it` };
    }
    moved.push(each);
  }
  return moved;
}

/** Whether two COPYs may write the same path. */
function meet(
  question: Question,
  image: ImageFiles,
  one: CopyInstruction,
  other: CopyInstruction,
): boolean {
  const [first, second] = [image.written.get(one), image.written.get(other)];
  if (first && second) {
    const isAlike = flagsText(one) === flagsText(other);
    return [...second].some(([path, from]) => {
      const below = first.get(path);
      const isSame = below === from && isAlike;
      return below !== undefined && !isSame && entryAt(image.files, path)?.kind !== 'folder';
    });
  }
  // What comes from elsewhere may be anything, but only there.
  const [here, there] = [targetOf(question, one), targetOf(question, other)];
  return isWithin(there, here) || isWithin(here, there);
}

/** Whether a folder is in the image before the sources are. */
function isThere(
  question: Question,
  image: ImageFiles,
  manifests: Manifests,
  moved: readonly CopyInstruction[],
  folder: string,
): boolean {
  const isCopied = moved.some((copy) => isWithin(folder, targetOf(question, copy)));
  if (!isCopied || manifests.folders.some((each) => isWithin(each, folder))) return true;
  const isMade = question.stage.instructions.some(
    (each) =>
      each.kind === 'workdir' &&
      isWithin(
        imagePath(stateBefore(question.file, question.stage, each, question.facts), each.argsText),
        folder,
      ),
  );
  const stays = [...image.written].some(
    ([copy, paths]) =>
      !moved.includes(copy) &&
      [...paths.keys()].some((path) => isWithin(path, folder) && path !== folder),
  );
  return isMade || stays;
}

/** COPY makes its folder as root, WORKDIR as the user of that moment. */
function otherwiseMade(
  question: Question,
  above: readonly Instruction[],
  moved: readonly CopyInstruction[],
  manifests: Manifests,
): string | undefined {
  const { file, stage, facts } = question;
  const found = above.slice(above.indexOf(moved[0]!)).find((each) => {
    if (each.kind !== 'workdir') return false;
    const state = stateBefore(file, stage, each, facts);
    const user = showText(state.user.usual);
    const folder = imagePath(state, each.argsText, each.escape);
    const isRoot = /^(root|0)?(:(root|0))?$/.test(user);
    const wasThere = moved.some((copy) => isWithin(targetOf(question, copy), folder));
    return wasThere && !isRoot && !manifests.folders.some((made) => isWithin(made, folder));
  });
  return found && `line ${found.origin[0]!.line} would make the folder as another user`;
}

/** A command behind the cut that makes less of what is there: in a layer of its own it would save nothing. */
function cleanUp({ rest }: Cut, facts: Facts): string | undefined {
  const found = rest.find((command) => {
    const action = packageCommand(command, facts)?.action;
    if (action === 'remove' || action === 'clean') return true;
    const isOmitted = command.words.some((word) =>
      /^--(prod|production|omit=dev|only=prod)/.test(word.text),
    );
    const name = programName(command.words[0]) ?? '';
    const isDeleting =
      /^(rm|strip)$/.test(name) ||
      (/^(find|xargs)$/.test(name) &&
        command.words.some(({ text }) => /^(-delete|rm)$/.test(text)));
    return isDeleting || (isOmitted && isInstall(command, facts));
  });
  return found?.words.map((word) => word.text).join(' ');
}

/** The stage's instructions in their new order. */
function rearranged(
  question: Question,
  above: readonly Instruction[],
  moved: readonly CopyInstruction[],
  manifests: Manifests,
  cut: Cut | undefined,
): readonly Instruction[] | Why {
  const { file, stage, run, facts } = question;
  const first = above.indexOf(moved[0]!);
  const crossed = above.slice(first);
  const state = stateBefore(file, stage, run, facts);
  const behind: Instruction[] = [];
  for (const copy of moved) {
    const placed = placedAt(question, copy, state);
    if (isWhy(placed)) return placed;
    behind.push(placed);
  }
  // A change of a manifest should not run again what stands before the install.
  const isLate =
    !crossed.some((each) => each.kind === 'workdir') &&
    behind.every((each, index) => each === moved[index]);
  const kept = crossed.flatMap((each): readonly Instruction[] => {
    if (!moved.some((copy) => copy === each)) return [each];
    return isLate ? [] : (manifests.copies.get(each as CopyInstruction) ?? []);
  });
  const late = isLate ? moved.flatMap((copy) => manifests.copies.get(copy) ?? []) : [];
  const rest = stage.instructions.slice(above.length + 1);
  const [install, remaining] = cut ? cutRun(file, run, cut) : [run, undefined];
  return withLineEnds(stage, [
    ...above.slice(0, first),
    ...kept,
    ...late,
    install,
    ...behind,
    ...(remaining ? [remaining] : []),
    ...rest,
  ]);
}

/** A COPY as it must be written below: with an absolute path where the folder has changed. */
function placedAt(question: Question, copy: CopyInstruction, state: State): CopyInstruction | Why {
  const line = copy.origin[0]!.line;
  const before = stateBefore(question.file, question.stage, copy, question.facts);
  const word = copy.destination;
  if (!word) return { why: `line ${line} names no destination` };
  const texts = [
    ...copy.sources.map(({ text }) => text),
    ...copy.flags.map((flag) => flag.value ?? ''),
  ];
  const isSame = (text: string): boolean =>
    plainText(resolveWord(before, text, copy.escape).usual) ===
    plainText(resolveWord(state, text, copy.escape).usual);
  if (!texts.every(isSame)) {
    return { why: `a variable of line ${line} is set anew before the install` };
  }
  if (imagePath(before, word.text, copy.escape) === imagePath(state, word.text, copy.escape)) {
    return copy;
  }
  const [certain, usual] = WORLDS.map((world) => plainText(before.workdir[world]));
  if (certain === undefined || certain !== usual || /[$\s]/.test(word.text)) {
    return { why: `the WORKDIR changes behind line ${line}, and the old one is not known` };
  }
  const path = `/${imagePath(before, word.text, copy.escape)}`;
  const isQuoted = /^["']/.test(copy.text.slice(word.start));
  const shown = isQuoted ? JSON.stringify(path) : path;
  return withText(copy, copy.text.slice(0, word.start) + shown + copy.text.slice(word.end));
}

/** The RUN up to the cut, and one of its own with what is behind. */
function cutRun(
  file: Dockerfile,
  run: RunInstruction,
  { last, next, repeated }: Cut,
): [RunInstruction, RunInstruction] {
  const { eol } = styleOf(file);
  const head = run.text.slice(0, run.args.start);
  const code = [...repeated, run.text.slice(next.start)].join(' && ');
  const comments = run.text
    .slice(last.end, next.start)
    .split('\n')
    .map((text) => text.trim())
    .filter((text) => text.startsWith('#'));
  const indentation = run.lead.slice(run.lead.lastIndexOf('\n') + 1);
  return [
    { ...withText(run, run.text.slice(0, last.end)), eol },
    {
      ...withText(run, head + code),
      lead: [
        blankLines(run.lead),
        ...comments.map((text) => indentation + text + eol),
        indentation,
      ].join(''),
    },
  ];
}

/** Only the last line of a file may have no end. */
function withLineEnds(stage: Stage, instructions: readonly Instruction[]): readonly Instruction[] {
  const end = stage.instructions.at(-1)!.eol;
  const eol = stage.instructions.find((each) => each.eol !== '')?.eol ?? '\n';
  return instructions.map((each, index) => {
    const wanted = index === instructions.length - 1 ? end : each.eol === '' ? eol : each.eol;
    return each.eol === wanted ? each : { ...each, eol: wanted };
  });
}

export interface LikelySplit {
  readonly copy: CopyInstruction;
  /** Sources of a COPY, with wildcards. */
  readonly manifests: readonly string[];
}

/** Where nothing is known of the build context: what a split would look like in most projects. */
export function likelySplit(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  facts: Facts,
): LikelySplit | undefined {
  const state = stateBefore(file, stage, run, facts);
  const manifests = usualIn(run, state, facts);
  if (!manifests || manifests.length === 0) return undefined;
  const above = stage.instructions.slice(0, stage.instructions.indexOf(run));
  const place: Place = { state, files: NO_FILES, facts, copied: [] };
  const last = above.findLastIndex(
    (each) =>
      !INDIFFERENT.has(each.kind) &&
      !(
        each.kind === 'run' &&
        isStandaloneRun(each, { ...place, state: stateBefore(file, stage, each, facts) })
      ),
  );
  const copies = above.filter(
    (each): each is CopyInstruction => each.kind === 'copy' || each.kind === 'add',
  );
  const isCopied = copies.some((copy) =>
    copy.sources.some(({ text }) => manifests.some((name) => isNamed(text, name))),
  );
  const copy = copies.find((each) => above.indexOf(each) > last && isWhole(each));
  return isCopied || !copy ? undefined : { copy, manifests };
}

const NO_FILES = makeContext({ entries: [] });

/** Whether a source of a COPY is one of the manifests: `package.json` is one of `package*.json`. */
function isNamed(source: string, manifest: string): boolean {
  const start = manifest.split('*')[0]!;
  return source
    .slice(source.lastIndexOf('/') + 1)
    .startsWith(start.slice(start.lastIndexOf('/') + 1));
}

/** `COPY . .` and its like. */
function isWhole(copy: CopyInstruction): boolean {
  const isElsewhere = copy.flags.some(({ name }) => name === 'from');
  return !isElsewhere && copy.sources.length === 1 && /^\.?\/?$/.test(copy.sources[0]!.text);
}
