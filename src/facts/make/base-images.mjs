/**
 * Makes base-images.json from observations: one JSON line per tag, `{ repo, tag, last, source, os?,
 * config }`, where `config` has env, workdir, user, entrypoint, cmd, exposes, volumes and, where the
 * observer could see them, shell, stopSignal and onbuild. A value `null` means: set, but not known.
 *
 *   node src/facts/make/base-images.mjs observations.jsonl [more.jsonl …] > base-images.json
 *
 * Tags of a repository are split by the words and versions in them, as long as that makes what their
 * images agree on notably better known; each group becomes a row with a pattern for its tags.
 */
import { readFileSync } from 'node:fs';

/** Names under which registries and Docker Hub itself offer the same official images. */
const MIRRORS = [
  'public.ecr.aws/docker/library/',
  'mirror.gcr.io/library/',
  'amd64/',
  'arm64v8/',
  'arm32v7/',
  'arm32v6/',
  'arm32v5/',
  'i386/',
  'ppc64le/',
  's390x/',
];

const SOURCES = {
  'official-images':
    'the Dockerfiles of the official images, at the commits that docker-library/official-images names for each tag (history up to 2026-08-21), evaluated; of 3,048 tags that registry-2024 has too, all have the same WORKDIR, USER, ENTRYPOINT, EXPOSE, VOLUME and ONBUILD, 97.5 % the same names of variables',
  'dotnet-docker':
    'the Dockerfiles of dotnet/dotnet-docker, as they last were for each version and distribution (history up to 2026-08-21), evaluated',
  publisher:
    'the Dockerfile of the publisher at the Git tag of that name (up to 2025-04-10), evaluated',
  'registry-2024': 'configurations of images as their registries gave them, 2024-06',
  'repo-info-2020': 'configurations listed by docker-library/repo-info, 2020-10-14',
  'repo-info-2018': 'configurations listed by docker-library/repo-info, 2016-07 to 2018-01',
};

/** Repositories in `docker.io/library`. */
const isOfficial = (repo) => !repo.includes('/');

/** Variables whose value is the version, wherever it comes from. */
const VERSIONED =
  /(VERSION\w*|SHA\d*(SUM)?|MD5|URLS?|KEYS?|COMMIT|REVISION|DIGEST|CHECKSUM|RELEASE|MAJOR|BRANCH|FINGERPRINT|GITHUB_TAG)$|^PHPIZE_DEPS$|_SHA\d+_|_DEPS$/;

const WINDOWS_TAGS = '.*(?:nanoserver|servercore|windows).*';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const LISTS = ['shell', 'entrypoint', 'cmd', 'exposes', 'volumes', 'onbuild'];
const TEXTS = ['workdir', 'user', 'stopSignal'];
const FIELDS = [...TEXTS, ...LISTS];

/** A repository gets no more rows than this. */
const MOST_ROWS = 11;
/** How much better known a split must make the images of an average tag, in the terms of `doubt`. */
const LEAST_GAIN = 0.04;
/** How many odd ones among a group become exceptions of their own. */
const ODD_SHARE = 0.03;

const observations = new Map();
for (const path of process.argv.slice(2)) {
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue;
    const each = JSON.parse(line);
    let tags = observations.get(each.repo);
    if (!tags) observations.set(each.repo, (tags = new Map()));
    // The first file that knows a tag is the one that counts.
    if (/^\w[\w.-]*$/.test(each.tag) && !tags.has(each.tag)) tags.set(each.tag, normal(each));
  }
}

function normal({ tag, last, source, os = 'linux', config }) {
  const env = {};
  for (const [name, value] of Object.entries(config.env)) {
    // The builder's own default says nothing.
    if (name === 'PATH' && value === DEFAULT_PATH) continue;
    env[name] = value === null || VERSIONED.test(name) ? null : value;
  }
  const fields = {};
  for (const field of FIELDS) fields[field] = known(field, config[field]);
  const version = /^v?(\d+)(?:\.(\d+))?/.exec(tag);
  return {
    tag,
    last,
    source,
    os,
    env,
    fields,
    identity: JSON.stringify(config),
    values: config.env,
    version: version ? [Number(version[1]), Number(version[2] ?? 0)] : undefined,
    words: new Set(tag.split(/[-_]/).map((word) => word.replace(/[\d.]+$/, ''))),
    head: tag.split(/[-_+]/)[0],
  };
}

/** `undefined` where the observer could not see it. */
function known(field, value) {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.some((each) => each.startsWith('?'))) return undefined;
  if (field === 'workdir' && value === '/') return '""';
  // Nobody else is meant.
  if (field === 'user' && value === 'root') return '""';
  return JSON.stringify(value);
}

/** A floating tag is as new as the version in its configuration, or as a tag that has the same one. */
function dateFloatingTags(images) {
  const numbered = images.filter((each) => each.version);
  const hits = new Map();
  for (const { version, values } of numbered) {
    for (const [name, value] of Object.entries(values)) {
      if (isVersion(value, version)) hits.set(name, (hits.get(name) ?? 0) + 1);
    }
  }
  const [main] = [...hits].sort((a, b) => b[1] - a[1])[0] ?? [];
  const newest = new Map();
  for (const { identity, version } of numbered) {
    const other = newest.get(identity);
    if (!other || compare(other, version) < 0) newest.set(identity, version);
  }
  for (const image of images) {
    image.age = versionOf(image.values[main] ?? '') ?? newest.get(image.identity) ?? image.version;
  }
}

function versionOf(text) {
  const match = /^[^\d]{0,4}(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2] ?? 0)] : undefined;
}

function isVersion(value, version) {
  const other = versionOf(value ?? '');
  return other !== undefined && compare(other, version) === 0;
}

function compare(a, b) {
  return a[0] - b[0] || a[1] - b[1];
}

/** What the images have in common, as a row without its pattern. */
function common(images) {
  const env = {};
  const maybe = [];
  for (const name of new Set(images.flatMap((each) => Object.keys(each.env)))) {
    const values = new Set(images.map((each) => each.env[name]));
    if (values.has(undefined) && name === 'PATH') env[name] = null;
    else if (values.has(undefined)) maybe.push(name);
    else env[name] = values.size === 1 ? [...values][0] : null;
  }
  const row = {};
  const differs = [];
  for (const field of FIELDS) {
    const values = new Set(images.map((each) => each.fields[field]));
    const [first] = values;
    if (values.size > 1 || first === undefined) differs.push(field);
    else if (first !== '""' && first !== '[]') row[field] = JSON.parse(first);
  }
  return { env, maybe, row, differs };
}

/** How much is not known of an image of this group: what a build depends on weighs most. */
function doubt(images) {
  const { env, maybe, differs } = common(images);
  const unknown = Object.keys(env).filter((name) => env[name] === null && !VERSIONED.test(name));
  return (
    sum(maybe, (name) => (VERSIONED.test(name) ? 0.05 : 0.5)) +
    sum(differs, (field) => (field === 'exposes' || field === 'volumes' ? 0.5 : 2)) +
    sum(unknown, (name) => (name === 'PATH' ? 3 : 0.5))
  );
}

function sum(list, weigh) {
  return list.reduce((total, each) => total + weigh(each), 0);
}

/** Splits off the few that keep a large group from agreeing. */
function odd(images) {
  const most = Math.floor(images.length * ODD_SHARE);
  if (most === 0) return [];
  const kinds = new Map();
  for (const image of images) {
    const key = JSON.stringify([image.fields, Object.keys(image.env).sort()]);
    kinds.set(key, [...(kinds.get(key) ?? []), image]);
  }
  const sorted = [...kinds.values()].sort((a, b) => a.length - b.length);
  const few = [];
  for (const kind of sorted) {
    if (few.length + kind.length > Math.min(most, 12)) break;
    few.push(...kind);
  }
  return few;
}

/** The ways to split a group in two by what stands in its tags. */
function splits(images) {
  const words = new Set(images.flatMap((each) => [...each.words]));
  const ages = [...new Set(images.flatMap(({ age }) => (age ? [age.join('.')] : [])))]
    .map((age) => age.split('.').map(Number))
    .sort(compare);
  return [
    ...[...words]
      .filter((word) => /^[a-z]{2,}$/i.test(word))
      .map((word) => ({ word, test: (image) => image.words.has(word) })),
    ...ages.slice(1).map((from) => ({
      from,
      test: ({ age }) => age !== undefined && compare(age, from) < 0,
    })),
  ];
}

/** Groups with the words that their tags must have; special and older ones first. */
function groups(images) {
  let leaves = [{ images, must: [] }];
  const total = images.length;
  while (leaves.length < MOST_ROWS) {
    let best;
    for (const leaf of leaves) {
      const before = doubt(leaf.images);
      if (before === 0) continue;
      for (const split of splits(leaf.images)) {
        const yes = leaf.images.filter(split.test);
        const no = leaf.images.filter((image) => !split.test(image));
        if (yes.length === 0 || no.length === 0) continue;
        const gain = before * leaf.images.length - doubt(yes) * yes.length - doubt(no) * no.length;
        if (gain / total >= LEAST_GAIN && gain > (best?.gain ?? 0)) {
          best = { gain, leaf, split, yes, no };
        }
      }
    }
    if (!best) break;
    const { leaf, split, yes, no } = best;
    const parts = [
      { images: yes, must: split.word ? [...leaf.must, split.word] : leaf.must },
      { images: no, must: leaf.must },
    ];
    leaves = leaves.flatMap((each) => (each === leaf ? parts : [each]));
  }
  return leaves;
}

const escaped = (text) => text.replace(/[.+*?^$()[\]{}|\\]/g, '\\$&');

/** A pattern for the tags of a group, which none of the tags of later groups matches. */
function patternOf(images, must, later) {
  const rivals = later.filter((image) => must.every((word) => image.words.has(word)));
  const heads = new Set(images.map((image) => headOf(image, rivals)));
  const look = must.map((word) => `(?=.*(?<![a-z])${escaped(word)}(?![a-z]))`).join('');
  const open = [...heads].flatMap((head) => (head.endsWith('*') ? [head.slice(0, -1)] : []));
  const exact = [...heads].filter((head) => !head.endsWith('*'));
  const parts = [
    ...(open.length > 0 ? [`${trie(open)}(?:[-._+].*)?`] : []),
    ...(exact.length > 0 ? [trie(exact)] : []),
  ];
  return look + (parts.length === 1 ? parts[0] : `(?:${parts.join('|')})`);
}

/** The shortest beginning that tells the tag from those of later groups, with a star; or all of it. */
function headOf({ tag, head }, rivals) {
  const parts = head.split('.');
  for (let length = 1; length <= parts.length; length++) {
    const start = parts.slice(0, length).join('.');
    const isTaken = rivals.some(
      (other) =>
        other.tag === start ||
        (other.tag.startsWith(start) && /^[-._+]/.test(other.tag.slice(start.length))),
    );
    if (!isTaken) return `${start}*`;
  }
  return tag;
}

/** Words as one pattern; what they begin with is written once. */
function trie(words) {
  const root = new Map();
  for (const word of [...words].sort(naturally)) {
    let node = root;
    for (const token of word.match(/\d+|[a-z]+|[^\da-z]/gi)) {
      if (!node.has(token)) node.set(token, new Map());
      node = node.get(token);
    }
    node.set('', undefined);
  }
  return written(root);
}

function written(node) {
  const parts = [...node]
    .filter(([token]) => token !== '')
    .map(([token, rest]) => escaped(token) + written(rest));
  if (parts.length === 0) return '';
  if (node.has('')) return `(?:${parts.join('|')})?`;
  return parts.length === 1 ? parts[0] : `(?:${parts.join('|')})`;
}

function naturally(a, b) {
  return a.localeCompare(b, 'en', { numeric: true });
}

function rowOf(tags, images) {
  const { env, maybe, row, differs } = common(images);
  return {
    tags,
    env,
    ...(maybe.length > 0 ? { maybeEnv: maybe.toSorted((a, b) => (a < b ? -1 : 1)) } : {}),
    ...row,
    ...(differs.length > 0 ? { differs } : {}),
    sources: sourcesOf(images),
  };
}

function sourcesOf(images) {
  return [...new Set(images.map((each) => each.source))].toSorted((a, b) => (a < b ? -1 : 1));
}

const repositories = [];
for (const [repo, tags] of [...observations].sort(([a], [b]) => a.localeCompare(b, 'en'))) {
  const rows = [];
  const all = [...tags.values()].filter((each) => each.os === 'linux');
  // Nothing is edited that stands on Windows: it is enough to know that it does.
  const windows = [...tags.values()].filter((each) => each.os === 'windows');
  if (windows.length > 0) {
    rows.push({
      tags: WINDOWS_TAGS,
      os: 'windows',
      env: {},
      differs: FIELDS,
      sources: sourcesOf(windows),
    });
  }
  dateFloatingTags(all);
  const leaves = groups(all);
  for (const [index, { images, must }] of leaves.entries()) {
    const few = odd(images);
    const rest = images.filter((each) => !few.includes(each));
    const isOdd = few.length > 0 && doubt(rest) < doubt(images);
    const later = leaves.slice(index + 1).flatMap((leaf) => leaf.images);
    if (isOdd) rows.push(rowOf(trie(few.map((each) => each.tag)), few));
    rows.push(rowOf(patternOf(isOdd ? rest : images, must, later), isOdd ? rest : images));
  }
  repositories.push({ names: [repo], isOfficial: isOfficial(repo), images: rows });
}

const used = new Set(repositories.flatMap(({ images }) => images.flatMap((row) => row.sources)));
const sources = Object.fromEntries(Object.entries(SOURCES).filter(([key]) => used.has(key)));
const lines = repositories.map(
  ({ images, ...repository }) =>
    `    ${JSON.stringify(repository).slice(0, -1)},"images":[\n${images
      .map((row) => `      ${JSON.stringify(row)}`)
      .join(',\n')}\n    ]}`,
);
process.stdout.write(
  `{\n  "sources": ${JSON.stringify(sources)},\n  "mirrors": ${JSON.stringify(MIRRORS)},\n  "repositories": [\n${lines.join(',\n')}\n  ]\n}\n`,
);
