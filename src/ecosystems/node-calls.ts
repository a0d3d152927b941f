/** Which commands install what the manifest of a Node project names. */
import { packageCommand } from '../analysis/packages.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { Facts } from '../facts/types.ts';
import { programCall, readWords, valuesOf, type Words } from './words.ts';

export const USUAL = {
  npm: 'npm',
  yarn: 'yarn-classic',
  pnpm: 'pnpm',
  bun: 'bun',
  bower: 'bower',
} as const;

export type Program = keyof typeof USUAL;

export interface NodeCall {
  readonly program: Program;
  readonly words: Words;
  /** `npm ci` and its like. */
  readonly isByLockfile: boolean;
}

/** Of npm, yarn and pnpm: the words that install what the manifest names. */
const INSTALLS: Readonly<Record<string, RegExp>> = {
  npm: /^(install|i|in|ins|inst|ci|clean-install|ic|install-clean)$/,
  yarn: /^install$/,
  pnpm: /^(install|i)$/,
};

/** An install of what the project's manifest names, and of nothing by name. */
export function installCall(command: SimpleCommand, facts: Facts): NodeCall | undefined {
  let answer = answers.get(command);
  if (answer?.facts !== facts) {
    answers.set(command, (answer = { facts, call: newCall(command, facts) }));
  }
  return answer.call;
}

interface Answer {
  readonly facts: Facts;
  readonly call: NodeCall | undefined;
}

const answers = new RunMemory<SimpleCommand, Answer>();

function newCall(command: SimpleCommand, facts: Facts): NodeCall | undefined {
  const call = packageCommand(command, facts);
  const id = call?.manager.id ?? '';
  if (call && (id === 'npm' || id === 'yarn' || id === 'pnpm')) {
    const action = call.actionWord?.literal;
    if (call.action !== 'install' || call.operands.length > 0) return undefined;
    if (action !== undefined && !INSTALLS[id]!.test(action)) return undefined;
    const args = call.args.filter((word) => word !== call.actionWord);
    const words = readWords(args, call.manager.valueOptions);
    const isByLockfile = /^(ci|clean-install|ic|install-clean)$/.test(action ?? '');
    return isElsewhere(words) ? undefined : { program: id, words, isByLockfile };
  }
  const { name, args = [] } = programCall(command) ?? {};
  if (name !== 'bun' && name !== 'bower') return undefined;
  const words = readWords(args, ['--cwd', '-c', '--config', '--registry', '--cache-dir']);
  const [action, ...operands] = words.operands;
  const isInstall = /^(install|i|ci)$/.test(action ?? '') && operands.length === 0;
  return isInstall && !isElsewhere(words)
    ? { program: name, words, isByLockfile: action === 'ci' }
    : undefined;
}

/** Global installs, and options that only print. */
function isElsewhere(words: Words): boolean {
  if (words.options.size === 0) return false;
  if (valuesOf(words, '--location').includes('global')) return true;
  const odd = ['-g', '--global', '-v', '-V', '--version', '-h', '--help', '--dry-run'];
  return odd.some((option) => words.options.has(option));
}

export function folderOption({ program, words }: NodeCall): string | undefined {
  const names = program === 'yarn' || program === 'bun' ? ['--cwd'] : ['--prefix', '-C', '--dir'];
  return valuesOf(words, ...names).at(-1);
}
