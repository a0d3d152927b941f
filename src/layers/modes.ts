/** The one mode that all files have after a `chmod`, as far as what is copied shows it. */
import { copiedBy, readsOf } from '../analysis/copied.ts';
import type { ContextEntry } from '../analysis/context.ts';
import { resolveWord, type State } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import type { CopyInstruction, Instruction } from '../dockerfile/model.ts';
import { modeAfter, type Change } from './change.ts';
import type { Why, Where } from './creation.ts';

export interface Mode {
  /** The value for `--chmod`; empty where files have different ones, as they had before. */
  readonly flag: string;
  /** All have it already. */
  readonly isIdle: boolean;
  readonly needsContext: boolean;
}

/** What ADD gives to a file that it downloads. */
const DOWNLOADED = 0o600;

const FOLDER = 0o755;

export function modesOf(
  { context }: Where,
  { value, recursive }: Change,
  copies: readonly CopyInstruction[],
  hasFolders: boolean,
  earlier: readonly { readonly each: Instruction; readonly state: State }[],
): Mode | Why {
  const text = value.literal;
  if (text === undefined) return { why: 'the mode is a variable' };
  // Numbers say all; more than three of them are rare, and not known to all builders.
  if (/^0?[0-7]{3}$/.test(text)) return { flag: text, isIdle: false, needsContext: false };
  if (/^\d/.test(text)) return { why: `mode ${text} is more than permissions` };
  const before: number[] = [];
  let needsContext = false;
  for (const copy of copies) {
    if (copy.flags.some(({ name }) => name === 'from')) {
      return { why: 'nobody knows the modes of what comes from another stage or image' };
    }
    const state = earlier.find(({ each }) => each === copy)!.state;
    for (const { text: source } of copy.sources) {
      if (/^https?:/.test(source)) {
        before.push(DOWNLOADED);
        continue;
      }
      if (source.startsWith('<<')) {
        before.push(0o644);
        continue;
      }
      needsContext = true;
      const name = plainText(resolveWord(state, source, copy.escape).usual);
      if (!context) {
        before.push(0o644);
        continue;
      }
      const reads = readsOf(copy);
      const copied = name === undefined || !reads ? undefined : copiedBy(context, name, reads);
      if (!copied || copied.gap) return { why: 'nobody knows the modes of all that is copied' };
      for (const { entry } of copied.entries) {
        if (entry.hasUnknownMode) return { why: `nobody knows the mode of ${entry.path}` };
        const mode = modeOf(entry);
        if (mode === undefined) return { why: `${entry.path} has a mode of its own` };
        if (entry.kind === 'file' || (entry.kind === 'folder' && recursive)) before.push(mode);
      }
    }
  }
  if (hasFolders) before.push(FOLDER);
  const after = before.map((mode) => modeAfter(text, mode, mode === FOLDER));
  const [first] = after;
  if (first === undefined) return { why: `"${text}" is not followed` };
  const isIdle = after.every((mode, index) => mode === before[index]);
  const isOne = after.every((mode) => mode === first);
  if (!isOne && !isIdle) return { why: `"${text}" gives files different modes` };
  const flag = isOne ? first.toString(8).padStart(3, '0') : '';
  return { flag, isIdle, needsContext };
}

/** As Git keeps it; `undefined` for another one. */
function modeOf({ kind, isExecutable, mode }: ContextEntry): number | undefined {
  if (kind === 'folder') return FOLDER;
  return mode ?? (isExecutable ? 0o755 : 0o644);
}
