/** What a container of a stage runs, and which paths of the image it names when it starts. */
import { baseConfiguration } from '../analysis/base-configuration.ts';
import { callsIn, callsOfProgram, type Call } from '../analysis/calls.ts';
import { entryAt, isWithin } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { filesOfImage } from '../analysis/files-of-image.ts';
import { filesAtEnd, workFolder, startFolder } from '../analysis/image-files.ts';
import { matchesAny, matchesWhole, rowsOfProgram } from '../analysis/patterns.ts';
import { stateAfter, stateBefore, variableIn, type Held } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import type { CommandInstruction, HealthcheckInstruction, Stage } from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import { scriptOf } from '../dockerfile/shell.ts';
import { startedWithPackages } from '../ecosystems/started.ts';
import { ownName, wordsOf } from '../ecosystems/work.ts';
import { compiledLate } from '../needs/compiled-late.ts';
import { usesOf } from '../uses/uses.ts';
import { callsBeside, callsOf } from './beside.ts';
import { isSameScope, type StageScope } from './steps.ts';

export interface Running {
  /** Scripts that lie in the image and those of manifests are followed. */
  readonly calls: readonly Call[];
  /** Paths that calls name, programs and arguments, without a slash in front; perhaps patterns. */
  readonly named: ReadonlySet<string>;
  /** Paths that variables of the image hold, without a slash in front. */
  readonly said: ReadonlySet<string>;
  /** Paths at which a program may lie that is called. */
  readonly programs: ReadonlySet<string>;
  /** Folders of PATH that the author names, without a slash in front. */
  readonly folders: ReadonlySet<string>;
  /** Nobody can see all that a container starts. */
  readonly isUnclear: boolean;
  /** Why it cannot do without the build, or nobody knows what it is: a sentence without a full stop. */
  readonly why: string | undefined;
}

/** Where the stage stands on an image of which nothing is known, only what its author says counts. */
type RunningScope = Omit<StageScope, 'image'> & { readonly image: StageScope['image'] | undefined };

// A pass and the check ask of the same stage.
const known = new RunMemory<Stage, { readonly scope: RunningScope; readonly running: Running }[]>();

export function runningOf(scope: RunningScope): Running {
  let all = known.get(scope.stage);
  if (!all) known.set(scope.stage, (all = []));
  const asked = all.find((each) => isSameScope(each.scope, scope));
  if (asked) return asked.running;
  const running = findRunning(scope);
  all.push({ scope, running });
  return running;
}

function findRunning(scope: RunningScope): Running {
  const { stage, facts } = scope;
  const calls: Call[] = [];
  const doubts: string[] = [];
  let entry: CommandInstruction | undefined;
  let cmd: CommandInstruction | undefined;
  let check: HealthcheckInstruction | undefined;
  let isCmdOwn = true;
  for (const each of stage.instructions) {
    if (each.kind === 'healthcheck') check = each;
    else if (each.kind === 'entrypoint' || each.kind === 'cmd') {
      isCmdOwn = each.kind === 'cmd';
      if (isCmdOwn) cmd = each;
      else entry = each;
    }
  }
  const words = cmd?.command.form === 'exec' && isCmdOwn ? cmd.command.exec : [];
  if (entry?.command.form === 'exec') {
    const all = words.length > 0 ? [...entry.command.exec, ...words] : entry.command.exec;
    add(scope, entry, all, undefined, calls, doubts);
    // What the words of CMD are for an entry point that starts them.
    if (words.length > 0 && !words[0]!.startsWith('-'))
      add(scope, entry, words, undefined, calls, []);
  } else if (entry) add(scope, entry, undefined, entry.argsText, calls, doubts);
  else if (cmd?.command.form === 'exec') add(scope, cmd, words, undefined, calls, doubts);
  else if (cmd) add(scope, cmd, undefined, cmd.argsText, calls, doubts);
  else addInherited(scope, calls);
  const started = calls.length;
  if (check?.command?.form === 'exec') {
    add(scope, check, check.command.exec, undefined, calls, doubts);
  } else if (check?.command) {
    add(scope, check, undefined, check.argsText.replace(/^\s*CMD\s/i, ''), calls, doubts);
  }
  const own = calls.slice(0, started);
  const beside = besideOf(scope);
  calls.push(...beside.calls);
  const { named, programs } = pathsOf(calls, scope);
  for (const path of [...beside.taken, ...(scope.context ? filesOfTools(calls, scope) : [])])
    named.add(path);
  const why = whyNot(own, facts.work.toolchains, !entry && !cmd) ?? beside.why;
  let late: { readonly why: string | undefined } | undefined;
  return {
    calls,
    named,
    said: new Set(scope.context && saidByVariables(stateAfter(scope.file, stage, facts))),
    programs,
    folders: foldersOf(stage),
    isUnclear: doubts.length > 0,
    // All code of the image is read for it: of most stages nobody asks.
    get why() {
      return why ?? (late ??= { why: whyLate(scope) }).why;
    },
  };
}

/** What tools that are called read where they are, such as `diesel.toml`, as far as it is there. */
function filesOfTools(
  calls: readonly Call[],
  { file, stage, context, facts }: RunningScope,
): readonly string[] {
  const wanted = calls.flatMap((call) =>
    rowsOfProgram(facts.work.toolFiles, ownName(call)).flatMap(({ files }) =>
      files.map((name) => pathInside(`${call.folder}/${name}`)),
    ),
  );
  if (!context || wanted.length === 0) return [];
  const { files } = filesAtEnd(file, stage, context, facts);
  return wanted.filter((path) => entryAt(files, path) !== undefined);
}

/** What its code compiles while it runs, where the image has something to compile with. */
function whyLate({ file, stage, image, context, facts }: RunningScope): string | undefined {
  const { buildPackages } = facts.work;
  const hasCompiler =
    image?.hasCommand('cc') === 'yes' ||
    image?.hasCommand('gcc') === 'yes' ||
    stage.instructions.some(
      (each) =>
        each.kind === 'run' &&
        (each.text.match(COMPILERS) ?? []).some(
          (word) => /^(tcc|fpc)$/.test(word) || matchesAny(buildPackages, word),
        ),
    );
  if (!context || !hasCompiler) return undefined;
  const late = compiledLate(filesAtEnd(file, stage, context, facts).files, facts);
  return late && `/${late.path} ${late.why}`;
}

/** Words that may name packages with a compiler. */
const COMPILERS = /(?<!\S)(?:gcc|g\+\+|clang|build-|alpine-sdk|tcc|fpc|rustc)\S*/g;

interface AroundImage {
  readonly calls: readonly Call[];
  /** Paths that others take out of the image, folders with what is in them, without a slash in front. */
  readonly taken: readonly string[];
  /** Why it cannot do without the build. */
  readonly why: string | undefined;
}

/** What the files around the image start in its containers, ask of them and take out of them. */
function besideOf({ file, stage, context, facts }: RunningScope): AroundImage {
  if (!context) return { calls: [], taken: [], why: undefined };
  const { work, taken, probes, starts } = usesOf(context, facts);
  const rows = facts.work.toolchains;
  const all = callsBeside(context, facts);
  const needing = all.flatMap(({ path, calls }) => {
    const why = calls.length > 0 ? whyNot(calls, rows, false) : undefined;
    // What somebody tries out while developing runs in a smaller image as well.
    return why !== undefined && /\b(compiles|needs)\b/.test(why)
      ? [`${path} starts it with a command of its own: ${why}`]
      : [];
  });
  const why = work ?? needing[0];
  if (why !== undefined || (probes.length === 0 && taken.length === 0 && starts.length === 0))
    return { calls: [], taken: [], why };
  const files = filesOfImage(file, stage, context, facts);
  const scope = { facts, files, folder: startFolder(file, stage, facts) };
  const inPlace = starts.filter(({ text }) => {
    const [found] = callsOf({ path: '', text }, scope);
    return found !== undefined && whyNot(found.calls, rows, false) === undefined;
  });
  return {
    calls: [...inPlace, ...probes].flatMap((each) =>
      callsOf(each, scope).flatMap(({ calls }) => calls),
    ),
    taken: taken.flatMap((folder) => [
      folder,
      ...files.entries.flatMap(({ path }) => (isWithin(path, folder) ? [path] : [])),
    ]),
    why: undefined,
  };
}

function whyNot(
  calls: readonly Call[],
  rows: StageScope['facts']['work']['toolchains'],
  isInherited: boolean,
): string | undefined {
  const isSilent = 'the stage does not say what it starts';
  if (isInherited && calls.length === 0) return isSilent;
  for (const call of calls) {
    const row = rowsOfProgram(rows, ownName(call)).find((each) =>
      matchesWhole(each.words, wordsOf(call)),
    );
    if (row && isInherited) return isSilent;
    if (row) return `${row.why}: "${`${ownName(call)} ${wordsOf(call)}`.trim()}"`;
  }
  return calls.length === 0 ? 'no program is named' : undefined;
}

/** What the base starts, where rows know it: a server, mostly. */
function addInherited({ image, facts }: RunningScope, calls: Call[]): void {
  if (!image) return;
  const { entrypoint, cmd } = baseConfiguration(image, facts) ?? {};
  if (!entrypoint || !cmd) return;
  const scope = { files: undefined, facts, runs: startedWithPackages };
  for (const argv of entrypoint.length > 0 ? [[...entrypoint, ...cmd], cmd] : [cmd]) {
    if (argv.length > 0) calls.push(...callsOfProgram(argv, '', scope).calls);
  }
}

function add(
  { file, stage, context, facts }: RunningScope,
  instruction: CommandInstruction | HealthcheckInstruction,
  argv: readonly string[] | undefined,
  text: string | undefined,
  calls: Call[],
  doubts: string[],
): void {
  const state = stateBefore(file, stage, instruction, facts);
  // The folder of the image when it starts, not that of the instruction.
  const end = stateAfter(file, stage, facts);
  const folder = workFolder(end);
  // What it starts may have come through another stage.
  const files = context && filesOfImage(file, stage, context, facts);
  const scope = { files, facts, runs: startedWithPackages };
  if (argv) {
    const found = callsOfProgram(argv, folder, scope);
    calls.push(...found.calls);
    doubts.push(...found.doubts);
    return;
  }
  const script = scriptOf(text!, state.shell);
  if (script.kind !== 'script') return;
  const found = callsIn(script, folder, scope);
  calls.push(...found.calls);
  doubts.push(...found.doubts);
}

/** The folders that the author's own PATH names in full, without a slash in front. */
function foldersOf({ instructions }: Stage): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const each of instructions) {
    for (const { name, value = '' } of each.kind === 'env' ? each.pairs : []) {
      if (name !== 'PATH') continue;
      for (const folder of value.replaceAll(/["']/g, '').split(':'))
        folders.add(pathInside(folder));
    }
  }
  return folders;
}

/** Paths of the image that its variables hold, in whole or in part, without a slash in front. */
export function saidByVariables(end: Held): readonly string[] {
  let paths = said.get(end);
  if (!paths) said.set(end, (paths = findSaid(end)));
  return paths;
}

const said = new RunMemory<Held, readonly string[]>();

function findSaid(end: Held): readonly string[] {
  const folder = workFolder(end);
  return [...end.image.variables.keys()].flatMap((name) => {
    const value = plainText(variableIn(end.image, name).usual.text) ?? '';
    return value.split(/[:=,;\s"']/).flatMap((part) => {
      if (!/^[\w./-]*[\w/-]$/.test(part) || !/\/|\.\w+$/.test(part)) return [];
      return [pathInside(part.startsWith('/') ? part : `${folder}/${part}`)];
    });
  });
}

function pathsOf(
  calls: readonly Call[],
  { file, stage, image, facts }: RunningScope,
): { readonly named: Set<string>; readonly programs: Set<string> } {
  const named = new Set<string>();
  const programs = new Set<string>();
  const path = plainText(variableIn(stateAfter(file, stage, facts).image, 'PATH').usual.text);
  const at = (folder: string, text: string): string =>
    pathInside(text.startsWith('/') ? text : `${folder}/${text}`);
  for (const { program, args, folder } of calls) {
    if (program.includes('/')) programs.add(at(folder, program));
    // A build that makes another `curl` would be a strange one.
    else if (image?.hasCommand(program) !== 'yes')
      for (const each of path?.split(':') ?? []) programs.add(at('', `${each}/${program}`));
    for (const arg of args) {
      if (arg === undefined) continue;
      // `--config=x`, `-Dname=x`, `a.jar:lib/*`, `classpath:x`.
      // A list of places is no place itself.
      const all = arg.includes(':') ? [] : [arg];
      for (const part of [...all, ...arg.split(/[=:,]/)])
        // An option is no file; what it is given is a part of its own.
        if (part !== '' && !part.startsWith('-')) named.add(at(folder, part));
    }
  }
  for (const each of programs) named.add(each);
  return { named, programs };
}
