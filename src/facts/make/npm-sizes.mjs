/**
 * Makes npm-sizes.json: how many bytes the files of npm packages take on disk, release by release.
 *
 *     node src/facts/make/npm-sizes.mjs <records> < src/facts/make/npm-installs.txt > src/facts/npm-sizes.json
 *
 * Each line is installed by npm in a folder of its own, from the registry that npm is configured for,
 * without scripts of packages and with a cache of its own; then the files are counted and deleted, and
 * so are the documents about packages that npm kept in the cache. `<records>` is a file that keeps what
 * was counted, a line for each install: what stands there is not installed again.
 */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packRows } from './npm-rows.mjs';

const OPTIONS = ['--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps'];
const [records] = process.argv.slice(2);
const lines = readFileSync(0, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const readRecords = () =>
  existsSync(records)
    ? readFileSync(records, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];

const today = new Date().toISOString().slice(0, 10);
const known = new Set(readRecords().map(({ install }) => install));
for (const install of lines) {
  if (known.has(install)) continue;
  try {
    const { packages, documents } = measure(install);
    appendFileSync(records, `${JSON.stringify({ install, date: today, packages, documents })}\n`);
    console.error(`${packages.length} packages: ${install.slice(0, 60)}`);
  } catch (error) {
    console.error(
      `failed: ${install.slice(0, 60)}: ${String(error.stderr ?? error).slice(0, 300)}`,
    );
  }
}
const counted = readRecords().filter(({ install }) => lines.includes(install));
process.stdout.write(packRows(counted, newestDay(counted)));

function newestDay(installs) {
  return installs.reduce((newest, { date }) => (date > newest ? date : newest), '');
}

/** All that lies in node_modules after the install: what it takes, and what npm's record says of it. */
function measure(install) {
  const folder = mkdtempSync(join(tmpdir(), 'npm-sizes-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "name": "asks", "version": "1.0.0" }');
    const cache = join(folder, 'cache');
    execFileSync('npm', ['install', ...OPTIONS, '--cache', cache, ...install.split(' ')], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const documents = documentsIn(join(cache, '_cacache', 'index-v5'));
    const lock = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'));
    const bundled = bundledBytes(lock.packages, folder);
    const packages = Object.entries(lock.packages).map(([path, entry]) => ({
      name: entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version,
      bytes: ownBytes(join(folder, path)) + (bundled.get(path) ?? 0),
      needs: [...Object.keys(entry.dependencies ?? {}), ...neededPeers(entry)].filter(
        (each) => !bundledIn(entry).includes(each),
      ),
      optional: Object.keys(entry.optionalDependencies ?? {}),
      ...(entry.os && { os: entry.os }),
      ...(entry.hasInstallScript && { hasInstallScript: true }),
      ...(entry.inBundle && { inBundle: true }),
    }));
    return { packages, documents };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is packed into a package comes with it: it counts as the package that was asked for. */
function bundledBytes(packages, folder) {
  const bytes = new Map();
  for (const [path, { inBundle }] of Object.entries(packages)) {
    if (!inBundle) continue;
    let owner = path;
    while (packages[owner]?.inBundle) owner = owner.slice(0, owner.lastIndexOf('/node_modules/'));
    bytes.set(owner, (bytes.get(owner) ?? 0) + ownBytes(join(folder, path)));
  }
  return bytes;
}

/** Bytes of the document about each package, by name: of the cache's index, lines of a sum and JSON. */
function documentsIn(index) {
  const documents = {};
  for (const entry of readdirSync(index, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    for (const line of readFileSync(join(entry.parentPath, entry.name), 'utf8').split('\n')) {
      if (!line.includes('\t')) continue;
      const { key, size } = JSON.parse(line.slice(line.indexOf('\t') + 1));
      const [, name] = /^make-fetch-happen:request-cache:https?:\/\/[^/]+\/(.+)$/.exec(key) ?? [];
      if (name && size && !name.endsWith('.tgz')) documents[decodeURIComponent(name)] = size;
    }
  }
  return documents;
}

function bundledIn({ bundleDependencies = [], dependencies = {} }) {
  return bundleDependencies === true ? Object.keys(dependencies) : bundleDependencies;
}

function neededPeers({ peerDependencies = {}, peerDependenciesMeta = {} }) {
  return Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
}

/** Of the package itself: packages inside it have entries of their own, those further down have none. */
function ownBytes(folder, isTop = true) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      const isOther = isTop && entry.name === 'node_modules';
      if (!isOther) bytes += ownBytes(join(folder, entry.name), false);
    } else if (entry.isFile()) bytes += lstatSync(join(folder, entry.name)).size;
  }
  return bytes;
}
