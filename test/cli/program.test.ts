/** What only the real program shows: its streams, its exit status, its bundle. */
import { execFileSync, spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf } from '../lsp/support.ts';
import { dfopt, DIRTY, folderWith, INVALID } from './support.ts';

const ROOT = join(import.meta.dirname, '../..');
let built: string;
let program: string;

beforeAll(() => {
  // Inside the project, because that is where the bundle will lie.
  built = mkdtempSync(join(ROOT, 'node_modules', '.dfopt-test-'));
  const script = pathToFileURL(join(ROOT, 'scripts/build.mjs')).href;
  const code = `const { buildCli } = await import(${JSON.stringify(script)}); await buildCli(process.argv[1]);`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', code, built]);
  program = join(built, 'main.js');
}, 60_000);
afterAll(() => rmSync(built, { recursive: true, force: true }));

function execute(
  args: readonly string[],
  options: { readonly cwd: string; readonly input?: string },
): SpawnSyncReturns<string> {
  const env = { PATH: process.env['PATH'] };
  return spawnSync(process.execPath, [program, ...args], { ...options, env, encoding: 'utf8' });
}

describe('the program', () => {
  it.each(['Dockerfile', '日本語日本語日本語日本語日本語日本語日本語日本語.Dockerfile'])(
    'does to %s what the tests see inside their process',
    async (name) => {
      const cwd = folderWith({ [name]: DIRTY });
      const { status, stdout, stderr } = execute(['rewrite'], { cwd });
      expect({ status, stdout, stderr }).toEqual(await dfopt(['rewrite'], { cwd }));
    },
  );

  it('reads standard input', () => {
    const { status, stdout } = execute(['rewrite', '-', '--write'], {
      cwd: folderWith({}),
      input: DIRTY,
    });
    expect(status).toBe(0);
    expect(stdout).not.toBe(DIRTY);
    expect(stdout).toContain('FROM debian:12-slim\n');
  });

  it.each([
    ['dfopt.config.yaml', 'level: nonsense\n'],
    ['dfopt.config.json', '{ "level": "nonsense" }\n'],
    ['dfopt.config.mjs', 'export default { level: "nonsense" };\n'],
  ])('reads %s with the packages of the bundle', (name, text) => {
    const cwd = folderWith({ Dockerfile: DIRTY, [name]: text });
    const { status, stderr } = execute(['rewrite', '--config', name], { cwd });
    expect(stderr).toContain('nonsense');
    expect(stderr).not.toContain('a bug in dfopt');
    expect(status).toBe(2);
  });

  it('tells where a configuration is no YAML', () => {
    const cwd = folderWith({ Dockerfile: DIRTY, 'dfopt.config.yaml': 'level: [\n' });
    const { status, stderr } = execute(['rewrite'], { cwd });
    expect(stderr).toContain('dfopt.config.yaml:2:1 is no YAML');
    expect(status).toBe(2);
  });

  it('exits with 0, 1 or 2', () => {
    const cwd = folderWith({ 'a.Dockerfile': DIRTY, 'b.Dockerfile': INVALID });
    expect(execute(['rewrite', 'a.Dockerfile'], { cwd }).status).toBe(0);
    expect(execute(['rewrite', '--check', 'a.Dockerfile'], { cwd }).status).toBe(1);
    expect(execute(['rewrite', '--check'], { cwd }).status).toBe(2);
    expect(execute(['rewrite', '--nonsense'], { cwd }).status).toBe(2);
    expect(execute(['--help'], { cwd }).status).toBe(0);
  });

  it('is quiet when nobody reads any more, and still writes the files', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `folder/${index}.Dockerfile`);
    const cwd = folderWith(Object.fromEntries(names.map((name) => [name, DIRTY])));
    const run = async (args: readonly string[]): Promise<{ code: unknown; stderr: string }> => {
      // Without a home, so that no cache of whoever runs this is touched.
      const env = { PATH: process.env['PATH'] };
      const child = spawn(process.execPath, [program, 'rewrite', ...args], { cwd, env });
      child.stdout.destroy();
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const code = await new Promise((resolve) => child.once('close', resolve));
      return { code, stderr };
    };
    expect(await run(['--quiet'])).toEqual({ code: 0, stderr: '' });
    expect(await run(['--quiet', '--write', '--list'])).toEqual({ code: 0, stderr: '' });
    for (const name of names) expect(readFileSync(join(cwd, name), 'utf8')).not.toBe(DIRTY);
  });

  it('says so when its output cannot be written', () => {
    // Linux has a device that is always full.
    const device = '/dev/full';
    if (!existsSync(device)) return;
    const full = openSync(device, 'w');
    const { status, stderr } = spawnSync(process.execPath, [program, 'rewrite', '-q'], {
      cwd: folderWith({ Dockerfile: DIRTY }),
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect(stderr).toBe('dfopt: cannot write: ENOSPC\n');
    expect(status).toBe(2);
  });

  it('serves an editor, and ends with it', async () => {
    const cwd = folderWith({});
    const child = spawn(process.execPath, [program, 'lsp', '--stdio', '--level', 'safe'], { cwd });
    const client = await clientOf(cwd, child.stdout, child.stdin);
    await client.open('Dockerfile', DIRTY);
    const { diagnostics } = await client.diagnostics('Dockerfile', 1);
    expect(diagnostics.map(({ code }) => code)).toContain('remove-package-lists');
    const closed = new Promise((resolve) => child.once('close', resolve));
    await client.connection.sendRequest('shutdown');
    await client.connection.sendNotification('exit');
    expect(await closed).toBe(0);
  });

  it.each([
    ['rewrite --level sa', ['safe']],
    ['rewrite --select mount-caches,remove-package-l', ['mount-caches,remove-package-lists']],
    ['rewrite --format sar', ['sarif']],
    ['explain remove-package-l', ['remove-package-lists']],
    ['revi', ['review']],
    ['rewrite --select nonsense', []],
  ])('completes "%s" in bash', (line, expected) => {
    const { stdout: script } = execute(['completion', 'bash'], { cwd: folderWith({}) });
    const code = `${script}
dfopt() { "$NODE" "$PROGRAM" "$@"; }
COMP_WORDS=(dfopt ${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _dfopt
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { PATH: process.env['PATH'], NODE: process.execPath, PROGRAM: program };
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', code], { env, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout.split('\n').filter(Boolean)).toEqual(expected);
  });
});

/** `script` gives a program a terminal of its own. */
const hasTerminals = spawnSync('script', ['--version']).status === 0;

describe.runIf(hasTerminals)('on a terminal', () => {
  /** Types each key when a question is asked; what the screen got, and the exit status. */
  async function typed(
    cwd: string,
    columns: number,
    keys: readonly string[],
  ): Promise<{ readonly screen: string; readonly status: number | null }> {
    const command = `stty cols ${columns} && exec '${process.execPath}' '${program}' review`;
    const env = { PATH: process.env['PATH'], TERM: 'xterm', SHELL: '/bin/sh' };
    const child = spawn('script', ['-qec', command, '/dev/null'], { cwd, env });
    let [screen, sent] = ['', 0];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
      // oxlint-disable-next-line no-control-regex -- colours
      const questions = screen.replace(/\u001b\[\d+m/g, '').split(/\?\s\[[^\]]*\]\s/).length - 1;
      if (questions <= sent || sent >= keys.length) return;
      const key = keys[sent++]!;
      // Nobody is as fast as the change of the terminal's mode behind the question.
      setTimeout(() => child.stdin.write(key), 100);
    });
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { screen, status };
  }

  it.each([80, 40])('review takes keys, in %i columns', async (columns) => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const { screen, status } = await typed(cwd, columns, ['a', 'a', 'a', 'y']);
    expect({ status, end: screen.slice(-22) }).toEqual({
      status: 0,
      end: 'written: Dockerfile\r\n'.padStart(22, '\n'),
    });
    expect(screen).toContain('\u001b[32m+RUN');
    expect(readFileSync(join(cwd, 'Dockerfile'), 'utf8')).toContain('rm -rf /var/lib/apt/lists');
    // oxlint-disable-next-line no-control-regex -- colours
    const lines = screen.replace(/\u001b\[\d+m/g, '').split('\r\n');
    const said = lines.filter((line) => !/^[-+ ](?! )|\]/.test(line));
    expect(Math.max(...said.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it('review stops by Ctrl-C, and the terminal echoes again', async () => {
    const cwd = folderWith({ Dockerfile: DIRTY });
    const { screen, status } = await typed(cwd, 80, ['\u0003']);
    expect(status).toBe(2);
    expect(screen).toContain('stopped; nothing was written');
    expect(readFileSync(join(cwd, 'Dockerfile'), 'utf8')).toBe(DIRTY);
  });
});
