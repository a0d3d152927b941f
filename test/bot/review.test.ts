/** What a review says, when it says nothing, and what becomes of what it said. */
import { describe, expect, it } from 'vitest';
import { reviewOf } from '../../src/bot/review.ts';
import { contextFrom } from '../support/contexts.ts';
import {
  accepted,
  conversationOf,
  HEAD,
  modelOf,
  openSuggestions,
  pullFiles,
  suggestionIn,
  type ModelFile,
} from './pull-model.ts';
import { facts, file, lines, review, run, SETTINGS, summaryIn, TWO } from './review-support.ts';

describe('a first review', () => {
  it('has one comment for each edit, with its reason, and one summary', () => {
    const model = modelOf(file(TWO));
    expect(run(model).map(({ kind }) => kind)).toEqual(['create comment', 'post review']);
    const [pip, apt] = model.lineComments;
    expect(model.lineComments).toHaveLength(2);
    expect(pip).toMatchObject({ path: 'app/Dockerfile', line: 2, startLine: null });
    expect(suggestionIn(pip!.body)).toEqual(['RUN pip install --no-cache-dir flask']);
    expect(pip!.body).toContain('<code>skip-package-cache</code>: ');
    expect(pip!.body).toContain('level safe');
    expect(pip!.body).toMatch(/dfopt-ignore skip-package-cache&#?\w+;? reason/);
    expect(apt!.line).toBe(5);
    const summary = summaryIn(model);
    expect(summary).toMatch(/## dfopt: .*MB/);
    expect(summary).toContain('3 edits, suggested on the lines.');
    expect(summary).toContain('<summary>The diff</summary>');
    expect(summary).toContain('+RUN pip install --no-cache-dir flask');
    expect(summary).toContain('dfopt rewrite --write app/Dockerfile');
    expect(summary).toMatch(/`\/dfopt ignore [a-z-]+`/);
  });

  it('says nothing where there is nothing to change, and turns the check green', () => {
    const model = modelOf(file(lines('FROM scratch', 'COPY a /a', 'CMD ["/a"]')));
    const { operations, check } = review(model);
    expect(operations).toEqual([]);
    expect(check).toMatchObject({ conclusion: 'success', title: 'Nothing to change' });
    expect(check.annotations).toEqual([]);
  });

  it('says in one summary what the pull request does not show', () => {
    const head = lines(
      ...Array.from({ length: 20 }, (_, at) =>
        at === 0
          ? 'FROM debian:bookworm-slim'
          : at === 2
            ? 'RUN pip install flask'
            : `ENV A${at}=b`,
      ),
    );
    const model = modelOf(file(head, { base: head.replace('A18=b', 'A18=c') }));
    expect(run(model).map(({ kind }) => kind)).toEqual(['create comment']);
    expect(summaryIn(model)).toContain('1 edit, in the diff below.');
    expect(summaryIn(model)).toContain('no: the pull request does not show these lines');
  });

  it('says nothing on lines where GitHub leaves out the patch, or gives that of another text', () => {
    const large = modelOf(file(TWO, { isLarge: true }));
    expect(run(large).map(({ kind }) => kind)).toEqual(['create comment']);
    const model = modelOf(file(TWO));
    const [pulled] = pullFiles(model);
    const { operations } = reviewOf({
      head: HEAD,
      files: [{ ...pulled!, patch: pulled!.patch!.replace('ENV A=b', 'ENV A=c') }],
      conversation: conversationOf(model),
      facts,
      settings: SETTINGS,
    });
    expect(operations.map(({ kind }) => kind)).toEqual(['create comment']);
  });

  it('keeps to the summary, or to the check, where that is wanted', () => {
    const model = modelOf(file(TWO));
    expect(run(model, { comments: 'summary' }).map(({ kind }) => kind)).toEqual(['create comment']);
    expect(summaryIn(model)).not.toContain('suggested');
    const { operations, check } = review(modelOf(file(TWO)), { comments: 'none', failOn: 'edit' });
    expect(operations).toEqual([]);
    expect(check.conclusion).toBe('failure');
    expect(check.title).toMatch(/^3 edits to make/);
    expect(check.annotations.map(({ startLine, level }) => [startLine, level])).toEqual(
      expect.arrayContaining([
        [2, 'warning'],
        [5, 'warning'],
      ]),
    );
  });

  it('does not suggest an edit for which another file must change, nor what stands in for one', () => {
    const context = contextFrom({ 'package.json': '{}', '.git/HEAD': 'x', 'server.js': 'x' });
    const model = modelOf(
      file(lines('FROM node:22', 'COPY . .', 'CMD ["node", "server.js"]'), {
        options: { context },
      }),
    );
    run(model);
    expect(summaryIn(model)).toContain('--- /dev/null\n+++ b/app/.dockerignore');
    expect(summaryIn(model)).toContain('no: another file must change with it');
    for (const { body } of model.lineComments) expect(body).not.toContain('dockerignore');
  });

  it('tells of a file that could not be read, and of one that no builder takes', () => {
    const settings = { ...SETTINGS, failOn: 'error' } as const;
    const { operations, check } = reviewOf({
      head: HEAD,
      files: [
        {
          path: 'a/Dockerfile',
          text: undefined,
          patch: undefined,
          failure: 'has 10.5 MB: only 1 MB are read',
          options: {},
        },
        {
          path: 'Dockerfile',
          text: 'FROM a\nRUNN x\n',
          patch: '@@ -0,0 +1,2 @@\n+FROM a\n+RUNN x',
          options: {},
        },
      ],
      conversation: conversationOf(modelOf()),
      facts,
      settings,
    });
    const [only] = operations;
    expect(operations).toHaveLength(1);
    expect(only).toMatchObject({
      kind: 'create comment',
      body: expect.stringContaining('**Error:** has 10.5 MB'),
    });
    expect(only).toMatchObject({ body: expect.stringContaining('**Error**, line 2') });
    expect(check).toMatchObject({ conclusion: 'failure', title: '2 files with errors' });
  });

  it('stops at a hundred comments, and at fewer where that is wanted', () => {
    const many = (count: number, path: string): ModelFile =>
      file(
        [
          'FROM debian:bookworm-slim',
          ...Array.from(
            { length: count },
            (_, at) => `RUN pip install a${at}\nENV A${at}=b\nENV B${at}=b`,
          ),
          '',
        ].join('\n'),
        { path },
      );
    const model = modelOf(many(4, 'a/Dockerfile'), many(4, 'b/Dockerfile'));
    run(model, { mostComments: 6 });
    expect(model.lineComments.filter(({ path }) => path === 'a/Dockerfile')).toHaveLength(4);
    expect(model.lineComments.filter(({ path }) => path === 'b/Dockerfile')).toHaveLength(2);
    expect(summaryIn(model)).toContain('no: there are too many suggestions already');
    expect(review(model, { mostComments: 6 }).operations).toEqual([]);

    const full = modelOf(...Array.from({ length: 35 }, (_, at) => many(3, `${at}/Dockerfile`)));
    run(full, { mostComments: 1000 });
    expect(full.lineComments).toHaveLength(100);
  });
});

describe('lines as they are written', () => {
  it.each([
    ['tabs', 'FROM debian:bookworm-slim\n\tRUN\tpip install\tflask\n'],
    ['no line end at the end', 'FROM debian:bookworm-slim\nRUN pip install flask'],
    ['the first line', 'FROM node:22\nCMD ["node", "a.js"]\n'],
    ['a byte order mark', '\ufeffFROM debian:bookworm-slim\nENV A=b\nRUN pip install flask\n'],
    ['backticks', 'FROM debian:bookworm-slim\nRUN pip install flask && echo "````" `date`\n'],
    [
      'a fence',
      'FROM debian:bookworm-slim\nRUN pip install flask && cat <<EOF\n```\n~~~\n```suggestion\nEOF\n',
    ],
  ])('are suggested with %s', (_, head) => {
    const model = modelOf(file(head));
    run(model);
    expect(openSuggestions(model).length).toBeGreaterThan(0);
    expect(accepted(head, openSuggestions(model))).toContain('\n');
    expect(accepted(head, openSuggestions(model))).not.toBe(head);
    expect(accepted(head, openSuggestions(model)).endsWith('\n')).toBe(head.endsWith('\n'));
  });

  it('are not suggested with CR LF, as nobody knows what becomes of them', () => {
    const model = modelOf(file(TWO.replaceAll('\n', '\r\n')));
    expect(run(model).map(({ kind }) => kind)).toEqual(['create comment']);
    expect(summaryIn(model)).toContain('this file has CR LF');
  });
});
