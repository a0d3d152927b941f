import { describe, expect, it } from 'vitest';
import type { Tree } from '../support/contexts.ts';
import { seen } from './support.ts';

function manifest(fields: object): string {
  return JSON.stringify({ name: 'app', ...fields });
}

function scripts(all: Readonly<Record<string, string>>): Tree {
  return { 'package.json': manifest({ scripts: all }), 'index.js': 100 };
}

const PLAIN: Tree = {
  'package.json': manifest({}),
  'package-lock.json': '{}',
  'yarn.lock': '# yarn lockfile v1',
  '.npmrc': '',
  'index.js': 100,
};

describe('an install of a Node project', () => {
  it.each([
    ['npm ci', ['.npmrc', 'package-lock.json', 'package.json']],
    ['npm install', ['.npmrc', 'package-lock.json', 'package.json', 'yarn.lock']],
    ['npm i --omit=dev --silent', ['.npmrc', 'package-lock.json', 'package.json', 'yarn.lock']],
    ['sudo -E npm clean-install', ['.npmrc', 'package-lock.json', 'package.json']],
    ['yarn', ['.npmrc', 'package.json', 'yarn.lock']],
    ['yarn install --frozen-lockfile', ['.npmrc', 'package.json', 'yarn.lock']],
    ['pnpm i', ['.npmrc', 'package.json']],
  ])('%s reads %j', (command, reads) => {
    expect(seen(command, PLAIN)).toEqual({ reads, writes: ['node_modules'] });
  });

  it.each([
    'npm install express',
    'npm install -g pm2',
    'npm install --location=global pm2',
    'npm run build',
    'npm test',
    'npm --version',
    'npm install $PACKAGES',
    'yarn build',
    'yarn add express',
    'yarn global add serve',
    'yarn --version',
    'pnpm add express',
    'pnpm --version',
    'npx create-react-app x',
    'make',
  ])('is not: %s', (command) => {
    expect(seen(command, PLAIN)).toBeUndefined();
  });

  it('runs in the folder that its options name', () => {
    const tree = { 'client/package.json': manifest({}), 'package.json': manifest({}) };
    const client = { reads: ['client/package.json'], writes: ['client/node_modules'] };
    expect(seen('npm install --prefix client', tree)).toEqual(client);
    expect(seen('npm --prefix ./client ci', tree)).toEqual(client);
    expect(seen('yarn --cwd client', tree)).toEqual(client);
    expect(seen('pnpm -C client install', tree)).toEqual(client);
    expect(seen('npm ci', tree, { folder: 'client' })).toEqual(client);
    expect(seen('npm install --prefix ../client', tree, { folder: 'server' })).toEqual(client);
    const unknown = { folder: 'the WORKDIR of the base' };
    expect(seen('npm install --prefix ../client', tree, unknown)?.why).toBe(
      '../client is not known',
    );
  });

  it('needs a manifest', () => {
    expect(seen('npm ci', {})?.why).toMatch(/^nothing that is copied before it is a package\.json/);
    expect(seen('npm ci', { 'src/': { unknown: 'cannot be read' } }, { folder: 'src' })?.why).toBe(
      'src cannot be read',
    );
  });

  it('refuses what cannot be read', () => {
    expect(seen('npm ci', { 'package.json': '{ // a comment' })?.why).toBe(
      'package.json cannot be read',
    );
    expect(seen('npm ci', { 'package.json': 5_000_000 })?.why).toMatch(/^package\.json /);
    expect(seen('npm ci --prefix=$FOLDER', PLAIN)?.why).toBe(
      'nobody knows what --prefix=$FOLDER says',
    );
    expect(
      seen('npm ci', { 'package.json': { target: 'other.json' }, 'other.json': '{}' })?.why,
    ).toBe('package.json is a symbolic link');
  });

  it('takes a manifest with a byte order mark', () => {
    expect(seen('npm ci', { 'package.json': '\ufeff{}' })?.why).toBeUndefined();
  });
});

describe('workspaces', () => {
  const members: Tree = {
    'package.json': manifest({ workspaces: ['apps/*', 'libs/**', '!libs/old'] }),
    'apps/web/package.json': manifest({}),
    'apps/web/src/package.json': manifest({}),
    'libs/a/b/package.json': manifest({ bin: { b: './cli.js', c: 'none.js' } }),
    'libs/a/b/cli.js': 10,
    'libs/old/package.json': manifest({}),
    'libs/a/node_modules/x/package.json': manifest({}),
    'tools/package.json': manifest({}),
  };
  const all = {
    reads: ['apps/web/package.json', 'libs/a/b/cli.js', 'libs/a/b/package.json', 'package.json'],
    writes: ['apps/web/node_modules', 'libs/a/b/node_modules', 'node_modules'],
  };

  it('are read with the commands that they bring', () => {
    expect(seen('npm ci', members)).toEqual(all);
  });

  it('are found from one of them', () => {
    expect(seen('npm ci', members, { folder: 'apps/web' })).toEqual(all);
    const alone = { reads: ['tools/package.json'], writes: ['tools/node_modules'] };
    expect(seen('npm ci', members, { folder: 'tools' })).toEqual(alone);
  });

  it('run their scripts', () => {
    const tree = {
      ...members,
      'apps/web/package.json': manifest({ scripts: { prepare: 'tsc' } }),
    };
    expect(seen('npm ci', tree)?.why).toBe(
      'the prepare script of /apps/web runs "tsc", which may read the sources',
    );
    expect(seen('npm ci --ignore-scripts', tree)?.reads).toEqual(all.reads);
  });

  it('of pnpm are in a file of their own', () => {
    const tree = {
      'package.json': manifest({ workspaces: ['ignored'] }),
      'pnpm-workspace.yaml': 'packages:\n  - "packages/*"\ncatalog:\n  left: ^1.0.0\n',
      'packages/one/package.json': manifest({}),
      'ignored/package.json': manifest({}),
    };
    expect(seen('pnpm install', tree)?.reads).toEqual([
      'package.json',
      'packages/one/package.json',
      'pnpm-workspace.yaml',
    ]);
    const broken = { ...tree, 'pnpm-workspace.yaml': 'packages: [' };
    expect(seen('pnpm install', broken)?.why).toBe('pnpm-workspace.yaml cannot be read');
  });
});

describe('scripts that run at an install', () => {
  it.each([
    'husky install',
    'husky',
    'npx husky install .config/husky',
    'is-ci || husky install',
    'echo done',
    'node --version',
    'opencollective postinstall || exit 0',
    'only-allow pnpm',
    'cross-env CI=1 is-ci',
    'patch-package',
    'prisma generate',
    'npm run nothing-of-that-name || true',
  ])('%s', (prepare) => {
    const why = seen('npm ci', scripts({ prepare }))?.why;
    if (prepare.startsWith('npm run')) expect(why).toMatch(/^the prepare script runs "npm run/);
    else expect(why).toBeUndefined();
  });

  it.each([
    'node build.js',
    'tsc',
    'node -e "require(\'./x\')"',
    'husky install && node x.js',
    'echo done > done.txt',
    'rm -rf dist',
    '$npm_execpath run build',
    'nuxt prepare',
    'cd lib && node build.js',
  ])('%s refuses', (postinstall) => {
    const why = seen('npm ci', scripts({ postinstall }))?.why;
    expect(why).toMatch(/^the postinstall script runs ".*", which may read the sources$/);
  });

  it('refuses what is not understood', () => {
    const why = seen('npm ci', scripts({ postinstall: 'if then fi' }))?.why;
    expect(why).toBe('the postinstall script is not understood');
  });

  it('are followed through those that they run', () => {
    const harmless = scripts({ prepare: 'npm run hooks', hooks: 'husky', build: 'tsc' });
    expect(seen('npm ci', harmless)?.why).toBeUndefined();
    const needy = scripts({ prepare: 'yarn hooks', hooks: 'husky', prehooks: 'tsc' });
    expect(seen('npm ci', needy)?.why).toBe(
      'the prehooks script runs "tsc", which may read the sources',
    );
    expect(seen('npm ci', scripts({ prepare: 'npm run prepare' }))?.why).toBeUndefined();
  });

  it('install elsewhere, which is read as well', () => {
    const tree = {
      'package.json': manifest({ scripts: { postinstall: 'cd client && npm install' } }),
      'client/package.json': manifest({ scripts: { postinstall: 'npm install' } }),
    };
    expect(seen('npm ci', tree)).toEqual({
      reads: ['client/package.json', 'package.json'],
      writes: ['client/node_modules', 'node_modules'],
    });
  });

  it('do not run where that is said', () => {
    const tree = scripts({ postinstall: 'node build.js' });
    const reads = ['package.json'];
    expect(seen('npm ci --ignore-scripts', tree)?.reads).toEqual(reads);
    const settings = { ...tree, '.npmrc': 'ignore-scripts=true\n' };
    expect(seen('npm ci', settings)?.reads).toEqual(['.npmrc', ...reads]);
    const env = { npm_config_ignore_scripts: 'true' };
    expect(seen('npm ci', tree, { env })?.reads).toEqual(reads);
    expect(seen('npm ci', scripts({ build: 'tsc', prepack: 'tsc' }))?.reads).toEqual(reads);
  });

  it('compile an add-on where there is one', () => {
    const tree = { ...PLAIN, 'binding.gyp': '{}' };
    expect(seen('npm ci', tree)?.why).toMatch(/binding\.gyp/);
    expect(seen('npm ci --ignore-scripts', tree)?.why).toBeUndefined();
  });

  it('of a newer yarn are fewer', () => {
    const tree = {
      'package.json': manifest({ packageManager: 'yarn@4.1.0', scripts: { prepare: 'tsc' } }),
      '.yarnrc.yml': '',
    };
    expect(seen('yarn install --immutable', tree)?.why).toBeUndefined();
    const older = { 'package.json': manifest({ scripts: { prepare: 'tsc' } }), '.yarnrc.yml': '' };
    expect(seen('yarn install --immutable', older)?.why).toMatch(/"tsc"/);
  });

  it('fail without a Git repository', () => {
    const tree = scripts({ prepare: 'lefthook install' });
    expect(seen('npm ci', tree)?.why).toBeUndefined();
    expect(seen('npm ci', { ...tree, '.git/HEAD': 'ref' })?.why).toMatch(/\.git is there$/);
  });
});

describe('dependencies', () => {
  const withDependency = (spec: string, more: Tree = {}): Tree => ({
    'package.json': manifest({ dependencies: { lib: spec } }),
    'lib/package.json': manifest({}),
    'archives/lib-1.tgz': 100,
    ...more,
  });

  it.each(['file:lib', 'file:./lib', 'link:./lib', 'portal:lib', './lib', '../lib', 'exec:./x.js'])(
    '%s refuses',
    (spec) => {
      expect(seen('npm ci', withDependency(spec))?.why).toMatch(/^lib is /);
    },
  );

  it.each([
    '^1.0.0',
    'owner/repository',
    'git+https://example.com/lib.git',
    'npm:left@1',
    'workspace:*',
  ])('%s is from elsewhere', (spec) => {
    expect(seen('npm ci', withDependency(spec))?.reads).toEqual(['package.json']);
  });

  it.each(['file:archives/lib-1.tgz', './archives/lib-1.tgz', 'archives/lib-1.tgz'])(
    '%s is read',
    (spec) => {
      const { reads } = seen('npm ci', withDependency(spec))!;
      expect(reads).toEqual(['archives/lib-1.tgz', 'package.json']);
    },
  );

  it('may be overridden by a folder', () => {
    const tree = {
      'package.json': manifest({ overrides: { a: { b: 'file:./lib' } } }),
      'lib/package.json': '{}',
    };
    expect(seen('npm ci', tree)?.why).toBe('b is a folder of the project: file:./lib');
  });

  it('are patched by files of the project', () => {
    const tree = {
      'package.json': manifest({
        packageManager: 'yarn@4.1.0',
        resolutions: { 'left@npm:1.0.0': 'patch:left@npm%3A1.0.0#~/fixes/left.patch' },
      }),
      'fixes/left.patch': 10,
    };
    expect(seen('yarn --immutable', tree)?.reads).toContain('fixes/left.patch');
  });

  it('generate a client from a schema', () => {
    const tree = {
      'package.json': manifest({
        dependencies: { '@prisma/client': '5' },
        prisma: { schema: 'db/main.prisma' },
      }),
      'db/main.prisma':
        'generator client {\n  provider = "prisma-client-js"\n  output = "../src/db"\n}\n',
      'prisma/seed.ts': 100,
    };
    expect(seen('npm ci', tree)).toEqual({
      reads: ['db/main.prisma', 'package.json', 'prisma'],
      writes: ['node_modules', 'src/db'],
    });
    expect(seen('npm ci', { ...tree, 'prisma.config.ts': 100 })?.why).toMatch(/prisma\.config\.ts/);
  });

  it('are also those that the lockfile names', () => {
    const tree = {
      'package.json': manifest({ dependencies: { other: '1' } }),
      'package-lock.json': '{ "packages": { "node_modules/puppeteer": {} } }',
      '.puppeteerrc.cjs': 100,
    };
    expect(seen('npm ci', tree)?.reads).toContain('.puppeteerrc.cjs');
  });
});

describe('a newer yarn', () => {
  const project = (lock: string, rc = ''): Tree => ({
    'package.json': manifest({ packageManager: 'yarn@4.1.0', dependencies: { left: '^1.0.0' } }),
    'yarn.lock': lock,
    '.yarnrc.yml': rc,
    '.yarn/releases/yarn-4.1.0.cjs': 100,
    '.yarn/install-state.gz': 100,
    'plugins/own.cjs': 100,
  });
  const lock = '__metadata:\n  version: 8\n\n"left@npm:^1.0.0":\n  version: 1.0.0\n';

  it('reads its releases and plugins, and writes its state', () => {
    const { reads, writes } = seen('yarn', project(lock, 'plugins:\n  - path: plugins/own.cjs\n'))!;
    expect(reads).toEqual([
      '.yarn/releases',
      '.yarnrc.yml',
      'package.json',
      'plugins/own.cjs',
      'yarn.lock',
    ]);
    expect(writes).toContain('.yarn/install-state.gz');
    expect(writes).toContain('.pnp.cjs');
  });

  it('would write a lockfile that is behind', () => {
    const behind = '__metadata:\n  version: 8\n';
    expect(seen('yarn', project(behind))?.why).toMatch(/^yarn\.lock has no left@\^1\.0\.0/);
    expect(seen('yarn --immutable', project(behind))?.why).toBeUndefined();
    expect(seen('yarn', project('# yarn lockfile v1'))?.why).toMatch(/anew/);
  });
});

describe('bun and bower', () => {
  it('are known', () => {
    const tree = { 'package.json': manifest({}), 'bun.lock': '{}', 'bower.json': '{}' };
    expect(seen('bun install --frozen-lockfile', tree)?.reads).toEqual([
      'bun.lock',
      'package.json',
    ]);
    expect(seen('bun add left', tree)).toBeUndefined();
    expect(
      seen('bower install --allow-root', { ...tree, '.bowerrc': '{"directory":"lib"}' }),
    ).toEqual({
      reads: ['.bowerrc', 'bower.json'],
      writes: ['lib'],
    });
  });
});
