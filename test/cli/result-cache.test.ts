/** Is a result from the cache ever another one than would be computed? And is it taken where it can be? */
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as pipeline from '../../src/pipeline.ts';
import * as grouped from '../../src/report/grouped.ts';
import * as texts from '../../src/sources/read-text.ts';
import { dfopt, DIRTY, folderWith, INVALID, type Outcome, type Surroundings } from './support.ts';

const CORPUS = join(import.meta.dirname, '../../corpus');

const PROGRAM = { identity: 'one', worker: pathToFileURL('/there/is/none.js') };

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

interface Run extends Outcome {
  /** Files that were not in the cache. */
  readonly computed: number;
}

async function run(cwd: string, args: readonly string[], identity = 'one'): Promise<Run> {
  const optimize = vi.spyOn(pipeline, 'optimize');
  const outcome = await dfopt(['rewrite', '--jobs', '1', ...args], {
    cwd,
    env: { XDG_CACHE_HOME: join(cwd, '../cache') },
    program: { ...PROGRAM, identity },
  });
  const computed = optimize.mock.calls.length;
  optimize.mockRestore();
  return { ...outcome, computed };
}

/** An application with a manifest, a lockfile and sources; a cache lies beside the folder. */
function application(name = 'node/ts-server'): string {
  const cwd = join(folderWith({}), 'repository');
  cpSync(join(CORPUS, name), join(cwd, 'app'), { recursive: true });
  return cwd;
}

const without = ({ status, stdout, stderr }: Outcome): Outcome => ({ status, stdout, stderr });

describe('a result from the cache', () => {
  it.each([
    [['--verbose']],
    [['--quiet']],
    [['--list']],
    [['--check']],
    [['--format', 'json']],
    [['--format', 'sarif']],
    [['--format', 'rdjson']],
    [['--format', 'html']],
    [['--format', 'markdown']],
    [['--level', 'aggressive', '--verbose']],
  ])('says what a computed one says: %s', async (args) => {
    const cwd = application();
    cpSync(join(CORPUS, 'go/cgo'), join(cwd, 'cgo'), { recursive: true });
    cpSync(join(CORPUS, 'node/whole-folder-copied'), join(cwd, 'whole'), { recursive: true });
    writeFileSync(join(cwd, 'broken.Dockerfile'), INVALID);
    const uncached = await run(cwd, [...args, '--no-cache']);
    expect(existsSync(join(cwd, '../cache'))).toBe(false);
    const cold = await run(cwd, args);
    expect(without(cold)).toEqual(without(uncached));
    expect(cold.computed).toBeGreaterThan(0);
    const warm = await run(cwd, args);
    expect(without(warm)).toEqual(without(uncached));
    expect(warm.computed).toBe(0);
  });

  it('is written like a computed one', async () => {
    const [one, other] = [application(), application()];
    await run(one, ['--write', '--no-cache']);
    await run(other, []);
    const { computed, stderr } = await run(other, ['--write']);
    expect(computed).toBe(0);
    expect(stderr).toContain('rewritten');
    for (const name of ['Dockerfile', '.dockerignore']) {
      const read = (cwd: string): string => readFileSync(join(cwd, 'app', name), 'utf8');
      expect(read(other)).toBe(read(one));
    }
  });

  it('does for a filter, and not for a file', async () => {
    const cwd = application();
    const text = readFileSync(join(cwd, 'app/Dockerfile'), 'utf8');
    const filter = async (): Promise<Outcome> =>
      dfopt(['rewrite', '-', '--write', '--stdin-filepath', 'app/Dockerfile'], {
        cwd,
        stdin: text,
        env: { XDG_CACHE_HOME: join(cwd, '../cache') },
        program: PROGRAM,
      });
    await run(cwd, []);
    const first = await filter();
    expect(await filter()).toEqual(first);
  });

  it('is good in another folder of the same name, and after a touch', async () => {
    const cwd = application();
    await run(cwd, []);
    for (const name of readdirSync(join(cwd, 'app'))) utimesSync(join(cwd, 'app', name), 1, 1);
    expect((await run(cwd, [])).computed).toBe(0);
    renameSync(join(cwd, 'app'), join(cwd, 'moved'));
    const moved = await run(cwd, []);
    expect(moved.computed).toBe(0);
    expect(moved.stdout).toContain('+++ b/moved/Dockerfile');
  });

  it('is another one where the context has moved in its repository', async () => {
    vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] });
    const cwd = application();
    mkdirSync(join(cwd, '.git'));
    writeFileSync(
      join(cwd, 'compose.yaml'),
      'services:\n  web:\n    build: ./moved\n    user: nobody\n    read_only: true\n',
    );
    await run(cwd, []);
    expect((await run(cwd, [])).computed).toBe(0);
    // All files keep their times, and the system its numbers for them.
    renameSync(join(cwd, 'app'), join(cwd, 'moved'));
    const moved = await run(cwd, []);
    expect(moved.computed).toBeGreaterThan(0);
    expect(without(moved)).toEqual(without(await run(cwd, ['--no-cache'])));
  });

  it('is another one where the user names the folder in which the Dockerfile is', async () => {
    vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] });
    const cwd = join(application(), 'app');
    mkdirSync(join(cwd, '.git'));
    await run(cwd, []);
    const asked = await run(cwd, ['--context', '.']);
    expect(asked.computed).toBeGreaterThan(0);
    expect(without(asked)).toEqual(without(await run(cwd, ['--context', '.', '--no-cache'])));
    for (const args of [[], ['--context', '.']]) expect((await run(cwd, args)).computed).toBe(0);
  });

  it('is kept in one file, and read without the texts of the context', async () => {
    vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] });
    const cwd = application();
    const read = vi.spyOn(texts, 'readText');
    const { stdout } = await run(cwd, []);
    expect(readdirSync(join(cwd, '../cache/dfopt/results'))).toHaveLength(1);
    expect(read).toHaveBeenCalled();
    read.mockClear();
    const warm = await run(cwd, []);
    expect([warm.computed, warm.stdout]).toEqual([0, stdout]);
    expect(read).not.toHaveBeenCalled();
    expect(readdirSync(join(cwd, '../cache/dfopt/results'))).toHaveLength(1);
  });

  it('is not taken from a broken cache, which is mended', async () => {
    const cwd = application();
    const { stdout } = await run(cwd, []);
    const folder = join(cwd, '../cache/dfopt/results');
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      // All that is between braces is not what it was.
      writeFileSync(
        path,
        readFileSync(path).map((byte) => (byte === 0x7b ? 0x5b : byte)),
      );
    }
    const broken = await run(cwd, []);
    expect(broken.stdout).toBe(stdout);
    expect(broken.computed).toBeGreaterThan(0);
    expect((await run(cwd, [])).computed).toBe(0);
  });

  it('is not needed where no cache can be had', async () => {
    const cwd = application();
    writeFileSync(join(cwd, 'file'), '');
    const { status, stdout } = await run(cwd, ['--cache-dir', 'file/below']);
    expect([status, stdout]).toEqual([0, (await run(cwd, ['--no-cache'])).stdout]);
  });
});

describe('what is shown of a file', () => {
  /** Counts how often edits were set in a text. */
  const shownBy = async (
    cwd: string,
    args: readonly string[],
    around: Omit<Surroundings, 'cwd'> = {},
  ): Promise<Outcome & { readonly made: number }> => {
    const text = vi.spyOn(grouped, 'groupedText');
    const outcome = await dfopt(['rewrite', '--jobs', '1', ...args], {
      cwd,
      program: PROGRAM,
      ...around,
    });
    const made = text.mock.calls.length;
    text.mockRestore();
    return { ...outcome, made };
  };

  it('is not made again where nothing has changed', async () => {
    const cwd = application();
    cpSync(join(CORPUS, 'node/whole-folder-copied'), join(cwd, 'whole'), { recursive: true });
    const cache = ['--cache-dir', folderWith({})];
    const first = await shownBy(cwd, cache);
    expect(first.made).toBe(2);
    expect(await shownBy(cwd, cache)).toEqual({ ...first, made: 0 });
    appendFileSync(join(cwd, 'app/Dockerfile'), '# more\n');
    expect((await shownBy(cwd, cache)).made).toBe(1);
  });

  it.each<[string, readonly string[], Omit<Surroundings, 'cwd'>, string?]>([
    ['all there is', ['--verbose'], {}],
    ['what was missed', ['--show', 'missed'], {}],
    ['everything', ['--show', 'all'], {}],
    ['in colours', ['--color'], {}],
    ['without', ['--no-color'], { isTTY: true }],
    ['in colours by the environment', [], { env: { FORCE_COLOR: '1' } }],
    ['on a terminal', [], { isTTY: true }],
    ['on a narrow terminal', [], { isTTY: true, columns: 60 }],
    ['in a narrow pipe', [], { env: { COLUMNS: '50' } }],
    ['only errors', ['--quiet'], {}],
    ['a diff', ['--format', 'diff'], {}],
    ['a diff on a terminal', ['--format', 'diff'], { isTTY: true }],
    ['names', ['--list'], {}],
    ['a report in a file, too', ['--format', 'text', '--format', 'json=report.json'], {}],
    ['under another name', [], {}, 'app'],
    ['an edit that there is not', ['--deny', '0123456789'], {}],
  ])(
    'is another one where it is asked for otherwise: %s',
    async (_what, args, around, below = '') => {
      const cwd = application();
      cpSync(join(CORPUS, 'node/whole-folder-copied'), join(cwd, 'app/whole'), { recursive: true });
      writeFileSync(join(cwd, 'app/broken.Dockerfile'), INVALID);
      const cache = ['--cache-dir', folderWith({})];
      const place = join(cwd, below);
      const first = await shownBy(cwd, cache);
      const fresh = await shownBy(place, [...args, '--no-cache'], around);
      const isInFileToo = args.includes('json=report.json');
      expect(without(fresh)).not.toEqual(isInFileToo ? undefined : without(first));
      for (let round = 0; round < 2; round++) {
        const { made, ...outcome } = await shownBy(place, [...cache, ...args], around);
        expect(outcome, `round ${round}`).toEqual(without(fresh));
        if (round > 0 && !args.some((arg) => arg.includes('='))) expect(made).toBe(0);
      }
      expect(without(await shownBy(cwd, cache))).toEqual(without(first));
    },
  );
});

describe('a result is computed again', () => {
  const changes: readonly (readonly [string, (app: string) => void])[] = [
    ['its Dockerfile', (app) => appendFileSync(join(app, 'Dockerfile'), '# x\n')],
    ['the text of a manifest', (app) => appendFileSync(join(app, 'package.json'), '\n')],
    ['the ignore file', (app) => appendFileSync(join(app, '.dockerignore'), 'x\n')],
    ['an ignore file of its own', (app) => writeFileSync(join(app, 'Dockerfile.dockerignore'), '')],
    ['a new file', (app) => writeFileSync(join(app, 'new.bin'), '')],
    ['a new folder', (app) => mkdirSync(join(app, 'new'))],
    ['the size of a file that is not read', (app) => appendFileSync(join(app, 'asset.bin'), 'x')],
    ['who may execute it', (app) => chmodSync(join(app, 'asset.bin'), 0o755)],
    ['permissions', (app) => chmodSync(join(app, 'asset.bin'), 0o600)],
    ['a removed file', (app) => rmSync(join(app, 'asset.bin'))],
    ['a name', (app) => renameSync(join(app, 'asset.bin'), join(app, 'asset.bim'))],
    [
      'where a link leads',
      (app) => {
        rmSync(join(app, 'link'));
        symlinkSync('package.json', join(app, 'link'));
      },
    ],
    [
      'a text of the same length at the same time',
      (app) => {
        const path = join(app, 'package.json');
        const text = readFileSync(path, 'utf8');
        writeFileSync(path, text.replace('"name"', '"nema"'));
        utimesSync(path, 1, 1);
      },
    ],
    ['what its configuration says', (app) => writeFileSync(join(app, '.dfoptrc'), 'level: safe\n')],
  ];
  it.each(changes)('after a change of %s', async (_name, change) => {
    const cwd = application();
    const app = join(cwd, 'app');
    writeFileSync(join(app, '.dockerignore'), 'node_modules\n');
    writeFileSync(join(app, 'asset.bin'), 'x');
    symlinkSync('asset.bin', join(app, 'link'));
    utimesSync(join(app, 'package.json'), 1, 1);
    await run(cwd, []);
    expect((await run(cwd, [])).computed).toBe(0);
    change(app);
    const after = await run(cwd, []);
    expect(after.computed).toBeGreaterThan(0);
    expect(without(after)).toEqual(without(await run(cwd, ['--no-cache'])));
  });

  it.each([
    [['--level', 'safe']],
    [['--builder', 'kaniko']],
    [['--frontend', '1.3']],
    [['--select', 'pin-suite']],
    [['--skip', 'pin-suite']],
    [['--deny', '0123456789']],
    [['--option', 'merge-runs.all=true']],
    [['--quiet']],
    [['--format', 'sarif']],
    [['--context', '.']],
    [['--images', 'rows.json']],
  ])('for other options: %s', async (args) => {
    const cwd = application();
    const rows = { images: [{ name: 'acme/node', like: 'node:20-slim', note: 'Ours.' }] };
    writeFileSync(join(cwd, 'rows.json'), JSON.stringify(rows));
    await run(cwd, []);
    const other = await run(cwd, args);
    expect(other.status).toBe(0);
    expect(other.computed).toBeGreaterThan(0);
    expect(without(other)).toEqual(without(await run(cwd, [...args, '--no-cache'])));
  });

  it('by another program, and on another day', async () => {
    const cwd = application();
    vi.useFakeTimers({ now: new Date('2026-11-21T12:00:00Z'), toFake: ['Date'] });
    await run(cwd, []);
    expect((await run(cwd, [], 'two')).computed).toBeGreaterThan(0);
    expect((await run(cwd, [])).computed).toBe(0);
    vi.setSystemTime(new Date('2026-11-22T12:00:00Z'));
    expect((await run(cwd, [])).computed).toBeGreaterThan(0);
  });
});

it('is right after any of many changes in a row', async () => {
  const cwd = application();
  const app = join(cwd, 'app');
  let seed = 7;
  const random = (most: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % most;
  };
  const names = ['package.json', 'Dockerfile', '.dockerignore', 'a.sh', 'src/a.ts', 'b.bin'];
  const contents = ['', 'x\n', '{"name":"x"}\n', DIRTY, `${DIRTY}COPY . .\n`, '*\n!src\n'];
  for (let round = 0; round < 40; round++) {
    const path = join(app, names[random(names.length)]!);
    mkdirSync(join(path, '..'), { recursive: true });
    if (random(4) === 0 && existsSync(path)) chmodSync(path, [0o644, 0o755, 0o600][random(3)]!);
    else if (random(4) === 0 && !path.endsWith('Dockerfile')) rmSync(path, { force: true });
    else writeFileSync(path, contents[random(contents.length)]!);
    const cached = await run(cwd, ['--verbose']);
    expect(without(cached), `round ${round}`).toEqual(
      without(await run(cwd, ['--verbose', '--no-cache'])),
    );
  }
});

it.each([
  [['--no-cache', '--cache-dir', 'x'], '--no-cache and --cache-dir exclude each other'],
  [['--jobs', '0'], '--jobs is a number from 1 on, or auto, not "0"'],
  [['--jobs', 'many'], '--jobs is a number from 1 on, or auto, not "many"'],
])('refuses %s', async (args, why) => {
  const { status, stderr } = await dfopt(['rewrite', ...args], { cwd: folderWith({}) });
  expect([status, stderr.split('\n')[0]]).toEqual([2, `dfopt: ${why}`]);
});

it('leaves no cache where nobody says where home is', async () => {
  const cwd = folderWith({ Dockerfile: DIRTY });
  await dfopt(['rewrite'], { cwd, env: { XDG_CACHE_HOME: 'relative' }, program: PROGRAM });
  expect(readdirSync(cwd)).toEqual(['Dockerfile']);
});
