// Writes debian-libraries.json: for each package with headers that Dockerfiles install, the packages
// with the shared libraries that a program linked against it needs when it runs, by suite.
//
//   node debian-libraries.mjs [--names FILE] [--out FILE] [Packages file ...]
//   node debian-libraries.mjs --check [Packages file ...]
//
// Without Packages files it takes those that `apt-get update` left on the machine. `--check` writes
// nothing: it tells the rows that the indices at hand contradict.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  fieldsOf,
  groupsOf,
  here,
  indexFiles,
  labelOf,
  prefixOf,
  readIndex,
} from './recommends.mjs';

/**
 * @typedef {{ name: string, source: string, version: string, section: string,
 *   provides: string[], depends: { name: string, isExact: boolean }[] }} Package
 * @typedef {{ label: string, codename: string, packages: Map<string, Package>,
 *   providers: Map<string, string[]> }} Suite
 * @typedef {Record<string, string[]>} Row by codename
 */

// Oldest first within a distribution: the order in which a row names its suites.
const ORDER = ['bullseye', 'bookworm', 'trixie', 'focal', 'jammy', 'noble'];

/**
 * The first alternative only: it is what a build on that suite takes.
 * @param {string | undefined} relation
 */
const dependsOf = (relation) =>
  (relation ?? '').split(',').flatMap((group) => {
    const first = group.split('|')[0]?.trim() ?? '';
    const name = groupsOf(first)[0]?.[0];
    return name ? [{ name, isExact: /\(=\s/.test(first) }] : [];
  });

/**
 * @param {string} stanza
 * @returns {Package | undefined}
 */
function packageOf(stanza) {
  const fields = fieldsOf(stanza);
  const name = fields.Package;
  if (!name) return undefined;
  return {
    name,
    source: (fields.Source ?? name).split(' ')[0] ?? name,
    version: fields.Version ?? '',
    section: (fields.Section ?? '').replace(/^.*\//, ''),
    provides: groupsOf(fields.Provides).flat(),
    depends: [...dependsOf(fields['Pre-Depends']), ...dependsOf(fields.Depends)],
  };
}

/** @param {Package[]} packages */
function providersIn(packages) {
  /** @type {Map<string, string[]>} */
  const providers = new Map();
  for (const { name, provides } of packages)
    for (const virtual of provides)
      providers.set(virtual, [...(providers.get(virtual) ?? []), name]);
  return providers;
}

/**
 * `apt-get install` takes a virtual name when one package provides it.
 * @param {Suite} suite
 * @param {string} name
 */
function packageNamed(suite, name) {
  const providers = suite.providers.get(name) ?? [];
  const real = providers.length === 1 ? providers[0] : undefined;
  return suite.packages.get(name) ?? (real === undefined ? undefined : suite.packages.get(real));
}

/**
 * @param {string[]} files
 * @returns {Suite[]}
 */
export function readSuites(files) {
  const prefixes = [...new Set(files.map(prefixOf))];
  const suites = prefixes.map((prefix) => {
    const label = labelOf(prefix);
    const found = files
      .filter((file) => prefixOf(file) === prefix)
      .flatMap((file) => readIndex(file).split('\n\n'))
      .map(packageOf)
      .filter((each) => each !== undefined);
    return {
      label,
      codename: label.split(' ')[1] ?? '',
      packages: new Map(found.map((each) => [each.name, each])),
      providers: providersIn(found),
    };
  });
  return suites
    .filter(({ codename }) => ORDER.includes(codename))
    .sort((a, b) => ORDER.indexOf(a.codename) - ORDER.indexOf(b.codename));
}

const isHeaders = (/** @type {string} */ name) => /-(?:multi)?dev(?:-\w+)?$/.test(name);

const NO_LIBRARIES =
  /-(?:bin|common|data|doc|dbg|utils|tools|runtime|docs|sphinxdoc|plugins?|providers|headers|arch-config|fmt-all|perl|cil|locales?|l10n|examples)$/;

/**
 * By the section, or by the name where languages and tools keep theirs in a section of their own
 * (libpython3.11, libbinutils).
 * @param {Package} found
 */
const hasLibraries = ({ name, section }) =>
  !isHeaders(name) &&
  !NO_LIBRARIES.test(name) &&
  (section === 'libs' || section === 'oldlibs' || /^lib|-libs$/.test(name));

/**
 * The link of a -dev package points into a library package of the same build, which is why it depends
 * on exactly its version. One that has no library of its own (libboost-all-dev, default-libmysqlclient-dev)
 * stands for the -dev packages that it depends on.
 * @param {Suite} suite
 * @param {string} name
 * @param {Set<string>} [seen]
 * @returns {string[]}
 */
export function librariesOf(suite, name, seen = new Set()) {
  const found = packageNamed(suite, name);
  if (!found || seen.has(name)) return [];
  seen.add(name);
  const depends = found.depends.flatMap(({ name: each, isExact }) => {
    const target = packageNamed(suite, each);
    return target ? [{ target, isExact }] : [];
  });
  const candidates = depends.filter(({ target }) => hasLibraries(target));
  const libraries = candidates
    .filter(({ target, isExact }) => isExact || target.source === found.source)
    .map(({ target }) => target.name);
  const through = depends
    .filter(({ target }) => isHeaders(target.name))
    .filter(({ target }) => libraries.length === 0 || target.source === found.source)
    .flatMap(({ target }) => librariesOf(suite, target.name, seen));
  const all = [...libraries, ...through];
  return [...new Set(all.length > 0 ? all : candidates.map(({ target }) => target.name))]
    .filter((each) => each !== 'libc6')
    .sort();
}

/**
 * @param {Suite[]} suites
 * @param {string} name
 * @returns {Row}
 */
function rowOf(suites, name) {
  /** @type {Row} */
  const row = {};
  for (const suite of suites)
    if (packageNamed(suite, name)) row[suite.codename] = librariesOf(suite, name);
  return row;
}

/**
 * Suites that agree share one entry.
 * @param {Row} row
 * @param {Map<string, number>} numbers
 */
function entryOf(row, numbers) {
  /** @type {Map<string, string[]>} */
  const suitesOf = new Map();
  for (const [suite, libraries] of Object.entries(row)) {
    const key = JSON.stringify(libraries.map((each) => numbers.get(each)));
    suitesOf.set(key, [...(suitesOf.get(key) ?? []), suite]);
  }
  return [...suitesOf]
    .map(([key, suites]) => `${JSON.stringify(suites.join(' '))}: ${key}`)
    .join(', ');
}

/**
 * @param {Suite[]} suites
 * @param {[string, Row][]} rows
 */
function serialize(suites, rows) {
  const names = [...new Set(rows.flatMap(([, row]) => Object.values(row).flat()))].sort();
  const numbers = new Map(names.map((name, at) => [name, at]));
  const lines = rows.map(([name, row]) => `${JSON.stringify(name)}: { ${entryOf(row, numbers)} }`);
  const source = `Depends of the Debian (main) and Ubuntu (main, universe) package indices, amd64, with the dates of their Release files: ${suites.map(({ label }) => label).join(', ')}`;
  return `{\n  "source": ${JSON.stringify(source)},\n  "suites": ${JSON.stringify(suites.map(({ codename }) => codename))},\n  "names": ${JSON.stringify(names)},\n  "packages": {\n${lines.join(',\n')}\n  }\n}\n`;
}

/**
 * @param {Suite[]} suites
 * @param {string} file
 */
function check(suites, file) {
  /** @type {{ names: string[], packages: Record<string, Record<string, number[]>> }} */
  const { names, packages } = JSON.parse(readFileSync(file, 'utf8'));
  let wrong = 0;
  for (const [name, entries] of Object.entries(packages)) {
    for (const suite of suites) {
      const entry = Object.entries(entries).find(([key]) =>
        key.split(' ').includes(suite.codename),
      );
      const told = entry?.[1].map((at) => names[at]).join(' ');
      const found = packageNamed(suite, name) ? librariesOf(suite, name).join(' ') : undefined;
      if (told === found) continue;
      wrong += 1;
      console.error(`${suite.codename} ${name}: ${told} in the rows, ${found} in the index`);
    }
  }
  console.log(
    `${Object.keys(packages).length} rows, ${suites.length} suites, ${wrong} contradicted`,
  );
  process.exitCode = wrong > 0 ? 1 : 0;
}

/** @param {string[]} args */
function main(args) {
  const settings = {
    '--names': here('dev-packages.txt'),
    '--out': here('../debian-libraries.json'),
  };
  /** @type {string[]} */
  const files = [];
  let isCheck = false;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--names' || arg === '--out') settings[arg] = args[(at += 1)] ?? '';
    else if (arg === '--check') isCheck = true;
    else files.push(arg);
  }
  const suites = readSuites(files.length > 0 ? files : indexFiles());
  if (isCheck) return check(suites, settings['--out']);
  const names = [...new Set(readFileSync(settings['--names'], 'utf8').split(/\s+/))]
    .filter(isHeaders)
    .sort();
  /** @type {[string, Row][]} */
  const rows = [];
  for (const name of names) {
    const row = rowOf(suites, name);
    if (Object.keys(row).length > 0) rows.push([name, row]);
    else console.error(`in no suite: ${name}`);
  }
  writeFileSync(settings['--out'], serialize(suites, rows));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
