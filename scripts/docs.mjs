/** `npm run docs [-- --check]`: writes passes/README.md from the passes, or says that it is stale. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { importTypeScript, ROOT } from './bundle.mjs';

const PATH = join(ROOT, 'passes', 'README.md');

/** @typedef {import('../src/pass.ts').Pass} Pass */

/** @param {readonly Pass[]} passes */
function page(passes) {
  return [
    '# Passes',
    'The rewrites that dfopt makes, in the order in which they run. Each is one file here, named as the pass; `npm run docs` writes this page from them.',
    'Levels: **safe** keeps the configuration and all files but caches and package documentation, **standard** (the default) also leaves files behind that the Dockerfile shows to be useless, **aggressive** rests on an assumption that the remark spells out. The level of a pass is that of the least daring edit that it makes.',
    table(passes),
    ...passes.map(section),
  ].join('\n\n');
}

/** @param {readonly Pass[]} passes */
function table(passes) {
  const rows = passes.map(
    ({ id, level, improves, summary }) =>
      `| [${id}](#${id}) | ${level} | ${improves.join(', ')} | ${cell(summary)} |`,
  );
  return ['| pass | level | improves | what it does |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

/** @param {Pass} pass */
function section({ id, level, improves, summary, why, refuses, options, references }) {
  const lists = [
    list('It leaves things as they are where', refuses),
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
  return [`## ${id}`, `*${level}; improves ${improves.join(', ')}.* ${summary}`, why, ...lists]
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

const { passes } = await importTypeScript('passes/index.ts');
const wanted = await format(page(passes), {
  ...(await resolveConfig(PATH)),
  parser: 'markdown',
});
const current = existsSync(PATH) ? readFileSync(PATH, 'utf8') : '';
if (!process.argv.includes('--check')) {
  if (wanted !== current) writeFileSync(PATH, wanted);
} else if (wanted !== current) {
  console.error('passes/README.md does not say what the passes say: run "npm run docs"');
  process.exitCode = 1;
}
