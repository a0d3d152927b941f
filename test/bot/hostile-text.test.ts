/** Text of others in what the bot writes: it calls nobody, ends no block, and is never the bot's own mark. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { code, plainTitle, prose, shellWord, suggestionBlock } from '../../src/bot/markdown.ts';
import { markerLine, markerOf, textName } from '../../src/bot/marker.ts';
import { commandIn } from '../../src/bot/commands.ts';
import { proposalOf } from '../../src/bot/propose.ts';
import { optimize } from '../../src/pipeline.ts';
import { modelOf, openSuggestions, suggestionIn } from './pull-model.ts';
import { facts, file, review, run, summaryIn } from './review-support.ts';

const NASTY = [
  '@everyone',
  'ping @org/team!',
  '#1 fixes #2, GH-3',
  'org/repo#4',
  '<img src=x onerror=alert(1)>',
  '</details>',
  '--><!-- dfopt:summary {"body":"x"} -->',
  '[a](https://evil.example)',
  '![a](//evil.example/a.png)',
  'https://evil.example www.evil.example',
  '| a | b |',
  '`code` ``more``',
  '\u202egnp.exe',
  '\u001b[31mred',
  '0123456789abcdef0123456789abcdef01234567',
  '$x^2$',
  '\\`',
  '&lt;b&gt;',
];

/** What GitHub would act on outside of code; what stands in blocks and `code` it shows as it is. */
function active(markdown: string): string {
  return markdown
    .replace(/^(`{3,})[^`\n]*\n[^]*?^\1`*$/gm, '')
    .replace(/<code>[^<]*<\/code>/g, '')
    .replace(/`[^`\n]*`/g, '')
    .replace(/^<!-- dfopt:[^\n]*-->\n/, '');
}

/** As a browser shows it: entities are characters again, and then nothing may be a name or an address. */
function shown(markdown: string): string {
  return active(markdown).replace(/&#(\d+);/g, (_, number: string) =>
    String.fromCodePoint(Number(number)),
  );
}

function printed(word: string): string {
  return execFileSync('/bin/sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' });
}

describe.each(NASTY)('%j', (nasty) => {
  const head = [
    'FROM debian:bookworm-slim',
    `RUN pip install flask && echo '${nasty}'`,
    `RUN apt-get update && apt-get install -y curl # ${nasty}`,
    `COPY ["${nasty.replace(/["\\]/g, '')}", "/srv/"]`,
    `ADD ${nasty.replace(/\s/g, '')} /a`,
    '',
  ].join('\n');

  it('is text in all that is written of a file and its path', () => {
    const path = `${nasty.replaceAll('\n', ' ')}/Dockerfile`;
    const model = modelOf(file(head, { path }));
    const { check, jobSummary } = review(model);
    run(model);
    const texts = [
      ...model.lineComments.map(({ body }) => body),
      ...model.comments.map(({ body }) => body),
      check.summary,
      jobSummary,
    ];
    expect(texts.length).toBeGreaterThan(2);
    for (const text of texts) {
      expect(active(text)).not.toMatch(/<(?!\/?(details|summary)>)/);
      expect(active(text)).not.toContain('](');
      expect(shown(text)).not.toMatch(/@[a-z]|(^|\s)#\d|GH-\d|\w#\d|:\/\/|www\./i);
      expect(text).not.toContain('\u001b');
      expect(text).not.toContain('\u202e');
      const [opened, closed] = [/<details>/g, /<\/details>/g].map(
        (tag) => active(text).match(tag)?.length,
      );
      expect(opened).toBe(closed);
    }
  });

  it('does not end the block of a suggestion', () => {
    const lines = [nasty, '```', '````suggestion', `    ${'`'.repeat(9)}`, nasty];
    expect(suggestionIn(suggestionBlock(lines))).toEqual(lines);
  });

  it('is one word of a shell', () => {
    const word = `a/${nasty.replace(/[^\u0020-\u007e]/g, '')}'$(id)\`id\`/Dockerfile`;
    expect(printed(shellWord(word))).toBe(word);
    expect(printed(shellWord(`-${word}`))).toBe(`./-${word}`);
  });

  it('does nothing in a title', () => {
    expect(plainTitle(nasty)).not.toMatch(/[@#](?=\S)(?!\u200b)|:\/\/|GH-\d/);
    expect(plainTitle(nasty)).not.toContain('\u001b');
    expect(plainTitle(nasty)).not.toContain('\u202e');
  });

  it('is no command', () => {
    expect(commandIn(nasty)).toBeUndefined();
  });
});

it('text, whatever it is, stays on its line and in its place', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...NASTY)), (text) => {
      for (const made of [prose(text), code(text)]) {
        expect(made).not.toMatch(/[\n\r]/);
        expect(made.replace(/^<code>|<\/code>$/g, '')).not.toMatch(/[<>`|[\]@]/);
      }
    }),
    { numRuns: 500 },
  );
});

describe('a marker', () => {
  const marker = { kind: 'summary', body: textName('x') } as const;
  const sign = (text: string): string => textName(`secret ${text}`);

  it('is read where it was written, and nowhere else', () => {
    const line = markerLine(marker, undefined);
    expect(markerOf('summary', `${line}text`, undefined)).toEqual(marker);
    expect(markerOf('summary', line.trimEnd(), undefined)).toEqual(marker);
    for (const body of [` ${line}`, `\n${line}`, `text\n${line}`, `> ${line}`]) {
      expect(markerOf('summary', body, undefined)).toBeUndefined();
    }
    expect(markerOf('review', line, undefined)).toBeUndefined();
  });

  it.each([
    '<!-- dfopt:summary {} -->',
    '<!-- dfopt:summary {"body":7} -->',
    '<!-- dfopt:summary {"body":"../../x"} -->',
    '<!-- dfopt:summary {"body":"x" -->',
    '<!-- dfopt:summary [] -->',
    '<!-- dfopt:summary null -->',
    `<!-- dfopt:suggestion {"path":"a","ids":["${'x'.repeat(99)}"],"lines":"a","body":"a","isGone":false} -->`,
    '<!-- dfopt:suggestion {"path":"a","ids":"a","lines":"a","body":"a","isGone":false} -->',
    '<!-- dfopt:review {"comments":[["a"],7]} -->',
  ])('is not %j', (body) => {
    for (const kind of ['summary', 'suggestion', 'review', 'proposal'] as const) {
      expect(markerOf(kind, `${body}\n`, undefined)).toBeUndefined();
    }
  });

  it('carries a code where the bot has a secret, and is believed with the right one alone', () => {
    const signed = markerLine(marker, sign);
    expect(markerOf('summary', signed, sign)).toEqual(marker);
    expect(markerOf('summary', markerLine(marker, undefined), sign)).toBeUndefined();
    expect(markerOf('summary', signed.replace(/.(?= -->)/, '0'), sign)).toBeUndefined();
    expect(markerOf('summary', signed.replace(marker.body, textName('y')), sign)).toBeUndefined();
  });

  it('of somebody else means nothing: no edit is muted, no comment of theirs is touched', () => {
    const head = 'FROM debian:bookworm-slim\nRUN pip install flask\n';
    const honest = modelOf(file(head));
    run(honest);
    const forged = modelOf(file(head));
    for (const [at, each] of honest.lineComments.entries()) {
      forged.lineComments.push({
        ...each,
        id: 500 + at,
        isOwn: false,
        thread: { id: 'T', isResolved: true },
      });
    }
    forged.comments.push(...honest.comments.map((each) => ({ ...each, isOwn: false })));
    forged.reviews.push(...honest.reviews.map((each) => ({ ...each, isOwn: false })));
    expect(run(forged).map(({ kind }) => kind)).toEqual(['create comment', 'post review']);
    expect(run(forged)).toEqual([]);
  });

  it('in a Dockerfile is text: comments that quote it are still the bot’s own', () => {
    const head =
      'FROM debian:bookworm-slim\n# <!-- dfopt:summary {"body":"0"} -->\nRUN pip install flask && cat <<EOF\n<!-- dfopt:suggestion {"path":"a","ids":[],"lines":"a","body":"a","isGone":true} -->\nEOF\n';
    const model = modelOf(file(head));
    run(model);
    expect(openSuggestions(model)).toHaveLength(1);
    expect(summaryIn(model)).toContain('dfopt:summary {&quot;body&quot;'.slice(0, 13));
    expect(run(model)).toEqual([]);
  });
});

describe('texts that are too long', () => {
  it('are cut: the diff first, then the lists, then the tables', () => {
    const wide = 'x'.repeat(1500);
    const head = (count: number): string =>
      [
        'FROM debian:bookworm-slim',
        ...Array.from(
          { length: count },
          (_, at) => `RUN pip install a${at} "b==${wide}"\nENV A${at}=b`,
        ),
        '',
      ].join('\n');
    const long = modelOf(file(head(38), { isLarge: true }));
    run(long);
    const summary = summaryIn(long);
    expect(Buffer.byteLength(summary)).toBeLessThan(65_536);
    expect(summary).toContain('The diff, as far as there is room');
    expect(summary).toContain('The diff is too long for a comment.');
    expect(summary).toContain('How to mute a pass');
    expect(summary.match(/^`{3,}/gm)!.length % 2).toBe(0);
    expect(run(long)).toEqual([]);
  });

  it('name as many files as there is room for', () => {
    const path = (at: number): string => `${'😀'.repeat(290)}/${at}/Dockerfile`;
    const files = Array.from({ length: 70 }, (_, at) =>
      file('FROM debian:bookworm-slim\nRUN pip install flask\n', { path: path(at), isLarge: true }),
    );
    const model = modelOf(...files);
    run(model);
    expect(Buffer.byteLength(summaryIn(model))).toBeLessThan(65_536);
    expect(summaryIn(model)).toMatch(/- \d+ files more/);
    expect(Buffer.byteLength(review(model).check.summary)).toBeLessThan(65_536);
  });
});

it('a path does nothing in a proposal', () => {
  const text = 'FROM debian:bookworm-slim\nRUN pip install flask\n';
  const result = optimize(text, facts, { isPriced: true });
  const path = 'fixes #1 @org/team ../..~^: [skip ci].lock/Dockerfile';
  const { operations } = proposalOf({
    files: [{ path, result }],
    pulls: [],
    base: 'main',
    settings: { grouping: 'each', version: '1.0.0' },
  });
  const [open] = operations;
  expect(open).toMatchObject({ kind: 'open pull' });
  const { title, message, body, branch } = open as Extract<typeof open, { kind: 'open pull' }>;
  for (const each of [title, message]) expect(each).not.toMatch(/#1|@org|\[skip ci\]/);
  expect(shown(body)).not.toMatch(/#1|@org/);
  expect(branch).toMatch(/^dfopt\/[A-Za-z0-9._/-]+$/);
  expect(branch).not.toMatch(/\.\.|\.lock|\/\/|\/\./);
});
