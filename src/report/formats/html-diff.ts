/** Two texts side by side as a table, with what changed inside of a line marked. */
import { diffWordsWithSpace, structuredPatch } from 'diff';
import { htmlText } from './html-text.ts';

const CONTEXT_LINES = 3;

/** Characters up to which a line is compared word by word: the effort grows with the square. */
const COMPARED = 2000;

/** The part that two lines must have in common to be worth comparing: else the marks are noise. */
const ALIKE = 0.35;

export interface SideBySide {
  readonly html: string;
  /** Lines of the old text that can be jumped to: `id` is the prefix with `-` and the number. */
  readonly lines: ReadonlySet<number>;
}

type Kind = 'same' | 'del' | 'add';

interface Cell {
  readonly line: number;
  readonly kind: Kind;
  /** Escaped, with its marks. */
  readonly html: string;
}

interface Row {
  readonly old?: Cell;
  readonly new?: Cell;
}

/**
 * @param name of the file, not escaped
 * @param prefix of the ids, unlike any other on the page
 */
export function sideBySide(
  name: string,
  prefix: string,
  before: string,
  after: string,
): SideBySide {
  const { hunks } = structuredPatch('', '', before, after, undefined, undefined, {
    context: CONTEXT_LINES,
  });
  const lines = new Set<number>();
  const bodies = hunks.map((hunk) => {
    const rows = rowsOf(hunk.lines, hunk.oldStart, hunk.newStart);
    for (const { old } of rows) if (old) lines.add(old.line);
    const from = hunk.oldLines === 0 ? 'New' : `From line ${hunk.oldStart}`;
    const head = `<tr class="hunk"><th colspan="4" scope="rowgroup">${from}</th></tr>`;
    return `<tbody>${head}\n${rows.map((row) => rowHtml(row, prefix)).join('\n')}</tbody>`;
  });
  const columns = ['line', 'before', 'line', 'after'].map((each) => `<th scope="col">${each}</th>`);
  const html = `<table class="diff"><caption>${htmlText(name)}, before and after</caption>
<thead><tr>${columns.join('')}</tr></thead>
${bodies.join('\n')}</table>`;
  return { html, lines };
}

/** Lines that go stand beside those that come in their place. */
function rowsOf(lines: readonly string[], oldStart: number, newStart: number): readonly Row[] {
  const rows: Row[] = [];
  let [old, next] = [oldStart, newStart];
  let gone: string[] = [];
  let come: string[] = [];
  const flush = (): void => {
    rows.push(...pairs(gone, come, old, next));
    old += gone.length;
    next += come.length;
    [gone, come] = [[], []];
  };
  for (const line of lines) {
    const text = line.slice(1).replace(/\r$/, '');
    if (line.startsWith('-')) {
      if (come.length > 0) flush();
      gone.push(text);
    } else if (line.startsWith('+')) come.push(text);
    else if (line.startsWith(' ')) {
      flush();
      const html = htmlText(text);
      rows.push({
        old: { line: old++, kind: 'same', html },
        new: { line: next++, kind: 'same', html },
      });
    }
  }
  flush();
  return rows;
}

function pairs(
  gone: readonly string[],
  come: readonly string[],
  old: number,
  next: number,
): readonly Row[] {
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, index) => {
    const [before, after] = [gone[index], come[index]];
    const marked = marks(before, after);
    return {
      ...(before !== undefined && { old: { line: old + index, kind: 'del', html: marked.old } }),
      ...(after !== undefined && { new: { line: next + index, kind: 'add', html: marked.new } }),
    };
  });
}

/** Both lines as HTML; where they are alike, with what differs marked. */
function marks(
  before: string | undefined,
  after: string | undefined,
): Readonly<Record<'old' | 'new', string>> {
  const plain = { old: htmlText(before ?? ''), new: htmlText(after ?? '') };
  if (before === undefined || after === undefined) return plain;
  if (before.length > COMPARED || after.length > COMPARED) return plain;
  const changes = diffWordsWithSpace(before, after);
  const common = changes
    .filter(({ added, removed }) => !added && !removed)
    .reduce((all, { value }) => all + value.trim().length, 0);
  if (common < ALIKE * Math.min(before.length, after.length)) return plain;
  const side = (without: 'added' | 'removed', tag: string): string =>
    changes
      .filter((change) => !change[without])
      .map(({ added, removed, value }) =>
        added || removed ? `<${tag}>${htmlText(value)}</${tag}>` : htmlText(value),
      )
      .join('');
  return { old: side('added', 'del'), new: side('removed', 'ins') };
}

function rowHtml({ old, new: next }: Row, prefix: string): string {
  const isSame = old?.kind === 'same';
  return `<tr${isSame ? ' class="same"' : ''}>${cells(old, prefix)}${cells(next)}</tr>`;
}

/** Colour is not all that tells them apart: a sign for eyes, a word for ears. */
const SIGNS: Readonly<Record<Kind, string>> = {
  same: '',
  del: '<span class="sign" aria-hidden="true">−</span><span class="ears">removed: </span>',
  add: '<span class="sign" aria-hidden="true">+</span><span class="ears">added: </span>',
};

function cells(cell: Cell | undefined, prefix?: string): string {
  if (!cell) return '<td class="none"></td><td class="none"></td>';
  const { line, kind, html } = cell;
  const id = prefix === undefined ? '' : ` id="${prefix}-${line}"`;
  return `<td class="number ${kind}"${id}>${line}</td><td class="code ${kind}">${SIGNS[kind]}${html}</td>`;
}
