/** The packages of lockfiles and manifests, each format once. */
import { describe, expect, it } from 'vitest';
import { dependenciesIn } from '../../src/ecosystems/dependencies.ts';
import type { Dependencies } from '../../src/ecosystems/dependency.ts';
import { contextFrom } from '../support/contexts.ts';

function read(files: Readonly<Record<string, string>>): readonly Dependencies[] {
  const tree = Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path, { text, isExecutable: false }]),
  );
  return dependenciesIn(Object.keys(files), contextFrom(tree));
}

const names = (files: Readonly<Record<string, string>>): string[] =>
  read(files).flatMap(({ packages }) => packages.map(({ name, version }) => `${name} ${version}`));

describe('dependenciesIn', () => {
  it('prefers a lockfile to a manifest', () => {
    const lock = {
      lockfileVersion: 3,
      packages: { '': {}, 'node_modules/a': { version: '1.0.0' } },
    };
    const [found, ...more] = read({
      'package.json': '{"dependencies":{"a":"^1","b":"^2"}}',
      'package-lock.json': JSON.stringify(lock),
    });
    expect(more).toEqual([]);
    expect(found).toMatchObject({ registry: 'npm', isComplete: true, path: 'package-lock.json' });
    expect(found!.packages.map(({ name }) => name)).toEqual(['a']);
  });

  it('reads npm, with install scripts, development, aliases, links, other systems and Git', () => {
    const packages = {
      '': {},
      'node_modules/a': { version: '1.0.0', hasInstallScript: true, dev: true },
      'node_modules/a/node_modules/@s/b': { version: '2.0.0' },
      'node_modules/alias': { name: 'real', version: '3.0.0' },
      'node_modules/linked': { link: true },
      'node_modules/fsevents': { version: '2.3.3', os: ['darwin'] },
      'node_modules/g': { version: '1.0.0', resolved: 'git+ssh://git@github.com/x/g.git#1' },
    };
    const [found] = read({ 'package-lock.json': JSON.stringify({ packages }) });
    expect(found!.packages).toMatchObject([
      { name: 'a', hasInstallScript: true, isDevelopment: true },
      { name: '@s/b', hasInstallScript: false, isDevelopment: false },
      { name: 'real', version: '3.0.0' },
      { name: 'g', from: 'git+ssh://git@github.com/x/g.git#1' },
    ]);
  });

  it('tells by the helpers that it asks for whether a package may compile', () => {
    const first = {
      dependencies: {
        a: { version: '1.0.0', requires: { bindings: '1' } },
        b: { version: '2.0.0', requires: { c: '1' }, dependencies: { c: { version: '1.0.0' } } },
      },
    };
    const [npm] = read({ 'package-lock.json': JSON.stringify(first) });
    expect(npm!.packages.map(({ name, hasInstallScript }) => [name, hasInstallScript])).toEqual([
      ['a', undefined],
      ['b', false],
      ['c', false],
    ]);
    const [yarn] = read({
      'yarn.lock':
        '# yarn lockfile v1\n\n\n"@s/a@^1", a@~1:\n  version "1.2.3"\n  dependencies:\n    nan "^2"\n\nb@1:\n  "version" "1.0.0"\n',
    });
    expect(yarn!.packages).toMatchObject([
      { name: '@s/a', version: '1.2.3', hasInstallScript: undefined },
      { name: 'b', version: '1.0.0', hasInstallScript: false },
    ]);
  });

  it('reads later yarn and pnpm', () => {
    const berry =
      '__metadata:\n  version: 8\n"a@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n"me@workspace:.":\n  version: 0\n  resolution: "me@workspace:."\n"f@npm:2":\n  version: 2.0.0\n  resolution: "f@npm:2.0.0"\n  conditions: os=darwin\n';
    expect(names({ 'yarn.lock': berry })).toEqual(['a 1.0.0']);
    const pnpm =
      "lockfileVersion: '6.0'\npackages:\n  /a@1.0.0:\n    requiresBuild: true\n  /@s/b@2.0.0(c@1.0.0):\n    dev: true\n";
    expect(names({ 'pnpm-lock.yaml': pnpm })).toEqual(['a 1.0.0', '@s/b 2.0.0']);
    expect(read({ 'pnpm-lock.yaml': pnpm })[0]!.packages[0]).toMatchObject({
      hasInstallScript: true,
    });
  });

  it('reads requirements and the lockfiles of Python', () => {
    const list =
      '-r base.txt\nFlask_Login==0.6.3 ; python_version > "3"\nuvicorn[standard]>=0.2  # web\npywin32; sys_platform == "win32"\ngit+https://example.com/x.git#egg=x\n';
    expect(names({ 'requirements.txt': list })).toEqual([
      'flask-login 0.6.3',
      'uvicorn undefined',
      'x undefined',
    ]);
    const poetry =
      '[[package]]\nname = "A.b"\nversion = "1.0"\ngroups = ["dev"]\nfiles = [{file = "a_b-1.0-py3-none-any.whl"}, {file = "a_b-1.0.tar.gz"}]\n';
    expect(read({ 'poetry.lock': poetry })[0]!.packages).toMatchObject([
      { name: 'a-b', isDevelopment: true, ready: ['a_b-1.0-py3-none-any.whl'] },
    ]);
    const uv =
      '[[package]]\nname = "me"\nversion = "0"\nsource = { virtual = "." }\n[[package]]\nname = "b"\nversion = "2"\nsource = { registry = "x" }\nwheels = [{ url = "https://example.com/b-2-cp312-cp312-musllinux_1_2_x86_64.whl" }]\n';
    expect(read({ 'uv.lock': uv })[0]!.packages).toMatchObject([
      { name: 'b', ready: ['b-2-cp312-cp312-musllinux_1_2_x86_64.whl'] },
    ]);
    expect(
      names({ 'Pipfile.lock': '{"default":{"c":{"version":"==3"}},"develop":{"d":{"git":"x"}}}' }),
    ).toEqual(['c 3', 'd undefined']);
  });

  it('reads Bundler, with the platforms that need no compiler, and composer, with extensions', () => {
    const gems =
      'GIT\n  remote: https://example.com/g.git\n  specs:\n    g (0.1)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    nokogiri (1.16.0)\n    nokogiri (1.16.0-x86_64-linux)\n      racc (~> 1.4)\n    racc (1.7.3)\n\nPLATFORMS\n  ruby\n';
    expect(read({ 'Gemfile.lock': gems })[0]!.packages).toMatchObject([
      { name: 'g', from: 'https://example.com/g.git' },
      { name: 'nokogiri', version: '1.16.0', ready: ['x86_64-linux'] },
      { name: 'racc', ready: [] },
    ]);
    const lock = {
      packages: [{ name: 'a/b', version: '1', require: { 'ext-gd': '*', php: '>=8' } }],
      'packages-dev': [{ name: 'c/d', version: '2', require: { 'ext-xdebug': '*' } }],
    };
    expect(names({ 'composer.lock': JSON.stringify(lock) })).toEqual([
      'a/b 1',
      'c/d 2',
      'ext-gd undefined',
      'ext-xdebug undefined',
    ]);
  });

  it('says nothing of what is no lockfile', () => {
    expect(read({ 'package-lock.json': 'no json', 'poetry.lock': '= =', 'a.js': 'x' })).toEqual([]);
  });
});
