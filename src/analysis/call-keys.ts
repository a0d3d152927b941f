/** Whether two calls, or two commands, say the same: in an edited instruction and as it was, say. */
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { Call } from './calls.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

// Not for one run alone: files of one project have RUNs alike, of which the shell trees are kept.
const commandKeys = new WeakMap<SimpleCommand, string>();
const keys = new RunMemory<Call, string>();

/** All that a command says, wherever it stands: the same for the same code in an edited instruction. */
export function commandKey(command: SimpleCommand): string {
  let key = commandKeys.get(command);
  if (key === undefined) {
    const { words, assignments, redirections, within, chain, link } = command;
    key = JSON.stringify([
      words.map(({ text }) => text),
      assignments.map(({ name, value, appends }) => [name, value, appends]),
      redirections.map(({ operator, target }) => [operator, target?.text]),
      within,
      chain,
      link,
    ]);
    commandKeys.set(command, key);
  }
  return key;
}

/** All that a call says, wherever its command stands. */
export function callKey(call: Call): string {
  let key = keys.get(call);
  if (key === undefined) {
    const { program, args, folder, by, command } = call;
    key = JSON.stringify([program, args, folder, by, commandKey(command)]);
    keys.set(call, key);
  }
  return key;
}
