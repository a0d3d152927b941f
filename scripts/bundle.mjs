/** Imports a TypeScript module of the project: bundled on the fly, packages left where they are. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Modules that read what lies beside them find it, though they run from the bundle. */
export const IN_PLACE = {
  name: 'in place',
  setup(bundle) {
    bundle.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      const url = JSON.stringify(pathToFileURL(path).href);
      return { loader: 'ts', contents: code.replaceAll('import.meta.url', url) };
    });
  },
};

/**
 * @param {string} entry a path relative to the project's folder
 * @param {import('esbuild').Plugin[]} plugins
 */
export async function importTypeScript(entry, plugins = []) {
  // Inside node_modules, so that bare imports of the bundle are found from where it lies.
  const folder = join(ROOT, 'node_modules', '.cache', 'dfopt');
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, `${basename(entry, '.ts')}-${process.pid}.mjs`);
  try {
    await build({
      entryPoints: [join(ROOT, entry)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
      sourcemap: 'inline',
      logLevel: 'warning',
      plugins,
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(outfile, { force: true });
  }
}
