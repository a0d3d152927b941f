/**
 * Takes several commands out of a RUN at once, as splices: what is left is joined as it was. Comments
 * that stood between them are handed back.
 */
import type { Refusal, Splice } from '../../dockerfile/edit.ts';
import type { RunInstruction } from '../../dockerfile/model.ts';
import type { Chain, Script, SimpleCommand } from '../../dockerfile/shell.ts';

export interface Removal {
  readonly splices: readonly Splice[];
  /** Nothing is left of the RUN. */
  readonly isAll: boolean;
}

/** @param gone each a link of its own in a chain of commands */
export function withoutCommands(
  script: Script,
  gone: ReadonlySet<SimpleCommand>,
): Removal | Refusal {
  if (gone.size === 0) return { splices: [], isAll: false };
  const splices: Splice[] = [];
  const isGone = (chain: Chain, at: number): boolean => {
    const { simple } = chain.links[at]!;
    return simple !== undefined && gone.has(simple);
  };
  const empty = new Set<Chain>();
  let count = 0;
  for (const chain of script.chains) {
    const places = chain.links.flatMap((_, at) => (isGone(chain, at) ? [at] : []));
    if (places.length === 0) continue;
    count += places.length;
    if (chain.background) return { refused: 'a command runs in the background' };
    if (chain.links.some(({ operator }) => operator === '||')) {
      return { refused: 'what runs depends on whether a command fails' };
    }
    if (places.length === chain.links.length) {
      empty.add(chain);
      continue;
    }
    const firstKept = chain.links.findIndex((_, at) => !isGone(chain, at));
    for (const at of places) {
      const { start, end } = chain.links[at]!;
      splices.push(
        at < firstKept
          ? { start, end: chain.links[at + 1]!.start, insert: '' }
          : { start: chain.links[at - 1]!.end, end, insert: '' },
      );
    }
  }
  if (count < gone.size) return { refused: 'a command is a part of another one' };
  const { chains } = script;
  if (empty.size === chains.length) return { splices: [], isAll: true };
  const firstKept = chains.findIndex((chain) => !empty.has(chain));
  for (const [at, { start, end }] of chains.entries()) {
    if (!empty.has(chains[at]!)) continue;
    splices.push(
      at < firstKept
        ? { start, end: chains[at + 1]!.start, insert: '' }
        : { start: chains[at - 1]!.end, end, insert: '' },
    );
  }
  return { splices, isAll: false };
}

/** The comment lines in what splices take away. */
export function lostComments(run: RunInstruction, splices: readonly Splice[]): readonly string[] {
  return run.dropped.flatMap((line) => {
    const isLost = splices.some(({ start, end }) => start <= line.start && line.end <= end);
    const text = run.text.slice(line.start, line.end).trim();
    return isLost && text.startsWith('#') ? [text] : [];
  });
}
