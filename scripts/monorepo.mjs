/**
 * A made-up repository with many services, for measurements: each is an application of the corpus
 * with its own names, versions, lockfile and further files. The same count gives the same files.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CORPUS = fileURLToPath(new URL('../corpus', import.meta.url));

/** What describes a case, and is no part of its application. */
const NOT_COPIED = new Set(['case.yaml']);

const TEAMS = ['accounts', 'billing', 'catalog', 'delivery', 'identity', 'media', 'search', 'web'];

/** Releases that people have in use beside one another. */
const RELEASES = {
  node: ['18', '20', '22', '24'],
  python: ['3.10', '3.11', '3.12', '3.13'],
  golang: ['1.22', '1.23', '1.24'],
  ruby: ['3.2', '3.3', '3.4'],
};

const SOURCES = new Set(['.js', '.ts', '.py', '.go', '.java', '.rb', '.php', '.c', '.rs']);

/**
 * @param {string} folder where there is nothing yet
 * @param {number} count Dockerfiles
 * @returns {number} files of all kinds that were written
 */
export function makeMonorepo(folder, count) {
  const random = randomFrom(count);
  const kinds = applications();
  let files = 0;
  const write = (path, content, mode) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    if (mode & 0o111) chmodSync(path, 0o755);
    files += 1;
  };
  mkdirSync(join(folder, '.git'), { recursive: true });
  write(join(folder, '.gitignore'), 'node_modules/\ndist/\n*.log\n');
  write(join(folder, 'README.md'), `# ${count} services\n`);
  for (let index = 0; index < count; index += 1) {
    const kind = kinds[index % kinds.length];
    const team = TEAMS[Math.floor(random() * TEAMS.length)];
    const name = `${kind.name}-${String(index).padStart(4, '0')}`;
    const own = { name, team, random };
    const place = join(folder, 'services', team, name);
    for (const { path, bytes, mode } of kind.files) {
      write(join(place, path), changed(path, bytes, own), mode);
    }
    for (const [path, text] of further(kind, own)) write(join(place, path), text, 0);
  }
  return files;
}

/** One of its Dockerfiles, the same in every run. */
export function findDockerfile(folder) {
  const found = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => basename(path) === 'Dockerfile')
    .toSorted();
  return join(folder, found[0]);
}

/** The applications of the corpus that have one Dockerfile, at their top. */
function applications() {
  return readdirSync(CORPUS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'expected')
    .flatMap((ecosystem) => {
      const folder = join(CORPUS, ecosystem.name);
      return readdirSync(folder).map((name) => ({ name, files: filesIn(join(folder, name)) }));
    })
    .filter(({ files }) => files.some(({ path }) => path === 'Dockerfile'))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => !NOT_COPIED.has(path) && statSync(join(folder, path)).isFile())
    .toSorted()
    .map((path) => {
      const { mode } = statSync(join(folder, path));
      return { path, bytes: readFileSync(join(folder, path)), mode };
    });
}

function changed(path, bytes, own) {
  const name = basename(path);
  if (name === 'Dockerfile') return dockerfile(bytes.toString(), own);
  if (name === 'package-lock.json') return lockfile(bytes.toString(), own);
  return bytes;
}

/** With its own releases of base images, a comment and a label. */
function dockerfile(text, { name, team, random }) {
  const released = text.replaceAll(
    /^(FROM (?:--\S+ )?)(node|python|golang|ruby):(\d[\d.]*)/gm,
    (_all, from, image) => `${from}${image}:${oneOf(RELEASES[image], random)}`,
  );
  const end = released.endsWith('\n') ? '' : '\n';
  const label = `LABEL org.opencontainers.image.title="${name}" org.opencontainers.image.vendor="${team}"\n`;
  // Directives of the parser stand above everything else.
  const at = /^(#\s*(syntax|escape|check)=.*\n)*/.exec(released)[0].length;
  return `${released.slice(0, at)}# ${name}: ask ${team}.\n${released.slice(at)}${end}${label}`;
}

/** With as many packages as a service of some years has. */
function lockfile(text, { random }) {
  const lock = JSON.parse(text);
  if (!lock.packages) return text;
  const count = 40 + Math.floor(random() * 300);
  for (let index = 0; index < count; index += 1) {
    const version = [1, 30, 20].map((most) => Math.floor(random() * most)).join('.');
    const hash = Array.from({ length: 86 }, () => oneOf(LETTERS, random)).join('');
    lock.packages[`node_modules/@acme/part-${index}`] = {
      version,
      integrity: `sha512-${hash}==`,
      license: 'MIT',
      engines: { node: '>=18' },
    };
  }
  return `${JSON.stringify(lock, undefined, 2)}\n`;
}

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'];

/** What a real service has besides: more sources, tests, documents. */
function further({ files }, { name, random }) {
  const source = files
    .filter(({ path }) => SOURCES.has(extname(path)))
    .toSorted((a, b) => b.bytes.length - a.bytes.length)[0];
  const some = (most) => Array.from({ length: Math.floor(random() * most) }, (_, index) => index);
  const prose = (lines) => `${`What ${name} does is told here, a line at a time.\n`.repeat(lines)}`;
  return [
    ...(source
      ? some(10).map((index) => {
          const { dir, ext } = { dir: dirname(source.path), ext: extname(source.path) };
          return [join(dir, 'parts', `part_${index}${ext}`), source.bytes];
        })
      : []),
    ...some(6).map((index) => [join('docs', `page-${index}.md`), prose(5 + index * 9)]),
    ...some(8).map((index) => [
      join('fixtures', `answer-${index}.json`),
      JSON.stringify({ name, rows: some(200) }),
    ]),
  ];
}

function oneOf(list, random) {
  return list[Math.floor(random() * list.length)];
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
