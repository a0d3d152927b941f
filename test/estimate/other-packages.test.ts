/** Bills of images that install packages with apk and dnf. */
import { expect, it } from 'vitest';
import { parse } from '../../src/dockerfile/parse.ts';
import { shippedBill } from '../../src/estimate/image-size.ts';
import { loadFacts } from '../../src/facts/load.ts';

const facts = loadFacts();

const linesOf = (run: string, base = 'alpine:3.17') =>
  shippedBill(parse(`FROM ${base}\nRUN ${run}\n`), { context: undefined, facts }).lines.slice(1);

const bytesOf = (run: string, base?: string): number =>
  linesOf(run, base).reduce((sum, { amount }) => sum + amount.bytes, 0);

it('apk add counts packages, and the index where it is kept', () => {
  expect(linesOf('apk add --no-cache git')).toMatchObject([{ kind: 'packages', what: 'git' }]);
  const kept = linesOf('apk add git');
  expect(kept.map(({ kind }) => kind).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'leavings',
    'packages',
  ]);
  expect(bytesOf('apk add git && rm -rf /var/cache/apk/*')).toBe(bytesOf('apk add --no-cache git'));
});

it('what the same RUN deletes again does not count', () => {
  const all = bytesOf('apk add --no-cache --virtual .build gcc make');
  expect(all).toBeGreaterThan(100e6);
  const gone = 'apk add --no-cache --virtual .build gcc make && make && apk del .build';
  expect(bytesOf(gone)).toBeLessThan(all / 10);
  const named = 'apk add --no-cache gcc curl && apk del gcc';
  expect(bytesOf(named)).toBe(bytesOf('apk add --no-cache curl'));
});

it('what a later RUN deletes still counts', () => {
  const file = parse('FROM alpine:3.17\nRUN apk add --no-cache gcc\nRUN apk del gcc\n');
  expect(shippedBill(file, { context: undefined, facts }).total.bytes).toBeGreaterThan(100e6);
});

it('dnf install counts packages and metadata, which clean takes away', () => {
  const run = 'dnf install -y gcc make';
  expect(bytesOf(run, 'fedora:37')).toBeGreaterThan(400e6);
  expect(bytesOf(`${run} && dnf clean all`, 'fedora:37')).toBeLessThan(200e6);
});
