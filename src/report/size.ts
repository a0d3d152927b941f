/** Estimates of sizes, as text: what an image weighs before and after, and what it is made of. */
import type { Amount } from '../analysis/amounts.ts';
import type {
  Bill as AnyBill,
  BilledInstruction,
  BillLine as AnyBillLine,
} from '../estimate/bill.ts';
import type { Estimate } from '../estimate/saving.ts';

type Bill = AnyBill<BilledInstruction>;
type BillLine = AnyBillLine<BilledInstruction>;

const UNITS = [
  { name: 'GB', bytes: 1_000_000_000 },
  { name: 'MB', bytes: 1_000_000 },
  { name: 'kB', bytes: 1000 },
] as const;

/** Three digits are more than an estimate knows: `1.21 GB`, `236 MB`, `3.4 MB`, `12 kB`. */
export function roughly(bytes: number): string {
  const size = Math.abs(bytes);
  const sign = bytes < 0 ? '−' : '';
  if (size < UNITS[2].bytes) return `${sign}${Math.round(size)} B`;
  // 999.6 MB is a gigabyte.
  const unit = UNITS.find((each) => size >= each.bytes * 0.9995) ?? UNITS[2];
  const value = size / unit.bytes;
  const digits = unit.name === 'GB' ? 2 : value < 9.95 ? 1 : 0;
  return `${sign}${value.toFixed(digits)} ${unit.name}`;
}

/** What an edit changes: `−843 MB`, `+3.5 MB`; empty where that is next to nothing. */
export function changeText(saved: Amount): string {
  if (Math.abs(saved.bytes) < WORTH_SAYING) return '';
  return saved.bytes < 0 ? `+${roughly(-saved.bytes)}` : `−${roughly(saved.bytes)}`;
}

/** Bytes that are next to nothing in an image. */
export const WORTH_SAYING = 50_000;

/** An estimate without what its bills are made of. */
interface Totals {
  readonly before: Pick<Bill, 'total'> & Partial<Pick<Bill, 'lines'>>;
  readonly after: Pick<Bill, 'total'> & Partial<Pick<Bill, 'lines'>>;
  readonly saved: Amount;
}

/** `1.21 GB → 236 MB (−80 %, range −76…−83 %)` */
export function headline({ before, after, saved }: Totals): string {
  const isOpen = [before, after].some(({ lines }) =>
    lines?.some(({ kind, isUnknown }) => kind === 'base' && isUnknown === true),
  );
  if (isOpen) {
    const change = changeText(saved);
    return `${change === '' ? 'about as large as before' : change}; how large the base is, nobody knows`;
  }
  const sizes = `${roughly(before.total.bytes)} → ${roughly(after.total.bytes)}`;
  const all = before.total.bytes;
  if (all <= 0) return sizes;
  const share = (bytes: number): string => {
    const percent = Math.round((bytes / all) * 100);
    return percent > 0 ? `−${percent}` : percent < 0 ? `+${-percent}` : '0';
  };
  const ends = [share(saved.low), share(Math.min(saved.high, all))];
  const range = ends[0] === ends[1] ? '' : `, range ${ends.join('…')} %`;
  return `${sizes} (${share(saved.bytes)} %${range})`;
}

/** One image by itself: `236 MB (229–243 MB)` */
export function totalText({ total }: Bill): string {
  const { bytes, low, high } = total;
  const ends = [roughly(Math.max(0, low)), roughly(high)];
  return ends[0] === ends[1] ? roughly(bytes) : `${roughly(bytes)} (${ends.join(' – ')})`;
}

/** A line of a bill in words; text of the file is in it as it stands there. */
export function whatOf({ kind, what, path }: BillLine): string {
  if (kind === 'base') return `the base ${what}`;
  return path === undefined ? what : `${what} in /${path}`;
}

/** For programs: bytes, ranges, and where each comes from. */
export function billJson({ lines, total }: Bill): unknown {
  return {
    ...amountJson(total),
    lines: lines.map(({ instruction, kind, what, path, amount, isUnknown }) => ({
      line: instruction.origin[0]!.line,
      instruction: instruction.keyword,
      kind,
      what,
      ...(path !== undefined && { path: `/${path}` }),
      ...amountJson(amount),
      isKnown: isUnknown !== true,
    })),
  };
}

function amountJson({ bytes, low, high, basis }: Amount): Amount {
  return { bytes, low: Math.round(low), high: Math.round(high), basis };
}

export function estimateJson({ before, after, saved, rebuild }: Estimate): unknown {
  return {
    before: billJson(before),
    after: billJson(after),
    saved: amountJson(saved),
    ...(rebuild && {
      rebuild: {
        before: { layers: rebuild.before.layers, ...amountJson(rebuild.before.bytes) },
        after: { layers: rebuild.after.layers, ...amountJson(rebuild.after.bytes) },
      },
    }),
  };
}

/** `after a change of the sources, 114 MB → 12 MB are new`; empty where that is not known. */
export function rebuildText({ rebuild }: Estimate): string {
  if (!rebuild) return '';
  const [before, after] = [rebuild.before.bytes.bytes, rebuild.after.bytes.bytes].map(roughly);
  return before === after
    ? `a change of the sources makes ${after} anew`
    : `a change of the sources makes ${after} anew, before ${before}`;
}
