/** Digests that a registry told are written behind the tags, and only those. */
import { expect, it } from 'vitest';
import { loadFacts } from '../../src/facts/load.ts';
import type { ObservedImage } from '../../src/facts/observed.ts';
import { optimize } from '../../src/pipeline.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const observed: ObservedImage = {
  name: 'docker.io/library/node:22',
  digest,
  manifest: digest,
  platform: { os: 'linux', architecture: 'amd64' },
  isOtherPlatform: false,
  configuration: {
    env: new Map([['NODE_VERSION', '22.1.0']]),
    workdir: '',
    user: '',
    shell: [],
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['node'],
    exposes: [],
    volumes: [],
    stopSignal: '',
    onbuild: [],
    labels: new Map(),
  },
  layers: [],
  history: [],
  seen: '2026-11-21',
};
const facts = { ...loadFacts(), observedImages: new Map([['node:22', observed]]) };
const run = (text: string) =>
  optimize(text, facts, {
    strict: true,
    select: ['pin-suite'],
    passOptions: { 'pin-suite': { digests: true } },
  });

it('writes the digest behind the tag, once', () => {
  const { output } = run('FROM --platform=linux/amd64 node:22 AS a\nFROM a\nFROM debian:12\n');
  expect(output).toBe(
    `FROM --platform=linux/amd64 node:22@${digest} AS a\nFROM a\nFROM debian:12\n`,
  );
  expect(run(output).output).toBe(output);
});

it('says which image nobody looked up', () => {
  const { remarks } = run('FROM debian:12\n');
  const own = remarks.filter(({ pass }) => pass === 'pin-suite');
  expect(own.map(({ outcome, message }) => `${outcome}: ${message}`)).toEqual([
    'missed: the digest of "debian:12" was not looked up: use --online',
  ]);
});
