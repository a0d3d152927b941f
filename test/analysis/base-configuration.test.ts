/** What is known of base images, and that nothing is said of those that no row covers. */
import { describe, expect, it } from 'vitest';
import { baseConfiguration } from '../../src/analysis/base-configuration.ts';
import { imageName } from '../../src/analysis/stages.ts';
import { loadFacts } from '../../src/facts/load.ts';

const facts = loadFacts();
const of = (reference: string) => baseConfiguration(imageName(reference), facts);

describe('images that everybody stands on', () => {
  it('knows node', () => {
    expect(of('node:22-alpine')).toMatchObject({
      os: 'linux',
      workdir: '',
      user: '',
      cmd: ['node'],
      exposes: [],
      onbuild: [],
    });
    const env = of('node:22')!.env;
    expect(env.has('NODE_VERSION')).toBe(true);
    // The value depends on the day.
    expect(env.get('NODE_VERSION')).toBeUndefined();
  });

  it('knows where programs of a language are looked for', () => {
    expect(of('golang:1.22')).toMatchObject({ workdir: '/go' });
    expect(of('golang:1.22')!.env.get('GOPATH')).toBe('/go');
    expect(of('python:3.12-slim')!.env.get('PATH')).toMatch(/^\/usr\/local\/bin:/);
    expect(of('ruby:3.3')!.env.get('GEM_HOME')).toBe('/usr/local/bundle');
    expect(of('eclipse-temurin:17-jre')!.env.get('JAVA_HOME')).toBe('/opt/java/openjdk');
    expect(of('mcr.microsoft.com/dotnet/aspnet:8.0')!.env.get('ASPNETCORE_HTTP_PORTS')).toBe(
      '8080',
    );
  });

  it('knows entry points, ports, volumes, signals and triggers', () => {
    expect(of('postgres:16')).toMatchObject({
      entrypoint: ['docker-entrypoint.sh'],
      exposes: ['5432/tcp'],
      volumes: ['/var/lib/postgresql/data'],
      stopSignal: 'SIGINT',
    });
    expect(of('php:8.3-apache')).toMatchObject({ workdir: '/var/www/html', exposes: ['80/tcp'] });
    expect(of('python:3.6-onbuild')!.workdir).toBe('/usr/src/app');
    expect(of('gcr.io/distroless/static-debian12:nonroot')).toMatchObject({ user: '65532' });
  });

  it('takes copies of official images for what they are', () => {
    expect(of('docker.io/library/golang:1.22')).toEqual(of('golang:1.22'));
    expect(of('public.ecr.aws/docker/library/golang:1.22')).toEqual(of('golang:1.22'));
    expect(of('arm64v8/golang:1.22')).toEqual(of('golang:1.22'));
    expect(of('arm64v8/mcr.microsoft.com/dotnet/sdk:8.0')).toBeUndefined();
  });

  it('knows of Windows only that it is Windows', () => {
    const windows = of('mcr.microsoft.com/dotnet/aspnet:6.0-nanoserver-ltsc2022');
    expect(windows).toMatchObject({ os: 'windows', workdir: undefined, cmd: undefined });
    expect(windows!.isEnvComplete).toBe(false);
  });
});

it.each([
  'registry.example.com/node:22',
  'corp/node:22',
  'node:99',
  'nodejs:22',
  'python:onbuildx',
])('says nothing of %s', (reference) => {
  expect(of(reference)).toBeUndefined();
});

describe('a repository without a tag', () => {
  it('is what its images have in common', () => {
    const any = baseConfiguration({ name: 'golang', tag: undefined }, facts)!;
    // All but the old ones for ONBUILD say /go.
    expect([any.user, any.workdir]).toEqual(['', undefined]);
    expect(any.isEnvComplete).toBe(false);
  });
});

describe('the rows', () => {
  const { repositories, sources } = facts.baseImages;

  it('name sources that are there', () => {
    const keys = new Set(
      repositories.flatMap(({ images }) => images.flatMap((row) => row.sources)),
    );
    expect([...keys].filter((key) => sources[key] === undefined)).toEqual([]);
  });

  it('stay small', () => {
    expect(JSON.stringify(facts.baseImages).length).toBeLessThan(150_000);
  });

  it('are each for one repository', () => {
    const names = repositories.flatMap((each) => each.names);
    expect(new Set(names).size).toBe(names.length);
  });
});
