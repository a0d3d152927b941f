// Writes apk-packages.json: what packages of Alpine add to an image, and what comes along with them.
//
//   node apk-packages.mjs [--names FILE] [--out FILE] alpine3.16=APKINDEX alpine3.17=APKINDEX …
//
// Each APKINDEX is the text inside a repository's APKINDEX.tar.gz. The names are those of
// apk-packages.txt, and all that the rows of other facts name for Alpine; what they bring along is
// added. Sizes are `I:` (installed bytes), in units of 1000.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const read = (name) => JSON.parse(readFileSync(here(name), 'utf8'));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    names: { type: 'string', default: here('apk-packages.txt') },
    out: { type: 'string', default: here('../apk-packages.json') },
  },
});

const bare = (word) => word.replace(/[=<>~].*$/, '');

/** @param {string} file */
function readIndex(file) {
  const packages = new Map();
  const providers = new Map();
  for (const paragraph of readFileSync(file, 'utf8').split('\n\n')) {
    const fields = new Map(
      paragraph.split('\n').map((line) => [line.slice(0, 1), line.slice(2).trim()]),
    );
    const name = fields.get('P');
    if (!name) continue;
    const words = (key) => (fields.get(key) ?? '').split(' ').filter(Boolean);
    packages.set(name, {
      name,
      size: Number(fields.get('I')),
      needs: words('D')
        .filter((word) => !word.startsWith('!'))
        .map(bare),
      priority: Number(fields.get('k') ?? 0),
      built: Number(fields.get('t') ?? 0),
    });
    for (const word of words('p')) {
      const provided = bare(word);
      providers.set(provided, [...(providers.get(provided) ?? []), name]);
    }
  }
  /** A package itself, or the one that provides a name. */
  const find = (name) =>
    packages.get(name) ??
    (providers.get(name) ?? [])
      .map((each) => packages.get(each))
      .toSorted((a, b) => b.priority - a.priority || a.size - b.size)[0];
  return { packages, find };
}

const indices = positionals.map((word) => {
  const [release, file] = word.split('=');
  return { release, ...readIndex(file) };
});

const { packages: onAlpine, libraries } = read('../alpine-names.json');
const { commands } = read('../command-packages.json');
const wanted = new Set([
  ...readFileSync(values.names, 'utf8').split('\n').filter(Boolean),
  ...Object.values(onAlpine).flat(),
  ...Object.keys(libraries),
  ...Object.values(libraries).flat(),
  ...Object.values(commands).flatMap((row) => row.alpine ?? []),
]);

// All that comes along, on any of the releases: what one release needs may be provided on another.
const names = new Set();
for (let before = -1; names.size !== before;) {
  before = names.size;
  for (const { find } of indices) {
    const queue = [...wanted, ...names];
    const seen = new Set();
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const found = find(name);
      if (!found) continue;
      if (wanted.has(name)) names.add(name);
      if (seen.has(found.name)) continue;
      seen.add(found.name);
      names.add(found.name);
      queue.push(...found.needs);
    }
  }
}

const sorted = [...names].toSorted((a, b) => (a < b ? -1 : 1));
const places = new Map(sorted.map((name, place) => [name, place]));
const base36 = (number) => number.toString(36);

const releases = Object.fromEntries(
  indices.map(({ release, packages, find }) => {
    const rows = sorted.map((name) => {
      const own = packages.get(name);
      const found = own ?? find(name);
      if (!found) return '';
      if (!own) return `=${base36(places.get(found.name))}`;
      const needs = new Set(
        own.needs.flatMap((need) => {
          const needed = find(need);
          return needed && needed.name !== name ? [places.get(needed.name)] : [];
        }),
      );
      const line = base36(Math.round(own.size / 1000));
      return needs.size === 0 ? line : `${line},${[...needs].map(base36).join(' ')}`;
    });
    const newest = Math.max(...[...packages.values()].map(({ built }) => built));
    const date = new Date(newest * 1000).toISOString().slice(0, 10);
    return [release, { date, rows: rows.join('\n') }];
  }),
);

const kept = read('../apk-packages.json');
const out = { ...kept, names: sorted.join(' '), releases };
const lines = Object.entries(out).map(
  ([key, value]) =>
    `  ${JSON.stringify(key)}: ${
      key === 'releases'
        ? `{\n${Object.entries(value)
            .map(([release, rows]) => `    ${JSON.stringify(release)}: ${JSON.stringify(rows)}`)
            .join(',\n')}\n  }`
        : JSON.stringify(value)
    }`,
);
writeFileSync(values.out, `{\n${lines.join(',\n')}\n}\n`);
process.stdout.write(`${sorted.length} names\n`);
