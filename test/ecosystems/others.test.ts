import { describe, expect, it } from 'vitest';
import type { Tree } from '../support/contexts.ts';
import { seen } from './support.ts';

describe('go mod download', () => {
  const project: Tree = {
    'go.mod': 'module a\n\nrequire (\n\tx.org/y v1.2.3\n\tz.org/w v0.1.0 // indirect\n)\n',
    'go.sum': 'x.org/y v1.2.3 h1:a=\nx.org/y v1.2.3/go.mod h1:b=\nz.org/w v0.1.0 h1:c=\n',
    'main.go': 10,
  };

  it('reads the module and its sums', () => {
    expect(seen('go mod download', project)).toEqual({ reads: ['go.mod', 'go.sum'], writes: [] });
    expect(seen('go mod download -x', project)?.reads).toEqual(['go.mod', 'go.sum']);
    expect(seen('go mod download x.org/y', project)).toBeUndefined();
    expect(seen('go mod tidy', project)).toBeUndefined();
    expect(seen('go build', project)).toBeUndefined();
  });

  it('reads the go.mod of modules in folders', () => {
    const tree = {
      ...project,
      'go.mod': 'module a\nrequire b.org/c v0.0.0\nreplace b.org/c => ./c\n',
      'c/go.mod': 'module b.org/c\nreplace d.org/e v1.0.0 => ../e\n',
      'e/go.mod': 'module d.org/e\n',
    };
    expect(seen('go mod download', tree)?.reads).toEqual([
      'c/go.mod',
      'e/go.mod',
      'go.mod',
      'go.sum',
    ]);
    expect(
      seen('go mod download', { ...tree, 'go.mod': 'replace b.org/c => ./none\n' })?.why,
    ).toMatch(/^\.\/none takes the place/);
  });

  it('reads a workspace', () => {
    const tree = {
      'go.work': 'go 1.24\nuse (\n\t./one // the first\n\t./two\n)\n',
      'go.work.sum': '',
      'one/go.mod': 'module one\n',
      'two/go.mod': 'module two\n',
    };
    expect(seen('go mod download', tree)?.reads).toEqual([
      'go.work',
      'go.work.sum',
      'one/go.mod',
      'two/go.mod',
    ]);
    expect(seen('go mod download', tree, { env: { GOWORK: 'off' } })?.why).toMatch(/go\.mod in \//);
  });

  it('would complete a go.sum', () => {
    const tree = { ...project, 'go.sum': 'x.org/y v1.2.3/go.mod h1:b=\n' };
    expect(seen('go mod download', tree)?.why).toMatch(/^go\.sum has no x\.org\/y v1\.2\.3/);
    const none = { 'go.mod': project['go.mod']! };
    expect(seen('go mod download', none)?.reads).toEqual(['go.mod']);
  });
});

describe('bundle install', () => {
  const gemfile = (text: string, more: Tree = {}): Tree => ({
    Gemfile: `source "https://rubygems.org"\n${text}\n`,
    'Gemfile.lock': 'GEM\n  specs:\n',
    'app.rb': 10,
    ...more,
  });

  it('reads the Gemfile and its lockfile', () => {
    const tree = gemfile('gem "rails"\n# path: nowhere\ngroup :test do\n  gem "rspec"\nend');
    expect(seen('bundle install --jobs 4', tree)).toEqual({
      reads: ['Gemfile', 'Gemfile.lock'],
      writes: [],
    });
    expect(seen('bundle', tree)?.reads).toEqual(['Gemfile', 'Gemfile.lock']);
    expect(seen('bundle exec rake', tree)).toBeUndefined();
    expect(seen('bundle config set without dev', tree)).toBeUndefined();
  });

  it.each([
    'gemspec',
    'gem "own", path: "engines/own"',
    "gem 'own', :path => 'own'",
    'path "engines" do\n  gem "a"\nend',
    'eval_gemfile "Gemfile.local"',
    'require_relative "lib/version"',
    'gem "x", File.read("VERSION")',
    'Dir["engines/*"].each { |d| gem d }',
    'gem "x" if `uname`.include?("Linux")',
  ])('refuses %j', (text) => {
    expect(seen('bundle install', gemfile(text))?.why).toMatch(/^the Gemfile may read the sources/);
  });

  it.each(["ruby file: '.ruby-version'", 'ruby File.read(".ruby-version").strip'])('%s', (text) => {
    const tree = gemfile(text, { '.ruby-version': '3.3.0\n' });
    expect(seen('bundle install', tree)?.reads).toContain('.ruby-version');
  });

  it('looks at what the lockfile and the settings say', () => {
    const local = gemfile('gem "a"', { 'Gemfile.lock': 'PATH\n  remote: engines/a\n' });
    expect(seen('bundle install', local)?.why).toBe('a gem lies in a folder of the project');
    const settings = { '.bundle/config': '---\nBUNDLE_PATH: "vendor/bundle"\n' };
    expect(seen('bundle install', gemfile('', settings))?.writes).toEqual(['vendor/bundle']);
    expect(seen('bundle install --without test', gemfile('', settings))?.why).toMatch(/\.bundle/);
    expect(seen('bundle install --deployment', gemfile(''))?.writes).toEqual(['vendor/bundle']);
    const cached = gemfile('', { 'vendor/cache/a.gem': 10 });
    expect(seen('bundle install --local', cached)?.reads).toContain('vendor/cache');
  });
});

describe('composer install', () => {
  const project = (manifest: object, lock: object = { packages: [] }): Tree => ({
    'composer.json': JSON.stringify(manifest),
    'composer.lock': JSON.stringify(lock),
    'src/A.php': 10,
  });
  const PLAIN = { autoload: { 'psr-4': { 'A\\': 'src/' }, files: ['src/helpers.php'] } };

  it('reads its two files', () => {
    expect(seen('composer install --no-dev', project(PLAIN))).toEqual({
      reads: ['composer.json', 'composer.lock'],
      writes: ['vendor'],
    });
    expect(seen('php composer.phar install', project(PLAIN))?.reads).toHaveLength(2);
    const inside = { 'app/composer.json': '{}' };
    expect(seen('composer install -d app', inside)?.writes).toEqual(['app/vendor']);
    expect(seen('composer update', project(PLAIN))).toBeUndefined();
    expect(seen('composer require a/b', project(PLAIN))).toBeUndefined();
  });

  it('needs the sources for scripts and maps of classes', () => {
    const scripts = { scripts: { 'post-install-cmd': ['@php artisan optimize'] } };
    expect(seen('composer install', project(scripts))?.why).toBe(
      'the post-install-cmd script runs "@php artisan optimize", which may read the sources',
    );
    expect(seen('composer install --no-scripts', project(scripts))?.why).toBeUndefined();
    const map = { 'autoload-dev': { classmap: ['tests'] } };
    expect(seen('composer install', project(map))?.why).toMatch(/autoload-dev/);
    expect(seen('composer install --no-dev', project(map))?.why).toBeUndefined();
    expect(seen('composer install -o', project(PLAIN))?.why).toMatch(/optimized/);
    expect(seen('composer install -o --no-autoloader', project(PLAIN))?.why).toBeUndefined();
    const settings = { config: { 'optimize-autoloader': true } };
    expect(seen('composer install', project(settings))?.why).toMatch(/optimized/);
  });

  it('refuses plugins and packages of the project', () => {
    const plugin = { packages: [{ name: 'a/plugin', type: 'composer-plugin' }] };
    expect(seen('composer install', project({}, plugin))?.why).toBe(
      'the plugin a/plugin may read the sources',
    );
    expect(seen('composer install --no-plugins', project({}, plugin))?.why).toBeUndefined();
    const local = { repositories: [{ type: 'path', url: 'packages/*' }] };
    expect(seen('composer install', project(local))?.why).toMatch(/packages\/\*$/);
  });
});

describe('the downloads of Maven and Gradle', () => {
  it('read the poms of modules and parents', () => {
    const tree = {
      'pom.xml':
        '<project><modules><module>a</module><!-- <module>old</module> --></modules></project>',
      'a/pom.xml': '<project><parent><relativePath>../parent</relativePath></parent></project>',
      'parent/pom.xml': '<project/>',
      mvnw: 10,
      '.mvn/wrapper/maven-wrapper.properties': '',
    };
    const reads = ['.mvn', 'a/pom.xml', 'parent/pom.xml', 'pom.xml'];
    expect(seen('mvn -B dependency:go-offline', tree)?.reads).toEqual(reads);
    expect(seen('./mvnw dependency:resolve', tree)?.reads).toEqual([...reads, 'mvnw'].toSorted());
    expect(seen('mvn package', tree)).toBeUndefined();
    expect(seen('mvn dependency:go-offline package', tree)).toBeUndefined();
  });

  it('refuse what depends on files', () => {
    const pom = (inside: string): Tree => ({ 'pom.xml': `<project>${inside}</project>` });
    const profile = '<profile><activation><file><exists>x</exists></file></activation></profile>';
    expect(seen('mvn dependency:resolve', pom(profile))?.why).toMatch(/depends on files/);
    const local = '<repository><url>file://${project.basedir}/repo</url></repository>';
    expect(seen('mvn dependency:resolve', pom(local))?.why).toMatch(/archives in the project/);
    expect(seen('mvn dependency:resolve', pom('<module>none</module>'))?.why).toMatch(
      /none\/pom\.xml$/,
    );
  });

  it('read the scripts of Gradle', () => {
    const tree = {
      'settings.gradle': "include 'a'\n",
      'build.gradle': 'plugins { id "java" }\n',
      'a/build.gradle': 'dependencies { implementation "x:y:1" }\n',
      'gradle/libs.versions.toml': '',
      'src/A.java': 10,
    };
    expect(seen('gradle dependencies --no-daemon', tree)?.reads).toEqual([
      'a/build.gradle',
      'build.gradle',
      'gradle',
      'settings.gradle',
    ]);
    const reader = { ...tree, 'build.gradle': "version = file('VERSION').text\n" };
    expect(seen('gradle dependencies', reader)?.why).toMatch(/^build\.gradle may read/);
    expect(seen('gradle dependencies', { ...tree, 'buildSrc/build.gradle': '' })?.why).toMatch(
      /buildSrc/,
    );
    expect(seen('gradle build', tree)).toBeUndefined();
  });
});

describe('dotnet restore', () => {
  const project = '<Project Sdk="Microsoft.NET.Sdk"></Project>';

  it('reads the project, what it refers to, and what counts for its folder', () => {
    const tree = {
      'Directory.Build.props': '<Project><Import Project="common.props" /></Project>',
      'common.props': project,
      'nuget.config': '<configuration><add key="local" value="packages" /></configuration>',
      'packages/own.nupkg': 10,
      'web/Web.csproj': '<Project><ProjectReference Include="..\\lib\\Lib.fsproj" /></Project>',
      'web/packages.lock.json': '{}',
      'lib/Lib.fsproj': project,
      'other/Other.csproj': project,
    };
    expect(seen('dotnet restore', tree, { folder: 'web' })).toEqual({
      reads: [
        'Directory.Build.props',
        'common.props',
        'lib/Lib.fsproj',
        'nuget.config',
        'packages',
        'web/Web.csproj',
        'web/packages.lock.json',
      ],
      writes: ['lib/obj', 'web/obj'],
    });
    expect(seen('dotnet restore web/Web.csproj -r linux-x64', tree)?.writes).toEqual([
      'lib/obj',
      'web/obj',
    ]);
    expect(seen('dotnet restore', tree)?.why).toMatch(/is a project in \/$/);
    expect(seen('dotnet publish', tree)).toBeUndefined();
  });

  it('reads the projects of a solution, in both formats', () => {
    const tree = { 'a/A.csproj': project, 'b/B.csproj': project };
    const old = 'Project("{F}") = "A", "a\\A.csproj", "{1}"\nEndProject\n';
    expect(seen('dotnet restore', { ...tree, 'All.sln': old })?.reads).toEqual([
      'All.sln',
      'a/A.csproj',
    ]);
    const xml = '<Solution><Project Path="b/B.csproj" /></Solution>';
    expect(seen('dotnet restore All.slnx', { ...tree, 'All.slnx': xml })?.reads).toEqual([
      'All.slnx',
      'b/B.csproj',
    ]);
  });

  it('refuses names that are not known', () => {
    const tree = { 'A.csproj': '<Project><Import Project="$(SolutionDir)x.props" /></Project>' };
    expect(seen('dotnet restore', tree)?.why).toBe(
      'A.csproj names $(SolutionDir)x.props, which is not known',
    );
    const sdk = {
      'A.csproj': '<Project><Import Project="$(MSBuildToolsPath)/x.targets" /></Project>',
    };
    expect(seen('dotnet restore', sdk)?.why).toBeUndefined();
  });
});

describe('mix deps.get', () => {
  const MIX = 'defmodule A.MixProject do\n  defp deps, do: [{:plug, "~> 1.0"}]\nend\n';

  it('reads the manifest and the configuration', () => {
    const tree = { 'mix.exs': MIX, 'mix.lock': '%{}', 'config/config.exs': 'import Config\n' };
    const reads = ['config', 'config/config.exs', 'mix.exs', 'mix.lock'];
    expect(seen('mix deps.get --only prod', tree)).toEqual({ reads, writes: ['deps'] });
    expect(seen('mix do deps.get, deps.compile', tree)?.writes).toEqual(['_build', 'deps']);
    expect(seen('mix do deps.get, compile', tree)).toBeUndefined();
    expect(seen('mix local.hex --force', tree)).toBeUndefined();
  });

  it('reads the applications of an umbrella', () => {
    const tree = {
      'mix.exs': 'def project, do: [apps_path: "apps"]\n',
      'apps/a/mix.exs': '[{:b, in_umbrella: true}]\n',
      'apps/b/mix.exs': MIX,
    };
    expect(seen('mix deps.get', tree)?.reads).toEqual([
      'apps/a/mix.exs',
      'apps/b/mix.exs',
      'mix.exs',
    ]);
    expect(seen('mix deps.get', tree, { folder: 'apps/a' })?.why).toMatch(/folder of the project/);
  });

  it('refuses what reads files', () => {
    expect(seen('mix deps.get', { 'mix.exs': 'version: File.read!("VERSION")\n' })?.why).toMatch(
      /File/,
    );
    expect(seen('mix deps.get', { 'mix.exs': '[{:a, path: "../a"}]\n' })?.why).toMatch(/folder/);
    const config = { 'mix.exs': MIX, 'config/config.exs': 'Code.require_file("x.exs")\n' };
    expect(seen('mix deps.get', config)?.why).toMatch(/^config\/config\.exs may read/);
  });
});

describe('cargo', () => {
  it('needs the sources for a fetch, and fetches by itself in a build', () => {
    expect(seen('cargo fetch --locked', { 'Cargo.toml': '' })?.why).toMatch(/no source file$/);
    expect(seen('cargo build --release', { 'Cargo.toml': '' })).toBeUndefined();
  });
});
