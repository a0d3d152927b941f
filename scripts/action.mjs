/**
 * `npm run action`: the bundle that GitHub's runners start, action/index.js, which is committed.
 * `--check` says whether it is the one of these sources. The fact rows stay where they are, and are read
 * from the checkout that the runner makes of this repository.
 */
import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUNDLE = join(ROOT, 'action', 'index.js');

/** CommonJS packages in a bundle of modules still call `require` for what Node has built in. */
const REQUIRE = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

/** Rows are data: a change of theirs is no change of the program. */
const rowsStayOutside = {
  name: 'rows stay outside',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\/[\w-]+\.json$/ }, ({ path, resolveDir }) => {
      const file = join(resolveDir, path);
      if (relative(join(ROOT, 'src', 'facts'), dirname(file)) !== '') return undefined;
      return { path: relative(dirname(BUNDLE), file), external: true };
    });
  },
};

export async function actionBundle() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, 'src/bot/action.ts')],
    outfile: BUNDLE,
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    banner: { js: `// Made by npm run action of src/bot/action.ts.\n${REQUIRE}` },
    // Names in the bundle go by paths: it is the same where node_modules is a link.
    preserveSymlinks: true,
    plugins: [rowsStayOutside],
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bundle = await actionBundle();
  if (!process.argv.includes('--check')) {
    await mkdir(dirname(BUNDLE), { recursive: true });
    await writeFile(BUNDLE, bundle);
  } else if ((await readFile(BUNDLE, 'utf8').catch(() => '')) !== bundle) {
    console.error('action/index.js is not the bundle of these sources: npm run action');
    process.exitCode = 1;
  }
}
