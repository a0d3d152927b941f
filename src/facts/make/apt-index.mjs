// What Debian's indices say of packages: versions, relations and sizes of Packages, files of Contents.
// Read from a folder of lists that apt filled; apt-packages.mjs says how.

import { createReadStream, readFileSync, readdirSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fieldsOf, groupsOf, readIndex } from './recommends.mjs';

/**
 * @typedef {object} Kinds how many files of a package are of a kind
 * @property {number} doc below /usr/share/doc, without the copyright
 * @property {number} man
 * @property {number} locale
 * @property {number} other of what slim images leave out
 * @property {number} rest all that slim images have too
 * @property {number} python sources that are compiled when they are installed
 *
 * @typedef {object} Package
 * @property {string} name
 * @property {string} version
 * @property {number} installed KiB, as its builder counted
 * @property {string[][]} depends
 * @property {string[][]} recommends
 * @property {string[]} provides
 * @property {string} priority
 * @property {boolean} isEssential
 * @property {number} stanza bytes of its entry in dpkg's status
 * @property {Kinds} files
 * @property {number} folders
 * @property {number} listed bytes of the list of its files
 * @property {number} sums bytes of their checksums
 *
 * @typedef {{ codename: string, date: string, packages: Map<string, Package>,
 *   providers: Map<string, string[]>, base: Set<string> }} Suite
 */

const HELPER = '/usr/lib/apt/apt-helper';
const PRIORITIES = ['required', 'important', 'standard', 'optional', 'extra'];

/** Fields of an index that dpkg does not keep. */
const INDEX_ONLY =
  /^(Filename|Size|MD5sum|SHA1|SHA256|Description-md5|Tag|Build-Ids|Package-Type|Task)$/;

/** A line of checksums is as long as the path and this: 32 digits, two blanks, a line end. */
const SUM_BYTES = 35;
/** The first line of a list of files: `/.`. */
const LIST_START = 3;

/**
 * @param {string} folder
 * @param {string} codename
 */
export async function readSuite(folder, codename) {
  const files = readdirSync(folder);
  const of = (/** @type {string} */ ending) =>
    ['', '-updates', '-security'].flatMap((pocket) =>
      files
        .filter((name) => name.includes(`_dists_${codename}${pocket}_main_${ending}`))
        .map((name) => join(folder, name)),
    );
  /** @type {Map<string, Package>} */
  const packages = new Map();
  for (const file of of('binary-amd64_Packages')) {
    for (const stanza of readIndex(file).split('\n\n')) {
      const found = packageOf(stanza);
      const known = packages.get(found.name);
      if (found.name && (!known || compareVersions(found.version, known.version) > 0))
        packages.set(found.name, found);
    }
  }
  const release = files.find((name) => name.endsWith(`_dists_${codename}_InRelease`));
  if (packages.size === 0 || !release) throw new Error(`no lists of ${codename} in ${folder}`);
  const dates = files
    .filter((name) => new RegExp(`_dists_${codename}(-\\w+)?_InRelease$`).test(name))
    .map((name) => /^Date: *(.+)/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1] ?? '')
    .map((date) => new Date(date).toISOString().slice(0, 10));
  const providers = providersIn(packages);
  const suite = { codename, date: dates.toSorted().at(-1) ?? '', packages, providers };
  const contents = of('Contents-');
  if (contents.length === 0) throw new Error(`no Contents of ${codename} in ${folder}`);
  for (const file of contents) await readContents(file, packages);
  return { ...suite, base: baseOf(suite) };
}

/** @param {string} stanza @returns {Package} */
function packageOf(stanza) {
  const fields = fieldsOf(stanza);
  const kept = stanza
    .split(/\n(?=\S)/)
    .filter((line) => !INDEX_ONLY.test(line.slice(0, line.indexOf(':'))));
  return {
    name: fields.Package ?? '',
    version: fields.Version ?? '',
    installed: Number(fields['Installed-Size'] ?? 0),
    depends: [...groupsOf(fields['Pre-Depends']), ...groupsOf(fields.Depends)],
    recommends: groupsOf(fields.Recommends),
    provides: groupsOf(fields.Provides).flat(),
    priority: fields.Priority ?? 'optional',
    isEssential: fields.Essential === 'yes',
    stanza: kept.join('\n').length + '\nStatus: install ok installed\n\n'.length,
    files: { doc: 0, man: 0, locale: 0, other: 0, rest: 0, python: 0 },
    folders: 0,
    listed: LIST_START,
    sums: 0,
  };
}

/**
 * `path   section/name,section/name`, sorted by path.
 * @param {string} file
 * @param {Map<string, Package>} packages
 */
async function readContents(file, packages) {
  const input = file.endsWith('.lz4')
    ? spawn(HELPER, ['cat-file', file], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout
    : createReadStream(file);
  /** @type {Map<Package, string>} */
  const last = new Map();
  for await (const line of createInterface({ input })) {
    const blank = line.lastIndexOf(' ');
    const path = line.slice(0, blank).trimEnd();
    for (const owner of line.slice(blank + 1).split(',')) {
      const found = packages.get(owner.slice(owner.lastIndexOf('/') + 1));
      if (!found) continue;
      addFile(found, path, last.get(found) ?? '');
      last.set(found, path);
    }
  }
}

/**
 * @param {Package} found
 * @param {string} path
 * @param {string} previous the path of the package before
 */
function addFile(found, path, previous) {
  found.files[kindOf(path)] += 1;
  if (isCompiled(path)) found.files.python += 1;
  found.listed += path.length + 2;
  found.sums += path.length + SUM_BYTES;
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    if (previous.startsWith(path.slice(0, slash + 1))) continue;
    found.folders += 1;
    found.listed += slash + 2;
  }
}

/** Python that is compiled by the package's scripts. @param {string} path */
export const isCompiled = (path) => /^usr\/(lib\/python3|share\/(?!doc\/)).*\.py$/.test(path);

/** As the official slim images leave files out. @param {string} path @returns {'doc' | 'man' | 'locale' | 'other' | 'rest'} */
export function kindOf(path) {
  if (!path.startsWith('usr/share/')) return 'rest';
  const [, , folder, name, last] = path.split('/');
  if (folder === 'doc') return last === 'copyright' ? 'rest' : 'doc';
  if (folder === 'man') return 'man';
  if (folder === 'locale')
    return /^(currency|l10n|all_languages|languages|locale\.alias)$/.test(name ?? '')
      ? 'rest'
      : 'locale';
  if (folder === 'groff' || folder === 'info' || folder === 'linda') return 'other';
  return folder === 'lintian' && name === 'overrides' ? 'other' : 'rest';
}

/** @param {Map<string, Package>} packages */
function providersIn(packages) {
  /** @type {Map<string, string[]>} */
  const providers = new Map();
  for (const { name, provides } of packages.values())
    for (const virtual of new Set(provides))
      providers.set(virtual, [...(providers.get(virtual) ?? []), name]);
  const rank = (/** @type {string} */ name) =>
    PRIORITIES.indexOf(packages.get(name)?.priority ?? '');
  for (const names of providers.values())
    names.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return providers;
}

/**
 * What may stand for a group, best first: what apt takes is the first.
 * @param {Pick<Suite, 'packages' | 'providers'>} suite
 * @param {string[]} group
 */
export const candidatesOf = ({ packages, providers }, group) => [
  ...new Set(
    group.flatMap((name) => [
      ...(packages.has(name) ? [name] : []),
      ...(providers.get(name) ?? []),
    ]),
  ),
];

/**
 * What every image of the suite with apt has: nobody's Dockerfile installs it.
 * @param {Pick<Suite, 'packages' | 'providers'>} suite
 */
function baseOf(suite) {
  const queue = [...suite.packages.values()]
    .filter(({ isEssential, priority }) => isEssential || priority === 'required')
    .map(({ name }) => name)
    .concat('apt');
  /** @type {Set<string>} */
  const base = new Set();
  for (const name of queue) {
    if (base.has(name)) continue;
    base.add(name);
    for (const group of suite.packages.get(name)?.depends ?? []) {
      // debootstrap merges /usr itself.
      const isMerged = group.includes('usr-is-merged');
      const [first] = candidatesOf(suite, isMerged ? ['usr-is-merged'] : group);
      if (first !== undefined) queue.push(first);
    }
  }
  return base;
}

/**
 * Debian's order of versions: epoch, then version, then revision.
 * @param {string} a
 * @param {string} b
 */
export function compareVersions(a, b) {
  const parts = (/** @type {string} */ version) => {
    const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/.exec(version) ?? [];
    const dash = rest.lastIndexOf('-');
    return dash < 0 ? [epoch, rest, '0'] : [epoch, rest.slice(0, dash), rest.slice(dash + 1)];
  };
  const [one, other] = [parts(a), parts(b)];
  for (let at = 0; at < 3; at += 1) {
    const order = compareParts(one[at] ?? '', other[at] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** @param {string} a @param {string} b */
function compareParts(a, b) {
  const tokens = (/** @type {string} */ text) => text.match(/\d+|\D+/g) ?? [];
  // A part begins with what is no digit, be it nothing.
  const [one, other] = [a, b].map((text) =>
    /^\d/.test(text) ? ['', ...tokens(text)] : tokens(text),
  );
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const order =
      at % 2 === 1
        ? Number(one[at] ?? 0) - Number(other[at] ?? 0)
        : compareLetters(one[at] ?? '', other[at] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** `~` before the end, the end before letters, letters before the rest. @param {string} a @param {string} b */
function compareLetters(a, b) {
  const weight = (/** @type {string | undefined} */ char) => {
    if (char === '~') return -1;
    if (char === undefined) return 0;
    return /[a-z]/i.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
  };
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const order = weight(a[at]) - weight(b[at]);
    if (order !== 0) return order;
  }
  return 0;
}
