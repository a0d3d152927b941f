/**
 * Makes images.json from a folder of observations and from the rows in image-kinds.mjs:
 *
 *   node src/facts/make/images.mjs <folder> > src/facts/images.json
 *
 * The folder holds
 *   official-tags.json     what official-tags.mjs made of the history of the official images
 *   suites.json            { tags: { repo: { tag: [suite, …] } } }: suites where the history tells none
 *   base-image-configs.json { repo: { tag: … } }: further tags
 *   images.jsonl, images-2023-2026.jsonl
 *                          a figure per line: { repo, tag, tags, os, os_version, compressed,
 *                            uncompressed, arm64_compressed, created, snapshot, source }
 *   packages.json          what image-packages.mjs made of lists of packages
 *   releases/              the products of endoflife.date, one Markdown file each
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORIES, SOURCES } from './image-kinds.mjs';
import { RELEASES, SUITES, SUITE_IN_TAG } from './image-suites.mjs';
import { isDated, isUsual, pack, splitTag, suiteOf } from './image-tags.mjs';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('the folder of observations is missing');

const json = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const rowsOf = (name) =>
  readFileSync(join(folder, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const history = json('official-tags.json');
const seen = json('suites.json');
const configured = json('base-image-configs.json');
const observed = [...rowsOf('images.jsonl'), ...rowsOf('images-2023-2026.jsonl')].filter(
  (each) => each.platform === 'linux/amd64',
);
/** Found for one repository, set after all of it was read. */
const filled = new Map();

const packages = existsSync(join(folder, 'packages.json')) ? json('packages.json') : undefined;

/** Figures of the repository's own and of those that it goes on from. */
const figuresOf = new Map();
for (const each of observed) figuresOf.set(each.repo, [...(figuresOf.get(each.repo) ?? []), each]);

/** Every tag with its suite, `-` where nothing tells it. */
function tagsOf({ names, further = {}, leaves, suiteByRule = () => undefined }) {
  const tags = new Map(Object.entries(further));
  const shown = suitesShown(names);
  for (const name of names) {
    for (const tag of [
      ...Object.keys(configured[name] ?? {}),
      ...Object.keys(seen.tags[name] ?? {}),
      ...Object.keys(history.tags[name] ?? {}),
      ...shown.keys(),
    ]) {
      if (tags.has(tag) || !isUsual(tag) || leaves?.test(tag)) continue;
      const known = [
        suiteByRule(tag),
        SUITE_IN_TAG(splitTag(tag).tail),
        history.tags[name]?.[tag]?.[0],
        suiteOf(seen.tags[name]?.[tag]?.[0]),
        shown.get(tag),
      ].find((suite) => suite !== undefined && suite !== '-');
      tags.set(tag, known ?? '-');
    }
    fillGaps(tags, history.tags[name] ?? {});
  }
  return tags;
}

/** What the lowest layer of an image showed. */
function suitesShown(names) {
  const shown = new Map();
  for (const row of names.flatMap((name) => figuresOf.get(name) ?? [])) {
    const suite = suiteOfRow(row);
    for (const tag of row.tags ?? [row.tag]) if (suite) shown.set(tag, suite);
  }
  return shown;
}

/** A tag whose suite nothing tells stood on what its nearest neighbour in time stood on. */
function fillGaps(tags, days) {
  const lines = new Map();
  for (const tag of tags.keys()) {
    const { head, tail } = splitTag(tag);
    const key = `${/^\D*\d*/.exec(head)[0]}\0${tail}`;
    lines.set(key, [...(lines.get(key) ?? []), tag]);
  }
  for (const line of lines.values()) {
    const known = line.filter((tag) => tags.get(tag) !== '-' && days[tag]);
    for (const tag of line) {
      const time = (each) => Date.parse(days[each][2]);
      if (tags.get(tag) !== '-' || !days[tag] || known.length === 0) continue;
      const near = known.reduce((best, each) =>
        Math.abs(time(each) - time(tag)) < Math.abs(time(best) - time(tag)) ? each : best,
      );
      // A year is shorter than the life of any suite.
      if (Math.abs(time(near) - time(tag)) < 365 * 86_400_000) filled.set(tag, tags.get(near));
    }
  }
  for (const [tag, suite] of filled) tags.set(tag, suite);
  filled.clear();
}

function suiteOfRow({ os, os_version: version }) {
  if (!os) return undefined;
  const [id, release = version] = os.split(':');
  return suiteOf(id, release);
}

/** Only whole versions, of repositories with very many tags: those of patches are like them. */
function withoutPatches(tags) {
  return new Map(
    [...tags].filter(([tag]) => !/\d+\.\d+[._u]\d|\d+\.\d+-\d|\du\d/.test(splitTag(tag).head)),
  );
}

/** Tags by their end and suite, beginnings packed. */
function packTags(tags, hasDays) {
  const groups = new Map();
  for (const [tag, suite] of tags) {
    if (hasDays && isDated(tag)) continue;
    const { head, tail } = splitTag(tag);
    const key = `${tail}\0${suite}`;
    groups.set(key, [...(groups.get(key) ?? []), head]);
  }
  const heads = [];
  const rows = {};
  for (const [key, list] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [tail, suite] = key.split('\0');
    const packed = pack(list);
    let index = heads.indexOf(packed);
    if (index < 0) index = heads.push(packed) - 1;
    if (SUITE_IN_TAG(tail) === suite) rows[tail] = index;
    else (rows[tail] ??= {})[suite] = index;
  }
  return { heads, tags: rows };
}

/** When tags of whole versions moved on, newest moves of each last. */
function movesOf({ names }) {
  const moves = {};
  for (const [tag, changes] of Object.entries(history.moves[names[0]] ?? {})) {
    const { head, tail } = splitTag(tag);
    if (changes.length < 2 || /\d+\.\d+\.\d/.test(head) || tail.includes('alpine')) continue;
    if (!isUsual(tag) || isDated(tag)) continue;
    const last = changes.slice(-2).map(([day, suite]) => `${suite} ${day}`);
    (moves[tail] ??= {})[head] = last.join(', ');
  }
  return Object.keys(moves).length > 0 ? { moves } : {};
}

/** As fine as sizes follow versions: 3.12.4 → 3.12, of some families 20.1 → 20. */
function lineOf(version, depth) {
  return version.split('.').slice(0, depth).join('.');
}

function sizesOf({ names, words = {}, depth = 2, figures = [] }) {
  const best = new Map();
  for (const row of names.flatMap((name) => figuresOf.get(name) ?? [])) {
    const suite = suiteOfRow(row);
    const found = versionOf(row, words, suite);
    if (suite === undefined || found === undefined) continue;
    const month = monthOf(row);
    const key = [found.kind, suite, lineOf(found.version, depth)].join('\0');
    const figure = {
      ...found,
      suite,
      month,
      source: sourceOf(row),
      compressed: row.compressed,
      arm: row.arm64_compressed,
      size: row.uncompressed,
    };
    const rows = best.get(key) ?? {};
    for (const what of ['compressed', 'size']) {
      if (figure[what] && !(rows[what]?.month > month)) rows[what] = figure;
    }
    best.set(key, rows);
  }
  const sizes = {};
  for (const { compressed, size } of best.values()) {
    for (const each of new Set([size, compressed])) {
      if (!each) continue;
      const { kind, suite, version, month, source } = each;
      const units = (bytes) => (bytes ? String(Math.round(bytes / 10_000)) : '-');
      const text = [
        version,
        units(each === compressed || !compressed ? each.compressed : undefined),
        units(each === size ? each.size : undefined),
        units(each.arm),
        month,
        source,
      ].join(' ');
      ((sizes[kind] ??= {})[suite] ??= []).push(text);
    }
  }
  for (const [kind, suite, text] of figures) ((sizes[kind] ??= {})[suite] ??= []).push(text);
  for (const suites of Object.values(sizes)) {
    for (const list of Object.values(suites)) list.sort(naturally);
  }
  return sizes;
}

/** The most exact version among a row's tags, and the kind of image. */
function versionOf(row, words, suite) {
  const found = (row.tags ?? [row.tag])
    .filter((tag) => isUsual(tag) && !isDated(tag))
    .map((tag) => {
      const { head, kind: word } = splitTag(tag);
      const kind = /distroless\/([\w-]+)-debian/.exec(row.repo)?.[1] ?? word;
      // Of an image that is the distribution itself, the suite is the version.
      const own = /^(?:debian|ubuntu|alpine|buildpack-deps)$/.test(row.repo)
        ? SUITES[suite]?.version
        : /distroless/.test(row.repo)
          ? '0'
          : row.software_version;
      const version = words[head.replace(/^lts-/, '')] ?? own ?? head;
      return { kind, version };
    })
    .filter(({ version }) => /^\d/.test(version))
    .sort((a, b) => b.version.length - a.version.length);
  return found[0] ?? newestThen(row);
}

/** `rust:slim` was what the newest version with that end was on that day. */
function newestThen(row) {
  const time = Date.parse(row.created ?? '');
  const days = history.tags[row.repo];
  const tag = (row.tags ?? [row.tag]).find((each) => /^(?:latest)?$/.test(splitTag(each).head));
  if (tag === undefined || days === undefined || Number.isNaN(time)) return undefined;
  const { tail, kind } = splitTag(tag);
  const version = Object.keys(days)
    .filter((each) => splitTag(each).tail === tail && /^\d+\.\d+/.test(splitTag(each).head))
    .filter((each) => Date.parse(days[each][1]) <= time)
    .map((each) => splitTag(each).head)
    .sort((a, b) => naturally(b, a))[0];
  return version && { kind, version };
}

function monthOf(row) {
  const time = Date.parse(row.created ?? '');
  if (!Number.isNaN(time)) return new Date(time).toISOString().slice(0, 7);
  return /^\d{4}-\d\d$/.test(row.snapshot ?? '') ? row.snapshot : '-';
}

function sourceOf({ source, snapshot = '' }) {
  if (/dotnet-docker/.test(source.repo)) return 'net';
  if (/recommender/.test(source.repo)) return 'mcr';
  if (/distroless/.test(source.repo)) return 'dl';
  if (snapshot === '2016-2018') return '18';
  if (snapshot === '2020-10') return '20';
  return '26';
}

function naturally(a, b) {
  return a.localeCompare(b, 'en', { numeric: true });
}

function endsOfLife() {
  const rows = {};
  for (const [id, { what, product }] of Object.entries(RELEASES)) {
    const dates = {};
    let cycle;
    for (const line of readFileSync(join(folder, 'releases', `${product}.md`), 'utf8').split(
      '\n',
    )) {
      const [, key, value] =
        /^\s*-?\s*(releaseCycle|eol|eoes|releaseDate):\s*"?([^"#\s]+)/.exec(line) ?? [];
      if (key === 'releaseCycle') cycle = value;
      if (cycle === undefined || !/^\d{4}-\d\d-\d\d$/.test(value ?? '')) continue;
      // The extended support of Debian is everybody's; that of Ubuntu is sold.
      if (key === 'eol' || (key === 'eoes' && id === 'debian')) dates[cycle] = value;
    }
    rows[id] = { what, dates, source: 'endoflife' };
  }
  return rows;
}

/** The row as it is written down, with its packages as places in the list of names. */
function rowOf({ names }, { keeps: _keeps, carries: _carries, ...kind }, at) {
  const own = packages?.rows[`${names[0]}\0${at}`];
  if (!own) return kind;
  const written = Object.entries(own).map(([suite, { added, removed }]) => [
    suite,
    `${places(added)}${removed.length > 0 ? ` - ${places(removed)}` : ''}`,
  ]);
  return {
    ...kind,
    packages: Object.fromEntries(written.map(([suite, list]) => [suite, interned(list)])),
  };
}

const lists = [];
function interned(list) {
  const at = lists.indexOf(list);
  return at < 0 ? lists.push(list) - 1 : at;
}

function places(names) {
  return pack(names.map((name) => String(packages.names.indexOf(name))));
}

const repositories = REPOSITORIES.map(
  ({ further, suiteByRule, depth, kinds, isCoarse = false, figures, leaves, ...repository }) => {
    const isListed = kinds.every((kind) => kind.tags === undefined);
    const measured = sizesOf({ ...repository, depth, figures });
    const tags = isListed ? tagsOf({ ...repository, further, leaves, suiteByRule }) : undefined;
    return {
      ...repository,
      kinds: kinds.map((kind, at) => rowOf(repository, kind, at)),
      ...(tags ? packTags(isCoarse ? withoutPatches(tags) : tags, repository.hasDays) : {}),
      ...(tags && isCoarse ? { isCoarse } : {}),
      ...(isCoarse || !tags ? {} : movesOf(repository)),
      ...(Object.keys(measured).length > 0 ? { sizes: measured } : {}),
    };
  },
);

const result = {
  sources: SOURCES,
  suites: SUITES,
  packages: packages?.names.join(' ') ?? '',
  lists,
  commands: packages?.commands ?? {},
  endsOfLife: endsOfLife(),
};

const inLines = (rows, indent) => rows.map((row) => `${indent}${JSON.stringify(row)}`).join(',\n');

const head = Object.entries(result).map(([key, value]) => ` "${key}": ${JSON.stringify(value)}`);
process.stdout.write(
  `{\n${head.join(',\n')},\n "repositories": [\n${inLines(repositories, '  ')}\n ]\n}\n`,
);
