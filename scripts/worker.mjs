/**
 * The worker of the page: the core as one script, tried out on the playground's own example, and cut into what that
 * needed and pieces by language that a worker loads when a file asks for them.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { build } from 'esbuild';
import { ROOT } from './bundle.mjs';
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

/**
 * @param {object} facts
 * @param {readonly object[]} trials jobs that should need no second piece
 * @returns {Promise<{ worker: string, files: Map<string, string> }>} the name of the first script, and
 * all files by name
 */
export async function buildWorker(facts, trials) {
  const factsFile = named('facts', 'json', JSON.stringify(facts));
  const { code, map } = await bundled(factsFile.name);
  const usedBy = await tryOut(code, facts, trials);
  const origins = new SourceMap(JSON.parse(map));
  const lines = [0, ...[...code.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const familyOf = (offset) => {
    const line = lines.findLastIndex((start) => start <= offset);
    const path = origins.findEntry(line, offset - lines[line]).originalSource ?? '';
    return FAMILIES.find(([, pattern]) => pattern.test(path))[0];
  };
  const { start, pieces } = cutUp(code, usedBy, familyOf);
  const files = new Map([[factsFile.name, factsFile.text]]);
  const table = [...pieces].map(([family, piece]) => {
    const { name, text } = named(`worker-${family}`, 'js', `"use strict";\n${piece.code}\n`);
    files.set(name, text);
    return { file: name, entries: piece.entries };
  });
  const worker = named('worker', 'js', `${EAGERLY}${standIns(table)}${start}\n`);
  files.set(worker.name, worker.text);
  return { worker: worker.name, files };
}

/** All of it is needed at once: browsers that heed this compile it while the facts are under way. */
const EAGERLY = '//# allFunctionsCalledOnLoad\n';

function named(name, extension, text) {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { name: `${name}-${hash}.${extension}`, text };
}

async function bundled(factsFile) {
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
    define: { FACTS_FILE: JSON.stringify(factsFile) },
    plugins: [smallerParser],
    logLevel: 'warning',
    write: false,
  });
  const [map, script] = ['.map', '.js'].map((end) =>
    outputFiles.find(({ path }) => path.endsWith(end)),
  );
  return { code: script.text, map: map.text };
}

/** Runs the script as a worker would, and looks which functions are called. */
async function tryOut(code, facts, trials) {
  const filename = 'dfopt-worker-on-trial.js';
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  const called = async () => {
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const { functions } = result.find(({ url }) => url === filename) ?? { functions: [] };
    return functions.map(({ ranges: [range] }) => range).filter(({ count }) => count > 0);
  };
  const answers = [];
  let hear;
  const self = {
    addEventListener: (_, listener) => (hear = listener),
    postMessage: (message) => answers.push(message),
  };
  const fetched = { ok: true, json: async () => facts };
  const world = { self, performance, URL, TextEncoder, TextDecoder, fetch: async () => fetched };
  new Script(code, { filename }).runInContext(createContext(world));
  const atLoad = await called();
  const tell = async (data) => {
    hear({ data });
    await new Promise((resolve) => void setTimeout(resolve));
    if (answers.at(-1)?.kind === 'failed') throw new Error(`on trial: ${answers.at(-1).why}`);
  };
  await tell({ kind: 'load', facts: {} });
  for (const [number, job] of trials.entries()) {
    await tell({ kind: 'rewrite', number, job });
  }
  if (answers.length !== trials.length + 1) throw new Error('the worker on trial did not answer');
  const inRuns = await called();
  session.disconnect();
  return (earliest, latest, end) => {
    const isHere = ({ startOffset, endOffset }) =>
      endOffset === end && startOffset >= earliest && startOffset <= latest;
    if (inRuns.some(isHere)) return 'by a run';
    return atLoad.some(isHere) ? 'by loading' : undefined;
  };
}
