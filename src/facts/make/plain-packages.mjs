/**
 * Makes plain-packages.json: for names of npm packages with a release each, one a line (`express@4`),
 * on standard input, whether an install of it runs code of any package. npm itself puts the packages
 * together, from the registry that it is configured for; nothing is downloaded or run.
 *
 *     node src/facts/make/plain-packages.mjs < names > src/facts/plain-packages.json
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const AT_ONCE = 3;
const OPTIONS = ['--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
const wanted = readFileSync(0, 'utf8').split('\n').filter(Boolean);
const run = promisify(execFile);

/** Whether any package of the tree has a script that its install runs; `undefined`: it was not found. */
async function runsCode(name, release) {
  const folder = mkdtempSync(join(tmpdir(), 'plain-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "name": "asks", "version": "1.0.0" }');
    const range = release.startsWith('0.') ? `~${release}.0` : `^${release}.0.0`;
    await run('npm', ['install', ...OPTIONS, '--legacy-peer-deps', `${name}@${range}`], {
      cwd: folder,
      timeout: 60_000,
    });
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
    return Object.values(lock.packages).some((each) => each.hasInstallScript === true);
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const found = new Map();
async function work() {
  for (let line = wanted.pop(); line !== undefined; line = wanted.pop()) {
    const at = line.lastIndexOf('@');
    const [name, release] = [line.slice(0, at), line.slice(at + 1)];
    const answer = await runsCode(name, release);
    if (answer === undefined) continue;
    const row = found.get(name) ?? { releases: [], isPlainThroughout: true };
    if (answer) row.isPlainThroughout = false;
    else row.releases.push(release);
    found.set(name, row);
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work));

const rows = [...found]
  .filter(([, { releases }]) => releases.length > 0)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, row]) => [name, { ...row, releases: row.releases.sort() }]);
const source = `what npm puts together for each release, from the npm registry, ${new Date().toISOString().slice(0, 10)}; no package of it has an install script`;
console.log(JSON.stringify({ source, npm: Object.fromEntries(rows) }, undefined, 1));
