/** Names of images, platforms and challenges: what they mean, and what is refused. */
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../../src/sources/registry/challenge.ts';
import {
  bestPlatform,
  normalPlatform,
  parsePlatform,
  platformText,
} from '../../../src/sources/registry/platform.ts';
import {
  fullName,
  isHost,
  isLoopback,
  parseReference,
} from '../../../src/sources/registry/reference.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

describe('a reference', () => {
  it.each([
    ['node', 'registry-1.docker.io', 'library/node', 'latest'],
    ['node:22-slim', 'registry-1.docker.io', 'library/node', '22-slim'],
    ['docker.io/node', 'registry-1.docker.io', 'library/node', 'latest'],
    ['index.docker.io/library/node:1', 'registry-1.docker.io', 'library/node', '1'],
    ['registry-1.docker.io/library/node:1', 'registry-1.docker.io', 'library/node', '1'],
    ['bitnami/redis', 'registry-1.docker.io', 'bitnami/redis', 'latest'],
    ['ghcr.io/owner/a/b:v1.0', 'ghcr.io', 'owner/a/b', 'v1.0'],
    ['public.ecr.aws/docker/library/node:22', 'public.ecr.aws', 'docker/library/node', '22'],
    ['mcr.microsoft.com/dotnet/sdk:8.0', 'mcr.microsoft.com', 'dotnet/sdk', '8.0'],
    ['localhost/app', 'localhost', 'app', 'latest'],
    ['localhost:5000/app:1', 'localhost:5000', 'app', '1'],
    ['registry:5000/app', 'registry:5000', 'app', 'latest'],
    ['[::1]:5000/a/b:1', '[::1]:5000', 'a/b', '1'],
    ['[2001:db8::1]/a', '[2001:db8::1]', 'a', 'latest'],
    ['Registry/app', 'Registry', 'app', 'latest'],
    ['a/b__c/d--e.f', 'registry-1.docker.io', 'a/b__c/d--e.f', 'latest'],
  ])('%s', (written, host, repository, tag) => {
    expect(parseReference(written)).toMatchObject({ host, repository, tag, digest: undefined });
  });

  it('may be pinned, with a tag or without', () => {
    expect(parseReference(`node@${DIGEST}`)).toMatchObject({ tag: 'latest', digest: DIGEST });
    const both = parseReference(`localhost:5000/node:22@${DIGEST}`);
    expect(both).toMatchObject({ host: 'localhost:5000', tag: '22', digest: DIGEST });
    expect(both.kind === 'reference' && fullName(both)).toBe(`localhost:5000/node@${DIGEST}`);
  });

  it.each([
    [''],
    ['Node'],
    ['node:'],
    ['node:a b'],
    ['node:-x'],
    [`node:${'a'.repeat(129)}`],
    ['node@sha256:abc'],
    [`node@sha256:${'0A'.repeat(32)}`],
    [`node@md5:${'0'.repeat(32)}`],
    [`node@${DIGEST}@${DIGEST}`],
    ['a/../b'],
    ['a//b'],
    ['/a'],
    ['a/'],
    ['ghcr.io/../../etc'],
    ['user:pass@ghcr.io/a'],
    ['ghcr.io:99999/a'],
    ['ghcr.io:/a'],
    ['-x.io/a'],
    ['https://ghcr.io/a'],
    ['ghcr.io/a?b=c'],
    ['ghcr.io/a#b'],
    ['[::1/a'],
    ['[localhost]:5000/a'],
    ['a_b.c/d'],
    [`ghcr.io/${'a'.repeat(250)}`],
    ['a\nb'],
  ])('%j is none', (written) => {
    expect(parseReference(written)).toMatchObject({
      kind: 'failure',
      why: expect.stringContaining('is no name of an image'),
    });
  });

  it('is of this machine or not', () => {
    for (const own of ['localhost', 'localhost:5000', '127.0.0.1:80', '127.1.2.3', '[::1]:5000']) {
      expect(isLoopback(own), own).toBe(true);
    }
    for (const other of ['localhost.example.com', '127.0.0.1.example.com', '128.0.0.1', '[::2]']) {
      expect(isLoopback(other), other).toBe(false);
    }
    expect(['a.b:1', '[::1]'].every(isHost)).toBe(true);
    expect(['..', '../a', 'a/b', '.', ''].some(isHost)).toBe(false);
  });
});

describe('a platform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['Linux/ARM64', 'linux/arm64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm', 'linux/arm'],
    ['linux/arm/v7', 'linux/arm'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['windows/amd64', 'windows/amd64'],
  ])('%s is %s', (written, text) => expect(platformText(parsePlatform(written)!)).toBe(text));

  it.each([['linux'], [''], ['linux/'], ['linux/amd64/v1/x'], ['linux amd64'], ['linux/amd64/x']])(
    '%j is none',
    (written) => expect(parsePlatform(written)).toBeUndefined(),
  );

  it('takes no property of all objects for another name', () => {
    expect(normalPlatform({ os: 'linux', architecture: 'constructor' })).toEqual({
      os: 'linux',
      architecture: 'constructor',
    });
  });

  it.each([
    [['linux/arm64', 'linux/amd64', 'linux/amd64/v3'], 'linux/amd64', 1],
    [['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v4'], 'linux/amd64/v3', 1],
    [['linux/arm/v5', 'linux/arm/v6'], 'linux/arm/v7', 1],
    [['linux/arm/v7'], 'linux/arm/v6', undefined],
    [['windows/amd64'], 'linux/amd64', undefined],
    [['linux/386'], 'linux/amd64', undefined],
    [['linux/arm64', 'linux/arm64'], 'linux/arm64/v8', 0],
    [[], 'linux/amd64', undefined],
  ])('among %j, for %s', (listed, wanted, index) => {
    const all = listed.map((each) => parsePlatform(each));
    expect(bestPlatform(all, parsePlatform(wanted)!)).toBe(index);
  });
});

describe('a challenge', () => {
  it.each([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/node:pull"',
      [
        [
          'bearer',
          {
            realm: 'https://auth.docker.io/token',
            service: 'registry.docker.io',
            scope: 'repository:library/node:pull',
          },
        ],
      ],
    ],
    ['Basic realm="Registry Realm"', [['basic', { realm: 'Registry Realm' }]]],
    ['BASIC', [['basic', {}]]],
    [
      'Basic realm="a, b", Bearer realm="c" , scope=d',
      [
        ['basic', { realm: 'a, b' }],
        ['bearer', { realm: 'c', scope: 'd' }],
      ],
    ],
    [
      String.raw`Bearer realm="a \"b\" \\"`,
      [['bearer', { realm: String.raw`a "b" \ `.trimEnd() }]],
    ],
    [
      'Negotiate, Basic realm=x',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    ['', []],
    ['"', []],
    ['Bearer realm="open', [['bearer', {}]]],
  ])('%s', (header, expected) => {
    const found = parseChallenges(header).map(({ scheme, parameters }) => [
      scheme,
      Object.fromEntries(parameters),
    ]);
    expect(found).toEqual(expected);
  });

  it('does not keep one busy', () => {
    const began = performance.now();
    parseChallenges(`Bearer ${'a=b,'.repeat(100_000)}`);
    parseChallenges(' ,'.repeat(100_000));
    parseChallenges(`Bearer a="${'\\'.repeat(100_000)}`);
    expect(performance.now() - began).toBeLessThan(500);
  });
});
