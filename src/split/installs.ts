/** What a RUN installs before it does anything that could look at the sources. */
import { entryAt, isWithin, makeContext, type BuildContext } from '../analysis/context.ts';
import { workFolder } from '../analysis/image-files.ts';
import { whyCommandDependent } from '../analysis/independent.ts';
import { packageCommand, programName, wrapperLength } from '../analysis/packages.ts';
import { matchesWhole, rowsOfProgram } from '../analysis/patterns.ts';
import { variableIn, type State } from '../analysis/state.ts';
import {
  plainText,
  showText,
  unknownVariable,
  type Reading,
  type Text,
} from '../analysis/values.ts';
import { expandWord } from '../analysis/shell-expansion.ts';
import type { RunInstruction } from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import {
  runBody,
  scriptOf,
  type Link,
  type Script,
  type ShellWord,
  type SimpleCommand,
} from '../dockerfile/shell.ts';
import { installOf, usualManifests } from '../ecosystems/index.ts';
import type { Install } from '../ecosystems/ecosystem.ts';
import { hasEntry, under } from '../ecosystems/findings.ts';
import type { Facts } from '../facts/types.ts';

/** Where a RUN stands, and what it finds there. */
export interface Place {
  readonly state: State;
  /** By paths of the image. */
  readonly files: BuildContext;
  readonly facts: Facts;
  /** Folders of the image that were copied: what names them may need what is in them. */
  readonly copied: readonly string[];
}

export interface Installed {
  readonly kind: 'installs';
  readonly installs: readonly Extract<Install, { kind: 'install' }>[];
  /** Folders of the image in which something runs up to the last install. */
  readonly folders: readonly string[];
  /** Where the RUN can be cut; absent where it only installs. */
  readonly cut?: Cut;
}

export interface Cut {
  /** The last part that need not wait for the sources, and the first that must. */
  readonly last: Link;
  readonly next: Link;
  /** What sets up the shell for both: `cd client`. */
  readonly repeated: readonly string[];
  readonly rest: readonly SimpleCommand[];
}

export interface Refused {
  readonly kind: 'refused';
  /** Folder in which the install would run. */
  readonly folder: string;
  readonly why: string;
}

/** A command with the variables filled in that only the Dockerfile sets, and that no build changes. */
function filled(
  command: SimpleCommand,
  commands: readonly SimpleCommand[],
  state: State,
): SimpleCommand {
  if (command.words.every((word) => word.literal !== undefined)) return command;
  const own = new Set(commands.flatMap((each) => each.assignments.map(({ name }) => name)));
  const isSetHere = (name: string): boolean =>
    own.has(name) ||
    commands.some((each) => each.words.some(({ text }) => text.startsWith(`${name}=`)));
  const reading = (name: string): Reading =>
    isSetHere(name) ? unknownVariable(name).certain : variableIn(state, name).certain;
  const values = { read: reading, home: (): Text => [{ unknown: '~' }], hasBraces: false };
  const words = command.words.flatMap((word): readonly ShellWord[] => {
    if (word.literal !== undefined) return [word];
    const found = expandWord(word, values).map((each) =>
      each.isOpen || each.isPattern ? undefined : plainText(each.text),
    );
    return found.includes(undefined)
      ? [word]
      : found.map((literal) => ({ ...word, literal: literal!, expands: false }));
  });
  return { ...command, words };
}

/** The commands of a RUN, an exec form's included; `undefined` for code that is not understood. */
export function commandsOf(
  run: RunInstruction,
  state: State,
): readonly SimpleCommand[] | undefined {
  const body = runBody(run, state.shell);
  if (body.kind === 'script') {
    return body.commands.map((each) => filled(each, body.commands, state));
  }
  if (body.kind === 'opaque') return undefined;
  const quoted = body.argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const code = scriptOf(quoted);
  return code.kind === 'script' ? code.commands : undefined;
}

const NOTHING = makeContext({ entries: [] });

const known = new RunMemory<SimpleCommand, { readonly facts: Facts; readonly isOne: boolean }>();

/** Whether a command installs the dependencies of a project, wherever that is. */
export function isInstall(command: SimpleCommand, facts: Facts): boolean {
  const last = known.get(command);
  if (last?.facts === facts) return last.isOne;
  const project = { files: NOTHING, folder: '', facts, variable: (): undefined => undefined };
  const isOne = installOf(command, project) !== undefined;
  known.set(command, { facts, isOne });
  return isOne;
}

/** For a RUN of which nothing is known but its text: the usual manifests of its first install. */
export function usualIn(
  run: RunInstruction,
  state: State,
  facts: Facts,
): readonly string[] | undefined {
  for (const command of commandsOf(run, state) ?? []) {
    const usual = usualManifests(command, facts);
    if (usual) return usual;
    if (whyCommandDependent(command, facts) !== undefined) return undefined;
  }
  return undefined;
}

/** `undefined` for a RUN that installs no project. */
export function installsOf(run: RunInstruction, place: Place): Installed | Refused | undefined {
  const { state, facts } = place;
  const commands = commandsOf(run, state);
  if (!commands?.some((command) => isInstall(command, facts))) return undefined;
  const start = workFolder(state);
  if (run.flags.some(({ name, value }) => name === 'mount' && isBind(value ?? ''))) {
    return { kind: 'refused', folder: start, why: 'a bind mount shows it the sources' };
  }
  const body = runBody(run, state.shell);
  const items =
    body.kind === 'script' && run.heredocs.length === 0 && isOneChain(body)
      ? body.chains[0]!.links.map((link) => ({
          link: link.simple ? { ...link, simple: filled(link.simple, body.commands, state) } : link,
          commands: within(body, link).map((each) => filled(each, body.commands, state)),
        }))
      : [{ link: undefined, commands }];
  return read(items, place, start);
}

function isBind(mount: string): boolean {
  return !/(^|,)type=(cache|secret|ssh|tmpfs)(,|$)/.test(mount);
}

/** Code that can be cut between two of its links. */
function isOneChain({ form, chains }: Script): boolean {
  return form === 'shell' && chains.length === 1 && !chains[0]!.background;
}

function within({ commands }: Script, { start, end }: Link): SimpleCommand[] {
  return commands.filter((each) => each.start >= start && each.end <= end);
}

interface Item {
  readonly link: Link | undefined;
  readonly commands: readonly SimpleCommand[];
}

function read(items: readonly Item[], place: Place, start: string): Installed | Refused {
  const installs: Extract<Install, { kind: 'install' }>[] = [];
  const repeated: { readonly at: number; readonly text: string }[] = [];
  const visited = [{ at: -1, folder: start }];
  let last = -1;
  for (const [at, { link, commands }] of items.entries()) {
    const { folder } = visited.at(-1)!;
    const change = link && folderChange(link, folder);
    if (change !== undefined) visited.push({ at, folder: change });
    if (change !== undefined || (link && isSetting(link))) {
      repeated.push({ at, text: textOfLink(link!) });
      continue;
    }
    const found = commands.map((command) => effectOf(command, folder, place));
    const needy = found.findIndex((each) => each.kind === 'other' || each.kind === 'refused');
    if (needy < 0) {
      installs.push(...found.filter((each) => each.kind === 'install'));
      last = at;
      continue;
    }
    const why = whyNeedy(found[needy]!, commands[needy]!);
    const refused = (more = ''): Refused => ({ kind: 'refused', folder, why: why + more });
    const isBehind = installs.length > 0 || found.slice(0, needy).some(isNoted);
    if (!isBehind) {
      const isRefused = found[needy]!.kind === 'refused';
      return isRefused ? refused() : refused(' and stands before the install');
    }
    const previous = items[last]?.link;
    if (!link || !previous) return refused(', and the RUN cannot be cut before it');
    const next = items[last + 1]!.link!;
    if (next.operator === '||') return refused(', and runs only where the install fails');
    return {
      kind: 'installs',
      installs,
      folders: visited.flatMap((each) => (each.at <= last ? [each.folder] : [])),
      cut: {
        last: previous,
        next,
        repeated: repeated.flatMap((each) => (each.at <= last ? [each.text] : [])),
        rest: items.slice(last + 1).flatMap((each) => each.commands),
      },
    };
  }
  const folders = visited.map(({ folder }) => folder);
  if (installs.length > 0) return { kind: 'installs', installs, folders };
  return { kind: 'refused', folder: start, why: 'it is not known what it installs' };
}

function isNoted({ kind }: Effect): boolean {
  return kind === 'install';
}

function whyNeedy(effect: Effect, command: SimpleCommand): string {
  return effect.kind === 'refused' ? effect.why : `"${shortened(command)}" may need the sources`;
}

const LONGEST = 40;

function shortened({ words }: SimpleCommand): string {
  const text = words.map((word) => word.text).join(' ');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** As it must be written again, in a RUN of the same file. */
function textOfLink({ simple }: Link): string {
  return simple!.words.map((word) => word.text).join(' ');
}

/** `cd client`: where that leads. */
function folderChange({ simple, operator }: Link, folder: string): string | undefined {
  if (!simple || operator === '||' || simple.redirections.length > 0) return undefined;
  const [program, to, ...more] = simple.words;
  if (program?.literal !== 'cd' || more.length > 0 || simple.assignments.length > 0)
    return undefined;
  const path = to?.literal;
  return path === undefined || /^[-~]/.test(path) ? undefined : under(folder, path);
}

/** `set -ex` and `export CI=true`: the same for whatever follows. */
function isSetting({ simple, operator }: Link): boolean {
  if (!simple || operator === '||' || simple.redirections.length > 0) return false;
  const name = simple.words[0]?.literal;
  const isKnown = simple.words.every((word) => word.literal !== undefined);
  return isKnown && simple.assignments.length === 0 && (name === 'set' || name === 'export');
}

type Effect = Install | { readonly kind: 'none' } | { readonly kind: 'other' };

function effectOf(command: SimpleCommand, folder: string, place: Place): Effect {
  const install = installOf(command, {
    files: place.files,
    folder,
    facts: place.facts,
    variable: (name) => variable(name, command, place.state),
  });
  const isPlain = command.redirections.every((each) => isHarmless(each.operator, each.target));
  if (install?.kind === 'install' && isPlain) {
    return { ...install, reads: [...install.reads, ...filesNamed(command, folder, place)] };
  }
  if (install) return isPlain ? install : { kind: 'other' };
  return isPlain && isStandalone(command, folder, place) ? { kind: 'none' } : { kind: 'other' };
}

/** Files of the image among its words that were copied there: `./composer.phar install`. */
function filesNamed(
  { words }: SimpleCommand,
  folder: string,
  { files, copied }: Place,
): readonly string[] {
  return words.flatMap(({ literal }) => {
    if (literal === undefined || literal === '' || literal.startsWith('-')) return [];
    const path = under(folder, literal);
    const isCopied = copied.some((each) => isWithin(path, each));
    return isCopied && entryAt(files, path)?.kind === 'file' ? [path] : [];
  });
}

function isHarmless(operator: string, target: ShellWord | undefined): boolean {
  return (
    !operator.startsWith('<') && /^(\/dev\/null|\/tmp\/[\w.-]+|\d|-)$/.test(target?.text ?? '')
  );
}

function variable(name: string, command: SimpleCommand, state: State): string | undefined {
  const own = command.assignments.findLast((each) => each.name === name);
  if (own) return own.value ?? '';
  const { usual } = variableIn(state, name);
  return usual.isSet === true ? showText(usual.text) : undefined;
}

/** Whether a RUN does the same whatever was copied before it. */
export function isStandaloneRun(run: RunInstruction, place: Place): boolean {
  if (run.flags.some(({ name, value }) => name === 'mount' && isBind(value ?? ''))) return false;
  if (run.heredocs.length > 0) return false;
  const commands = commandsOf(run, place.state);
  const folder = workFolder(place.state);
  return (
    commands !== undefined &&
    commands.every((each) => isForgotten(each) || isStandalone(each, folder, place))
  );
}

/** `RUN export X=1`: the next RUN knows nothing of it. */
function isForgotten({ words, within: around }: SimpleCommand): boolean {
  const isKnown = words.every((word) => word.literal !== undefined);
  return words[0]?.literal === 'export' && isKnown && around.length === 0;
}

/** Whether a RUN calls a manager of system packages, which write where they like. */
export function installsPackages(run: RunInstruction, { state, facts }: Place): boolean {
  const commands = commandsOf(run, state) ?? [];
  return commands.some((command) => packageCommand(command, facts)?.manager.database !== undefined);
}

/** Whether a word may be a path of, in or above what was copied. */
function namesCopied(word: ShellWord, folder: string, { copied, files }: Place): boolean {
  const path = (word.literal ?? word.text).replace(/^--?[\w-]+=/, '');
  if (path.includes('://')) return false;
  const isPath = /^(\/|\.{1,2}(\/|$)|~)/.test(path);
  // `@vue/cli` is a path only where there is such a folder.
  const [first] = path.split('/');
  if (!isPath && (!path.includes('/') || !hasEntry(files, under(folder, first!)))) return false;
  const target = under(folder, path);
  return target !== '' && copied.some((each) => isWithin(target, each) || isWithin(each, target));
}

function isStandalone(command: SimpleCommand, folder: string, place: Place): boolean {
  const { facts } = place;
  if (command.words.some((word) => namesCopied(word, folder, place))) return false;
  const isPlain = command.redirections.every((each) => isHarmless(each.operator, each.target));
  if (!isPlain) return false;
  if (whyCommandDependent(command, facts) === undefined) return true;
  const words = command.words.slice(wrapperLength(command.words));
  const program = programName(words[0]);
  if (program === undefined) return false;
  if (program === '[' || program === 'test') {
    return words.every((word) => !/^-[a-mo-y]$/.test(word.text));
  }
  const rest = words.slice(1).map((word) => word.literal);
  if (rest.includes(undefined)) return false;
  return rowsOfProgram(facts.installSteps.standalone, program).some(
    (row) => row.words === undefined || matchesWhole(row.words, rest.join(' ')),
  );
}
