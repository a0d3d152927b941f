import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadManifests } from '../../src/facts/load-manifests.ts';
import { usesReader } from '../../src/sources/read-uses.ts';

let top: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'dfopt-uses-'));
});

afterEach(() => {
  rmSync(top, { recursive: true, force: true });
});

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
  }
}

const read = (
  folder: string,
  isStampOnly = false,
): ReturnType<ReturnType<typeof usesReader>['of']> =>
  usesReader(loadManifests()).of(join(top, folder), isStampOnly);

describe('files that tell how an image is used', () => {
  it('are those on the way down to the context', () => {
    write({
      '.git/HEAD': '',
      'compose.yaml': 'top',
      'main.go': 'package main',
      '.github/workflows/ci.yml': 'ci',
      '.github/dependabot.yml': 'no',
      'services/Makefile': 'below',
      'services/api/README.md': 'own',
      'services/api/deploy/compose.yml': 'kept apart',
      'services/api/src/compose.yml': 'of the program',
      'services/web/compose.yaml': 'of another',
    });
    const { uses } = read('services/api');
    expect(uses.at).toBe('services/api');
    expect([...uses.texts]).toEqual([
      ['compose.yaml', 'top'],
      ['.github/workflows/ci.yml', 'ci'],
      ['services/Makefile', 'below'],
      ['services/api/README.md', 'own'],
      ['services/api/deploy/compose.yml', 'kept apart'],
    ]);
  });

  it('are those of the folder alone where there is no repository', () => {
    write({ 'compose.yaml': 'above', 'app/compose.yaml': 'own' });
    const { uses } = read('app');
    expect(uses).toEqual({ at: '', texts: new Map([['compose.yaml', 'own']]) });
  });

  it('are no links, no large ones and no bytes that are no text', () => {
    write({ '.git/HEAD': '', secret: 'no', 'docker-compose.big.yml': 'x'.repeat(300_000) });
    symlinkSync(join(top, 'secret'), join(top, 'compose.yaml'));
    writeFileSync(join(top, 'Makefile'), Buffer.from([0xff, 0xfe, 0xfd]));
    expect(read('').uses.texts.size).toBe(0);
  });

  it('are known by their stamps without their texts', () => {
    write({ '.git/HEAD': '', 'compose.yaml': 'top' });
    const { uses, stamped } = read('', true);
    expect(uses.texts.size).toBe(0);
    expect(stamped.map(({ path }) => path)).toEqual(['compose.yaml']);
  });
});
