/** What edits save: two bills beside each other, and which edit each difference belongs to. */
import { minus, NOTHING, plus, sum, type Amount } from '../analysis/amounts.ts';
import { placeOf } from '../dockerfile/place.ts';
import type { Origin } from '../dockerfile/model.ts';
import type { Bill, BilledInstruction, BillLine } from './bill.ts';
import type { Rebuild } from './rebuild.ts';

export interface Estimate<I extends BilledInstruction = BilledInstruction> {
  /** Of the image as the input has it. */
  readonly before: Bill<I>;
  readonly after: Bill<I>;
  /** What both have alike cancels out, so that the range is narrower than that of the two totals. */
  readonly saved: Amount;
  /** What a change of the sources makes anew; `undefined` where that cannot be told. */
  readonly rebuild: { readonly before: Rebuild; readonly after: Rebuild } | undefined;
}

/** A Dockerfile as it is priced: its bill, and what a change of the sources costs. */
export interface Priced {
  readonly bill: Bill;
  readonly rebuild: Rebuild | undefined;
}

export function estimateOf(before: Priced, after: Priced): Estimate {
  return {
    before: before.bill,
    after: after.bill,
    saved: savedBetween(before.bill, after.bill),
    rebuild:
      before.rebuild && after.rebuild
        ? { before: before.rebuild, after: after.rebuild }
        : undefined,
  };
}

/** What the one saves over the other. */
export function savedBetween(before: ShownBill, after: ShownBill): Amount {
  const { removed, added } = differences(before, after);
  return minus(amountOf(removed), amountOf(added));
}

function amountOf(lines: readonly Pick<BillLine, 'amount'>[]): Amount {
  const amounts: Amount[] = [];
  for (const { amount } of lines) amounts.push(amount);
  return sum(amounts);
}

type ShownBill = Bill<BilledInstruction>;
type ShownLine = BillLine<BilledInstruction>;

interface Differences {
  readonly removed: readonly ShownLine[];
  readonly added: readonly ShownLine[];
}

/** Lines of the same cause and the same figure. */
interface Alike {
  readonly line: ShownLine;
  readonly lines: ShownLine[];
}

/** Lines that only one of the bills has; the same figure for the same cause is one line. */
function differences(before: ShownBill, after: ShownBill): Differences {
  const left: Alike[] = [];
  // Not by one text of all: to write figures out takes longer than to compare them.
  const byWhat = new Map<string, Alike[]>();
  for (const line of before.lines) {
    const own = byWhat.get(line.what);
    const same = own && alikeIn(own, line);
    if (same) same.lines.push(line);
    else {
      const alike: Alike = { line, lines: [line] };
      left.push(alike);
      if (own) own.push(alike);
      else byWhat.set(line.what, [alike]);
    }
  }
  const added: ShownLine[] = [];
  for (const line of after.lines) {
    const own = byWhat.get(line.what);
    if (!own || alikeIn(own, line)?.lines.pop() === undefined) added.push(line);
  }
  const removed: ShownLine[] = [];
  for (const { lines } of left) removed.push(...lines);
  return { removed, added };
}

function alikeIn(all: readonly Alike[], { kind, amount }: ShownLine): Alike | undefined {
  for (const each of all) {
    const { line } = each;
    const isSame = line.amount.bytes === amount.bytes && line.amount.high === amount.high;
    if (isSame && line.kind === kind) return each;
  }
  return undefined;
}

/** An edit, by the instructions of the input that it touches. */
export interface Edit {
  readonly origins: readonly Origin[];
  /** Whether its pass is about size, among others. */
  readonly isForSize: boolean;
}

/**
 * What each of some edits saves that were made together. A difference belongs to the first edit for size
 * that touches its instruction, else to the first that touches it, else to the first of all; so that the
 * sums agree to the byte.
 *
 * @param edits at least one
 */
export function savedByEach(before: Bill, after: Bill, edits: readonly Edit[]): readonly Amount[] {
  const { removed, added } = differences(before, after);
  const owner = ownerOf(edits);
  const sums = edits.map(() => ({ before: NOTHING, after: NOTHING }));
  for (const line of removed) {
    const own = sums[owner(line)]!;
    own.before = plus(own.before, line.amount);
  }
  for (const line of added) {
    const own = sums[owner(line)]!;
    own.after = plus(own.after, line.amount);
  }
  return sums.map((each) => minus(each.before, each.after));
}

/** The place of the edit that a line belongs to. */
function ownerOf(edits: readonly Edit[]): (line: ShownLine) => number {
  if (edits.length === 1) return () => 0;
  const first = new Map<string, number>();
  const firstForSize = new Map<string, number>();
  for (const [at, { origins, isForSize }] of edits.entries()) {
    for (const place of origins.map(placeOf)) {
      if (!first.has(place)) first.set(place, at);
      if (isForSize && !firstForSize.has(place)) firstForSize.set(place, at);
    }
  }
  return ({ instruction }) => {
    let [any, forSize] = [Infinity, Infinity];
    for (const place of instruction.origin.map(placeOf)) {
      any = Math.min(any, first.get(place) ?? Infinity);
      forSize = Math.min(forSize, firstForSize.get(place) ?? Infinity);
    }
    const at = forSize === Infinity ? any : forSize;
    return at === Infinity ? 0 : at;
  };
}
