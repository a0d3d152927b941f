/** What Bundler and RubyGems leave in a layer: gems with what they compile, and their archives. */
import { about, plus, sum, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { entriesOf, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { folderOf } from '../analysis/go-paths.ts';
import { dependency, type Dependency } from './dependency.ts';
import { gemfileLock } from './other-dependencies.ts';
import { knownSize } from './registry-sizes.ts';
import { rubyWork } from './ruby-work.ts';
import type { Weight } from './weight.ts';
import { ownName, type WorkScope } from './work.ts';

export function rubyWeigh(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const name = ownName(call);
  const words = call.args.filter((each) => each !== undefined);
  const operands = words.filter((each) => !each.startsWith('-') && !/^_[\d.]+_$/.test(each));
  if (/^j?gem[\d.]*$/.test(name)) return gemWeight(operands, words, call, scope);
  if (!/^bundler?$/.test(name)) return undefined;
  const [action = 'install'] = operands;
  if (action === 'package' || action === 'cache') return archives(call, scope);
  if (action === 'install' || action === 'update') return bundleWeight(words, call, scope);
  return action === 'exec' ? undefined : [];
}

/** Where gems come to lie: the first folder that the call makes. */
function placeOf(call: Call, scope: WorkScope): string {
  const work = rubyWork(call, scope);
  const made = work && 'makes' in work ? work.makes[0]?.path : undefined;
  return made ?? (scope.image?.family === 'ruby' ? 'usr/local/bundle' : 'var/lib/gems');
}

/**
 * A gem of which nobody knows more than the name: quantiles 0.05 and 0.95 of the gems of the rows, and
 * between median and mean.
 */
const UNKNOWN: Amount = { bytes: 350_000, low: 12_000, high: 2_500_000, basis: 'model' };

/** A gem's archive beside it, over what it unpacks to: 0.25 over all of the rows, 0.29 in the median. */
const ARCHIVE = { bytes: 0.27, low: 0.17, high: 0.52 };

/** The description of an installed gem: 1.7 kB in the median of the rows. */
const DESCRIPTION = 1700;

/** What compiling a gem leaves: the extension twice, objects, logs. Of 22 gems of the rows the median. */
const COMPILED: Amount = { bytes: 900_000, low: 60_000, high: 12_000_000, basis: 'model' };

function gemBytes(
  gem: Dependency,
  { facts }: Pick<WorkScope, 'facts'>,
): { readonly installed: Amount; readonly archive: Amount } {
  const found = knownSize(facts.gemSizes, gem.name, gem.version);
  const isReady = gem.ready?.some((platform) => /linux/.test(platform)) === true;
  const isNative =
    !isReady &&
    facts.nativePackages.packages.some(
      ({ ecosystem, names }) => ecosystem === 'ruby' && names.includes(gem.name),
    );
  if (!found) {
    return {
      installed: plus(UNKNOWN, isNative ? COMPILED : about(DESCRIPTION, 0.5)),
      archive: archiveOf(UNKNOWN),
    };
  }
  const [bytes = 0, archive = 0] = found.figures;
  const share = found.isExact ? 0.05 : 0.3;
  return {
    installed: plus(about(bytes + DESCRIPTION, share), isNative ? COMPILED : about(0, 0)),
    archive: archive > 0 ? about(archive, share) : archiveOf(about(bytes, 0.1)),
  };
}

function archiveOf({ bytes, low, high }: Amount): Amount {
  return {
    bytes: bytes * ARCHIVE.bytes,
    low: low * ARCHIVE.low,
    high: high * ARCHIVE.high,
    basis: 'model',
  };
}

/** Gems of the bundle that Bundler keeps; the archives stay in a folder of it, where nothing cleans. */
function bundleWeight(words: readonly string[], call: Call, scope: WorkScope): readonly Weight[] {
  const { files, image, earlier } = scope;
  const place = placeOf(call, scope);
  const lock = files && textOf(files, inFolder('Gemfile.lock', call));
  const all = lock?.kind === 'text' ? gemfileLock(lock.text)?.packages : undefined;
  const path = place;
  const kind = 'dependencies';
  const isAgain = earlier.some(
    (each, index) =>
      /^bundler?$/.test(ownName(each)) &&
      (each.args[0] === 'install' || each.args.length === 0) &&
      placeOf(each, { ...scope, earlier: earlier.slice(0, index) }) === place,
  );
  if (isAgain) return [{ path, kind, what: 'gems that are there', amount: about(2000, 1) }];
  if (!all) return [{ path, kind, what: 'the gems of a bundle', amount: undefined }];
  const folders = all.filter(
    ({ from }) => from !== undefined && !/^(https?|git|ssh):|@/.test(from),
  );
  // Gems in folders of the project stay where they are; only Bundler's own records are written.
  const gems = all.filter((each) => !folders.includes(each));
  const each = gems.map((gem) =>
    BUNDLED.has(gem.name) ? maybe(gem, scope) : gemBytes(gem, scope),
  );
  const vendored = files ? archivesIn(files, inFolder('vendor/cache', call)) : 0;
  const amount = sum([
    ...each.map(({ installed, archive }) => together(installed, archive)),
    about(520, 1),
  ]);
  // Gems for development and tests are a fifth to two fifths of Rails' own.
  const isLess =
    words.some((word) => word.startsWith('--without')) ||
    (scope.variable('BUNDLE_WITHOUT') ?? '?') !== '' ||
    earlier.some(({ args }) => args.includes('without') || args.includes('BUNDLE_WITHOUT'));
  const less: Amount = isLess
    ? { ...amount, bytes: amount.bytes * 0.75, low: amount.low * 0.5 }
    : amount;
  const isCompiled = image?.family === 'ruby';
  return [
    {
      path,
      kind,
      what: `${gems.length} gems`,
      amount: vendored > 0 && isCompiled ? { ...less, low: less.low * 0.9 } : less,
    },
  ];
}

/** Of one gem: both are wrong, or none. */
function together(one: Amount, other: Amount): Amount {
  return {
    bytes: one.bytes + other.bytes,
    low: one.low + other.low,
    high: one.high + other.high,
    basis: one.basis,
  };
}

/** Gems that come with Ruby 3: the version that is there may be the one that the lockfile asks for. */
const BUNDLED = new Set(
  (
    'rake minitest test-unit power_assert rexml rss debug rbs typeprof matrix prime net-ftp net-imap ' +
    'net-pop net-smtp racc bigdecimal json psych stringio date io-console reline rdoc irb erb csv ' +
    'logger base64 bundler strscan timeout uri set securerandom tsort benchmark ostruct fiddle ' +
    'observer drb mutex_m nkf syslog getoptlong abbrev'
  ).split(' '),
);

function maybe(gem: Dependency, scope: WorkScope): ReturnType<typeof gemBytes> {
  const { installed, archive } = gemBytes(gem, scope);
  const half = (amount: Amount): Amount => ({ ...amount, bytes: amount.bytes / 2, low: 0 });
  return { installed: half(installed), archive: half(archive) };
}

function archivesIn(files: BuildContext, folder: string): number {
  return entriesOf(files).reduce(
    (total, each) =>
      isWithin(each.path, folder) && each.path.endsWith('.gem') ? total + each.bytes : total,
    0,
  );
}

function inFolder(name: string, { folder }: Call): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** `bundle package`: the archives alone. */
function archives(call: Call, scope: WorkScope): readonly Weight[] {
  const lock = scope.files && textOf(scope.files, inFolder('Gemfile.lock', call));
  const all = lock?.kind === 'text' ? gemfileLock(lock.text)?.packages : undefined;
  const amount = all && sum(all.map((gem) => gemBytes(gem, scope).archive));
  const path = inFolder('vendor/cache', call);
  return [{ path, kind: 'dependencies', what: 'archives of gems', amount }];
}

function gemWeight(
  operands: readonly string[],
  words: readonly string[],
  call: Call,
  scope: WorkScope,
): readonly Weight[] | undefined {
  const [action = '', ...names] = operands;
  if (action === 'build') return [builtGem(call, scope)];
  if (!/^(install|i|update)$/.test(action)) return [];
  // The official images' settings leave it out.
  const hasDocuments =
    words.some((word) => /^--(document|ri|rdoc)\b/.test(word)) ||
    (scope.image?.family !== 'ruby' &&
      !words.some((word) => /^(--no-(document|doc|ri|rdoc)|-N)$/.test(word)));
  const wanted = names.filter((name) => !/^[\d.]+$/.test(name));
  const isSystem = words.includes('--system');
  const sizes = wanted.map((name) => {
    const isFile = name.endsWith('.gem');
    const own = isFile ? ownGem(name, call, scope) : namedGem(name, scope);
    return hasDocuments ? plus(own, documents(own, words)) : own;
  });
  if (isSystem) sizes.push(about(5_500_000, 0.4));
  const amount = sizes.length === 0 ? undefined : sum(sizes);
  const what = wanted.length === 1 ? `the gem ${wanted[0]!}` : `${wanted.length} gems`;
  return [{ path: placeOf(call, scope), kind: 'dependencies', what, amount }];
}

/** Data for `ri`, as large as the gem or less; as pages with the fonts and scripts of RDoc much more. */
function documents({ bytes, high }: Amount, words: readonly string[]): Amount {
  const hasPages = words.some((word) => /^--(rdoc|document=.*rdoc)/.test(word));
  const fixed = hasPages ? 700_000 : 0;
  const share = hasPages ? 3.5 : 0.6;
  return {
    bytes: fixed + bytes * share,
    low: fixed * 0.7 + bytes * share * 0.2,
    high: fixed * 1.3 + high * share * 2,
    basis: 'model',
  };
}

function namedGem(name: string, scope: WorkScope): Amount {
  const plain = name.replace(/:.*$/, '');
  const { withNeeds } = scope.facts.gemSizes;
  const all = Object.hasOwn(withNeeds, plain) ? withNeeds[plain] : undefined;
  if (all !== undefined) return { bytes: all, low: all * 0.4, high: all * 2.2, basis: 'model' };
  const { installed, archive } = gemBytes(dependency(plain, {}), scope);
  const own = plus(installed, archive);
  // What it needs comes along, and nobody says how much that is.
  return { ...own, bytes: own.bytes * 2, high: own.high * 2 + 20_000_000 };
}

/** Bytes of the sources of a gem's folder, and of those in C. */
function sourcesOf(
  folder: string,
  { files }: WorkScope,
): { readonly all: number; readonly c: number; readonly extensions: number } | undefined {
  if (!files) return undefined;
  const inside = entriesOf(files).filter(
    ({ path, kind }) =>
      kind === 'file' &&
      isWithin(path, folder) &&
      /^(lib|exe|bin|ext|app|config|data|vendor)\//.test(
        path.slice(folder === '' ? 0 : folder.length + 1),
      ),
  );
  const of = (pattern: RegExp): number =>
    inside.reduce((total, each) => (pattern.test(each.path) ? total + each.bytes : total), 0);
  return {
    all: of(/./),
    c: of(/\.(c|cc|cpp|h)$/),
    extensions: inside.filter(({ path }) => path.endsWith('extconf.rb')).length,
  };
}

/** A gem that lies in a folder of the project: unpacked, its archive, its description. */
function ownGem(name: string, call: Call, scope: WorkScope): Amount {
  const path = inFolder(name, call);
  const found = sourcesOf(name.includes('/') ? folderOf(path) : call.folder, scope);
  if (!found || found.all === 0)
    return { bytes: 300_000, low: 3000, high: 8_000_000, basis: 'model' };
  const archive = archived(found.all);
  const pure = about(found.all + archive + 900, 0.25);
  if (found.extensions === 0) return { ...pure, low: pure.low * 0.7 };
  return plus(pure, extension(found.extensions, found.c));
}

/** What a compiled extension leaves: the library with its debugging sections twice, objects, a log. */
function extension(count: number, sources: number): Amount {
  const bytes = count * 665_000 + sources * 10;
  return { bytes, low: count * 60_000, high: count * 2_000_000 + sources * 150, basis: 'model' };
}

/**
 * A tar of three compressed files, in blocks of 512 bytes: a header before each and two empty blocks at the
 * end, two blocks for the metadata of a small gem, one for checksums, and the files themselves.
 */
function archived(bytes: number): number {
  const blocks = 3 + 2 + 2 + 1 + Math.ceil((bytes * 0.25) / 512);
  return blocks * 512;
}

function builtGem(call: Call, scope: WorkScope): Weight {
  const found = sourcesOf(call.folder, scope);
  const what = 'the archive of a gem';
  const spec = call.args.find((arg) => arg?.endsWith('.gemspec') === true);
  const text = spec === undefined ? undefined : scope.files?.texts.get(inFolder(spec, call));
  const version = /\.version\s*=\s*["']([\w.]+)["']/.exec(text ?? '')?.[1] ?? '0';
  const path = inFolder(`${spec?.replace(/\.gemspec$/, '') ?? 'gem'}-${version}.gem`, call);
  if (!found || found.all === 0) {
    return { path, kind: 'build', what, amount: about(100_000, 0.95) };
  }
  const bytes = archived(found.all);
  return {
    path,
    kind: 'build',
    what,
    amount: { bytes, low: 2500, high: bytes * 1.6, basis: 'model' },
  };
}
