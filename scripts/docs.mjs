/**
 * `npm run docs [-- --check]`: writes what is made of something else, or says that it is stale:
 * passes/README.md of the passes, schemas/config-1.json of the keys of configuration files, the tables of
 * README.md: formats of the list of formats, the lab's of corpus/measured.json; man/dfopt.1 of the
 * commands and options.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { importTypeScript, ROOT } from './bundle.mjs';

const PATH = join(ROOT, 'passes', 'README.md');

/** @typedef {import('../src/pass.ts').Pass} Pass */

/** @param {readonly Pass[]} passes */
function page(passes) {
  return [
    '# Passes',
    'The rewrites that dfopt makes, in the order in which they run. Each is one file here, named as the pass; `npm run docs` writes this page from them.',
    'Levels: **safe** keeps the configuration and all files but caches and package documentation, **standard** (the default) also leaves files behind that the Dockerfile shows to be useless, **aggressive** rests on an assumption that the remark spells out. The level of a pass is that of the least daring edit that it makes. **Advice** changes nothing: it says what a person should look at, with `--verbose`.',
    table(passes),
    ...passes.map(section),
  ].join('\n\n');
}

/** @param {readonly Pass[]} passes */
function table(passes) {
  const rows = passes.map(
    ({ id, level, isAdvice, improves, summary }) =>
      `| [${id}](#${id}) | ${isAdvice ? 'advice' : level} | ${improves.join(', ')} | ${cell(summary)} |`,
  );
  return ['| pass | level | improves | what it does |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

/** @param {Pass} pass */
function section({ id, level, isAdvice, improves, summary, why, refuses, options, references }) {
  const lists = [
    list(isAdvice ? 'It says nothing where' : 'It leaves things as they are where', refuses),
    list(
      'Options:',
      Object.entries(options ?? {}).map(
        ([name, option]) =>
          `\`${id}.${name}\` (default: ${defaultOf(option.default)}): ${option.description}`,
      ),
    ),
    list(
      'References:',
      references.map((url) => `<${url}>`),
    ),
  ];
  return [
    `## ${id}`,
    `*${isAdvice ? 'advice, changes nothing' : level}; improves ${improves.join(', ')}.* ${summary}`,
    why,
    ...lists,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/**
 * @param {string} title
 * @param {readonly string[]} items
 */
function list(title, items) {
  return items.length === 0 ? '' : [title, '', ...items.map((item) => `- ${item}`)].join('\n');
}

/** @param {string | boolean | readonly string[]} value */
function defaultOf(value) {
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return text === '' ? 'none' : `\`${text}\``;
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|');
}

/** The lab's table stands between these. */
const [BEGIN, END] = ['<!-- lab: made by npm run docs -->', '<!-- /lab -->'];

/** @param {string} readme */
async function withLab(readme) {
  const measured = JSON.parse(readFileSync(join(ROOT, 'corpus', 'measured.json'), 'utf8'));
  const { figuresOf, languagesOf } = await importTypeScript('test/lab/measured.ts');
  const lab = (rows) => rows.map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error('README.md has no place for the table of the lab');
  const lines = [
    `| | |\n| --- | --- |\n${lab(figuresOf(measured))}`,
    `| | cases | saved, mean and median | people's own conversions |\n| --- | --- | --- | --- |\n${lab(languagesOf(measured))}`,
  ].join('\n\n');
  return `${before}${BEGIN}\n\n${lines}\n\n${END}${after}`;
}

/** @param {string} readme */
async function withFormats(readme) {
  const { FORMATS } = await importTypeScript('src/report/formats/formats.ts');
  const [begin, end] = ['<!-- formats: made by npm run docs -->', '<!-- /formats -->'];
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error('README.md has no place for the table of formats');
  const rows = FORMATS.map(({ name, summary }) => `| \`${name}\` | ${cell(summary)} |`);
  return `${before}${begin}\n\n| | |\n| --- | --- |\n${rows.join('\n')}\n\n${end}${after}`;
}

/** @param {readonly Pass[]} passes */
async function schema(passes) {
  const { configurationSchema } = await importTypeScript('src/config/json-schema.ts');
  const { configurationShape } = await importTypeScript('src/config/keys.ts');
  return JSON.stringify(configurationSchema(configurationShape(passes)));
}

const { passes } = await importTypeScript('passes/index.ts');
const { manPage } = await importTypeScript('src/cli/man.ts');
const man = join(ROOT, 'man', 'dfopt.1');
const readme = join(ROOT, 'README.md');
const made = new Map([
  [PATH, page(passes)],
  [join(ROOT, 'schemas', 'config-1.json'), await schema(passes)],
  [readme, await withLab(await withFormats(readFileSync(readme, 'utf8')))],
  [man, manPage()],
]);
for (const [path, text] of made) {
  const parser = path.endsWith('.json') ? 'json' : 'markdown';
  const wanted =
    path === man ? text : await format(text, { ...(await resolveConfig(path)), parser });
  const current = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (wanted === current) continue;
  if (process.argv.includes('--check')) {
    console.error(`${relative(ROOT, path)} is stale: run "npm run docs"`);
    process.exitCode = 1;
  } else writeFileSync(path, wanted);
}
