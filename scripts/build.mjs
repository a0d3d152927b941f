/**
 * What `npm run build` makes: the command line as a bundle that starts fast, the page of its
 * reviews, the library, and its types. Nothing in dist/ is written by hand.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { importTypeScript } from './bundle.mjs';
import { plainArrays } from './plain-arrays.mjs';
import { buildPage } from './web.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
};

/** CommonJS packages in a bundle of modules still call `require` for what Node has built in. */
const REQUIRE = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

/** Reads the rows; they were checked when this was built, and JSON is read faster than code. */
const checkedFacts = (name) => `
  import { readFileSync } from 'node:fs';
  let loaded;
  export function loadFacts() {
    loaded ??= JSON.parse(readFileSync(new URL('./${name}', import.meta.url), 'utf8'));
    return loaded;
  }
`;

/** @returns {import('esbuild').Plugin} */
function factsFrom(name) {
  return {
    name: 'checked-facts',
    setup(context) {
      context.onLoad({ filter: /src\/facts\/load\.ts$/ }, () => ({ contents: checkedFacts(name) }));
    },
  };
}

/**
 * A package that little text needs, and that takes 20 ms to begin with: it does so when it is first called.
 *
 * @returns {import('esbuild').Plugin}
 */
function whenCalled(name) {
  return {
    name: `${name}-when-called`,
    setup(context) {
      context.onResolve({ filter: new RegExp(`^${name}$`) }, ({ kind, resolveDir }) =>
        kind === 'import-statement'
          ? { path: name, namespace: 'when-called', pluginData: resolveDir }
          : undefined,
      );
      context.onLoad({ filter: /./, namespace: 'when-called' }, ({ pluginData }) => ({
        contents: `
          let loaded;
          export default (...given) => (loaded ??= require('${name}').default)(...given);`,
        resolveDir: pluginData,
      }));
    },
  };
}

/** @returns {import('esbuild').Plugin} */
function passListOf(list) {
  return {
    name: 'pass-list',
    setup(context) {
      context.onLoad({ filter: /src\/cli\/pass-list\.ts$/ }, () => ({
        contents: `export const passList = ${JSON.stringify(list)};`,
      }));
    },
  };
}

/**
 * Everything in it, in pieces: what a command does not need is not loaded. Pieces and the rows are named
 * by what is in them and in those that they import, so that the two entries tell one program from another.
 *
 * @param {import('esbuild').Plugin[]} plugins for tests
 * @param {(rows: string) => string} change of the rows as JSON, for tests
 */
export async function buildCli(outdir, plugins = [], change = (rows) => rows) {
  const { loadFacts } = await importTypeScript('src/facts/load.ts');
  const { passList } = await importTypeScript('src/cli/pass-list.ts');
  const rows = change(JSON.stringify(loadFacts()));
  const name = `facts-${createHash('sha256').update(rows).digest('hex').slice(0, 8)}.json`;
  await mkdir(outdir, { recursive: true });
  await writeFile(join(outdir, name), rows);
  await build({
    ...COMMON,
    plugins: [
      factsFrom(name),
      passListOf(passList),
      whenCalled('string-width'),
      ...plugins,
      plainArrays(),
    ],
    entryPoints: { main: join(ROOT, 'src/cli/main.ts'), worker: join(ROOT, 'src/cli/worker.ts') },
    outdir,
    splitting: true,
    chunkNames: '[name]-[hash]',
    // Names stay, for reports of bugs. To shorten them and keep the long ones beside them would cost a call
    // for each closure that is made: 7 % of the time that many files take (measured 2026-11-22, Node 20).
    minifyWhitespace: true,
    minifySyntax: true,
    // One is machine code, and there only where the bot's queue is to be a file; one reads its WebAssembly
    // module from beside itself.
    external: ['better-sqlite3', 'editorconfig'],
    banner: { js: REQUIRE },
  });
}

/** Packages stay outside, so that a program that uses them too has them once. */
async function buildLibrary(outfile) {
  await build({
    ...COMMON,
    entryPoints: [join(ROOT, 'src/index.ts')],
    outfile,
    platform: 'neutral',
    packages: 'external',
  });
}

function buildTypes() {
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
  const tsc = join(dirname(manifest), 'bin', 'tsc');
  const args = [tsc, '-p', join(ROOT, 'tsconfig.build.json')];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error('the types could not be built');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dist = (name) => join(ROOT, 'dist', name);
  for (const old of ['cli', 'types', 'index.js'])
    await rm(dist(old), { recursive: true, force: true });
  await Promise.all([buildCli(dist('cli')), buildLibrary(dist('index.js'))]);
  await buildPage('web');
  buildTypes();
}
