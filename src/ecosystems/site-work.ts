/** What makers of pages make: folders of files that a server sends as they are. */
import { entryAt, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import type { Call } from '../analysis/calls.ts';
import { baseName, pathInside } from '../analysis/go-paths.ts';
import { matchesAny, matchesWhole } from '../analysis/patterns.ts';
import { ownName, type Product, type Work, type WorkAnswer, type WorkScope } from './work.ts';

type Args = readonly (string | undefined)[];

export function siteWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const { args } = call;
  const name = ownName(call);
  const isModule = args[0] === '-m' && /^python[\d.]*$/.test(name);
  const tool = isModule ? (args[1] ?? '') : name;
  const rest = isModule ? args.slice(2) : args;
  if (tool === 'make' || tool === 'gmake') return makefileWork(rest, call, scope);
  const isBundled = rest[0] === 'exec' && /^bundler?$/.test(tool);
  if (!isBundled && tool !== 'npx') return makerWork(tool, rest, call, scope);
  const words = isBundled ? rest.slice(1) : rest;
  const at = words.findIndex((arg) => arg?.startsWith('-') !== true);
  const started = words[at]?.replace(/^@11ty\//, '') ?? '';
  return makerWork(baseName(started), words.slice(at + 1), call, scope);
}

interface Maker {
  /** Options that name the folder of the source. */
  readonly source: readonly string[];
  /** Options that name the folder of the pages, from the source or from where it runs. */
  readonly target: readonly string[];
  readonly isTargetFromSource: boolean;
  readonly usual: string;
  /** Settings in which the folder may be named, and how. */
  readonly settings: RegExp;
  readonly setting: RegExp;
  /** Whether these words make pages. */
  readonly words: RegExp;
}

/** By the manuals of the tools, November 2026. */
const MAKERS: Readonly<Record<string, Maker>> = {
  hugo: {
    source: ['-s', '--source'],
    target: ['-d', '--destination'],
    isTargetFromSource: true,
    usual: 'public',
    settings:
      /^(hugo|config)\.(toml|ya?ml|json)$|^config\/_default\/(hugo|config)\.(toml|ya?ml|json)$/,
    setting: /["']?publish[dD]ir["']?\s*[=:]\s*["']?([\w./-]+)/,
    words:
      /^(?!(server|serve|version|env|new|mod|list|config|gen|import|convert|deploy|check|completion|help)\b)/,
  },
  jekyll: {
    source: ['-s', '--source'],
    target: ['-d', '--destination'],
    isTargetFromSource: false,
    usual: '_site',
    settings: /^_config\.ya?ml$/,
    setting: /^destination:\s*["']?([\w./-]+)/m,
    words: /^(build|b)\b/,
  },
  mkdocs: {
    source: [],
    target: ['-d', '--site-dir'],
    isTargetFromSource: false,
    usual: 'site',
    settings: /^mkdocs\.ya?ml$/,
    setting: /^site_dir:\s*["']?([\w./-]+)/m,
    words: /^(.* )?build\b/,
  },
  eleventy: {
    source: [],
    target: ['--output'],
    isTargetFromSource: false,
    usual: '_site',
    settings: /^(\.eleventy|eleventy\.config)\.[cm]?js$/,
    setting: /\boutput["']?\s*:\s*["'`]([\w./-]+)/,
    words: /^(?!.*--(serve|watch))/,
  },
  zola: {
    source: ['-r', '--root'],
    target: ['-o', '--output-dir'],
    isTargetFromSource: false,
    usual: 'public',
    settings: /^(config|zola)\.toml$/,
    setting: /^output_dir\s*=\s*["']([\w./-]+)/m,
    words: /^(.* )?build\b/,
  },
};

function makerWork(tool: string, args: Args, call: Call, scope: WorkScope): WorkAnswer | undefined {
  if (tool === 'sphinx-build') return sphinxWork(args, call, scope);
  const maker = Object.hasOwn(MAKERS, tool) ? MAKERS[tool] : undefined;
  if (!maker) return undefined;
  if (args.includes(undefined)) return { why: `a variable says where ${tool} writes` };
  const words = args.join(' ');
  if (!maker.words.test(words)) return undefined;
  const own = valueOf(args, maker.source);
  const folder = own === undefined ? call.folder : placeOf(own, call.folder);
  const { files } = scope;
  const given = valueOf(args, maker.target);
  if (given === undefined && !files) return { why: `nobody knows where ${tool} writes` };
  const set = given ?? settingOf(maker, folder, files);
  const at = given !== undefined && !maker.isTargetFromSource ? call.folder : folder;
  return made(placeOf(set ?? maker.usual, at), folder, scope);
}

function settingOf(
  maker: Maker,
  folder: string,
  files: BuildContext | undefined,
): string | undefined {
  const inside = folder === '' ? 0 : folder.length + 1;
  for (const [path, text] of files?.texts ?? []) {
    if (!isWithin(path, folder) || !maker.settings.test(path.slice(inside))) continue;
    const found = maker.setting.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `sphinx-build -b html source target`. */
function sphinxWork(args: Args, call: Call, scope: WorkScope): WorkAnswer {
  const operands = args.filter(
    (arg, index) => arg?.startsWith('-') !== true && !/^-[bcdDAjw]$/.test(args[index - 1] ?? ''),
  );
  // `-M html source target`
  const [source, target] = args[0] === '-M' ? operands.slice(1) : operands;
  if (source === undefined || target === undefined) {
    return { why: 'nobody knows where sphinx-build writes' };
  }
  return made(placeOf(target, call.folder), placeOf(source, call.folder), scope);
}

function made(path: string, folder: string, scope: WorkScope): WorkAnswer {
  if (path === '') return { why: 'the pages lie in the root folder' };
  return { ...works([{ path, of: 'sources' }]), ...rawMaterial(folder, [path], scope) };
}

function works(makes: readonly Product[]): Work {
  return { ecosystem: 'site', makes };
}

/** Programs that make pages of texts, and nothing that runs. */
const PAGE_MAKERS =
  /\b(cmark(-gfm)?|pandoc|markdown|multimarkdown|lowdown|discount|asciidoctor|asciidoc|hugo|jekyll|mkdocs|sphinx-build|SPHINXBUILD|zola|eleventy|m4|xsltproc)\b/;

/** A Makefile that makes pages: only what is taken out of its folder, or named, is of use. */
function makefileWork(args: Args, call: Call, scope: WorkScope): WorkAnswer | undefined {
  const { files } = scope;
  const at = args.findIndex((arg) => arg === '-C' || arg === '--directory');
  const folder = at < 0 ? call.folder : placeOf(args[at + 1] ?? '?', call.folder);
  if (!files || folder === '') return undefined;
  const text = ['Makefile', 'makefile', 'GNUmakefile']
    .map((name) => textOf(files, `${folder}/${name}`))
    .find(({ kind }) => kind === 'text');
  if (text?.kind !== 'text' || !PAGE_MAKERS.test(text.text)) return undefined;
  const words = text.text.match(/[\w.+-]+/g) ?? [];
  const compiles = words.some((word) => matchesAny(scope.facts.programs.compilers, word));
  // A path of the system may be written to.
  const isOutside = /(^|[\s"'=:>])\/(etc|usr|var|opt|srv|bin|root|home)\b/m.test(
    text.text.replace(/\/(usr\/)?bin\/(env )?\w+/g, ''),
  );
  if (compiles || isOutside || args.includes('install')) return undefined;
  const raw = rawMaterial(folder, [], scope);
  if (raw.onlyBuild === undefined) return { ...works([]), within: folder };
  return { ...works([{ path: folder, of: 'sources', isNamed: true }]), ...raw };
}

/** Servers that send the files of a folder that is named in their settings. */
const SERVERS =
  'nginx|nginx-debug|docker-entrypoint\\.sh|httpd|httpd-foreground|apache2|apache2-foreground|apache2ctl|apachectl|caddy|lighttpd|busybox|darkhttpd|thttpd|curl|wget|exit|test|true|false|echo|exec';

/** Folders of pages of the servers' own images and packages. */
const PAGES = [
  'usr/share/nginx/html',
  'var/www',
  'usr/local/apache2/htdocs',
  'usr/share/caddy',
  'srv',
];

/**
 * The folder of the sources, where nothing but a server of files runs and nothing says that it sends
 * them.
 */
export function rawMaterial(
  folder: string,
  products: readonly string[],
  { started, files, atEnd, facts }: WorkScope,
): { readonly onlyBuild?: readonly string[] } {
  if (folder === '' || !files || started.length === 0) return {};
  if (products.some((each) => isWithin(folder, each))) return {};
  if (PAGES.some((each) => isWithin(folder, each) || isWithin(each, folder))) return {};
  const isOfFiles = (each: Call): boolean =>
    matchesWhole(SERVERS, ownName(each)) || servesOnly(each, folder, products, atEnd);
  if (!started.every(isOfFiles)) return {};
  const place = `/${folder}`;
  const isNamed = (text: string): boolean =>
    text.includes(place) &&
    new RegExp(`(?<![\\w.])/${folder.replace(/\W/g, '\\$&')}(?![\\w-])`).test(text);
  const isCalled = started.some(({ args }) =>
    args.some((arg) => arg === undefined || isNamed(arg)),
  );
  const isSet = [...files.texts].some(
    ([path, text]) =>
      !/\.(md|html?|css|js)$/.test(path) && !matchesAny(facts.work.papers, path) && isNamed(text),
  );
  return isCalled || isSet ? {} : { onlyBuild: [folder] };
}

/** Whether a server of npm sends what is made in the folder, and nothing else that lies there. */
function servesOnly(
  call: Call,
  folder: string,
  products: readonly string[],
  atEnd: BuildContext | undefined,
): boolean {
  if (!/^(serve|http-server)$/.test(ownName(call)) || call.args.includes(undefined)) return false;
  // Settings of its own, in the folder in which it starts.
  const hasSettings = ['serve.json', 'now.json'].some(
    (name) => !atEnd || entryAt(atEnd, pathInside(`${call.folder}/${name}`)) !== undefined,
  );
  if (hasSettings) return false;
  const isMade = (place: string): boolean => products.some((each) => isWithin(place, each));
  const words = call.args.flatMap((arg) => arg!.split('='));
  const places = words.map((word) => placeOf(word, call.folder));
  return (
    places.some(isMade) &&
    places.every((place) => !isWithin(folder, place)) &&
    places.every((place) => isMade(place) || entryAt(atEnd!, place) === undefined)
  );
}

/** `-d x`, `--destination x`, `--destination=x`. */
function valueOf(args: Args, names: readonly string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    if (names.includes(arg ?? '')) return args[index + 1];
    const name = names.find((each) => arg?.startsWith(`${each}=`) === true);
    if (name !== undefined) return arg!.slice(name.length + 1);
  }
  return undefined;
}

function placeOf(path: string, folder: string): string {
  return pathInside(path.startsWith('/') ? path : `${folder}/${path}`);
}
