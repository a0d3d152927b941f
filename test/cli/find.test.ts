import { mkdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findDockerfiles } from '../../src/sources/find-files.ts';
import { folderWith } from './support.ts';

function found(folder: string, start = '.'): string[] {
  return findDockerfiles(join(folder, start)).paths.map((path) => relative(folder, path));
}

const empty = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, '']));

describe('findDockerfiles', () => {
  it('knows Dockerfiles by their names', () => {
    const yes = [
      'Containerfile',
      'Containerfile.dev',
      'DOCKERFILE',
      'Dockerfile',
      'Dockerfile.go',
      'Dockerfile.x.y',
      'api.Dockerfile',
      'deep/er/web.dockerfile',
      'dockerfile',
    ];
    const no = [
      '.dockerignore',
      'Dockerfile.dockerignore',
      'Dockerfile.md',
      'Dockerfile.txt',
      'Dockerfile.j2',
      'Dockerfile~',
      'Dockerfiles',
      'dockerfile.go',
      'myDockerfile',
      'Makefile',
      '.git/Dockerfile',
      'node_modules/x/Dockerfile',
      'deep/node_modules/Dockerfile',
    ];
    expect(found(folderWith(empty([...yes, ...no]))).toSorted()).toEqual(yes.toSorted());
  });

  it('leaves out what .gitignore files leave out, nested ones too', () => {
    const folder = folderWith({
      ...empty([
        '.git/HEAD',
        'Dockerfile',
        'build/Dockerfile',
        'kept/build/Dockerfile',
        'kept/Dockerfile.local',
        'sub/Dockerfile',
        'sub/Dockerfile.local',
        'sub/only/Dockerfile',
        'sub/case/Dockerfile',
      ]),
      '.gitignore': '\ufeffbuild/\n*.local\nCASE\n',
      'kept/.gitignore': '!build/\n',
      'sub/.gitignore': 'only\n!Dockerfile.local\n',
    });
    expect(found(folder)).toEqual([
      'Dockerfile',
      'kept/build/Dockerfile',
      'sub/Dockerfile',
      'sub/Dockerfile.local',
      'sub/case/Dockerfile',
    ]);
  });

  it('knows the rules from the top of the repository down, and not those above it', () => {
    const folder = folderWith({
      ...empty(['repo/.git/HEAD', 'repo/a/b/Dockerfile', 'repo/a/b/out/Dockerfile']),
      '.gitignore': 'Dockerfile\n',
      'repo/.gitignore': 'out\n',
    });
    expect(found(folder, 'repo/a/b')).toEqual(['repo/a/b/Dockerfile']);
    // Who names an ignored folder means it.
    expect(found(folder, 'repo/a/b/out')).toEqual(['repo/a/b/out/Dockerfile']);
  });

  it('takes links to files, and follows none to folders', () => {
    const folder = folderWith(empty(['real/prod', 'real/Dockerfile']));
    symlinkSync('real/prod', join(folder, 'Dockerfile'));
    symlinkSync('.', join(folder, 'loop'));
    symlinkSync('nowhere', join(folder, 'Dockerfile.gone'));
    symlinkSync('Dockerfile.self', join(folder, 'Dockerfile.self'));
    mkdirSync(join(folder, 'Dockerfile.d'));
    expect(found(folder)).toEqual(['Dockerfile', 'real/Dockerfile']);
  });
});
