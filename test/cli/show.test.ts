/** What `dfopt rewrite` shows of what it did and did not, where, and in how many columns. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { columnsOf } from '../../src/report/columns.ts';
import { CORPUS } from '../lab/case.ts';
import { dfopt, DIRTY, folderWith } from './support.ts';

const SERVER = readFileSync(join(CORPUS, 'node/express-server/Dockerfile'), 'utf8');
const FILES = {
  Dockerfile: SERVER,
  'package.json': readFileSync(join(CORPUS, 'node/express-server/package.json'), 'utf8'),
};

describe('--show', () => {
  it.each([
    [[], ['edits']],
    [['--show', 'applied'], ['edits']],
    [['--show', 'offered'], ['offered']],
    [
      ['--show', 'offered,advice'],
      ['offered', 'advice'],
    ],
    [
      ['--show=applied', '--show', 'advice'],
      ['edits', 'advice'],
    ],
    [
      ['--show', 'all'],
      ['edits', 'offered', 'advice'],
    ],
    [['--verbose'], ['edits', 'offered', 'advice']],
    [['--verbose', '--show', 'offered'], ['offered']],
  ])('%j', async (args, shown) => {
    const { stdout, stderr } = await dfopt(['rewrite', ...args], { cwd: folderWith(FILES) });
    const found = {
      edits: stdout.includes('+FROM node:22-slim\n'),
      offered: /▸ \d edits? offered, not made\n {2}○ line 1: use-alpine-base \(aggressive\)/.test(
        stdout,
      ),
      advice: /▸ 1 remark on what a person should change\n {2}! line \d+: leave-root: /.test(
        stdout,
      ),
    };
    expect(Object.entries(found).flatMap(([name, is]) => (is ? [name] : []))).toEqual(shown);
    // What is shown is not counted again.
    expect(stderr.includes('--show advice says what')).toBe(!found.advice);
    expect(stderr).toContain('1 file would change (3 edits)');
  });

  it('says what was missed, and why', async () => {
    const cwd = folderWith({ Dockerfile: `${DIRTY}RUN npm install\nCMD npm start\n` });
    const { stdout } = await dfopt(['rewrite', '--show', 'missed'], { cwd });
    expect(stdout).toMatch(/▸ \d+ chances? missed\n {2}✗ line \d+: [\w-]+: \w/);
    expect(stdout).not.toContain('@@');
  });

  it.each([
    [['--show', 'mised'], 'no kind of remark is called "mised"; did you mean missed?'],
    [['--show', ','], '--show needs a value'],
    [['--show', 'all', '--quiet'], '--quiet and --show exclude each other'],
    [['--show', 'all', '--list'], '--list and --show exclude each other'],
  ])('refuses %j', async (args, why) => {
    const { status, stderr } = await dfopt(['rewrite', ...args], { cwd: folderWith(FILES) });
    expect(status).toBe(2);
    expect(stderr).toContain(why);
  });

  it('is completed, as a list', async () => {
    const words = ['--get-yargs-completions', 'dfopt', 'rewrite', '--show', 'offered,m'];
    expect((await dfopt(words, { cwd: folderWith({}) })).stdout).toBe('offered,missed\n');
  });
});

describe('the width', () => {
  const widest = async (around: {
    columns?: number;
    env?: Record<string, string>;
  }): Promise<number> => {
    const isTTY = around.columns !== undefined;
    const env = { NO_COLOR: '1', ...around.env };
    const cwd = folderWith(FILES);
    const { stdout, stderr } = await dfopt(['rewrite', '--show', 'all'], {
      ...around,
      cwd,
      isTTY,
      env,
    });
    const said = [...stdout.split('\n'), ...stderr.split('\n')];
    return Math.max(...said.filter((line) => !/^[-+ ](?! )/.test(line)).map(columnsOf));
  };

  it.each([40, 60, 80, 132])('is that of a terminal: %i', async (columns) => {
    const found = await widest({ columns });
    expect(found).toBeLessThanOrEqual(columns);
    expect(found).toBe(await widest({ columns, env: { COLUMNS: '50' } }));
  });

  it('is what COLUMNS says in a pipe, and else 80', async () => {
    expect(await widest({})).toBe(80);
    expect(await widest({ env: { COLUMNS: '60' } })).toBe(60);
    expect(await widest({ env: { COLUMNS: 'x' } })).toBe(80);
    expect(await widest({ env: { COLUMNS: '1' } })).toBeLessThanOrEqual(40);
  });
});

describe('in a pipe', () => {
  it('reasons are on the terminal as well, as who takes the edits does not show them', async () => {
    const cwd = folderWith(FILES);
    const texts = { stdout: '', stderr: '' };
    const status = await run(['rewrite'], {
      stdout: { write: (text) => (texts.stdout += text) },
      stderr: { isTTY: true, columns: 100, write: (text) => (texts.stderr += text) },
      stdin: (async function* () {})(),
      cwd,
      env: { NO_COLOR: '1' },
    });
    expect(status).toBe(0);
    expect(texts.stderr).toMatch(/^Dockerfile\n {2}✓ 1 {2}use-slim-base {9}stand on node:22-slim/);
    const { stdout, stderr } = await dfopt(['rewrite'], { cwd });
    expect(texts.stdout).toBe(stdout);
    expect(stderr).not.toContain('stand on node:22-slim');
  });

  it('git apply makes of the text what --write writes', async () => {
    const [cwd, other] = [folderWith(FILES), folderWith(FILES)];
    const { stdout } = await dfopt(['rewrite', '--show', 'all'], { cwd });
    expect(spawnSync('git', ['apply'], { cwd, input: stdout }).status).toBe(0);
    await dfopt(['rewrite', '--write'], { cwd: other });
    const [one, two] = [cwd, other].map((each) => readFileSync(join(each, 'Dockerfile'), 'utf8'));
    expect(one).toBe(two);
    expect(one).not.toBe(SERVER);
  });
});
