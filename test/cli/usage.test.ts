import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { passes } from '../../passes/index.ts';
import { DIRTY, dfopt, folderWith } from './support.ts';

describe('wrong use exits with 2 and says what was meant', () => {
  it.each([
    [['rewrit'], 'did you mean dfopt rewrite?'],
    [['Dockerfile'], 'did you mean dfopt rewrite Dockerfile?'],
    [[], 'a command is missing'],
    [['rewrite', '--wirte'], 'there is no option --wirte; did you mean --write?'],
    [['rewrite', '-x'], 'there is no option -x'],
    [['rewrite', '--level', 'standart'], '--level cannot be "standart"; did you mean standard?'],
    [['rewrite', '--level', 'x'], 'there are safe, standard, aggressive'],
    [['rewrite', '--level'], '--level needs a value'],
    [['rewrite', '--builder', 'docker'], 'there are buildkit, classic, kaniko, buildah'],
    [['rewrite', '--frontend', 'v1'], '--frontend is written as 1.5, not "v1"'],
    [['rewrite', '--builder', 'kaniko', '--frontend', '1.5'], '--frontend is for BuildKit alone'],
    [['rewrite', '--write=maybe'], '--write takes no value, not "maybe"'],
    [['rewrite', '--write', '--check'], '--write and --check exclude each other'],
    [['rewrite', '--quiet', '--verbose'], '--quiet and --verbose exclude each other'],
    [['rewrite', '--list', '--format', 'json'], '--list cannot be JSON'],
    [['rewrite', '--stdin-filepath', 'x'], '--stdin-filepath needs "-"'],
    [['rewrite', '-', 'Dockerfile'], '"-" stands alone'],
    [
      ['rewrite', '--select', 'remove-package-list'],
      'no pass is called "remove-package-list"; did you mean remove-package-lists?',
    ],
    [['rewrite', '--skip', 'assume-yes,docs'], 'did you mean skip-package-docs?'],
    [['rewrite', '--select', ','], '--select needs a value'],
    [['rewrite', '--option', 'keep=1'], '--option is written pass.name=value'],
    [['rewrite', '--option', 'assume-yes.x=1'], 'no option of assume-yes is called "x"'],
    [
      ['rewrite', '--option', 'skip-recommended-packages.kep=x'],
      'no option of skip-recommended-packages is called "kep"; did you mean keep?',
    ],
    [['explain'], 'an argument is missing'],
    [['explain', 'assume-no'], 'no pass is called "assume-no"; did you mean assume-yes?'],
    [['explain', 'a', 'b'], 'dfopt explain takes no argument "b"'],
    [['explain', '\u001b[2J'], 'no pass is called "\\u001b[2J"'],
  ])('%j', async (args, message) => {
    const { status, stdout, stderr } = await dfopt(args, { cwd: folderWith({}) });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/--help shows how it is used\n$/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
});

describe('help', () => {
  it.each([[['--help']], [['rewrite', '--help']], [['passes', '--help']], [['explain', '-h']]])(
    '%j has examples',
    async (args) => {
      const { status, stdout } = await dfopt(args, { cwd: folderWith({}) });
      expect(stdout).toMatch(/\nExamples:\n {2}dfopt /);
      expect(status).toBe(0);
    },
  );

  it('--version is that of the package', async () => {
    const { status, stdout } = await dfopt(['--version'], { cwd: folderWith({}) });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${manifest.version}\n` });
  });

  it.each(['bash', 'zsh', 'fish'])('completion prints a script for %s', async (shell) => {
    const cwd = folderWith({});
    const { status, stdout } = await dfopt(['completion', shell], { cwd });
    expect(status).toBe(0);
    expect(stdout).toContain(`SHELL=${shell} dfopt --get-yargs-completions dfopt `);
    const env = { SHELL: `/usr/bin/${shell}` };
    expect((await dfopt(['completion'], { cwd, env })).stdout).toBe(stdout);
  });

  it('completion wants to know the shell', async () => {
    const { status, stderr } = await dfopt(['completion'], { cwd: folderWith({}) });
    expect(status).toBe(2);
    expect(stderr).toContain('name the shell: bash, zsh, fish');
  });

  const ids = passes.map(({ id }) => id);
  it.each([
    [
      ['rewrite', '--level', ''],
      ['safe', 'standard', 'aggressive'],
    ],
    [['rewrite', '--format', 'sa'], ['sarif']],
    [['rewrite', '--format=sa'], ['--format=sarif']],
    [['rewrite', '--format', '=', 'sa'], ['sarif']],
    [['rewrite', '--select', ''], ids],
    [['verify', '--skip', 'remove-package-l'], ['remove-package-lists']],
    [['rewrite', '--skip', 'mount-caches,mount-c'], []],
    [
      ['rewrite', '--skip=mount-caches,remove-package-l'],
      ['--skip=mount-caches,remove-package-lists'],
    ],
    [['explain', ''], ids],
    [['explain', 'nonsense'], []],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
  ])('completes %j', async (words, expected) => {
    const args = ['--get-yargs-completions', 'dfopt', ...words];
    const { stdout } = await dfopt(args, { cwd: folderWith({}) });
    expect(stdout.split('\n').filter(Boolean)).toEqual(expected);
  });
});

describe('passes and explain', () => {
  it('lists every pass', async () => {
    const { status, stdout } = await dfopt(['passes'], { cwd: folderWith({}) });
    const ids = stdout.split('\n').map((line) => line.split(' ')[0]);
    expect(ids).toEqual([...passes.map((pass) => pass.id), '']);
    expect(status).toBe(0);
  });

  it('lists them for programs', async () => {
    const { stdout } = await dfopt(['passes', '--format', 'json'], { cwd: folderWith({}) });
    const expected: unknown = JSON.parse(JSON.stringify(passes));
    expect(JSON.parse(stdout)).toEqual(expected);
  });

  it.each(passes.map((pass) => [pass.id, pass] as const))('explains %s', async (id, pass) => {
    const { status, stdout } = await dfopt(['explain', id], { cwd: folderWith({}) });
    expect(status).toBe(0);
    for (const text of [pass.summary, pass.why, ...pass.refuses, ...pass.references]) {
      expect(stdout).toContain(text);
    }
    for (const name of Object.keys(pass.options ?? {})) {
      expect(stdout).toContain(`--option ${id}.${name}=`);
    }
  });
});

describe('colours', () => {
  const colored = async (
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    isTTY: boolean,
  ): Promise<{ diff: boolean; reasons: boolean }> => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const { stdout, stderr } = await dfopt(['rewrite', ...args], { cwd, env, isTTY });
    return { diff: stdout.includes('\u001b['), reasons: stderr.includes('\u001b[') };
  };
  const both = { diff: true, reasons: true };
  const none = { diff: false, reasons: false };

  it('are for terminals', async () => {
    expect(await colored([], {}, true)).toEqual(both);
    expect(await colored([], {}, false)).toEqual(none);
    expect(await colored([], { TERM: 'dumb' }, true)).toEqual(none);
  });

  it('are switched by NO_COLOR, FORCE_COLOR and --color', async () => {
    expect(await colored([], { NO_COLOR: '1' }, true)).toEqual(none);
    expect(await colored(['--no-color'], {}, true)).toEqual(none);
    expect(await colored([], { FORCE_COLOR: '0' }, true)).toEqual(none);
    expect(await colored(['--color'], { NO_COLOR: '1' }, false)).toEqual(both);
  });

  it('do not get into a diff in a pipe by FORCE_COLOR: git apply reads it', async () => {
    expect(await colored([], { FORCE_COLOR: '1' }, false)).toEqual({ diff: false, reasons: true });
  });
});
