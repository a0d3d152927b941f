/** Are the records of images that others measured whole? */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadFacts } from '../../src/facts/load.ts';
import { outsideBill } from './outside-bill.ts';

const { images } = JSON.parse(readFileSync('corpus/measured-outside.json', 'utf8')) as {
  images: readonly { readonly repository: string; readonly date: string; readonly bytes: number }[];
};

it('each image is there once, with its day and its bytes', () => {
  expect(images.length).toBeGreaterThanOrEqual(43);
  expect(new Set(images.map(({ repository }) => repository)).size).toBe(images.length);
  for (const { repository, date, bytes } of images) {
    expect(repository).toMatch(/^[\w.-]+\/[\w.-]+$/);
    expect(date).toMatch(/^202[23]-(12|01)-\d\d$/);
    expect(bytes).toBeGreaterThan(1e6);
  }
});

it('a bill of the base alone says where nothing is known', () => {
  const facts = loadFacts();
  expect(outsideBill('FROM scratch\n', facts).total.bytes).toBe(0);
  const known = outsideBill('FROM alpine:3.17 AS a\nFROM a\n', facts);
  expect(known.lines).toMatchObject([{ what: 'alpine:3.17' }]);
  expect(known.total.bytes).toBeGreaterThan(5e6);
  expect(outsideBill('FROM example.com/who:1\n', facts).lines[0]?.isUnknown).toBe(true);
});
