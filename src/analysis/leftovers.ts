/**
 * What package managers leave behind in a layer, and who still needs it.
 */
import type { Dockerfile, Instruction, RunInstruction, Stage } from '../dockerfile/model.ts';
import { runBody, type RunBody, type SimpleCommand } from '../dockerfile/shell.ts';
import type { Facts, Leftover, Manager } from '../facts/types.ts';
import {
  foldersMeet,
  hasWord,
  packageCommand,
  programName,
  wrapperLength,
  type PackageCommand,
} from './packages.ts';
import { matchesAny, matchesWhole, occursInInstruction, rowsOfProgram } from './patterns.ts';
import { descendants } from './stages.ts';
import { shellBefore, stateBefore } from './state.ts';

/** Whether a command deletes (or moves away) a folder or what is in it. */
export function deletesFrom(
  command: SimpleCommand,
  paths: readonly string[],
  braces: boolean,
): boolean {
  const words = command.words.slice(wrapperLength(command.words));
  const program = programName(words[0]);
  if (program !== 'rm' && program !== 'find' && program !== 'mv' && program !== 'unlink') {
    return false;
  }
  return words
    .slice(1)
    .flatMap((word) =>
      braces ? expandBraces(word.literal ?? word.text) : [word.literal ?? word.text],
    )
    .some((word) => {
      const folder = word.replace(/["']/g, '').replace(/\/?\*.*$/, '');
      return folder.length > 1 && paths.some((path) => foldersMeet(path, folder));
    });
}

/** `/var/{lib,cache}/x` as its parts: bash reads it so; dash looks for a file of that name. */
function expandBraces(word: string): readonly string[] {
  let words = [word];
  // Longer lists than anybody writes would only take time.
  while (words.length < MOST_BRACES) {
    const next = words.flatMap((each) => {
      const match = /^([^{}]*)\{([^{}]*,[^{}]*)\}(.*)$/.exec(each);
      return match ? match[2]!.split(',').map((part) => match[1]! + part + match[3]!) : [each];
    });
    if (next.length === words.length) return next;
    words = next;
  }
  return words;
}

const MOST_BRACES = 100;

/** Whether the RUN itself already deals with the leftover. */
export function cleansItself(
  body: RunBody,
  leftover: Leftover,
  calls: readonly PackageCommand[],
): boolean {
  if (body.kind !== 'script') return false;
  // What is deleted before it is made anew is there in the end.
  const last = calls.findLast(
    (call) => call.manager.leaves.includes(leftover) && leftover.actions.includes(call.action),
  );
  const isInTime = (command: SimpleCommand): boolean => command.start > (last?.command.start ?? -1);
  return (
    body.commands.some(
      (command) =>
        isInTime(command) && deletesFrom(command, leftover.paths, hasBraces(body.shell, calls)),
    ) ||
    calls.some(
      (call) =>
        call.action === 'clean' &&
        isInTime(call.command) &&
        call.manager.leaves.includes(leftover) &&
        (leftover.cleanWith !== undefined || /dist-?clean/.test(call.actionWord?.text ?? '')),
    )
  );
}

/** Debian's and Alpine's `sh` know no brace lists; that of Red Hat's family is bash. */
function hasBraces(shell: string, calls: readonly PackageCommand[]): boolean {
  return shell !== 'sh' || calls.some((call) => call.manager.id === 'dnf');
}

/** Who reads the lists that an instruction leaves. */
export type Reader =
  | { readonly kind: 'none' }
  | { readonly kind: 'reads'; readonly by: Instruction; readonly why: string }
  /** It deletes them and would fail if they were gone already. */
  | { readonly kind: 'counts on it'; readonly by: Instruction; readonly why: string }
  | { readonly kind: 'may read'; readonly by: Instruction; readonly why: string };

/**
 * Whether anything after `run`, in its stage or in stages that stand on it, reads what `run` left,
 * before fetching it anew; or would fail if it were already gone.
 */
export function laterReader(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  manager: Manager,
  leftover: Leftover,
  facts: Facts,
): Reader {
  const copy = copyOf(file, stage, leftover.paths);
  if (copy) return { kind: 'counts on it', by: copy, why: 'it copies what would be gone' };
  const rest = stage.instructions.slice(stage.instructions.indexOf(run) + 1);
  const own = readerAmong(file, stage, rest, manager, leftover, facts);
  if (own !== 'refreshed' && own.kind !== 'none') return own;
  if (own === 'refreshed') return { kind: 'none' };
  for (const other of descendants(file, stage)) {
    const found = readerAmong(file, other, other.instructions, manager, leftover, facts);
    if (found !== 'refreshed' && found.kind !== 'none') return found;
  }
  return { kind: 'none' };
}

function readerAmong(
  file: Dockerfile,
  stage: Stage,
  instructions: readonly Instruction[],
  manager: Manager,
  leftover: Leftover,
  facts: Facts,
): Reader | 'refreshed' {
  let maybe: Reader = UNREAD;
  for (const by of instructions) {
    if (by.kind === 'onbuild' && by.trigger === 'run') {
      return { kind: 'may read', by, why: 'a child image runs it on top of this layer' };
    }
    if (by.kind === 'cmd' || by.kind === 'entrypoint' || by.kind === 'healthcheck') {
      if (mentions(by.argsText, manager)) {
        return { kind: 'reads', by, why: `it calls ${manager.id} when the container runs` };
      }
    }
    if (by.kind !== 'run') continue;
    const body = runBody(by, shellBefore(file, stage, by));
    const copied = copiedNames(file, stage, by);
    const { reader, isRefreshed } = readerInRun(by, body, manager, leftover, facts, copied);
    if (reader.kind === 'reads' || reader.kind === 'counts on it') return reader;
    if (maybe.kind === 'none') maybe = reader;
    if (isRefreshed) return maybe.kind === 'none' ? 'refreshed' : maybe;
  }
  return maybe;
}

const UNREAD: Reader = { kind: 'none' };

/** What a RUN does with the lists before it fetches them anew. */
interface Reading {
  readonly reader: Reader;
  readonly isRefreshed: boolean;
}

function readerInRun(
  by: RunInstruction,
  body: RunBody,
  manager: Manager,
  leftover: Leftover,
  facts: Facts,
  copied: ReadonlySet<string>,
): Reading {
  const only = (reader: Reader): Reading => ({ reader, isRefreshed: false });
  if (body.kind === 'opaque') {
    return mentions(by.text, manager)
      ? only({ kind: 'reads', by, why: `it names ${manager.id}` })
      : only({ kind: 'may read', by, why: body.reason });
  }
  if (body.kind === 'program') {
    const why = mentions(body.argv.join(' '), manager)
      ? `it calls ${manager.id}`
      : hiddenProgram(body.argv[0] ?? '', body.argv.slice(1), facts);
    return only(why === undefined ? UNREAD : { kind: 'may read', by, why });
  }
  let maybe: Reader = UNREAD;
  for (const command of body.commands) {
    const call = packageCommand(command, facts);
    if (call?.manager === manager) {
      const fresh = manager.flags.find((flag) => flag.purpose === 'cache');
      // `apk add --no-cache` fetches the index itself and does not look at the one on disk.
      if (fresh && hasWord(call, [fresh.add])) continue;
      if (call.action === 'install' || call.action === 'upgrade' || call.action === 'read-lists') {
        const why = `it runs "${callName(call)}" without "${updateName(call)}" before it`;
        return only({ kind: 'reads', by, why });
      }
      if (call.action === 'update' && isUnconditional(command, body)) {
        return { reader: maybe, isRefreshed: true };
      }
      continue;
    }
    if (deletesFrom(command, leftover.paths, true) && !isForced(command)) {
      const fails = 'its "rm" would fail where there is nothing left to remove';
      return only({ kind: 'counts on it', by, why: fails });
    }
    const why = call ? undefined : hiddenUse(command, manager, facts, copied);
    if (why !== undefined && maybe.kind === 'none') maybe = { kind: 'may read', by, why };
  }
  return only(maybe);
}

function callName(call: PackageCommand): string {
  return [call.program.at(-1)!.text, call.actionWord?.text ?? ''].join(' ').trim();
}

function updateName(call: PackageCommand): string {
  const update = Object.entries(call.manager.actions).find(([, action]) => action === 'update');
  return `${call.program.at(-1)!.text} ${update?.[0] ?? 'update'}`;
}

/** Whether the command runs whenever its RUN gets that far. */
export function isUnconditional(command: SimpleCommand, body: RunBody): boolean {
  if (body.kind !== 'script') return false;
  const link = body.chains[command.chain]?.links[command.link];
  return (
    link?.operator !== '||' &&
    command.within.every((each) => each === 'group' || each === 'subshell')
  );
}

/** The instruction after `run` in the same image, or in one on top of it, that reads the cache. */
export function laterOffline(
  { file, stage }: { readonly file: Dockerfile; readonly stage: Stage },
  run: RunInstruction,
  leftover: Leftover,
): Instruction | undefined {
  const later = [
    ...stage.instructions.slice(stage.instructions.indexOf(run) + 1),
    ...descendants(file, stage).flatMap((other) => other.instructions),
  ];
  return (
    copyOf(file, stage, leftover.paths) ??
    later.find((each) => occursInInstruction(leftover.readOfflineBy, each))
  );
}

/** The COPY that takes what lies in one of the folders out of this stage, or one on top of it. */
function copyOf(file: Dockerfile, stage: Stage, paths: readonly string[]): Instruction | undefined {
  const sources = [stage, ...descendants(file, stage)];
  const isSource = (name: string): boolean =>
    sources.some(
      ({ index, from }) => name === String(index) || name.toLowerCase() === from.stageName,
    );
  for (const { instructions } of file.stages) {
    for (const each of instructions) {
      const from = each.kind === 'copy' && each.flags.find((flag) => flag.name === 'from');
      if (each.kind !== 'copy' || !from || !isSource(from.value ?? '')) continue;
      if (each.sources.some((source) => paths.some((path) => takes(source.text, path))))
        return each;
    }
  }
  return undefined;
}

/** Whether a COPY of `source` would miss what `path` holds: a whole home or root is there anyway. */
function takes(source: string, path: string): boolean {
  if (/^\/?(root|home(\/[^/]+)?)?\/?$/.test(source)) return false;
  if (path.startsWith('~')) return foldersMeet(path, source);
  return `${source}/`.startsWith(`${path}/`);
}

/** Names of files that COPY and ADD put into the image from the build context. */
function copiedNames(file: Dockerfile, stage: Stage, by: Instruction): ReadonlySet<string> {
  const names = new Set<string>();
  for (const each of stateBefore(file, stage, by).before) {
    if (each.kind !== 'copy' && each.kind !== 'add') continue;
    for (const word of [...each.sources, ...(each.destination ? [each.destination] : [])]) {
      names.add(word.text.slice(word.text.lastIndexOf('/') + 1));
    }
  }
  return names;
}

/** `rm -f` and friends succeed where there is nothing to remove. */
function isForced(command: SimpleCommand): boolean {
  if (programName(command.words[wrapperLength(command.words)]) !== 'rm') return true;
  return command.words.some((word) => /^-[a-zA-Z]*f|^--force$/.test(word.text));
}

function mentions(text: string, manager: Manager): boolean {
  return text
    .split(/[\s"'`;&|()<>=,[\]]+/)
    .map((word) => (word.startsWith('/') ? word.slice(word.lastIndexOf('/') + 1) : word))
    .some((word) => matchesAny(manager.programs, word));
}

const SHELLS = /^(ba|da|a|k|z)?sh$|^source$|^\.$/;

/** Why a command that is no package manager call may be one all the same. */
export function hiddenUse(
  command: SimpleCommand,
  manager: Manager,
  facts: Facts,
  copied: ReadonlySet<string> = new Set(),
): string | undefined {
  const words = command.words.slice(wrapperLength(command.words));
  const [first, ...rest] = words;
  if (!first) return undefined;
  // Writing about it (`echo`, `printf`, `sed`) is not calling it.
  const program = programName(first);
  if (
    /^(echo|printf|sed|grep|cat|tee|chmod|chown|ln|cp|mv|rm|which|mkdir|touch)$/.test(program ?? '')
  ) {
    return undefined;
  }
  if (words.some((word) => mentions(word.text, manager))) {
    return `"${program ?? first.text}" is given the name of the package manager`;
  }
  if (program === undefined) return 'the program is a variable';
  if (copied.has(program) && !matchesAny(facts.hiddenInstallers.plainScripts, program)) {
    return `"${program}" comes from the build context and may install packages`;
  }
  const fed = command.redirections.some((each) => each.operator.startsWith('<'));
  if (SHELLS.test(program) && (fed || rest.some((word) => word.literal === '-s'))) {
    return `"${program}" reads a script`;
  }
  return hiddenProgram(
    first.literal ?? first.text,
    rest.map((word) => word.literal ?? word.text),
    facts,
    command.within.includes('pipeline'),
  );
}

function hiddenProgram(
  path: string,
  args: readonly string[],
  facts: Facts,
  piped = false,
): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const { installers, plainScripts } = facts.hiddenInstallers;
  if (SHELLS.test(name)) {
    const script = args.find((word) => !word.startsWith('-') && !word.startsWith('+'));
    if (args.some((word) => /^-[a-z]*c$/.test(word))) return undefined;
    if (script === undefined) return piped ? `"${name}" runs a script from a pipe` : undefined;
    const scriptName = script.slice(script.lastIndexOf('/') + 1);
    return matchesAny(plainScripts, scriptName) || isEnvironmentFile(script)
      ? undefined
      : `"${script}" may install packages`;
  }
  const row = rowsOfProgram(installers, name).find(
    (each) => each.words === undefined || args.some((word) => matchesWhole(each.words!, word)),
  );
  if (row) return `"${name}": ${row.why}`;
  const isScript =
    /\.(sh|bash)$/.test(name) ||
    (path.includes('/') && !/\/s?bin\/[^/]*$|^\/etc\/init\.d\//.test(path));
  if (isScript && !matchesAny(plainScripts, name)) return `"${path}" may install packages`;
  return undefined;
}

/** Files that only set variables when they are sourced. */
function isEnvironmentFile(path: string): boolean {
  return /(^|\/)(activate|\.?(bash_?)?(profile|rc|env)|.*\.env|nvm\.sh|.*\/env|os-release|environment|envvars|.*profile\.d\/.*|.*rvm.*|setup\.bash|.*sdkman-init\.sh)$/.test(
    path,
  );
}
