/**
 * `npm run calibrate:npm [-- --fresh | --only <case>… | --no-installs]`: what npm, yarn and pnpm really
 * put into node_modules and their caches, beside what the estimate says.
 *
 * Each project of npm-cases.ts is installed by its lockfile, with its packages for development and
 * without, into a folder of this machine; bytes are those of all files, what has several names once, as
 * a layer counts them. Scripts of packages do not run: many fetch from hosts of their own. Figures go to
 * corpus/measured-npm.json, with the day; what is there already is not installed again. A lockfile that
 * is missing is made first.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadFacts } from '../../src/facts/load.ts';
import { escapeLines } from '../../src/report/escape.ts';
import { NPM_CASES, type NpmCase } from './npm-cases.ts';
import { install, LOCKS, makeLock, TOOLS } from './npm-install.ts';
import {
  compare,
  FIXTURES,
  lockOf,
  MEASURED,
  quantile,
  readMeasured,
  type MeasuredModules,
} from './npm-measured.ts';

export function main(argv: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      fresh: { type: 'boolean' },
      only: { type: 'boolean' },
      'no-installs': { type: 'boolean' },
    },
  });
  const cases = NPM_CASES.filter(({ id }) => !values.only || positionals.includes(id));
  const known = values.fresh ? [] : readMeasured();
  const missing = cases.filter(({ id }) => known.filter((each) => each.id === id).length < 2);
  const failed = missing.length > 0 && !values['no-installs'] ? measureAll(missing) : 0;
  printTable(readMeasured());
  return failed > 0 ? 1 : 0;
}

/** @returns how many cases failed */
function measureAll(cases: readonly NpmCase[]): number {
  const scratch = mkdtempSync(join(tmpdir(), 'dfopt-npm-'));
  let failed = 0;
  try {
    writeFileSync(join(scratch, 'package.json'), '{ "private": true }');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', TOOLS.yarn, TOOLS.pnpm], {
      cwd: scratch,
      stdio: 'ignore',
    });
    for (const each of cases) {
      try {
        measure(each, scratch);
      } catch (error) {
        failed++;
        const said = (error as { stderr?: Buffer }).stderr?.toString() ?? String(error);
        process.stdout.write(`${each.id}: ${escapeLines(said.slice(-2000))}\n`);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return failed;
}

function measure(each: NpmCase, scratch: string): void {
  const tools = join(scratch, 'node_modules', '.bin');
  let lock = lockOf(each);
  if (lock === undefined) {
    lock = makeLock(each, join(scratch, 'lock'), tools);
    const path = join(FIXTURES, each.id, LOCKS[each.tool]);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, lock);
  }
  const cache = join(scratch, 'cache');
  try {
    for (const isProduction of [false, true]) {
      const places = { folder: join(scratch, 'project'), cache, tools };
      const installed = install(each, lock, isProduction, places);
      const date = new Date().toISOString().slice(0, 10);
      keep({ id: each.id, isProduction, ...installed, date });
      const mb = (installed.modules / 1e6).toFixed(1);
      process.stdout.write(`${each.id}${isProduction ? ', production' : ''}: ${mb} MB\n`);
    }
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

/** Written after each install: a run may be interrupted. */
function keep(measured: MeasuredModules): void {
  const isSame = (each: MeasuredModules): boolean =>
    each.id === measured.id && each.isProduction === measured.isProduction;
  const place = ({ id, isProduction }: MeasuredModules): number =>
    2 * NPM_CASES.findIndex((each) => each.id === id) + Number(isProduction);
  const lines = [...readMeasured().filter((each) => !isSame(each)), measured]
    .filter((each) => place(each) >= 0)
    .toSorted((a, b) => place(a) - place(b))
    .map((each) => `    ${JSON.stringify(each)}`);
  writeFileSync(
    MEASURED,
    `{\n  "source": "installs by lockfiles of test/estimate/npm without scripts of packages, npm run calibrate:npm",\n  "installs": [\n${lines.join(',\n')}\n  ]\n}\n`,
  );
}

function printTable(installs: readonly MeasuredModules[]): void {
  const facts = loadFacts();
  const compared = installs.map((each) => compare(each, facts));
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1).padStart(8);
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`.padStart(9);
  process.stdout.write('node_modules measured, estimated (MB), deviation; the cache the same\n');
  for (const { measured, isHeldOut, modules, cache, deviation, cacheDeviation } of compared) {
    const name = `${measured.id}${measured.isProduction ? ', production' : ''}`;
    const { low, bytes, high } = modules.amount!;
    const isOutside = measured.modules < low || measured.modules > high;
    const ofCache = measured.isProduction
      ? ''
      : `${mb(measured.cache)}${mb(cache.amount!.bytes)}${percent(cacheDeviation)}`;
    process.stdout.write(
      `${name.padEnd(36)}${isHeldOut ? 'held out' : 'fitted  '}${mb(measured.modules)}${mb(bytes)}${percent(deviation)}${ofCache}${isOutside ? '  outside its range' : ''}\n`,
    );
  }
  for (const [name, some] of [
    ['all', compared],
    ['recent releases', compared.filter(({ isAged }) => !isAged)],
    ['recent and held out', compared.filter(({ isAged, isHeldOut }) => isHeldOut && !isAged)],
    ['releases of years ago', compared.filter(({ isAged }) => isAged)],
  ] as const) {
    const errors = some.map(({ deviation }) => Math.abs(deviation));
    process.stdout.write(
      `${name}: ${errors.length} installs, absolute error: median ${percent(quantile(errors, 0.5)).trim()}, 90th percentile ${percent(quantile(errors, 0.9)).trim()}\n`,
    );
  }
}
