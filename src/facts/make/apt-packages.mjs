// Writes apt-packages.json: what a package adds to an image, and what it brings along.
//
//   node apt-packages.mjs --lists FOLDER [--names FILE] [--out FILE] [--doubtful NUMBER]
//
// FOLDER is one that apt filled with the lists of both suites, their Contents too:
//
//   apt-get update --option Dir::State::lists=FOLDER
//     --option 'Acquire::IndexTargets::deb::Contents-deb::MetaKey=$(COMPONENT)/Contents-$(ARCHITECTURE)'
//     --option 'Acquire::IndexTargets::deb::Contents-deb::Description=Contents'
//     --option 'Acquire::IndexTargets::deb::Contents-all::MetaKey=$(COMPONENT)/Contents-all'
//     --option 'Acquire::IndexTargets::deb::Contents-all::Description=Contents'
//
// with sources of both suites and their -updates and -security. `--doubtful` writes nothing: it tells
// the packages of which the real files should be looked at most, for apt-opened.mjs.

import { readFileSync, writeFileSync } from 'node:fs';
import { candidatesOf, readSuite } from './apt-index.mjs';
import { readOpened } from './apt-opened.mjs';
import { here } from './recommends.mjs';

/** @typedef {import('./apt-index.mjs').Suite} Suite */
/** @typedef {import('./apt-index.mjs').Package} Package */

const SUITES = ['bookworm', 'trixie'];

/**
 * The builder of a package counts whole KiB for each file and one for each folder and link: what that is
 * too much, in bytes. Fitted to the real files of the packages in apt-opened.txt.
 */
const ROUNDING = { file: 550, folder: 1010 };

/** Bytes of a file that slim images leave out, by kind: means over the same packages. */
const LEFT_OUT = { doc: 6000, man: 2000, locale: 30_000, other: 8000 };

/** A copyright and a folder: a package has nothing else where all its other files are left out. */
const COPYRIGHT = 4_000;

/** Scripts of a package; those of a library list its symbols too, which only the index's figure shows. */
const SCRIPTS = 3000;

/** Compiled Python by source, and the mean of a source where the package was not opened. */
const COMPILED = 1.13;
const PYTHON_SOURCE = 12_500;

/** More alternatives than these hardly ever decide anything; some virtual packages have fifty. */
const MOST_ALTERNATIVES = 16;

/** Which suite stands for another one: the nearest by age. */
const NEAREST = {
  bookworm: [
    'wheezy',
    'jessie',
    'stretch',
    'buster',
    'bullseye',
    'xenial',
    'bionic',
    'focal',
    'jammy',
  ],
  trixie: ['forky', 'sid', 'noble', 'plucky', 'questing'],
};

/** What all installs and what each package leave beside files, in bytes; see apt-made.json. */
const made = JSON.parse(readFileSync(here('apt-made.json'), 'utf8'));

/** @param {string} file @returns {Map<string, number>} how often Dockerfiles name a package */
function readNames(file) {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [name = '', count = '1'] = line.split(' ');
      return [name, Number(count)];
    }),
  );
}

/**
 * apt takes a virtual name where one package provides it.
 * @param {Suite} suite
 * @param {string} name
 */
function rootOf({ packages, providers }, name) {
  if (packages.has(name)) return name;
  const found = providers.get(name) ?? [];
  return found.length === 1 ? found[0] : undefined;
}

/**
 * Alternatives of each relation, without those that every image satisfies.
 * @param {Suite} suite
 * @param {string[][]} groups
 */
function relationsOf(suite, groups) {
  const found = groups
    .map((group) => candidatesOf(suite, group))
    .filter((names) => names.length > 0 && !names.some((name) => suite.base.has(name)))
    .map((names) => names.slice(0, MOST_ALTERNATIVES));
  const seen = new Set();
  return found.filter((names) => {
    const key = names.join('|');
    return !seen.has(key) && seen.add(key);
  });
}

/**
 * How often a package comes along, by name: with all that is recommended.
 * @param {Suite} suite
 * @param {Map<string, number>} names
 */
function usesIn(suite, names) {
  /** @type {Map<string, string[]>} */
  const next = new Map();
  const nextOf = (/** @type {string} */ name) => {
    let found = next.get(name);
    if (!found) {
      const { depends = [], recommends = [] } = suite.packages.get(name) ?? {};
      found = relationsOf(suite, [...depends, ...recommends]).flat();
      next.set(name, found);
    }
    return found;
  };
  /** @type {Map<string, number>} */
  const uses = new Map();
  for (const [name, count] of names) {
    const root = rootOf(suite, name);
    if (root === undefined) continue;
    const queue = [root];
    const seen = new Set(queue);
    for (const each of queue) {
      uses.set(each, (uses.get(each) ?? 0) + count);
      for (const other of nextOf(each)) {
        if (!seen.has(other)) queue.push(other);
        seen.add(other);
      }
    }
  }
  return uses;
}

/** @param {Package} found */
const filesOf = ({ files }) => files.doc + files.man + files.locale + files.other + files.rest;

/** @param {Package} found */
function contentOf(found) {
  const rounding = ROUNDING.file * filesOf(found) + ROUNDING.folder * found.folders;
  const bytes = found.installed * 1024;
  // Where most files are links the mean is too much.
  return Math.max(bytes - rounding, bytes * 0.3, 0);
}

/** @param {Package} found @param {number} content */
function guessLeftOut({ files }, content) {
  const sum = ['doc', 'man', 'locale', 'other'].reduce(
    (total, kind) => total + files[kind] * LEFT_OUT[kind],
    0,
  );
  // The rest is the copyright.
  if (sum > 0 && files.rest <= 1) return Math.max(0, content - COPYRIGHT);
  return Math.min(sum, content * 0.9);
}

/**
 * Bytes with dpkg's own files about the package, and what slim images leave out of them.
 * @param {string} codename
 * @param {Package} found
 * @param {ReadonlyMap<string, string>} opened
 */
function sizeOf(codename, found, opened) {
  const content = contentOf(found);
  const [all, leftOut, python] = (opened.get(`${codename} ${found.name} ${found.version}`) ?? '')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  const compiled = (python ?? found.files.python * PYTHON_SOURCE) * COMPILED;
  const own = made.files[found.name]?.bytes ?? (isPython(found) ? compiled : 0);
  // The scripts and symbols of a package count as content, the files below are made when it is installed.
  const about = found.listed + found.sums + 2 * found.stanza;
  const scripts = found.name.startsWith('lib') ? Math.max(SCRIPTS, content - (all ?? 0)) : SCRIPTS;
  const bytes = (all === undefined ? content : all + scripts) + about + own;
  return { bytes, leftOut: Math.min(leftOut ?? guessLeftOut(found, content), bytes) };
}

/** Of Python that nothing runs, as a part of another package, nothing is compiled. @param {Package} found */
const isPython = ({ name, depends }) =>
  /^(lib)?python3/.test(name) ||
  depends.some((group) => group.some((each) => each.startsWith('python3')));

/** @param {Package} found */
const asks = ({ depends }) => depends.flat().some((name) => /^(debconf|debconf-2\.0)$/.test(name));

const number = (/** @type {number} */ bytes) => Math.round(bytes / 1000).toString(36);

/**
 * @param {Suite} suite
 * @param {string} name
 * @param {ReadonlyMap<string, number>} ids
 * @param {ReadonlyMap<string, string>} opened
 */
function rowOf(suite, name, ids, opened) {
  const found = suite.packages.get(name);
  if (!found) {
    const root = rootOf(suite, name);
    return root === undefined ? '' : `=${(ids.get(root) ?? 0).toString(36)}`;
  }
  const { bytes, leftOut } = sizeOf(suite.codename, found, opened);
  const list = (/** @type {string[][]} */ groups) =>
    relationsOf(suite, groups)
      .map((names) => names.map((each) => (ids.get(each) ?? 0).toString(36)).join('|'))
      .join(' ');
  const size = `${number(bytes)}${leftOut >= 500 ? `-${number(leftOut)}` : ''}${asks(found) ? '!' : ''}`;
  return `${size},${list(found.depends)},${list(found.recommends)}`.replace(/,+$/, '');
}

/** @param {string[]} args */
async function main(args) {
  const option = (/** @type {string} */ name) => {
    const at = args.indexOf(name);
    return at < 0 ? undefined : args[at + 1];
  };
  const lists = option('--lists');
  if (lists === undefined) throw new Error('--lists FOLDER is missing');
  const names = readNames(option('--names') ?? here('apt-installs.txt'));
  const opened = readOpened();
  /** @type {Suite[]} */
  const suites = [];
  for (const codename of SUITES) suites.push(await readSuite(lists, codename));
  const uses = suites.map((suite) => usesIn(suite, names));
  if (option('--doubtful') !== undefined) {
    doubtful(suites, uses, Number(option('--doubtful')));
    return;
  }
  const asked = [...names.keys()].filter((name) =>
    suites.some((suite) => rootOf(suite, name) !== undefined),
  );
  const total = (/** @type {string} */ name) =>
    uses.reduce((sum, each) => sum + (each.get(name) ?? 0), 0);
  const all = [...new Set([...asked, ...uses.flatMap((each) => [...each.keys()])])].toSorted(
    (a, b) => total(b) - total(a) || (a < b ? -1 : 1),
  );
  const ids = new Map(all.map((name, at) => [name, at]));
  const rows = suites.map((suite) => {
    const lines = all.map((name) => rowOf(suite, name, ids, opened)).join('\n');
    return `    ${JSON.stringify(suite.codename)}: {\n      "date": ${JSON.stringify(suite.date)},\n      "rows": ${JSON.stringify(lines)}\n    }`;
  });
  const nearest = Object.entries(NEAREST).flatMap(([codename, others]) =>
    others.map((each) => [each, codename]),
  );
  const fields = [
    `"source": ${JSON.stringify(`package indices and Contents of Debian (main), amd64, ${suites.map(({ codename, date }) => `${codename} ${date}`).join(', ')}; ${opened.size} packages opened; what installs make beside files: ${made.source}`)}`,
    `"nearest": ${JSON.stringify(Object.fromEntries(nearest))}`,
    `"install": ${JSON.stringify(made.install)}`,
    `"names": ${JSON.stringify(all.join(' '))}`,
    `"suites": {\n${rows.join(',\n')}\n  }`,
  ];
  writeFileSync(
    option('--out') ?? here('../apt-packages.json'),
    `{\n  ${fields.join(',\n  ')}\n}\n`,
  );
}

/**
 * @param {Suite[]} suites
 * @param {Map<string, number>[]} uses
 * @param {number} most
 */
function doubtful(suites, uses, most) {
  const all = suites.flatMap((suite, at) =>
    [...(uses[at] ?? [])].flatMap(([name, count]) => {
      const found = suite.packages.get(name);
      if (!found) return [];
      const guess = guessLeftOut(found, contentOf(found)) + found.files.python * PYTHON_SOURCE;
      const line = `${suite.codename} ${name} ${found.version}`;
      return [{ line, doubt: (count * guess) / (found.installed + 500) }];
    }),
  );
  for (const { line } of all.toSorted((a, b) => b.doubt - a.doubt).slice(0, most))
    console.log(line);
}

await main(process.argv.slice(2));
