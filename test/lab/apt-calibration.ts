/**
 * `npm run calibrate:apt [-- --fresh | --only <set>… | --no-builds] [--details <folder>]`: what
 * `apt-get install` really adds to an image, beside what the estimate says.
 *
 * Each trial of apt-sets.ts is installed in the lab's engine, on a stand-in that already has the
 * package lists, and committed; the figure is the difference of the two images' sizes as
 * `docker image inspect` says them. Same as update, install and removal of the lists in one RUN:
 * what is deleted there never reaches the layer. Figures go to corpus/measured-apt.json, with the day;
 * what is there already is not built again. `--details` writes, for each trial, every file of its
 * layer with its size, and the packages: what make/apt-packages.mjs fits its model to.
 */
import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { loadFacts } from '../../src/facts/load.ts';
import { escapeLines } from '../../src/report/escape.ts';
import { APT_TRIALS, type AptTrial } from './apt-sets.ts';
import {
  compare,
  isSame,
  MEASURED,
  quantile,
  readMeasured,
  type MeasuredInstall,
} from './apt-measured.ts';
import { labEngine, LabError, type LabEngine } from './engine.ts';

export async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      fresh: { type: 'boolean' },
      only: { type: 'boolean' },
      'no-builds': { type: 'boolean' },
      details: { type: 'string' },
    },
  });
  const trials = APT_TRIALS.filter(({ set }) => !values.only || positionals.includes(set));
  const known = values.fresh ? [] : readMeasured();
  const missing = trials.filter((trial) => !known.some((each) => isSame(each, trial)));
  if (missing.length > 0 && !values['no-builds']) {
    const engine = await labEngine();
    if (!engine) {
      process.stderr.write('The lab’s engine does not run: npm run lab:setup\n');
      return 2;
    }
    const failed = measureAll(missing, engine, values.details);
    if (failed > 0) return 1;
  }
  printTable(readMeasured());
  return 0;
}

function printTable(installs: readonly MeasuredInstall[]): void {
  const facts = loadFacts();
  const compared = installs.map((each) => compare(each, facts));
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1).padStart(8);
  process.stdout.write('measured, estimated (MB), deviation (%), packages more or less\n');
  for (const { install, estimate, deviation } of compared) {
    const packages = estimate.packages.length - install.packages;
    const isOutside = install.bytes < estimate.low || install.bytes > estimate.high;
    process.stdout.write(
      `${nameOf(install).padEnd(62)}${mb(install.bytes)}${mb(estimate.bytes)}${(deviation * 100).toFixed(1).padStart(7)}${packages === 0 ? '' : `  ${packages}`}${isOutside ? '  outside its range' : ''}\n`,
    );
  }
  const errors = compared.map(({ deviation }) => Math.abs(deviation));
  const percent = (share: number): string => `${(quantile(errors, share) * 100).toFixed(1)} %`;
  process.stdout.write(
    `${errors.length} installs, absolute error: median ${percent(0.5)}, 90th percentile ${percent(0.9)}\n`,
  );
}

/** @returns how many trials failed */
function measureAll(
  trials: readonly AptTrial[],
  engine: LabEngine,
  details: string | undefined,
): number {
  const docker = dockerOf(engine);
  const prepared = new Map<string, string>();
  let failed = 0;
  try {
    for (const trial of trials) {
      try {
        const base = prepared.get(trial.base) ?? prepare(trial.base, docker);
        prepared.set(trial.base, base);
        const beginning = performance.now();
        const measured = measure(trial, base, docker, details);
        keep(measured);
        const seconds = ((performance.now() - beginning) / 1000).toFixed(0);
        process.stdout.write(
          `${nameOf(trial)}: ${(measured.bytes / 1e6).toFixed(1)} MB, ${measured.packages} packages, ${seconds} s\n`,
        );
      } catch (error) {
        if (!(error instanceof LabError)) throw error;
        failed++;
        process.stdout.write(`${nameOf(trial)}: ${error.message}\n`);
      }
    }
  } finally {
    for (const image of prepared.values()) docker('image', 'rm', '--force', image);
  }
  return failed;
}

function nameOf({ set, base, withRecommends }: AptTrial): string {
  return `${set} on ${base}${withRecommends ? '' : ', no recommends'}`;
}

/** Written after each trial: a run may be interrupted. */
function keep(measured: MeasuredInstall): void {
  const installs = [...readMeasured().filter((each) => !isSame(each, measured)), measured];
  const order = (trial: AptTrial): number => APT_TRIALS.findIndex((each) => isSame(each, trial));
  const sorted = installs
    .filter((each) => order(each) >= 0)
    .toSorted((a, b) => order(a) - order(b));
  const lines = sorted.map((each) => `    ${JSON.stringify(each)}`);
  writeFileSync(
    MEASURED,
    `{\n  "source": "apt-get install on stand-ins, npm run calibrate:apt",\n  "installs": [\n${lines.join(',\n')}\n  ]\n}\n`,
  );
}

type Docker = (...args: readonly string[]) => string;

function dockerOf({ env }: LabEngine): Docker {
  return (...args) => {
    const { status, stdout, stderr } = spawnSync('docker', args, {
      env: { ...process.env, ...env },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (status === 0) return stdout.trim();
    const said = `${stdout}${stderr}`.trimEnd().split('\n').slice(-5).join('\n');
    throw new LabError(`docker ${args[0]} failed:\n${escapeLines(said)}`);
  };
}

const sizeOf = (image: string, docker: Docker): number =>
  Number(docker('image', 'inspect', '--format={{.Size}}', image));

/** @returns the name of an image: the base with its package lists */
function prepare(base: string, docker: Docker): string {
  const container = `dfopt-apt-${process.pid}`;
  try {
    docker('run', '--name', container, '--network=host', base, 'apt-get', 'update');
    // With a name: what has none is taken for a leftover.
    const image = `dfopt-apt:${base.replace(/\W/, '-')}`;
    docker('commit', container, image);
    return image;
  } finally {
    docker('rm', '--force', container);
  }
}

const LIST = ['dpkg-query', '--show', '--showformat=${Package} ${Version} ${Installed-Size}\\n'];

function measure(
  trial: AptTrial,
  base: string,
  docker: Docker,
  details: string | undefined,
): MeasuredInstall {
  const container = `dfopt-apt-${process.pid}`;
  const flags = trial.withRecommends ? [] : ['--no-install-recommends'];
  const install = ['apt-get', 'install', '--yes', ...flags, ...trial.set.split(' ')];
  const env = ['--env', 'DEBIAN_FRONTEND=noninteractive'];
  let image: string | undefined;
  try {
    docker('run', '--name', container, '--network=host', ...env, base, ...install);
    image = `dfopt-apt:trial-${process.pid}`;
    docker('commit', container, image);
    const list = (from: string): string[] => {
      const lines = docker('run', '--rm', '--network=none', from, ...LIST).split('\n');
      // An engine under load has lost what a container said.
      if (lines.length < 2) throw new LabError(`no packages in ${from}`);
      return lines;
    };
    const before = new Set(list(base));
    const added = list(image).filter((line) => !before.has(line));
    if (details !== undefined) {
      const upper = docker('inspect', '--format={{.GraphDriver.Data.UpperDir}}', container);
      mkdirSync(details, { recursive: true });
      const record = { ...trial, packages: added, files: filesOf(upper) };
      const file = nameOf(trial).replaceAll(/[^\w.-]+/g, '_');
      writeFileSync(join(details, `${file}.json`), JSON.stringify(record));
    }
    return {
      ...trial,
      bytes: sizeOf(image, docker) - sizeOf(base, docker),
      packages: added.length,
      date: new Date().toISOString().slice(0, 10),
    };
  } finally {
    docker('rm', '--force', container);
    if (image !== undefined) docker('image', 'rm', '--force', image);
  }
}

/** `[path, bytes]`; a second name of the same file has none, symbolic links have none; lists of packages with their text. */
function filesOf(folder: string): (readonly [path: string, bytes: number, text?: string])[] {
  const seen = new Set<number>();
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const full = join(entry.parentPath, entry.name);
      const { ino, size } = lstatSync(full);
      const path = `/${relative(folder, full)}`;
      if (entry.isSymbolicLink()) return [path, -1, readlinkSync(full)];
      if (!entry.isFile() || seen.has(ino)) return [path, 0];
      seen.add(ino);
      if (/^\/var\/lib\/dpkg\/info\/.*\.(list)$/.test(path)) {
        return [path, size, readFileSync(full, 'utf8')];
      }
      return [path, size];
    });
}
