/** Is a folder listed once, and is what a list cannot know asked of the system? */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { foldersOnce } from '../../src/sources/folders.ts';
import { folderWith } from '../cli/support.ts';

const namesIn = (folder: string, folders = foldersOnce()): string[] =>
  folders.entries(folder).map(({ name }) => name);

it('lists a folder once, in the order of names, until it is told to forget', () => {
  const folder = folderWith({ b: '', a: '', C: '' });
  const folders = foldersOnce();
  expect(namesIn(folder, folders)).toEqual(['C', 'a', 'b']);
  writeFileSync(join(folder, 'd'), '');
  expect(namesIn(folder, folders)).toEqual(['C', 'a', 'b']);
  folders.forget();
  expect(namesIn(folder, folders)).toEqual(['C', 'a', 'b', 'd']);
});

it('does not keep more than it may, and is right all the same', () => {
  const [one, other] = [folderWith({ a: '', b: '' }), folderWith({ c: '', d: '' })];
  const folders = foldersOnce(3);
  for (const [folder, names] of [
    [one, ['a', 'b']],
    [other, ['c', 'd']],
  ] as const) {
    expect(namesIn(folder, folders)).toEqual(names);
    writeFileSync(join(folder, 'x'), '');
  }
  expect([namesIn(one, folders), namesIn(other, folders)]).toEqual([
    ['a', 'b'],
    ['c', 'd', 'x'],
  ]);
});

it('says each time why a folder cannot be listed, and that it may have anything', () => {
  const folders = foldersOnce();
  const nowhere = join(folderWith({}), 'nowhere');
  for (const _ of [1, 2]) expect(() => folders.entries(nowhere)).toThrow('ENOENT');
  expect(folders.mayHave(nowhere, ['x'])).toBe(true);
});

it('finds names in whatever case, here or above', () => {
  const folder = folderWith({ '.EditorConfig': '', 'deep/er/x': '' });
  const folders = foldersOnce();
  expect(folders.mayHave(folder, ['.editorconfig'])).toBe(true);
  expect(folders.mayHave(folder, ['editorconfig'])).toBe(false);
  expect(folders.nearest(join(folder, 'deep/er'), ['.editorconfig'])).toBe(folder);
  expect(folders.nearest(folder, ['there is no such name'])).toBeUndefined();
});

it('knows what is there as the system does: links lead somewhere or nowhere', () => {
  const folder = folderWith({ 'a/b': '', c: '' });
  symlinkSync('a', join(folder, 'to-a'));
  symlinkSync('nowhere', join(folder, 'to-nowhere'));
  mkdirSync(join(folder, 'd'));
  for (const folders of [foldersOnce(), foldersOnce()]) {
    const has = (path: string): boolean => folders.has(folder, path);
    const all = ['a', 'a/b', 'c', 'd', 'd/', 'to-a', 'to-a/b', '.', '', './a', 'a/../c', '../.'];
    expect(all.filter((path) => !has(path))).toEqual([]);
    expect(['to-nowhere', 'x', 'a/x', 'c/x', 'd/x'].filter(has)).toEqual([]);
    folders.entries(folder);
    expect(all.filter((path) => !has(path))).toEqual([]);
    expect(['to-nowhere', 'x', 'a/x', 'c/x', 'd/x'].filter(has)).toEqual([]);
  }
  const folders = foldersOnce();
  folders.entries(folder);
  writeFileSync(join(folder, 'new'), '');
  expect(folders.has(folder, 'new')).toBe(true);
  rmSync(join(folder, 'c'));
  folders.forget();
  expect(folders.has(folder, 'c')).toBe(false);
});
