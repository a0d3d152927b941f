/**
 * The page of `dfopt review --web` (dist/web, part of `npm run build`), and the same page without a
 * server, as files for any static host: `npm run build:playground` (dist/playground).
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { importTypeScript, ROOT } from './bundle.mjs';

const FACTS = 'virtual:facts';

/**
 * The fact rows as a module of their own: checked while building, so that the page only has to parse
 * them.
 *
 * @param {string} json
 * @returns {import('vite').Plugin}
 */
function factsModule(json) {
  const id = `\0${FACTS}`;
  return {
    name: 'dfopt-facts',
    resolveId: (source) => (source === FACTS ? id : undefined),
    // Engines parse JSON faster than the same as code.
    load: (source) =>
      source === id ? `export const facts = JSON.parse(${JSON.stringify(json)});` : undefined,
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

/** @param {'web' | 'playground'} kind */
export async function buildPage(kind) {
  const { loadFacts } = await importTypeScript('src/facts/load.ts');
  const { PAGE_POLICY } = await importTypeScript('src/web/policy.ts');
  const facts = JSON.stringify(loadFacts());
  await build({
    configFile: false,
    root: join(ROOT, 'src/web/page'),
    base: './',
    logLevel: 'warn',
    define: { IS_PLAYGROUND: JSON.stringify(kind === 'playground') },
    plugins: [policyTag(PAGE_POLICY)],
    worker: { format: 'es', plugins: () => [factsModule(facts)] },
    build: {
      outDir: join(ROOT, 'dist', kind),
      emptyOutDir: true,
      target: 'es2022',
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      modulePreload: { polyfill: false },
      rolldownOptions: { checks: { pluginTimings: false } },
      // Nothing inline: the policy forbids it.
      assetsInlineLimit: 0,
      // The core and its facts are what they are; test/web/size.test.ts holds them to figures.
      chunkSizeWarningLimit: 4000,
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kind = process.argv[2] === 'playground' ? 'playground' : 'web';
  await buildPage(kind);
}
