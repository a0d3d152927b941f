/** Estimates of sizes, as text: what an image weighs before and after, and what it is made of. */
import type { Colors } from 'picocolors/types.js';
import type { Amount } from '../analysis/amounts.ts';
import type {
  Bill as AnyBill,
  BilledInstruction,
  BillLine as AnyBillLine,
} from '../estimate/bill.ts';
import type { Estimate } from '../estimate/saving.ts';
import { escapeLine } from './escape.ts';

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

export interface BillView {
  readonly colors: Colors;
  /** So many lines at most; what is left is counted together. */
  readonly most?: number;
  /** Columns of the terminal. */
  readonly width?: number;
}

const BAR = 16;

/** The lines of a bill, the largest first, with a bar for each. */
export function billLines(
  { lines }: Bill,
  { colors, most = Infinity, width = 100 }: BillView,
): string[] {
  const sorted = lines
    .filter(({ amount }) => amount.bytes > 0 || amount.high > 0)
    .toSorted((one, other) => other.amount.bytes - one.amount.bytes);
  const largest = sorted[0]?.amount.bytes ?? 0;
  const shown = sorted.slice(0, most);
  const rest = sorted.slice(most);
  return [
    ...shown.map((line) => {
      const { amount, isUnknown, instruction } = line;
      const size = isUnknown ? `unknown` : roughly(amount.bytes);
      const bar = '█'.repeat(Math.round((amount.bytes / Math.max(1, largest)) * BAR));
      const where = `line ${instruction.origin[0]!.line}`;
      const basis = isUnknown ? `up to ${roughly(amount.high)}` : amount.basis;
      const head = `  ${size.padStart(8)}  ${colors.cyan(bar.padEnd(BAR))}  `;
      const room = Math.max(20, width - BAR - 14 - where.length - basis.length - 4);
      const what = escapeLine(cut(whatOf(line), room));
      return `${head}${what}${colors.dim(`  ${basis}, ${where}`)}`;
    }),
    ...(rest.length === 0 ? [] : [restLine(rest, colors)]),
  ];
}

/** A line of a bill in words; text of the file is in it as it stands there. */
export function whatOf({ kind, what, path }: BillLine): string {
  if (kind === 'base') return `the base ${what}`;
  return path === undefined ? what : `${what} in /${path}`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

function restLine(rest: readonly BillLine[], colors: Colors): string {
  const bytes = rest.reduce((all, { amount }) => all + amount.bytes, 0);
  const count = `in ${rest.length} smaller ${rest.length === 1 ? 'part' : 'parts'}`;
  return `  ${roughly(bytes).padStart(8)}  ${' '.repeat(BAR)}  ${colors.dim(count)}`;
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
