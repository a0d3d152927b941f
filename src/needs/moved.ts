/**
 * A stage on another image without a shell: with the same command, user and folders as before, or why
 * that cannot be.
 */
import {
  baseConfiguration,
  SCRATCH,
  type BaseConfiguration,
} from '../analysis/base-configuration.ts';
import { folderOf } from '../analysis/go-paths.ts';
import { imagePath } from '../analysis/image-files.ts';
import { matchesAny, matchesWhole } from '../analysis/patterns.ts';
import { resolveWord, stateAfter, stateBefore, variableIn } from '../analysis/state.ts';
import { plainText, showText, type Value } from '../analysis/values.ts';
import type { Dockerfile, Instruction, Stage } from '../dockerfile/model.ts';
import { withText } from '../dockerfile/parse.ts';
import type { SmallRuntime } from '../facts/small-types.ts';
import type { Facts } from '../facts/types.ts';
import type { Asking, Refused } from './shell-less.ts';
import type { Candidate } from './smallest.ts';
import type { Started } from './started-program.ts';

/** The stage on the other image, or why it cannot stand there. */
export interface Moved {
  readonly stage: Stage;
  readonly assumptions: readonly string[];
}

/** @param reference what FROM names */
export function movedTo(
  file: Dockerfile,
  stage: Stage,
  asking: Asking,
  { image, row }: Candidate,
  reference: string,
  facts: Facts,
): Moved | Refused {
  const { from } = stage;
  const word = from.image!;
  const on = withText(from, from.text.slice(0, word.start) + reference + from.text.slice(word.end));
  const old = baseConfiguration(asking.image, facts);
  const next = image.name === 'scratch' ? SCRATCH : baseConfiguration(image, facts);
  if (!old || !next) return { why: 'the configuration of one of the images is not known' };
  const lost = lostFields(old, stage);
  if (lost !== undefined) return { why: `${asking.image.name}:${asking.image.tag} sets ${lost}` };
  const { command } = asking.started;
  const based: Stage = { ...stage, from: on };
  const path = pathAt(withStage(file, based), based, facts);
  const started = startedBy(asking.started, row?.runtime, next, path);
  if ('why' in started) return started;
  const kept = stage.instructions.filter((each) => !asking.needless.includes(each));
  const moved: Stage = {
    ...based,
    instructions: kept.map((each, index) => {
      const own = each === command ? started.command : each;
      // What falls away at the end of the file leaves its line end, or the lack of one.
      const isLast = index === kept.length - 1;
      return isLast ? { ...own, eol: stage.instructions.at(-1)!.eol } : own;
    }),
  };
  const after = withStage(file, moved);
  const change = placesChange(file, stage, kept, after, moved, facts);
  if (change !== undefined) return { why: change };
  const foreign = row?.runtime?.foreign;
  const away = foreign === undefined ? undefined : copiedTo(after, moved, foreign, facts);
  if (away !== undefined) return { why: `${image.name} looks for nothing in ${away}` };
  const own = new Set(
    stage.instructions.flatMap((each) =>
      each.kind === 'env' ? each.pairs.map(({ name }) => name) : [],
    ),
  );
  const variables = [...old.env].flatMap(([name, value]) =>
    name === 'PATH' ||
    own.has(name) ||
    matchesAny(facts.smallImages.versionVariables, name) ||
    (value !== undefined && next.env.get(name) === value)
      ? []
      : [name],
  );
  return {
    stage: moved,
    assumptions: [
      ...asking.assumptions,
      ...(variables.length > 0 ? [`the program does not depend on ${variables.join(', ')}`] : []),
      ...started.assumptions,
    ],
  };
}

/** What the old image says of itself that the stage would lose, as the instruction's name. */
function lostFields(old: BaseConfiguration, stage: Stage): string | undefined {
  const kinds = new Set(stage.instructions.map(({ kind }) => kind));
  if (old.stopSignal !== '' && old.stopSignal !== undefined && !kinds.has('stopsignal'))
    return 'STOPSIGNAL';
  if ((old.volumes ?? []).length > 0) return 'VOLUME';
  if ((old.exposes ?? []).length > 0) return 'EXPOSE';
  if ((old.onbuild ?? []).length > 0) return 'ONBUILD';
  return undefined;
}

interface Start {
  readonly command: Started['command'];
  readonly assumptions: readonly string[];
}

/** The command that starts the same on the other image. */
function startedBy(
  { command, argv, what }: Started,
  runtime: SmallRuntime | undefined,
  next: BaseConfiguration,
  path: readonly string[],
): Start | Refused {
  if (what.kind === 'binary') {
    if (command.kind === 'cmd' && next.entrypoint?.length !== 0) {
      return { why: 'the other image has an ENTRYPOINT of its own' };
    }
    const isFound = argv[0]!.includes('/') || path.includes(`/${folderOf(what.path)}`);
    if (isFound) return { command, assumptions: [] };
    return firstReplaced(command, `${JSON.stringify(`/${what.path}`)}$1`);
  }
  if (!runtime) return { why: 'it has no runtime' };
  const [word] = argv as [string];
  if (command.kind === 'entrypoint') {
    const folder = runtime.program.slice(0, runtime.program.lastIndexOf('/'));
    const isFound = !word.includes('/') && path.includes(folder);
    if (isFound || word === runtime.program) return { command, assumptions: [] };
    return firstReplaced(command, `${JSON.stringify(runtime.program)}$1`);
  }
  const own = next.entrypoint ?? [];
  const options = own.slice(1);
  if (options.some((option, index) => argv[index + 1] !== option)) {
    return { why: `its options stand in front of ${options.join(' ')}` };
  }
  if (argv.length <= own.length) return { why: `"${word}" is started without code` };
  let start: Start | Refused = { command, assumptions: [] };
  for (const _ of own) {
    if ('why' in start) return start;
    start = firstReplaced(start.command, '');
  }
  if ('why' in start) return start;
  return { ...start, assumptions: ['nobody starts the image with a command of their own'] };
}

function withStage(file: Dockerfile, stage: Stage): Dockerfile {
  return {
    ...file,
    stages: file.stages.map((each) => (each.index === stage.index ? stage : each)),
  };
}

/** The folders in which a program is looked for. */
function pathAt(file: Dockerfile, stage: Stage, facts: Facts): readonly string[] {
  const { text } = variableIn(stateAfter(file, stage, facts).image, 'PATH').usual;
  return plainText(text)?.split(':') ?? [];
}

/** The exec form with another first word; `$1` stands for the comma behind it. */
function firstReplaced(command: Started['command'], replacement: string): Start | Refused {
  const { text, args } = command;
  const found = /^(\s*\[\s*)"(?:[^"\\]|\\.)*"(\s*,\s*)?/.exec(text.slice(args.start, args.end));
  if (!found) return { why: 'its words do not stand where they are expected' };
  const first = replacement.replace('$1', () => found[2] ?? '');
  const rest = text.slice(args.start + found[0].length, args.end);
  return {
    command: withText(
      command,
      text.slice(0, args.start) + found[1]! + first + rest + text.slice(args.end),
    ),
    assumptions: [],
  };
}

/** The user that a state has; root under one name. */
export function userOf({ usual }: Value): string {
  const text = showText(usual);
  return text === '' || text === '0' || text === '0:0' || text === 'root:root' ? 'root' : text;
}

/** Whether the user or a folder would be another one: a sentence without a full stop. */
function placesChange(
  before: Dockerfile,
  was: Stage,
  kept: readonly Instruction[],
  after: Dockerfile,
  is: Stage,
  facts: Facts,
): string | undefined {
  for (const [index, each] of kept.entries()) {
    const other = is.instructions[index]!;
    const one = stateBefore(before, was, each, facts);
    const two = stateBefore(after, is, other, facts);
    const line = `line ${each.origin[0]!.line}`;
    if (each.kind === 'copy' || each.kind === 'add') {
      const [text, { escape }] = [each.destination?.text ?? '', each];
      if (imagePath(one, text, escape) === imagePath(two, text, escape)) continue;
      return `line ${each.origin[0]!.line} would copy to another WORKDIR`;
    }
    // It makes its folder as the user of that moment.
    if (each.kind === 'workdir' && userOf(one.user) !== userOf(two.user)) {
      return `${line} would have another USER`;
    }
  }
  const [one, two] = [stateAfter(before, was, facts), stateAfter(after, is, facts)];
  if (plainText(one.workdir.usual) === undefined) return 'the WORKDIR of the base is not known';
  if (showText(one.workdir.usual) !== showText(two.workdir.usual))
    return 'the WORKDIR would be another one';
  if (userOf(one.user) !== userOf(two.user)) return 'the USER would be another one';
  return undefined;
}

/** The first folder that a COPY writes to and that matches. */
function copiedTo(
  file: Dockerfile,
  stage: Stage,
  pattern: string,
  facts: Facts,
): string | undefined {
  for (const each of stage.instructions) {
    if (each.kind !== 'copy' && each.kind !== 'add') continue;
    const state = stateBefore(file, stage, each, facts);
    const target = plainText(resolveWord(state, each.destination?.text ?? '', each.escape).usual);
    const places = [target ?? '', ...each.sources.map(({ text }) => text)];
    const found = places.find((place) => matchesWhole(pattern, place.replace(/\/$/, '')));
    if (found !== undefined) return found;
  }
  return undefined;
}
