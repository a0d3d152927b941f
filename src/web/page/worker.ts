/**
 * The rewrite beside the page, so that typing and switching never wait for it: the core as everywhere,
 * and the fact rows, which are loaded when it starts. The build cuts it into pieces; a function that
 * lies in one that is not there yet loads it when it is called.
 */
import { passes } from '../../../passes/index.ts';
import type { BuildContext } from '../../analysis/context.ts';
import type { Bill as CoreBill, BilledInstruction } from '../../estimate/bill.ts';
import type { Facts } from '../../facts/types.ts';
import { optimize, type Result } from '../../pipeline.ts';
import { contextOf, optionsOf, withFactChanges, type FactChanges } from '../messages.ts';
import type { Bill, Order, Outcome, Report, RewriteJob } from './protocol.ts';

/** Something that the page needs did not come. */
class NotLoaded extends Error {
  constructor(what: string) {
    super(`${what} could not be loaded; reload the page when the server can be reached`);
  }
}

const shipped = fetchFacts();
// Whoever asks for them hears of it.
shipped.catch(() => undefined);

async function fetchFacts(): Promise<Facts> {
  const response = await fetch(FACTS_FILE).catch(() => {
    throw new NotLoaded('the facts');
  });
  if (!response.ok) throw new NotLoaded('the facts');
  // They were checked when the page was built.
  return (await response.json()) as Facts;
}

/** What the build puts in front of this says which piece did not come. */
const pieces = self as { missingPiece?: string };

let facts: Facts | undefined;
let context: BuildContext | undefined;

async function load(changes: FactChanges): Promise<void> {
  const loaded = withFactChanges(await shipped, changes);
  facts = loaded;
  const { files, folders } = loaded.manifests;
  report({
    kind: 'ready',
    passes: passes
      .filter(({ isAdvice }) => !isAdvice)
      .map(({ id, summary, why, level, improves }) => ({ id, summary, why, level, improves })),
    manifests: { files, folders },
  });
}

function rewrite({ text, choices, today }: RewriteJob): Outcome {
  if (!facts) throw new Error('a rewrite before the facts were there');
  const start = performance.now();
  const result = optimize(text, facts, {
    ...optionsOf(choices, context, today),
    isPriced: true,
  });
  // The core took what a pass threw for a bug of that pass.
  if (pieces.missingPiece !== undefined) throw new NotLoaded(pieces.missingPiece);
  return { ...plain(result), took: performance.now() - start };
}

function plain(result: Result): Omit<Outcome, 'took'> {
  const { input, output, files, remarks, diagnostics, estimate } = result;
  const { before, after, saved } = estimate ?? {};
  return {
    input,
    output,
    files,
    remarks,
    diagnostics,
    ...(before && after && saved && { sizes: { before: bill(before), after: bill(after), saved } }),
  };
}

/** Without the instructions, which are whole trees. */
function bill({ total, lines }: CoreBill<BilledInstruction>): Bill {
  return {
    total,
    parts: lines.map(({ instruction, kind, what, path, amount, isUnknown }) => ({
      line: instruction.origin[0]!.line,
      kind,
      what,
      ...(path !== undefined && { path }),
      amount,
      isUnknown: isUnknown === true,
    })),
  };
}

function report(message: Report): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- workers have none
  self.postMessage(message);
}

async function obey(order: Order): Promise<void> {
  const number = order.kind === 'rewrite' ? { number: order.number } : {};
  delete pieces.missingPiece;
  try {
    if (order.kind === 'load') await load(order.facts);
    else if (order.kind === 'context') context = order.context && contextOf(order.context);
    else report({ kind: 'outcome', number: order.number, outcome: rewrite(order.job) });
  } catch (error) {
    const { missingPiece } = pieces;
    const cause = missingPiece === undefined ? error : new NotLoaded(missingPiece);
    const why = cause instanceof Error ? cause.message : String(cause);
    report({ kind: 'failed', ...number, why, isOutside: cause instanceof NotLoaded });
  }
}

self.addEventListener('message', (event: MessageEvent<Order>) => {
  void obey(event.data);
});
