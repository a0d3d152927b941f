/**
 * `npm run bench:many -- [files]`: what `dfopt rewrite` costs over a made-up repository, with nothing in
 * the cache, with all in it, and where one file has changed. Whole processes: seconds on the clock, and
 * seconds of processors, which say more where the machine has other things to do.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findDockerfile, makeMonorepo } from './monorepo.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROGRAM = join(ROOT, 'dist/cli/main.js');
const RUNS = 3;

if (!existsSync(PROGRAM)) throw new Error('npm run build comes first');
const count = Number(process.argv[2] ?? 1000);
if (!Number.isInteger(count) || count < 1) throw new Error('how many files? A number from 1 on');

const folder = mkdtempSync(join(tmpdir(), 'dfopt-bench-'));
try {
  const repository = join(folder, 'repository');
  const all = makeMonorepo(repository, count);
  const cache = join(folder, 'cache');
  console.log(`${count} Dockerfiles among ${all} files, ${availableParallelism()} processors`);
  console.log(row(['', 'seconds', 'of processors']));
  const forget = () => rmSync(cache, { recursive: true, force: true });
  const changed = findDockerfile(repository);
  const change = () => appendFileSync(changed, '# again\n');
  const cases = [
    ['nothing in the cache', [], forget],
    ['the same, one thread', ['--jobs', '1'], forget],
    ['all in the cache', [], () => {}],
    ['one file has changed', [], change],
  ];
  for (const [name, args, prepare] of cases) {
    const runs = Array.from({ length: RUNS }, () => {
      prepare();
      return measured(['rewrite', '--cache-dir', cache, ...args], repository);
    });
    const middle = (key) => runs.map((run) => run[key]).toSorted((a, b) => a - b)[RUNS >> 1];
    console.log(row([name, middle('wall').toFixed(2), middle('cpu').toFixed(2)]));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function row([name, ...figures]) {
  return name.padEnd(24) + figures.map((figure) => figure.padStart(16)).join('');
}

/** The shell's own account of what its children took. */
function measured(args, cwd) {
  const script = '"$@" > /dev/null 2> /dev/null; status=$?; times; exit $status';
  const began = performance.now();
  const { status, stdout } = spawnSync(
    'sh',
    ['-c', script, 'sh', process.execPath, PROGRAM, ...args],
    { cwd, encoding: 'utf8' },
  );
  const wall = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`dfopt ended with ${status}`);
  const [, children = ''] = stdout.trim().split('\n');
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return { wall, cpu: seconds.reduce((sum, each) => sum + each, 0) };
}
