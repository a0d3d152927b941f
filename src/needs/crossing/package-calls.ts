/** A call of one distribution's package manager in the words of another's. */
import { replaceWord, type Refusal, type Splice } from '../../dockerfile/edit.ts';
import type { Script, ShellWord } from '../../dockerfile/shell.ts';
import type { PackageCommand } from '../../analysis/packages.ts';
import { matchesAny } from '../../analysis/patterns.ts';
import { onAlpine, sharedLibrariesOnAlpine } from '../../analysis/system-packages.ts';
import type { Crossing } from '../../facts/crossing-types.ts';
import type { Facts } from '../../facts/types.ts';

/** What becomes of it; no splices: nothing is left of it. */
export interface Crossed {
  readonly splices: readonly Splice[] | undefined;
  /** Names of the first distribution that it installs. */
  readonly installs: readonly string[];
}

export interface PackageScope {
  readonly crossing: Crossing;
  readonly facts: Facts;
  /** Names that were installed before. */
  readonly installed: ReadonlySet<string>;
}

export function crossedCall(
  call: PackageCommand,
  script: Script,
  scope: PackageScope,
): Crossed | Refusal {
  const { crossing } = scope;
  const action = call.actionWord?.literal ?? '';
  if (crossing.spareActions.includes(action) && call.operands.length === 0) return NOTHING;
  if (action === 'install') return renamed(call, script, crossing.install, scope);
  if (call.action === 'upgrade' && call.operands.length === 0) {
    return renamed(call, script, crossing.upgrade, scope);
  }
  if (call.action === 'remove') return removed(call, script, scope);
  return { refused: `${action} has no equal` };
}

const NOTHING: Crossed = { splices: undefined, installs: [] };

function removed(call: PackageCommand, script: Script, scope: PackageScope): Crossed | Refusal {
  const stranger = call.operands.find(({ literal }) => !scope.installed.has(literal ?? ''));
  if (stranger) return { refused: `${stranger.text} is removed, which no step installs` };
  const keeper = call.operands.find(({ literal }) => keepsLibraries(literal!, scope.facts));
  if (keeper)
    return { refused: `${keeper.text} is removed, and its library would go with it there` };
  return renamed(call, script, scope.crossing.remove, scope);
}

/** Headers that are taken away once something was linked: what it links stays on one, not on the other. */
function keepsLibraries(name: string, facts: Facts): boolean {
  const found = onAlpine(name, facts);
  if (found.kind !== 'packages') return false;
  return found.names.some(
    (each) =>
      each.endsWith('-dev') &&
      each !== 'musl-dev' &&
      sharedLibrariesOnAlpine(each, '', facts)?.length !== 0,
  );
}

/** The same call with the other manager's words, options and names. */
function renamed(
  call: PackageCommand,
  script: Script,
  words: string,
  { crossing, facts }: PackageScope,
): Crossed | Refusal {
  const { command, program, args, actionWord, operands } = call;
  const first = program.at(-1)!;
  if (/\//.test(first.text) || !actionWord) return { refused: 'it is called in an unusual way' };
  const { words: all } = command;
  const splices: Splice[] = [
    replaceWord(script, first, crossing.to),
    replaceWord(script, actionWord, words),
  ];
  const drop = (word: ShellWord): void => {
    splices.push({ start: all[all.indexOf(word) - 1]!.end, end: word.end, insert: '' });
  };
  const names = new Set<string>();
  let hasNames = false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === actionWord) continue;
    if (!operands.includes(word)) {
      if (crossing.spareValueOptions.includes(word.text) && args[at + 1]) {
        drop(word);
        drop(args[++at]!);
      } else if (matchesAny(crossing.spareOptions, word.literal ?? word.text)) drop(word);
      else return { refused: `${word.text} has no equal` };
      continue;
    }
    const found = namesOf(word, crossing, facts);
    if ('refused' in found) return found;
    const fresh = found.names.filter((name) => !names.has(name));
    for (const name of fresh) names.add(name);
    if (fresh.length === 0) drop(word);
    else {
      hasNames = true;
      splices.push(replaceWord(script, word, fresh.join(' ')));
    }
  }
  if (operands.length > 0 && !hasNames) return NOTHING;
  return { splices, installs: operands.map(({ literal }) => literal!) };
}

function namesOf(
  { literal, text }: ShellWord,
  { elsewhere, to }: Crossing,
  facts: Facts,
): { readonly names: readonly string[] } | Refusal {
  if (literal === undefined) return { refused: `which package ${text} is, is not known` };
  if (/[=/:]/.test(literal)) return { refused: `${literal} asks for one version, or a file` };
  if (elsewhere.includes(literal)) {
    return { refused: `the package ${literal} keeps its files elsewhere there` };
  }
  const found = onAlpine(literal, facts);
  switch (found.kind) {
    case 'packages':
      return { names: found.names };
    case 'needless':
      return { names: [] };
    case 'missing':
      return { refused: `${to} has no ${literal}` };
    case 'unknown':
      return { refused: `what ${literal} is called for ${to} is not known` };
  }
}
