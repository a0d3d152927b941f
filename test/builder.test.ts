import { describe, expect, it } from 'vitest';
import { makeContext } from '../src/analysis/context.ts';
import { isFrontendVersion, supports, whyUnsupported, type Builder } from '../src/builder.ts';
import { parse } from '../src/dockerfile/parse.ts';
import type { BuilderFeature } from '../src/facts/builder-types.ts';
import { loadFacts } from '../src/facts/load.ts';
import { optimize } from '../src/pipeline.ts';

const facts = loadFacts();
const BUILDKIT: Builder = { name: 'buildkit' };

function knows(feature: BuilderFeature, builder = BUILDKIT, syntax?: string): boolean {
  const header = syntax === undefined ? '' : `# syntax=${syntax}\n`;
  return supports(feature, parse(`${header}FROM scratch\n`), { facts, builder });
}

describe('BuildKit', () => {
  it('is as old as Docker Engine 23.0 has it, where nobody says more', () => {
    expect(knows('cache-mount')).toBe(true);
    expect(knows('copy-chmod')).toBe(true);
    expect(knows('heredoc')).toBe(true);
    expect(knows('copy-chmod-symbolic')).toBe(false);
    expect(knows('copy-parents')).toBe(false);
  });

  it('is what the user says', () => {
    expect(knows('copy-exclude', { name: 'buildkit', frontend: '1.18' })).toBe(false);
    expect(knows('copy-exclude', { name: 'buildkit', frontend: '1.19' })).toBe(true);
    expect(knows('copy-exclude', { name: 'buildkit', frontend: '1.20.1' })).toBe(true);
    expect(knows('cache-mount', { name: 'buildkit', frontend: '1.1' })).toBe(false);
  });

  it.each([
    ['docker/dockerfile:1', 'copy-parents', true],
    ['docker/dockerfile', 'copy-parents', true],
    ['docker.io/docker/dockerfile:latest', 'copy-parents', true],
    ['docker/dockerfile-upstream:master', 'copy-parents', true],
    ['docker/dockerfile:1.20', 'copy-parents', true],
    ['docker/dockerfile:1.19.5', 'copy-parents', false],
    ['docker/dockerfile:1.7-labs', 'copy-parents', true],
    ['docker/dockerfile:1.6-labs', 'copy-parents', false],
    ['docker/dockerfile:1.7', 'copy-parents', false],
    ['docker/dockerfile:1-labs', 'copy-parents', true],
    ['docker/dockerfile:1.14.0@sha256:0123', 'copy-chmod-symbolic', true],
    ['docker/dockerfile@sha256:0123', 'copy-chmod', false],
    ['docker/dockerfile:1.1', 'cache-mount', false],
    ['docker/dockerfile:experimental', 'cache-mount', true],
    ['docker/dockerfile:1.0-experimental', 'cache-mount', true],
    ['docker/dockerfile:1.0-experimental', 'copy-chmod', false],
    ['docker/dockerfile:next', 'cache-mount', false],
    ['example.com/frontend:1', 'cache-mount', false],
    ['example.com/docker/dockerfile:1', 'cache-mount', false],
  ] as const)('the file says %s: %s %s', (syntax, feature, expected) => {
    // What the file names reads it, whatever is built in.
    expect(knows(feature, { name: 'buildkit', frontend: '1.5' }, syntax)).toBe(expected);
  });
});

describe('other builders', () => {
  it('know what their rows say, and obey no syntax line', () => {
    expect(knows('cache-mount', { name: 'buildah' })).toBe(true);
    expect(knows('copy-chmod', { name: 'buildah' })).toBe(true);
    expect(knows('heredoc', { name: 'buildah' }, 'docker/dockerfile:1')).toBe(false);
    for (const name of ['classic', 'kaniko'] as const) {
      expect(knows('cache-mount', { name }, 'docker/dockerfile:1')).toBe(false);
      expect(knows('copy-chmod', { name })).toBe(false);
    }
  });

  it('say why', () => {
    const why = (builder: Builder): string | undefined =>
      whyUnsupported('cache-mount', parse('FROM scratch\n'), { facts, builder });
    expect(why(BUILDKIT)).toBeUndefined();
    expect(why({ name: 'kaniko' })).toBe('kaniko does not know RUN --mount=type=cache');
    expect(why({ name: 'buildkit', frontend: '1.0' })).toBe(
      'docker/dockerfile:1.0 does not know RUN --mount=type=cache, which 1.2 brought',
    );
  });
});

it('is an option of optimize', () => {
  const text = 'FROM node:22\nRUN npm ci\n';
  expect(optimize(text, facts).output).toContain('--mount=type=cache,target=/root/.npm');
  const { output, remarks } = optimize(text, facts, { builder: { name: 'kaniko' } });
  expect(output).not.toContain('--mount');
  expect(remarks.map(({ message }) => message)).toContain(
    'kaniko does not know RUN --mount=type=cache',
  );
});

it('tells versions from other words', () => {
  expect(['1.5', '1.5.2', '1.28'].every(isFrontendVersion)).toBe(true);
  expect(['1', '1.', '2.0', 'v1.5', '1.5-labs', 'latest'].some(isFrontendVersion)).toBe(false);
});

describe('a service that builds by itself', () => {
  const texts = new Map([['heroku.yml', 'build:\n  docker:\n    web: Dockerfile\n']]);
  const why = (text: string, files = texts): string | undefined =>
    whyUnsupported('cache-mount', parse(text), {
      facts,
      builder: BUILDKIT,
      context: makeContext({ entries: [], texts: files }),
    });

  it('builds for App Engine what has a runtime of its own', () => {
    const flexible = new Map([['app.yaml', 'runtime: custom\nenv: flex\n']]);
    const standard = new Map([['app.yaml', 'runtime: nodejs20\nenv: standard\n']]);
    expect(why('FROM node:22\nRUN npm ci\n', flexible)).toContain('App Engine builds it');
    expect(why('FROM node:22\nRUN npm ci\n', standard)).toBeUndefined();
  });

  it('is not asked for what its builder does not know', () => {
    expect(why('FROM node:22\nRUN npm ci\n')).toBe(
      'Heroku builds it (heroku.yml), and its builder does not know RUN --mount=type=cache',
    );
  });

  it.each([
    ['the file asks for BuildKit', '# syntax=docker/dockerfile:1\nFROM node:22\n', texts],
    ['the file has a mount', 'FROM node:22\nRUN --mount=type=cache,target=/x make\n', texts],
    [
      'it builds nothing with Docker',
      'FROM node:22\n',
      new Map([['heroku.yml', 'setup:\n  addons: []\n']]),
    ],
    [
      'the file is of a folder below',
      'FROM node:22\n',
      new Map([['a/heroku.yml', 'x:\n docker:']]),
    ],
    [
      'a pipeline asks for BuildKit',
      'FROM node:22\n',
      new Map([
        [
          'cloudbuild.yaml',
          "steps:\n  - name: gcr.io/cloud-builders/docker\n    env: ['DOCKER_BUILDKIT=1']\n",
        ],
      ]),
    ],
    [
      'GitLab has a newer Docker',
      'FROM node:22\n',
      new Map([['.gitlab-ci.yml', 'services: ["docker:24.0.5-dind"]\n']]),
    ],
    [
      'people are told how to try it',
      'FROM node:22\n',
      new Map([['README.md', 'gcloud builds submit --tag gcr.io/a/b\n']]),
    ],
  ])('does not count where %s', (_, text, files) => {
    expect(why(text, files)).toBeUndefined();
  });

  it.each([
    ['cloudbuild.yaml', 'steps:\n  - name: gcr.io/cloud-builders/docker\n', 'Cloud Build'],
    ['Makefile', 'deploy:\n\tgcloud builds submit --tag gcr.io/a/b\n', 'Cloud Build'],
    [
      'package.json',
      '{ "scripts": { "up": "gcloud builds submit --tag gcr.io/a/b" } }',
      'Cloud Build',
    ],
    ['.github/workflows/a.yml', 'run: gcloud run deploy a --source . --quiet\n', 'Cloud Build'],
    ['.gitlab-ci.yml', 'image: docker:19.03.12\n', 'GitLab'],
    [
      '.circleci/config.yml',
      'steps:\n  - setup_remote_docker:\n      version: 20.10.14\n',
      'CircleCI',
    ],
    ['.travis.yml', 'script:\n  - docker build -t a .\n', 'Travis'],
    ['.gitlab-ci.yml', 'image:\n  name: gcr.io/kaniko-project/executor:debug\n', 'kaniko'],
    ['railway.json', '{ "build": { "builder": "DOCKERFILE" } }\n', 'Railway'],
  ])('is known by %s', (path, text, name) => {
    expect(why('FROM node:22\n', new Map([[path, text]]))).toMatch(
      new RegExp(`^${name} builds it.* does not know RUN --mount=type=cache$`),
    );
  });

  it.each([
    ['README.md', 'If that fails: `sudo DOCKER_BUILDKIT=0 docker-compose up -d`.\n'],
    ['.github/workflows/a.yml', 'env:\n  DOCKER_BUILDKIT: "0"\n'],
  ])('is the classic one where %s turns BuildKit off', (path, text) => {
    expect(why('FROM node:22\n', new Map([[path, text]]))).toMatch(
      /^BuildKit is turned off for it/,
    );
  });

  it.each([
    [
      'README.md',
      '[![Deploy](https://railway.app/button.svg)](https://railway.app/new/template/x)',
    ],
    [
      'next.config.js',
      "module.exports = { images: { domains: ['a-production.up.railway.app'] } };\n",
    ],
    ['src/a.ts', 'fetch(process.env.NEXT_PUBLIC_RAILWAY_URL)\n'],
  ])('may be Railway where %s speaks of it', (path, text) => {
    expect(why('FROM node:22\n', new Map([[path, text]]))).toMatch(/^Railway may build it/);
  });

  it('knows all but what it lacks', () => {
    const context = makeContext({ entries: [], texts: new Map([['railway.toml', '[build]\n']]) });
    const scope = { facts, builder: BUILDKIT, context };
    expect(supports('heredoc', parse('FROM node:22\n'), scope)).toBe(true);
    expect(supports('cache-mount', parse('FROM node:22\n'), scope)).toBe(false);
  });
});
