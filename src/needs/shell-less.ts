/**
 * Whether a stage that starts a program without a shell can stand on an image that has none: on which,
 * with which commands, and what must be true. All of it by rows and by what the stages show.
 */
import {
  baseConfiguration,
  SCRATCH,
  type BaseConfiguration,
} from '../analysis/base-configuration.ts';
import { folderOf } from '../analysis/go-paths.ts';
import { matchesAny, matchesWhole } from '../analysis/patterns.ts';
import { baseOf } from '../analysis/stages.ts';
import { resolveWord, stateAfter, stateBefore, variableIn } from '../analysis/state.ts';
import { plainText, showText, type Value } from '../analysis/values.ts';
import type { Dockerfile, Instruction, Stage } from '../dockerfile/model.ts';
import { withText } from '../dockerfile/parse.ts';
import { imageOf } from '../analysis/images.ts';
import type { Image } from '../facts/image-types.ts';
import type { Asked, SmallRuntime } from '../facts/small-types.ts';
import type { Facts } from '../facts/types.ts';
import { needsOf } from './needs.ts';
import type { Candidate, Program, Wish } from './smallest.ts';
import { checkedBy, startedIn, type Started, type StartScope } from './started-program.ts';

/** What a stage asks for. */
export interface Asking {
  readonly wish: Wish;
  readonly started: Started;
  /** The image below it. */
  readonly image: Image;
  /** What must be true of the program, where nothing shows it. */
  readonly assumptions: readonly string[];
}

export type Refused = { readonly why: string };

/** What the stage asks of its base, or why it needs a shell, or nobody knows; `undefined`: not a question. */
export function askingOf(
  file: Dockerfile,
  stage: Stage,
  scope: Pick<StartScope, 'context' | 'facts'>,
): Asking | Refused | undefined {
  const { facts } = scope;
  const base = baseOf(file, stage);
  if (base.kind !== 'image') return undefined;
  const image = imageOf(base.image, facts);
  if (!image || image.os === 'windows' || image.hasShell !== 'yes') return undefined;
  const written = stage.from.image?.text ?? '';
  if (/[$@]/.test(written)) {
    return { why: `${written.includes('$') ? 'a variable' : 'a digest'} chooses the base` };
  }
  const obstacle = stage.instructions.find((each) => IN_THE_WAY.has(each.kind));
  if (obstacle)
    return {
      why: `line ${obstacle.origin[0]!.line} is ${obstacle.keyword.toUpperCase()}, which needs the base as it is`,
    };
  if (checkedBy(stage) === 'a shell') return { why: 'HEALTHCHECK is started by a shell' };
  const accounts = accountsOf(file, stage, facts);
  if ('why' in accounts) return accounts;
  const started = startedIn({ file, stage, image, ...scope });
  if ('why' in started) return started;
  const { what } = started;
  const program = programOf(what, image);
  if ('why' in program) return program;
  const found =
    what.kind === 'binary' ? asksOf(what, image, facts) : runtimeAsks(file, stage, image, scope);
  if ('why' in found) return found;
  const suite = what.kind === 'binary' ? what.made.image?.distribution : image.distribution;
  return {
    started,
    image,
    wish: {
      program,
      asks: found.asks,
      accounts: accounts.names,
      suite: suite?.id === 'debian' ? suite.suite : undefined,
    },
    assumptions: found.assumptions,
  };
}

const IN_THE_WAY: ReadonlySet<Instruction['kind']> = new Set([
  'run',
  'shell',
  'onbuild',
  'unknown',
]);

/** Names of accounts and groups, root's left out. */
function accountsOf(
  file: Dockerfile,
  stage: Stage,
  facts: Facts,
): { readonly names: readonly string[] } | Refused {
  const words: string[] = [];
  for (const each of stage.instructions) {
    if (each.kind === 'user') words.push(each.argsText);
    if (each.kind !== 'copy' && each.kind !== 'add') continue;
    const owner = each.flags.find(({ name }) => name === 'chown')?.value;
    if (owner === undefined) continue;
    const { usual } = resolveWord(stateBefore(file, stage, each, facts), owner, each.escape);
    words.push(showText(usual));
  }
  if (words.some((word) => word.includes('$'))) return { why: 'a variable chooses the user' };
  const names = words.flatMap((word) => word.trim().split(':'));
  return { names: [...new Set(names.filter((name) => name !== '' && !/^\d+$/.test(name)))] };
}

function programOf(what: Started['what'], image: Image): Program | Refused {
  const glibc = image.libc?.kind === 'glibc' ? image.libc.version : undefined;
  if (what.kind === 'runtime')
    return { kind: 'runtime', id: what.id, version: what.version, glibc };
  const { linkage, image: builder } = what.made;
  if (linkage.kind === 'unknown')
    return { why: `/${what.path} may need libraries: ${linkage.why}` };
  if (linkage.kind === 'static') return { kind: 'static' };
  const version = builder?.libc?.version;
  if (version === undefined) return { why: 'nobody knows the libc of the image that builds it' };
  return { kind: 'linked', libraries: linkage.libraries, glibc: version };
}

interface Asks {
  readonly asks: ReadonlySet<Asked> | 'unknown';
  readonly assumptions: readonly string[];
}

function asksOf(
  { path, made }: Extract<Started['what'], { kind: 'binary' }>,
  image: Image,
  { smallImages }: Facts,
): Asks | Refused {
  const { linkage, code } = made;
  const assumptions =
    linkage.kind === 'dynamic' && linkage.doubt !== undefined ? [linkage.doubt] : [];
  if (!code) {
    const tag = `${image.name}:${image.tag}`;
    return {
      asks: 'unknown',
      assumptions: [...assumptions, `/${path} starts no program and reads no file of ${tag}`],
    };
  }
  const asks = new Set<Asked>();
  for (const [file, text] of code) {
    for (const row of smallImages.code) {
      if (!asks.has(row.of) && matchesWhole(row.files, file) && new RegExp(row.code).test(text)) {
        asks.add(row.of);
      }
    }
  }
  if (asks.has('other programs')) return { why: `/${path} starts other programs` };
  return { asks, assumptions };
}

/** What the code that a runtime runs asks for, beside the runtime. */
function runtimeAsks(
  file: Dockerfile,
  stage: Stage,
  image: Image,
  { context, facts }: Pick<StartScope, 'context' | 'facts'>,
): Asks | Refused {
  const isProgram = (word: string): boolean => image.hasCommand(word) === 'yes';
  const libc = image.libc?.kind === 'musl' ? 'musl' : 'glibc';
  const { runtimes } = image;
  const { needs, doubts } = needsOf([stage], { file, context, facts, libc, runtimes, isProgram });
  const names = facts.smallImages.images.flatMap(({ runtime }) => runtime?.calls ?? []);
  for (const need of needs) {
    const isRuntime =
      need.kind === 'command' && names.some((calls) => matchesWhole(calls, need.name));
    if (need.when !== 'run' || isRuntime) continue;
    if (need.kind === 'command') return { why: `${need.by} starts ${need.name}` };
    if (need.kind === 'packages') return { why: `${need.by} needs packages: ${need.what}` };
  }
  const unsure = doubts.map(({ by, why }) => `${by} needs nothing more of the system (${why})`);
  const shown = unsure.slice(0, MOST);
  const rest = unsure.length - shown.length;
  return {
    asks: 'unknown',
    assumptions: rest > 0 ? [...shown, `the same of ${rest} more`] : shown,
  };
}

/** More than that nobody reads. */
const MOST = 3;

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
  const moved: Stage = {
    ...based,
    instructions: stage.instructions.map((each) => (each === command ? started.command : each)),
  };
  const after = withStage(file, moved);
  const change = placesChange(file, stage, after, moved, facts);
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
      ...(variables.length > 0 ? [`the program does not read ${variables.join(' or ')}`] : []),
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
  after: Dockerfile,
  is: Stage,
  facts: Facts,
): string | undefined {
  for (const [index, each] of was.instructions.entries()) {
    const other = is.instructions[index]!;
    const [one, two] = [
      stateBefore(before, was, each, facts),
      stateBefore(after, is, other, facts),
    ];
    const line = `line ${each.origin[0]!.line}`;
    if (showText(one.workdir.usual) !== showText(two.workdir.usual)) {
      return `${line} would stand in another WORKDIR`;
    }
    if (userOf(one.user) !== userOf(two.user)) return `${line} would have another USER`;
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
