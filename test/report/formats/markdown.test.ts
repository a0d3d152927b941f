/** Read by a Markdown parser: what is in it must be what dfopt wrote, and nothing that a file brought. */
import { describe, expect, it } from 'vitest';
import { markdown } from '../../../src/report/formats/markdown.ts';
import {
  markdownCode,
  markdownFence,
  markdownText,
} from '../../../src/report/formats/markdown-text.ts';
import type { RunReport } from '../../../src/report/formats/format.ts';
import {
  CONTROL,
  corpusReport,
  ERRORS,
  FAILED,
  HOSTILE,
  hostileReport,
  runOf,
  syntaxTree,
} from './support.ts';

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly lang?: string;
  readonly depth?: number;
  readonly children?: readonly Node[];
}

async function nodesOf(text: string): Promise<Node[]> {
  const ast = await syntaxTree<Node>(text, 'markdown');
  const all = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(all)];
  return all(ast);
}

async function nodesOfRun(run: RunReport): Promise<Node[]> {
  const text = markdown(run);
  expect(text).not.toMatch(CONTROL);
  return nodesOf(text);
}

/** What a page makes of text behind Markdown: mentions, references, addresses. */
const LINKED = /[@#]\w|https?:\/\/|www\.\w|GH-\d/;

/** Texts among the children that are not in `<code>`, where nobody is told anything. */
function proseIn({ children = [] }: Node): string[] {
  let isCode = false;
  return children.flatMap(({ type, value = '' }) => {
    if (type === 'html') isCode = value === '<code>';
    return type === 'text' && !isCode ? [value] : [];
  });
}

const OWN_TAGS = /^(<\/?(details|summary|code)>|\n|[^<>])*$/;

describe('Markdown', () => {
  it('has the sizes, the edits in a table, what was offered, the diff, and how to mute', async () => {
    const report = corpusReport('node/express-server');
    const text = markdown(runOf([report]));
    expect(text).toMatch(/^## dfopt: 1 Dockerfile to rewrite: .* → .* \(−\d+ %/);
    expect(text).toContain('| 1 | <code>use-slim-base</code> | stand on node:22-slim');
    expect(text).toContain('needs --level aggressive');
    expect(text).toContain('# dfopt-ignore use-slim-base: the reason');
    const nodes = await nodesOf(text);
    expect(nodes.filter(({ type }) => type === 'table').length).toBe(1);
    const rows = nodes.filter(({ type }) => type === 'tableRow');
    expect(rows.length).toBe(1 + report.fixes!.size);
    for (const { children } of rows) expect(children!.length).toBe(6);
    const diff = nodes.find(({ type, lang }) => type === 'code' && lang === 'diff');
    expect(diff!.value).toContain('+FROM node:22-slim');
  });

  it('says errors, and that nothing changes', () => {
    const text = markdown(runOf([ERRORS, FAILED]));
    expect(text).toMatch(/^## dfopt: nothing to change, 2 files with errors\n/);
    expect(text).toContain('**Error**, line 2: ');
    expect(text).toContain('**Error:** there is no such file');
  });

  it('lets hostile text be text', async () => {
    const nodes = await nodesOfRun(runOf([hostileReport()], { verbose: true }));
    const types = new Set(nodes.map(({ type }) => type));
    for (const type of ['link', 'linkReference', 'image', 'footnote', 'math']) {
      expect(types).not.toContain(type);
    }
    for (const { value } of nodes.filter(({ type }) => type === 'inlineCode')) {
      expect(value).toMatch(/^(dfopt-ignore-file|dfopt explain [a-z-]+|--deny \w+-\d+)$/);
    }
    const headings = nodes.filter(({ type }) => type === 'heading');
    expect(headings.map(({ depth }) => depth)).toEqual([2, 3]);
    const html = nodes.filter(({ type }) => type === 'html').map(({ value }) => value!);
    for (const value of html) expect(value).toMatch(OWN_TAGS);
    const count = (tag: string): number => html.join('').match(new RegExp(tag, 'g'))?.length ?? 0;
    expect(count('<details>')).toBe(count('</details>'));
    expect(nodes.filter(({ type }) => type === 'code').map(({ lang }) => lang)).toEqual([
      'diff',
      'dockerfile',
    ]);
    const prose = nodes.flatMap(proseIn);
    for (const value of prose) expect(value).not.toMatch(LINKED);
    expect(prose.join('').replaceAll('\u200b', '')).toContain('<script>alert(1)</script>');
    for (const { children } of nodes.filter(({ type }) => type === 'tableRow')) {
      expect(children!.length).toBe(6);
    }
  });

  it('is cut where a pull request has no room for it, and says so', () => {
    const report = corpusReport('node/express-server');
    const output = 'RUN true\n'.repeat(9000);
    const long = { ...report, result: { ...report.result!, output } };
    const without = markdown(runOf([long]));
    expect(without.length).toBeLessThan(65_536);
    expect(without).toContain('The diff would be too long for this text.');
    expect(without).not.toContain('```diff');
    const many = Array.from({ length: 2000 }, (_, index) => ({ ...report, file: `app-${index}` }));
    const short = markdown(runOf(many));
    expect(short.length).toBeLessThan(65_536);
    const left = Number(/too long: (\d+) files more/.exec(short)![1]);
    expect(short.split('### ').length - 1 + left).toBe(2000);
  });
});

describe('text in Markdown', () => {
  it('is the same text where it is read', async () => {
    for (const sample of [
      'a | b \\| c',
      '`code` *x* _y_ ~z~',
      '<b>&amp;</b>',
      '$x$ {y}',
      '!a[b](c)',
    ]) {
      const nodes = await nodesOf(markdownText(sample));
      const values = nodes.flatMap(({ type, value }) => (type === 'text' ? [value] : []));
      expect(values.join('').replaceAll('\u200b', '')).toBe(sample);
      expect(nodes.map(({ type }) => type).slice(0, 2)).toEqual(['root', 'paragraph']);
    }
  });

  it('keeps names and addresses apart from what would link them', () => {
    expect(markdownText('@a #1 https://x www.x GH-1 0123456789')).toBe(
      '&#64;&#8203;a &#35;&#8203;1 https:&#8203;//x www&#8203;.x GH&#8203;-1 0123&#8203;456789',
    );
    expect(markdownText('node:22-slim, feedback, a - b')).toBe('node:22-slim, feedback, a - b');
  });

  it('in code and fences cannot end them', async () => {
    const [fence] = (await nodesOf(markdownFence('diff', HOSTILE))).filter(
      ({ type }) => type === 'code',
    );
    expect(fence!.value).toContain('</details> @everyone');
    expect(fence!.value).toContain('```````');
    expect(markdownCode('</code>`|www.x://')).toBe(
      '<code>&#60;/code&#62;&#96;&#124;&#119;ww.x&#58;//</code>',
    );
  });
});
