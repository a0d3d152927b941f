/** Rows about what programs and libraries need from the system: they agree with each other, and with what is known. */
import { describe, expect, it } from 'vitest';
import {
  onAlpine,
  sharedLibraries,
  sharedLibrariesOnAlpine,
} from '../../src/analysis/system-packages.ts';
import { loadFacts } from '../../src/facts/load.ts';
import type { NativeEcosystem, NativePackage } from '../../src/facts/needs-types.ts';

const facts = loadFacts();
const { nativePackages, debianLibraries, commandPackages, alpineNames } = facts;

const rowsOf = (ecosystem: NativeEcosystem, name: string): readonly NativePackage[] =>
  nativePackages.packages.filter((row) => row.ecosystem === ecosystem && row.names.includes(name));

const compare = (a: string, b: string): number => {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

const overlap = (a: NativePackage, b: NativePackage): boolean =>
  (a.since === undefined || b.before === undefined || compare(a.since, b.before) < 0) &&
  (b.since === undefined || a.before === undefined || compare(b.since, a.before) < 0);

describe('native packages', () => {
  it('has one row for a version of a package', () => {
    const doubled = nativePackages.packages.flatMap((row, index) =>
      nativePackages.packages
        .slice(index + 1)
        .filter((other) => other.ecosystem === row.ecosystem && overlap(row, other))
        .flatMap((other) => row.names.filter((name) => other.names.includes(name))),
    );
    expect(doubled).toEqual([]);
  });

  it('writes names as the registries compare them', () => {
    const odd = nativePackages.packages.flatMap(({ ecosystem, names }) =>
      names.filter(
        (name) =>
          (ecosystem === 'python' && /[A-Z_.]/.test(name)) ||
          (ecosystem === 'php' && /[A-Z]/.test(name)) ||
          new Set(names).size !== names.length,
      ),
    );
    expect(odd).toEqual([]);
  });

  it('names only kits, sources and packages that there are', () => {
    for (const row of nativePackages.packages) {
      expect(nativePackages.sources, row.names[0]).toHaveProperty([row.source]);
      if (row.build?.kit !== undefined)
        expect(nativePackages.kits, row.names[0]).toHaveProperty([row.build.kit]);
      for (const name of row.pulls ?? [])
        expect(rowsOf(row.ecosystem, name), `${row.names[0]} pulls ${name}`).not.toEqual([]);
    }
  });

  it('says what becomes of a package that has native code', () => {
    const silent = nativePackages.packages.filter(
      (row) =>
        !row.isPure && !row.isBundled && !row.build && !row.prebuilt && !row.run && !row.isOptional,
    );
    expect(silent.map(({ names }) => names[0])).toEqual([]);
  });

  it('has binaries for musl of nothing that does not run on musl', () => {
    const wrong = nativePackages.packages.filter(
      ({ isGlibcOnly, prebuilt }) =>
        isGlibcOnly && prebuilt?.some(({ libc }) => libc === 'musl' || libc === 'any'),
    );
    expect(wrong.map(({ names }) => names[0])).toEqual([]);
  });

  it('knows the libraries behind what is linked, on the suites that images stand on', () => {
    const unknown = new Set<string>();
    for (const row of nativePackages.packages) {
      for (const name of [...(row.linked?.debian ?? []), ...(row.run?.debian ?? [])]) {
        for (const suite of ['bookworm', 'trixie']) {
          const isKnown =
            !name.endsWith('-dev') || sharedLibraries(name, suite, facts) !== undefined;
          if (!isKnown) unknown.add(`${suite}: ${name}`);
        }
      }
    }
    // Debian dropped the one, and did not have the other yet.
    expect([...unknown].sort()).toEqual([
      'bookworm: libgirepository-2.0-dev',
      'trixie: libc-client2007e-dev',
    ]);
  });

  it('knows when a binary is fetched from elsewhere, and when it comes along', () => {
    const binaries = (name: string) =>
      rowsOf('node', name).map(({ since, before, prebuilt }) => [
        since ?? before,
        prebuilt?.map(({ from, libc }) => `${from} ${libc}`),
      ]);
    expect(binaries('bcrypt')).toEqual([
      ['6.0.0', ['inside glibc', 'inside musl']],
      ['6.0.0', ['download glibc', 'download musl']],
    ]);
    expect(binaries('sharp')[0]).toEqual(['0.33.0', ['inside glibc', 'inside musl']]);
    expect(binaries('cypress')).toEqual([[undefined, ['download glibc']]]);
    expect(rowsOf('python', 'torch')[0]).toMatchObject({ isGlibcOnly: true });
    expect(rowsOf('python', 'opencv-python')[0]!.run!.debian).toContain('libgl-dev');
    expect(rowsOf('python', 'opencv-python-headless')[0]!.run).toBeUndefined();
    expect(rowsOf('ruby', 'mysql2')[0]!.prebuilt).toBeUndefined();
    expect(rowsOf('php', 'pdo_mysql')[0]!.linked).toBeUndefined();
    expect(rowsOf('php', 'curl')[0]).toMatchObject({ isBundled: true });
  });
});

describe('libraries behind headers', () => {
  const on = (name: string) =>
    debianLibraries.suites.map((suite) => sharedLibraries(name, suite, facts)?.join(' '));

  it('names them as each suite does', () => {
    expect(debianLibraries.suites).toEqual([
      'bullseye',
      'bookworm',
      'trixie',
      'focal',
      'jammy',
      'noble',
    ]);
    expect(on('libpq-dev')).toEqual(Array(6).fill('libpq5'));
    expect(on('libvips-dev')).toEqual([
      'libvips42',
      'libvips42',
      'libvips42t64',
      'libvips42',
      'libvips42',
      'libvips42t64',
    ]);
    expect(on('libicu-dev')).toEqual([
      'libicu67',
      'libicu72',
      'libicu76',
      'libicu66',
      'libicu70',
      'libicu74',
    ]);
    expect(on('libssl-dev')).toEqual([
      'libssl1.1',
      'libssl3',
      'libssl3t64',
      'libssl1.1',
      'libssl3',
      'libssl3t64',
    ]);
  });

  it('follows packages that only stand for others', () => {
    expect(sharedLibraries('libjpeg-dev', 'bookworm', facts)).toEqual(['libjpeg62-turbo']);
    expect(sharedLibraries('default-libmysqlclient-dev', 'trixie', facts)).toEqual(['libmariadb3']);
    expect(sharedLibraries('default-libmysqlclient-dev', 'jammy', facts)).toEqual([
      'libmysqlclient21',
    ]);
    expect(sharedLibraries('libmagickwand-dev', 'bookworm', facts)).toContain(
      'libmagickwand-6.q16-6',
    );
    expect(sharedLibraries('libboost-all-dev', 'bookworm', facts)).toContain(
      'libboost-filesystem1.74.0',
    );
    // A virtual name that one package provides.
    expect(sharedLibraries('libfreetype6-dev', 'trixie', facts)).toEqual(['libfreetype6']);
  });

  it('tells none from unknown', () => {
    expect(sharedLibraries('libeigen3-dev', 'bookworm', facts)).toEqual([]);
    expect(sharedLibraries('libpq-dev', 'buster', facts)).toBeUndefined();
    expect(sharedLibraries('libpcre3-dev', 'trixie', facts)).toBeUndefined();
    expect(sharedLibraries('constructor', 'bookworm', facts)).toBeUndefined();
    expect(sharedLibrariesOnAlpine('icu-dev', '3.22', facts)).toEqual(['icu-libs']);
    expect(sharedLibrariesOnAlpine('linux-headers', '3.22', facts)).toEqual([]);
    expect(sharedLibrariesOnAlpine('nothing-dev', '3.22', facts)).toBeUndefined();
  });

  it('uses every name, and names no headers', () => {
    const used = new Set(Object.values(debianLibraries.packages).flatMap(Object.values).flat());
    expect(used.size).toBe(debianLibraries.names.length);
    expect(debianLibraries.names.filter((name) => name.endsWith('-dev'))).toEqual([]);
  });
});

describe('packages of commands', () => {
  const row = (name: string) => commandPackages.commands.find(({ command }) => command === name)!;

  it('has one row for a command, in order', () => {
    const names = commandPackages.commands.map(({ command }) => command);
    expect(names).toEqual([...new Set(names)].sort());
  });

  it('knows what everybody calls', () => {
    expect(row('ps')).toMatchObject({ debian: ['procps'], alpine: ['busybox', 'procps'] });
    expect(row('ping').debian).toEqual(['iputils-ping']);
    expect(row('envsubst').debian).toEqual(['gettext-base', 'gettext']);
    expect(row('xz')).toMatchObject({ debian: ['xz-utils'], alpine: ['xz'] });
    expect(row('convert').fedora).toEqual(['ImageMagick']);
    expect(row('ssh').debian).toEqual(['openssh-client']);
  });

  it('knows where suites differ', () => {
    expect(row('apt-key').debianBySuite).toEqual({ trixie: [] });
    expect(row('wkhtmltopdf').debianBySuite).toEqual({ trixie: [] });
    expect(row('7z').debianBySuite).toEqual({ trixie: ['7zip'] });
    // In every image of Ubuntu, and in none of Debian.
    expect(row('ps').essentialOn).toEqual(['focal', 'jammy', 'noble']);
    expect(row('grep').essentialOn).toEqual(debianLibraries.suites);
    expect(row('curl').essentialOn).toBeUndefined();
  });
});

describe('names on Alpine', () => {
  it('says one thing of a name', () => {
    const { packages, needless, missing } = alpineNames;
    const names = [...Object.keys(packages), ...needless, ...missing];
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('marks as unattested only what it names', () => {
    const named = new Set([
      ...Object.values(alpineNames.packages).flat(),
      ...Object.entries(alpineNames.libraries).flatMap(([name, behind]) => [name, ...behind]),
    ]);
    expect(alpineNames.unattested.filter((name) => !named.has(name))).toEqual([]);
    const offered = new Set(commandPackages.commands.flatMap(({ alpine }) => alpine));
    expect(commandPackages.unattested.filter((name) => !offered.has(name))).toEqual([]);
  });

  it('tells what Alpine does without from what it lacks', () => {
    expect(onAlpine('build-essential', facts)).toEqual({ kind: 'packages', names: ['build-base'] });
    expect(onAlpine('libssl-dev', facts)).toEqual({ kind: 'packages', names: ['openssl-dev'] });
    expect(onAlpine('apt-transport-https', facts)).toEqual({ kind: 'needless' });
    expect(onAlpine('google-chrome-stable', facts)).toEqual({ kind: 'missing' });
    expect(onAlpine('toString', facts)).toEqual({ kind: 'unknown' });
  });
});
