/**
 * The corpus: every case says what it teaches and how to tell that it works, and what dfopt makes of
 * it is what corpus/expected/ says; `UPDATE=1` writes that anew, and a person reads the diff.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Result } from '../src/pipeline.ts';
import { folderWith } from './cli/support.ts';
import { caseNames, CORPUS, editedFile, readCase } from './lab/case.ts';
import { rewritten } from './lab/rewritten.ts';

const names = caseNames();

describe('the corpus', () => {
  it.each(names)('%s says how to tell that it works, and what a developer edits', (name) => {
    const one = readCase(name);
    const edited = editedFile(one);
    if (edited) {
      expect(edited.text).not.toBe(readFileSync(join(one.folder, edited.path), 'utf8'));
    }
  });

  it.each(names)('%s becomes what is expected, and nothing more when run again', (name) => {
    const one = readCase(name);
    const { sources, result } = rewritten(one);
    expect(result.diagnostics.filter(({ severity }) => severity !== 'warning')).toEqual([]);
    const folder = join(CORPUS, 'expected', name);
    expectFile(join(folder, 'Dockerfile'), sources.after.text);
    expectFile(join(folder, 'dockerignore'), result.files[0]?.after);
    expectFile(join(folder, 'edits'), editsOf(result));
    const copy = join(folderWith({}), 'context');
    cpSync(one.folder, copy, { recursive: true });
    writeFileSync(join(copy, 'Dockerfile'), sources.after.text);
    if (result.files[0]) writeFileSync(join(copy, result.files[0].path), result.files[0].after);
    const again = rewritten({ ...one, folder: copy });
    expect(again.result.output).toBe(sources.after.text);
    expect(again.result.files).toEqual([]);
  });

  it('has its shares: half Node and Python, a quarter compiled to machine code at most', () => {
    const languages = names.map((name) => readCase(name).language ?? name.split('/')[0]!);
    const share = (...some: readonly string[]): number =>
      languages.filter((each) => some.includes(each)).length / names.length;
    expect(names.length).toBeGreaterThanOrEqual(30);
    expect(share('node', 'python')).toBeGreaterThanOrEqual(0.5);
    expect(share('go', 'rust', 'c', 'cpp')).toBeLessThanOrEqual(0.25);
  });
});

/** One line an edit: what a change of the passes adds, loses or refuses. */
function editsOf({ remarks }: Result): string {
  return remarks
    .map(({ outcome, level, pass, origin, message }) => {
      const kind = outcome === 'missed' ? outcome : `${outcome} ${level}`;
      return `${origin.line} ${pass} (${kind}): ${message}\n`;
    })
    .join('');
}

function expectFile(path: string, text: string | undefined): void {
  if (process.env['UPDATE'] === '1') {
    rmSync(path, { force: true });
    mkdirSync(dirname(path), { recursive: true });
    if (text !== undefined) writeFileSync(path, text);
  }
  expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined).toBe(text);
}
