/** Writes what `handOver` found: flags into COPYs, and what is left of the command that they stand for. */
import { commentsAbove, splice, type Splice } from '../dockerfile/edit.ts';
import type { CopyInstruction, Instruction, RunInstruction } from '../dockerfile/model.ts';
import { inPlaceOf } from '../dockerfile/parse.ts';
import { removeCommand } from '../dockerfile/remove.ts';
import type { Script, ShellWord, SimpleCommand } from '../dockerfile/shell.ts';
import { styleOf } from '../dockerfile/style.ts';
import type { Change } from './change.ts';
import type { Where, Why } from './creation.ts';
import type { HandOver } from './hand-over.ts';

/** The RUN without what is handed over: `undefined` where nothing is left; or why it cannot be written. */
export function leftOf(
  run: RunInstruction,
  script: Script,
  { command, recursive, value, targets }: Change,
  { kept, folders }: HandOver,
): { readonly run: RunInstruction | undefined } | Why {
  if (kept.length === 0 && folders.length === 0) {
    const isAll = script.commands.every((each) => each === command || isSync(each));
    if (isAll && script.form === 'shell') return { run: undefined };
    const cut = removeCommand(run, script, command);
    if ('refused' in cut) return { why: cut.refused };
    return { run: splice(run, [withSync(cut, script, command)]) };
  }
  const keeps = (path: string): boolean =>
    kept.some((each) => each.path === path) || (kept.length === 0 && folders.includes(path));
  const splices: Splice[] = targets
    .filter(({ path }) => !keeps(path))
    .map(({ word }) => withBlank(run, word));
  const missing = folders.filter((path) => !targets.some((each) => each.path === path));
  if (kept.length === 0) {
    if (recursive) splices.push(...withoutRecursion(run, recursive));
    const end = command.end;
    if (missing.length > 0) {
      splices.push({ start: end, end, insert: script.encode(` ${missing.join(' ')}`) });
    }
  } else if (folders.length > 0) {
    const { operator, simple } = script.chains[command.chain]!.links[command.link]!;
    if (operator === '||' || simple !== command) return { why: 'it is a part of an "||"' };
    const program = run.text.slice(command.start, command.words[0]!.end);
    const code = ` && ${program} ${value.text} ${folders.join(' ')}`;
    splices.push({ start: command.end, end: command.end, insert: script.encode(code) });
  }
  const isCommented = splices.some(({ start, end }) => run.text.slice(start, end).includes('#'));
  return isCommented
    ? { why: 'a comment stands beside what would go' }
    : { run: splice(run, splices) };
}

/** What people write behind `chmod` against an error that old storage drivers had; it changes no file. */
function isSync({ words, assignments, redirections, within }: SimpleCommand): boolean {
  const isAlone = assignments.length === 0 && redirections.length === 0 && within.length === 0;
  return isAlone && words.length === 1 && words[0]!.literal === 'sync';
}

/** The cut of a command, and of the `sync` right behind it. */
function withSync(cut: Splice, { chains }: Script, { chain, link }: SimpleCommand): Splice {
  const { links } = chains[chain]!;
  const next = links[link + 1];
  if (!next?.simple || !isSync(next.simple)) return cut;
  const behind = links[link + 2];
  if (link > 0) return { ...cut, end: next.end };
  return behind ? { ...cut, end: behind.start } : cut;
}

/** The word with the white space before it. */
function withBlank(run: RunInstruction, { start, end }: ShellWord): Splice {
  const before = run.text.slice(0, start);
  return { start: before.replace(/[ \t]+$/, '').length, end, insert: '' };
}

function withoutRecursion(run: RunInstruction, word: ShellWord): Splice[] {
  const others = word.text.startsWith('--') ? '' : word.text.slice(1).replaceAll('R', '');
  if (others === '') return [withBlank(run, word)];
  return [{ start: word.start, end: word.end, insert: `-${others}` }];
}

/** The instructions of the stage with the flags in, and the RUN replaced by what is left of it. */
export function handedOver(
  { stage, file }: Where,
  at: number,
  { flags, copies }: HandOver,
  left: RunInstruction | undefined,
): readonly Instruction[] {
  const { instructions } = stage;
  const run = instructions[at]!;
  const last = instructions.findLast((each) => copies.includes(each as CopyInstruction))!;
  const comments = left ? [] : commentsAbove(run);
  const list = instructions.map((each, index) => {
    if (index === at) return left;
    let next = each;
    const flag = flags.get(each as CopyInstruction);
    if (flag !== undefined) next = withFlag(each, flag);
    if (each === last && comments.length > 0) {
      const { eol } = styleOf(file);
      const indent = /[^\n]*$/.exec(each.lead)![0];
      const lead = each.lead + comments.map((line) => line + eol + indent).join('');
      next = { ...next, lead };
    }
    // The last line of a file may have no end.
    if (!left && index === at - 1 && index + 2 === instructions.length && run.eol === '') {
      next = { ...next, eol: '' };
    }
    return next;
  });
  return list.filter((each) => each !== undefined);
}

function withFlag(copy: Instruction, flag: string): Instruction {
  // In the order in which people write them: the owner, then the mode.
  const chmod = copy.flags.findIndex(({ name }) => name === 'chmod');
  const before = chmod < 0 ? copy.flags.at(-1) : copy.flags[chmod - 1];
  const at = before?.end ?? copy.keyword.length;
  return inPlaceOf(copy, `${copy.text.slice(0, at)} ${flag}${copy.text.slice(at)}`);
}
