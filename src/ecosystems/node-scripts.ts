/** The scripts of a package.json that run at an install: what they read, or why nobody knows. */
import { matchesWhole, rowsOfProgram } from '../analysis/patterns.ts';
import { programName, wrapperLength } from '../analysis/packages.ts';
import { scriptOf, type ShellWord, type SimpleCommand } from '../dockerfile/shell.ts';
import type { InstallCommand } from '../facts/types.ts';
import {
  hasEntry,
  read,
  refuse,
  tableIn,
  under,
  use,
  type Findings,
  type Table,
} from './findings.ts';

export interface ScriptPlace {
  /** The folder of the manifest. */
  readonly folder: string;
  readonly manifest: Table;
  /** The folder of the whole project. */
  readonly root: string;
}

/** Notes what an install that a script runs in a folder reads; false where it is no install. */
export type NoteInstall = (command: SimpleCommand, folder: string) => boolean;

/** @param events names of the scripts that the package manager runs at an install */
export function runLifecycle(
  found: Findings,
  events: readonly string[],
  place: ScriptPlace,
  noteInstall: NoteInstall,
): void {
  const { folder, manifest } = place;
  const scripts = tableIn(manifest, 'scripts');
  const hasOwn = ['preinstall', 'install'].some((name) => typeof scripts[name] === 'string');
  if (!hasOwn && hasEntry(found.project.files, under(folder, 'binding.gyp'))) {
    refuse(found, 'the install compiles the add-on of binding.gyp from its sources');
  }
  for (const event of events) runScript(found, event, place, [], noteInstall);
}

function runScript(
  found: Findings,
  name: string,
  place: ScriptPlace,
  seen: readonly string[],
  noteInstall: NoteInstall,
): void {
  const text = tableIn(place.manifest, 'scripts')[name];
  if (typeof text !== 'string' || seen.includes(name) || found.why !== undefined) return;
  const body = scriptOf(text);
  const where = place.folder === place.root ? '' : ` of /${place.folder}`;
  const script = `the ${name} script${where}`;
  if (body.kind !== 'script') return refuse(found, `${script} is not understood`);
  let { folder } = place;
  for (const command of body.commands) {
    const shown = text.slice(command.start, command.end);
    const doubt = (): undefined =>
      refuse(found, `${script} runs "${shortened(shown)}", which may read the sources`);
    if (command.redirections.some(({ target }) => !isNowhere(target))) return doubt();
    const words = withoutWrappers(command.words);
    const [program, ...rest] = words;
    if (!program) continue;
    if (program.literal === 'cd') {
      const to = rest[0]?.literal;
      if (to === undefined || rest.length > 1 || command.within.length > 0) return doubt();
      folder = under(folder, to);
      continue;
    }
    if (noteInstall({ ...command, words }, folder)) continue;
    const called = calledScripts(words, place.manifest);
    if (called.length > 0 && folder === place.folder) {
      for (const each of called) {
        for (const event of [`pre${each}`, each, `post${each}`]) {
          runScript(found, event, place, [...seen, name], noteInstall);
        }
      }
      continue;
    }
    const row = rowFor(words, found.project.facts.installSteps.commands);
    if (!row && !isHarmless(words)) return doubt();
    if (row) applyRow(found, row, words, folder, place);
  }
}

function applyRow(
  found: Findings,
  row: InstallCommand,
  words: readonly ShellWord[],
  folder: string,
  { manifest }: ScriptPlace,
): void {
  use(found, folder, row, programName(words[0]) ?? '', manifest);
  if (row.pathOption === undefined) return;
  for (const [index, word] of words.entries()) {
    const text = word.literal ?? '';
    if (text === row.pathOption) read(found, under(folder, words[index + 1]?.literal ?? ''));
    if (text.startsWith(`${row.pathOption}=`)) {
      read(found, under(folder, text.slice(row.pathOption.length + 1)));
    }
  }
}

const LONGEST = 60;

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

function isNowhere(target: ShellWord | undefined): boolean {
  return target === undefined || /^(\/dev\/null|\d|-)$/.test(target.text);
}

/** Programs that only start the one behind them. */
function withoutWrappers(all: readonly ShellWord[]): readonly ShellWord[] {
  const words = all.slice(wrapperLength(all));
  const name = programName(words[0]);
  if (name === 'cross-env' || name === 'cross-env-shell') {
    const at = words.findIndex((word, index) => index > 0 && !/^\w+=/.test(word.text));
    return at < 0 ? [] : withoutWrappers(words.slice(at));
  }
  const isRunner = name === 'npx' || name === 'pnpx' || name === 'bunx';
  const isExec =
    /^(npm|pnpm|yarn|bun)$/.test(name ?? '') && /^(exec|x|dlx)$/.test(words[1]?.literal ?? '');
  if (!isRunner && !isExec) return words;
  const from = isRunner ? 1 : 2;
  const at = words.findIndex((word, index) => index >= from && !word.text.startsWith('-'));
  return at < 0 ? words : withoutWrappers(words.slice(at));
}

/** The scripts that `npm run x` and its like name. */
function calledScripts(words: readonly ShellWord[], manifest: Table): string[] {
  const name = programName(words[0]) ?? '';
  const plain = words.slice(1).filter((word) => !/^(-s|--silent|-q|--)$/.test(word.text));
  const [first, second] = plain.map((word) => word.literal);
  const scripts = tableIn(manifest, 'scripts');
  const isScript = (each: string | undefined): each is string =>
    each !== undefined && typeof scripts[each] === 'string';
  if (/^(run-s|npm-run-all)$/.test(name)) {
    const named = plain.map((word) => word.literal);
    return named.every(isScript) ? named : [];
  }
  if (!/^(npm|yarn|pnpm|bun)$/.test(name)) return [];
  if (first === 'run' || first === 'run-script') return isScript(second) ? [second] : [];
  // `yarn build`: the script, where there is one of that name.
  return name !== 'npm' && plain.length === 1 && isScript(first) ? [first] : [];
}

/** Yarn and pnpm also start programs of packages: `yarn husky install`. */
function rowFor(
  words: readonly ShellWord[],
  rows: readonly InstallCommand[],
): InstallCommand | undefined {
  const name = programName(words[0]) ?? '';
  if (/^(yarn|pnpm)$/.test(name) && words.length > 1) return rowFor(words.slice(1), rows);
  const rest = words.slice(1).map((word) => word.literal);
  if (rest.includes(undefined)) return undefined;
  return rowsOfProgram(rows, name).find(
    (row) => row.words === undefined || matchesWhole(row.words, rest.join(' ')),
  );
}

/** Commands of the shell that do nothing, or print. */
function isHarmless(words: readonly ShellWord[]): boolean {
  const name = words[0]?.literal;
  if (/^(true|:|echo|exit|printf)$/.test(name ?? '')) return true;
  return /^(node|npm|yarn)$/.test(name ?? '') && /^(-v|--version)$/.test(words[1]?.text ?? '');
}
