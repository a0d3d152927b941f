/** The files of the built page, read once. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** By path, `/assets/main.js`; the page itself is `/`. */
export type Assets = ReadonlyMap<string, Asset>;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Beside the built command line, and as seen from its sources. */
const PLACES = ['../web/', '../../dist/web/'];

/** @returns `undefined` where the page was not built. */
export function builtPage(): Assets | undefined {
  const folder = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(
    (each) => existsSync(join(each, 'index.html')),
  );
  return folder === undefined ? undefined : assetsIn(folder);
}

export function assetsIn(folder: string): Assets {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const type = TYPES[extname(path)];
      if (type === undefined) return [];
      const name = `/${relative(folder, path).split(sep).join('/')}`;
      return [[name === '/index.html' ? '/' : name, { type, bytes: readFileSync(path) }]];
    }),
  );
}
