/** What in a RUN keeps a cache out of the layer by hand, and goes once a mount does that. */
import type { Refusal, Splice } from '../dockerfile/edit.ts';
import { removeCommand, removeWord } from '../dockerfile/run-edits.ts';
import type { RunInstruction } from '../dockerfile/model.ts';
import type { Script, SimpleCommand } from '../dockerfile/shell.ts';
import type { CacheCall } from './caches.ts';
import { deletesFrom } from './leftovers.ts';
import { baseName } from './go-paths.ts';
import { matchesAny } from './patterns.ts';
import { foldersMeet, programName, wrapperLength } from './packages.ts';

export interface Removals {
  readonly splices: readonly Splice[];
  /** What goes, as written, each once. */
  readonly words: readonly string[];
  /** The commands that it edits. */
  readonly commands: readonly SimpleCommand[];
}

/**
 * @param calls those of one cache in the RUN
 * @param targets where the mounts will lie
 * @param names other ways to write these: `~/.npm`
 */
export function removals(
  run: RunInstruction,
  script: Script,
  calls: readonly CacheCall[],
  targets: readonly string[],
  names: readonly string[],
): Removals | Refusal {
  const splices: Splice[] = [];
  const words: string[] = [];
  const commands: SimpleCommand[] = [];
  const gone = new Set<SimpleCommand>();
  for (const call of calls) {
    if (call.use !== 'cleans' || gone.has(call.command)) continue;
    const removal = removeCommand(run, script, call.command);
    if ('refused' in removal) return refused(run, call.command, removal.refused);
    gone.add(call.command);
    commands.push(call.command);
    splices.push(removal);
    words.push(textOf(run, call.command));
  }
  const folders = [...targets, ...names];
  const asks = script.commands.find((command) => deletesWhatIsAsked(command, calls));
  // A mount cannot be deleted.
  if (asks) return refused(run, asks, 'it deletes a folder that a command names');
  for (const command of script.commands) {
    if (gone.has(command) || !deletesFrom(command, folders, true)) continue;
    const removal = deletion(run, script, command, folders);
    if ('refused' in removal) return removal;
    gone.add(command);
    commands.push(command);
    splices.push(...removal.splices);
    words.push(...removal.words);
  }
  for (const { row, command, args } of calls) {
    if (gone.has(command)) continue;
    for (const word of args) {
      if (!row.switches?.includes(word.literal ?? '')) continue;
      if (!command.editable) return refused(run, command, 'it cannot be edited');
      const removal = removeWord(run, command, word);
      if ('refused' in removal) return refused(run, command, removal.refused);
      splices.push(removal);
      commands.push(command);
      words.push(word.text);
    }
  }
  return { splices, words: [...new Set(words)], commands };
}

/** `rm -rf $(pip cache dir)`: a tool says itself where its cache is. */
function deletesWhatIsAsked({ words }: SimpleCommand, calls: readonly CacheCall[]): boolean {
  const start = wrapperLength(words);
  if (programName(words[start]) !== 'rm') return false;
  return words.slice(start + 1).some(({ text }) => {
    const [, asked] = /^["']?(?:\$\(|`)\s*([\w./-]+)/.exec(text) ?? [];
    return (
      asked !== undefined && calls.some(({ row }) => matchesAny(row.programs, baseName(asked)))
    );
  });
}

/** `rm -rf ~/.npm /tmp/x`: what lies in the cache needs no deleting; what it lies in must stay. */
function deletion(
  run: RunInstruction,
  script: Script,
  command: SimpleCommand,
  folders: readonly string[],
): Removals | Refusal {
  const start = wrapperLength(command.words);
  const operands = command.words.slice(start + 1).filter((word) => !word.text.startsWith('-'));
  const meets = operands.filter(({ text, literal }) => {
    const path = (literal ?? text).replace(/["']/g, '').replace(/\/?\*.*$/, '');
    return folders.some((folder) => foldersMeet(folder, path));
  });
  const isInside = meets.every(({ text, literal }) => {
    const path = (literal ?? text).replace(/["']/g, '').replace(/\/(\*)?$/, '');
    return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
  });
  if (programName(command.words[start]) !== 'rm' || !isInside || !command.editable) {
    return refused(run, command, 'it deletes more than the cache');
  }
  if (meets.length < operands.length) {
    const splices: Splice[] = [];
    for (const word of meets) {
      const removal = removeWord(run, command, word);
      if ('refused' in removal) return refused(run, command, removal.refused);
      splices.push(removal);
    }
    const removed = meets.map((word) => `rm ${word.text}`);
    return { splices, words: removed, commands: [command] };
  }
  const removal = removeCommand(run, script, command);
  if ('refused' in removal) return refused(run, command, removal.refused);
  return { splices: [removal], words: [textOf(run, command)], commands: [command] };
}

function refused(run: RunInstruction, command: SimpleCommand, why: string): Refusal {
  return { refused: `"${textOf(run, command)}" would empty the cache: ${why}` };
}

function textOf(run: RunInstruction, { start, end }: SimpleCommand): string {
  return run.text.slice(start, end).replace(/\s*\\?\n\s*/g, ' ');
}
