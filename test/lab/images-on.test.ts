/** Do rows about images go back to a day? */
import { describe, expect, it } from 'vitest';
import { imageOf } from '../../src/analysis/images.ts';
import { imageName } from '../../src/analysis/stages.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { imagesOn } from './images-on.ts';

const facts = loadFacts();
const then = { ...facts, images: imagesOn(facts.images, '2022-12-28') };

describe('images on a day', () => {
  it.each([
    ['python:3.9', 'bullseye'],
    ['golang:latest', 'bullseye'],
    ['ubuntu:latest', 'jammy'],
    ['debian:bookworm', 'bookworm'],
  ])('%s stands on %s', (name, suite) => {
    expect(imageOf(imageName(name), then)?.distribution?.suite).toBe(suite);
  });

  it('leaves today as it is', () => {
    const now = { ...facts, images: imagesOn(facts.images, '2026-11-21') };
    for (const name of ['python:3.9', 'golang:latest', 'ubuntu:latest', 'alpine:3.17']) {
      expect(imageOf(imageName(name), now)?.size).toEqual(imageOf(imageName(name), facts)?.size);
    }
  });
});
