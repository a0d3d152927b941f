/** Are the records of images that others measured whole? */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Image {
  readonly set: number;
  readonly repository: string;
  readonly date: string;
  readonly bytes: number;
}

const { images } = JSON.parse(readFileSync('corpus/measured-outside.json', 'utf8')) as {
  images: readonly Image[];
};

it('each image is there once, with its day and its bytes', () => {
  expect(new Set(images.map(({ repository }) => repository)).size).toBe(images.length);
  for (const { repository, date, bytes } of images) {
    expect(repository).toMatch(/^[\w.-]+\/[\w.-]+$/);
    expect(date).toMatch(/^202[23]-(12|01)-\d\d$/);
    expect(bytes).toBeGreaterThan(1e6);
  }
});

it('each image is of one of the two sets', () => {
  const sizes = [1, 2].map((set) => images.filter((image) => image.set === set).length);
  expect(sizes).toEqual([43, 61]);
  expect(images).toHaveLength(104);
});
