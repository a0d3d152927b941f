/** Does the estimate of apt's installs say what real installs showed? */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { imageOf } from '../../src/analysis/images.ts';
import { imageName } from '../../src/analysis/stages.ts';
import { aptCaches, aptInstall, aptLists, type AptInstall } from '../../src/estimate/apt.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { compare, quantile, readMeasured } from '../lab/apt-measured.ts';

const facts = loadFacts();

const minimal: AptInstall = {
  names: [],
  suite: 'bookworm',
  withRecommends: false,
  isThere: () => 'no',
  isSlim: false,
};

const install = (names: string, more: Partial<AptInstall> = {}) =>
  aptInstall({ ...minimal, names: names.split(' '), ...more }, facts);

describe('installs that were measured', () => {
  const compared = readMeasured().map((each) => compare(each, facts));
  const errors = compared.map(({ deviation }) => Math.abs(deviation));

  it('are at least thirty sets, on three bases, with and without what is recommended', () => {
    const of = (key: 'set' | 'base' | 'withRecommends') =>
      new Set(compared.map((each) => each.install[key])).size;
    expect(of('set')).toBeGreaterThanOrEqual(30);
    expect(of('base')).toBe(3);
    expect(of('withRecommends')).toBe(2);
  });

  it('are met within 3 % in the median and 10 % in nine of ten', () => {
    expect(quantile(errors, 0.5)).toBeLessThanOrEqual(0.03);
    expect(quantile(errors, 0.9)).toBeLessThanOrEqual(0.1);
  });

  it('lie in the range in nine of ten', () => {
    const outside = compared.filter(
      ({ install: { bytes }, estimate }) => bytes < estimate.low || bytes > estimate.high,
    );
    expect(outside.length).toBeLessThanOrEqual(compared.length / 10);
  });

  it('bring along the packages that are estimated, in nine of ten', () => {
    const wrong = compared.filter(
      (each) => each.estimate.packages.length !== each.install.packages,
    );
    expect(wrong.length).toBeLessThanOrEqual(compared.length / 10);
  });
});

describe('installs of older suites in public build logs', () => {
  const { installs } = JSON.parse(readFileSync('corpus/logged-apt.json', 'utf8')) as {
    installs: {
      readonly base: string;
      readonly suite: string;
      readonly set: string;
      readonly withRecommends: boolean;
      readonly bytes: number;
    }[];
  };
  const compared = installs.map(({ base, suite, set, withRecommends, bytes }) => {
    const isThere = imageOf(imageName(base), facts)?.hasPackage ?? (() => 'no' as const);
    return { bytes, estimate: install(set, { suite, withRecommends, isThere }) };
  });

  it('are met within 25 % in the median', () => {
    const errors = compared.map(({ bytes, estimate }) => Math.abs(estimate.bytes / bytes - 1));
    expect(errors.length).toBeGreaterThanOrEqual(11);
    expect(quantile(errors, 0.5)).toBeLessThanOrEqual(0.25);
  });

  it('lie in the range in nine of ten', () => {
    const outside = compared.filter(
      ({ bytes, estimate }) => bytes < estimate.low || bytes > estimate.high,
    );
    expect(outside.length).toBeLessThanOrEqual(compared.length / 10);
  });
});

describe('what comes along', () => {
  it('is more with recommended packages', () => {
    const names = (more: Partial<AptInstall>) =>
      install('curl', more).packages.map(({ name }) => name);
    expect(names({})).toContain('libcurl4');
    expect(names({})).not.toContain('ca-certificates');
    expect(names({ withRecommends: true })).toContain('ca-certificates');
  });

  it('counts nothing twice', () => {
    expect(install('git git').bytes).toBe(install('git').bytes);
    const both = install('git curl').bytes;
    expect(both).toBeLessThan(install('git').bytes + install('curl').bytes);
  });

  it('leaves out what the image has, and all where it has all', () => {
    const hasPerl = install('git', { isThere: (name) => (name === 'perl' ? 'yes' : 'no') });
    expect(hasPerl.bytes).toBeLessThan(install('git').bytes);
    expect(hasPerl.packages.map(({ name }) => name)).not.toContain('libperl5.36');
    expect(install('git', { isThere: () => 'yes' })).toMatchObject({ bytes: 0, packages: [] });
  });

  it('is a range where nobody knows what the image has', () => {
    const unsure = install('git', { isThere: () => 'unknown' });
    expect(unsure.bytes).toBe(install('git').bytes);
    expect(unsure.low).toBe(0);
  });

  it('needs no first alternative where another one is installed or there', () => {
    const names = (words: string, more: Partial<AptInstall> = {}) =>
      install(words, { withRecommends: true, ...more }).packages.map(({ name }) => name);
    expect(names('cron')).toContain('exim4-daemon-light');
    expect(names('cron msmtp-mta')).not.toContain('exim4-daemon-light');
    const isThere: AptInstall['isThere'] = (name) => (name === 'msmtp-mta' ? 'yes' : 'no');
    expect(names('cron', { isThere })).not.toContain('exim4-daemon-light');
  });

  it('is less on slim images', () => {
    expect(install('git', { isSlim: true }).bytes).toBeLessThan(install('git').bytes);
  });

  it('is the same with a version, a suite, an architecture', () => {
    const { bytes } = install('curl');
    for (const word of ['curl=7.88.1-10', 'curl/bookworm-backports', 'curl:amd64'])
      expect(install(word).bytes).toBe(bytes);
  });
});

describe('what nothing is known of', () => {
  it('is told and counts', () => {
    const { unknown, bytes, low, high } = install('curl no-such-package');
    const known = install('curl');
    expect(unknown).toEqual(['no-such-package']);
    expect(bytes).toBeGreaterThan(known.bytes);
    expect(high - low).toBeGreaterThan(known.high - known.low);
  });

  it('may be there already', () => {
    const isThere: AptInstall['isThere'] = (name) => (name === 'no-such-package' ? 'yes' : 'no');
    expect(install('no-such-package', { isThere }).unknown).toEqual([]);
  });

  it('is another suite: the nearest one counts, in a wider range', () => {
    const jammy = install('curl', { suite: 'jammy' });
    const known = install('curl');
    expect(jammy.bytes).toBeCloseTo(known.bytes * facts.aptSuites.shares['jammy']!, 3);
    expect(jammy.high - jammy.bytes).toBeGreaterThan(known.high - known.bytes);
    expect(install('curl', { suite: 'forky' }).bytes).toBe(
      install('curl', { suite: 'trixie' }).bytes,
    );
    expect(jammy.high).toBeGreaterThan(known.high);
    expect(jammy.low).toBeLessThan(known.low);
  });
});

describe('what update and install leave', () => {
  it('has lists of each suite, in bytes', () => {
    expect(aptLists('bookworm', facts).bytes).toBe(19_854_000);
    const { low, bytes, high } = aptLists('jammy', facts);
    expect([low, bytes, high]).toEqual([low, bytes, high].toSorted((a, b) => a - b));
    expect(aptLists('trixie', facts).basis).toBe('catalogue');
    expect(aptLists('jammy', facts).basis).toBe('catalogue');
    expect(aptLists('focal', facts).basis).toBe('model');
    expect(bytes).toBeGreaterThan(aptLists('bookworm', facts).bytes);
  });

  it('has caches only where apt does not clean up itself', () => {
    expect(aptCaches('bookworm', facts).bytes).toBe(0);
    expect(aptCaches('bookworm', facts, 'no').bytes).toBe(73_825_000);
    expect(aptCaches('bookworm', facts, 'unknown').low).toBe(0);
    expect(aptCaches('trixie', facts, 'no', 10e6).bytes).toBe(89_635_000 + 2_800_000);
  });
});

describe('the rows', () => {
  const { names, suites } = facts.aptPackages;
  const all = names.flatMap((part) => part.split(' '));

  it('have a line for each name, and places that are names', () => {
    for (const { rows } of Object.values(suites)) {
      const lines = rows.flatMap((part) => part.split('\n'));
      expect(lines).toHaveLength(all.length);
      const line = /^$|^=[0-9a-z]+$|^[0-9a-z]+(-[0-9a-z]+)?!?(,[0-9a-z |]*){0,2}$/;
      expect(lines.filter((each) => !line.test(each))).toEqual([]);
      const places = lines.flatMap((each) => each.split(/[,=]/).slice(1)).join(' ');
      const highest = Math.max(
        ...(places.match(/[0-9a-z]+/g) ?? []).map((each) => Number.parseInt(each, 36)),
      );
      expect(highest).toBeLessThan(all.length);
    }
  });

  it('are in parts of one length', () => {
    for (const [separator, parts] of [
      [' ', names] as const,
      ...Object.values(suites).map(({ rows }) => ['\n', rows] as const),
    ]) {
      const lengths = parts.map((part) => part.split(separator).length);
      expect(new Set(lengths.slice(0, -1))).toEqual(new Set([lengths[0]]));
      expect(lengths.at(-1)).toBeLessThanOrEqual(lengths[0]!);
      expect(parts.length).toBeGreaterThan(10);
      expect(parts).toHaveLength(names.length);
    }
  });

  it('name nothing twice, and only suites that are there as nearest ones', () => {
    expect(new Set(all).size).toBe(all.length);
    for (const suite of Object.values(facts.aptPackages.nearest))
      expect(suites).toHaveProperty(suite);
    expect(Object.keys(facts.aptPackages.install.suites)).toEqual(Object.keys(suites));
  });

  it('leave out no more than a package has', () => {
    for (const { rows } of Object.values(suites)) {
      const wrong = rows
        .join('\n')
        .split('\n')
        .filter((line) => {
          const [, size = '0', leftOut = '0'] = /^([0-9a-z]+)-([0-9a-z]+)/.exec(line) ?? [];
          return Number.parseInt(leftOut, 36) > Number.parseInt(size, 36);
        });
      expect(wrong).toEqual([]);
    }
  });
});
