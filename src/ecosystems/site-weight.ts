/** What makers of pages leave in a layer: pages as long as their sources and a frame, and a theme. */
import type { Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { entriesOf, isWithin } from '../analysis/context.ts';
import { ownName, type WorkScope } from './work.ts';
import { siteWork } from './site-work.ts';
import type { Weight } from './weight.ts';

interface Theme {
  readonly maker: RegExp;
  /** Bytes that every site of it has: scripts, fonts, an index for searching. */
  readonly fixed: number;
  /** More for each page. */
  readonly page: number;
}

/** By the usual themes; mkdocs and Sphinx by Debian 12's, the others by general knowledge. */
const THEMES: readonly Theme[] = [
  { maker: /^mkdocs$/, fixed: 2_600_000, page: 7000 },
  { maker: /^sphinx-build$/, fixed: 450_000, page: 9000 },
  { maker: /^(jekyll|eleventy|zola|hugo)$/, fixed: 30_000, page: 5000 },
];

export function siteWeigh(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const work = siteWork(call, scope);
  if (!work) return undefined;
  const made = 'makes' in work ? work.makes[0]?.path : undefined;
  const weight = {
    path: made ?? call.folder,
    kind: 'build',
    what: 'pages',
  } as const;
  if (!scope.files) return [{ ...weight, amount: undefined }];
  const words = [ownName(call), ...call.args].map((each) => each?.replace(/^.*[/]/, '') ?? '');
  const theme = THEMES.find(({ maker }) => words.some((word) => maker.test(word)));
  const { pages, bytes } = sourcesOf(call.folder, made, scope);
  const { fixed, page } = theme ?? { fixed: 0, page: 400 };
  const amount: Amount = {
    bytes: fixed + pages * page + bytes * 1.3,
    low: fixed * 0.3 + bytes * 0.3,
    // Pictures are made in several sizes, and themes bring fonts.
    high: fixed * 4 + pages * page * 6 + bytes * 4 + 20_000,
    basis: 'model',
  };
  return [{ ...weight, amount }];
}

/** Texts that become pages, and what goes along with them. */
const PAGES = /\.(md|markdown|rst|adoc|html?|liquid|njk)$/;
const PICTURES = /\.(png|jpe?g|gif|svg|webp|css|js|pdf|woff2?)$/;

function sourcesOf(
  folder: string,
  made: string | undefined,
  { files }: WorkScope,
): { readonly pages: number; readonly bytes: number } {
  let pages = 0;
  let bytes = 0;
  for (const entry of entriesOf(files!)) {
    if (entry.kind !== 'file' || !isWithin(entry.path, folder)) continue;
    if (made !== undefined && isWithin(entry.path, made)) continue;
    if (/(^|\/)(node_modules|\.git|vendor)\//.test(entry.path)) continue;
    const isPage = PAGES.test(entry.path);
    if (isPage) pages++;
    if (isPage || PICTURES.test(entry.path)) bytes += entry.bytes;
  }
  return { pages, bytes };
}
