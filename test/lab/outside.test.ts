/** Are the records of images that others measured whole? */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

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
