/** Do many files in several threads come out as they do one after the other, in the real program? */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DIRTY, folderWith, INVALID } from './support.ts';

const ROOT = join(import.meta.dirname, '../..');
let built: string;

/** @param plugins code of a list of esbuild's plugins */
function build(name: string, plugins = '[]'): string {
  const script = pathToFileURL(join(ROOT, 'scripts/build.mjs')).href;
  const code = `const { buildCli } = await import(${JSON.stringify(script)}); await buildCli(process.argv[1], ${plugins});`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', code, join(built, name)]);
  return join(built, name);
}

beforeAll(() => {
  // Inside the project, because that is where the bundle will lie.
  built = mkdtempSync(join(ROOT, 'node_modules', '.dfopt-test-'));
  build('program');
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function dfopt(cwd: string, args: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(built, 'program/main.js'), 'rewrite', ...args],
    { cwd, env: { PATH: process.env['PATH'] }, encoding: 'utf8', maxBuffer: 100_000_000 },
  );
  return { status, stdout, stderr };
}

/** All texts below a folder, by their paths. */
function textsIn(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => statSync(join(folder, name)).isFile())
      .toSorted()
      .map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
  );
}

const ONE = ['--jobs', '1', '--no-cache'];

describe('several threads', () => {
  it('say what one says, with a cache or without, in the order of the files', () => {
    const cwd = folderWith({ 'a/Dockerfile': INVALID, 'b/Dockerfile': new Uint8Array(4) });
    for (const name of ['python', 'go', 'shell', 'c', 'site', 'expected/node', 'expected/python']) {
      cpSync(join(ROOT, 'corpus', name), join(cwd, name), { recursive: true });
    }
    const one = dfopt(cwd, [...ONE, '--verbose']);
    expect(one.status).toBe(2);
    expect(one.stderr).toContain('b/Dockerfile: is a binary file; left alone\n');
    const cache = ['--jobs', '2', '--cache-dir', folderWith({}), '--verbose'];
    expect(dfopt(cwd, cache)).toEqual(one);
    expect(dfopt(cwd, cache)).toEqual(one);
  });

  it('see edits of an ignore file that they share, and write what one writes', () => {
    const application = join(ROOT, 'corpus/node/whole-folder-copied');
    const text = readFileSync(join(application, 'Dockerfile'), 'utf8');
    const folders = [1, 2].map(() => {
      const cwd = folderWith({});
      cpSync(application, cwd, { recursive: true });
      rmSync(join(cwd, 'case.yaml'));
      for (let index = 0; index < 60; index++) {
        writeFileSync(join(cwd, `${index}.Dockerfile`), `${text}# ${index}\n${DIRTY}`);
      }
      return cwd;
    }) as [string, string];
    const [one, several] = folders;
    const threads = ['--jobs', '2', '--no-cache'];
    for (const args of [[], ['--context', '.'], ['--write', '--context', '.'], ['--check']]) {
      expect(dfopt(several, [...threads, ...args])).toEqual(dfopt(one, [...ONE, ...args]));
      expect(textsIn(several)).toEqual(textsIn(one));
    }
    expect(readFileSync(join(one, '0.Dockerfile'), 'utf8')).not.toContain(text);
    expect(textsIn(one)).toHaveProperty('.dockerignore');
  });

  it('look up what the cache has of many files, and what has changed in some', () => {
    const cwd = folderWith({});
    const texts = Array.from({ length: MANY }, (_, index) => `${DIRTY}COPY ${index}.txt /\n`);
    for (const [index, text] of texts.entries()) {
      mkdirSync(join(cwd, `${index}`));
      writeFileSync(join(cwd, `${index}`, 'Dockerfile'), text);
      writeFileSync(join(cwd, `${index}`, `${index}.txt`), '');
    }
    const cache = ['--jobs', '2', '--cache-dir', folderWith({}), '--verbose'];
    const one = dfopt(cwd, [...ONE, '--verbose']);
    expect(dfopt(cwd, cache)).toEqual(one);
    expect(dfopt(cwd, cache)).toEqual(one);
    for (const index of [3, 200, 310]) {
      writeFileSync(join(cwd, `${index}`, 'Dockerfile'), `${texts[index]}RUN make ${index}\n`);
      writeFileSync(join(cwd, `${index + 1}`, 'Dockerfile'), INVALID);
      rmSync(join(cwd, `${index + 2}`, `${index + 2}.txt`));
      writeFileSync(join(cwd, `${index + 3}`, '.dockerignore'), `${index + 3}.txt\n`);
    }
    const after = dfopt(cwd, [...ONE, '--verbose']);
    expect(after).not.toEqual(one);
    expect(dfopt(cwd, cache)).toEqual(after);
    expect(dfopt(cwd, cache)).toEqual(after);
  });
});

/** So many that threads look up what the cache has of them. */
const MANY = 320;

it.each([
  ['that is computed', 60, ['--no-cache']],
  ['that is looked up', MANY, ['--cache-dir']],
])('a thread that dies is the error of one file %s', (_, count, options) => {
  const dying = mkdtempSync(join(built, 'dying-'));
  cpSync(join(built, 'program'), dying, { recursive: true });
  const names = Array.from({ length: count }, (_each, index) => `${index}.Dockerfile`).toSorted();
  const cwd = folderWith(Object.fromEntries(names.map((name) => [name, DIRTY])));
  const cache = options.includes('--cache-dir') ? [folderWith({})] : [];
  const run = (): Ended => {
    const args = ['rewrite', '--list', '--jobs', '2', ...options, ...cache];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(dying, 'main.js'), ...args],
      { cwd, encoding: 'utf8' },
    );
    return { status, stdout, stderr };
  };
  if (cache.length > 0) expect(run().status).toBe(0);
  const worker = readFileSync(join(dying, 'worker.js'), 'utf8');
  // Of the first file that it is asked for, and of no other: the threads after it live.
  const death = `import { parentPort as port } from 'node:worker_threads';
import { mkdirSync } from 'node:fs';
const isFirst = () => {
  try { mkdirSync(${JSON.stringify(join(dying, 'died'))}); return true; } catch { return false; }
};
port.on('message', ({ task }) => { if (task && isFirst()) process.exit(9); });\n`;
  writeFileSync(join(dying, 'worker.js'), death + worker);
  const { status, stdout, stderr } = run();
  expect(status).toBe(2);
  const [, dead] =
    /^(\d+\.Dockerfile): dfopt died of this file: a thread ended with status 9\n$/.exec(stderr)!;
  expect(stdout.trim().split('\n')).toEqual(names.filter((name) => name !== dead));
});

describe('the identity of the program', () => {
  const identity = (name: string, plugins?: string): string => {
    const folder = build(name, plugins);
    const hash = createHash('sha256');
    for (const file of ['main.js', 'worker.js']) hash.update(readFileSync(join(folder, file)));
    return hash.digest('hex');
  };
  const changing = (file: string, from: string, to: string): string => `[{
    name: 'change',
    setup({ onLoad }) {
      onLoad({ filter: /${file}$/ }, async ({ path }) => {
        const { readFileSync } = await import('node:fs');
        const text = readFileSync(path, 'utf8');
        if (!text.includes(${JSON.stringify(from)})) throw new Error('nothing to change');
        const loader = path.endsWith('.ts') ? 'ts' : 'json';
        return { contents: text.replace(${JSON.stringify(from)}, ${JSON.stringify(to)}), loader };
      });
    },
  }]`;

  it('is another one for other rows and for other passes, and the same for the same', () => {
    const same = identity('same');
    expect(identity('again')).toBe(same);
    const row = identity('row', `[], (rows) => rows.replace('"source"', '"SOURCE"')`);
    const manifest = identity('manifest', changing('manifests.json', 'package', 'packages'));
    const pass = identity('pass', changing('merge-runs.ts', "level: 'standard'", "level: 'safe'"));
    expect(new Set([same, row, manifest, pass]).size).toBe(4);
  });
});
