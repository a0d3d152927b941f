/** The lab's setup where no engine is needed: what it reads, what it decides, what it gives to builds. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../cli/support.ts';
import { mirrorOf, parseSources, printSources, sourcesFor } from './apt.ts';
import { imagesOf, inputsOf, readBases, selectBases, tagged } from './bases.ts';
import { freeSubnet, labEngine, PROJECT } from './engine.ts';

const FIELDS = `# of this machine
Types: deb deb-src
# a comment between fields
URIs: https://one.example/debian https://two.example/debian
Suites: bookworm bookworm-updates
  bookworm-backports
Components: main contrib
Signed-By: /keys/a.gpg

Types: deb
URIs: https://one.example/security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: https://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: https://vendor.example/tools
Suites: bookworm
Components: stable
`;

const LINES = `deb [arch=amd64 signed-by=/keys/a.gpg] https://one.example/debian bookworm main contrib # first
#deb https://off.example/debian bookworm main
deb-src https://one.example/debian bookworm main
deb https://one.example/security bookworm-security main
deb https://vendor.example/tools bookworm stable
`;

describe("this machine's package sources", () => {
  it('are read from fields, and carried over to another suite', () => {
    const sources = sourcesFor(parseSources(FIELDS), 'bookworm', 'trixie');
    expect(printSources(sources)).toBe(`Types: deb
URIs: https://one.example/debian https://two.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /keys/a.gpg

Types: deb
URIs: https://one.example/security
Suites: trixie-security
Components: main
`);
    expect(mirrorOf(sources, 'trixie')).toBe('https://one.example/debian');
    expect(mirrorOf(sources, 'bookworm')).toBeUndefined();
  });

  it('are read from lines', () => {
    const sources = sourcesFor(parseSources(LINES), 'bookworm', 'bookworm');
    expect(printSources(sources, '/keys/image.gpg')).toBe(`Types: deb
URIs: https://one.example/debian
Suites: bookworm
Components: main
Signed-By: /keys/image.gpg

Types: deb
URIs: https://one.example/security
Suites: bookworm-security
Components: main
Signed-By: /keys/image.gpg
`);
  });

  it('keep a key that is written into them', () => {
    const key = 'Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n';
    const text = `Types: deb\nURIs: https://one.example/debian\nSuites: bookworm\nComponents: main\n${key}`;
    const again = printSources(parseSources(text));
    expect(again).toBe(text);
    expect(parseSources(again)).toEqual(parseSources(text));
  });
});

describe('the rows of bases.yaml', () => {
  it('stand in build order, with a Dockerfile and a target each', () => {
    expect(readBases().length).toBeGreaterThan(20);
  });

  it.each([
    ['folder: debian\n  target: slim-bookworm', /needs debian:bookworm, of which no row above/],
    ['folder: none', /there is no .*none.Dockerfile/],
    ['folder: debian\n  target: none', /no stage none/],
    ['folder: busybox\n  unknown: 1', /unknown/],
    ['folder: ../debian', /folder/],
    ['folder: busybox\n  npm: [one@latest]', /npm/],
  ])('are refused where %j', (fields, message) => {
    const text = `- ${fields}\n  tags: [one:1]\n  differs: It does.\n`;
    expect(() => readBases(text)).toThrow(message);
  });

  it('are refused where a tag is there twice', () => {
    const row = (target: string): string =>
      `- folder: distroless\n  target: ${target}\n  tags: [one:1]\n  differs: It does.\n`;
    const debian = '- folder: debian\n  target: full\n  tags: [debian:bookworm]\n  differs: No.\n';
    expect(() => readBases(debian + row('base') + row('cc'))).toThrow('one:1 twice');
  });

  it('are selected with all that they need', () => {
    const selected = selectBases(readBases(), ['node:22-slim', 'diamol/base']);
    expect(selected.map(({ tags }) => tags[0])).toEqual([
      'debian:bookworm',
      'debian:bookworm-slim',
      'node:22-slim',
      'diamol/base:latest',
    ]);
    expect(() => selectBases(readBases(), ['node:1'])).toThrow(/no stand-in node:1; there are/);
  });

  it('are built again when a base, a source or a field changes, and only then', () => {
    const base = readBases().find(({ tags }) => tags.includes('node:22-slim'))!;
    const ids = new Map([['debian:bookworm-slim', 'sha256:1']]);
    const inputs = inputsOf(base, ids, undefined);
    expect(inputsOf({ ...base, differs: 'Otherwise.' }, ids, undefined)).toBe(inputs);
    const others = [
      inputsOf(base, new Map([['debian:bookworm-slim', 'sha256:2']]), undefined),
      inputsOf(base, ids, 'Types: deb\n'),
      inputsOf({ ...base, target: 'full' }, ids, undefined),
      inputsOf({ ...base, npm: [] }, ids, undefined),
      inputsOf({ ...base, target: undefined, folder: 'busybox' }, ids, undefined),
      inputsOf({ ...base, target: undefined }, ids, undefined),
    ];
    expect(new Set([inputs, ...others]).size).toBe(others.length + 1);
  });
});

describe('the images that a stage is built from', () => {
  const TEXT = `FROM one:1 AS a
FROM a AS b
COPY --from=two.example:5000/two / /
FROM three:3 AS c
RUN --mount=type=cache,target=/x --mount=type=bind,from=four:4,target=/y true
COPY --from=npm x /
FROM scratch
COPY --from=b / /
`;

  it.each([
    [undefined, ['one:1', 'two.example:5000/two:latest']],
    ['a', ['one:1']],
    ['C', ['three:3', 'four:4']],
  ])('target %j', (target, images) => {
    expect(imagesOf(TEXT, target).toSorted()).toEqual(images.toSorted());
  });

  it.each([
    ['debian', 'debian:latest'],
    ['one.example:5000/two', 'one.example:5000/two:latest'],
    ['one.example:5000/two:3', 'one.example:5000/two:3'],
  ])('%s is %s', (image, full) => expect(tagged(image)).toBe(full));
});

describe('the engine', () => {
  it('takes a subnet into which no route leads', () => {
    const header =
      'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n';
    const route = (destination: string, mask: string): string =>
      `eth0\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0\n`;
    const candidates = ['172.30.0', '172.29.0', '10.9.8'];
    const all = header + route('00000000', '00000000');
    expect(freeSubnet(candidates, all)).toBe('172.30.0');
    expect(freeSubnet(candidates, all + route('00001EAC', '00FFFFFF'))).toBe('172.29.0');
    // 172.16.0.0/12 holds both; 172.30.0.64/26 lies in the first.
    expect(freeSubnet(candidates, all + route('000010AC', '0000F0FF'))).toBe('10.9.8');
    expect(freeSubnet(candidates, all + route('40001EAC', 'C0FFFFFF'))).toBe('172.29.0');
    expect(freeSubnet(['172.30.0'], all + route('00001EAC', '00FFFFFF'))).toBeUndefined();
  });

  it('is not there where no socket answers', async () => {
    expect(await labEngine(folderWith({ 'docker.sock': '' }))).toBeUndefined();
  });
});

describe('what a RUN is given', () => {
  interface Config {
    readonly mounts: readonly { readonly destination: string; readonly source: string }[];
    readonly process: { readonly env: readonly string[] };
  }

  function given(surroundings: object, env: readonly string[], files: readonly string[]): Config {
    const folder = folderWith({ 'surroundings.json': JSON.stringify(surroundings) });
    copyFileSync(join(PROJECT, 'test/lab/with-ca.mjs'), join(folder, 'with-ca.mjs'));
    const bundle = join(folder, 'bundle');
    for (const file of ['etc/passwd', ...files]) {
      const path = join(bundle, 'rootfs', file);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, '');
    }
    const config = {
      root: { path: 'rootfs' },
      mounts: [{ destination: '/dev' }],
      process: { env },
    };
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
    const args = [join(folder, 'with-ca.mjs'), '--log', 'x', 'run', '--bundle', bundle, 'id'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')) as Config;
  }

  it("is this machine's certificates, below /dev, and the headers that the image has", () => {
    const headers = ['usr/local/include/node/node.h'];
    const { mounts, process: own } = given({ caBundle: '/ca.pem' }, ['A=1'], headers);
    expect(mounts.map(({ destination }) => destination)).toEqual(['/dev', '/dev/dfopt-lab-ca.crt']);
    expect(mounts[1]).toMatchObject({ source: '/ca.pem' });
    expect(own.env).toEqual([
      'A=1',
      'NODE_EXTRA_CA_CERTS=/dev/dfopt-lab-ca.crt',
      'npm_config_nodedir=/usr/local',
    ]);
  });

  it('is nothing that the image sets itself', () => {
    const set = ['NODE_EXTRA_CA_CERTS=/own.pem'];
    const surroundings = { caBundle: '/ca.pem', npmRegistry: 'https://npm.example/' };
    expect(given(surroundings, set, []).process.env).toEqual([
      ...set,
      'npm_config_registry=https://npm.example/',
    ]);
  });
});
