/**
 * Makes packages.json, which images.mjs reads: the packages that images hold, and the programs that
 * packages bring.
 *
 *   node src/facts/make/image-packages.mjs <folder> [<clone of docker-library/repo-info>] > packages.json
 *
 * The folder holds `indices/<suite>.packages`, the package index of a suite, and for some
 * `indices/<suite>.contents`, the lines of its Contents index about programs. An image that the clone
 * lists has the packages of that list. For others apt's choice is worked out: what a minimal system of
 * the suite has, and what the installs of the official Dockerfile bring without recommended packages.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORIES } from './image-kinds.mjs';
import { ALPINE_COMMANDS, ALPINE_LISTS, ALTERNATIVES } from './images/contents.mjs';
import { SUITES, SUITE_IN_TAG } from './image-suites.mjs';
import { isUsual, splitTag, suiteOf } from './image-tags.mjs';

const [folder, clone] = process.argv.slice(2);
if (folder === undefined) throw new Error('the folder of indices is missing');

const byCodePoint = (one, other) => (one < other ? -1 : 1);
const words = (text) => (text ?? '').split(/\s+/).filter(Boolean);

/** Packages of a suite by name, and who provides what. */
function readIndex(suite) {
  const path = join(folder, 'indices', `${suite}.packages`);
  if (!existsSync(path)) return undefined;
  const packages = new Map();
  const providers = new Map();
  for (const stanza of readFileSync(path, 'utf8').split('\n\n')) {
    const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
    const name = field('Package');
    if (name === '' || packages.has(name)) continue;
    const names = (text) =>
      text
        .split(',')
        .map((each) => /[\w.+-]+/.exec(each)?.[0])
        .filter(Boolean);
    const groups = [field('Pre-Depends'), field('Depends')]
      .flatMap((text) => text.split(','))
      .map((group) =>
        group
          .split('|')
          .map((each) => /[\w.+-]+/.exec(each)?.[0])
          .filter(Boolean),
      )
      .filter((group) => group.length > 0);
    packages.set(name, {
      groups,
      isBase: field('Essential') === 'yes' || field('Priority') === 'required',
    });
    for (const each of names(field('Provides'))) {
      providers.set(each, [...(providers.get(each) ?? []), name]);
    }
  }
  return { packages, providers };
}

const indices = new Map();
function indexOf(suite) {
  if (!indices.has(suite)) indices.set(suite, readIndex(suite));
  return indices.get(suite);
}

/** What apt adds to the packages that are there. */
function withInstalled(there, names, { packages, providers }) {
  const result = new Set(there);
  const queue = [...names];
  const asked = new Set(names);
  const isThere = (name) =>
    [name, ...(providers.get(name) ?? [])].some((each) => result.has(each) || asked.has(each));
  while (queue.length > 0) {
    const wanted = queue.shift();
    const name = packages.has(wanted) ? wanted : (providers.get(wanted) ?? [])[0];
    if (name === undefined || result.has(name)) continue;
    result.add(name);
    for (const group of packages.get(name).groups) {
      if (group.some(isThere)) continue;
      // debootstrap merges /usr itself.
      const first = group.includes('usr-is-merged')
        ? 'usr-is-merged'
        : group.find((each) => packages.has(each) || providers.has(each));
      if (first !== undefined) queue.push(first);
    }
  }
  return result;
}

const KEYRINGS = { debian: 'debian-archive-keyring', ubuntu: 'ubuntu-keyring' };

function minimalSystem(suite) {
  const index = indexOf(suite);
  if (!index) return undefined;
  const base = [...index.packages].filter(([, { isBase }]) => isBase).map(([name]) => name);
  return withInstalled([], [...base, 'apt', KEYRINGS[SUITES[suite].id]], index);
}

/** Lists of real images: the newest build of each kind and suite. */
function observed() {
  const lists = new Map();
  if (clone === undefined) return lists;
  const git = (...args) => {
    const { stdout } = spawnSync('git', ['-C', clone, ...args], { maxBuffer: 2 ** 31 - 1 });
    return String(stdout);
  };
  for (const { names } of REPOSITORIES) {
    const [name] = names;
    const paths = git('ls-tree', '--name-only', 'HEAD', `repos/${name}/local/`);
    const found = paths
      .split('\n')
      .filter((path) => path.endsWith('.md'))
      .map((path) => ({ path, tag: /([^/]+)\.md$/.exec(path)[1] }))
      .filter(({ tag }) => isUsual(tag) && !/20\d{6}/.test(tag))
      .map(({ path, tag }) => ({ path, ...splitTag(tag) }))
      .sort((a, b) => a.head.localeCompare(b.head, 'en', { numeric: true }));
    for (const { path, kind } of found) {
      const text = git('show', `HEAD:${path}`);
      const packages = packagesIn(text);
      const suite = suiteIn(text, path, name);
      // It was made before its suite was released.
      if (packages.size > 0 && suite !== undefined && suite !== 'bullseye') {
        lists.set(`${name}\0${kind}\0${suite}`, packages);
      }
    }
  }
  return lists;
}

function packagesIn(text) {
  const deb = [...text.matchAll(/^- `([a-z0-9][a-z0-9.+-]+)(?::\w+)?=/gm)].map(([, name]) => name);
  const apk = [...text.matchAll(/^### `apk` package: `([^`.][^`]*)`/gm)].map(([, name]) => name);
  const rpm = [...text.matchAll(/^### `rpm` package: `(.+)-[^-]+-[^-]+`/gm)].map(
    ([, name]) => name,
  );
  return new Set([...deb, ...apk, ...rpm]);
}

/** By the version of the C library or of the release's own package. */
function suiteIn(text, path, name) {
  const { tail, head } = splitTag(/([^/]+)\.md$/.exec(path)[1]);
  const named = tail.split('-').find((word) => SUITES[word]) ?? /alpine(3\.\d+)/.exec(tail)?.[0];
  if (named) return named;
  if (name === 'alpine')
    return /^3\.\d+/.test(head) ? `alpine${/^3\.\d+/.exec(head)[0]}` : undefined;
  const glibc = /`libc6:amd64=([\d.]+)/.exec(text)?.[1];
  const isUbuntu = /`base-files=[^`]*ubuntu/.test(text);
  if (glibc) {
    return Object.keys(SUITES).find(
      (key) =>
        SUITES[key].libcVersion === glibc && SUITES[key].id === (isUbuntu ? 'ubuntu' : 'debian'),
    );
  }
  const musl = /musl-([\d.]+)-r(\d+) description/.exec(text);
  const release = /alpine-baselayout-([\d.]+-r\d+) description/.exec(text)?.[1];
  const byRelease = {
    '3.2.0-r6': 'alpine3.12',
    '3.2.0-r3': 'alpine3.11',
    '3.1.2-r0': 'alpine3.10',
    '3.1.0-r3': 'alpine3.9',
  };
  if (musl && byRelease[release]) return byRelease[release];
  const rpm = /`centos-release-(\d)/.exec(text)?.[1];
  return rpm ? suiteOf('centos', rpm) : undefined;
}

const lists = observed();
for (const [version, list] of Object.entries(ALPINE_LISTS)) {
  const key = `alpine\0\0alpine${version}`;
  if (!lists.has(key)) lists.set(key, new Set(words(list)));
}

/** The suites that a repository's images stood on. */
const history = JSON.parse(readFileSync(join(folder, 'official-tags.json'), 'utf8'));
const suitesOf = new Map(
  REPOSITORIES.map(({ names: [name], family }) => {
    const suites = new Set();
    for (const [tag, [suite]] of Object.entries(history.tags[name] ?? {})) {
      const { tail } = splitTag(tag);
      suites.add(SUITE_IN_TAG(tail) ?? suite);
    }
    const own = Object.keys(SUITES).filter((key) => SUITES[key].id === family);
    return [name, own.length > 0 ? new Set(own) : suites];
  }),
);

const done = new Map();
/** The packages of an image, as far as they are known. */
function listOf(repository, row, suite) {
  const key = `${repository.names[0]}\0${repository.kinds.indexOf(row)}\0${suite}`;
  if (!done.has(key)) done.set(key, find(repository, row, suite));
  return done.get(key);
}

function find(repository, row, suite) {
  const seen = kindsOf(row)
    .map((kind) => lists.get(`${repository.names[0]}\0${kind}\0${suite}`))
    .find(Boolean);
  if (seen) return seen;
  if (row.suites && !new RegExp(`^(?:${row.suites})$`).test(suite)) return undefined;
  if (row.on === undefined) return minimalSystem(suite);
  const below = belowOf(row, suite);
  const base = below && listOf(below.repository, below.row, suite);
  const index = indexOf(suite);
  if (base === undefined) return undefined;
  if (words(row.installs).length === 0) return row.isOpen ? undefined : base;
  if (!index) return row.carries ? carriedOver(repository, row, suite, base) : undefined;
  const kept = words(row.keeps).filter((name) => index.packages.has(name));
  const installs = words(row.installs).filter(
    (name) => index.packages.has(name) || index.providers.has(name),
  );
  return withInstalled(base, [...installs, ...kept], index);
}

/** Of Alpine there are no indices: what the newest image that was seen adds to its base. */
function carriedOver(repository, row, suite, base) {
  if (SUITES[suite]?.id !== 'alpine') return undefined;
  const older = Object.keys(SUITES).filter(
    (key) => SUITES[key].id === 'alpine' && Number(key.slice(8)) < Number(suite.slice(8)),
  );
  for (const other of older.toReversed()) {
    const list = kindsOf(row)
      .map((kind) => lists.get(`${repository.names[0]}\0${kind}\0${other}`))
      .find(Boolean);
    const below = list && belowOf(row, other);
    const there = below && listOf(below.repository, below.row, other);
    if (there) return new Set([...base, ...[...list].filter((name) => !there.has(name))]);
  }
  return undefined;
}

/** The words that the row's pattern stands for, as far as it is a list. */
function kindsOf({ kind = '' }) {
  const optional = /^\(\?:([\w-]+)-\)\?(.*)$/.exec(kind);
  if (optional) return [optional[2], `${optional[1]}-${optional[2]}`];
  return /^[\w|-]*$/.test(kind) ? kind.split('|') : [];
}

function belowOf({ on }, suite) {
  if (on === 'scratch') return undefined;
  const reference = on
    .replace('{distribution}', SUITES[suite]?.id)
    .replace('{suite}', suite)
    .replace('{version}', SUITES[suite]?.version);
  const [name, tag] = reference.split(':');
  const repository = REPOSITORIES.find(({ names }) => names.includes(name));
  if (!repository || /\{head\}/.test(tag)) return undefined;
  const { kind } = splitTag(tag.replace('{java}', '17'));
  const row = repository.kinds.find(
    (each) =>
      new RegExp(`^(?:${each.kind ?? ''})$`).test(kind) &&
      (each.suites === undefined || new RegExp(`^(?:${each.suites})$`).test(suite)),
  );
  return row && { repository, row };
}

/** Programs by package, the newest suite first; others where they differ. */
function commandsOf(names) {
  const suites = ['trixie', 'bookworm', 'jammy'];
  const found = {};
  for (const suite of suites) {
    const path = join(folder, 'indices', `${suite}.contents`);
    if (!existsSync(path)) continue;
    const own = new Map();
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const [, program, owners] = /^(?:\S*\/)?([^/\s]+)\s+(\S+)$/.exec(line) ?? [];
      for (const owner of owners?.split(',') ?? []) {
        const name = /[^/]+$/.exec(owner)[0];
        if (names.has(name)) own.set(name, new Set([...(own.get(name) ?? []), program]));
      }
    }
    for (const [name, programs] of own) {
      const text = [...new Set([...programs, ...words(ALTERNATIVES[name])])]
        .toSorted(byCodePoint)
        .join(' ');
      if (found[name] === undefined) found[name] = text;
      else if (found[name] !== text && suite !== 'jammy') found[`${name}@${suite}`] = text;
    }
  }
  for (const [name, text] of Object.entries(ALTERNATIVES))
    if (names.has(name)) found[name] ??= text;
  for (const [name, text] of Object.entries(ALPINE_COMMANDS)) {
    found[found[name] === undefined ? name : `${name}@alpine`] = text;
  }
  return found;
}

const rows = {};
const all = new Set();
for (const repository of REPOSITORIES) {
  for (const row of repository.kinds) {
    for (const suite of Object.keys(SUITES)) {
      if (!suitesOf.get(repository.names[0]).has(suite)) continue;
      const list = listOf(repository, row, suite);
      const below = list && row.on && belowOf(row, suite);
      const base = below ? listOf(below.repository, below.row, suite) : new Set();
      if (!list || !base || (row.on && !below && row.on !== 'scratch')) continue;
      const added = [...list].filter((name) => !base.has(name)).toSorted(byCodePoint);
      const removed = [...base].filter((name) => !list.has(name)).toSorted(byCodePoint);
      if (row.on && added.length + removed.length === 0 && !row.installs) continue;
      for (const name of [...added, ...removed]) all.add(name);
      const key = `${repository.names[0]}\0${repository.kinds.indexOf(row)}`;
      (rows[key] ??= {})[suite] = { added, removed };
    }
  }
}
process.stdout.write(
  JSON.stringify({ rows, names: [...all].toSorted(byCodePoint), commands: commandsOf(all) }),
);
