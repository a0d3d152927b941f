/** Configuration files: which one is found, what it does to a run, and `dfopt config` and `init`. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { requestOf } from '../../src/cli/request.ts';
import { reviewOf } from '../../src/cli/review-web.ts';
import { DIRTY, dfopt, folderWith, type Outcome } from './support.ts';

type Files = Readonly<Record<string, string>>;

/** A Git repository with these files. */
function repository(files: Files): string {
  const cwd = folderWith(files);
  mkdirSync(join(cwd, '.git'));
  return cwd;
}

const OFF = { skip: ['remove-package-lists'] };
const PASS = 'remove-package-lists';
const NOTHING = JSON.stringify({ select: [] });

function rewrite(files: Files, ...args: string[]): Promise<Outcome> {
  return dfopt(['rewrite', ...args], { cwd: repository({ Dockerfile: DIRTY, ...files }) });
}

describe('a configuration file', () => {
  it('is not there: the edit is made', async () => {
    expect((await rewrite({})).stderr).toContain(PASS);
  });

  it.each([
    ['dfopt.config.json', JSON.stringify(OFF)],
    ['dfopt.config.yaml', `skip: [${PASS}]`],
    ['dfopt.config.yml', `skip: [${PASS}]`],
    ['dfopt.config.js', `module.exports = ${JSON.stringify(OFF)}`],
    ['dfopt.config.mjs', `export default ${JSON.stringify(OFF)}`],
    ['.dfoptrc', `skip: [${PASS}]`],
    ['.dfoptrc', JSON.stringify(OFF)],
    ['.dfoptrc.json', `\uFEFF${JSON.stringify(OFF)}`],
    ['.dfoptrc.yaml', `skip: [${PASS}]`],
    ['package.json', JSON.stringify({ name: 'app', dfopt: OFF })],
    ['package.json', JSON.stringify({ dfopt: OFF }).replace('dfopt', String.raw`\u0064fopt`)],
  ])('may be %s', async (name, text) => {
    const { status, stderr } = await rewrite({ [name]: text });
    expect(stderr).not.toContain(PASS);
    expect(status).toBe(0);
    const switched = await rewrite({ [name]: text }, '--no-config');
    expect(switched.stderr).toContain(PASS);
  });

  it('is the nearest one of each file, up to the top of the repository', async () => {
    const cwd = repository({
      'dfopt.config.json': NOTHING,
      'a/b/Dockerfile': DIRTY,
      'c/dfopt.config.json': '{}',
      'c/Dockerfile': DIRTY,
    });
    const { stdout } = await dfopt(['rewrite'], { cwd });
    expect(new Set(stdout.match(/^\+\+\+ .*$/gm))).toEqual(new Set(['+++ b/c/Dockerfile']));
    mkdirSync(join(cwd, 'a', '.git'));
    const inner = await dfopt(['rewrite', 'a'], { cwd });
    expect(inner.stdout).toContain('a/b/Dockerfile');
  });

  it('is not looked for above a folder that is in no repository', async () => {
    const cwd = folderWith({
      'dfopt.config.json': NOTHING,
      'a/Dockerfile': DIRTY,
      Dockerfile: DIRTY,
    });
    const { stdout } = await dfopt(['rewrite'], { cwd });
    expect(new Set(stdout.match(/^\+\+\+ .*$/gm))).toEqual(new Set(['+++ b/a/Dockerfile']));
  });

  it.each([
    ['dfopt.config.json', '{"level": "standart"}', ': level: "standart": did you mean "standard"?'],
    ['dfopt.config.yaml', 'level: standart', ': level: "standart": did you mean "standard"?'],
    ['package.json', '{"dfopt": {"levl": 1}}', '#dfopt: levl: there is no such key'],
    ['dfopt.config.json', '{"level":\n  standard}', ' is no JSON: '],
    ['dfopt.config.yaml', 'level: standard\nlevel: safe', ':2:1 is no YAML: '],
    ['dfopt.config.mjs', 'throw new Error("no\u001b[31m way")', ' cannot be run: no'],
    ['dfopt.config.json', '{"images": [{"name": "a"}]}', ': images.0.'],
    ['dfopt.config.json', '{"images": "none.json"}', 'none.json cannot be read: '],
    [
      'dfopt.config.json',
      '{"builder": "kaniko", "frontend": "1.5"}',
      ': frontend is for BuildKit alone',
    ],
  ])('that is wrong stops the run: %s %j', async (name, text, why) => {
    const { status, stdout, stderr } = await rewrite({ [name]: text });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(
      name === 'dfopt.config.json' && why.startsWith('none') ? why : name + why,
    );
    expect(stderr).not.toContain('\u001b');
    expect(stderr).not.toMatch(/bug|\bat .*:\d+:\d+\)/);
  });

  it('is looked for above manifests that say nothing of dfopt', async () => {
    const { status, stderr } = await rewrite({
      'package.json': JSON.stringify({ dfopt: OFF }),
      'packages/app/package.json': '{"name": "app"}',
      'packages/app/Dockerfile': DIRTY,
      'packages/package.json': '{}',
    });
    expect(status).toBe(0);
    expect(stderr).not.toContain(PASS);
  });

  it('that is a broken package.json is left to npm', async () => {
    expect(await rewrite({ 'package.json': '{' })).toMatchObject({ status: 0 });
  });

  it('that is empty, or all comments, says nothing, and ends the search', async () => {
    for (const text of ['', '# nothing\n']) {
      const files = { '.dfoptrc.json': JSON.stringify(OFF), 'dfopt.config.yaml': text };
      expect((await rewrite(files)).stderr).toContain(PASS);
    }
  });

  it('that is code of another repository is not run', async () => {
    const cwd = repository({
      'other/Dockerfile': DIRTY,
      'other/dfopt.config.mjs': 'globalThis.dfoptWasRun = true; export default {}',
    });
    mkdirSync(join(cwd, 'other', '.git'));
    const { status, stderr } = await dfopt(['rewrite'], { cwd });
    expect(status).toBe(2);
    expect(stderr).toContain('other/dfopt.config.mjs is code of another repository');
    expect(globalThis).not.toHaveProperty('dfoptWasRun');
    const named = ['rewrite', '--config', 'other/dfopt.config.mjs'];
    expect(await dfopt(named, { cwd })).toMatchObject({ status: 0 });
  });
});

describe('--config', () => {
  it('names the file', async () => {
    const files = { 'a.json': JSON.stringify(OFF), 'dfopt.config.json': '{}' };
    expect((await rewrite(files, '--config', 'a.json')).stderr).not.toContain(PASS);
  });

  it.each([
    ['none.json', '--config: none.json cannot be read: there is no such file'],
    ['a.toml', '--config: a.toml is no JSON, YAML or JavaScript by its name'],
    ['package.json', 'package.json has no key "dfopt"'],
  ])('cannot be %s', async (name, why) => {
    const { status, stderr } = await rewrite({ 'package.json': '{}' }, '--config', name);
    expect(status).toBe(2);
    expect(stderr).toContain(why);
  });
});

describe('a run', () => {
  it('goes by overrides, and by its own words before all', async () => {
    const config = {
      select: [],
      overrides: [{ files: ['a/'], passes: { [PASS]: { off: false } } }],
    };
    const cwd = repository({
      'dfopt.config.json': JSON.stringify(config),
      'a/Dockerfile': DIRTY,
      'b/Dockerfile': DIRTY,
    });
    const { stdout } = await dfopt(['rewrite', '--list'], { cwd });
    expect(stdout).toBe('a/Dockerfile\n');
    const selected = await dfopt(['rewrite', '--list', '--select', PASS], { cwd });
    expect(selected.stdout).toBe('a/Dockerfile\nb/Dockerfile\n');
  });

  it('leaves alone what is ignored, also where it is named or comes through a pipe', async () => {
    const cwd = repository({
      'dfopt.config.json': '{"ignore": ["old/"]}',
      'old/Dockerfile': DIRTY,
      Dockerfile: DIRTY,
    });
    const { stdout, stderr } = await dfopt(['rewrite', '--list', '--verbose'], { cwd });
    expect(stdout).toBe('Dockerfile\n');
    expect(stderr).toContain('old/Dockerfile: left alone (dfopt.config.json: ignore)');
    expect((await dfopt(['rewrite', 'old/Dockerfile', '--list'], { cwd })).stdout).toBe('');
    const filter = ['rewrite', '-', '--write', '--stdin-filepath', 'old/Dockerfile'];
    expect((await dfopt(filter, { cwd, stdin: DIRTY })).stdout).toBe(DIRTY);
  });

  it('of dfopt size takes rows from the folder of the configuration', async () => {
    const row = { name: 'acme/base', like: 'debian:12-slim', size: 500_000_000 };
    const cwd = repository({
      'dfopt.config.json': '{"images": "rows/images.json"}',
      'rows/images.json': JSON.stringify({ images: [row] }),
      'app/Dockerfile': 'FROM acme/base:1\nCMD ["true"]\n',
    });
    const { status, stdout } = await dfopt(['size', 'Dockerfile'], { cwd: join(cwd, 'app') });
    expect(status).toBe(0);
    expect(stdout).toContain('500 MB');
    const without = await dfopt(['size', 'Dockerfile', '--no-config'], { cwd: join(cwd, 'app') });
    expect(without.stdout).not.toContain('500 MB');
  });
});

describe('a review', () => {
  const argv = { _: ['review'], web: true };
  const io = (cwd: string): Io => ({
    stdout: { write: () => true },
    stderr: { write: () => true },
    stdin: Readable.from([]),
    cwd,
    env: {},
  });
  const review = (files: Files, given: object = {}): ReturnType<typeof reviewOf> => {
    const all = { ...argv, ...given };
    return reviewOf(all, requestOf(all), io(repository(files)));
  };

  it('begins with what is in force, without what is ignored', async () => {
    const config = { level: 'safe', skip: [PASS], ignore: ['old/'], overrides: [] };
    const files = {
      'dfopt.config.json': JSON.stringify(config),
      'a/Dockerfile': DIRTY,
      'old/Dockerfile': DIRTY,
    };
    const { targets, choices } = await review(files);
    expect(targets.map(({ name }) => name)).toEqual(['a/Dockerfile']);
    expect(choices).toMatchObject({ level: 'safe', skip: [PASS] });
    expect((await review(files, { config: false })).targets).toHaveLength(2);
  });

  it('is of files for which the same is in force', async () => {
    const files = {
      'a/.dfoptrc': 'level: safe',
      'a/Dockerfile': DIRTY,
      'b/Dockerfile': DIRTY,
    };
    await expect(review(files)).rejects.toThrow(
      /^different values are in force for these files \(a\/\.dfoptrc, no configuration\)/,
    );
    expect((await review(files, { files: ['a'] })).choices.level).toBe('safe');
  });
});

describe('dfopt config', () => {
  const config = {
    level: 'safe',
    passes: { 'merge-runs': { options: { all: true } } },
    ignore: ['old/'],
    overrides: [{ files: ['old/'], skip: ['mount-caches'] }],
  };
  const files = { 'dfopt.config.json': JSON.stringify(config) };

  it('says who said what', async () => {
    const args = ['config', 'old/Dockerfile', '--builder', 'kaniko'];
    const { status, stdout } = await dfopt(args, { cwd: repository(files) });
    expect({ status, stdout: stdout.replace(/ +/g, ' ') }).toEqual({
      status: 0,
      stdout: [
        'old/Dockerfile dfopt.config.json',
        ' level safe dfopt.config.json',
        ' builder kaniko --builder',
        ' merge-runs.all true dfopt.config.json',
        ' mount-caches off dfopt.config.json: overrides[0]',
        ' ignored yes dfopt.config.json: ignore',
        '',
      ].join('\n'),
    });
  });

  it('says it to programs', async () => {
    const { stdout } = await dfopt(['config', '--format', 'json'], { cwd: repository(files) });
    const value: unknown = JSON.parse(stdout);
    expect(value).toMatchObject({
      file: 'Dockerfile',
      configuration: 'dfopt.config.json',
      ignored: { value: false, from: 'default' },
      level: { value: 'safe', from: 'dfopt.config.json' },
      builder: { value: 'buildkit', from: 'default' },
    });
    expect((value as { passes: unknown[] }).passes).toContainEqual({
      id: 'merge-runs',
      off: { value: false, from: 'default' },
      options: { all: { value: true, from: 'dfopt.config.json' } },
    });
  });

  it('says where there is none', async () => {
    const { stdout } = await dfopt(['config'], { cwd: repository({}) });
    expect(stdout).toMatch(/^Dockerfile +no configuration file\n/);
  });
});

describe('dfopt init', () => {
  it('writes a file that changes nothing', async () => {
    const cwd = repository({ Dockerfile: DIRTY });
    const before = await dfopt(['rewrite'], { cwd });
    expect(await dfopt(['init'], { cwd })).toMatchObject({
      status: 0,
      stdout: 'dfopt.config.yaml\n',
    });
    expect(await dfopt(['rewrite'], { cwd })).toEqual(before);
  });

  it.each(['dfopt.config.yaml', '.dfoptrc', 'package.json'])(
    'writes nothing beside %s',
    async (name) => {
      const text = '{"dfopt": {}}';
      const cwd = repository({ [name]: text });
      const { status, stderr } = await dfopt(['init'], { cwd });
      expect(status).toBe(2);
      expect(stderr).toContain(`${name} configures dfopt here already`);
      expect(readFileSync(join(cwd, name), 'utf8')).toBe(text);
    },
  );
});
