/**
 * The worker of the page: the core as one script, tried out on the playground's own example, and cut into what that
 * needed and pieces by language that a worker loads when a file asks for them.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { build } from 'esbuild';
import { minify } from 'vite';
import { ROOT } from './bundle.mjs';
import { cutFacts, isAskedFor, placesOf, watched } from './fact-pieces.mjs';
import { cutUp, standIns } from './pieces.mjs';

/** dockerfile-ast makes positions and ranges of it, nothing else. */
const POSITIONS = `
  export const Position = { create: (line, character) => ({ line, character }) };
  export const Range = { create: (start, end) => ({ start, end }) };
`;

/**
 * dockerfile-ast for the page: without the language server's whole vocabulary, and its modules, which
 * TypeScript wrote for Node, as modules of browsers, which can be cut.
 *
 * @type {import('esbuild').Plugin}
 */
const smallerParser = {
  name: 'smaller-parser',
  setup(context) {
    context.onResolve({ filter: /^vscode-languageserver-types$/ }, ({ path }) => ({
      path,
      namespace: 'positions',
    }));
    context.onLoad({ filter: /.*/, namespace: 'positions' }, () => ({ contents: POSITIONS }));
    context.onLoad({ filter: /dockerfile-ast\/lib\/.*\.js$/ }, async ({ path }) => ({
      contents: asModule(await readFile(path, 'utf8'), path),
    }));
  },
};

function asModule(code, path) {
  const modules = new Map();
  const text = code
    .replace('Object.defineProperty(exports, "__esModule", { value: true });', '')
    .replace(/^(exports\.\w+ = )+void 0;$/gm, '')
    .replace(/^(?:const|var|let) (\w+) = require\(("[^"]+")\);$/gm, (_, name, from) => {
      modules.set(name, from);
      return `import * as ${name} from ${from};`;
    })
    .replace(
      /^Object\.defineProperty\(exports, "(\w+)", \{ enumerable: true, get: function \(\) \{ return (\w+)\.\1; \} \}\);$/gm,
      (_, name, from) => `export { ${name} } from ${modules.get(from)};`,
    )
    .replace(/^exports\.(\w+) = \1;$/gm, 'export { $1 };')
    .replace(/^exports\.(\w+) = (?=\[$)/gm, 'export const $1 = ')
    .replace(
      /\((\w+) \|\| \(exports\.\1 = \1 = \{\}\)\);$/gm,
      '($1 || ($1 = {}));\nexport { $1 };',
    );
  if (/\bexports\b|\brequire\(/.test(text)) throw new Error(`${path} is no longer what it was`);
  return text;
}

/** Which piece a module belongs to, should nobody have called it: the first that matches. */
const FAMILIES = [
  ['node', /ecosystems\/(node|npm|yarn|pnpm|lock|assumed)|node_modules\/semver/],
  ['python', /ecosystems\/(python|pip|requirements)|needs\/python/],
  ['java', /ecosystems\/(java|maven|gradle)/],
  ['go', /ecosystems\/go/],
  ['ruby', /ecosystems\/ruby|needs\/local-gems/],
  ['php', /ecosystems\/php/],
  ['dotnet', /ecosystems\/dotnet/],
  ['elixir', /ecosystems\/elixir/],
  ['compiled', /ecosystems\/(c-|rust|makefiles|cmake|compiled|binaries|linking)/],
  ['site', /ecosystems\/site/],
  ['yaml', /node_modules\/yaml/],
  ['toml', /node_modules\/smol-toml/],
  ['stages', /src\/(shipping|needs|layers|split|installs|check-(split|narrowed|kept))/],
  ['more', /(?:)/],
];

/** Of those that most files ask for: what others than the example called. */
const OFTEN = 'often';
const SHARED = /^(more|stages)$/;

/** Which file facts lie in that the example does not read: by the first key, the first that matches. */
const FACT_FAMILIES = [
  ['node', /^(npm|plainPackages)/],
  ['python', /^pip/],
  ['java', /^java/],
  ['ruby', /^gem/],
  ['php', /^composer/],
  ['compiled', /^compiled/],
  ['native', /^(nativePackages|debianLibraries|commandPackages)/],
  ['alpine', /^(alpine|apk|busyBox|crossings)/],
  ['images', /^(images|baseImages)/],
  ['apt', /^aptPackages/],
  ['more', /(?:)/],
];

/**
 * @param {object} facts
 * @param {object} example the job that should need no second piece
 * @param {readonly object[]} usual jobs that should not need many
 * @returns {Promise<{ worker: string, factsStart: string, files: Map<string, string> }>} the names of the
 * first script and of the facts that it begins with, and all files by name
 */
export async function buildWorker(facts, example, usual) {
  const { code, map } = await bundled();
  const { factsStart, files, dataIn } = factFiles(facts, factsRead(code, facts, example, usual));
  const called = await functionsCalled(code, dataIn, example, usual);
  const [atLoad, first, often] = called.map(byEnd);
  const usedBy = (earliest, latest, end) => {
    const isIn = (those) =>
      those.get(end)?.some((start) => start >= earliest && start <= latest) === true;
    if (isIn(first)) return 'by the first';
    if (isIn(atLoad)) return 'by loading';
    return isIn(often) ? 'by others' : undefined;
  };
  const origins = new SourceMap(JSON.parse(map));
  const lines = [0, ...[...code.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const familyOf = (offset, user) => {
    const line = lines.findLastIndex((start) => start <= offset);
    const path = origins.findEntry(line, offset - lines[line]).originalSource ?? '';
    const [family] = FAMILIES.find(([, pattern]) => pattern.test(path));
    return user === 'by others' && SHARED.test(family) ? OFTEN : family;
  };
  const { start, pieces } = cutUp(code, usedBy, familyOf);
  const table = [];
  for (const [family, { code: own, entries }] of pieces) {
    const { name, text } = named(`worker-${family}`, 'js', await smaller(`"use strict";\n${own}`));
    files.set(name, text);
    table.push({ file: name, entries });
  }
  const begun = await smaller(standIns(table) + start.replaceAll(FACTS_FILE, factsStart));
  const worker = named('worker', 'js', `${EAGERLY}${begun}`);
  files.set(worker.name, worker.text);
  return { worker: worker.name, factsStart, files };
}

/**
 * The facts as scripts, and what each of them brings.
 *
 * @param {{ first: FactsRead, others: FactsRead }} read
 */
function factFiles(facts, { first, others }) {
  const familyOf = (hole) => {
    const [family] = FACT_FAMILIES.find(([, pattern]) => pattern.test(hole.path[0]));
    return isAskedFor(hole, others) ? family : `${family}-rare`;
  };
  const cut = cutFacts(facts, first, familyOf);
  const texts = new Map();
  const added = (name, value) => {
    const { name: file, text } = named(`facts-${name}`, 'js', JSON.stringify(value));
    texts.set(file, text);
    return file;
  };
  const holes = [...cut.holes].map(([family, inside]) =>
    placesOf(
      added(
        family,
        inside.map(({ value }) => value),
      ),
      inside,
    ),
  );
  const factsStart = added('start', { start: cut.start, holes });
  return {
    factsStart,
    files: new Map([...texts].map(([file, json]) => [file, dataScript(file, json)])),
    dataIn: (file) => JSON.parse(texts.get(file === FACTS_FILE ? factsStart : file)),
  };
}

/** It brings a value under its own name. What is parsed as JSON is there sooner than code. */
function dataScript(file, json) {
  const quoted = json.replace(/[\\']/g, '\\$&');
  return `(self.pieceData??={})["${file}"]=JSON.parse('${quoted}');\n`;
}

/** All of it is needed at once: browsers that heed this compile it while it arrives. */
const EAGERLY = '//# allFunctionsCalledOnLoad\n';

/**
 * What was minified as one is less again by itself: names inside functions are chosen for gzip. Those at
 * the top stay, as other pieces call them.
 */
async function smaller(code) {
  const { code: text, errors } = await minify('piece.js', code, {
    module: false,
    compress: { target: 'es2022' },
    mangle: { toplevel: false },
  });
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return `${text}\n`;
}

function named(name, extension, text) {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { name: `${name}-${hash}.${extension}`, text };
}

/** @param {readonly Called[]} called */
function byEnd(called) {
  const found = new Map();
  for (const { start, end } of called) found.set(end, [...(found.get(end) ?? []), start]);
  return found;
}

/** Stands for the name of the facts that the worker begins with, which is not known before it was tried out. */
const FACTS_FILE = 'facts-start-00000000.js';

async function bundled() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, 'src/web/page/worker.ts')],
    outdir: 'out',
    bundle: true,
    minify: true,
    // A module without exports: a script.
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    sourcemap: 'external',
    sourcesContent: false,
    define: { FACTS_FILE: JSON.stringify(FACTS_FILE) },
    plugins: [smallerParser],
    logLevel: 'warning',
    write: false,
  });
  const [map, script] = ['.map', '.js'].map((end) =>
    outputFiles.find(({ path }) => path.endsWith(end)),
  );
  return { code: script.text, map: map.text };
}

/**
 * Which facts are read.
 *
 * @param {object} first the job that the page itself does
 * @param {readonly object[]} others
 * @returns {{ first: FactsRead, others: FactsRead }}
 *
 * @typedef {ReadonlyMap<string, import('./fact-pieces.mjs').Read>} FactsRead
 */
function factsRead(code, facts, first, others) {
  const seen = watched(facts);
  const run = new Script(`${BEFORE}${code}\n})`).runInThisContext();
  const trial = started(run, () => ({ start: seen.facts, holes: [] }));
  trial.begin(first);
  const readFirst = seen.read();
  others.forEach(trial.rewrite);
  return { first: readFirst, others: seen.read() };
}

/**
 * Which functions are called.
 *
 * @param {(file: string) => unknown} dataIn what a script with facts brings, anew each time
 * @param {object} first
 * @param {readonly object[]} others
 * @returns {Promise<readonly (readonly Called[])[]>} by loading, by the first job and by the others
 *
 * @typedef {{ readonly start: number, readonly end: number }} Called
 */
async function functionsCalled(code, dataIn, first, others) {
  const filename = 'dfopt-worker-on-trial.js';
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  const called = async () => {
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const { functions } = result.find(({ url }) => url === filename) ?? { functions: [] };
    return functions.flatMap(({ ranges: [{ startOffset, endOffset, count }] }) =>
      count > 0 ? { start: startOffset - BEFORE.length, end: endOffset - BEFORE.length } : [],
    );
  };
  const run = new Script(`${BEFORE}${code}\n})`, { filename }).runInThisContext();
  const trial = started(run, dataIn);
  const atLoad = await called();
  trial.begin(first);
  const byFirst = await called();
  others.forEach(trial.rewrite);
  const byOthers = await called();
  session.disconnect();
  return [atLoad, byFirst, byOthers];
}

/** A scope of its own; contexts of node:vm are slow. */
const BEFORE = '(function (self, window) {';

/** Runs the script as a part of the page and as a worker. */
function started(run, dataIn) {
  const pieceData = { [FACTS_FILE]: dataIn(FACTS_FILE) };
  const page = {
    pieceData,
    loadPiece: (file) => {
      throw new Error(`on trial: the page wants ${file}`);
    },
  };
  run(page, page);
  const answers = [];
  let hear;
  const worker = {
    pieceData: {},
    loadPiece: (file) => (worker.pieceData[file] = dataIn(file)),
    importScripts: undefined,
    addEventListener: (_, listener) => (hear = listener),
    postMessage: (message) => answers.push(message),
  };
  run(worker);
  const tell = (data) => {
    hear({ data });
    const answer = answers.pop();
    if (answer?.kind !== 'ready' && answer?.kind !== 'outcome')
      throw new Error(`on trial: ${answer?.why}`);
  };
  const rewrite = (job) => tell({ kind: 'rewrite', number: 1, job });
  return {
    rewrite,
    begin: (job) => {
      page.dfoptCore.passes();
      page.dfoptCore.rewrite(job);
      tell({ kind: 'load', facts: {} });
      rewrite(job);
    },
  };
}
