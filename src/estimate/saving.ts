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
  return sum(lines.map(({ amount }) => amount));
}

type ShownBill = Bill<BilledInstruction>;
type ShownLine = BillLine<BilledInstruction>;

interface Differences {
  readonly removed: readonly ShownLine[];
  readonly added: readonly ShownLine[];
}

/** Lines that only one of the bills has; the same figure for the same cause is one line. */
function differences(before: ShownBill, after: ShownBill): Differences {
  const left = new Map<string, ShownLine[]>();
  for (const line of before.lines) {
    const key = keyOf(line);
    const same = left.get(key);
    if (same) same.push(line);
    else left.set(key, [line]);
  }
  const added = after.lines.filter((line) => left.get(keyOf(line))?.pop() === undefined);
  return { removed: [...left.values()].flat(), added };
}

function keyOf({ kind, what, amount }: ShownLine): string {
  return `${kind}\0${what}\0${amount.bytes}\0${amount.high}`;
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
  const places = edits.map(({ origins }) => new Set(origins.map(placeOf)));
  const owner = ({ instruction }: ShownLine): number => {
    const own = instruction.origin.map(placeOf);
    const touching = [...places.keys()].filter((at) => own.some((place) => places[at]!.has(place)));
    return touching.find((at) => edits[at]!.isForSize) ?? touching[0] ?? 0;
  };
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
