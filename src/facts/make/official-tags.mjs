/**
 * Makes official-tags.json, which images.mjs reads: for every tag that Docker's official images ever
 * had, the suite that it stood on at the end, and its first and last day.
 *
 *   node src/facts/make/official-tags.mjs <clone of docker-library/official-images> > official-tags.json
 *
 * All states of the files in library/ are read. The suite is the one that a tag of the same image names,
 * else the one in the name of its folder; else it is `-`.
 */
import { spawnSync } from 'node:child_process';
import { SUITE_IN_TAG } from './image-suites.mjs';
import { isDated, isUsual, splitTag, suiteOf } from './image-tags.mjs';

const [clone] = process.argv.slice(2);
if (clone === undefined) throw new Error('the clone is missing');

function git(args, input) {
  const { status, stdout, stderr } = spawnSync('git', ['-C', clone, ...args], {
    input,
    maxBuffer: 2 ** 31 - 1,
  });
  if (status !== 0) throw new Error(String(stderr));
  return stdout;
}

/** Every state of every file, oldest first: day, repository, blob. */
function states() {
  const log = git([
    'log',
    '--reverse',
    '--format=@%cs',
    '--raw',
    '--no-abbrev',
    '-m',
    '--first-parent',
    '--',
    'library/',
  ]);
  const found = [];
  let day = '';
  for (const line of log.toString().split('\n')) {
    if (line.startsWith('@')) day = line.slice(1);
    const [, blob, repo] = /^:\d+ \d+ \w+ (\w+) [AM]\tlibrary\/([\w.-]+)$/.exec(line) ?? [];
    if (blob) found.push({ day, repo, blob });
  }
  return found;
}

function* contents(blobs) {
  for (let at = 0; at < blobs.length; at += 2000) {
    const part = blobs.slice(at, at + 2000);
    const out = git(['cat-file', '--batch'], `${part.join('\n')}\n`);
    let from = 0;
    for (const blob of part) {
      const end = out.indexOf(10, from);
      const size = Number(out.subarray(from, end).toString().split(' ')[2]);
      yield [blob, out.subarray(end + 1, end + 1 + size).toString()];
      from = end + 1 + size + 1;
    }
  }
}

/** Tags of one image, and its folder. */
function imagesOf(text) {
  const blocks = [];
  for (const block of text.replace(/^#.*\n/gm, '').split(/\n\s*\n/)) {
    const field = (name) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(block)?.[1] ?? '';
    const words = (name) =>
      field(name)
        .split(/,\s*/)
        .map((tag) => tag.trim())
        .filter(Boolean);
    const own = words('Tags');
    if (own.length > 0) {
      blocks.push({ own, shared: words('SharedTags'), folder: field('Directory') });
    }
    // As it was written up to 2016: `8.1: git://…@commit folder`.
    for (const [, tag, folder = ''] of block.matchAll(
      /^([\w.-]+):\s+(?:git|https):\/\/\S+@\S+(?:[ \t]+(\S+))?$/gm,
    )) {
      blocks.push({ own: [tag], shared: [], folder });
    }
  }
  return blocks.filter(({ folder, own }) => !/windows|nanoserver/.test(folder + own.join()));
}

function suiteOfImage({ own, folder }) {
  const named = own.map((tag) => SUITE_IN_TAG(splitTag(tag).tail)).find(Boolean);
  if (named) return named;
  const inFolder = /alpine-?(3\.\d+)/.exec(folder)?.[1] ?? /alpine\/(3\.\d+)/.exec(folder)?.[1];
  if (inFolder) return `alpine${inFolder}`;
  return (
    folder
      .split(/[/-]/)
      .map((word) => suiteOf(word))
      .find(Boolean) ?? '-'
  );
}

const all = states();
const texts = new Map(contents([...new Set(all.map(({ blob }) => blob))]));
const tags = {};
const moves = {};
for (const { day, repo, blob } of all) {
  const rows = (tags[repo] ??= {});
  for (const image of imagesOf(texts.get(blob))) {
    const suite = suiteOfImage(image);
    for (const tag of [...image.own, ...image.shared]) {
      if (!isUsual(tag) || (isDated(tag) && !/^(?:debian|ubuntu|alpine)$/.test(repo))) continue;
      const row = (rows[tag] ??= [suite, day, day]);
      if (suite !== '-' && row[0] !== suite) {
        ((moves[repo] ??= {})[tag] ??= row[0] === '-' ? [] : [[row[1], row[0]]]).push([day, suite]);
        row[0] = suite;
      }
      row[2] = day;
    }
  }
}
process.stdout.write(JSON.stringify({ tags, moves }));
