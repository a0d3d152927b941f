/** Does the estimate of apk's installs say what public build logs showed? */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { imageOf } from '../../src/analysis/images.ts';
import { imageName } from '../../src/analysis/stages.ts';
import { apkIndex, apkInstall, type ApkInstall } from '../../src/estimate/apk.ts';
import { loadFacts } from '../../src/facts/load.ts';

const facts = loadFacts();

interface LoggedInstall {
  readonly repository: string;
  readonly base: string;
  readonly release: string;
  readonly set: string;
  /** What apk says that its packages take, in whole MiB. */
  readonly before: number;
  readonly after: number;
  /** How many packages were installed. */
  readonly packages: number;
}

const { installs } = JSON.parse(readFileSync('corpus/measured-apk.json', 'utf8')) as {
  installs: LoggedInstall[];
};

const MIB = 2 ** 20;

const install = (names: string, more: Partial<ApkInstall> = {}) =>
  apkInstall({ names: names.split(' '), release: '3.17', isThere: () => 'no', ...more }, facts);

describe('installs in public build logs', () => {
  const compared = installs.map((each) => {
    const image = imageOf(imageName(each.base), facts);
    const estimate = install(each.set, {
      release: each.release,
      isThere: image?.hasPackage ?? (() => 'no'),
    });
    return { each, estimate, bytes: (each.after - each.before) * MIB };
  });

  it('lie in the range, but for one', () => {
    // What apk says is cut to whole MiB, before and after.
    const outside = compared.filter(
      ({ estimate, bytes }) => estimate.low > bytes + MIB || estimate.high < bytes - MIB,
    );
    expect(outside.map(({ each }) => each.repository)).toEqual(['ethereum/eth2-ssv']);
  });

  it('are met within 12 % where the release has rows', () => {
    const exact = compared.filter(({ each }) => facts.apkPackages.releases[each.release]);
    expect(exact.length).toBeGreaterThanOrEqual(5);
    for (const { estimate, bytes } of exact) {
      expect(Math.abs(estimate.bytes - bytes)).toBeLessThanOrEqual(0.12 * bytes);
    }
  });

  it('are met within 5 % in three of four where another release stands in', () => {
    const others = compared.filter(({ each }) => !facts.apkPackages.releases[each.release]);
    expect(others.length).toBeGreaterThanOrEqual(4);
    const near = others.filter(
      ({ estimate, bytes }) => Math.abs(estimate.bytes - bytes) <= 0.05 * bytes,
    );
    expect(near.length).toBeGreaterThanOrEqual(0.75 * others.length);
  });

  it('bring along as many packages as the logs say, where the index holds all of them', () => {
    const whole = compared.filter(
      ({ each }) =>
        facts.apkPackages.releases[each.release] &&
        each.set.split(' ').every((name) => !facts.apkPackages.others[name]),
    );
    expect(whole.length).toBeGreaterThanOrEqual(3);
    for (const { each, estimate } of whole) expect(estimate.packages).toHaveLength(each.packages);
  });
});

describe('what comes along', () => {
  it('is found behind names that other packages provide', () => {
    const names = install('curl').packages.map(({ name }) => name);
    expect(names).toContain('libcurl');
    expect(names).toContain('ca-certificates');
  });

  it('counts nothing twice', () => {
    expect(install('git git').bytes).toBe(install('git').bytes);
    expect(install('git curl').bytes).toBeLessThan(install('git').bytes + install('curl').bytes);
  });

  it('leaves out what the image has, and widens the range where it may have it', () => {
    const has = install('curl', { isThere: (name) => (name === 'libcurl' ? 'yes' : 'no') });
    expect(has.bytes).toBeLessThan(install('curl').bytes);
    const mayHave = install('curl', { isThere: (name) => (name === 'libcurl' ? 'unknown' : 'no') });
    expect(mayHave.bytes).toBe(install('curl').bytes);
    expect(mayHave.low).toBeLessThan(install('curl').low);
  });

  it('is nothing where no package is named', () => {
    expect(install('--virtual .deps')).toMatchObject({ bytes: 0, low: 0, high: 0, packages: [] });
  });

  it('takes names with versions, and says which it does not know', () => {
    expect(install('curl=8.1.2-r0').bytes).toBe(install('curl').bytes);
    expect(install('curl@edge').bytes).toBe(install('curl').bytes);
    const odd = install('no-such-package');
    expect(odd.unknown).toEqual(['no-such-package']);
    expect(odd.high).toBeGreaterThan(odd.bytes);
    expect(odd.basis).toBe('model');
  });
});

describe('rows', () => {
  it('are as many as names, for every release', () => {
    const { names, releases, nearest } = facts.apkPackages;
    for (const { rows } of Object.values(releases)) {
      expect(rows.split('\n')).toHaveLength(names.split(' ').length);
    }
    for (const release of Object.values(nearest)) expect(releases).toHaveProperty([release]);
  });

  it('tell what the kept index takes', () => {
    const { bytes, low, high } = apkIndex(facts);
    expect(low).toBeLessThan(bytes);
    expect(high).toBeGreaterThan(bytes);
  });
});
