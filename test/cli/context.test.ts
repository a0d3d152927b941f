/** `dfopt rewrite` with a build context, and edits that change a second file. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { isSent } from '../../src/analysis/context.ts';
import { withPatterns } from '../../src/analysis/dockerignore.ts';
import { splice } from '../../src/dockerfile/edit.ts';
import { mapStages } from '../../src/dockerfile/model.ts';
import { definePass, type Pass } from '../../src/pass.ts';
import { dfopt, folderWith } from './support.ts';

/** Renames `RUN old` to `RUN new` and, in the same edit, ignores node_modules. */
const linkedPass: Pass = definePass({
  id: 'linked',
  summary: 'Both.',
  why: 'A test asks for it.',
  refuses: [],
  level: 'safe',
  improves: ['size'],
  references: [],
  run: (file, scope) =>
    mapStages(file, (stage) =>
      stage.instructions.map((each) => {
        if (each.kind !== 'run' || each.argsText !== 'old') return each;
        const isIgnored = scope.context && !isSent(scope.context, 'node_modules');
        const patterns = isIgnored ? [] : ['node_modules'];
        const ignore = withPatterns(scope.context?.ignore?.text ?? '', patterns);
        const proposal = { level: 'safe' as const, message: 'both', ignore };
        return scope.propose(each, proposal, each, () =>
          splice(each, [{ ...each.args, insert: 'new' }]),
        );
      }),
    ),
});

vi.mock('../../passes/index.ts', () => ({
  get passes() {
    return [linkedPass];
  },
}));

const BEFORE = 'FROM a\nCOPY . .\nRUN old\n';
const AFTER = 'FROM a\nCOPY . .\nRUN new\n';

describe('two files', () => {
  let cwd: string;
  const read = (name: string): string => readFileSync(join(cwd, name), 'utf8');
  beforeEach(() => {
    cwd = folderWith({ Dockerfile: BEFORE, 'node_modules/a/b': 'x' });
  });

  it.each([
    ['one diff', ['--format', 'diff']],
    ['edits with their reasons', []],
  ])('are %s, which git apply takes', async (_name, args) => {
    const { status, stdout, stderr } = await dfopt(['rewrite', ...args], { cwd });
    const own = '@@ -1,3 +1,3 @@\n FROM a\n COPY . .\n-RUN old\n+RUN new\n';
    const names = '--- a/Dockerfile\n+++ b/Dockerfile\n';
    const other = '--- /dev/null\n+++ b/.dockerignore\n@@ -0,0 +1,1 @@\n+node_modules\n';
    const heading = `━━ Dockerfile ${'━'.repeat(66)}\n▸ linked  safe\n`;
    const reason = '  ✓ line 3: both\n    changes .dockerignore too\n';
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout:
        args.length > 0 ? `${other}${names}${own}` : `${heading}${reason}${names}${own}${other}\n`,
    });
    expect(stderr).toMatch(args.length > 0 ? /^$/ : /\n2 files would change \(1 edit\)\n$/);
    expect(existsSync(join(cwd, '.dockerignore'))).toBe(false);
    expect(spawnSync('git', ['apply'], { cwd, input: stdout }).status).toBe(0);
    expect(read('.dockerignore')).toBe('node_modules\n');
    expect(read('Dockerfile')).toBe(AFTER);
    expect((await dfopt(['rewrite'], { cwd })).stdout).toBe('');
  });

  it('are written together, and then nothing more is to do', async () => {
    writeFileSync(join(cwd, '.dockerignore'), '# mine\r\nx\r\n');
    const { stdout, stderr } = await dfopt(['rewrite', '--write'], { cwd });
    expect(stdout).toBe('');
    expect(stderr).toContain('2 files rewritten (1 edit)');
    expect(read('.dockerignore')).toBe('# mine\r\nx\r\nnode_modules\r\n');
    expect(read('Dockerfile')).toBe(AFTER);
    const again = await dfopt(['rewrite', '--check'], { cwd });
    expect(again).toEqual({ status: 0, stdout: '', stderr: '1 file unchanged\n' });
  });

  it.each([
    ['Dockerfile', 'is read-only; left alone'],
    ['.dockerignore', '.dockerignore is read-only; left alone'],
  ])('are not written where %s cannot be', async (name, why) => {
    writeFileSync(join(cwd, '.dockerignore'), 'x\n');
    chmodSync(join(cwd, name), 0o444);
    const { status, stderr } = await dfopt(['rewrite', '--write'], { cwd });
    expect(status).toBe(2);
    expect(stderr).toContain(`Dockerfile: ${why}\n`);
    expect(read('Dockerfile')).toBe(BEFORE);
    expect(read('.dockerignore')).toBe('x\n');
  });

  it('are named by --list, counted by --check and told by JSON', async () => {
    const listed = await dfopt(['rewrite', '--check', '--list'], { cwd });
    expect(listed).toEqual({ status: 1, stdout: '.dockerignore\nDockerfile\n', stderr: '' });
    const { stdout } = await dfopt(['rewrite', '--format', 'json'], { cwd });
    const { files } = JSON.parse(stdout) as { files: Record<string, unknown>[] };
    expect(files[0]).toMatchObject({
      file: 'Dockerfile',
      changed: true,
      others: [{ file: '.dockerignore', isNew: true }],
      diff: (await dfopt(['rewrite', '--format', 'diff'], { cwd })).stdout,
    });
  });

  it('are coloured each with its head', async () => {
    const { stdout } = await dfopt(['rewrite'], { cwd, isTTY: true, env: { FORCE_COLOR: '1' } });
    // oxlint-disable-next-line no-control-regex -- colours are what is looked for
    const heads = stdout.match(/^\u001b\[1m(---|\+\+\+|━━) [^ \u001b]*/gm);
    // oxlint-disable-next-line no-control-regex -- as above
    expect(heads?.map((each) => each.replace(/^\u001b\[1m/, ''))).toEqual([
      '━━ Dockerfile',
      '--- /dev/null',
      '+++ b/.dockerignore',
    ]);
  });

  it('are none for a filter, which hands out one text', async () => {
    const args = ['rewrite', '-', '--stdin-filepath', 'Dockerfile'];
    const filtered = await dfopt([...args, '--write', '-v'], { cwd, stdin: BEFORE });
    expect(filtered.stdout).toBe(BEFORE);
    expect(filtered.stderr).toContain('○ 3  linked  both (changes .dockerignore too; denied');
    expect(existsSync(join(cwd, '.dockerignore'))).toBe(false);
    const { stdout } = await dfopt(args, { cwd, stdin: BEFORE });
    expect(stdout).toContain('+++ b/.dockerignore');
  });
});

describe('Dockerfiles that share an ignore file', () => {
  const make = (): string =>
    folderWith({ 'a.Dockerfile': BEFORE, 'b.Dockerfile': BEFORE, 'node_modules/a': '' });

  it('see what the ones before them did, written or not', async () => {
    const cwd = make();
    const { stdout } = await dfopt(['rewrite'], { cwd });
    expect(stdout.match(/^\+\+\+ .*$/gm)).toEqual([
      '+++ b/a.Dockerfile',
      '+++ b/.dockerignore',
      '+++ b/b.Dockerfile',
    ]);
    expect((await dfopt(['rewrite', '--write'], { cwd })).stderr).toContain('3 files rewritten');
    expect(readFileSync(join(cwd, '.dockerignore'), 'utf8')).toBe('node_modules\n');
  });

  it('may have one of their own', async () => {
    const cwd = make();
    writeFileSync(join(cwd, 'b.Dockerfile.dockerignore'), '');
    const { stdout } = await dfopt(['rewrite', '--list'], { cwd });
    expect(stdout).toBe('.dockerignore\na.Dockerfile\nb.Dockerfile.dockerignore\nb.Dockerfile\n');
  });
});

describe('which context', () => {
  it('is the folder of each file, or the one that is named', async () => {
    const cwd = folderWith({ 'app/Dockerfile': BEFORE, 'node_modules/a': '' });
    const own = await dfopt(['rewrite', '--list'], { cwd });
    expect(own.stdout).toBe('app/.dockerignore\napp/Dockerfile\n');
    const named = await dfopt(['rewrite', '--list', '--context', '.'], { cwd });
    expect(named.stdout).toBe('.dockerignore\napp/Dockerfile\n');
    const wrong = await dfopt(['rewrite', '--context', 'no'], { cwd });
    expect(wrong).toMatchObject({ status: 2, stdout: '' });
    expect(wrong.stderr).toContain('--context: "no" is no folder');
  });

  it('is unknown for a text without a place', async () => {
    const cwd = folderWith({ 'node_modules/a': '' });
    const { stdout } = await dfopt(['rewrite', '-', '--verbose'], { cwd, stdin: BEFORE });
    expect(stdout).not.toContain('+++ ');
    expect(stdout).toContain('needs the build context: --context');
    const named = await dfopt(['rewrite', '-', '--context', '.'], { cwd, stdin: BEFORE });
    expect(named.stdout).toContain('+++ b/.dockerignore');
  });

  it('is not guessed where the files that are copied lie above', async () => {
    const text = 'FROM a\nCOPY services/a/package.json .\nRUN old\n';
    const top = folderWith({
      'services/a/Dockerfile': text,
      'services/a/package.json': '{}',
      'node_modules/a': '',
    });
    spawnSync('git', ['init', '--quiet', top]);
    const { status, stdout, stderr } = await dfopt(['rewrite'], { cwd: top });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toContain(
      'services/a/Dockerfile:2:1: the build context is not this folder but, it seems, ../.. (name it with --context',
    );
    const named = await dfopt(['rewrite', '--context', '.', '--list'], { cwd: top });
    expect(named.stdout).toBe('.dockerignore\nservices/a/Dockerfile\n');
  });

  it('is the own folder where something is missing that no folder has', async () => {
    const top = folderWith({ 'app/Dockerfile': 'FROM a\nCOPY target/app.jar /\nRUN old\n' });
    spawnSync('git', ['init', '--quiet', top]);
    const { stdout } = await dfopt(['rewrite', '--list'], { cwd: top });
    expect(stdout).toBe('app/.dockerignore\napp/Dockerfile\n');
  });

  it('is not read for a file that reads nothing from it', async () => {
    const files = { Dockerfile: 'FROM a\nCOPY --from=b /x /y\nRUN old\n', 'node_modules/a': '' };
    const cwd = folderWith(files);
    const { stdout } = await dfopt(['rewrite', '--show', 'offered'], { cwd });
    expect(stdout).toContain('needs the build context');
  });

  it('is unknown where its ignore file cannot be read', async () => {
    const cwd = folderWith({ Dockerfile: BEFORE, '.dockerignore': Uint8Array.of(0xff) });
    const { status, stdout, stderr } = await dfopt(['rewrite'], { cwd });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toContain(
      'nothing is known of the build context: .dockerignore is not valid UTF-8; left alone',
    );
  });

  it('says what of it is not known', async () => {
    const cwd = folderWith({ Dockerfile: BEFORE });
    expect(spawnSync('mkfifo', [join(cwd, 'pipe')]).status).toBe(0);
    const { stderr } = await dfopt(['rewrite'], { cwd });
    expect(stderr).toContain('Dockerfile:1:1: pipe is no file, folder or link');
  });
});
