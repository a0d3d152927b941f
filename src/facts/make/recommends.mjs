// Writes recommends.json: for each package of a list, the packages that
// `apt-get install --no-install-recommends` leaves out: first level, and of
// what that brings along the packages recommended.json says to keep.
//
//   node recommends.mjs [--names FILE] [--keep FILE] [--out FILE]
//                       [Packages file ...] [--older Packages file ...]
//
// Without Packages files it takes those that `apt-get update` left in
// /var/lib/apt/lists. Older suites speak only for names no other suite has:
// what only they recommend would blur every row.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ name: string, priority: string, essential: boolean,
 *   depends: string[][], recommends: string[][], provides: string[] }} Package
 * @typedef {{ always: Set<string>, watched: Set<string>, words: Map<string, string[]> }} Keep
 * @typedef {{ label: string, packages: Map<string, Package>,
 *   providers: Map<string, string[]>, base: Set<string> }} Suite
 */

const LISTS = '/var/lib/apt/lists';
const HELPER = '/usr/lib/apt/apt-helper';
// Without the -updates and -security suites, whose dependencies are elsewhere.
const PACKAGES_FILE = /(?<=_dists_[a-z]+)_(?:main|universe)_binary-amd64_Packages(?:\.\w+)?$/;
const PRIORITIES = ['required', 'important', 'standard', 'optional', 'extra'];

// Debian's image has it, Ubuntu's has not: a file that relies on a
// Recommends for it must not look safe.
const NOT_IN_EVERY_BASE = ['tzdata'];

/** @param {string} path */
export const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * apt stores its lists compressed in ways Node cannot read.
 * @param {string} file
 */
export function readIndex(file) {
  if (file.endsWith('_Packages')) return readFileSync(file, 'utf8');
  const run = spawnSync(HELPER, ['cat-file', file], { encoding: 'utf8', maxBuffer: 2 ** 29 });
  if (run.status !== 0) throw new Error(`cannot read ${file}: ${run.stderr || run.error}`);
  return run.stdout;
}

/** @param {string} stanza */
export function fieldsOf(stanza) {
  /** @type {Record<string, string>} */
  const fields = {};
  for (const line of stanza.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trim();
  }
  return fields;
}

/**
 * "a (>= 1) | b:any, c" as [["a", "b"], ["c"]].
 * @param {string | undefined} relation
 */
export function groupsOf(relation) {
  if (!relation) return [];
  return relation
    .split(',')
    .map((group) => group.split('|').map((name) => name.trim().split(/[\s(:[]/)[0] ?? ''));
}

/**
 * @param {Record<string, string>} fields
 * @returns {Package}
 */
function packageOf(fields) {
  return {
    name: fields.Package ?? '',
    priority: fields.Priority ?? 'optional',
    essential: fields.Essential === 'yes',
    depends: [...groupsOf(fields['Pre-Depends']), ...groupsOf(fields.Depends)],
    recommends: groupsOf(fields.Recommends),
    provides: groupsOf(fields.Provides).flat(),
  };
}

/** @param {Map<string, Package>} packages */
function providersIn(packages) {
  /** @type {Map<string, string[]>} */
  const providers = new Map();
  for (const { name, provides } of packages.values()) {
    for (const virtual of new Set(provides))
      providers.set(virtual, [...(providers.get(virtual) ?? []), name]);
  }
  const rank = (/** @type {string} */ name) =>
    PRIORITIES.indexOf(packages.get(name)?.priority ?? '');
  for (const names of providers.values())
    names.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return providers;
}

/**
 * The names that satisfy one alternative: itself, or who provides it.
 * @param {Suite} suite
 * @param {string} name
 */
const candidates = (suite, name) => [
  ...(suite.packages.has(name) ? [name] : []),
  ...(suite.providers.get(name) ?? []),
];

/**
 * @param {Suite} suite
 * @param {string[]} group
 * @param {Set<string>} present
 */
const satisfied = (suite, group, present) =>
  group.some((name) =>
    candidates(suite, name).some((real) => present.has(real) || suite.base.has(real)),
  );

/**
 * What apt takes for an unsatisfied group; undefined when no one offers it.
 * @param {Suite} suite
 * @param {string[]} group
 */
const choice = (suite, group) => group.map((name) => candidates(suite, name)[0]).find(Boolean);

/**
 * Groups with alternatives wait until the plain ones are in: one of those
 * may satisfy them.
 * @param {Suite} suite
 * @param {string[]} roots
 * @param {boolean} [withRecommends]
 */
export function closureOf(suite, roots, withRecommends = false) {
  /** @type {Set<string>} */
  const present = new Set();
  const queue = [...roots];
  /** @type {string[][]} */
  const waiting = [];
  for (;;) {
    const name = queue.shift();
    if (name !== undefined) {
      const found = suite.packages.get(name);
      if (!found || present.has(name)) continue;
      present.add(name);
      for (const group of withRecommends
        ? [...found.depends, ...found.recommends]
        : found.depends) {
        const only =
          group.length === 1 && suite.packages.has(group[0] ?? '') ? group[0] : undefined;
        if (only === undefined) waiting.push(group);
        else if (!suite.base.has(only)) queue.push(only);
      }
      continue;
    }
    const group = waiting.shift();
    if (!group) return present;
    const chosen = satisfied(suite, group, present) ? undefined : choice(suite, group);
    if (chosen) queue.push(chosen);
  }
}

/**
 * @param {Suite} suite
 * @param {string[]} roots
 */
export function lostIn(suite, roots) {
  const present = closureOf(suite, roots);
  /** @type {Set<string>} */
  const lost = new Set();
  for (const name of present) {
    for (const group of suite.packages.get(name)?.recommends ?? []) {
      const chosen = satisfied(suite, group, present) ? undefined : choice(suite, group);
      if (chosen) lost.add(chosen);
    }
  }
  return lost;
}

/**
 * What would come along with the lost ones: a Dockerfile may rely on python3
 * that only the Recommends of a Recommends brought. What the packages that are
 * always kept bring is not lost.
 * @param {Suite} suite
 * @param {string} root
 * @param {Keep} keep
 */
function lostAndWatched(suite, root, keep) {
  const lost = lostIn(suite, [root]);
  const present = closureOf(suite, [root, ...[...lost].filter((name) => keep.always.has(name))]);
  const indirect = [...closureOf(suite, [...lost], true)].filter(
    (name) => keep.watched.has(name) && !present.has(name),
  );
  return new Set([...lost, ...indirect.filter((name) => !implied(suite, name, lost, keep))]);
}

/**
 * gpg needs no row of its own where gnupg is named for the same words.
 * @param {Suite} suite
 * @param {string} name
 * @param {Set<string>} lost
 * @param {Keep} keep
 */
function implied(suite, name, lost, keep) {
  const words = keep.words.get(name) ?? [];
  return [...lost].some((other) => {
    const others = keep.words.get(other);
    return (
      other !== name &&
      others &&
      words.every((word) => others.includes(word)) &&
      closureOf(suite, [other]).has(name)
    );
  });
}

/** @param {Suite} suite */
function baseOf(suite) {
  const roots = [...suite.packages.values()]
    .filter(
      ({ name, essential, priority }) => essential || priority === 'required' || name === 'apt',
    )
    .map(({ name }) => name)
    .filter((name) => !NOT_IN_EVERY_BASE.includes(name));
  return closureOf(suite, roots);
}

/** @param {string} file */
export const prefixOf = (file) => file.replace(PACKAGES_FILE, '');

/**
 * "Debian bookworm 2026-09-05", from the Release file beside the indices.
 * @param {string} prefix
 */
export function labelOf(prefix) {
  const release = [`${prefix}_InRelease`, `${prefix}_Release`].find((path) => existsSync(path));
  if (!release) throw new Error(`no Release file beside ${prefix}`);
  const text = readFileSync(release, 'utf8');
  const origin = /^Origin: *(\S+)/m.exec(text)?.[1];
  const codename = /^Codename: *(\S+)/m.exec(text)?.[1];
  const date = /^Date: *(.+)/m.exec(text)?.[1];
  if (!origin || !codename || !date) throw new Error(`no origin, codename or date in ${release}`);
  return `${origin} ${codename} ${new Date(date).toISOString().slice(0, 10)}`;
}

/**
 * @param {string} prefix
 * @param {string[]} files
 * @returns {Suite}
 */
function readSuite(prefix, files) {
  /** @type {Map<string, Package>} */
  const packages = new Map();
  for (const stanza of files.flatMap((file) => readIndex(file).split('\n\n'))) {
    const found = packageOf(fieldsOf(stanza));
    if (found.name) packages.set(found.name, found);
  }
  const suite = {
    label: labelOf(prefix),
    packages,
    providers: providersIn(packages),
    base: new Set(),
  };
  return { ...suite, base: baseOf(suite) };
}

/**
 * One suite for all the components (main, universe) of a release.
 * @param {string[]} files
 */
export function readSuites(files) {
  const prefixes = [...new Set(files.map(prefixOf))].sort();
  return prefixes.map((prefix) =>
    readSuite(prefix, files.filter((file) => prefixOf(file) === prefix).sort()),
  );
}

/** @param {string} [directory] */
export const indexFiles = (directory = LISTS) =>
  readdirSync(directory)
    .filter((name) => PACKAGES_FILE.test(name))
    .map((name) => join(directory, name));

/**
 * A virtual name is a row as well: `apt-get install` takes it when one
 * package provides it.
 * @param {Suite} suite
 * @param {string} name
 */
function rootOf(suite, name) {
  if (suite.packages.has(name)) return name;
  const providers = suite.providers.get(name) ?? [];
  return providers.length === 1 ? providers[0] : undefined;
}

/**
 * @param {Suite[]} suites
 * @param {string} name
 * @param {Keep} keep
 */
function rowOf(suites, name, keep) {
  /** @type {Set<string>} */
  const lost = new Set();
  let known = false;
  for (const suite of suites) {
    const root = rootOf(suite, name);
    if (root === undefined) continue;
    known = true;
    for (const each of lostAndWatched(suite, root, keep)) lost.add(each);
  }
  return known ? [...lost].sort() : undefined;
}

/**
 * Libraries that come along are not watched: no one calls them by name.
 * @param {string} file
 * @returns {Keep}
 */
function readKeep(file) {
  /** @type {{ keep: { package: string, when?: string[] }[] }} */
  const { keep } = JSON.parse(readFileSync(file, 'utf8'));
  const always = keep.filter(({ when }) => !when).map((entry) => entry.package);
  const called = keep
    .filter(({ when }) => when)
    .map((entry) => entry.package)
    .filter((name) => !name.startsWith('lib'));
  /** @type {Map<string, string[]>} */
  const words = new Map();
  for (const { package: name, when } of keep) if (when) words.set(name, when);
  return { always: new Set(always), watched: new Set([...called, 'ca-certificates']), words };
}

/** @param {Suite[]} suites */
const labelsOf = (suites) =>
  suites
    .map(({ label }) => label)
    .sort()
    .join(', ');

/**
 * @param {Suite[]} suites
 * @param {Suite[]} older
 */
function sourceOf(suites, older) {
  const fallback = older.length > 0 ? `; for names these do not have: ${labelsOf(older)}` : '';
  return `Debian (main) and Ubuntu (main, universe) package indices, amd64, with the dates of their Release files: ${labelsOf(suites)}${fallback}`;
}

/**
 * Names repeat too often to be spelled out in every row.
 * @param {[string, string[]][]} rows
 */
function dictionaryOf(rows) {
  /** @type {Map<string, number>} */
  const uses = new Map();
  for (const name of rows.flatMap(([, lost]) => lost)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const names = [...uses].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
  return { names, numbers: new Map(names.map((name, at) => [name, at])) };
}

/**
 * @param {string} source
 * @param {[string, string[]][]} rows
 */
function serialize(source, rows) {
  const { names, numbers } = dictionaryOf(rows);
  const lines = rows.map(([name, lost]) => {
    const row = lost.map((each) => numbers.get(each) ?? 0).sort((a, b) => a - b);
    return `${JSON.stringify(name)}: ${JSON.stringify(row)}`;
  });
  return `{\n  "source": ${JSON.stringify(source)},\n  "names": ${JSON.stringify(names)},\n  "packages": {\n${lines.join(',\n')}\n  }\n}\n`;
}

/** @param {string[]} args */
function main(args) {
  const settings = {
    '--names': here('apt-packages.txt'),
    '--keep': here('../recommended.json'),
    '--out': here('../recommends.json'),
  };
  /** @type {string[]} */
  const files = [];
  /** @type {string[]} */
  const olderFiles = [];
  let target = files;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--names' || arg === '--keep' || arg === '--out')
      settings[arg] = args[(at += 1)] ?? '';
    else if (arg === '--older') target = olderFiles;
    else target.push(arg);
  }
  const suites = readSuites(files.length > 0 ? files : indexFiles());
  const older = readSuites(olderFiles);
  const keep = readKeep(settings['--keep']);
  const names = [
    ...new Set(readFileSync(settings['--names'], 'utf8').split('\n').filter(Boolean)),
  ].sort();
  /** @type {[string, string[]][]} */
  const rows = [];
  for (const name of names) {
    const row = rowOf(suites, name, keep) ?? rowOf(older, name, keep);
    if (row) rows.push([name, row]);
    else console.error(`in no suite: ${name}`);
  }
  writeFileSync(settings['--out'], serialize(sourceOf(suites, older), rows));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
