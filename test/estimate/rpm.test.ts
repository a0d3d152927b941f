/** Does the estimate of dnf's installs say what the logs showed from which its rows are? */
import { describe, expect, it } from 'vitest';
import { rpmInstall, rpmMetadata, type RpmInstall } from '../../src/estimate/rpm.ts';
import { loadFacts } from '../../src/facts/load.ts';

const facts = loadFacts();

const install = (names: string, isThere: RpmInstall['isThere'] = () => 'no') =>
  rpmInstall({ names: names.split(' '), isThere }, facts);

describe('installs of dnf', () => {
  it.each([
    ['make gcc gcc-c++', 166e6],
    ['nodejs:16 python39', 83e6],
    ['httpd', 9.9e6],
  ])('%s', (names, bytes) => {
    expect(Math.abs(install(names).bytes - bytes)).toBeLessThan(0.05 * bytes);
  });

  it('leave out what is there, and may leave out what may be there', () => {
    expect(install('gcc make', (name) => (name === 'gcc' ? 'yes' : 'no')).bytes).toBe(
      install('make').bytes,
    );
    const mayBe = install('gcc', () => 'unknown');
    expect(mayBe).toMatchObject({ bytes: install('gcc').bytes, low: 0 });
  });

  it('take what no row tells for something, with a wide range', () => {
    const odd = install('no-such-package.x86_64 --nodocs');
    expect(odd.unknown).toEqual(['no-such-package']);
    expect(odd.low).toBeLessThan(odd.bytes / 10);
    expect(odd.high).toBeGreaterThan(odd.bytes * 5);
  });

  it('leave metadata behind, most of it on Fedora', () => {
    expect(rpmMetadata('fedora', facts).bytes).toBeGreaterThan(rpmMetadata('rhel', facts).bytes);
    expect(rpmMetadata(undefined, facts)).toEqual(rpmMetadata('rhel', facts));
  });
});
