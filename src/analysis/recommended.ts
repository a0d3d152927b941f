/** What an install loses without its recommended packages, and whether anything needs that. */
import { instructionsOf, type RunInstruction } from '../dockerfile/model.ts';
import type { Facts, RecommendedPackage } from '../facts/types.ts';
import { packageCommands, type PackageCommand } from './packages.ts';
import type { RunContext } from './runs.ts';
import { runBody } from '../dockerfile/shell.ts';

export interface Loss {
  /** Packages that no program misses, or that nothing in the file asks for. */
  readonly left: readonly string[];
  /** Packages that are needed: to be named in the install. */
  readonly keep: readonly string[];
  /** Packages of which nothing is known. */
  readonly doubtful: readonly string[];
  /** Operands whose recommended packages are not known at all. */
  readonly unknown: readonly string[];
}

/** `alsoKeep` are names that the user wants named whenever they would be lost. */
export function lossWithoutRecommended(
  run: RunInstruction,
  call: PackageCommand,
  context: RunContext,
  alsoKeep: readonly string[],
  facts: Facts,
): Loss {
  const { names, packages } = facts.recommends;
  const unknown: string[] = [];
  const lost = new Set<string>();
  for (const operand of call.operands) {
    const name = packageName(operand.literal);
    const row = name !== undefined && Object.hasOwn(packages, name) ? packages[name] : undefined;
    if (row) for (const index of row) lost.add(names[index]!);
    else unknown.push(operand.text);
  }
  for (const name of installedBy(call, context, facts)) lost.delete(name);
  const words = neededWords(run, call, context, facts);
  const left: string[] = [];
  const keep: string[] = [];
  const doubtful: string[] = [];
  for (const name of lost) {
    const row = facts.recommended.keep.find((each) => each.package === name);
    if (alsoKeep.includes(name)) keep.push(name);
    else if (facts.recommended.spare.some((each) => each.package === name)) left.push(name);
    else if (!row) doubtful.push(name);
    else if (!isNeeded(row, words)) left.push(name);
    else if (row.named) keep.push(name);
    // Named by nobody, or not to be found in every suite: naming it could make the install fail.
    else doubtful.push(name);
  }
  return { left, keep: keep.sort(), doubtful, unknown };
}

/** `curl=7.88.1-10`, `curl/stable`, `libc6:i386`: the name alone. */
function packageName(operand: string | undefined): string | undefined {
  const match = /^([a-z0-9][a-z0-9+.-]*?)(?::[a-z0-9]+)?(?:[=/].*)?$/.exec(operand ?? '');
  return match?.[1];
}

/** Packages that this call, or an earlier one in the same image, installs by name. */
function installedBy(call: PackageCommand, context: RunContext, facts: Facts): string[] {
  const earlier = context.state.before.flatMap((each) =>
    each.kind === 'run' ? packageCommands(runBody(each, context.state.shell), facts) : [],
  );
  const own = context.calls.slice(0, context.calls.indexOf(call) + 1);
  return [...earlier, ...own].flatMap((each) =>
    each.manager === call.manager && each.action === 'install'
      ? each.operands.flatMap((operand) => packageName(operand.literal) ?? [])
      : [],
  );
}

/**
 * The words of the call's operands and of all that comes after it, whole and in their parts. What
 * later installs name does not count: they bring along what they need themselves.
 */
function neededWords(
  run: RunInstruction,
  call: PackageCommand,
  { file, state, calls }: RunContext,
  facts: Facts,
): Set<string> {
  const all = instructionsOf(file);
  const later = all.slice(all.indexOf(run) + 1).map((each) => {
    if (each.kind !== 'run') return each.text;
    const others = packageCommands(runBody(each, state.shell), facts);
    return withoutOperands(each.text, others.filter((other) => other.manager === call.manager));
  });
  const others = calls.filter((each) => each.manager === call.manager);
  const text = [
    ...call.operands.map((operand) => operand.text),
    withoutOperands(run.text, others).slice(call.command.end),
    ...later,
  ].join('\n');
  const words = new Set<string>();
  for (const word of text.split(/[\s"'`,;|&(){}[\]<>=\\$:]+/)) {
    words.add(word);
    if (word.includes('/')) for (const part of word.split('/')) words.add(part);
  }
  words.delete('');
  return words;
}

/** The text with the operands of install calls blanked; every offset stays valid. */
function withoutOperands(text: string, calls: readonly PackageCommand[]): string {
  return calls
    .filter((each) => each.action === 'install' && each.command.editable)
    .flatMap((each) => each.operands)
    .reduce(
      (left, { start, end }) =>
        left.slice(0, start) + ' '.repeat(end - start) + left.slice(end),
      text,
    );
}

const globs = new Map<string, RegExp>();

function isNeeded(row: RecommendedPackage, words: ReadonlySet<string>): boolean {
  if (!row.when) return true;
  return row.when.some((glob) => {
    if (!glob.includes('*')) return words.has(glob);
    let pattern = globs.get(glob);
    if (!pattern) {
      const parts = glob.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
      globs.set(glob, (pattern = new RegExp(`^${parts.join('.*')}$`)));
    }
    for (const word of words) if (pattern.test(word)) return true;
    return false;
  });
}
