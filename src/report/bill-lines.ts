/** A bill for a person at a terminal: a line for each cause, the largest first. */
import type { Colors } from 'picocolors/types.js';
import type { Bill as AnyBill, BilledInstruction, BillLine as AnyLine } from '../estimate/bill.ts';
import { columnsOf, cut } from './columns.ts';
import { escapeLine } from './escape.ts';
import { roughly, whatOf } from './size.ts';
import { countOf } from './units.ts';

type Bill = AnyBill<BilledInstruction>;
type BillLine = AnyLine<BilledInstruction>;

export interface BillView {
  readonly colors: Colors;
  /** So many lines at most; what is left is counted together. */
  readonly most?: number;
  /** Columns of the terminal. */
  readonly width?: number;
}

const BAR = 16;

/** Less says nothing. */
const LEAST_NAME = 20;

/** The lines of a bill, the largest first, with a bar for each where there is room for it. */
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
  const bars = width >= 72 ? BAR : 0;
  const column = bars > 0 ? `${' '.repeat(bars)}  ` : '';
  return [
    ...shown.map((line) => {
      const { amount, isUnknown, instruction } = line;
      const size = isUnknown ? `unknown` : roughly(amount.bytes);
      const bar = '█'.repeat(Math.round((amount.bytes / Math.max(1, largest)) * bars));
      const where = `line ${instruction.origin[0]!.line}`;
      const basis = isUnknown ? `up to ${roughly(amount.high)}` : amount.basis;
      const note = `  ${basis}, ${where}`;
      const head = `  ${size.padStart(8)}  ${bars > 0 ? `${colors.cyan(bar.padEnd(bars))}  ` : ''}`;
      const room = width - (2 + 8 + 2 + column.length);
      const name = escapeLine(whatOf(line));
      const hasNote = room - columnsOf(note) >= LEAST_NAME;
      const what = cut(name, Math.max(LEAST_NAME, hasNote ? room - columnsOf(note) : room));
      return `${head}${what}${hasNote ? colors.dim(note) : ''}`;
    }),
    ...(rest.length === 0 ? [] : [restLine(rest, column, colors)]),
  ];
}

function restLine(rest: readonly BillLine[], column: string, colors: Colors): string {
  const bytes = rest.reduce((all, { amount }) => all + amount.bytes, 0);
  const count = `in ${countOf(rest.length, 'smaller part')}`;
  return `  ${roughly(bytes).padStart(8)}  ${column}${colors.dim(count)}`;
}
