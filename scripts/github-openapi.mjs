/**
 * `node scripts/github-openapi.mjs [--from <api.github.com.json>]`: writes test/github/openapi.json,
 * GitHub's own description of just the operations that the tests' GitHub serves. The package that it
 * is published in has 394 MB, so it is packed into a temporary folder and deleted again.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { importTypeScript, ROOT } from './bundle.mjs';

const PACKAGE = '@octokit/openapi@23.0.2';
const OUTPUT = join(ROOT, 'test/github/openapi.json');

/** Said of a schema, but nothing that a value could break. */
const TALK = new Set([
  'description',
  'summary',
  'example',
  'examples',
  'externalDocs',
  'title',
  'tags',
  'deprecated',
  'callbacks',
  'default',
]);

const run = promisify(execFile);

/** @param {string | undefined} given a file that is there already */
async function description(given) {
  if (given) return JSON.parse(await readFile(given, 'utf8'));
  const folder = await mkdtemp(join(tmpdir(), 'github-openapi-'));
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', folder, PACKAGE]);
    const file = 'package/generated/api.github.com.json';
    const archive = PACKAGE.replace(/^@/, '').replace(/[/@]/g, '-');
    await run('tar', ['-xzf', `${archive}.tgz`, file], { cwd: folder });
    return JSON.parse(await readFile(join(folder, file), 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Without talk and GitHub's own extensions; `properties` may well be called `title`. */
function bare(value, isNames = false) {
  if (Array.isArray(value)) return value.map((item) => bare(item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => isNames || !(TALK.has(key) || key.startsWith('x-')))
      .map(([key, own]) => [key, bare(own, !isNames && key === 'properties')]),
  );
}

/** The names of all that a value refers to: `#/components/schemas/commit`. */
function* references(value) {
  if (value === null || typeof value !== 'object') return;
  if (typeof value.$ref === 'string') yield value.$ref;
  for (const own of Object.values(value)) yield* references(own);
}

const jsonOf = (content) => {
  const schema = content?.['application/json']?.schema;
  return schema ? { content: { 'application/json': { schema } } } : {};
};

/** Parameters, body and what a success answers; headers and refusals are left out. */
function operation(whole) {
  const responses = Object.entries(whole.responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([status, response]) => [status, jsonOf(response.content)]);
  const { requestBody } = whole;
  return bare({
    operationId: whole.operationId,
    parameters: whole.parameters ?? [],
    ...(requestBody
      ? { requestBody: { required: requestBody.required ?? false, ...jsonOf(requestBody.content) } }
      : {}),
    responses: Object.fromEntries(responses),
  });
}

const { values } = parseArgs({ options: { from: { type: 'string' } } });
const whole = await description(values.from);
const { ROUTES } = await importTypeScript('test/github/routes.ts');

const paths = {};
for (const { method, path } of ROUTES) {
  if (path === '/graphql') continue;
  const found = whole.paths[path]?.[method.toLowerCase()];
  if (!found) throw new Error(`GitHub describes no ${method} ${path}`);
  paths[path] = { ...paths[path], [method.toLowerCase()]: operation(found) };
}

const components = {};
const open = [...references(paths)];
for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
  const [, , kind, name] = ref.split('/');
  if (components[kind]?.[name]) continue;
  const found = whole.components[kind]?.[name];
  if (!found) throw new Error(`${ref} is not there`);
  components[kind] ??= {};
  components[kind][name] = bare(found);
  open.push(...references(components[kind][name]));
}

/** One entry a line, so that a diff shows which one changed. */
const rows = (entries) =>
  `{\n${Object.entries(entries)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(',\n')}\n}`;

const info = {
  title: 'Operations of GitHub that the tests use',
  version: PACKAGE,
  license: { name: 'MIT' },
};
const text = `{
"openapi": ${JSON.stringify(whole.openapi)},
"info": ${JSON.stringify(info)},
"paths": ${rows(paths)},
"components": {
${Object.keys(components)
  .sort()
  .map((kind) => `${JSON.stringify(kind)}: ${rows(components[kind])}`)
  .join(',\n')}
}
}
`;
await writeFile(OUTPUT, text);
const operations = Object.values(paths).reduce((sum, own) => sum + Object.keys(own).length, 0);
console.log(`${operations} operations, ${Math.round(text.length / 1000)} kB`);
