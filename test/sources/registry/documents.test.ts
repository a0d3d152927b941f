/** What documents of a registry say, and what of them reaches a rewrite. */
import { describe, expect, it } from 'vitest';
import {
  baseConfiguration,
  configurationsToCompare,
} from '../../../src/analysis/base-configuration.ts';
import {
  observedConfiguration,
  observedDownload,
  observedKey,
} from '../../../src/analysis/observed.ts';
import { imageName } from '../../../src/analysis/stages.ts';
import { loadFacts } from '../../../src/facts/load.ts';
import type { ObservedImage } from '../../../src/facts/observed.ts';
import { optimize } from '../../../src/pipeline.ts';
import {
  chooseManifest,
  observedImage,
  readManifest,
  type Manifest,
} from '../../../src/sources/registry/documents.ts';
import { parsePlatform } from '../../../src/sources/registry/platform.ts';
import {
  described,
  documentOf,
  madeImage,
  madeIndex,
  OCI,
  sha256,
  type ImageParts,
} from '../../support/registry.ts';

const ASKED = {
  name: 'docker.io/library/app:1',
  digest: sha256('index'),
  manifest: sha256('manifest'),
  platform: { os: 'linux', architecture: 'amd64' },
  seen: '2026-11-21',
};

function seen(parts: ImageParts = {}): ObservedImage {
  const { manifest, config } = madeImage(parts);
  const read = readManifest(manifest.bytes, manifest.mediaType) as Manifest;
  const found = observedImage(ASKED, read, config.bytes);
  if (found.kind === 'failure') throw new Error(found.why);
  return found.image;
}

const CONFIG = {
  Env: ['PATH=/usr/bin:/bin', 'EQUALS=a=b', 'EMPTY='],
  Cmd: ['node'],
  Entrypoint: ['/entry.sh'],
  WorkingDir: '/app',
  User: '1000:1000',
  ExposedPorts: { '80/tcp': {}, '443/tcp': {} },
  Volumes: { '/data': {} },
  OnBuild: ['COPY . /app'],
  Healthcheck: { Test: ['CMD', 'true'], Interval: 5_000_000_000, Retries: 3, Timeout: 0 },
  StopSignal: 'SIGINT',
  Shell: ['/bin/bash', '-c'],
  Labels: { 'a.b': 'c' },
};

describe('an image', () => {
  it.each([[false], [true]])('is read whole (of Docker: %s)', (isDocker) => {
    const image = seen({
      isDocker,
      config: CONFIG,
      history: [
        { created_by: 'ADD rootfs' },
        { created_by: 'ENV A=b', empty_layer: true },
        { created_by: 'RUN make' },
      ],
    });
    expect(image).toMatchObject({
      name: 'docker.io/library/app:1',
      platform: { os: 'linux', architecture: 'amd64' },
      isOtherPlatform: false,
      created: '2026-08-01T00:00:00Z',
      configuration: {
        workdir: '/app',
        user: '1000:1000',
        shell: ['/bin/bash', '-c'],
        entrypoint: ['/entry.sh'],
        cmd: ['node'],
        exposes: ['80/tcp', '443/tcp'],
        volumes: ['/data'],
        stopSignal: 'SIGINT',
        onbuild: ['COPY . /app'],
        healthcheck: { test: ['CMD', 'true'], interval: 5_000_000_000, retries: 3 },
      },
      layers: [
        { compressed: 3, createdBy: 'ADD rootfs' },
        { compressed: 10, createdBy: 'RUN make' },
      ],
      history: [{ isEmptyLayer: false }, { isEmptyLayer: true }, { isEmptyLayer: false }],
    });
    expect([...image.configuration.env]).toEqual([
      ['PATH', '/usr/bin:/bin'],
      ['EQUALS', 'a=b'],
      ['EMPTY', ''],
    ]);
    expect([...image.configuration.labels]).toEqual([['a.b', 'c']]);
    expect(image.configuration.healthcheck).not.toHaveProperty('timeout');
  });

  it('may say nothing, or null', () => {
    const empty = { exposes: [], env: new Map(), cmd: [], workdir: '', labels: new Map() };
    const nulls = Object.fromEntries(Object.keys(CONFIG).map((key) => [key, null]));
    for (const config of [{}, nulls]) expect(seen({ config }).configuration).toMatchObject(empty);
    expect(seen({ config: { Env: ['ALONE'] } }).configuration.env.get('ALONE')).toBe('');
  });

  it('has layers of unknown origin where the history is another one', () => {
    const { layers } = seen({ history: [{ created_by: 'RUN make' }] });
    expect(layers.map((each) => 'createdBy' in each)).toEqual([false, false]);
  });

  it('may be for another platform than was asked', () => {
    expect(seen({ architecture: 'arm64', variant: 'v8' })).toMatchObject({
      platform: { os: 'linux', architecture: 'arm64' },
      isOtherPlatform: true,
    });
  });
});

describe('what is no image is refused', () => {
  const { manifest, config } = madeImage();
  const whole = JSON.parse(manifest.bytes.toString()) as object;
  const layer = { mediaType: 'x', digest: sha256(''), size: 1 };

  it.each<[object | string, string]>([
    ['<html>', 'something that is no manifest'],
    ['', 'something that is no manifest'],
    ['null', 'something that is no manifest'],
    ['[]', 'something that is no manifest'],
    ['{"schemaVersion":2}', 'the manifest in the registry is not valid'],
    ['\u00ff'.repeat(3), 'something that is no manifest'],
    ['['.repeat(200_000), 'something that is no manifest'],
    [{ schemaVersion: 1, fsLayers: [] }, 'old format "schema 1"'],
    [{ ...whole, manifests: [] }, 'an index and an image at once'],
    [{ ...whole, mediaType: `${OCI}.index.v1+json` }, 'no image but'],
    [{ ...whole, mediaType: 'text/plain' }, 'no image but "text/plain"'],
    [{ ...whole, schemaVersion: 3 }, 'not valid at "schemaVersion"'],
    [{ ...whole, layers: [{ ...layer, size: -1 }] }, 'not valid at "layers.0.size"'],
    [{ ...whole, layers: [{ ...layer, size: 2 ** 60 }] }, 'not valid at "layers.0.size"'],
    [{ ...whole, layers: [{ ...layer, digest: '../../x' }] }, 'not valid at "layers.0.digest"'],
    [{ ...whole, layers: Array.from({ length: 1001 }, () => layer) }, 'not valid at "layers"'],
    [
      { ...whole, config: { ...described(config), mediaType: 'application/vnd.cncf.helm.config' } },
      'no image but "application/vnd.cncf.helm.config"',
    ],
    [{ schemaVersion: 2, manifests: [{}] }, 'the index in the registry is not valid'],
  ])('%# %j', (content, why) => {
    const { bytes } = documentOf('', content);
    expect(readManifest(bytes, '')).toMatchObject({
      kind: 'failure',
      why: expect.stringContaining(why),
    });
  });

  it('by its configuration', () => {
    const read = readManifest(manifest.bytes, '') as Manifest;
    for (const content of [
      '',
      '[]',
      '{"os":1}',
      '{"os":"linux","architecture":"a","config":{"Env":"x"}}',
    ]) {
      expect(observedImage(ASKED, read, Buffer.from(content))).toMatchObject({
        why: expect.stringContaining('the configuration in the registry is not valid'),
      });
    }
  });
});

describe('an index', () => {
  const entry = (text: string, os: string, architecture: string, more: object = {}) => ({
    ...described(documentOf(`${OCI}.manifest.v1+json`, text)),
    platform: { os, architecture },
    ...more,
  });
  const choose = (entries: readonly object[], wanted = 'linux/amd64') => {
    const read = readManifest(madeIndex(entries).bytes, '');
    if (read.kind !== 'index') throw new Error('no index');
    return chooseManifest(read, parsePlatform(wanted)!);
  };
  const attestation = entry('attested', 'unknown', 'unknown');

  it('leads to the image of the platform, past statements about images', () => {
    const note = { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } };
    const entries = [
      attestation,
      entry('noted', 'linux', 'amd64', note),
      entry('artifact', 'linux', 'amd64', { mediaType: 'application/x' }),
      entry('arm', 'linux', 'arm64'),
      entry('intel', 'linux', 'amd64'),
    ];
    expect(choose(entries)).toMatchObject({ digest: sha256('intel') });
    expect(choose(entries, 'linux/arm64')).toMatchObject({ digest: sha256('arm') });
  });

  it('of one image need not say for what', () => {
    const { platform: _, ...bare } = entry('only', '', '');
    expect(choose([bare, attestation])).toMatchObject({ digest: sha256('only') });
  });

  it('without the platform says what there is', () => {
    const entries = [attestation, entry('one', 'linux', 'arm64'), entry('two', 'windows', 'amd64')];
    expect(choose(entries, 'linux/s390x')).toMatchObject({
      kind: 'failure',
      why: 'there is no image for linux/s390x, only for "linux/arm64, windows/amd64"',
    });
    expect(choose([attestation])).toMatchObject({ why: 'there is no image for linux/amd64' });
  });
});

describe('for a rewrite', () => {
  const facts = loadFacts();
  const observing = (reference: string, parts: ImageParts) => ({
    ...facts,
    observedImages: new Map([[observedKey(imageName(reference)), seen(parts)]]),
  });

  it('an image goes before the rows, and only where it was looked up', () => {
    const image = observing('node:22', { config: { ...CONFIG, OnBuild: [] } });
    expect(baseConfiguration(imageName('docker.io/library/node:22'), image)).toMatchObject({
      os: 'linux',
      isEnvComplete: true,
      workdir: '/app',
      user: '1000:1000',
      onbuild: [],
      sources: [
        `docker.io/library/app:1 for linux/amd64, ${ASKED.manifest}, in its registry on 2026-11-21`,
      ],
    });
    for (const other of ['node:20', `node:22@${sha256('x')}`, 'python:3.12']) {
      const known = baseConfiguration(imageName(other), facts);
      expect(known, other).toBeDefined();
      expect(baseConfiguration(imageName(other), image), other).toEqual(known);
    }
    const pinned = `node:22@${sha256('x')}`;
    const own = observing(pinned, { config: { User: 'me' } });
    expect(baseConfiguration(imageName(pinned), own)).toMatchObject({ user: 'me' });
    expect(baseConfiguration({ name: 'node', tag: undefined }, own)).toEqual(
      baseConfiguration({ name: 'node', tag: undefined }, facts),
    );
  });

  it('keeps to itself what could not stand in a Dockerfile', () => {
    const configuration = observedConfiguration(
      seen({
        config: {
          Env: ['A=1\nRUN evil', 'B=2'],
          WorkingDir: '/a\u001b[2J',
          User: 'a\rb',
          OnBuild: ['RUN a', 'RUN b\nFROM c'],
          Shell: ['/bin/sh', '\u0000'],
          Cmd: ['a\u2028b'],
          StopSignal: '\u0085',
        },
      }),
    );
    expect(configuration.env).toEqual(
      new Map([
        ['A', undefined],
        ['B', '2'],
      ]),
    );
    for (const field of ['workdir', 'user', 'onbuild', 'shell', 'cmd', 'stopSignal'] as const) {
      expect(configuration[field], field).toBeUndefined();
    }
    expect(configuration.entrypoint).toEqual([]);
  });

  it('is unknown where the system is no usual one', () => {
    expect(observedConfiguration(seen({ os: 'freebsd' }))).toMatchObject({
      os: undefined,
      isEnvComplete: false,
    });
    expect(observedConfiguration(seen({ os: 'windows' }))).toMatchObject({
      os: 'windows',
      isEnvComplete: false,
    });
  });

  it('decides what may be edited', () => {
    const text = 'FROM corp.example/base:1\nCMD java -jar /app.jar\n';
    const after = 'FROM corp.example/base:1\nCMD ["java", "-jar", "/app.jar"]\n';
    const rewritten = (config: object) =>
      optimize(text, observing('corp.example/base:1', { config }), { strict: true }).output;
    expect(optimize(text, facts).output).toBe(text);
    expect(rewritten({})).toBe(after);
    expect(rewritten({ Entrypoint: ['/entry.sh'] })).toBe(text);
    // A login shell sets up something first: it stays, and makes room in the end.
    expect(rewritten({ Shell: ['/bin/bash', '-lc'] })).toBe(text.replace('java', 'exec java'));
  });

  it('is compared with its like: a smaller base is found as it is without', () => {
    const text = 'FROM node:22\nRUN echo $NODE_VERSION\nCMD ["node", "server.js"]\n';
    const config = { Env: ['PATH=/usr/local/bin:/bin', 'NODE_VERSION=22.1.0'], Cmd: ['node'] };
    const one = observing('node:22', { config });
    const offline = configurationsToCompare(imageName('node:22'), imageName('node:20'), facts);
    expect(configurationsToCompare(imageName('node:22'), imageName('node:20'), one)).toEqual(
      offline,
    );
    const both = new Map([...one.observedImages, ['node:20', seen({ config: { User: 'me' } })]]);
    const facts2 = { ...facts, observedImages: both };
    expect(
      configurationsToCompare(imageName('node:22'), imageName('node:20'), facts2),
    ).toMatchObject([{ user: '' }, { user: 'me' }]);
    expect(optimize(text, one, { strict: true }).output).toBe(optimize(text, facts).output);
  });

  it('counts what is downloaded, each layer once', () => {
    const twice = observedDownload(seen({ layers: ['one', 'one', 'the second'] }));
    expect(twice).toMatchObject({ bytes: 13, low: 13, high: 13, basis: 'metadata' });
    expect(twice).toMatchObject({ date: '2026-11-21' });
  });
});
