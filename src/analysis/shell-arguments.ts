/** What a script or a function of the shell was started with, as far as its code hands that on. */
import type { ShellWord, SimpleCommand } from '../dockerfile/shell.ts';
import type { ShellList } from '../dockerfile/shell-nodes.ts';
import { wrapperLength } from './packages.ts';

/** `"$@"` and its like. */
export function isAllArguments({ text }: ShellWord): boolean {
  return /^"?\$(@|\{@\}|\*|\{\*\})"?$/.test(text);
}

/** `shift`, and `set` with words of its own. */
export function changesArguments({ words }: SimpleCommand): boolean {
  return (
    words[0]!.literal === 'shift' || (words[0]!.literal === 'set' && ownWords(words) !== undefined)
  );
}

/** What is left, or there now; `undefined` where that depends on how the code runs. */
export function argumentsAfter(
  { words, within, link }: SimpleCommand,
  before: readonly ShellWord[] | undefined,
): readonly ShellWord[] | undefined {
  // A function has arguments of its own.
  if (!before || within.includes('function')) return before;
  const own = ownWords(words);
  const isCertain = link === 0 && within.every((each) => each === 'group');
  // Where there are none it is for that case that some are set, and none is shifted away.
  if (own && (isCertain || before.length === 0)) {
    return own.flatMap((each) => (isAllArguments(each) ? before : [each]));
  }
  if (before.length === 0) return before;
  const count = Number(words[1]?.literal ?? 1);
  return !own && isCertain && Number.isInteger(count) ? before.slice(count) : undefined;
}

/** Behind `set --`, or behind a `set` without options. */
function ownWords(words: readonly ShellWord[]): readonly ShellWord[] | undefined {
  if (words[0]!.literal !== 'set') return undefined;
  const at = words.findIndex(({ literal }) => literal === '--');
  if (at >= 0) return words.slice(at + 1);
  const first = words[1];
  return first && !/^[-+]/.test(first.text) ? words.slice(1) : undefined;
}

/** The functions that code makes, by their names. */
export function functionsOf(nodes: ShellList): [string, ShellList][] {
  return nodes.flatMap((node): [string, ShellList][] => {
    if (node.type === 'command') return [];
    if (node.type === 'function') return [[node.name, node.body], ...functionsOf(node.body)];
    if (node.type === 'and-or') return functionsOf(node.parts.map((part) => part.node));
    if (node.type === 'subshell' || node.type === 'group') return functionsOf(node.body);
    if (node.type === 'if') {
      return functionsOf([...node.branches.flatMap(({ body }) => body), ...node.otherwise]);
    }
    const isWrapped = node.type === 'redirected' || node.type === 'background';
    return isWrapped ? functionsOf([node.node]) : [];
  });
}

/** Whether the body of a function starts what the function is called with. */
export function runsArguments(nodes: ShellList): boolean {
  return nodes.some((node): boolean => {
    switch (node.type) {
      case 'command': {
        const { words } = node.command;
        const first = words[wrapperLength(words)];
        return first !== undefined && isAllArguments(first);
      }
      case 'and-or':
        return runsArguments(node.parts.map((part) => part.node));
      case 'pipeline':
        return runsArguments(node.commands);
      case 'subshell':
      case 'group':
        return runsArguments(node.body);
      case 'loop':
        return runsArguments([...node.condition, ...node.body]);
      case 'if':
        return runsArguments([
          ...node.branches.flatMap(({ condition, body }) => [...condition, ...body]),
          ...node.otherwise,
        ]);
      case 'case':
        return node.branches.some((branch) => runsArguments(branch));
      case 'redirected':
      case 'background':
        return runsArguments([node.node]);
      case 'function':
      case 'test':
        return false;
    }
  });
}
