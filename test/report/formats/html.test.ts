/** Read by an HTML parser: only elements and attributes that dfopt writes, whatever is in a file. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../../src/report/formats/format.ts';
import { html } from '../../../src/report/formats/html.ts';
import { sideBySide } from '../../../src/report/formats/html-diff.ts';
import {
  CONTROL,
  corpusReport,
  ERRORS,
  FAILED,
  hostileReport,
  runOf,
  syntaxTree,
  textReport,
} from './support.ts';

interface Node {
  readonly kind: string;
  readonly name?: string;
  readonly value?: string;
  readonly attrs?: readonly { readonly name: string; readonly value: string | null }[];
  readonly children?: readonly Node[];
}

async function elementsOf(text: string): Promise<Node[]> {
  const ast = await syntaxTree<Node>(text, 'html');
  const all = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(all)];
  return all(ast).filter(({ kind }) => kind === 'element');
}

const attributeOf = ({ attrs }: Node, name: string): string | null | undefined =>
  attrs?.find((each) => each.name === name)?.value;

const ELEMENTS = new Set(
  (
    'html head meta title style body a header h1 h2 h3 h4 main nav ul li section p strong figure ' +
    'figcaption table caption thead tbody tr th td svg rect details summary code del ins span footer'
  ).split(' '),
);

const ATTRIBUTES =
  /^(id|class|href|lang|charset|content|name|http-equiv|tabindex|scope|colspan|aria-[a-z]+|viewBox|preserveAspectRatio|focusable|x|y|width|height)$/;

const HOSTILE_RUN = runOf([hostileReport(), ERRORS, FAILED], { verbose: true });

describe('the page', () => {
  it.each<readonly [string, RunReport]>([
    ['an application', runOf([corpusReport('node/express-server')], { verbose: true })],
    ['an edit of another file', runOf([corpusReport('node/cli-tool')])],
    ['hostile text and errors', HOSTILE_RUN],
    ['nothing', runOf([])],
  ])('of %s has no element, attribute or address but its own', async (_, run) => {
    const text = html(run);
    expect(text).not.toMatch(CONTROL);
    const elements = await elementsOf(text);
    const ids = new Set<string>();
    for (const element of elements) {
      expect(ELEMENTS).toContain(element.name);
      for (const { name, value } of element.attrs ?? []) {
        expect(name).toMatch(ATTRIBUTES);
        if (name !== 'id') continue;
        expect(ids).not.toContain(value);
        ids.add(value!);
      }
    }
    const references = new Set(run.passes.flatMap((pass) => pass.references));
    for (const element of elements.filter(({ name }) => name === 'a')) {
      const href = attributeOf(element, 'href')!;
      if (href.startsWith('#')) expect(ids).toContain(href.slice(1));
      else expect(references).toContain(href);
    }
  });

  it('shows hostile text, escaped', () => {
    const text = html(HOSTILE_RUN);
    expect(text).not.toMatch(/<script|<img|<b>|\u202e/);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).toContain('&amp;lt;');
    expect(text).toContain('\\u202e');
  });

  it('allows its own style and nothing else', () => {
    const text = html(runOf([]));
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)![1]!;
    const style = /<style>([^]*)<\/style>/.exec(text)![1]!;
    const hash = createHash('sha256').update(style).digest('base64');
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
    expect(style).not.toMatch(/url\(|@import/);
    expect(text.indexOf('Content-Security-Policy')).toBeLessThan(text.indexOf('<style>'));
  });

  it('has the sizes as bars that lead from one to the other', async () => {
    const report = corpusReport('node/express-server');
    const elements = await elementsOf(html(runOf([report])));
    const bars = elements
      .filter(({ name }) => name === 'rect')
      .map((each) => ({
        kind: attributeOf(each, 'class'),
        from: Number(attributeOf(each, 'x')),
        to: Number(attributeOf(each, 'x')) + Number(attributeOf(each, 'width')),
      }));
    expect(bars[0]).toEqual({ kind: 'whole', from: 0, to: 1000 });
    const steps = bars.slice(
      1,
      bars.findIndex(({ kind }, at) => at > 0 && kind === 'whole'),
    );
    expect(steps.length).toBeGreaterThanOrEqual(2);
    let level = 1000;
    for (const { kind, from, to } of steps) {
      const [near, far] = kind === 'less' ? [to, from] : [from, to];
      expect(Math.abs(near - level)).toBeLessThanOrEqual(2);
      level = far;
    }
    const after = bars[1 + steps.length]!;
    expect(after.kind).toBe('whole');
    expect(Math.abs(after.to - level)).toBeLessThanOrEqual(2);
  });

  it('has one card an edit, and says where it is', () => {
    const report = corpusReport('node/express-server');
    const text = html(runOf([report]));
    expect(text.match(/<li class="applied">/g)!.length).toBe(report.fixes!.size);
    expect(text).toContain('<a href="#f1-1">line 1</a>');
    expect(html(runOf([report], { quiet: true }))).not.toContain('<li class="applied">');
  });
});

describe('side by side', () => {
  const rowsOf = (text: string): string[] =>
    text.match(/<tr.*<\/tr>/g)!.filter((row) => !row.includes('<th'));

  it('marks what changed inside of a line', () => {
    const { html: text, lines } = sideBySide('x', 'p', 'FROM node:22\n', 'FROM node:22-slim\n');
    expect(text).toContain('FROM node:22</td>');
    expect(text).toContain('FROM node:22<ins>-slim</ins></td>');
    expect([...lines]).toEqual([1]);
    expect(text).toContain('id="p-1"');
  });

  it('has no marks where lines have nothing in common, and none in endless lines', () => {
    const { html: text } = sideBySide('x', 'p', 'RUN aaa bbb\n', 'COPY --from=q /x /y\n');
    expect(text).not.toMatch(/<del>|<ins>/);
    const long = `RUN ${'x '.repeat(3000)}`;
    expect(sideBySide('x', 'p', `${long}\n`, `${long}y\n`).html).not.toContain('<ins>');
  });

  it('puts lines that come beside those that go, and leaves room where there is none', () => {
    const rows = rowsOf(sideBySide('x', 'p', 'a\nb\nc\n', 'a\nB1\nB2\nc\n').html);
    expect(rows.length).toBe(4);
    expect(rows[1]).toContain('removed: </span>b</td>');
    expect(rows[1]).toContain('added: </span>B1</td>');
    expect(rows[2]).toMatch(/^<tr><td class="none"><\/td><td class="none"><\/td>/);
  });

  it('shows a new file, CRLF, tabs and a missing line end', () => {
    const rows = rowsOf(sideBySide('x', 'p', '', 'a\r\n\tb').html);
    expect(rows.map((row) => />([^>]*)<\/td><\/tr>$/.exec(row)![1])).toEqual(['a', '\tb']);
  });
});

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

describe.skipIf(CHROMIUM === undefined)('in a browser', () => {
  it(
    'can be used by everybody, on a phone too, and loads nothing',
    { timeout: 120_000 },
    async () => {
      const browser = await chromium.launch({
        executablePath: CHROMIUM!,
        args: ['--no-sandbox'],
      });
      try {
        const text = html(
          runOf([corpusReport('java/fat-jar'), hostileReport(), textReport('FROM a:1\n', 'b/x')], {
            verbose: true,
          }),
        );
        for (const colorScheme of ['light', 'dark'] as const) {
          for (const width of [360, 1280]) {
            // The policy of the page would keep axe out.
            const page = await browser.newPage({
              bypassCSP: true,
              colorScheme,
              viewport: { width, height: 800 },
            });
            const asked: string[] = [];
            page.on('request', (request) => asked.push(request.url()));
            page.on('dialog', (dialog) => asked.push(dialog.message()));
            await page.setContent(text);
            await page.evaluate(
              "document.querySelectorAll('details').forEach((d) => (d.open = true))",
            );
            await page.evaluate(axe.source);
            const violations: unknown = await page.evaluate(
              'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))',
            );
            expect(violations).toEqual([]);
            expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
            expect(asked).toEqual([]);
            await page.close();
          }
        }
        const page = await browser.newPage();
        await page.setContent(text);
        // By its own policy the style still holds.
        const layout = "getComputedStyle(document.querySelector('.diff')).tableLayout";
        expect(await page.evaluate(layout)).toBe('fixed');
      } finally {
        await browser.close();
      }
    },
  );
});
