/** Does the estimate hold against installs that were measured, and does it say how far it may be off? */
import { describe, expect, it } from 'vitest';
import { documentsOf, sizeOf, sizeOfAll, withoutSize } from '../../src/ecosystems/npm-sizes.ts';
import { productionModules } from '../../src/ecosystems/node-weight.ts';
import type { Weight } from '../../src/ecosystems/weight.ts';
import type { WorkScope } from '../../src/ecosystems/work.ts';
import { loadFacts } from '../../src/facts/load.ts';
import type { Facts } from '../../src/facts/types.ts';
import { NPM_CASES } from '../lab/npm-cases.ts';
import { compare, quantile, readMeasured, scopeOf, weightsOf } from '../lab/npm-measured.ts';

const facts = loadFacts();
const compared = readMeasured().map((each) => compare(each, facts));

describe('installs that were measured', () => {
  it('are all there, with packages for development and without', () => {
    const ids = new Set(compared.map(({ measured }) => measured.id));
    expect([...ids].toSorted()).toEqual(NPM_CASES.map(({ id }) => id).toSorted());
    expect(compared).toHaveLength(2 * NPM_CASES.length);
    expect(NPM_CASES.filter(({ isHeldOut }) => isHeldOut).length).toBeGreaterThanOrEqual(7);
  });

  const errorsOf = (some: typeof compared) => some.map(({ deviation }) => Math.abs(deviation));
  const recent = compared.filter(({ isAged }) => !isAged);

  it('are estimated well', () => {
    const errors = errorsOf(recent);
    expect(quantile(errors, 0.5)).toBeLessThanOrEqual(0.05);
    expect(quantile(errors, 0.9)).toBeLessThanOrEqual(0.15);
  });

  it('are so where nothing was fitted to them, but for packages without rows', () => {
    const errors = errorsOf(recent.filter(({ isHeldOut }) => isHeldOut));
    expect(quantile(errors, 0.5)).toBeLessThanOrEqual(0.05);
    // One project in seven stands on packages of which no row tells.
    expect(quantile(errors, 0.8)).toBeLessThanOrEqual(0.15);
    expect(quantile(errors, 0.9)).toBeLessThanOrEqual(0.3);
  });

  it('are estimated less well where releases are years old', () => {
    const errors = errorsOf(compared.filter(({ isAged }) => isAged));
    expect(quantile(errors, 0.5)).toBeLessThanOrEqual(0.2);
    expect(Math.max(...errors)).toBeLessThanOrEqual(0.8);
  });

  it('lie in the range of the estimate in nine of ten', () => {
    const inside = compared.filter(({ measured, modules: { amount } }) => {
      return amount!.low <= measured.modules && measured.modules <= amount!.high;
    });
    expect(inside.length).toBeGreaterThanOrEqual(0.9 * compared.length);
  });

  it('leave caches as large as they are taken to be', () => {
    const errors = compared
      .filter(({ measured }) => !measured.isProduction)
      .map(({ cacheDeviation }) => Math.abs(cacheDeviation));
    expect(quantile(errors, 0.5)).toBeLessThanOrEqual(0.15);
    expect(quantile(errors, 0.9)).toBeLessThanOrEqual(0.35);
  });
});

/** Rows that are made up, so that sums can be looked at. Sizes are 1000 bytes and the like. */
const made: Facts = {
  ...facts,
  npmSizes: {
    source: 'made up',
    date: '2026-01-01',
    names: 'a b c puppeteer',
    // 1000 bytes are `a` to base 36, in units of 100.
    rows: '1.0.0:a 1.5.0:k 2.0.0:1e;1\n1.0.0:5;;2\n3.0.0:1\n22.0.0:a',
  },
};

const RECORD = 430;

const lock = (packages: Readonly<Record<string, object>>): string =>
  JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages } });

const entry = (version: string, more: object = {}) => ({
  version,
  resolved: 'https://registry.example/x.tgz',
  ...more,
});

const manifest =
  '{ "name": "x", "dependencies": { "a": "^1.0.0" }, "devDependencies": { "c": "*" } }';

function modulesOf(weights: readonly Weight[] | undefined): Weight {
  return weights!.find((each) => each.path.endsWith('node_modules'))!;
}

function bytesOf(weights: readonly Weight[] | undefined): number {
  return modulesOf(weights).amount!.bytes;
}

describe('a package', () => {
  const bytes = (version: string | undefined) => sizeOf({ name: 'a', version }, made.npmSizes);

  it('takes what its row says of the release, or of the one before it', () => {
    expect(bytes('1.0.0').bytes).toBe(1000);
    expect(bytes('1.4.9').bytes).toBe(1000);
    expect(bytes('1.9.0').bytes).toBe(2000);
    expect(bytes(undefined).bytes).toBe(5000);
  });

  it('takes what a later release of its minor version does', () => {
    const rows = { ...made.npmSizes, names: 'a', rows: '1.0.3:a 1.5.4:k 1.5.6:1e' };
    const bytesAt = (version: string) => sizeOf({ name: 'a', version }, rows).bytes;
    expect(bytesAt('1.4.9')).toBe(1000);
    expect(bytesAt('1.5.2')).toBe(2000);
    expect(bytesAt('1.5.5')).toBe(2000);
    expect(bytesAt('1.5.7')).toBe(5000);
    expect(bytesAt('1.6.0')).toBe(5000);
  });

  it('has a wider range the further away its row is', () => {
    const width = (version: string): number => bytes(version).high / bytes(version).bytes;
    expect(width('1.0.0')).toBeLessThan(width('1.1.0'));
    expect(width('1.1.0')).toBeLessThan(width('7.0.0'));
  });

  it('of which nothing is known is like the others, and counts as unknown', () => {
    const one = sizeOf({ name: 'never-heard-of', version: '1.0.0' }, made.npmSizes);
    expect(one.basis).toBe('model');
    expect(one.low).toBeLessThan(one.bytes);
    const all = sizeOfAll([{ name: 'never-heard-of', version: '1.0.0' }], made.npmSizes);
    expect(all).toMatchObject({ unknown: 1, basis: 'model' });
  });

  it('that a registry told of goes before rows, and is not asked for again', () => {
    const observed = { ...made.npmSizes, observed: new Map([['a@7.0.0', 77]]) };
    const asked = [
      { name: 'a', version: '7.0.0' },
      { name: 'a', version: '1.0.0' },
      { name: 'x', version: '1.0.0' },
      { name: 'y', version: undefined },
    ];
    expect(sizeOf(asked[0]!, observed)).toMatchObject({ bytes: 77, basis: 'metadata' });
    expect(withoutSize(asked, observed)).toEqual([{ name: 'x', version: '1.0.0' }]);
    expect(withoutSize(asked, made.npmSizes)).toHaveLength(2);
  });
});

describe('a lockfile', () => {
  const files = {
    'package.json': manifest,
    'package-lock.json': lock({
      'node_modules/a': entry('1.0.0'),
      'node_modules/a/node_modules/b': entry('1.0.0'),
      'node_modules/c': entry('3.0.0', { dev: true }),
      'node_modules/mac': entry('1.0.0', { os: ['darwin'], optional: true }),
      'node_modules/arm': entry('1.0.0', { cpu: ['arm64'], optional: true }),
      'node_modules/musl': entry('1.0.0', { libc: ['musl'], optional: true }),
    }),
  };

  it('of npm says what lies in node_modules', () => {
    expect(weightsOf('npm ci', files, made)).toMatchObject([
      { path: 'app/node_modules', kind: 'dependencies', what: '3 packages of npm' },
      { path: 'root/.npm', kind: 'leavings', what: "npm's download cache" },
    ]);
    expect(bytesOf(weightsOf('npm ci', files, made))).toBe(1000 + 500 + 100 + 3 * RECORD);
  });

  it.each(['npm ci --omit=dev', 'npm install --production', 'npm ci --only=production'])(
    'counts without packages for development: %s',
    (command) => {
      expect(bytesOf(weightsOf(command, files, made))).toBe(1500 + 2 * RECORD);
    },
  );

  it('counts by NODE_ENV, and reaches down where nobody knows it', () => {
    const variable = (name: string) => (name === 'NODE_ENV' ? 'production' : '');
    expect(bytesOf(weightsOf('npm ci', files, made, { variable }))).toBe(1500 + 2 * RECORD);
    const open = weightsOf('npm ci', files, made, { variable: () => undefined });
    const all = weightsOf('npm ci', files, made);
    expect(bytesOf(open)).toBe(bytesOf(all));
    expect(modulesOf(open).amount!.low).toBeLessThan(modulesOf(all).amount!.low);
  });

  it('is there for both libcs where the lockfile does not say for which it is', () => {
    // npm 10 and 11, counted: what they do not know they install.
    const platform = { os: ['linux'], cpu: ['x64'], optional: true };
    const silent = {
      'package.json': manifest,
      'package-lock.json': lock({
        'node_modules/@x/a-linux-x64-gnu': entry('1.0.0', platform),
        'node_modules/@x/a-linux-x64-musl': entry('1.0.0', platform),
        'node_modules/@x/a-win32-x64': entry('1.0.0', { ...platform, os: ['win32'] }),
      }),
    };
    expect(modulesOf(weightsOf('npm ci', silent, made)).what).toBe('2 packages of npm');
  });

  it('may be for another libc', () => {
    const image = {
      libc: { kind: 'musl', version: undefined },
      runtimes: new Map(),
    } as unknown as WorkScope['image'];
    const weights = weightsOf('npm ci', files, made, { image });
    expect(modulesOf(weights).what).toBe('4 packages of npm');
  });

  it('of a workspace fills several folders, none of them in another', () => {
    const own = {
      'package.json': '{ "name": "x", "workspaces": ["packages/*"] }',
      'packages/p/package.json': '{ "name": "p", "version": "1.0.0" }',
      'package-lock.json': lock({
        'node_modules/a': entry('1.0.0'),
        'node_modules/p': { resolved: 'packages/p', link: true },
        'packages/p': { version: '1.0.0' },
        'packages/p/node_modules/b': entry('1.0.0'),
      }),
    };
    const paths = weightsOf('npm ci', own, made)!.map(({ path }) => path);
    expect(paths).toEqual(['app/node_modules', 'app/packages/p/node_modules', 'root/.npm']);
  });

  it('of npm 6 and older says it in its own way', () => {
    const text = JSON.stringify({
      lockfileVersion: 1,
      dependencies: {
        a: { version: '1.0.0', dependencies: { b: { version: '1.0.0' } } },
        c: { version: '3.0.0', dev: true },
        fsevents: { version: '1.0.0', optional: true },
      },
    });
    const own = { 'package.json': manifest, 'package-lock.json': text };
    expect(modulesOf(weightsOf('npm ci', own, made)).what).toBe('3 packages of npm');
    expect(modulesOf(weightsOf('npm ci --omit=dev', own, made)).what).toBe('2 packages of npm');
  });

  it('of Yarn 1 is followed from the manifest, with what lies there twice', () => {
    const own = {
      'package.json':
        '{ "dependencies": { "a": "^1.0.0", "d": "1" }, "devDependencies": { "c": "*" } }',
      'yarn.lock': [
        '# yarn lockfile v1',
        'a@^1.0.0:\n  version "1.0.0"\n  dependencies:\n    b "^1.0.0"',
        'b@^1.0.0:\n  version "1.0.0"',
        'b@^2.0.0:\n  version "2.0.0"',
        'c@*:\n  version "3.0.0"\n  dependencies:\n    b "^1.0.0"',
        'd@1:\n  version "1.0.0"\n  dependencies:\n    b "^2.0.0"\n    "@x/y-darwin-arm64" "1"',
        '"@x/y-darwin-arm64@1":\n  version "1.0.0"',
      ].join('\n\n'),
    };
    const weights = weightsOf('yarn install --frozen-lockfile', own, made);
    expect(modulesOf(weights).what).toBe('5 packages of yarn');
    expect(weights![1]).toMatchObject({ path: 'usr/local/share/.cache/yarn', kind: 'leavings' });
    const production = weightsOf('yarn install --production', own, made);
    expect(modulesOf(production).what).toBe('4 packages of yarn');
  });

  it('of pnpm counts what several ask for once', () => {
    const own = {
      'package.json': manifest,
      'pnpm-lock.yaml': [
        "lockfileVersion: '9.0'",
        'importers:\n  .:',
        '    dependencies:\n      a: { specifier: ^1.0.0, version: 1.0.0(b@1.0.0) }',
        "    devDependencies:\n      c: { specifier: '*', version: 3.0.0 }",
        'packages:\n  a@1.0.0: {}\n  b@1.0.0: {}\n  c@3.0.0: {}\n  mac@1.0.0: { os: [darwin] }',
        'snapshots:\n  a@1.0.0(b@1.0.0):\n    dependencies: { b: 1.0.0 }',
        '    optionalDependencies: { mac: 1.0.0 }',
        '  b@1.0.0: {}\n  c@3.0.0: {}\n  mac@1.0.0: {}',
      ].join('\n'),
    };
    const weights = weightsOf('pnpm install --frozen-lockfile', own, made);
    expect(modulesOf(weights).what).toBe('3 packages of pnpm');
    expect(weights![1]).toMatchObject({ path: 'root/.local/share/pnpm/store' });
    // Its files are those of node_modules.
    expect(weights![1]!.amount!.bytes).toBeLessThan(3 * 10_000);
    expect(modulesOf(weightsOf('pnpm install --prod', own, made)).what).toBe('2 packages of pnpm');
  });

  it('of bun is followed from the workspaces', () => {
    const own = {
      'package.json': manifest,
      'bun.lock': `{ "lockfileVersion": 1,
        "workspaces": { "": { "dependencies": { "a": "^1" }, "devDependencies": { "c": "*" }, }, },
        "packages": {
          "a": ["a@1.0.0", "", { "dependencies": { "b": "^1" } }, "sha"],
          "a/b": ["b@1.0.0", "", {}, "sha"],
          "b": ["b@2.0.0", "", {}, "sha"],
          "c": ["c@3.0.0", "", { "dependencies": { "b": "^2" } }, "sha"],
        } }`,
    };
    expect(modulesOf(weightsOf('bun install', own, made)).what).toBe('4 packages of bun');
    expect(bytesOf(weightsOf('bun install --production', own, made))).toBe(1500);
  });
});

describe('without a lockfile', () => {
  const files = { 'package.json': manifest };

  it('rows say what comes along, in a wide range', () => {
    const weights = weightsOf('npm install', files, made);
    expect(bytesOf(weights)).toBe(2000 + 500 + 100 + 3 * RECORD);
    const { low, bytes, high, basis } = modulesOf(weights).amount!;
    expect([low < 0.6 * bytes, high > 1.9 * bytes, basis]).toEqual([true, true, 'model']);
    // npm has to ask what there is.
    expect(weights![1]!.amount!.bytes).toBeGreaterThan(60_000);
  });

  it('packages that are added by name come to those of the project', () => {
    expect(modulesOf(weightsOf('npm install puppeteer@22', files, made)).what).toBe(
      '4 packages of npm',
    );
  });

  it('nothing is known where there is no project', () => {
    expect(weightsOf('npm ci', {}, made)).toMatchObject([
      { path: 'app/node_modules', amount: undefined },
    ]);
  });
});

describe('places', () => {
  const files = {
    'package.json': manifest,
    'package-lock.json': lock({ 'node_modules/a': entry('1.0.0') }),
  };
  const cacheOf = (command: string, given: Partial<WorkScope> = {}) =>
    weightsOf(command, files, made, given)!.find(({ kind }) => kind === 'leavings')?.path;

  it('follow the user, and what the author says', () => {
    expect(cacheOf('npm ci', { user: 'app' })).toBe('home/app/.npm');
    expect(cacheOf('npm ci --cache /opt/npm')).toBe('opt/npm');
    const variable = (name: string) => (name === 'npm_config_cache' ? '/var/npm' : '');
    expect(cacheOf('npm ci', { variable })).toBe('var/npm');
    const home = (name: string) => (name === 'HOME' ? '/srv' : '');
    expect(cacheOf('npm ci', { variable: home })).toBe('srv/.npm');
  });

  it('of global packages are those of npm', () => {
    expect(weightsOf('npm install -g a@2 c', files, made)).toMatchObject([
      { path: 'usr/local/lib/node_modules/a', amount: { bytes: 5600 } },
      { path: 'usr/local/lib/node_modules/c', amount: { bytes: 100 } },
      { path: 'root/.npm', kind: 'leavings' },
    ]);
    expect(weightsOf('yarn global add a', files, made)![0]).toMatchObject({
      path: 'usr/local/share/.config/yarn/global',
      amount: { bytes: 5600 },
    });
    expect(weightsOf('npm install -g $TOOL', files, made)![0]!.amount).toBeUndefined();
  });
});

describe('scripts of packages', () => {
  const files = {
    'package.json': '{ "dependencies": { "puppeteer": "22" } }',
    'package-lock.json': lock({ 'node_modules/puppeteer': entry('22.0.0') }),
  };
  const paths = (command: string, given: Partial<WorkScope> = {}) =>
    weightsOf(command, files, made, given)!.map(({ path }) => path);

  it('fetch into the home folder', () => {
    expect(paths('npm ci')).toEqual(['app/node_modules', 'root/.cache/puppeteer', 'root/.npm']);
  });

  it('fetch nothing where they do not run, or are told not to', () => {
    expect(paths('npm ci --ignore-scripts')).toEqual(['app/node_modules', 'root/.npm']);
    const variable = (name: string) => (name === 'PUPPETEER_SKIP_DOWNLOAD' ? 'true' : '');
    expect(paths('npm ci', { variable })).toEqual(['app/node_modules', 'root/.npm']);
  });
});

describe('after an install', () => {
  const files = {
    'package.json': manifest,
    'package-lock.json': lock({
      'node_modules/a': entry('1.0.0'),
      'node_modules/c': entry('3.0.0', { dev: true }),
    }),
  };

  it('pruning puts nothing into its layer, and says what is left', () => {
    expect(weightsOf('npm prune --omit=dev', files, made)).toEqual([]);
    expect(productionModules('app', scopeOf(files, made))!.bytes).toBe(1000 + RECORD);
  });

  it('a second one that only leaves out puts nothing there either', () => {
    const command = 'npm ci && npm install --omit=dev';
    expect(weightsOf(command, files, made)).toEqual([]);
    expect(bytesOf(weightsOf('npm ci && npm ci --omit=dev', files, made))).toBe(1000 + RECORD);
  });

  it('other commands of the tools put nothing there', () => {
    for (const each of ['npm cache clean --force', 'npm config set x y', 'pnpm store prune']) {
      expect(weightsOf(each, files, made)).toEqual([]);
    }
    expect(weightsOf('make', files, made)).toBeUndefined();
  });
});

/** A base with Node.js in a release as exact as its tag says. */
function withNode(version: string): WorkScope['image'] {
  const image = { name: 'node', tag: version, runtimes: new Map([['node', version]]) };
  return image as unknown as WorkScope['image'];
}

describe('what Node.js keeps of programs', () => {
  const typed = (version: string) => ({
    'package.json':
      '{ "scripts": { "build": "tsc" }, "devDependencies": { "typescript": "^5.0.0" } }',
    'package-lock.json': lock({ 'node_modules/typescript': entry(version, { dev: true }) }),
  });
  const kept = (command: string, given: Partial<WorkScope> = {}, files = typed('5.9.0')) =>
    weightsOf(command, files, facts, { image: withNode('22'), ...given })!.filter(({ path }) =>
      path.includes('compile-cache'),
    );

  it('is there from Node.js 22 on, unless it is told not to', () => {
    expect(kept('npm ci')).toMatchObject([
      { path: 'tmp/node-compile-cache/npm', kind: 'leavings', amount: { bytes: 1_346_000 } },
    ]);
    expect(kept('npm ci', { image: withNode('22.9.0') })).toEqual([]);
    expect(kept('npm ci', { image: withNode('22.14') })).toHaveLength(1);
    expect(kept('npm ci', { image: withNode('20') })).toEqual([]);
    expect(kept('npm ci', { image: undefined })).toEqual([]);
    const variable = (name: string) => (name === 'NODE_DISABLE_COMPILE_CACHE' ? '1' : '');
    expect(kept('npm ci', { variable })).toEqual([]);
    const folder = (name: string) => (name === 'TMPDIR' ? '/var/tmp' : '');
    expect(kept('npm ci', { variable: folder })[0]!.path).toBe('var/tmp/node-compile-cache/npm');
  });

  it('is written once', () => {
    expect(kept('npm ci && npm install')).toEqual([]);
    const [rest] = kept('npm run build && npm ci');
    const [own] = kept('npm run build');
    expect(rest!.amount!.bytes + own!.amount!.bytes).toBe(1_346_000);
    expect(rest!.path).not.toBe(own!.path);
  });

  it('has a part for each tool that asks for it', () => {
    const paths = (...args: Parameters<typeof kept>) => kept(...args).map(({ path }) => path);
    expect(paths('npm ci && npm run build')).toEqual(['tmp/node-compile-cache/tsc']);
    expect(paths('npm ci && npm run build', {}, typed('5.6.0'))).toEqual([]);
    expect(paths('npm ci && npx tsc && npm run build')).toEqual([]);
    expect(paths('npm i -g pnpm@10 && pnpm --version')).toEqual(['tmp/node-compile-cache/pnpm']);
    expect(paths('npm i -g pnpm@9 && pnpm --version')).toEqual([]);
    const older = kept('npm i -g pnpm@10 && pnpm --version')[0]!.amount!.bytes;
    expect(kept('npm i -g pnpm@11 && pnpm --version')[0]!.amount!.bytes).toBeGreaterThan(older);
  });

  it('has that of tools which run in members of a workspace', () => {
    const files = {
      'package.json': '{ "private": true }',
      'pnpm-workspace.yaml': 'packages: [packages/*]',
      'packages/p/package.json': '{ "name": "p", "scripts": { "build": "tsc" } }',
    };
    const paths = (command: string) =>
      weightsOf(command, files, facts, { image: withNode('22') })!.map(({ path }) => path);
    expect(paths('pnpm -r build')).toContain('tmp/node-compile-cache/tsc');
    expect(paths('pnpm -r test')).not.toContain('tmp/node-compile-cache/tsc');
  });

  it('is Yarn’s own cache for any release', () => {
    const given = { image: withNode('18') };
    expect(kept('yarn --version', given)).toMatchObject([{ path: 'tmp/v8-compile-cache-0' }]);
    expect(kept('yarn install && yarn build', given)).toEqual([]);
  });
});

describe('archives in the cache of npm', () => {
  const share = (name: string, kilobytes: number): number => {
    const units = (kilobytes * 10).toString(36);
    const known = { ...made, npmSizes: { ...made.npmSizes, names: name, rows: `1.0.0:${units}` } };
    const files = {
      'package.json': `{ "dependencies": { "${name}": "1" } }`,
      'package-lock.json': lock({ [`node_modules/${name}`]: entry('1.0.0') }),
    };
    const { amount } = weightsOf('npm ci', files, known)!.find(({ path }) => path === 'root/.npm')!;
    return (amount!.bytes - 1100) / (kilobytes * 1000);
  };

  it('take less of what is large, and more of programs', () => {
    expect(share('a', 2)).toBeCloseTo(0.57);
    expect(share('a', 200)).toBeGreaterThan(0.2);
    expect(share('a', 200)).toBeLessThan(0.3);
    expect(share('a', 20_000)).toBeLessThan(0.19);
    expect(share('@a/linux-x64-gnu', 20_000)).toBeCloseTo(0.38);
  });
});

describe('documents about packages', () => {
  /** The second has 50 kB, and 30 kB beside for other platforms. */
  const known: Facts = {
    ...made,
    npmSizes: { ...made.npmSizes, names: 'a b', rows: '1.0.0:a;;;2s\n1.0.0:5;;;1e u' },
  };
  const bytes = (names: string, isResolved: boolean): number =>
    documentsOf(
      names.split(' ').map((name) => ({ name, version: undefined })),
      isResolved,
      known.npmSizes,
    ).bytes;

  it('count once, with those for other platforms where packages are looked for', () => {
    expect(bytes('a b', false)).toBe(150_000);
    expect(bytes('a a b', true)).toBe(180_000);
    expect(bytes('x', true)).toBeGreaterThan(0);
  });

  it('lie in the cache where the lockfile does not say where packages are', () => {
    const files = (address: object) => ({
      'package.json': '{ "dependencies": { "a": "1" } }',
      'package-lock.json': lock({ 'node_modules/a': { version: '1.0.0', ...address } }),
    });
    const cache = (given: Readonly<Record<string, string>>): number =>
      weightsOf('npm ci', given, known)!.find(({ path }) => path === 'root/.npm')!.amount!.bytes;
    const address = { resolved: 'https://registry.example/a.tgz' };
    expect(cache(files({})) - cache(files(address))).toBeCloseTo(100_000);
    expect(cache(files({ resolved: 'packages/a' }))).toBeCloseTo(cache(files({})));
  });

  const asked = '{ "dependencies": { "a": "1" }, "devDependencies": { "b": "1" } }';
  const address = { resolved: 'https://registry.example/x.tgz' };
  const cached = (
    command: string,
    given: Readonly<Record<string, string>>,
    scope: Partial<WorkScope> = {},
  ): Weight | undefined =>
    weightsOf(command, given, known, scope)!.find(({ path }) => path === 'root/.npm');

  it('lie there for each package of which the lockfile does not say where it is', () => {
    const files = (one: object, other: object) => ({
      'package.json': asked,
      'package-lock.json': lock({
        'node_modules/a': { version: '1.0.0', ...one },
        'node_modules/b': { version: '1.0.0', ...other },
      }),
    });
    const cacheOf = (one: object, other: object): number =>
      cached('npm ci', files(one, other))!.amount!.bytes;
    const least = cacheOf(address, address);
    expect(cacheOf({}, address) - least).toBeCloseTo(100_000);
    expect(cacheOf(address, {}) - least).toBeCloseTo(50_000);
    expect(cacheOf({ inBundle: true }, address) - least).toBeCloseTo(0);
  });

  const old = {
    'package.json': asked,
    'package-lock.json': JSON.stringify({
      lockfileVersion: 1,
      dependencies: {
        a: { version: '1.0.0', ...address },
        b: { version: '1.0.0', dev: true, ...address },
      },
    }),
  };

  it('lie there for all that a lockfile of npm 6 names, where npm is newer', () => {
    const [newer, older] = ['16', '14'].map(
      (version) => cached('npm ci --omit=dev', old, { image: withNode(version) })!.amount!.bytes,
    );
    expect(newer! - older!).toBeCloseTo(150_000);
  });

  it('come again at a prune where the cache was emptied', () => {
    const image = withNode('22');
    const prune = cached('npm ci && npm prune --omit=dev', old, { image })!;
    expect(prune.amount!.bytes).toBeCloseTo(150_000);
    expect(prune.again!.bytes).toBeLessThan(100_000);
    expect(cached('npm prune --omit=dev', old, { image: withNode('14') })).toBeUndefined();
  });

  it('and packages are not fetched again by a second install', () => {
    const image = withNode('22');
    const first = cached('npm ci', old, { image })!;
    expect(first.again).toBeUndefined();
    const second = cached('npm ci && npm ci --omit=dev', old, { image })!;
    expect(second.again!.bytes).toBeLessThan(second.amount!.bytes / 2);
  });
});

describe('Corepack', () => {
  const files = { 'package.json': '{ "packageManager": "pnpm@9.15.0+sha512.abc" }' };
  const paths = (command: string) =>
    weightsOf(command, files, facts)!
      .map(({ path }) => path)
      .filter((path) => path.includes('corepack'));

  it('fetches what it is told to, and what is called first, once', () => {
    expect(paths('corepack enable')).toEqual([]);
    expect(paths('corepack prepare yarn@1.22.22 --activate')).toEqual([
      'root/.cache/node/corepack/v1/yarn',
    ]);
    expect(paths('corepack install')).toEqual(['root/.cache/node/corepack/v1/pnpm']);
    expect(paths('corepack enable && pnpm install')).toEqual(paths('corepack install'));
    expect(paths('corepack enable && corepack install && pnpm install')).toEqual([]);
    expect(paths('corepack enable && pnpm install && pnpm build')).toEqual([]);
    expect(paths('pnpm install')).toEqual([]);
  });

  it('fetches another package for later Yarns', () => {
    const bytes = (spec: string) =>
      weightsOf(`corepack prepare ${spec} --activate`, files, facts)![0]!.amount!.bytes;
    expect(bytes('yarn@1.22.22')).not.toBe(bytes('yarn@4.5.0'));
    expect(bytes('yarn@stable')).toBe(bytes('yarn@4.5.0'));
    expect(bytes('pnpm@9.15.0')).toBeGreaterThan(10_000_000);
  });
});

describe('tools that are installed globally', () => {
  it('are known by their rows', () => {
    const mb = (spec: string): number =>
      weightsOf(`npm install -g ${spec}`, {}, facts)![0]!.amount!.bytes / 1e6;
    // Counted in node:22: 17.4 MB.
    expect(mb('pnpm@9')).toBeGreaterThan(16);
    expect(mb('pnpm@9')).toBeLessThan(19);
    // All that it needs is packed into it.
    expect(mb('npm@10')).toBeGreaterThan(8);
  });
});

describe('an add-on of the project', () => {
  const files = (scripts: object) => ({
    'package.json': JSON.stringify({ name: 'x', scripts }),
    'binding.gyp': '{}',
    'src/x.c': 'int x;',
  });
  const paths = (command: string, scripts: object = {}, given: Partial<WorkScope> = {}) =>
    weightsOf(command, files(scripts), facts, given)!.map(({ path }) => path);
  const GYP = 'usr/local/lib/node_modules/npm/node_modules/node-gyp/gyp';

  it('is compiled by an install, with headers that are fetched', () => {
    expect(paths('npm install')).toEqual(['app/build', GYP, 'root/.cache/node-gyp']);
    expect(paths('npm install', { install: 'node-gyp rebuild' })).toHaveLength(3);
    const variable = (name: string) => (name === 'npm_config_nodedir' ? '/usr/local' : '');
    expect(paths('npm install', {}, { variable })).toEqual(['app/build', GYP]);
  });

  it('is not where scripts do something else, or do not run', () => {
    expect(paths('npm install', { install: 'cmake .' })).toEqual([]);
    expect(paths('npm install --ignore-scripts')).toEqual([]);
  });
});

describe('folders of the project that packages are linked to', () => {
  it('weigh nothing once more', () => {
    const files = {
      'package.json': '{ "dependencies": { "f": "file:./f" } }',
      'f/package.json': '{ "name": "f", "version": "1.0.0" }',
    };
    expect(weightsOf('npm install', files, made)).toEqual([]);
    const locked = {
      ...files,
      'package-lock.json': lock({
        'node_modules/f': { resolved: 'f', link: true },
        f: { version: '1.0.0' },
      }),
    };
    expect(weightsOf('npm ci', locked, made)).toEqual([]);
    expect(weightsOf('npm link', locked, made)).toEqual([]);
  });
});
