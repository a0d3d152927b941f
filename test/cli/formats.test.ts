/** `--format`: several outputs of one run, on standard output and in files. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../src/report/formats/formats.ts';
import { dfopt, DIRTY, folderWith, INVALID } from './support.ts';

const NAMES = FORMATS.map(({ name }) => name);
const DOCKERFILES = { 'a/Dockerfile': DIRTY, 'b/Dockerfile': INVALID };

describe('--format', () => {
  it('writes files and standard output in one run; each says what it says alone', async () => {
    const cwd = folderWith(DOCKERFILES);
    const files = NAMES.map((name) => `--format=${name}=${name}.out`);
    const both = await dfopt(['rewrite', ...files, '--format', 'json'], { cwd });
    expect({ status: both.status, stderr: both.stderr }).toEqual({ status: 2, stderr: '' });
    for (const name of NAMES.filter((each) => each !== 'text')) {
      const alone = await dfopt(['rewrite', '--format', name], { cwd });
      expect(readFileSync(join(cwd, `${name}.out`), 'utf8')).toBe(alone.stdout);
      expect(alone.stdout).not.toBe('');
      expect(alone.status).toBe(2);
    }
    expect(readFileSync(join(cwd, 'json.out'), 'utf8')).toBe(both.stdout);
    const { stdout, stderr } = await dfopt(['rewrite'], { cwd });
    const text = readFileSync(join(cwd, 'text.out'), 'utf8');
    // Names above hunks are for git apply.
    const shown = stdout.split('\n').filter((line) => !/^(---|\+\+\+) /.test(line));
    for (const line of [...shown, ...stderr.split('\n')]) expect(text).toContain(line);
    expect(readdirSync(cwd).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('leaves text as it is where files are written beside it', async () => {
    const cwd = folderWith(DOCKERFILES);
    const alone = await dfopt(['rewrite'], { cwd });
    const args = ['rewrite', '--format', 'sarif=out.sarif', '--format', 'text'];
    expect(await dfopt(args, { cwd })).toEqual(alone);
    expect(existsSync(join(cwd, 'out.sarif'))).toBe(true);
  });

  it('says errors and the sum where only files are asked for, errors where it is quiet', async () => {
    const cwd = folderWith(DOCKERFILES);
    const args = ['rewrite', '--format', 'html=out.html'];
    const { stdout, stderr, status } = await dfopt(args, { cwd });
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(
      /^b\/Dockerfile:2:6: .*\n[^]*1 file would change, 1 file with errors .*\n/,
    );
    const quiet = await dfopt([...args, '--quiet'], { cwd });
    expect(quiet.stderr).toMatch(/^b\/Dockerfile:2:6: .*\n$/);
  });

  it('diff is the diff; what is wrong goes to standard error', async () => {
    const cwd = folderWith(DOCKERFILES);
    const quiet = await dfopt(['rewrite', '--quiet'], { cwd });
    const { stdout, stderr, status } = await dfopt(['rewrite', '--format', 'diff'], { cwd });
    expect({ stdout, status }).toEqual({ stdout: quiet.stdout, status: 2 });
    expect(stdout).toMatch(/^--- a\/a\/Dockerfile\n\+\+\+ b\/a\/Dockerfile\n@@ /);
    expect(stderr).toMatch(/^b\/Dockerfile:2:6: .*\n$/);
  });

  it('is heard with a filter, and where files are written', async () => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const args = ['rewrite', '-', '--stdin-filepath', 'x/Dockerfile', '--format', 'sarif'];
    const { stdout } = await dfopt(args, { cwd, stdin: DIRTY });
    expect(stdout).toContain('"uri": "x/Dockerfile"');
    const filter = ['rewrite', '-', '--write', '--format', 'text', '--format', 'markdown=x.md'];
    const filtered = await dfopt(filter, { cwd, stdin: DIRTY });
    expect(filtered.stdout).toMatch(/^FROM debian:12-slim\n/);
    expect(readFileSync(join(cwd, 'x.md'), 'utf8')).toMatch(/^## dfopt: 1 Dockerfile to rewrite/);
    const plain = await dfopt(['rewrite', '--format', 'diff'], { cwd });
    const written = ['rewrite', '--write', '--format', 'markdown=y.md', '--format', 'diff'];
    expect((await dfopt(written, { cwd })).stdout).toBe(plain.stdout);
    expect(readFileSync(join(cwd, 'y.md'), 'utf8')).toMatch(/^## dfopt: 1 Dockerfile rewritten/);
    expect(readFileSync(join(cwd, 'Dockerfile'), 'utf8')).toBe(filtered.stdout);
  });

  it('--verbose has more, --quiet has less', async () => {
    const cwd = folderWith({ Dockerfile: `${DIRTY}RUN apt-get update\n` });
    const count = async (...args: readonly string[]): Promise<number> => {
      const { stdout } = await dfopt(['rewrite', '--format', 'gitlab', ...args], { cwd });
      return (JSON.parse(stdout) as unknown[]).length;
    };
    const [less, normal, more] = [await count('-q'), await count(), await count('-v')];
    expect(less).toBe(0);
    expect(normal).toBeGreaterThan(0);
    expect(more).toBeGreaterThan(normal);
  });

  it('--list still prints names, and sizes are in the file', async () => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const { stdout } = await dfopt(['rewrite', '--list', '--format', 'text', '--format=json=x'], {
      cwd,
    });
    expect(stdout).toBe('Dockerfile\n');
    expect(readFileSync(join(cwd, 'x'), 'utf8')).toContain('"estimate"');
  });

  it('replaces an old report, through a link, and keeps its mode', async () => {
    const cwd = folderWith({ Dockerfile: DIRTY, 'real.json': 'old' });
    chmodSync(join(cwd, 'real.json'), 0o640);
    symlinkSync('real.json', join(cwd, 'link.json'));
    const { status } = await dfopt(['rewrite', '--format', 'json=link.json'], { cwd });
    expect(status).toBe(0);
    expect(lstatSync(join(cwd, 'link.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(cwd, 'real.json'), 'utf8')).toContain('"version": 1');
    expect(lstatSync(join(cwd, 'real.json')).mode & 0o777).toBe(0o640);
  });

  it('is completed', async () => {
    const complete = async (...words: readonly string[]): Promise<string> =>
      (await dfopt(['--get-yargs-completions', 'dfopt', ...words], { cwd: folderWith({}) })).stdout;
    expect(await complete('rewrite', '--format', '')).toBe(`${NAMES.join('\n')}\n`);
    expect(await complete('verify', '--format', '')).toBe('text\njson\n');
  });
});

describe('--format refuses', () => {
  it.each([
    [['--format', 'sariff'], 'no format is called "sariff"; did you mean sarif?'],
    [['--format', 'mardown=x'], 'did you mean markdown?'],
    [['--format', 'checkstyle'], `there are ${NAMES.join(', ')}`],
    [['--format', 'sarif='], '--format sarif= lacks the name of a file'],
    [['--format', 'json', '--format', 'sarif'], 'only one format can be on standard output'],
    [['--format=json=x', '--format=sarif=x'], '--format names the file "x" twice'],
    [['--format=json=x', '--format=sarif=./x'], '--format names the file "./x" twice'],
    [['--format', 'json=no/such'], 'cannot be written: there is no folder'],
    [['--format', 'json=sub'], 'sub is a folder'],
    [['--format', 'json=sub/../Dockerfile'], 'would write over "sub/../Dockerfile"'],
    [['--format', 'sarif', '--list'], '--list cannot be SARIF'],
    [['--format', 'sarif=x', '--write'], '--format sarif points at lines of the files as they are'],
  ])('%j', async (args, message) => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    mkdirSync(join(cwd, 'sub'));
    const { status, stdout, stderr } = await dfopt(['rewrite', ...args], { cwd });
    expect(stderr).toContain(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(readFileSync(join(cwd, 'Dockerfile'), 'utf8')).toBe(DIRTY);
    expect(readdirSync(cwd).toSorted()).toEqual(['Dockerfile', 'sub']);
  });

  it.each([
    ['x'.repeat(300), 'its name is too long'],
    ['Dockerfile/x', 'a part of its path is not a folder'],
  ])('before any work what the system would refuse: %s', async (path, why) => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const args = ['rewrite', '--write', `--format=json=${path}`];
    const { status, stderr } = await dfopt(args, { cwd });
    expect(stderr).toContain(`dfopt: --format: ${path} cannot be written: ${why}\n`);
    expect(status).toBe(2);
    expect(readFileSync(join(cwd, 'Dockerfile'), 'utf8')).toBe(DIRTY);
  });

  it.skipIf(!existsSync('/dev/full'))(
    'one file that cannot be written, and writes the others',
    async () => {
      const cwd = folderWith({ Dockerfile: DIRTY });
      const args = ['rewrite', '--format=json=/dev/full', '--format=sarif=ok', '--format', 'text'];
      const { status, stdout, stderr } = await dfopt(args, { cwd });
      expect(status).toBe(2);
      expect(stderr).toContain('dfopt: /dev/full cannot be written: the disk is full\n');
      expect(stdout).toContain('+++ b/Dockerfile');
      expect(readFileSync(join(cwd, 'ok'), 'utf8')).toContain('"2.1.0"');
      expect(readdirSync(cwd).toSorted()).toEqual(['Dockerfile', 'ok']);
    },
  );

  it('nothing in names of 255 letters', async () => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const path = 'x'.repeat(255);
    expect((await dfopt(['rewrite', `--format=json=${path}`], { cwd })).status).toBe(0);
    expect(readdirSync(cwd)).toContain(path);
  });
});
