/** Taking one command out of a RUN, as a splice: where that leaves the others what they are. */
import { errexit, type Refusal, type Splice } from './edit.ts';
import type { RunInstruction } from './model.ts';
import type { Script, SimpleCommand } from './shell.ts';

/**
 * The splice that takes a command out of a list of several, with what joins it to its neighbour; or
 * why the others would then run otherwise.
 */
export function removeCommand(
  run: RunInstruction,
  script: Script,
  command: SimpleCommand,
): Splice | Refusal {
  const chain = script.chains[command.chain]!;
  const link = chain.links[command.link]!;
  if (link.simple !== command) return { refused: 'the command is a part of another one' };
  if (chain.background) return { refused: 'the command runs in the background' };
  if (chain.links.some(({ operator }) => operator === '||')) {
    return { refused: 'what runs depends on whether the command fails' };
  }
  const range =
    chain.links.length > 1
      ? besideLink(chain.links, command.link)
      : besideChain(script, command.chain);
  if ('refused' in range) return range;
  // A comment inside would go with it.
  if (run.text.slice(range.start, range.end).includes('#')) {
    return { refused: 'a comment stands beside the command' };
  }
  return { ...range, insert: '' };
}

type Range = { readonly start: number; readonly end: number };

function besideLink(links: readonly Range[], at: number): Range {
  const { start, end } = links[at]!;
  return at === 0 ? { start, end: links[1]!.start } : { start: links[at - 1]!.end, end };
}

function besideChain(script: Script, at: number): Range | Refusal {
  const { chains } = script;
  if (chains.length === 1) return { refused: 'the RUN has no other command' };
  const isLast = at === chains.length - 1;
  // Whether the RUN succeeds is what its last command says.
  if (isLast && errexit(script) !== 'on') {
    return { refused: 'the failure of the command before it would end the build' };
  }
  return besideLink(chains, at);
}
