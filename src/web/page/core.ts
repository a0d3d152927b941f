/** The core as the page runs it, in the worker and for its first rewrite: jobs in, plain data out. */
import { passes } from '../../../passes/index.ts';
import type { BuildContext } from '../../analysis/context.ts';
import type { Bill as CoreBill, BilledInstruction } from '../../estimate/bill.ts';
import type { Facts } from '../../facts/types.ts';
import { optimize, type Result } from '../../pipeline.ts';
import { optionsOf } from '../messages.ts';
import { wholeFacts, type CutFacts } from './facts.ts';
import type { Bill, Outcome, PassInfo, RewriteJob } from './protocol.ts';

/** Something that the page needs did not come. */
export class NotLoaded extends Error {
  constructor(what: string) {
    super(`${what} could not be loaded; reload the page when the server can be reached`);
  }
}

/** What the build puts in front of the script. */
interface Pieces {
  /** Runs a script beside this one, and waits for it. */
  readonly loadPiece: (file: string) => void;
  /** The one that did not come. */
  missingPiece?: string;
  /** Values that scripts brought, by file. */
  readonly pieceData?: Record<string, unknown>;
}

export const pieces = self as unknown as Pieces;

/** @throws {NotLoaded} */
export function shippedFacts(): Facts {
  return wholeFacts(valueIn(FACTS_FILE) as CutFacts, (file) => valueIn(file) as unknown[]);
}

function valueIn(file: string): unknown {
  if (pieces.pieceData?.[file] === undefined) {
    try {
      pieces.loadPiece(file);
    } catch {
      throw new NotLoaded('the facts');
    }
  }
  const value = pieces.pieceData![file];
  delete pieces.pieceData![file];
  return value;
}

export function passInfos(): PassInfo[] {
  return passes
    .filter(({ isAdvice }) => !isAdvice)
    .map(({ id, summary, why, level, improves }) => ({ id, summary, why, level, improves }));
}

/** @throws {NotLoaded} */
export function rewrite(
  { text, choices, today }: RewriteJob,
  facts: Facts,
  context: BuildContext | undefined,
): Outcome {
  const start = performance.now();
  delete pieces.missingPiece;
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
