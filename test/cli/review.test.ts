/** Edits asked about one by one: what each answer does, and what is in the files at the end. */
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CORPUS } from '../lab/case.ts';
import { CLEAN, dfopt, DIRTY, folderWith, INVALID, type Outcome } from './support.ts';

/** Three edits: a base, a cache, package lists. Without the second, another one comes up. */
const SERVER = readFileSync(join(CORPUS, 'node/express-server/Dockerfile'), 'utf8');
const SERVER_FILES = {
  Dockerfile: SERVER,
  'package.json': readFileSync(join(CORPUS, 'node/express-server/package.json'), 'utf8'),
  'server.js': '1\n',
};

function review(cwd: string, keys: string, ...args: readonly string[]): Promise<Outcome> {
  return dfopt(['review', ...args], {
    cwd,
    isTTY: true,
    columns: 80,
    keys: keys.split(''),
    env: { NO_COLOR: '1' },
  });
}

function answers(
  cwd: string,
  lines: readonly string[],
  ...args: readonly string[]
): Promise<Outcome> {
  return dfopt(['review', '--lines', ...args], {
    cwd,
    stdin: lines.map((each) => `${each}\n`).join(''),
  });
}

function dockerfile(cwd: string, name = 'Dockerfile'): string {
  return readFileSync(join(cwd, name), 'utf8');
}

async function rewritten(...args: readonly string[]): Promise<string> {
  const cwd = folderWith(SERVER_FILES);
  expect((await dfopt(['rewrite', '--write', '--quiet', ...args], { cwd })).status).toBe(0);
  return dockerfile(cwd);
}

describe('answers', () => {
  it('y takes each, and what is written is what rewrite writes', async () => {
    const cwd = folderWith(SERVER_FILES);
    const { status, stdout, stderr } = await review(cwd, 'yyyy');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('▸ use-slim-base  standard  −648 MB  1 of 3\n  ✓ line 1: stand on ');
    expect(stdout).toContain('-FROM node:22\n+FROM node:22-slim\n');
    expect(stdout).toMatch(
      / {2}so far {3}1\.09 GB → 447 MB \(.*\n {2}with it {2}1\.09 GB → 443 MB/,
    );
    expect(stdout).toContain('3 of 3 edits taken, 1.09 GB → 423 MB');
    expect(stdout).toMatch(/\n {2}use-slim-base +1 +−648 MB {2}standard\n/);
    expect(stdout).toMatch(/\nWrite 1 file\? \[y,n,b\] y\nwritten: Dockerfile\n$/);
    expect(dockerfile(cwd)).toBe(await rewritten());
  });

  it('n leaves one, and says what comes in its place', async () => {
    const cwd = folderWith(SERVER_FILES);
    const { stdout } = await review(cwd, 'ynyny');
    expect(stdout).toContain('can be made instead: clean-package-cache, line 9:');
    expect(stdout).toContain('▸ clean-package-cache  safe  −3.2 MB  4 of 4');
    expect(dockerfile(cwd)).toBe(await rewritten('--select', 'use-slim-base,remove-package-lists'));
  });

  it('q takes nothing more, and asks whether to write what was taken', async () => {
    const cwd = folderWith(SERVER_FILES);
    const { stdout, status } = await review(cwd, 'yqn');
    expect(status).toBe(0);
    expect(stdout).toMatch(/Write 1 file\? \[y,n,b\] n\nnothing was written\n$/);
    expect(dockerfile(cwd)).toBe(SERVER);
    await review(cwd, 'yqy');
    expect(dockerfile(cwd)).toBe(await rewritten('--select', 'use-slim-base'));
  });

  it('q at once writes nothing, and asks nothing', async () => {
    const cwd = folderWith(SERVER_FILES);
    const { stdout, status } = await review(cwd, 'q');
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nnothing was taken, nothing is written\n$/);
    expect(dockerfile(cwd)).toBe(SERVER);
  });

  it('b goes back, also from the last question and by u; then there is nothing to undo', async () => {
    const cwd = folderWith(SERVER_FILES);
    const { stdout } = await review(cwd, 'bnubynnbqy');
    expect(stdout.match(/there is nothing to undo/g)).toHaveLength(2);
    expect(dockerfile(cwd)).toBe(await rewritten('--select', 'use-slim-base'));
    const last = await review(folderWith(SERVER_FILES), 'yyybnn');
    expect(last.stdout).toContain('2 of 3 edits taken');
  });

  it('e explains, ? helps, another key is told, Enter asks again', async () => {
    const cwd = folderWith(SERVER_FILES);
    const { stdout } = await review(cwd, 'e?x\rq');
    for (const text of ['  why  ', '  standard  ', 'for --deny', 'dfopt explain use-slim-base']) {
      expect(stdout).toContain(text);
    }
    expect(stdout).toMatch(/\n {2}q {2}quit +quit: take nothing more/);
    expect(stdout).toContain('no answer is "x"; ? shows those that there are');
    expect(stdout.match(/▸ use-slim-base/g)).toHaveLength(2);
    expect(dockerfile(cwd)).toBe(SERVER);
  });

  it('arrows and other keys that send several characters answer nothing', async () => {
    const cwd = folderWith(SERVER_FILES);
    const keys = ['\u001b[A', '\u001b[3~', '\u001bOP', '\u001bq', 'q'];
    const around = { cwd, isTTY: true, keys, env: { NO_COLOR: '1' } };
    const { stdout } = await dfopt(['review'], around);
    expect(stdout.match(/Take this edit\?/g)).toHaveLength(1);
    expect(stdout).not.toContain('no answer is');
  });

  it.each([
    ['Ctrl-C', '\u0003', /\nstopped; nothing was written\n$/, 2],
    ['Ctrl-D at an edit, which is q', '\u0004n', /Write 1 file\? .*\nnothing was written\n$/, 0],
    ['Ctrl-D at the end', 'q\u0004', /\nthere are no more answers; nothing was written\n$/, 2],
  ])('%s writes nothing', async (_name, keys, end, status) => {
    const cwd = folderWith(SERVER_FILES);
    const outcome = await review(cwd, `y${keys}`);
    expect(outcome.status).toBe(status);
    expect(outcome.stdout).toMatch(end);
    expect(dockerfile(cwd)).toBe(SERVER);
  });
});

describe('all of a pass', () => {
  const APT = 'RUN apt-get update && apt-get install -y curl\n';
  const files = {
    'a.Dockerfile': `FROM debian:12-slim\n${APT}${APT.replace('curl', 'git')}`,
    'b.Dockerfile': DIRTY,
  };
  const only = ['--select', 'remove-package-lists'];
  const LISTS = 'rm -rf /var/lib/apt/lists';
  const counts = (cwd: string): number[] =>
    Object.keys(files).map((name) => dockerfile(cwd, name).split(LISTS).length - 1);

  it.each([
    ['y', 'ynn', [1, 0]],
    ['a, in this file', 'an', [2, 0]],
    ['A, in those that follow too', 'A', [2, 1]],
    ['d, in this file', 'dy', [0, 1]],
  ])('%s', async (_name, keys, lists) => {
    const cwd = folderWith(files);
    const { status } = await review(cwd, `${keys}y`, ...only);
    expect(status).toBe(0);
    expect(counts(cwd)).toEqual(lists);
  });

  it('D, in those that follow too', async () => {
    const cwd = folderWith(files);
    const { stdout } = await review(cwd, 'D', ...only);
    expect(stdout).toContain('skipped, as you said of all: remove-package-lists (1 edit)');
    expect(counts(cwd)).toEqual([0, 0]);
  });

  it('is undone at once, with what it did in other files', async () => {
    const cwd = folderWith(files);
    const { stdout } = await review(cwd, 'Abynny', ...only);
    expect(stdout).toContain('taken, as you said of all');
    expect(counts(cwd)).toEqual([1, 0]);
  });
});

describe('edits that need another', () => {
  it('fall with it, and are named', async () => {
    const path = join(CORPUS, 'node/ts-server');
    const text = readFileSync(join(path, 'Dockerfile'), 'utf8');
    const names = ['package.json', 'package-lock.json', 'tsconfig.json'];
    const rest = names
      .filter((name) => existsSync(join(path, name)))
      .map((name) => [name, readFileSync(join(path, name))] as const);
    const cwd = folderWith({ Dockerfile: text, ...Object.fromEntries(rest), 'src/a.ts': 'x\n' });
    const { stdout } = await review(cwd, 'ddq', '--level', 'aggressive');
    expect(stdout).toMatch(/falls with it: [\w-]+,\s+line \d+:/);
  });
});

describe('several files', () => {
  it('are asked about one after the other; one that is wrong is told, and the status is 2', async () => {
    const cwd = folderWith({
      'a.Dockerfile': DIRTY,
      'b.Dockerfile': INVALID,
      'c.Dockerfile': CLEAN,
      'd.Dockerfile': '\0',
      'e.Dockerfile': DIRTY,
    });
    const { status, stdout } = await review(cwd, 'aaaaaay');
    expect(status).toBe(2);
    expect(stdout).toContain('file 1 of 5, ');
    expect(stdout).toContain('file 5 of 5, ');
    expect(stdout).toMatch(/\nb\.Dockerfile:2:6: /);
    expect(stdout).toContain('\nd.Dockerfile: is a binary file; left alone\n');
    expect(stdout).toContain('\nwritten: a.Dockerfile, e.Dockerfile\n');
    for (const name of ['a.Dockerfile', 'e.Dockerfile'])
      expect(dockerfile(cwd, name)).toContain('rm -rf');
    expect(dockerfile(cwd, 'c.Dockerfile')).toBe(CLEAN);
  });

  it('that share an ignore file write it once, with what both need', async () => {
    const path = join(CORPUS, 'node/cli-tool');
    const all = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'case.yaml')
      .map((entry) => {
        const full = join(entry.parentPath, entry.name);
        return [full.slice(path.length + 1), readFileSync(full)] as const;
      });
    const app = Object.fromEntries(all);
    const [one, two] = [
      folderWith({ ...app, 'b.Dockerfile': app['Dockerfile']! }),
      folderWith({ ...app, 'b.Dockerfile': app['Dockerfile']! }),
    ];
    await dfopt(['rewrite', '--write'], { cwd: two });
    const { status, stdout } = await review(one, 'y'.repeat(60));
    expect(status).toBe(0);
    expect(stdout).toMatch(/written: \.dockerignore,/);
    for (const name of ['.dockerignore', 'Dockerfile', 'b.Dockerfile'])
      expect(dockerfile(one, name)).toBe(dockerfile(two, name));
  });
});

describe('writing', () => {
  it.each([
    ['CRLF', SERVER.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${SERVER}`],
    ['no final newline', SERVER.trimEnd()],
  ])('keeps %s, and the mode', async (_name, text) => {
    const [cwd, other] = [
      folderWith({ ...SERVER_FILES, Dockerfile: text }),
      folderWith({ ...SERVER_FILES, Dockerfile: text }),
    ];
    chmodSync(join(cwd, 'Dockerfile'), 0o640);
    await review(cwd, 'yyyy');
    await dfopt(['rewrite', '--write'], { cwd: other });
    expect(dockerfile(cwd)).toBe(dockerfile(other));
    expect(dockerfile(cwd)).not.toBe(text);
    expect(statSync(join(cwd, 'Dockerfile')).mode & 0o777).toBe(0o640);
    expect(readdirSync(cwd).sort()).toEqual(Object.keys(SERVER_FILES).sort());
  });

  it('happens at the end, once', async () => {
    const cwd = folderWith(SERVER_FILES);
    const seen: string[] = [];
    const beforeKey = (): void => void seen.push(dockerfile(cwd));
    await dfopt(['review'], { cwd, isTTY: true, keys: ['y', 'y', 'y', 'y'], beforeKey });
    expect(new Set(seen)).toEqual(new Set([SERVER]));
    expect(dockerfile(cwd)).not.toBe(SERVER);
  });

  it('is refused where a file changed meanwhile; the others are written', async () => {
    const cwd = folderWith({ 'a.Dockerfile': DIRTY, 'b.Dockerfile': DIRTY });
    const mine = '# mine\n';
    const beforeKey = (index: number): void => {
      if (index !== 2) return;
      writeFileSync(join(cwd, 'a.Dockerfile'), mine);
      utimesSync(join(cwd, 'a.Dockerfile'), 1, 1);
    };
    const only = ['--select', 'remove-package-lists'];
    const around = { cwd, isTTY: true, keys: ['y', 'y', 'y'], beforeKey };
    const { status, stdout, stderr } = await dfopt(['review', ...only], around);
    expect(status).toBe(2);
    expect(stderr).toBe('a.Dockerfile has changed since it was read; left alone\n');
    expect(stdout).toContain('written: b.Dockerfile\n');
    expect(dockerfile(cwd, 'a.Dockerfile')).toBe(mine);
    expect(dockerfile(cwd, 'b.Dockerfile')).toContain('rm -rf');
  });
});

describe('lines', () => {
  it('are answers, also from a pipe, as letters and words', async () => {
    const cwd = folderWith(SERVER_FILES);
    const { status, stdout } = await answers(cwd, ['take', ' n ', 'yes', 'skip', 'y']);
    expect(status).toBe(0);
    expect(stdout).toContain('Take this edit? [y,n,a,d,A,D,e,b,q,?] take\n');
    expect(dockerfile(cwd)).toBe(await rewritten('--select', 'use-slim-base,remove-package-lists'));
  });

  it('that end write nothing', async () => {
    const cwd = folderWith(SERVER_FILES);
    const { status, stdout } = await answers(cwd, ['y']);
    expect(status).toBe(2);
    expect(stdout).toMatch(/there are no more answers; nothing was written\n$/);
    expect(dockerfile(cwd)).toBe(SERVER);
    expect((await answers(cwd, [])).status).toBe(0);
  });

  it('are what a terminal without keys gives', async () => {
    const cwd = folderWith(SERVER_FILES);
    const keys = ['y\n', 'q\n', 'y\n'];
    const around = { cwd, isTTY: true, keys, env: { TERM: 'dumb' } };
    expect((await dfopt(['review'], around)).status).toBe(0);
    expect(dockerfile(cwd)).toBe(await rewritten('--select', 'use-slim-base'));
  });

  it('hold nothing of a file that a terminal acts on', async () => {
    const evil = '\u001b]0;x\u0007\u202e\u009b2J';
    const text = `FROM debian:12-slim\n# ${evil}\nRUN apt-get update && apt-get install -y curl\n`;
    const cwd = folderWith({ [`${evil}.Dockerfile`]: text });
    const { stdout, stderr } = await answers(cwd, ['e', evil, 'y', 'q', 'y'], '--show', 'all');
    // oxlint-disable-next-line no-control-regex -- none may be there
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(stdout).toContain('# \\u001b]0;x\\u0007\\u202e\\u009b2J');
    expect(stdout).toContain('written: ');
  });
});

describe('dfopt review', () => {
  it('without a terminal says what to use instead', async () => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const { status, stdout, stderr } = await dfopt(['review'], { cwd, stdin: 'y\ny\n' });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    for (const other of ['dfopt rewrite', '--web', '--lines']) expect(stderr).toContain(other);
    expect(dockerfile(cwd)).toBe(DIRTY);
  });

  it.each([
    [['-'], /reads answers from standard input/],
    [['--show', 'nothing'], /no kind of remark is called "nothing"/],
    [['--show', ''], /--show needs a value/],
    [['--open'], /--open needs --web/],
    [['--context', 'none'], /--context: "none" is no folder/],
  ])('refuses %j', async (args, message) => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const { status, stderr } = await review(cwd, 'q', ...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('shows what was offered where that is asked for, and asks nothing where nothing is to do', async () => {
    const cwd = folderWith({ ...SERVER_FILES, 'c.Dockerfile': CLEAN });
    const shown = await review(cwd, 'q', '--show', 'offered,advice');
    expect(shown.stdout).toMatch(
      /▸ \d edits? offered, not made\n {2}○ line 1: use-alpine-base \(aggressive\)/,
    );
    expect((await review(cwd, 'q')).stdout).not.toContain('offered');
    const clean = await review(cwd, '', 'c.Dockerfile');
    expect(clean).toMatchObject({ status: 0, stdout: '\nthere is nothing to take\n' });
    const none = await review(folderWith({}), '');
    expect(none.stdout).toContain('no Dockerfile found');
  });

  it('goes by the configuration of each file', async () => {
    const cwd = folderWith({ ...SERVER_FILES, 'dfopt.config.json': '{"skip": ["use-slim-base"]}' });
    const { stdout } = await review(cwd, 'q');
    expect(stdout).not.toContain('▸ use-slim-base');
    expect(stdout).toContain('▸ mount-caches');
  });
});
