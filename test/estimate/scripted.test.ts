/** Does what Python, Ruby and PHP say of their layers come near to what real builds left? */
import { describe, expect, it } from 'vitest';
import type { Amount } from '../../src/analysis/amounts.ts';
import { downloadOf, fetchedBy, unpackedArchive } from '../../src/estimate/downloads.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { quantile } from '../lab/apt-measured.ts';
import { contextFrom, type Tree } from '../support/contexts.ts';
import { builtLayers, corpusLayers, weighed, weightsOf } from './scripted-layers.ts';

const facts = loadFacts();

const all = [...builtLayers(), ...corpusLayers()].flatMap((layer) =>
  layer.estimate && layer.measured > 0 ? [{ ...layer, estimate: layer.estimate }] : [],
);
const heldOut = all.filter(({ isHeldOut }) => isHeldOut);

const errors = (layers: typeof all): number[] =>
  layers
    // Below, a file more or less is half of it.
    .filter(({ measured }) => measured >= 5000)
    .map(({ measured, estimate }) => Math.abs(estimate.bytes / measured - 1))
    .toSorted((one, other) => one - other);

const isInside = ({ measured, estimate }: (typeof all)[number]): boolean =>
  measured >= estimate.low && measured <= estimate.high;

describe('layers that were measured', () => {
  it('are held out in half', () => {
    expect(heldOut.length).toBeGreaterThanOrEqual(20);
    expect(all.length - heldOut.length).toBeGreaterThanOrEqual(20);
  });

  it('are met within 5 % in the median, held out', () => {
    expect(quantile(errors(heldOut), 0.5)).toBeLessThanOrEqual(0.05);
  });

  it('lie in the range in nine of ten, held out', () => {
    const inside = heldOut.filter(isInside).length;
    expect(inside / heldOut.length).toBeGreaterThanOrEqual(0.9);
  });

  it('are met in sum', () => {
    const total = (amounts: readonly number[]): number => amounts.reduce((a, b) => a + b, 0);
    const ratio =
      total(heldOut.map(({ estimate }) => estimate.bytes)) /
      total(heldOut.map(({ measured }) => measured));
    expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(0.05);
  });
});

const amountIn = (run: string, files: Tree = {}, env = ''): Amount => {
  const text = `FROM python:3.12\n${env}\nWORKDIR /app\nCOPY . .\nRUN pip --version\nRUN ${run}\n`;
  return weighed(text, contextFrom(files))[1]!.amount!;
};

describe('packages of Python', () => {
  it('bring along what they need', () => {
    const weights = weightsOf(
      'FROM python:3.12\nRUN pip install --no-cache-dir flask\n',
      contextFrom({}),
    );
    const found = weights.find(({ kind }) => kind === 'dependencies')!;
    expect(found.path).toBe('usr/local/lib/python3.12/site-packages');
    expect(found.what).toBe('7 packages of Python');
  });

  it('leave their wheels in the cache, where nothing switches it off', () => {
    const paths = (run: string, env = '') =>
      weightsOf(`FROM python:3.12\n${env}\nRUN ${run}\n`, contextFrom({})).map(({ path }) => path);
    expect(paths('pip install flask')).toContain('root/.cache/pip');
    expect(paths('pip install --no-cache-dir flask')).not.toContain('root/.cache/pip');
    expect(paths('pip install flask', 'ENV PIP_NO_CACHE_DIR=1')).not.toContain('root/.cache/pip');
    expect(paths('pip install flask', 'ENV PIP_CACHE_DIR=/c')).toContain('c');
  });

  it('are smaller without byte code', () => {
    const compiled = amountIn('pip install --no-cache-dir django');
    const plain = amountIn('pip install --no-cache-dir --no-compile django');
    expect(plain.bytes).toBeLessThan(compiled.bytes * 0.8);
  });

  it('count with a very wide range where nobody knows them, or cannot read the list', () => {
    const unknown = amountIn('pip install --no-cache-dir zzz-not-a-package');
    expect(unknown.high).toBeGreaterThan(unknown.bytes * 5);
    const unread = amountIn('pip install --no-cache-dir -r gone.txt');
    expect(unread.high).toBeGreaterThan(100e6);
  });

  it('are taken from uv.lock with the wheels that it names, without what is for development', () => {
    const wheel = (name: string, size: number): string =>
      `[[package]]\nname = "${name}"\nversion = "9.9"\nsource = { registry = "https://pypi.org/simple" }\nwheels = [{ url = "https://host/${name}-9.9-py3-none-any.whl", size = ${size} }]\n`;
    const lock = `version = 1
[[package]]
name = "app"
version = "0.1"
source = { virtual = "." }
dependencies = [{ name = "one" }]
[package.dev-dependencies]
dev = [{ name = "two" }]
${wheel('one', 1_000_000)}${wheel('two', 4_000_000)}`;
    const files = { 'uv.lock': lock, 'pyproject.toml': '[project]\nname = "app"\n' };
    const sync = (words: string) =>
      amountIn(`uv sync --frozen --no-install-project ${words}`, files).bytes;
    expect(sync('--no-dev')).toBeGreaterThan(2_000_000);
    expect(sync('--no-dev')).toBeLessThan(5_000_000);
    expect(sync('')).toBeGreaterThan(sync('--no-dev') * 3);
  });
});

describe('gems and packages of Composer', () => {
  const lock = `GEM\n  remote: https://rubygems.org/\n  specs:\n    rack (2.2.3)\n    sinatra (2.1.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  sinatra\n`;

  it('are those of the lockfile', () => {
    const [weight] = weightsOf(
      'FROM ruby:3.1\nWORKDIR /app\nCOPY . .\nRUN bundle install\n',
      contextFrom({ Gemfile: "gem 'sinatra'\n", 'Gemfile.lock': lock }),
    );
    expect(weight).toMatchObject({ path: 'usr/local/bundle', what: '2 gems' });
    expect(weight!.amount!.bytes).toBeGreaterThan(300_000);
    expect(weight!.amount!.bytes).toBeLessThan(5_000_000);
  });

  it('are unknown without one', () => {
    const [weight] = weightsOf(
      'FROM ruby:3.1\nWORKDIR /app\nCOPY . .\nRUN bundle install\n',
      contextFrom({ Gemfile: "gem 'sinatra'\n" }),
    );
    expect(weight!.amount).toBeUndefined();
  });

  it('leave out those for development where Composer is told so', () => {
    const text = JSON.stringify({
      packages: [{ name: 'symfony/console', version: 'v5.4.0' }],
      'packages-dev': [{ name: 'phpunit/phpunit', version: '9.5.0' }],
    });
    const whats = (words: string) =>
      weightsOf(
        `FROM php:8.2-cli\nWORKDIR /app\nCOPY . .\nRUN composer install ${words}\n`,
        contextFrom({ 'composer.json': '{}', 'composer.lock': text }),
      ).map(({ what }) => what);
    expect(whats('')[0]).toBe('2 packages of Composer');
    expect(whats('--no-dev')[0]).toBe('1 packages of Composer');
    expect(whats('')).toContain('the cache of Composer');
  });
});

describe('downloads', () => {
  it('are known by their address, with a range, and when they are unpacked', () => {
    const node = downloadOf(
      'https://nodejs.org/dist/v18.0.0/node-v18.0.0-linux-x64.tar.xz',
      facts,
    )!;
    expect(node.what).toBe('Node.js');
    expect(node.unpacked!.bytes).toBeGreaterThan(100e6);
    expect(downloadOf('https://example.org/thing', facts)).toBeUndefined();
    expect(downloadOf('/a/file', facts)).toBeUndefined();
  });

  it('come to lie where the command says', () => {
    const read = (program: string, text: string) => {
      const words = text.split(' ');
      return fetchedBy(program, words, words, facts)!.map(({ path, amount }) => [path, !!amount]);
    };
    const tini = 'https://github.com/krallin/tini/releases/download/v0.19.0/tini';
    expect(read('curl', `-fsSLo /sbin/tini ${tini}`)).toEqual([['/sbin/tini', true]]);
    expect(read('curl', `-sSLO ${tini}`)).toEqual([['tini', true]]);
    expect(read('curl', `-sSL ${tini}`)).toEqual([[undefined, true]]);
    expect(read('wget', `-qO- ${tini}`)).toEqual([[undefined, true]]);
    expect(read('wget', `-q -P /opt ${tini}`)).toEqual([['/opt/tini', true]]);
    expect(read('git', 'clone --depth 1 https://host/a/b.git')).toEqual([['b', true]]);
    expect(read('tar', 'xzf x.tgz -C /opt')).toEqual([['/opt', false]]);
  });

  it('grow when they are unpacked', () => {
    const amount: Amount = { bytes: 100, low: 100, high: 100, basis: 'measured' };
    expect(unpackedArchive('a.tar.gz', amount, facts)!.bytes).toBeGreaterThan(200);
    expect(unpackedArchive('a.txt', amount, facts)).toBeUndefined();
  });
});
