import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import picocolors from 'picocolors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { displayedDiff, unifiedDiff } from '../../src/report/diff.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dfopt-diff-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `git apply` makes of a file with the diff between the two texts. */
function applied(name: string, before: string, after: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, before);
  const { status, stderr } = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], {
    cwd: folder,
    input: unifiedDiff(name, before, after),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return readFileSync(path, 'utf8');
}

const line = fc
  .tuple(
    fc.constantFrom('', 'RUN a', '-- x', '++ y', ' b', '\\', '@@ -1 +1 @@', 'é', '\u2028', 'a\rb'),
    fc.constantFrom('\n', '\n', '\r\n'),
  )
  .map((parts) => parts.join(''));
const text = fc
  .tuple(
    fc.constantFrom('', '\ufeff'),
    fc.array(line, { minLength: 1, maxLength: 12 }),
    fc.constantFrom('', 'CMD x'),
  )
  .map(([bom, lines, last]) => bom + lines.join('') + last);

describe('unifiedDiff', () => {
  it('creates a file, of which git apply makes every byte', () => {
    const create = (name: string, after: string): string => {
      rmSync(join(folder, name), { force: true });
      const input = unifiedDiff(name, undefined, after);
      expect(input).toContain(`--- /dev/null\n+++ `);
      const options = { cwd: folder, input, encoding: 'utf8' as const };
      const { status, stderr } = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], options);
      if (status !== 0) throw new Error(stderr);
      return readFileSync(join(folder, name), 'utf8');
    };
    for (const after of ['a\n', 'a', 'a\r\n\nb ']) {
      expect(create('.dockerignore', after)).toBe(after);
      expect(create('a b/new', after)).toBe(after);
    }
  });

  it('may be one of several on one file, which git apply takes one after the other', () => {
    const diffs = [undefined, 'a\n', 'a\nb\n', 'a\nb\nc\n'];
    const input = diffs.slice(1).map((after, at) => unifiedDiff('grows', diffs[at], after!));
    const options = { cwd: folder, input: input.join(''), encoding: 'utf8' as const };
    expect(spawnSync('git', ['apply', '-'], options)).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(join(folder, 'grows'), 'utf8')).toBe('a\nb\nc\n');
  });

  it('is accepted by git apply and reproduces every byte', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after);
        expect(applied('Dockerfile', before, after)).toBe(after);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    'my file',
    'sub folder/Dockerfile',
    'Dockerfile 2020-01-01 10:00:00 +0000',
    'dé/Dockerfile.ü',
    'quo"te',
    "it's",
    'back\\slash',
    'tab\tname',
    'line\nend',
    '\u001b[31m',
    'b/b',
  ])('names the file %j as git apply reads it', (name) => {
    expect(applied(name, 'FROM a\n', 'FROM b\n')).toBe('FROM b\n');
  });

  it('is empty where nothing changed', () => {
    expect(unifiedDiff('Dockerfile', 'FROM a\n', 'FROM a\n')).toBe('');
  });

  it('has names that git apply takes for a path from the root', () => {
    expect(unifiedDiff('/srv/Dockerfile', 'a\n', 'b\n')).toMatch(/^--- a\/srv\/Dockerfile\n/);
  });
});

describe('displayedDiff', () => {
  it('shows control characters and does not send them', () => {
    const diff = unifiedDiff(
      'Dockerfile',
      'FROM a\r\n\tx\u001b[2J\n',
      'FROM b\r\n\ty\u009b2J\rz\n',
    );
    expect(displayedDiff(diff, picocolors.createColors(false))).toBe(
      '--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,2 +1,2 @@\n' +
        '-FROM a\r\n-\tx\\u001b[2J\n+FROM b\r\n+\ty\\u009b2J\\u000dz\n',
    );
  });

  it('paints lines by their mark', () => {
    const colors = picocolors.createColors(true);
    const shown = displayedDiff(unifiedDiff('Dockerfile', '-- a\nc\n', '++ b\nc\n'), colors);
    expect(shown).toContain(colors.bold('--- a/Dockerfile'));
    expect(shown).toContain(colors.red('--- a'));
    expect(shown).toContain(colors.green('+++ b'));
    expect(shown).toContain('\n c\n');
  });
});
