/** What Composer and the tools for PHP's extensions leave in a layer. */
import { about, plus, sum, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { bytesBelow, textOf } from '../analysis/context.ts';
import { baseName, pathInside } from '../analysis/go-paths.ts';
import { isTable, tableIn, textIn, type Table } from './findings.ts';
import { composerLock } from './other-dependencies.ts';
import { phpWork } from './php-work.ts';
import { knownSize } from './registry-sizes.ts';
import type { Weight } from './weight.ts';
import { ownName, type WorkScope } from './work.ts';

export function phpWeigh(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const name = ownName(call);
  const words = call.args.filter((each) => each !== undefined);
  if (/^(composer(\.phar)?|composer2)$/.test(name)) return composerWeight(words, call, scope);
  if (/^php[\d.]*$/.test(name)) {
    const at = words.findIndex((each) => /^composer(\.phar)?$/.test(baseName(each)));
    if (at >= 0) return composerWeight(words.slice(at + 1), call, scope);
    const work = phpWork(call, scope);
    const made = work && 'makes' in work ? work.makes[0] : undefined;
    // The installer of Composer writes the program.
    if (made === undefined || !/composer/.test(made.path)) return undefined;
    return [{ path: made.path, kind: 'dependencies', what: 'Composer', amount: COMPOSER }];
  }
  if (name === 'docker-php-ext-install' || name === 'install-php-extensions') {
    return [extensions(words, name, scope)];
  }
  if (name === 'docker-php-ext-enable') {
    const path = 'usr/local/etc/php/conf.d';
    return [{ path, kind: 'dependencies', what: 'settings of PHP', amount: about(40, 1) }];
  }
  if (name === 'docker-php-source') {
    const isUnpacked = words[0] === 'extract';
    return isUnpacked
      ? [{ path: 'usr/src/php', kind: 'leavings', what: 'the source code of PHP', amount: SOURCE }]
      : [];
  }
  if (/^docker-php-ext-configure$/.test(name)) {
    return [
      { path: 'usr/src/php', kind: 'leavings', what: 'the source code of PHP', amount: SOURCE },
    ];
  }
  if (name !== 'pecl' || !words.includes('install')) return name === 'pecl' ? [] : undefined;
  return [extensions(words.slice(words.indexOf('install') + 1), name, scope)];
}

/** composer.phar of 2020 to 2026. */
const COMPOSER: Amount = { bytes: 2_900_000, low: 1_900_000, high: 3_400_000, basis: 'model' };

/** php.tar.xz unpacked, of 7.2 to 8.4; the tools delete it unless it was there before. */
const SOURCE: Amount = { bytes: 130_000_000, low: 90_000_000, high: 180_000_000, basis: 'model' };

function extensions(words: readonly string[], tool: string, { facts }: WorkScope): Weight {
  const { extensions: rows } = facts.composerSizes;
  const names = words
    .filter((word) => !word.startsWith('-') && !/^\d+$/.test(word))
    .map((word) => word.replace(/-[\d.]+\w*$/, '').replace(/-(stable|beta)$/, ''));
  const sizes = names.map((name): Amount => {
    const known = Object.hasOwn(rows, name) ? rows[name]! : undefined;
    return known === undefined
      ? { bytes: 500_000, low: 30_000, high: 6_000_000, basis: 'model' }
      : { bytes: known, low: known * 0.25, high: known * 2, basis: 'model' };
  });
  // pecl keeps what it downloads, and headers and tests of what it installs.
  if (tool === 'pecl') sizes.push({ bytes: 600_000, low: 50_000, high: 4_000_000, basis: 'model' });
  const count = `${names.length} extension${names.length === 1 ? '' : 's'} of PHP`;
  return {
    path: 'usr/local/lib/php',
    kind: 'dependencies',
    what: count,
    amount: words.length === 0 ? undefined : sum(sizes),
  };
}

function composerWeight(
  words: readonly string[],
  call: Call,
  scope: WorkScope,
): readonly Weight[] | undefined {
  const operands = words.filter(
    (word, index) => !word.startsWith('-') && !/^(-d|--working-dir)$/.test(words[index - 1] ?? ''),
  );
  const [action = 'list', ...names] = operands;
  const { files } = scope;
  const folder = folderOf(words, call);
  const place = (name: string): string => pathInside(`${folder}/${name}`);
  const json = (name: string): Table | undefined => {
    const found = files && textOf(files, place(name));
    if (found?.kind !== 'text') return undefined;
    try {
      const value: unknown = JSON.parse(found.text.replace(/^\ufeff/, ''));
      return isTable(value) ? value : undefined;
    } catch {
      return undefined;
    }
  };
  const manifest = json('composer.json');
  const vendor = place(textIn(tableIn(manifest, 'config'), 'vendor-dir') ?? 'vendor');
  const isWithoutDev = words.includes('--no-dev') || scope.variable('COMPOSER_NO_DEV') === '1';
  switch (action) {
    case 'install':
    case 'i':
    case 'update':
    case 'u':
    case 'upgrade': {
      const lock = files && textOf(files, place('composer.lock'));
      const all = lock?.kind === 'text' ? composerLock(lock.text)?.packages : undefined;
      const path = local(manifest, folder, scope);
      const listed = all?.filter(
        (each) => !each.name.startsWith('ext-') && (!isWithoutDev || each.isDevelopment !== true),
      );
      return installed(vendor, listed, path, scope, manifest === undefined);
    }
    case 'dump-autoload':
    case 'dumpautoload':
    case 'dump': {
      const path = pathInside(`${vendor}/composer`);
      const amount: Amount = { bytes: 300_000, low: 1000, high: 3_000_000, basis: 'model' };
      return [{ path, kind: 'build', what: 'the map of classes', amount }];
    }
    case 'require':
      return [
        {
          path: vendor,
          kind: 'dependencies',
          what: `${names.length} packages of Composer`,
          amount: { ...sum(names.map(() => UNKNOWN)), high: 40_000_000 * names.length },
        },
        cache(sum(names.map(() => UNKNOWN)), scope),
      ];
    case 'create-project':
      return [
        {
          path: folder,
          kind: 'dependencies',
          what: 'a new project of Composer',
          amount: { bytes: 50_000_000, low: 1_000_000, high: 150_000_000, basis: 'model' },
        },
      ];
    case 'global':
      return names[0] === 'require'
        ? [
            {
              path: 'root/.composer/vendor',
              kind: 'dependencies',
              what: 'tools of Composer',
              amount: { bytes: 8_000_000, low: 100_000, high: 60_000_000, basis: 'model' },
            },
          ]
        : [];
    default:
      return [];
  }
}

function folderOf(words: readonly string[], { folder }: Call): string {
  for (const [index, word] of words.entries()) {
    const value =
      word === '-d' || word === '--working-dir'
        ? words[index + 1]
        : /^--working-dir=(.+)$/.exec(word)?.[1];
    if (value !== undefined)
      return pathInside(value.startsWith('/') ? value : `${folder}/${value}`);
  }
  return folder;
}

/** A package of which nobody knows more than the name: quantiles of the 298 of the rows, and their mean. */
const UNKNOWN: Amount = { bytes: 250_000, low: 5000, high: 1_600_000, basis: 'model' };

/** Maps of classes and descriptions: 4 to 34 kB for each package in eleven vendor folders. */
const MAPS = { bytes: 14_000, low: 3800, high: 34_000 };

/** The loader of Composer itself, whatever is installed; measured in the lab. */
const LOADER = 37_000;

function installed(
  vendor: string,
  packages: readonly { readonly name: string; readonly version: string | undefined }[] | undefined,
  beside: { readonly bytes: number; readonly count: number },
  scope: WorkScope,
  isOpen: boolean,
): readonly Weight[] {
  const kind = 'dependencies';
  if (packages === undefined && (isOpen || beside.count === 0)) {
    return [
      { path: vendor, kind, what: 'packages of Composer', amount: undefined },
      { ...cache(UNKNOWN, scope), amount: undefined },
    ];
  }
  const all = packages ?? [];
  const sizes = all.map(({ name, version }): Amount => {
    const found = knownSize(scope.facts.composerSizes, name, version);
    return found ? about(found.figures[0]!, found.isExact ? 0.05 : 0.3) : UNKNOWN;
  });
  const maps: Amount = {
    bytes: LOADER + MAPS.bytes * all.length,
    low: LOADER * 0.8 + MAPS.low * all.length,
    high: LOADER * 1.3 + MAPS.high * (all.length + beside.count),
    basis: 'model',
  };
  const own: Amount = { bytes: beside.count * 1500, low: 0, high: beside.bytes, basis: 'model' };
  const remote = sum(sizes);
  const amount = plus(remote, plus(maps, own));
  const what = `${all.length + beside.count} packages of Composer`;
  return [
    { path: vendor, kind, what, amount: { ...amount, low: Math.max(0, amount.low) } },
    ...(all.length > 0 ? [cache(remote, scope)] : []),
  ];
}

/** Packages in folders of the project, which Composer links to. */
function local(
  manifest: Table | undefined,
  folder: string,
  { files }: WorkScope,
): { readonly bytes: number; readonly count: number } {
  const list = manifest?.['repositories'];
  const paths = (Array.isArray(list) ? list : isTable(list) ? Object.values(list) : [])
    .filter(isTable)
    .filter((each) => textIn(each, 'type') === 'path')
    .map((each) => (textIn(each, 'url') ?? '').replace(/\/?\*.*$/, ''));
  const bytes = files
    ? paths.reduce((total, path) => total + bytesBelow(files, pathInside(`${folder}/${path}`)), 0)
    : 0;
  return { bytes, count: paths.length === 0 ? 0 : Math.max(1, paths.length) };
}

/** What is downloaded stays as zip archives: a quarter of what they unpack to, by general knowledge. */
function cache(unpacked: Amount, { variable }: WorkScope): Weight {
  const set = variable('COMPOSER_CACHE_DIR') ?? '';
  const home = variable('COMPOSER_HOME') ?? '';
  const path = set.startsWith('/')
    ? pathInside(set)
    : home.startsWith('/')
      ? pathInside(`${home}/cache`)
      : 'root/.composer/cache';
  const { bytes, low, high } = unpacked;
  const amount: Amount = {
    bytes: bytes * 0.28 + 1_000_000,
    low: low * 0.15,
    high: high * 0.5 + 8_000_000,
    basis: 'model',
  };
  return { path, kind: 'leavings', what: 'the cache of Composer', amount };
}
