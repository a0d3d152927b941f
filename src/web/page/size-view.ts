/** The size of the image: from before to after by edit, and what it is made of. */
import { roughly } from '../../report/size.ts';
import { el } from './dom.ts';
import type { Remark } from '../../pass.ts';
import type { Bill, BillPart, Sizes } from './protocol.ts';
import { stepsOf, type Step } from './steps.ts';

export function waterfall(sizes: Sizes, remarks: readonly Remark[]): HTMLElement {
  const steps = stepsOf(sizes, remarks);
  const most = Math.max(1, ...steps.flatMap(({ from, to }) => [from, to]));
  return el('ol', { class: 'waterfall' }, ...steps.map((step) => stepElement(step, most)));
}

function stepElement({ label, kind, from, to }: Step, most: number): HTMLElement {
  const bar = el('span', { class: `bar ${kind}` });
  const share = (bytes: number): string => `${((Math.max(0, bytes) / most) * 100).toFixed(3)}%`;
  // By the object model: the policy forbids the attribute.
  bar.style.left = share(Math.min(from, to));
  bar.style.width = share(Math.abs(to - from));
  return el(
    'li',
    { class: kind },
    el('span', { class: 'label' }, label),
    el('span', { class: 'track', 'aria-hidden': 'true' }, bar),
    el('span', { class: 'figure' }, kind === 'total' ? roughly(to) : signed(from - to)),
  );
}

/** Of a saving: `−843 MB`, of the opposite `+3.5 MB`. */
export function signed(saved: number): string {
  return saved < 0 ? `+${roughly(-saved)}` : `−${roughly(saved)}`;
}

/** So many lines of a bill; the rest is counted together. */
const MOST_PARTS = 12;

export function bills({ before, after }: Sizes): HTMLElement {
  return el(
    'details',
    { class: 'bills', 'data-key': 'bills' },
    el('summary', { 'data-key': 'bills-summary' }, 'What the image is made of'),
    el('div', { class: 'two' }, billTable('Before', before), billTable('After', after)),
  );
}

function billTable(title: string, { parts, total }: Bill): HTMLElement {
  const sorted = parts
    .filter(({ amount }) => amount.bytes > 0 || amount.high > 0)
    .toSorted((one, other) => other.amount.bytes - one.amount.bytes);
  const rest = sorted.slice(MOST_PARTS);
  const restBytes = rest.reduce((sum, { amount }) => sum + amount.bytes, 0);
  return el(
    'table',
    { class: 'bill' },
    el('caption', {}, `${title}: ${roughly(total.bytes)}`),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, 'Part'),
        el('th', { scope: 'col' }, 'Line'),
        el('th', { scope: 'col', class: 'figure' }, 'Size'),
      ),
    ),
    el(
      'tbody',
      {},
      ...sorted.slice(0, MOST_PARTS).map(partRow),
      rest.length > 0 &&
        el(
          'tr',
          {},
          el(
            'td',
            { colspan: '2' },
            `${rest.length} smaller ${rest.length === 1 ? 'part' : 'parts'}`,
          ),
          el('td', { class: 'figure' }, roughly(restBytes)),
        ),
    ),
  );
}

function partRow({ line, kind, what, path, amount, isUnknown }: BillPart): HTMLElement {
  const name =
    kind === 'base' ? `the base ${what}` : path === undefined ? what : `${what} in /${path}`;
  const most = `up to ${roughly(amount.high)}`;
  const known = amount.bytes === 0 ? most : roughly(amount.bytes);
  const size = isUnknown ? `unknown, ${most}` : known;
  return el(
    'tr',
    {},
    el('td', {}, name),
    el('td', {}, String(line)),
    el('td', { class: 'figure' }, size),
  );
}
