/** A file as it is beside the file as it would be, with marks where they differ. */
import { button, code, el } from './dom.ts';
import { rowsOf, type Row, type Side } from './rows.ts';

export interface Shown {
  readonly name: string;
  /** `undefined` for a file that is new. */
  readonly before: string | undefined;
  readonly after: string;
  /** Lines of the file as it is at which edits were made. */
  readonly edited: ReadonlySet<number>;
}

/** A long file shows what is unchanged on demand only. */
const MANY_ROWS = 300;

/** Unchanged lines around a change that are shown anyway. */
const AROUND = 4;

/** So many at once; a file of a megabyte would stop the browser. */
const AT_ONCE = 2000;

const WORDS: Readonly<Record<Row['kind'], string>> = {
  same: '',
  changed: 'changed',
  removed: 'removed',
  added: 'added',
};

export function diffView({ name, before, after, edited }: Shown): HTMLElement {
  const rows = rowsOf(before ?? '', after);
  const body = el('tbody', { role: 'rowgroup' });
  const lines = rows.map((row) => () => rowElement(row, edited));
  if (rows.length <= MANY_ROWS) body.append(...lines.map((make) => make()));
  else body.append(...folded(rows, lines));
  const heading = (text: string): HTMLElement =>
    el('th', { scope: 'col', role: 'columnheader' }, text);
  return el(
    'table',
    { class: 'diff', role: 'table', 'aria-label': `${name}: as it is, and as it would be` },
    el(
      'thead',
      { role: 'rowgroup' },
      el(
        'tr',
        { role: 'row' },
        heading('Line'),
        heading(before === undefined ? 'There is no such file yet' : 'As it is'),
        heading('Line'),
        heading(before === after ? 'No change' : 'As it would be'),
      ),
    ),
    body,
  );
}

/** Runs of unchanged lines become a button that brings them back. */
function folded(rows: readonly Row[], lines: readonly (() => HTMLElement)[]): HTMLElement[] {
  const isNear = nearChanges(rows);
  const shown: HTMLElement[] = [];
  for (let at = 0; at < rows.length;) {
    if (isNear[at]) {
      shown.push(lines[at++]!());
      continue;
    }
    const start = at;
    while (at < rows.length && !isNear[at]) at++;
    shown.push(foldElement(lines.slice(start, at)));
  }
  return shown;
}

function nearChanges(rows: readonly Row[]): boolean[] {
  const isNear = rows.map(() => false);
  for (const [index, row] of rows.entries()) {
    if (row.kind === 'same') continue;
    const end = Math.min(rows.length - 1, index + AROUND);
    for (let at = Math.max(0, index - AROUND); at <= end; at++) isNear[at] = true;
  }
  return isNear;
}

function foldElement(lines: readonly (() => HTMLElement)[]): HTMLElement {
  const rest = lines.slice(AT_ONCE);
  const label = `Show ${lines.length} unchanged ${lines.length === 1 ? 'line' : 'lines'}`;
  const row = el('tr', { role: 'row', class: 'fold' });
  const cell = el('td', { role: 'cell', colspan: '4' });
  cell.append(
    button(label, () => {
      const more = rest.length === 0 ? [] : [foldElement(rest)];
      row.replaceWith(...lines.slice(0, AT_ONCE).map((make) => make()), ...more);
    }),
  );
  row.append(cell);
  return row;
}

function rowElement({ kind, left, right }: Row, edited: ReadonlySet<number>): HTMLElement {
  const number = left?.number;
  const isEdited = number !== undefined && edited.has(number);
  return el(
    'tr',
    {
      role: 'row',
      class: isEdited ? `${kind} edited` : kind,
      ...(number && { 'data-line': `${number}` }),
    },
    ...sideCells(left, 'left', kind === 'added' ? 'same' : kind),
    ...sideCells(right, 'right', kind === 'removed' ? 'same' : kind),
  );
}

function sideCells(side: Side | undefined, where: string, kind: Row['kind']): HTMLElement[] {
  const number = el('td', { role: 'cell', class: `number ${where}` }, side && String(side.number));
  const text = el('td', { role: 'cell', class: `text ${where}${side ? '' : ' none'}` });
  if (side && WORDS[kind] !== '') {
    const word = kind === 'changed' ? (where === 'left' ? 'before' : 'after') : WORDS[kind];
    text.append(el('span', { class: 'unseen' }, `${word}: `));
  }
  for (const piece of side?.pieces ?? []) {
    if (!piece.isChanged) text.append(code(piece.text));
    else {
      const mark = el(where === 'left' ? 'del' : 'ins');
      mark.append(code(piece.text));
      text.append(mark);
    }
  }
  return [number, text];
}
