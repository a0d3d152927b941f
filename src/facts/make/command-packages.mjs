// Checks command-packages.json, native-packages.json and alpine-names.json: that the packages of Debian
// and Ubuntu that they name are in the indices, and that those of a command have it or bring it.
//
//   node command-packages.mjs [Packages and Contents files ...]
//
// Without files it takes those that `apt-get update` left on the machine; Contents files are there
// where apt was told to fetch them (`apt-file` does that). It writes nothing.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { closureOf, here, indexFiles, readSuites } from './recommends.mjs';

/** @typedef {ReturnType<typeof readSuites>[number]} Suite */
/**
 * @typedef {{ commands?: string[], debian?: string[] }} Needs
 * @typedef {{ command: string, debian: string[], debianBySuite?: Record<string, string[]> }} CommandRow
 */

const HELPER = '/usr/lib/apt/apt-helper';

// A package's script links them when it is installed, so that no index lists them.
const LINKED_AT_INSTALL =
  'automake awk c++ cc convert createdb fakeroot ftp identify iptables java javac keytool kinit mogrify mvn nc netcat pdftk pg_dump pg_isready pg_restore php php-fpm pkg-config psql python2 rename squid telnet traceroute unrar uwsgi vi vim which'.split(
    ' ',
  );

/**
 * The commands of each package, by suite.
 * @param {string[]} files
 */
async function readContents(files) {
  /** @type {Map<string, Map<string, Set<string>>>} */
  const suites = new Map();
  for (const file of files) {
    const suite = /_dists_([a-z]+)_/.exec(file)?.[1] ?? '';
    const found = suites.get(suite) ?? new Map();
    suites.set(suite, found);
    const reader = spawn(HELPER, ['cat-file', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    // A string of a whole file would be longer than Node allows.
    for await (const line of createInterface({ input: reader.stdout })) {
      const match = /^(?:usr\/)?s?bin\/(\S+)\s+(\S+)$/.exec(line);
      if (!match?.[1] || !match[2]) continue;
      const packages = found.get(match[1]) ?? new Set();
      for (const each of match[2].split(',')) packages.add(each.replace(/^.*\//, ''));
      found.set(match[1], packages);
    }
  }
  return suites;
}

/** @param {Suite} suite */
const codename = (suite) => suite.label.split(' ')[1] ?? '';

/**
 * @param {Suite} suite
 * @param {string} name
 */
const exists = (suite, name) => suite.packages.has(name) || suite.providers.has(name);

/** @param {string} file */
const rowsOf = (file) => JSON.parse(readFileSync(here(`../${file}`), 'utf8'));

/**
 * @param {Suite[]} suites
 * @param {Awaited<ReturnType<typeof readContents>>} contents
 */
function checkCommands(suites, contents) {
  /** @type {string[]} */
  const wrong = [];
  /** @type {{ commands: CommandRow[] }} */
  const { commands } = rowsOf('command-packages.json');
  for (const suite of suites) {
    const has = contents.get(codename(suite));
    for (const { command, debian, debianBySuite } of commands) {
      for (const name of debianBySuite?.[codename(suite)] ?? debian) {
        if (!exists(suite, name)) wrong.push(`${codename(suite)}: ${command}: no package ${name}`);
        else if (has && !LINKED_AT_INSTALL.includes(command)) {
          const owners = has.get(command) ?? new Set();
          if (![name, ...closureOf(suite, [name])].some((each) => owners.has(each)))
            wrong.push(`${codename(suite)}: ${name} does not have ${command}`);
        }
      }
    }
  }
  console.log(`${commands.length} commands`);
  return wrong;
}

/**
 * A name must be in one suite at least: which suites, the libraries and the reader of the row know.
 * @param {Suite[]} suites
 */
function checkNames(suites) {
  /** @type {{ kits: Record<string, { needs: Needs, linked?: Needs }>, headers: Record<string, Needs>,
   *   packages: { names: string[], build?: Needs, linked?: Needs, run?: Needs }[] }} */
  const native = rowsOf('native-packages.json');
  const libraries = rowsOf('debian-libraries.json').packages;
  const needs = [
    ...Object.values(native.headers),
    ...Object.values(native.kits).flatMap((kit) => [kit.needs, kit.linked]),
    ...native.packages.flatMap((row) => [row.build, row.linked, row.run]),
  ];
  /** @type {{ packages: Record<string, string[]>, needless: string[], missing: string[] }} */
  const alpine = rowsOf('alpine-names.json');
  const names = new Set([
    ...needs.flatMap((each) => each?.debian ?? []),
    ...Object.keys(alpine.packages),
    ...alpine.needless,
  ]);
  const absent = [...names].filter((name) => !suites.some((suite) => exists(suite, name)));
  const behind = native.packages
    .flatMap((row) => [...(row.linked?.debian ?? []), ...(row.run?.debian ?? [])])
    .filter((name) => name.endsWith('-dev') && !(name in libraries));
  console.log(`${names.size} names`);
  return [
    ...absent.map((name) => `in no suite: ${name}`),
    ...[...new Set(behind)].map((name) => `no libraries are known of ${name}`),
  ];
}

const files = process.argv.slice(2);
const suites = readSuites(
  files.length > 0 ? files.filter((file) => /_Packages/.test(file)) : indexFiles(),
);
const contents = await readContents(files.filter((file) => /Contents-/.test(file)));
const wrong = [...checkCommands(suites, contents), ...checkNames(suites)];
for (const each of wrong) console.error(each);
console.log(`${suites.map(codename).join(', ')}: ${wrong.length} names or commands contradicted`);
process.exitCode = wrong.length > 0 ? 1 : 0;
