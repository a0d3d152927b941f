// Opens packages and adds up their real files: what no index tells. Writes apt-opened.txt, a line for
// each package: suite, name, version, bytes of all its files, bytes of those that slim images leave out,
// bytes of Python that is compiled when it is installed.
//
//   node apt-packages.mjs --lists FOLDER --doubtful 700 | node apt-opened.mjs [--out FILE]
//
// reads lines of suite, name and version; apt downloads them (APT_CONFIG may name another
// configuration than the machine's). What was opened before in this version is not fetched again.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isCompiled, kindOf } from './apt-index.mjs';
import { here } from './recommends.mjs';

const AT_ONCE = 25;

/** @param {string} file @returns {Map<string, string>} the numbers by suite, name and version */
export function readOpened(file = here('apt-opened.txt')) {
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return new Map(lines.map((line) => split(line)));
}

/** @param {string} line @returns {[string, string]} */
function split(line) {
  const words = line.split(' ');
  return [words.slice(0, 3).join(' '), words.slice(3).join(' ')];
}

/**
 * A hard link is no second file, a symbolic link has no bytes.
 * @param {string} deb
 */
function sizesOf(deb) {
  const run = spawnSync('dpkg-deb', ['--contents', deb], { encoding: 'utf8', maxBuffer: 2 ** 29 });
  if (run.status !== 0) throw new Error(`cannot open ${deb}: ${run.stderr}`);
  let all = 0;
  let excluded = 0;
  let python = 0;
  for (const line of run.stdout.split('\n')) {
    const [, size = '0', path = ''] =
      /^-\S+\s+\S+\s+(\d+)\s+\S+\s+\S+\s+\.\/(.*)$/.exec(line) ?? [];
    if (path.includes(' link to ')) continue;
    all += Number(size);
    if (kindOf(path) !== 'rest') excluded += Number(size);
    if (isCompiled(path)) python += Number(size);
  }
  return `${all} ${excluded} ${python}`;
}

/** @param {string[]} args */
function main(args) {
  const out = args[0] === '--out' ? (args[1] ?? '') : here('apt-opened.txt');
  const opened = readOpened(out);
  const wanted = readFileSync(0, 'utf8').split('\n').filter(Boolean);
  const missing = wanted.filter((line) => !opened.has(line));
  for (let at = 0; at < missing.length; at += AT_ONCE) {
    const batch = missing.slice(at, at + AT_ONCE);
    const folder = mkdtempSync(join(tmpdir(), 'dfopt-debs-'));
    try {
      const words = batch
        .map((line) => line.split(' '))
        .map(([, name, version]) => `${name}=${version}`);
      spawnSync('apt-get', ['--quiet=2', 'download', ...words], { cwd: folder, stdio: 'ignore' });
      const files = readdirSync(folder).filter((name) => name.endsWith('.deb'));
      for (const line of batch) {
        const [, name, version = ''] = line.split(' ');
        const file = files.find((each) =>
          each.startsWith(`${name}_${version.replace(':', '%3a')}_`),
        );
        if (file) opened.set(line, sizesOf(join(folder, file)));
        else console.error(`not to be had: ${line}`);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    const lines = [...opened].map(([key, value]) => `${key} ${value}`);
    writeFileSync(out, `${lines.toSorted().join('\n')}\n`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
