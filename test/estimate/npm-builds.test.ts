/** Do builds by tools of Node weigh what they were seen to weigh, and lie their caches where they lie? */
import { describe, expect, it } from 'vitest';
import { loadFacts } from '../../src/facts/load.ts';
import { weightsOf } from '../lab/npm-measured.ts';

const facts = loadFacts();

interface Built {
  readonly script: string;
  /** Bytes of the project's own code. */
  readonly sources: number;
  readonly dependencies: string;
  readonly files?: Readonly<Record<string, string>>;
  /** What was measured, by folder. */
  readonly makes: Readonly<Record<string, number>>;
}

/**
 * Small applications of made-up views and services, built on 2026-11-21. A model has one or two of them
 * to go by, and they are smaller than most: the ranges are wide for that reason.
 */
const BUILDS: readonly Built[] = [
  {
    script: 'vite build',
    sources: 16_954,
    dependencies: 'react@18 react-dom@18 react-router-dom@6 axios@1',
    makes: { dist: 211_627 },
  },
  {
    script: 'vite build',
    sources: 142_918,
    dependencies:
      'react@18 react-dom@18 @mui/material@5 @emotion/react@11 @emotion/styled@11 recharts@2',
    makes: { dist: 779_480 },
  },
  {
    script: 'webpack --mode production --output-path dist',
    sources: 49_518,
    dependencies: 'react@18 react-dom@18 lodash@4 moment@2',
    makes: { dist: 573_119 },
  },
  {
    script: 'tsc',
    sources: 109_844,
    dependencies: 'express@4',
    files: { 'tsconfig.json': '{ "compilerOptions": { "outDir": "dist" } }' },
    makes: { dist: 101_390 },
  },
  {
    script: 'tsc',
    sources: 109_879,
    dependencies: 'express@4',
    files: {
      'tsconfig.json':
        '{ "compilerOptions": { "outDir": "dist", "sourceMap": true, "declaration": true } }',
    },
    makes: { dist: 267_780 },
  },
  {
    script: 'nest build',
    sources: 71_872,
    dependencies: '@nestjs/common@10 @nestjs/core@10 rxjs@7',
    files: {
      'nest-cli.json': '{ "sourceRoot": "src" }',
      'tsconfig.json':
        '{ "compilerOptions": { "outDir": "dist", "sourceMap": true, "declaration": true, "incremental": true } }',
    },
    makes: { dist: 287_977 },
  },
  {
    script: 'esbuild src/main.ts --bundle --platform=node --outdir=dist --minify',
    sources: 28_167,
    dependencies: 'express@4 axios@1',
    makes: { dist: 992_952 },
  },
  {
    script: 'next build',
    sources: 8_939,
    dependencies: 'next@14 react@18 react-dom@18',
    makes: { '.next/static': 679_541, '.next/server': 317_233, '.next/cache': 23_639_183 },
  },
  {
    script: 'next build',
    sources: 127_964,
    dependencies: 'next@14 react@18 react-dom@18',
    makes: { '.next/static': 760_854, '.next/server': 1_129_917, '.next/cache': 35_291_264 },
  },
  {
    script: 'next build',
    sources: 38_495,
    dependencies: 'next@14 react@18 react-dom@18',
    files: { 'next.config.js': "module.exports = { output: 'standalone' };" },
    makes: {
      '.next/static': 699_122,
      '.next/server': 451_671,
      '.next/standalone': 37_524_011,
      '.next/cache': 26_232_804,
    },
  },
];

function filesOf({ script, sources, dependencies, files }: Built): Record<string, string> {
  const asked = dependencies.split(' ').map((each) => {
    const at = each.lastIndexOf('@');
    return [each.slice(0, at), `^${each.slice(at + 1)}.0.0`];
  });
  return {
    'package.json': JSON.stringify({
      scripts: { build: script },
      dependencies: Object.fromEntries(asked),
    }),
    'src/all.ts': 'x'.repeat(sources),
    ...files,
  };
}

describe('a build', () => {
  it.each(BUILDS)('weighs what was measured, within its range: $script, $makes', (built) => {
    const weights = weightsOf('npm run build', filesOf(built), facts)!;
    for (const [path, bytes] of Object.entries(built.makes)) {
      const amount = weights.find((each) => each.path === `app/${path}`)?.amount;
      expect(amount, path).toBeDefined();
      expect(amount!.basis).toBe('model');
      expect(amount!.low, path).toBeLessThanOrEqual(bytes);
      expect(amount!.high, path).toBeGreaterThanOrEqual(bytes);
    }
  });

  it('is found behind npx, by yarn and by the name of the program', () => {
    const files = filesOf(BUILDS[0]!);
    for (const command of ['npx vite build', 'yarn build', 'node_modules/.bin/vite build']) {
      expect(weightsOf(command, files, facts)![0], command).toMatchObject({
        path: 'app/dist',
        kind: 'build',
        what: 'what vite makes',
      });
    }
  });

  it('is found behind npx in a script', () => {
    const files = filesOf({ ...BUILDS[3]!, script: 'npx tsc && npx tsc-alias' });
    expect(weightsOf('npm run build', files, facts)).toMatchObject([
      { path: 'app/dist', kind: 'build', what: 'what tsc makes' },
    ]);
  });

  it('by esbuild takes packages whole for Node.js, a small part for browsers, none by its wrappers', () => {
    const bytes = (script: string, dependencies = 'express@4 axios@1'): number =>
      weightsOf('npm run build', filesOf({ ...BUILDS[6]!, script, dependencies }), facts)![0]!
        .amount!.bytes;
    const node = bytes('esbuild src/main.ts --bundle --platform=node --outdir=dist');
    const browser = bytes('esbuild src/main.ts --bundle --outdir=dist');
    expect(node).toBeGreaterThan(5 * browser);
    expect(bytes('tsup src/main.ts')).toBe(bytes('tsup src/main.ts', 'react@18'));
    // The bundler itself is not bundled.
    expect(bytes('esbuild src/main.ts --bundle', 'esbuild@0')).toBeCloseTo(0.4 * 28_167);
  });

  it('copies what lies in public', () => {
    const files = filesOf(BUILDS[0]!);
    const bytes = (more: Readonly<Record<string, string>>) =>
      weightsOf('npm run build', { ...files, ...more }, facts)![0]!.amount!.bytes;
    expect(bytes({ 'public/photo.jpg': 'x'.repeat(1e6) }) - bytes({})).toBeCloseTo(1e6, -2);
  });

  it('of Next.js may run by itself', () => {
    const files = filesOf(BUILDS.at(-1)!);
    const paths = weightsOf('npm run build', files, facts)!.map(({ path, kind }) => [path, kind]);
    expect(paths).toEqual([
      ['app/.next/static', 'build'],
      ['app/.next/server', 'build'],
      ['app/.next/standalone', 'build'],
      ['app/.next/cache', 'leavings'],
    ]);
  });

  it('is taken to lie where most tools put it, where nobody knows', () => {
    const files = filesOf({ ...BUILDS[0]!, script: 'rollup -c' });
    expect(weightsOf('npm run build', files, facts)).toMatchObject([
      { path: 'app/dist', kind: 'build', what: 'what rollup makes' },
    ]);
  });

  it('is nothing where only tests run', () => {
    const files = filesOf({ ...BUILDS[0]!, script: 'jest' });
    expect(weightsOf('npm run build', files, facts)).toEqual([]);
    expect(weightsOf('node server.js', files, facts)).toBeUndefined();
  });
});
