/** Is a lockfile in sync where npm itself says so? Its own `npm ci` is asked about each pair. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { lockOf } from '../../src/ecosystems/index.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { folderWith } from '../cli/support.ts';
import { contextFrom } from '../support/contexts.ts';
import { commandOf } from './support.ts';

const run = promisify(execFile);

type Files = Readonly<Record<string, unknown>>;

/** Whether npm would install by it; offline, so that what is missing cannot be fetched. */
async function isAcceptedByNpm(files: Files): Promise<boolean> {
  const folder = folderWith({});
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(content));
  }
  const cache = ['--cache', join(folder, 'cache')];
  const args = ['ci', '--dry-run', '--offline', '--ignore-scripts', '--no-audit', ...cache];
  return run('npm', args, { cwd: folder }).then(
    () => true,
    () => false,
  );
}

/** @returns why it is not in sync, or nothing */
function whyNot(files: Files): string | undefined {
  const texts = Object.entries(files).map(([path, content]) => [path, JSON.stringify(content)]);
  const lock = lockOf(commandOf('npm install'), {
    files: contextFrom(Object.fromEntries(texts) as Record<string, string>, 'none'),
    folder: '',
    facts: loadFacts(),
    variable: () => undefined,
  });
  if (lock?.kind !== 'locked') throw new Error('there is no lockfile');
  const { verdict } = lock;
  return verdict.kind === 'differs' ? verdict.why : verdict.assumptions[0];
}

const at = (version: string, more: object = {}): object => ({
  version,
  resolved: 'https://npm.example.com/x.tgz',
  ...more,
});

/** A project and its lockfile, in sync but for what is given. */
function pair(manifest: object, root: object, packages: object, more: Files = {}): Files {
  return {
    'package.json': { name: 'app', ...manifest },
    'package-lock.json': {
      name: 'app',
      lockfileVersion: 3,
      packages: { '': { name: 'app', ...root }, ...packages },
    },
    ...more,
  };
}

const A = { dependencies: { a: '^1.0.0' } };
const AB = { 'node_modules/a': at('1.2.0', { dependencies: { b: '~2.0.0' } }) };
const B = { 'node_modules/b': at('2.0.5') };
const MEMBER = { name: 'm', version: '1.0.0', dependencies: { a: '^1.0.0' } };
const WORKSPACES = { workspaces: ['packages/*'] };
const LINKED = {
  'node_modules/m': { resolved: 'packages/m', link: true },
  'packages/m': { version: '1.0.0', dependencies: { a: '^1.0.0' } },
};

describe('a lockfile of npm', () => {
  it.each<[string, string | undefined, Files]>([
    ['has all', undefined, pair(A, A, { ...AB, ...B })],
    ['lacks a package', 'has no b@~2.0.0, which a needs', pair(A, A, AB)],
    [
      'has another version',
      'has b 2.1.0, not ~2.0.0, which a needs',
      pair(A, A, { ...AB, 'node_modules/b': at('2.1.0') }),
    ],
    [
      'was made for another range',
      'was made for a ^1.0.0, not ^2.0.0',
      pair({ dependencies: { a: '^2.0.0' } }, A, { ...AB, ...B }),
    ],
    [
      'knows nothing of a new dependency',
      'does not know c among the devDependencies',
      pair({ ...A, devDependencies: { c: '*' } }, A, { ...AB, ...B }),
    ],
    [
      'lacks an optional package',
      'has no c@*, which a needs',
      pair(A, A, { 'node_modules/a': at('1.0.0', { optionalDependencies: { c: '*' } }) }),
    ],
    [
      'lacks a peer',
      'has no c@*, which a needs',
      pair(A, A, { 'node_modules/a': at('1.0.0', { peerDependencies: { c: '*' } }) }),
    ],
    [
      'lacks an optional peer',
      undefined,
      pair(A, A, {
        'node_modules/a': at('1.0.0', {
          peerDependencies: { c: '*' },
          peerDependenciesMeta: { c: { optional: true } },
        }),
      }),
    ],
    [
      'has a package inside another',
      undefined,
      pair(A, A, { ...AB, 'node_modules/a/node_modules/b': at('2.0.1') }),
    ],
    [
      'was written with an override',
      undefined,
      pair({ ...A, overrides: { b: '3.0.0' } }, A, { ...AB, 'node_modules/b': at('3.0.0') }),
    ],
    [
      'was written before an override',
      'has b 2.0.5, not ~2.0.0, which a needs',
      pair({ ...A, overrides: { b: '3.0.0' } }, A, { ...AB, ...B }),
    ],
    [
      'has the workspaces',
      undefined,
      pair(
        WORKSPACES,
        WORKSPACES,
        { ...AB, ...B, ...LINKED },
        { 'packages/m/package.json': MEMBER },
      ),
    ],
    [
      'lacks the link of a workspace',
      'has no m@file:packages/m',
      pair(
        WORKSPACES,
        WORKSPACES,
        { ...AB, ...B, 'packages/m': LINKED['packages/m'] },
        { 'packages/m/package.json': MEMBER },
      ),
    ],
    [
      'has the package that an alias means',
      undefined,
      pair(
        { dependencies: { mine: 'npm:b@^2.0.0' } },
        { dependencies: { mine: 'npm:b@^2.0.0' } },
        {
          'node_modules/mine': at('2.0.5', { name: 'b' }),
        },
      ),
    ],
    [
      'has what comes bundled',
      undefined,
      pair(A, A, {
        'node_modules/a': at('1.0.0', { dependencies: { c: '*' }, bundleDependencies: ['c'] }),
      }),
    ],
  ])('that %s', async (_, why, files) => {
    expect(whyNot(files)).toBe(why);
    expect(await isAcceptedByNpm(files)).toBe(why === undefined);
  });

  it.each<[string, string, Files]>([
    [
      'has a looser range than before',
      'was made for a ^1.0.0, not >=1.0.0',
      pair({ dependencies: { a: '>=1.0.0' } }, A, { ...AB, ...B }),
    ],
    [
      'was written for one more',
      'still has c among the dependencies',
      pair(
        A,
        { dependencies: { a: '^1.0.0', c: '*' } },
        { ...AB, ...B, 'node_modules/c': at('1.0.0') },
      ),
    ],
    [
      'has nested overrides',
      'the lockfile was written with the overrides of package.json',
      pair({ ...A, overrides: { a: { b: '2.0.5' } } }, A, { ...AB, ...B }),
    ],
  ])('that %s is refused, although npm takes it', async (_, why, files) => {
    expect(whyNot(files)).toBe(why);
    expect(await isAcceptedByNpm(files)).toBe(true);
  });

  it('of another workspace than there is, is refused where npm sees no difference', () => {
    const changed = { ...MEMBER, dependencies: { a: '^1.0.0', c: '^1.0.0' } };
    const files = pair(WORKSPACES, WORKSPACES, { ...AB, ...B, ...LINKED });
    expect(whyNot({ ...files, 'packages/m/package.json': changed })).toBe(
      'does not know c among the dependencies in packages/m',
    );
    expect(whyNot(files)).toBe('has the folder packages/m, which is not there before the install');
  });
});
