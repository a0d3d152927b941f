/** What becomes of what a review said when it is made again: after a push, and after people had their say. */
import { describe, expect, it } from 'vitest';
import { markerOf } from '../../src/bot/marker.ts';
import type { LineComment } from '../../src/bot/review.ts';
import { deliver, modelOf, openSuggestions, suggestionIn, type Model } from './pull-model.ts';
import { file, lines, review, run, summaryIn, TWO } from './review-support.ts';

const PIP = 2;
const APT = 5;

function reviewed(): Model {
  const model = modelOf(file(TWO));
  run(model);
  expect(model.lineComments.map(({ line }) => line)).toEqual([PIP, APT]);
  return model;
}

function at(model: Model, line: number): Model['lineComments'][number] {
  return model.lineComments.find((each) => each.line === line && !isGone(each))!;
}

function isGone({ body }: LineComment): boolean {
  return markerOf('suggestion', body, undefined)?.isGone === true;
}

/** Somebody pushes: GitHub moves comments along, and those whose lines changed are outdated. */
function push(model: Model, head: string, moved: (line: number) => number | null): void {
  model.files = [file(head)];
  for (const comment of model.lineComments) {
    const line = comment.line === null ? null : moved(comment.line);
    if (comment.startLine !== null && comment.line !== null && line !== null) {
      comment.startLine += line - comment.line;
    }
    comment.line = line;
  }
}

function answer(model: Model, to: LineComment, body = 'No, thanks'): void {
  const { path, line, startLine } = to;
  model.lineComments.push({
    id: 77_000 + model.lineComments.length,
    isOwn: false,
    body,
    path,
    line,
    startLine,
    inReplyTo: to.id,
  });
}

describe('a second review', () => {
  it('of the same head says nothing', () => {
    const model = reviewed();
    expect(run(model)).toEqual([]);
  });

  it('says nothing where GitHub gives back texts with CR LF and without blanks at the end', () => {
    const model = reviewed();
    for (const each of [...model.lineComments, ...model.comments]) {
      each.body = each.body.trimEnd().replaceAll('\n', '\r\n');
    }
    expect(run(model)).toEqual([]);
  });

  it('keeps comments that GitHub moved along with their lines', () => {
    const model = reviewed();
    push(model, TWO.replace('ENV A=b', 'ENV A=b\nENV X=y'), (line) => (line > 3 ? line + 1 : line));
    expect(run(model).map(({ kind }) => kind)).toEqual(['update comment']);
    expect(run(model)).toEqual([]);
  });

  it('brings a comment up to date whose words are others now', () => {
    const model = reviewed();
    const body = at(model, PIP).body;
    at(model, PIP).body = body.replace(/"body":"\w+"/, '"body":"0000"').replace(/flask/, 'x');
    expect(run(model)).toEqual([{ kind: 'update line comment', id: at(model, PIP).id, body }]);
    expect(run(model)).toEqual([]);
  });

  it('takes back what is done, and leaves the rest', () => {
    const model = reviewed();
    const [pip] = model.lineComments;
    push(model, TWO.replace('pip install flask', 'pip install --no-cache-dir flask'), (line) =>
      line === PIP ? null : line,
    );
    expect(run(model).map(({ kind }) => kind)).toEqual([
      'update line comment',
      'resolve thread',
      'update comment',
    ]);
    expect(suggestionIn(pip!.body)).toBeUndefined();
    expect(pip!.thread!.isResolved).toBe(true);
    expect(openSuggestions(model).map(({ line }) => line)).toEqual([APT]);
    expect(run(model)).toEqual([]);
  });

  it('moves an edit whose lines are others now: the old one is taken back, the new one posted', () => {
    const model = reviewed();
    const [pip] = model.lineComments;
    push(model, TWO, (line) => (line === PIP ? null : line));
    const plan = run(model);
    expect(plan.map(({ kind }) => kind)).toEqual([
      'update line comment',
      'resolve thread',
      'post review',
    ]);
    expect(isGone(pip!)).toBe(true);
    expect(
      openSuggestions(model)
        .map(({ line }) => line!)
        .toSorted((one, other) => one - other),
    ).toEqual([PIP, APT]);
    expect(run(model)).toEqual([]);
  });

  it('says in the end that nothing is left, once', () => {
    const model = reviewed();
    push(model, lines('FROM scratch', 'CMD ["/x"]'), () => null);
    run(model);
    expect(summaryIn(model)).toContain('nothing left to change');
    expect(openSuggestions(model)).toEqual([]);
    expect(run(model)).toEqual([]);
  });

  it('takes everything back where the Dockerfile left the pull request', () => {
    const model = reviewed();
    model.files = [];
    run(model);
    expect(openSuggestions(model)).toEqual([]);
    expect(run(model)).toEqual([]);
  });

  it('takes back what comments may not say any more, and resolves only what it may', () => {
    const model = reviewed();
    for (const each of model.lineComments) delete each.thread;
    const plan = run(model, { comments: 'summary' });
    expect(plan.map(({ kind }) => kind)).toEqual([
      'update line comment',
      'update line comment',
      'update comment',
    ]);
    expect(run(model, { comments: 'summary' })).toEqual([]);
  });

  it('goes on where it was interrupted', () => {
    const { operations } = review(modelOf(file(TWO)));
    for (let done = 0; done <= operations.length; done++) {
      const model = modelOf(file(TWO));
      const all = review(model).operations;
      deliver(model, all.slice(0, done));
      run(model);
      expect(openSuggestions(model)).toHaveLength(2);
      expect(model.comments).toHaveLength(1);
      expect(model.reviews).toHaveLength(1);
      expect(run(model)).toEqual([]);
    }
  });

  it('says twice what is there twice only once', () => {
    const model = reviewed();
    const [pip] = model.lineComments;
    model.lineComments.push({ ...pip!, id: 99_999, thread: { id: 'T99999', isResolved: false } });
    run(model);
    expect(isGone(pip!)).toBe(false);
    expect(isGone(model.lineComments.at(-1)!)).toBe(true);
    expect(run(model)).toEqual([]);
  });
});

describe('people who do not want an edit', () => {
  const ways: readonly [string, (model: Model) => void][] = [
    [
      'resolve its conversation',
      (model) => (at(model, PIP).thread = { id: 'T', isResolved: true }),
    ],
    ['hide its comment', (model) => (at(model, PIP).isMinimized = true)],
    [
      'delete its comment',
      (model) => {
        model.lineComments.splice(model.lineComments.indexOf(at(model, PIP)), 1);
      },
    ],
  ];

  it.each(ways)('%s, and it is not made again', (_, act) => {
    const model = reviewed();
    act(model);
    const before = model.lineComments.length;
    run(model);
    expect(summaryIn(model)).toContain('1 edit dismissed');
    expect(summaryIn(model)).toContain('--deny');
    expect(summaryIn(model)).not.toContain('--no-cache-dir');
    expect(run(model)).toEqual([]);
    push(model, TWO.replace('ENV A=b', 'ENV A=b\nENV X=y'), (line) => (line > 3 ? line + 1 : line));
    run(model);
    push(model, TWO.replace('ENV A=b', 'ENV B=c'), () => null);
    run(model);
    const again = model.lineComments
      .slice(before)
      .map(({ body }) => suggestionIn(body)?.join('\n'));
    expect(again.filter((each) => each?.includes('--no-cache-dir'))).toEqual([]);
    expect(run(model)).toEqual([]);
  });

  it('are not told of anything where nothing else is left', () => {
    const model = reviewed();
    for (const each of model.lineComments) each.thread = { id: `T${each.id}`, isResolved: true };
    run(model);
    expect(summaryIn(model)).toContain('nothing left to change');
    expect(run(model)).toEqual([]);
  });

  it('may delete the summary, which does not come back', () => {
    const model = reviewed();
    model.comments.length = 0;
    expect(run(model)).toEqual([]);
    push(model, TWO.replace('install flask', 'install --no-cache-dir flask'), (line) =>
      line === PIP ? null : line,
    );
    run(model);
    expect(model.comments).toEqual([]);
  });

  it('may answer: the comment stays as it is, and does not come twice', () => {
    const model = reviewed();
    answer(model, at(model, PIP));
    expect(run(model)).toEqual([]);
    push(model, TWO, (line) => (line === PIP ? null : line));
    run(model);
    const all = model.lineComments.filter(({ body }) =>
      suggestionIn(body)?.join().includes('--no-cache-dir'),
    );
    expect(all).toEqual([model.lineComments[0]]);
    expect(model.lineComments[0]!.thread!.isResolved).toBe(false);
    expect(model.reviews).toHaveLength(1);
    expect(run(model)).toEqual([]);
  });

  it('may answer, and then what is wrong by now is taken back all the same', () => {
    const model = reviewed();
    const pip = at(model, PIP);
    answer(model, pip);
    expect(run(model, { comments: 'summary' })).toContainEqual(
      expect.objectContaining({ kind: 'update line comment', id: pip.id }),
    );
    expect(isGone(pip)).toBe(true);
    expect(pip.thread!.isResolved).toBe(false);
    run(model);
    expect(openSuggestions(model).map(({ line }) => line)).toEqual([APT]);
    expect(run(model)).toEqual([]);
  });

  it('are not the bot, which answers itself', () => {
    const model = reviewed();
    answer(model, at(model, PIP));
    model.lineComments.at(-1)!.isOwn = true;
    push(model, TWO, (line) => (line === PIP ? null : line));
    run(model);
    expect(model.reviews).toHaveLength(2);
  });

  it('dismiss an edit in one file, not the same one in another', () => {
    const two = modelOf(file(TWO), file(TWO, { path: 'other/Dockerfile' }));
    run(two);
    expect(two.lineComments).toHaveLength(4);
    for (const each of two.lineComments) {
      if (each.path === 'app/Dockerfile') each.thread = { id: `T${each.id}`, isResolved: true };
    }
    run(two);
    expect(openSuggestions(two).map(({ path }) => path)).toEqual([
      'other/Dockerfile',
      'other/Dockerfile',
    ]);
    expect(run(two)).toEqual([]);
  });
});
