import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import * as pipeline from '../../src/pipeline.ts';
import { CLEAN, dfopt, DIRTY, folderWith, INVALID } from './support.ts';

const WINDOWS = 'FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nRUN echo hello\n';

/** What dfopt makes of a text: its own answer, so that no test here depends on a pass. */
async function rewritten(text: string): Promise<string> {
  const { stdout } = await dfopt(['rewrite', '-', '--write'], {
    cwd: folderWith({}),
    stdin: text,
  });
  return stdout;
}

describe('dfopt rewrite', () => {
  it('prints edits with reasons to stdout, sums to stderr, and leaves the file alone', async () => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const { status, stdout, stderr } = await dfopt(['rewrite', 'Dockerfile'], { cwd });
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^━━ Dockerfile ━+\n▸ .*\n {2}✓ line 2: [^@]*--- a\/Dockerfile\n\+\+\+ b\/Dockerfile\n@@ /,
    );
    expect(stderr).toMatch(/^ {2}Dockerfile {2}\d+ MB → /);
    expect(stderr).toMatch(/\n1 file would change \(\d+ edits?\)\n/);
    expect(readFileSync(join(cwd, 'Dockerfile'), 'utf8')).toBe(DIRTY);
  });

  it('prints a diff that git apply takes, in any folder of a repository', async () => {
    const top = folderWith({
      'app/Dockerfile': DIRTY,
      'app/app/Dockerfile': DIRTY,
      'app/a b/Dockerfile': DIRTY,
    });
    const cwd = join(top, 'app');
    spawnSync('git', ['init', '--quiet', top]);
    const { stdout } = await dfopt(['rewrite', 'app', 'a b'], { cwd });
    expect(spawnSync('git', ['apply'], { cwd, input: stdout }).status).toBe(0);
    const after = await rewritten(DIRTY);
    expect(readFileSync(join(cwd, 'app/Dockerfile'), 'utf8')).toBe(after);
    expect(readFileSync(join(cwd, 'a b/Dockerfile'), 'utf8')).toBe(after);
    expect(readFileSync(join(cwd, 'Dockerfile'), 'utf8')).toBe(DIRTY);
  });

  it('--write changes the file, prints no diff, and finds nothing more to do', async () => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const first = await dfopt(['rewrite', '--write'], { cwd });
    expect({ status: first.status, stdout: first.stdout }).toEqual({ status: 0, stdout: '' });
    expect(first.stderr).toContain('1 file rewritten');
    expect(readFileSync(join(cwd, 'Dockerfile'), 'utf8')).toBe(await rewritten(DIRTY));
    const second = await dfopt(['rewrite', '--check'], { cwd });
    expect(second).toEqual({ status: 0, stdout: '', stderr: '1 file unchanged\n' });
  });

  it.each([
    ['CRLF', DIRTY.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${DIRTY}`],
    ['no final newline', DIRTY.trimEnd()],
  ])('--write keeps %s', async (_name, text) => {
    const cwd = folderWith({ Dockerfile: text });
    await dfopt(['rewrite', '--write'], { cwd });
    const after = readFileSync(join(cwd, 'Dockerfile'), 'utf8');
    expect(after).not.toBe(text);
    const [plain, marks] = [
      (each: string) => each.replaceAll('\r', '').replace('\ufeff', '').trimEnd(),
      (each: string) => [
        /(?<!\r)\n/.test(each),
        each.includes('\r\n'),
        each.startsWith('\ufeff'),
        each.endsWith('\n'),
      ],
    ];
    expect(marks(after)).toEqual(marks(text));
    expect(plain(after)).toBe(plain(await rewritten(DIRTY)));
  });

  it('--check exits with 1 where a file would change', async () => {
    const cwd = folderWith({ 'a.Dockerfile': CLEAN, 'b.Dockerfile': DIRTY });
    expect((await dfopt(['rewrite', '--check'], { cwd })).status).toBe(1);
    expect((await dfopt(['rewrite', '--check', 'a.Dockerfile'], { cwd })).status).toBe(0);
  });

  it('--list prints only names', async () => {
    const cwd = folderWith({ 'x/Dockerfile': CLEAN, 'y/Dockerfile': DIRTY });
    const { status, stdout, stderr } = await dfopt(['rewrite', '--check', '--list'], { cwd });
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: 'y/Dockerfile\n', stderr: '' });
  });

  it('--quiet says nothing but errors', async () => {
    const cwd = folderWith({ 'a.Dockerfile': DIRTY, 'b.Dockerfile': INVALID });
    const { stderr } = await dfopt(['rewrite', '--quiet'], { cwd });
    expect(stderr).toMatch(/^b\.Dockerfile:2:6: [^\n]*\n$/);
  });

  it('--verbose shows ids, and --deny takes them', async () => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const { stdout } = await dfopt(['rewrite', '--verbose'], { cwd });
    const ids = [...stdout.matchAll(/^ {4}(\w{10}-\d+)$/gm)].map((match) => match[1]!);
    expect(ids.length).toBeGreaterThan(0);
    const denied = await dfopt(['rewrite', '--deny', ids.join(','), '--verbose'], { cwd });
    expect(denied.stdout).not.toContain('+++ ');
    expect(denied.stdout).toMatch(/○ line 2: remove-package-lists \(safe\): [^]*\n {4}denied\n/);
    const unknown = await dfopt(['rewrite', '--deny', 'nothing-0'], { cwd });
    expect(unknown.stderr).toContain('--deny: no edit has the id "nothing-0"');
  });

  it('--select, --skip and --level choose', async () => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const only = await dfopt(['rewrite', '--select', 'remove-package-lists'], { cwd });
    expect(only.stdout.match(/▸ .*/g)).toEqual([expect.stringContaining('remove-package-lists')]);
    const without = await dfopt(['rewrite', '--skip', 'remove-package-lists'], { cwd });
    expect(without.stdout).not.toContain('remove-package-lists');
    const both = ['--select=remove-package-lists', '--select', 'assume-yes', '--level=safe'];
    expect((await dfopt(['rewrite', ...both], { cwd })).stdout).toBe(only.stdout);
  });

  it('reads a file whatever its name, and one that begins with a dash behind --', async () => {
    const cwd = folderWith({ '-x': DIRTY, 'notes.md': DIRTY });
    const { stdout } = await dfopt(['rewrite', 'notes.md', '--', '-x'], { cwd });
    expect(stdout).toContain('+++ b/notes.md\n');
    expect(stdout).toContain('+++ b/-x\n');
  });

  it('takes each file once', async () => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    symlinkSync('Dockerfile', join(cwd, 'a.Dockerfile'));
    const { stdout } = await dfopt(['rewrite', 'Dockerfile', '.', './Dockerfile'], { cwd });
    expect(stdout.match(/^━━ /gm)).toHaveLength(1);
  });
});

describe('standard input', () => {
  it('- prints the diff under the given name', async () => {
    const around = { cwd: folderWith({}), stdin: DIRTY };
    const named = await dfopt(['rewrite', '-', '--stdin-filepath', 'x/Dockerfile'], around);
    expect(named.stdout).toMatch(/^--- a\/x\/Dockerfile$/m);
    expect((await dfopt(['rewrite', '-'], around)).stdout).toMatch(/^--- a\/stdin$/m);
  });

  it('--write prints the text, changed or not', async () => {
    const around = { cwd: folderWith({}), stdin: `${CLEAN}# é\n` };
    expect((await dfopt(['rewrite', '-', '--write'], around)).stdout).toBe(around.stdin);
    expect(await rewritten(DIRTY)).not.toBe(DIRTY);
    expect(await rewritten(INVALID)).toBe(INVALID);
  });

  it('is refused like a file', async () => {
    const around = { cwd: folderWith({}), stdin: new Uint8Array([0x46, 0xff]) };
    const { status, stdout, stderr } = await dfopt(['rewrite', '-'], around);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('stdin: is not valid UTF-8; left alone');
  });
});

describe('one bad file among many', () => {
  it('stops none of the others; each is reported, and the status is 2', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`good/${index}.Dockerfile`, DIRTY]),
    );
    const cwd = folderWith({
      ...many,
      'bad/binary.Dockerfile': new Uint8Array([0, 1, 2]),
      'bad/empty.Dockerfile': '',
      'bad/invalid.Dockerfile': INVALID,
      'bad/large.Dockerfile': Buffer.alloc(1024 * 1024 + 1, '#'),
      'bad/latin.Dockerfile': Buffer.from('FROM a\n# \xe9\n', 'latin1'),
      'bad/template.Dockerfile': 'FROM {{ image }}\n',
      'good/windows.Dockerfile': WINDOWS,
    });
    spawnSync('mkfifo', [join(cwd, 'pipe')]);
    symlinkSync('circle', join(cwd, 'circle'));
    const args = ['rewrite', '--write', '.', 'missing', 'pipe', 'circle'];
    const { status, stdout, stderr } = await dfopt(args, { cwd });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    for (const line of [
      'bad/binary.Dockerfile: is a binary file; left alone',
      'bad/large.Dockerfile: is larger than 1 MiB, which no Dockerfile is; left alone',
      'bad/latin.Dockerfile: is not valid UTF-8; left alone',
      'circle: cannot be read: its symbolic links lead in a circle',
      'missing: cannot be read: there is no such file',
      'pipe: is not a regular file',
    ]) {
      expect(stderr).toContain(`${line}\n`);
    }
    for (const name of ['empty', 'invalid', 'template']) {
      expect(stderr).toMatch(new RegExp(`^bad/${name}\\.Dockerfile:\\d+:\\d+: .* \\(.*\\)$`, 'm'));
    }
    expect(stderr).toMatch(/^good\/windows\.Dockerfile:1:1: .* left alone\)$/m);
    expect(stderr).toContain('100 files rewritten, 1 file left alone, 9 files with errors');
    const after = await rewritten(DIRTY);
    for (const name of Object.keys(many)) {
      expect(readFileSync(join(cwd, name), 'utf8')).toBe(after);
    }
    expect(readFileSync(join(cwd, 'bad/invalid.Dockerfile'), 'utf8')).toBe(INVALID);
  });

  it('a file that is left alone is no error', async () => {
    const cwd = folderWith({ Dockerfile: WINDOWS });
    const { status, stderr } = await dfopt(['rewrite', '--check'], { cwd });
    expect(status).toBe(0);
    expect(stderr).toContain('1 file left alone');
  });

  it('a bug of dfopt shows no stack trace unless asked, and does not stop the others', async () => {
    const cwd = folderWith({ 'a.Dockerfile': CLEAN, 'b.Dockerfile': DIRTY });
    const real = pipeline.optimize;
    const spy = vi.spyOn(pipeline, 'optimize').mockImplementation((text, facts, options) => {
      if (text === CLEAN) throw new TypeError('x is \u001bundefined');
      return real(text, facts, options);
    });
    try {
      const { status, stdout, stderr } = await dfopt(['rewrite'], { cwd });
      expect(status).toBe(2);
      expect(stdout).toContain('+++ b/b.Dockerfile');
      expect(stderr).toContain('a.Dockerfile: a bug in dfopt: x is \\u001bundefined');
      expect(stderr).toContain('(--debug shows where)');
      expect(stderr).not.toMatch(/^\s+at /m);
      expect((await dfopt(['rewrite', '--debug'], { cwd })).stderr).toMatch(/^\s+at /m);
      const env = { DFOPT_DEBUG: '1' };
      expect((await dfopt(['rewrite'], { cwd, env })).stderr).toMatch(/^\s+at /m);
    } finally {
      spy.mockRestore();
    }
  });

  it('a folder that cannot be searched is reported', async () => {
    const cwd = folderWith({ 'a/Dockerfile': CLEAN });
    const locked = join(cwd, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0);
    const { stderr } = await dfopt(['rewrite'], { cwd });
    // Root may search any folder.
    const isRoot = process.getuid?.() === 0;
    expect(stderr.includes('locked: cannot be searched: no permission')).toBe(!isRoot);
    chmodSync(locked, 0o700);
  });
});

describe('what reaches a terminal', () => {
  const EVIL =
    'FROM debian:12-slim\n# \u001b[2J\u009b\nRUN apt-get update && apt-get install -y curl\nX\u001by\n';

  // oxlint-disable-next-line no-control-regex -- none may be there
  const CONTROL = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]|\u001b(?!\[\d+m)/;

  it.each([[['rewrite', '-v']], [['rewrite', '-', '--write']], [['rewrite', '--list', '-v']]])(
    'of %j has no control characters but colours',
    async (args) => {
      const stdin = EVIL.replace(/X.*\n/, '');
      const cwd = folderWith({ 'evil.Dockerfile': EVIL });
      writeFileSync(join(cwd, 'c\u001b]0;x\u0007.Dockerfile'), stdin);
      const { stdout, stderr } = await dfopt(args, { cwd, stdin, isTTY: true });
      expect(stdout + stderr).not.toMatch(CONTROL);
      expect(stdout + stderr).toContain('\\u001b');
    },
  );

  it('of JSON is escaped too, and means the same', async () => {
    const name = 'c\u009b\u202e.Dockerfile';
    const cwd = folderWith({ [name]: DIRTY });
    const { stdout } = await dfopt(['rewrite', '--format', 'json'], { cwd });
    expect(stdout).not.toMatch(/[\u0080-\u009f\u202e]/);
    const { files } = JSON.parse(stdout) as { files: { file: string }[] };
    expect(files[0]!.file).toBe(name);
  });
});

describe('--format json', () => {
  it('has one object a file: remarks and diagnostics as they are', async () => {
    const cwd = folderWith({
      'a/Dockerfile': DIRTY,
      'b/Dockerfile': INVALID,
      'c/Dockerfile': '\0',
    });
    const { status, stdout, stderr } = await dfopt(['rewrite', '--format', 'json'], { cwd });
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      files: [
        {
          file: 'a/Dockerfile',
          changed: true,
          written: false,
          diff: (await dfopt(['rewrite', 'a/Dockerfile', '--format', 'diff'], { cwd })).stdout,
          others: [],
          remarks: expect.arrayContaining([
            expect.objectContaining({ outcome: 'applied', origin: { line: 2, column: 1 } }),
          ]) as unknown,
          diagnostics: [],
          estimate: expect.objectContaining({
            saved: expect.objectContaining({ basis: 'model' }) as unknown,
          }) as unknown,
        },
        {
          file: 'b/Dockerfile',
          changed: false,
          written: false,
          diff: '',
          others: [],
          remarks: [],
          diagnostics: [expect.objectContaining({ severity: 'error', line: 2 })],
        },
        {
          file: 'c/Dockerfile',
          changed: false,
          written: false,
          failure: 'is a binary file; left alone',
          diff: '',
          others: [],
          remarks: [],
          diagnostics: [],
        },
      ],
    });
  });
});
