import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { columnsOf, cut, hanging, padEnd, padStart, wrap } from '../../src/report/columns.ts';

const segmenter = new Intl.Segmenter('en');

describe('columnsOf', () => {
  it.each([
    ['abc', 3],
    ['', 0],
    ['日本語', 6],
    ['ｱ', 1],
    ['Ａ', 2],
    ['é', 1],
    ['e\u0301', 1],
    ['한', 2],
    ['🐳', 2],
    ['👩‍👩‍👧', 2],
    ['🇩🇪', 2],
    ['a\u200bb', 2],
    ['✓ ━ ▸ −', 7],
    ['\\u202e', 6],
  ])('of %j are %i', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });

  it('are one for each character that reports are made of', () => {
    for (const character of '·×–…→−━█▸✓') {
      expect(columnsOf(character)).toBe(stringWidth(character));
      expect(columnsOf(`${character}\u0301`)).toBe(stringWidth(`${character}\u0301`));
    }
    expect(columnsOf('✓\ufe0f')).toBe(stringWidth('✓\ufe0f'));
  });
});

describe('wide characters', () => {
  it('are padded and cut by their columns, and never in two', () => {
    expect(padEnd('日本', 6)).toBe('日本  ');
    expect(padStart('日本', 6)).toBe('  日本');
    expect(padEnd('日本', 2)).toBe('日本');
    expect(cut('日本語です', 6)).toBe('日本…');
    expect(cut('日本語', 6)).toBe('日本語');
    expect(cut('a👩‍👩‍👧b', 3)).toBe('a…');
    expect(cut('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…');
  });
});

describe('wrap', () => {
  it('breaks at blanks, and a word that is too wide anywhere', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('a bbbbbbbbb c', 4)).toEqual(['a', 'bbbb', 'bbbb', 'b c']);
    expect(wrap('日本語です', 4)).toEqual(['日本', '語で', 'す']);
    expect(wrap('', 10)).toEqual(['']);
  });

  it('keeps a figure with its unit', () => {
    expect(wrap('it saves 20 MB or 5 %, say', 11)).toEqual(['it saves', '20 MB or', '5 %, say']);
  });

  it('is never wider than the room, and loses nothing but blanks', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
    const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 40 }), (given, room) => {
        const lines = wrap(given, room);
        // One character of some scripts takes three columns, and nobody can part it.
        const isOne = (line: string): boolean => [...segmenter.segment(line)].length === 1;
        for (const line of lines.filter((each) => !isOne(each))) {
          expect(columnsOf(line)).toBeLessThanOrEqual(room);
        }
        const plain = (each: string): string => each.replaceAll(/\s/g, '');
        expect(plain(lines.join(''))).toBe(plain(given));
      }),
      { numRuns: 300 },
    );
  });

  it('takes its time in proportion, for a line that somebody made long', () => {
    expect(wrap('x'.repeat(80_000), 80).length).toBe(1000);
    expect(wrap('x '.repeat(40_000), 80).length).toBe(1000);
    expect(wrap('日'.repeat(4000), 80).length).toBe(100);
    expect(cut('é'.repeat(10_000), 80)).toHaveLength(80);
  });

  it('hangs behind a head', () => {
    expect(hanging('- ', 2, 'one two', 6)).toEqual(['- one', '  two']);
    expect(hanging('head: ', 2, 'one two', 10, 6)).toEqual(['head: one', '  two']);
    expect(hanging('head: ', 2, 'onetwo', 10, 6)).toEqual(['head: ', '  onetwo']);
  });
});
