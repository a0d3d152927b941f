/**
 * The rewrite beside the page, so that typing and switching never wait for it: the core as everywhere,
 * and the fact rows. The build cuts both into pieces; what is not there yet is loaded when it is called
 * or read.
 *
 * The page of the playground runs the same script for its first rewrite, of which the build has seen to
 * it that no other piece is needed: a worker would begin later than the page itself can have it.
 */
import type { BuildContext } from '../../analysis/context.ts';
import type { Facts } from '../../facts/types.ts';
import { contextOf, withFactChanges, type FactChanges } from '../messages.ts';
import { NotLoaded, passInfos, pieces, rewrite, shippedFacts } from './core.ts';
import type { Order, PageCore, Report } from './protocol.ts';

let facts: Facts | undefined;
let context: BuildContext | undefined;

function load(changes: FactChanges): void {
  const loaded = withFactChanges(shippedFacts(), changes);
  facts = loaded;
  const { files, folders, uses: all } = loaded.manifests;
  const uses = { files: [...all.files], folders: [...all.folders] };
  report({ kind: 'ready', passes: passInfos(), manifests: { files, folders, uses } });
}

function report(message: Report): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- workers have none
  self.postMessage(message);
}

function obey(order: Order): void {
  const number = order.kind === 'rewrite' ? { number: order.number } : {};
  delete pieces.missingPiece;
  try {
    if (order.kind === 'load') load(order.facts);
    else if (order.kind === 'context') context = order.context && contextOf(order.context);
    else {
      if (!facts) throw new Error('a rewrite before the facts were there');
      const outcome = rewrite(order.job, facts, context);
      report({ kind: 'outcome', number: order.number, outcome });
    }
  } catch (error) {
    const { missingPiece } = pieces;
    const cause = missingPiece === undefined ? error : new NotLoaded(missingPiece);
    const why = cause instanceof Error ? cause.message : String(cause);
    report({ kind: 'failed', ...number, why, isOutside: cause instanceof NotLoaded });
  }
}

/** Nothing is kept: who wants more of it than one rewrite asks the worker. */
const pageCore: PageCore = {
  passes: passInfos,
  rewrite: (job) => rewrite(job, shippedFacts(), undefined),
};

if ('importScripts' in self) {
  self.addEventListener('message', (event: MessageEvent<Order>) => obey(event.data));
} else {
  // A page hears messages of anybody.
  window.dfoptCore = pageCore;
}
