/** In which folder each command of a piece of shell code runs: behind `cd`, in subshells, and back out of them. */
import type { ShellWord, SimpleCommand } from '../dockerfile/shell.ts';
import type { ShellList, ShellNode } from '../dockerfile/shell-nodes.ts';
import { pathInside } from './go-paths.ts';

/** The value of a variable where a command runs, empty where it is not set; `undefined` where nobody knows. */
export type VariableIn = (name: string, command: SimpleCommand) => string | undefined;

/** Stands for a folder of which nobody knows the name. */
const UNKNOWN = '\u0000';

/** Whether nobody knows which place a path means. */
export function isUnknownPlace(path: string): boolean {
  return path.includes(UNKNOWN);
}

/** Where a shell stands, and where it was. */
interface Position {
  readonly folder: string;
  /** For `cd -`. */
  readonly last: string | undefined;
  /** For `popd`. */
  readonly pushed: readonly string[];
}

/**
 * @param start without a slash in front, as all folders here
 * @param variable where it is left out, a `cd` to what a variable says is taken for none
 */
export function foldersIn(
  body: ShellList,
  start: string,
  variable?: VariableIn,
): ReadonlyMap<SimpleCommand, string> {
  const found = new Map<SimpleCommand, string>();
  list(body, { folder: start, last: undefined, pushed: [] });
  return found;

  function list(nodes: ShellList, at: Position): Position {
    return nodes.reduce((position, each) => visit(each, position), at);
  }

  function visit(node: ShellNode, at: Position): Position {
    switch (node.type) {
      case 'command': {
        found.set(node.command, at.folder);
        for (const each of node.command.substitutions) list(each, at);
        return after(node.command, at, variable);
      }
      case 'and-or':
        return list(
          node.parts.map((part) => part.node),
          at,
        );
      case 'group':
        return list(node.body, at);
      case 'if': {
        const behind = node.branches.reduce(
          (position, each) => list(each.body, list(each.condition, position)),
          at,
        );
        return list(node.otherwise, behind);
      }
      case 'loop':
        return list(node.body, list(node.condition, at));
      case 'case':
        return node.branches.reduce((position, each) => list(each, position), at);
      case 'redirected':
        for (const each of node.substitutions) list(each, at);
        return visit(node.node, at);
      case 'subshell':
      case 'function':
        list(node.body, at);
        return at;
      case 'background':
        visit(node.node, at);
        return at;
      case 'pipeline':
        // Each command of it has a shell of its own.
        for (const each of node.commands) visit(each, at);
        return node.commands.length === 1 ? list(node.commands, at) : at;
      case 'test':
        return at;
    }
  }
}

function after(command: SimpleCommand, at: Position, variable: VariableIn | undefined): Position {
  const [program, ...operands] = command.words.filter(
    (word, index) => index === 0 || !/^(--|-[LPe@]+)$/.test(word.literal ?? ''),
  );
  const name = program?.literal;
  if (name === 'popd') {
    const folder = at.pushed.at(-1) ?? (variable ? UNKNOWN : at.folder);
    return { folder, last: at.folder, pushed: at.pushed.slice(0, -1) };
  }
  if (name !== 'cd' && name !== 'pushd') return at;
  if (name === 'pushd' && operands.length === 0) return at;
  const to = folderBehind(operands[0], command, at, variable);
  if (to === undefined) return at;
  return {
    folder: to,
    last: at.folder,
    pushed: name === 'pushd' ? [...at.pushed, at.folder] : at.pushed,
  };
}

function folderBehind(
  word: ShellWord | undefined,
  command: SimpleCommand,
  { folder, last }: Position,
  variable: VariableIn | undefined,
): string | undefined {
  const unknown = variable && UNKNOWN;
  if (word?.literal === '-') return last ?? unknown;
  const home = word === undefined || word.pieces[0]?.kind === 'home';
  const text = home ? homeIn(word, command, variable) : valueOf(word, command, variable);
  if (text === undefined) return unknown;
  return text.startsWith('/') ? pathInside(text) : pathInside(`${folder}/${text}`);
}

function homeIn(
  word: ShellWord | undefined,
  command: SimpleCommand,
  variable: VariableIn | undefined,
): string | undefined {
  const home = variable?.('HOME', command);
  const rest = word === undefined ? '' : word.text.replace(/^~/, '');
  return home?.startsWith('/') === true && /^(\/[\w./-]*)?$/.test(rest)
    ? `${home}${rest}`
    : undefined;
}

function valueOf(
  { literal, text }: ShellWord,
  command: SimpleCommand,
  variable: VariableIn | undefined,
): string | undefined {
  if (literal !== undefined || !variable) return literal;
  let isKnown = true;
  const filled = text
    .replace(/"/g, '')
    .replace(
      /\$(?:(\w+)|\{(\w+)\})/g,
      (_, plain: string | undefined, braced: string | undefined) => {
        const value = variable(plain ?? braced!, command);
        if (value === undefined || value === '') isKnown = false;
        return value ?? '';
      },
    );
  return isKnown && !/[$`'\\]/.test(filled) ? filled : undefined;
}
