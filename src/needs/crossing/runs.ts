/** A RUN of one distribution in the words of another: packages, accounts, and what is cleaned up. */
import { programName, wrapperLength } from '../../analysis/packages.ts';
import { matchesAny } from '../../analysis/patterns.ts';
import type { RunContext } from '../../analysis/runs.ts';
import { replaceWord, splice, type Refusal, type Splice } from '../../dockerfile/edit.ts';
import type { RunInstruction } from '../../dockerfile/model.ts';
import { withText } from '../../dockerfile/parse.ts';
import type { Script, ShellWord, SimpleCommand } from '../../dockerfile/shell.ts';
import type { Crossing } from '../../facts/crossing-types.ts';
import type { Facts } from '../../facts/types.ts';
import { crossedAccount } from './accounts.ts';
import { crossedCall } from './package-calls.ts';
import { lostComments, withoutCommands } from './removal.ts';

/** What the RUNs so far did. */
export interface CrossingState {
  readonly crossing: Crossing;
  readonly facts: Facts;
  /** Names of packages of the first distribution. */
  readonly installed: Set<string>;
  readonly groups: Map<string, string>;
}

/** The RUN anew; `run` is `undefined` where nothing is left of it but comments. */
export interface CrossedRun {
  readonly run: RunInstruction | undefined;
  readonly comments: readonly string[];
}

export function crossedRun(
  run: RunInstruction,
  context: RunContext,
  state: CrossingState,
): CrossedRun | Refusal {
  const { body, calls } = context;
  if (body.kind === 'opaque') return { refused: body.reason };
  if (body.kind === 'program') {
    const name = body.argv[0] ?? '';
    return calls.length > 0 || /^(apt|apt-get|useradd|groupadd)$/.test(name)
      ? { refused: 'it is an exec form' }
      : { run, comments: [] };
  }
  const splices: Splice[] = [];
  const gone = new Set<SimpleCommand>();
  for (const command of body.commands) {
    const found = crossedCommand(command, body, context, state);
    if (found === 'gone') gone.add(command);
    else if ('refused' in found) return found;
    else splices.push(...found);
  }
  if (splices.some(({ start }) => start < 0) || (splices.length > 0 && !isEditable(body))) {
    return { refused: 'its code cannot be edited' };
  }
  const removal = withoutCommands(body, gone);
  if ('refused' in removal) return removal;
  if (removal.isAll) return { run: undefined, comments: lostComments(run, [whole(run)]) };
  const all = [...splices.filter((each) => !isInside(each, removal.splices)), ...removal.splices];
  if (all.length === 0) return { run, comments: [] };
  const comments = lostComments(run, all);
  const kept = comments.map((comment) => `${comment}${run.eol || '\n'}`).join('');
  const edited = splice(run, all);
  return {
    run: kept === '' ? edited : { ...withText(edited, edited.text), lead: run.lead + kept },
    comments: [],
  };
}

function crossedCommand(
  command: SimpleCommand,
  script: Script,
  context: RunContext,
  state: CrossingState,
): readonly Splice[] | 'gone' | Refusal {
  const { crossing, facts, installed } = state;
  const call = context.calls.find((each) => each.command === command);
  if (call?.manager.id === crossing.from) {
    const found = crossedCall(call, script, { crossing, facts, installed });
    if ('refused' in found) return found;
    for (const name of found.installs) installed.add(name);
    if (!found.splices) return 'gone';
    return [...found.splices, ...withoutVariables(command, crossing)];
  }
  const words = command.words.slice(wrapperLength(command.words));
  const program = programName(words[0]);
  if (program === 'export' && command.words.length > 1) {
    const names = command.words.slice(1).map(({ text }) => text.replace(/=.*$/s, ''));
    if (names.every((name) => crossing.spareVariables.includes(name))) return 'gone';
  }
  if (command.words.length === 0 && command.assignments.length > 0) {
    const names = command.assignments.map(({ name }) => name);
    if (names.every((name) => crossing.spareVariables.includes(name))) return 'gone';
  }
  if (program === 'rm') return cleaned(command, crossing);
  const account = crossedAccount(
    { ...command, words },
    { accounts: crossing.accounts, groups: state.groups },
  );
  if (!account) return [];
  if ('refused' in account) return account;
  if (command.words.some((word) => word.text.includes('\n')))
    return { refused: 'its words have line ends' };
  const isList = account.text.includes(' && ');
  if (isList && !isLinked(command, script))
    return { refused: 'more than one command takes its place' };
  return replacedWords(words, account.text, script);
}

/** The words from the first to the last as one text, comments between them left out. */
function replacedWords(
  words: readonly ShellWord[],
  text: string,
  script: Script,
): readonly Splice[] {
  const [first, ...rest] = words as [ShellWord, ...ShellWord[]];
  const last = rest.at(-1) ?? first;
  return [{ ...replaceWord(script, first, text), end: last.end }];
}

/** `rm` without what only the first manager leaves behind. */
function cleaned(command: SimpleCommand, { spareFolders }: Crossing): readonly Splice[] | 'gone' {
  const operands = command.words.slice(1).filter(({ text }) => !text.startsWith('-'));
  const spare = operands.filter(({ text }) => matchesAny(spareFolders, text.replace(/\/+$/, '')));
  if (spare.length === 0) return [];
  if (spare.length === operands.length) return 'gone';
  return spare.map((word) => ({
    start: command.words[command.words.indexOf(word) - 1]!.end,
    end: word.end,
    insert: '',
  }));
}

/** `DEBIAN_FRONTEND=noninteractive` in front of the call. */
function withoutVariables(command: SimpleCommand, { spareVariables }: Crossing): readonly Splice[] {
  return command.assignments.flatMap((each, index) => {
    if (!spareVariables.includes(each.name)) return [];
    const next = command.assignments[index + 1]?.start ?? command.words[0]!.start;
    return [{ start: each.start, end: next, insert: '' }];
  });
}

/** Whether a list of commands can take its place: `a && b` joins it, and nothing runs if it fails. */
function isLinked(command: SimpleCommand, script: Script): boolean {
  const { links } = script.chains[command.chain]!;
  const link = links[command.link]!;
  return link.simple === command && !links.some(({ operator }) => operator === '||');
}

function isEditable(script: Script): boolean {
  return script.commands.every(({ editable }) => editable);
}

function isInside({ start, end }: Splice, others: readonly Splice[]): boolean {
  return others.some((each) => each.start <= start && end <= each.end);
}

function whole(run: RunInstruction): Splice {
  return { start: 0, end: run.text.length, insert: '' };
}
