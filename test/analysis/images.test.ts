/** What is known of base images, which could take whose place, and where the answer is "unknown". */
import { describe, expect, it } from 'vitest';
import {
  imageOf,
  plainImages,
  runtimeImages,
  siblings,
  withSuite,
} from '../../src/analysis/images.ts';
import { imageName } from '../../src/analysis/stages.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { withOwnImages } from '../../src/facts/own-images.ts';

const facts = loadFacts();
const of = (reference: string) => imageOf(imageName(reference), facts);
const tagsBeside = (reference: string) => siblings(of(reference)!, facts).map(({ tag }) => tag);

describe('the bases that people use most', () => {
  // In the order of their frequency in 26,387 public Dockerfiles; an ARG and cuda:latest are no tags.
  const known = [
    ['ubuntu', 'docker', 'glibc'],
    ['alpine', 'docker', 'musl'],
    ['debian', 'docker', 'glibc'],
    ['node', 'docker', 'glibc'],
    ['python', 'docker', 'glibc'],
    ['golang', 'docker', 'glibc'],
    ['centos', 'docker', 'glibc'],
    ['php', 'docker', 'glibc'],
    ['ruby', 'docker', 'glibc'],
    ['openjdk', 'docker', 'glibc'],
    ['nginx', 'docker', 'glibc'],
    ['scratch', 'docker', 'none'],
    ['java:8', 'docker', 'glibc'],
    ['phusion/baseimage:0.9.22', 'phusion', 'glibc'],
    ['nvidia/cuda:11.8.0-devel-ubuntu22.04', 'nvidia', 'glibc'],
    ['fedora', 'docker', 'glibc'],
    ['maven:3-jdk-8', 'docker', 'glibc'],
    ['buildpack-deps', 'docker', 'glibc'],
    ['postgres', 'docker', 'glibc'],
    ['microsoft/dotnet:2.1-sdk', 'microsoft', 'glibc'],
    ['continuumio/miniconda3', 'anaconda', undefined],
    ['mhart/alpine-node', 'mhart', 'musl'],
    ['gliderlabs/alpine:3.4', 'other', 'musl'],
    ['tomcat:9', 'docker', 'glibc'],
    ['eclipse-temurin:17', 'docker', 'glibc'],
    ['docker', 'docker', 'musl'],
    ['rust', 'docker', 'glibc'],
    ['busybox:musl', 'docker', 'musl'],
    ['mcr.microsoft.com/dotnet/core/sdk:3.1', 'microsoft', 'glibc'],
    ['linuxkit/alpine', 'other', undefined],
    ['mysql:5.7', 'docker', 'glibc'],
    ['drupal', 'docker', 'glibc'],
    ['jenkins/jenkins:lts', 'jenkins', 'glibc'],
    ['tensorflow/tensorflow', 'tensorflow', undefined],
    ['amazonlinux:2', 'docker', 'glibc'],
    ['elixir', 'docker', 'glibc'],
    ['resin/rpi-raspbian:jessie', 'balena', 'glibc'],
    ['gcc', 'docker', 'glibc'],
    ['haskell', 'docker', 'glibc'],
    ['mcr.microsoft.com/dotnet/sdk:8.0', 'microsoft', 'glibc'],
    ['gradle', 'docker', 'glibc'],
  ] as const;

  it.each(known)('knows %s', (reference, publisher, libc) => {
    const image = of(reference);
    expect(image?.publisher).toBe(publisher);
    expect(image?.libc?.kind).toBe(libc);
  });

  it('says nothing of what no row covers', () => {
    for (const reference of [
      'acme/base:1',
      'ghcr.io/acme/node:20',
      'node:99',
      'node:20-stretch-slim',
      'python:3.12-buster',
      'nvidia/cuda',
      'myrepo/node:20',
    ]) {
      expect(of(reference), reference).toBeUndefined();
    }
  });

  it('takes copies in other registries for the same', () => {
    for (const reference of [
      'docker.io/library/node:20',
      'public.ecr.aws/docker/library/node:20',
      'mirror.gcr.io/library/node:20',
      'amd64/node:20',
    ]) {
      expect(of(reference)?.family, reference).toBe('node');
    }
  });
});

describe('a tag', () => {
  it.each([
    ['node:20', 'bookworm', '20'],
    ['node:20.2.0', 'bullseye', '20.2.0'],
    ['node:lts-iron', 'bookworm', '20'],
    ['node:8', 'stretch', '8'],
    ['python:3.12.4', 'bookworm', '3.12.4'],
    ['python:3.12', 'trixie', '3.12'],
    ['golang:1.22-alpine3.19', '3.19', '1.22'],
    ['eclipse-temurin:17.0.6_10-jre-jammy', 'jammy', '17.0.6'],
    ['openjdk:8u212-jdk', 'stretch', '8'],
    ['ruby:2.7-slim-buster', 'buster', '2.7'],
  ])('%s stands on %s', (reference, suite, version) => {
    const image = of(reference)!;
    expect(image.distribution?.suite).toBe(suite);
    expect([...image.runtimes.values()][0]).toBe(version);
  });

  it('says whether it can move', () => {
    expect(of('node:20')!.isSuiteInTag).toBe(false);
    expect(of('node:20-bookworm')!.isSuiteInTag).toBe(true);
    expect(of('debian:12')!.isSuiteInTag).toBe(true);
    expect(of('debian:stable')!.isSuiteInTag).toBe(false);
    expect(of('alpine:3.19')!.isSuiteInTag).toBe(true);
    expect(of('alpine')!.isSuiteInTag).toBe(false);
    expect(of('node:20')!.notes).toContain(
      'It has stood on bullseye since 2023-04-20, bookworm since 2023-06-12.',
    );
  });

  it('may be newer than the lists', () => {
    const image = of('node:24.99.0-slim')!;
    expect(image.notes.join()).toContain('in no list');
    expect(tagsBeside('node:24.99.0')).toEqual(['24.99.0-slim', '24.99.0-alpine']);
    expect(of('node:24.99.0-wheezy')).toBeUndefined();
  });

  it('may name a day', () => {
    expect(of('debian:bookworm-20240110-slim')).toMatchObject({ variant: 'slim' });
    expect(tagsBeside('debian:bookworm-20240110')).toContain('bookworm-20240110-slim');
    expect(of('ubuntu:jammy-20240111')?.distribution?.version).toBe('22.04');
  });
});

describe('siblings', () => {
  it('are spelled as the author spells his tag', () => {
    expect(tagsBeside('node:20')).toEqual(['20-slim', '20-alpine']);
    expect(tagsBeside('node:20-bookworm')).toEqual(['20-bookworm-slim', '20-alpine']);
    expect(tagsBeside('node:20-alpine')).toEqual(['20', '20-slim']);
    expect(tagsBeside('python:3.12.4')).toEqual(['3.12.4-slim', '3.12.4-alpine']);
    expect(tagsBeside('python:3.12-bookworm')).toEqual(['3.12-slim-bookworm', '3.12-alpine']);
    expect(tagsBeside('python')).toContain('slim');
    expect(tagsBeside('node:lts-buster')).toContain('lts-buster-slim');
    expect(tagsBeside('debian:12')).toEqual(['12-slim']);
  });

  it('exist, or did', () => {
    expect(tagsBeside('golang:1.22')).toEqual(['1.22-alpine']);
    expect(tagsBeside('node:8')).toContain('8-slim');
    expect(tagsBeside('python:3.5')).toContain('3.5-slim');
    expect(tagsBeside('php:8.2-apache')).not.toContain('8.2-apache-alpine');
    expect(tagsBeside('ubuntu:22.04')).toEqual([]);
  });

  it('hold the same versions', () => {
    expect(tagsBeside('eclipse-temurin:17-jdk')).toEqual(
      expect.arrayContaining(['17-jre', '17-jdk-alpine', '17-jre-alpine']),
    );
    const maven = siblings(of('maven:3.9-eclipse-temurin-17')!, facts);
    expect(maven.length).toBeGreaterThan(0);
    for (const { runtimes } of maven) expect(runtimes.get('java')).toBe('17');
  });

  it('are not listed twice under two names', () => {
    const tags = tagsBeside('eclipse-temurin:17-jdk');
    expect(tags).not.toContain('17');
    expect(tags).not.toContain('17-alpine');
  });

  it('each resolve to themselves', () => {
    for (const reference of ['node:20', 'python:3.12', 'ruby:3.3', 'php:8.3-fpm', 'rust:1.80']) {
      for (const { tag, family } of siblings(of(reference)!, facts)) {
        expect(of(`${family}:${tag}`)?.tag).toBe(tag);
      }
    }
  });

  it('have the suite written where that is asked', () => {
    expect(withSuite(of('node:20')!, facts)?.tag).toBe('20-bookworm');
    expect(withSuite(of('python:3.12-slim')!, facts)?.tag).toBe('3.12-slim-trixie');
    expect(withSuite(of('rust')!, facts)?.tag).toBe('trixie');
    expect(withSuite(of('debian:12')!, facts)?.tag).toBe('12');
  });
});

describe('what an image holds', () => {
  it('comes from the whole stack', () => {
    const full = of('python:3.12-bookworm')!;
    expect(full.hasCommand('git')).toBe('yes');
    expect(full.hasCommand('gcc')).toBe('yes');
    expect(full.hasCommand('python3.12')).toBe('yes');
    expect(full.hasPackage('libpq-dev')).toBe('yes');
    expect(full.hasPackage('ffmpeg')).toBe('no');
    const slim = of('python:3.12-slim-bookworm')!;
    expect(slim.hasCommand('git')).toBe('no');
    expect(slim.hasCommand('bash')).toBe('yes');
    expect(slim.hasCertificates).toBe('yes');
    expect(slim.hasTimeZones).toBe('yes');
  });

  it('tells small images apart', () => {
    expect(of('node:22-slim')).toMatchObject({ hasCertificates: 'no', packageManager: 'apt' });
    expect(of('node:22-slim')!.hasCommand('curl')).toBe('no');
    expect(of('node:22-slim')!.hasCommand('npm')).toBe('yes');
    expect(of('node:22-slim')!.users).toEqual([
      { name: 'node', uid: 1000, gid: 1000, home: '/home/node' },
    ]);
    expect(of('golang:1.22-alpine')!.hasCommand('gcc')).toBe('no');
    expect(of('golang:1.22-alpine')!.hasCommand('wget')).toBe('yes');
    expect(of('debian:bookworm-slim')).toMatchObject({
      hasCertificates: 'no',
      hasTimeZones: 'yes',
    });
    expect(of('ubuntu:22.04')).toMatchObject({ hasCertificates: 'no', hasTimeZones: 'no' });
    expect(of('alpine:3.19')).toMatchObject({ hasCertificates: 'yes', hasTimeZones: 'no' });
    expect(of('php:8.2-cli')!.hasCommand('gcc')).toBe('yes');
  });

  it('is nothing but the program in images without a shell', () => {
    expect(of('gcr.io/distroless/static-debian12')).toMatchObject({
      hasShell: 'no',
      packageManager: undefined,
      hasCertificates: 'yes',
      libc: { kind: 'none' },
    });
    expect(of('gcr.io/distroless/base-debian12:nonroot')!.libc).toEqual({
      kind: 'glibc',
      version: '2.36',
    });
    expect(of('mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled')).toMatchObject({
      variant: 'chiseled',
      hasShell: 'no',
      libc: { kind: 'glibc' },
    });
    expect(of('scratch')!.hasCommand('sh')).toBe('no');
  });

  it('is unknown where no list tells', () => {
    expect(of('jenkins/jenkins:lts')!.hasPackage('ffmpeg')).toBe('unknown');
    expect(of('jenkins/jenkins:lts')!.packages).toBeUndefined();
    // No list says which package of that suite brings it; of Debian 12 the whole list is known.
    expect(of('node:10-buster')!.hasCommand('ffmpeg')).toBe('unknown');
    expect(of('node:20-bookworm')!.hasCommand('ffmpeg')).toBe('no');
    expect(of('node:10-buster-slim')!.hasCommand('git')).toBe('no');
    // There was a time when it had it.
    expect(of('ruby:3.2-slim')!.hasPackage('libyaml-dev')).toBe('unknown');
    expect(of('python')!.hasCommand('python3.12')).toBe('unknown');
  });

  it('ends some day', () => {
    expect(of('node:16-buster')!.endsOfLife).toMatchObject([
      { what: 'Node.js 16', date: '2023-09-11' },
      { what: 'Debian 10', date: '2024-06-30' },
    ]);
  });
});

describe('sizes', () => {
  it('lie in their range', () => {
    for (const reference of [
      'node:22',
      'node:20-slim',
      'golang:1.22',
      'php:8.2-fpm',
      'alpine:3.19',
    ]) {
      const { size, compressed } = of(reference)!;
      for (const each of [size!, compressed!]) {
        expect(each.low).toBeLessThanOrEqual(each.bytes);
        expect(each.high).toBeGreaterThanOrEqual(each.bytes);
      }
      expect(size!.bytes).toBeGreaterThan(compressed!.bytes);
    }
  });

  it('are those of the catalogue where it has the tag', () => {
    expect(of('python:3.12-slim')!.size).toMatchObject({
      bytes: 119_200_000,
      basis: 'catalogue',
      date: '2026-07',
    });
    expect(of('node:10-slim')!.size).toMatchObject({ basis: 'catalogue', date: '2020-10' });
  });

  it('are models between', () => {
    const size = of('python:3.11-slim-bookworm')!.size!;
    expect(size.basis).toBe('model');
    // What the lab measured of the stand-in, which is made in the same way.
    expect(size.low).toBeLessThan(130e6);
    expect(size.high).toBeGreaterThan(110e6);
  });

  it('fall from full to slim', () => {
    for (const name of ['node:20', 'python:3.11', 'ruby:3.2', 'rust:1.75', 'perl:5.36']) {
      const full = of(name)!;
      const slim = siblings(full, facts).find(({ variant }) => variant === 'slim')!;
      expect(slim.size!.bytes, name).toBeLessThan(full.size!.bytes);
    }
  });

  it('names none that can be pulled no more', () => {
    expect(siblings(of('openjdk:11')!, facts).map(({ tag }) => tag)).not.toContain('11-jre-slim');
    const wish = { publisher: 'docker', runtime: 'java', version: '11', suite: 'bullseye' };
    expect(runtimeImages(wish, facts).map(({ name }) => name)).not.toContain('openjdk');
  });

  it('are known of other platforms', () => {
    expect(of('python:3.8-alpine3.12')!.platforms.get('linux/arm64')!.compressed).toMatchObject({
      bytes: 16_870_000,
      basis: 'catalogue',
    });
  });
});

describe('final images', () => {
  it('provide a version of a runtime', () => {
    const wish = { publisher: 'docker', runtime: 'java', version: '17', suite: 'jammy' };
    const names = runtimeImages(wish, facts).map(({ name, tag }) => `${name}:${tag}`);
    expect(names).toContain('eclipse-temurin:17-jre');
    expect(names).toContain('eclipse-temurin:17-jre-jammy');
    expect(names).toContain('amazoncorretto:17');
    expect(names).not.toContain('eclipse-temurin:17-jre-noble');
    for (const image of runtimeImages(wish, facts)) expect(image.runtimes.get('java')).toBe('17');
  });

  it('provide .NET', () => {
    const wish = { publisher: 'microsoft', runtime: 'aspnetcore', version: '8.0' };
    const names = runtimeImages(wish, facts).map(({ name, tag }) => `${name}:${tag}`);
    expect(names).toContain('mcr.microsoft.com/dotnet/aspnet:8.0');
  });

  it('may be plain systems', () => {
    expect(plainImages('bookworm', facts).map(({ name, tag }) => `${name}:${tag}`)).toEqual([
      'scratch:latest',
      'debian:bookworm-slim',
      'debian:bookworm',
      'gcr.io/distroless/static-debian12:latest',
      'gcr.io/distroless/base-debian12:latest',
      'gcr.io/distroless/cc-debian12:latest',
    ]);
    expect(plainImages('alpine3.19', facts).map(({ tag }) => tag)).toEqual(['latest', '3.19']);
  });
});

describe('rows of one’s own', () => {
  const row = {
    name: 'registry.acme.example/node',
    tags: '(?<v>\\d+)-corp',
    like: 'node:{v}-slim',
    packages: ['ca-certificates'],
    commands: ['acme'],
    isExact: true,
    size: 250_000_000,
  };

  it('stand on what they are like', () => {
    const own = withOwnImages({ images: [row] }, facts);
    expect(own.kind).toBe('facts');
    if (own.kind !== 'facts') return;
    const image = imageOf(imageName('registry.acme.example/node:20-corp'), own.facts)!;
    expect(image.publisher).toBe('registry.acme.example');
    expect(image.runtimes.get('node')).toBe('20');
    expect(image.distribution?.suite).toBe('bookworm');
    expect(image.hasCertificates).toBe('yes');
    expect(image.hasCommand('acme')).toBe('yes');
    expect(image.hasCommand('git')).toBe('no');
    expect(image.size?.bytes).toBe(250_000_000);
    expect(imageOf(imageName('registry.acme.example/node:20'), own.facts)).toBeUndefined();
    expect(imageOf(imageName('registry.acme.example/node:20-corp'), facts)).toBeUndefined();
  });

  it('say what is wrong with them', () => {
    const why = (value: unknown) => withOwnImages(value, facts);
    expect(why({ images: [{ name: 'a' }] })).toMatchObject({
      kind: 'problem',
      why: expect.stringMatching(/^images\.0\.like: /) as string,
    });
    expect(why({ images: [{ ...row, tags: '(' }] })).toMatchObject({ kind: 'problem' });
    expect(why({ images: [{ ...row, extra: 1 }] })).toMatchObject({ kind: 'problem' });
    expect(why([])).toMatchObject({ kind: 'problem' });
  });
});
