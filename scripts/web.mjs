/**
 * The page of `dfopt review --web` (dist/web, part of `npm run build`), and the same page without a
 * server, as files for any static host: `npm run build:playground` (dist/playground).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { importTypeScript, ROOT } from './bundle.mjs';
import { buildWorker } from './worker.mjs';

const WORKER = 'virtual:worker';

/**
 * The files of the worker, and a module that knows where the first of them is.
 *
 * @param {{ worker: string, files: ReadonlyMap<string, string> }} built
 * @returns {import('vite').Plugin}
 */
function workerFiles({ worker, files }) {
  const id = `\0${WORKER}`;
  const name = JSON.stringify(worker);
  return {
    name: 'dfopt-worker',
    resolveId: (source) => (source === WORKER ? id : undefined),
    // They all lie in one folder.
    load: (source) =>
      source === id
        ? `const name = ${name}; export const workerUrl = new URL(name, import.meta.url).href;`
        : undefined,
    generateBundle() {
      for (const [file, source] of files) {
        this.emitFile({ type: 'asset', fileName: `assets/${file}`, source });
      }
    },
  };
}

/**
 * The worker's script and its facts as scripts of the page, behind its own: its first rewrite waits for
 * no worker. They are compiled while they arrive, and run in order before the page counts as loaded.
 *
 * @param {{ worker: string, factsStart: string }} built
 * @returns {import('vite').Plugin}
 */
function coreTags({ worker, factsStart }) {
  const tag = (file, attrs) => ({
    tag: 'script',
    attrs: { src: `./assets/${file}`, defer: true, ...attrs },
    injectTo: 'head',
  });
  return {
    name: 'dfopt-core',
    transformIndexHtml: {
      order: 'post',
      handler: () => [tag(factsStart), tag(worker, { 'data-core': true })],
    },
  };
}

/**
 * A static host may not be able to set headers.
 *
 * @param {string} policy
 * @returns {import('vite').Plugin}
 */
function policyTag(policy) {
  const attrs = { 'http-equiv': 'Content-Security-Policy', content: policy };
  return {
    name: 'dfopt-policy',
    transformIndexHtml: () => [{ tag: 'meta', attrs, injectTo: 'head-prepend' }],
  };
}

/** Dockerfiles of small applications. */
function corpus() {
  const folder = join(ROOT, 'corpus');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => basename(path) === 'Dockerfile' && !path.startsWith('expected'))
    .sort()
    .map((path) => readFileSync(join(folder, path), 'utf8'));
}

/** @param {'web' | 'playground'} kind */
export async function buildPage(kind) {
  const { loadFacts } = await importTypeScript('src/facts/load.ts');
  const { PAGE_POLICY } = await importTypeScript('src/web/policy.ts');
  const { EXAMPLE, DEFAULT_CHOICES } = await importTypeScript('src/web/page/start.ts');
  const job = (text) => ({ text, choices: DEFAULT_CHOICES, today: '2026-11-21' });
  const built = await buildWorker(loadFacts(), job(EXAMPLE), corpus().map(job));
  await build({
    configFile: false,
    root: join(ROOT, 'src/web/page'),
    base: './',
    logLevel: 'warn',
    define: { IS_PLAYGROUND: JSON.stringify(kind === 'playground') },
    plugins: [
      policyTag(PAGE_POLICY),
      workerFiles(built),
      ...(kind === 'playground' ? [coreTags(built)] : []),
    ],
    build: {
      outDir: join(ROOT, 'dist', kind),
      emptyOutDir: true,
      target: 'es2022',
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      modulePreload: { polyfill: false },
      rolldownOptions: { checks: { pluginTimings: false } },
      // Nothing inline: the policy forbids it.
      assetsInlineLimit: 0,
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kind = process.argv[2] === 'playground' ? 'playground' : 'web';
  await buildPage(kind);
}
