/** Which image a program is given that asks for little. */
import { describe, expect, it } from 'vitest';
import { loadFacts } from '../../src/facts/load.ts';
import { whyNone, withShell, withoutShell, type Wish } from '../../src/needs/smallest.ts';

const facts = loadFacts();
const STATIC: Wish = {
  program: { kind: 'static' },
  asks: new Set(),
  accounts: [],
  suite: 'bookworm',
};
const names = (wish: Wish): string[] => withoutShell(wish, facts).map(({ image }) => image.name);
const shells = (wish: Wish): string[] =>
  withShell(wish, facts).map(({ image }) => `${image.name}:${image.tag}`);

describe('without a shell', () => {
  it('the smallest comes first', () => {
    expect(names(STATIC).slice(0, 2)).toEqual(['scratch', 'gcr.io/distroless/static-debian12']);
  });

  it('has what is asked for', () => {
    const asking = (...asks: ('certificates' | 'time zones' | 'accounts')[]): string =>
      names({ ...STATIC, asks: new Set(asks) })[0]!;
    expect(asking('certificates')).toBe('gcr.io/distroless/static-debian12');
    expect(asking('time zones', 'accounts')).toBe('gcr.io/distroless/static-debian12');
    expect(names({ ...STATIC, asks: 'unknown' })).not.toContain('scratch');
    expect(names({ ...STATIC, asks: new Set(['other programs']) })).toEqual([]);
  });

  it('knows accounts by their names', () => {
    expect(names({ ...STATIC, accounts: ['nonroot'] })).not.toContain('scratch');
    expect(names({ ...STATIC, accounts: ['app'] })).toEqual([]);
    expect(whyNone({ ...STATIC, accounts: ['app'] }, facts)).toContain('"app"');
  });

  it('has a libc that is as new as the one it was linked with', () => {
    const linked = (glibc: string, ...libraries: string[]): string | undefined =>
      names({ ...STATIC, program: { kind: 'linked', libraries, glibc } })[0];
    expect(linked('2.36', 'libc6')).toBe('gcr.io/distroless/base-nossl-debian12');
    expect(linked('2.31', 'libc6', 'libgcc-s1')).toBe('gcr.io/distroless/cc-debian12');
    expect(linked('2.39', 'libc6')).toBe('gcr.io/distroless/base-nossl-debian13');
    expect(linked('2.99', 'libc6')).toBeUndefined();
    expect(linked('2.36', 'libpq5')).toBeUndefined();
  });

  it('has the runtime in its version', () => {
    const runtime = (id: string, version: string, glibc?: string): readonly string[] =>
      names({ ...STATIC, program: { kind: 'runtime', id, version, glibc } });
    expect(runtime('node', '22.3', '2.36')).toEqual(['gcr.io/distroless/nodejs22-debian13']);
    expect(runtime('node', '22', undefined)).toEqual([]);
    expect(runtime('java', '21', undefined)).toEqual(['gcr.io/distroless/java21-debian13']);
    expect(runtime('python', '3.1', '2.36')).toEqual([]);
    expect(runtime('python', '3.13.2', '2.41')).toEqual(['gcr.io/distroless/python3-debian13']);
  });

  it('is of the publishers that are named', () => {
    expect(names({ ...STATIC, publishers: ['docker'] })).toEqual(['scratch']);
  });
});

describe('with a shell', () => {
  it('is the slim image of the suite, or of the runtime', () => {
    expect(shells(STATIC)[0]).toBe('debian:bookworm-slim');
    const program = { kind: 'runtime', id: 'node', version: '22', glibc: '2.36' } as const;
    const found = shells({ ...STATIC, program, asks: 'unknown' });
    expect(found[0]).toMatch(/^node:22.*slim/);
  });

  it('is none where no suite is known', () => {
    expect(shells({ ...STATIC, suite: undefined })).toEqual([]);
  });
});
