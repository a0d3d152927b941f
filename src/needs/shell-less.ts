/**
 * Whether a stage that starts a program without a shell can stand on an image that has none: on which,
 * with which commands, and what must be true. All of it by rows and by what the stages show.
 */
import { baseConfiguration } from '../analysis/base-configuration.ts';
import {
  entriesOf,
  gapsOf,
  isWithin,
  makeContext,
  type BuildContext,
} from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { filesAtEnd, imagePath } from '../analysis/image-files.ts';
import { imageOf } from '../analysis/images.ts';
import { matchesWhole, matchesPart } from '../analysis/patterns.ts';
import { baseOf, fromOf, stageNamed } from '../analysis/stages.ts';
import { heldBefore, resolveWord } from '../analysis/state.ts';
import { showText } from '../analysis/values.ts';
import type { Dockerfile, Instruction, Stage } from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { Image } from '../facts/image-types.ts';
import type { Asked } from '../facts/small-types.ts';
import type { Facts } from '../facts/types.ts';
import { madeBy } from './made-by.ts';
import { neededBy, type Needless } from './needless-runs.ts';
import { needsOf } from './needs.ts';
import type { Program, Wish } from './smallest.ts';
import { startedPrograms } from './source-code.ts';
import { checkedBy, startedIn, type Started, type StartScope } from './started-program.ts';

/** What a stage asks for. */
export interface Asking {
  readonly wish: Wish;
  readonly started: Started;
  /** The image below it. */
  readonly image: Image;
  /** What must be true of the program, where nothing shows it. */
  readonly assumptions: readonly string[];
  /** RUNs that install what the other image has anyway. */
  readonly needless: readonly Instruction[];
}

export type Refused = { readonly why: string };

/** What the stage asks of its base, or why it needs a shell, or nobody knows; `undefined`: not a question. */
export function askingOf(
  file: Dockerfile,
  stage: Stage,
  scope: AskingScope,
): Asking | Refused | undefined {
  const { context, facts } = scope;
  const last = known.get(file);
  if (last?.stage === stage && last.context === context && last.facts === facts) return last.asking;
  const asking = findAsking(file, stage, scope);
  known.set(file, { stage, context, facts, asking });
  return asking;
}

type AskingScope = Pick<StartScope, 'context' | 'facts'>;

interface Known extends AskingScope {
  readonly stage: Stage;
  readonly asking: Asking | Refused | undefined;
}

// Two passes ask the same.
const known = new RunMemory<Dockerfile, Known>();

function findAsking(
  file: Dockerfile,
  stage: Stage,
  scope: AskingScope,
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
  if (!baseConfiguration(image, facts)) {
    return { why: `nobody knows what ${image.name}:${image.tag} says of itself` };
  }
  const needless = new Map<Instruction, Needless>();
  for (const each of stage.instructions) {
    const found = each.kind === 'run' ? neededBy(file, stage, each, facts) : undefined;
    if (found) needless.set(each, found);
    else if (IN_THE_WAY.has(each.kind)) {
      const line = each.origin[0]!.line;
      return {
        why: `line ${line} is ${each.keyword.toUpperCase()}, which needs the base as it is`,
      };
    }
  }
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
  const beside = otherProgram(file, stage, started, scope);
  if (beside !== undefined) return { why: beside };
  for (const [each, { executables }] of needless) {
    const other = executables.find((path) => what.kind !== 'binary' || path !== what.path);
    if (other === undefined) continue;
    return { why: `line ${each.origin[0]!.line} makes /${other} executable, and needs a shell` };
  }
  const asked = [...needless.values()].flatMap(({ asks }) => asks);
  return {
    started,
    image,
    needless: [...needless.keys()],
    wish: {
      program,
      asks: found.asks === 'unknown' ? 'unknown' : new Set([...found.asks, ...asked]),
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
    const { usual } = resolveWord(heldBefore(file, stage, each, facts), owner, each.escape);
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

/** What else is copied to run, and may need what the base has: a sentence without a full stop. */
function otherProgram(
  file: Dockerfile,
  stage: Stage,
  { what }: Started,
  scope: Pick<StartScope, 'context' | 'facts'>,
): string | undefined {
  for (const each of stage.instructions) {
    if (each.kind !== 'copy' && each.kind !== 'add') continue;
    const line = `line ${each.origin[0]!.line}`;
    const state = heldBefore(file, stage, each, scope.facts);
    const target = imagePath(state, each.destination?.text ?? '', each.escape);
    const isOfSystem = what.kind === 'binary' && LIBRARY_FOLDERS.test(target);
    if (isOfSystem || each.sources.some(({ text }) => LIBRARY.test(text))) {
      return `${line} brings libraries`;
    }
    for (const { text } of each.sources) {
      const name = text.slice(text.lastIndexOf('/') + 1);
      const path = /(^|\/)s?bin$/.test(target) ? `${target}/${name}` : target;
      if (!/(^|\/)s?bin\/[^/]*$/.test(path)) continue;
      if (what.kind === 'binary' && path === what.path) continue;
      const made = madeBy(path, stage, { file, ...scope });
      const isStatic = 'linkage' in made && made.linkage.kind === 'static';
      if (!isStatic) return `${line} brings another program, and nobody knows what it needs`;
    }
  }
  return undefined;
}

const LIBRARY_FOLDERS = /^(usr\/(local\/)?)?lib(32|64|x32)?(\/|$)/;

const LIBRARY = /\.so(\.[\d.]+)?$/;

interface Asks {
  readonly asks: ReadonlySet<Asked> | 'unknown';
  readonly assumptions: readonly string[];
}

export function asksOf(
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
      if (!asks.has(row.of) && matchesWhole(row.files, file) && matchesPart(row.code, text)) {
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
  { context, facts }: AskingScope,
): Asks | Refused {
  const isProgram = (word: string): boolean => image.hasCommand(word) === 'yes';
  const libc = image.libc?.kind === 'musl' ? 'musl' : 'glibc';
  const { runtimes } = image;
  const { needs, doubts } = needsOf([stage], { file, context, facts, libc, runtimes, isProgram });
  const names = facts.smallImages.images.flatMap(({ runtime }) => runtime?.calls ?? []);
  const words = argumentsOf(stage);
  for (const need of needs) {
    const isRuntime =
      need.kind === 'command' && names.some((calls) => matchesWhole(calls, need.name));
    if (need.when !== 'run' || isRuntime || need.by === words) continue;
    if (need.kind === 'command') return { why: `${need.by} starts ${need.name}` };
    if (need.kind === 'packages') return { why: `${need.by} needs packages: ${need.what}` };
  }
  const code = copiedCode(file, stage, context, facts);
  const { programs, unclear, loading, unread } = startedPrograms(code, isProgram, facts);
  const started = programs.find(
    ({ program }) => !names.some((calls) => matchesWhole(calls, program)),
  );
  if (started) return { why: `${started.by} starts ${started.program}` };
  const [spawning] = unclear;
  if (spawning !== undefined) return { why: `${spawning} starts programs` };
  const texts = [
    ...doubts.filter(({ by }) => by !== words).map(({ by, why }) => [by, why] as const),
    ...loading.map((by) => [by, 'it loads libraries of the system'] as const),
    ...unread.map((by) => [by, 'its text was not read'] as const),
    ...(gapsOf(code).length > 0 || !context
      ? [['the program', 'not all of its code is known'] as const]
      : []),
  ];
  const unsure = texts.map(([by, why]) => `${by} needs nothing more of the system (${why})`);
  const shown = unsure.slice(0, MOST);
  const rest = unsure.length - shown.length;
  return {
    asks: 'unknown',
    assumptions: rest > 0 ? [...shown, `the same of ${rest} more`] : shown,
  };
}

/** The line of a CMD that only gives words to an ENTRYPOINT. */
function argumentsOf({ instructions }: Stage): string | undefined {
  const hasEntry = instructions.some(({ kind }) => kind === 'entrypoint');
  const cmd = instructions.findLast(({ kind }) => kind === 'cmd');
  return hasEntry && cmd ? `line ${cmd.origin[0]!.line}` : undefined;
}

/** What the stage has from the build context, by itself or through other stages. */
function copiedCode(
  file: Dockerfile,
  stage: Stage,
  context: BuildContext | undefined,
  facts: Facts,
): BuildContext {
  if (!context) return makeContext({ entries: [] });
  const own = filesAtEnd(file, stage, context, facts).files;
  const copied = stage.instructions.flatMap((each) => {
    const source = each.kind === 'copy' ? stageNamed(fromOf(each), file, stage) : undefined;
    if (each.kind !== 'copy' || !source) return [];
    const { files } = filesAtEnd(file, source, context, facts);
    const folders = each.sources.map(({ text }) => pathInside(text));
    const isCopied = (path: string): boolean => folders.some((folder) => isWithin(path, folder));
    return [{ files, entries: entriesOf(files).filter(({ path }) => isCopied(path)) }];
  });
  const parts = [...copied, { files: own, entries: entriesOf(own) }];
  return makeContext({
    entries: parts.flatMap(({ entries }) => entries),
    texts: new Map(parts.flatMap(({ files }) => [...files.texts])),
    gaps: parts.flatMap(({ files }) => gapsOf(files)),
  });
}

/** More than that nobody reads. */
const MOST = 3;
