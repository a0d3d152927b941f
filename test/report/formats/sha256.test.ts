import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { base64, sha256, shortHash } from '../../../src/report/formats/sha256.ts';

it('is what everybody else computes', () => {
  const known = (text: string): ReturnType<typeof createHash> => createHash('sha256').update(text);
  const check = (text: string): void => {
    expect(base64(sha256(text))).toBe(known(text).digest('base64'));
    expect(shortHash(text)).toBe(known(text).digest('hex').slice(0, 32));
  };
  // Around the edges of a block.
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) check('a'.repeat(length));
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check));
});
