/** Random patterns and trees on which Docker's own code was asked: its answers are in the file beside. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { entriesOf, isSent, type BuildContext } from '../../src/analysis/context.ts';
import { copiedBy } from '../../src/analysis/copied.ts';
import { matchPath } from '../../src/analysis/go-paths.ts';
import { contextFrom } from '../support/contexts.ts';

interface Answer {
  readonly ignore?: string;
  /** A folder ends in `/`, a link is `path -> target`. */
  readonly entries?: readonly string[];
  readonly ignored?: readonly string[];
  readonly pattern?: string;
  readonly name?: string;
  readonly answer?: boolean | 'bad';
  readonly source?: string;
  readonly excludes?: readonly string[];
  readonly hasParents?: boolean;
  /** `to/` a folder, `to -> target` a link, `to = path` a file. */
  readonly copied?: readonly string[];
}

const [, ...answers] = readFileSync(new URL('docker-says.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Answer);

function contextOf({ entries = [], ignore }: Answer): BuildContext {
  const leaves = entries.map((entry): [string, number | { target: string }] => {
    const [path, target] = entry.split(' -> ');
    return [path!, target === undefined ? 1 : { target }];
  });
  const context = contextFrom(Object.fromEntries(leaves));
  return ignore === undefined
    ? context
    : { ...context, ignore: { path: '.dockerignore', text: ignore } };
}

const plain = (entry: string): string => entry.replace(/\/$| -> .*$/, '');

it('ignores what Docker ignores', () => {
  const cases = answers.filter((each) => each.ignored);
  expect(cases.length).toBeGreaterThan(100);
  const wrong = cases.filter((each) => {
    const context = contextOf(each);
    const sent = new Set(entriesOf(context).map(({ path }) => path));
    const ignored = each.entries!.map(plain).filter((path) => !sent.has(path));
    return ignored.join('\n') !== each.ignored!.join('\n');
  });
  expect(wrong).toEqual([]);
});

it('says the same path by path, without a walk', () => {
  const wrong = answers
    .filter((each) => each.ignored)
    .flatMap((each) =>
      each.entries!.map(plain).filter((path) => {
        // Asked of a fresh context each time, so that nothing is known from another question.
        return isSent(contextOf(each), path) === each.ignored!.includes(path);
      }),
    );
  expect(wrong).toEqual([]);
});

it('matches wildcards as Go does', () => {
  const cases = answers.filter((each) => each.pattern !== undefined);
  expect(cases.length).toBeGreaterThan(100);
  const wrong = cases.filter(
    ({ pattern, name, answer }) => (matchPath(pattern!, name!) ?? 'bad') !== answer,
  );
  expect(wrong).toEqual([]);
});

it('copies what BuildKit copies, to where it copies it', () => {
  const cases = answers.filter((each) => each.copied);
  expect(cases.length).toBeGreaterThan(100);
  const wrong = cases.filter((each) => {
    const { source, excludes = [], hasParents = false } = each;
    const { entries } = copiedBy(contextOf(each), source!, { excludes, hasParents });
    // Of two sources that bring something to one place, the later counts.
    const lines = new Map(
      entries.map(({ entry: { kind, path, target }, to }) => {
        if (kind === 'folder') return [to, `${to}/`];
        return [to, kind === 'link' ? `${to} -> ${target}` : `${to} = ${path}`];
      }),
    );
    return [...lines.values()].toSorted().join('\n') !== each.copied!.toSorted().join('\n');
  });
  expect(wrong).toEqual([]);
});
