/** What is seen of a process, and how two are compared. */
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { containedBelow } from '../../src/verify/inner-processes.ts';
import { compareSights, lookAt, type Sight } from '../../src/verify/main-process.ts';

describe.skipIf(process.platform !== 'linux')('lookAt', () => {
  function started(): { pid: number; folder: string } {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dfopt-test-')));
    const file = openSync(join(folder, 'log'), 'w');
    const child = spawn('sleep', ['60'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], MODE: 'a=b' },
      stdio: ['ignore', file, 'ignore'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    });
    return { pid: child.pid!, folder };
  }
  const state = { isRunning: true, hasStarted: true, status: 0 };

  it('sees user, folder, environment and open files', async () => {
    const { pid, folder } = started();
    // Until it is another program than this one.
    await expect.poll(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toMatch(/^sleep/);
    // A word that names the container where there is one.
    const id = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').slice(0, 20);
    const owner = `${process.getuid!()}:${process.getgid!()}`;
    const sight = lookAt({ ...state, id, pid }, 'as the engine says');
    expect(sight.user?.startsWith(owner)).toBe(true);
    expect(sight.workingFolder).toBe(folder);
    expect(sight.environment?.get('MODE')).toBe('a=b');
    expect([...sight.openFiles!]).toEqual([[join(folder, 'log'), owner]]);
  });

  it('takes no process for one of another container', () => {
    const { pid } = started();
    expect(lookAt({ ...state, id: 'f'.repeat(64), pid }, '5:5')).toEqual({ user: '5:5' });
    expect(lookAt({ ...state, id: '', pid: 0 }, undefined)).toEqual({});
  });

  it('takes no helper for a process of a container', () => {
    started();
    expect(containedBelow(process.pid)).toEqual([]);
  });
});

describe('compareSights', () => {
  const sight = (changes: Partial<Sight> = {}): Sight => ({
    user: '1000:1000',
    workingFolder: '/app',
    environment: new Map([
      ['HOSTNAME', 'x'],
      ['GOPATH', '/go'],
      ['MODE', 'a'],
    ]),
    openFiles: new Map([
      ['/app/log', '1000:1000'],
      ['/only/before', '0:0'],
    ]),
    ...changes,
  });
  const compare = (before: Sight, after: Sight, again = before) =>
    compareSights({ before, after }, new Set(['GOPATH']), false, () => Promise.resolve(again));

  it('leaves variables to the ENTRYPOINTs of two bases that set them', async () => {
    const before = sight({});
    const after = sight({
      environment: new Map([...before.environment!, ['JRE_CACERTS_PATH', '/x']]),
    });
    const again = (): Promise<Sight> => Promise.resolve(before);
    const found = (hasOtherStart: boolean): ReturnType<typeof compareSights> =>
      compareSights({ before, after }, new Set(), hasOtherStart, again);
    expect((await found(true)).find(({ what }) => what === 'environment')?.sameness).toBe('same');
    expect((await found(false)).find(({ what }) => what === 'environment')?.sameness).toBe(
      'different',
    );
  });

  it('finds another user, folder, variable and owner', async () => {
    const other = sight({
      user: '0:0',
      workingFolder: '/',
      environment: new Map([['MODE', 'b']]),
      openFiles: new Map([['/app/log', '0:0']]),
    });
    expect(await compare(sight(), other)).toMatchObject([
      { what: 'user', sameness: 'different', before: '1000:1000', after: '0:0' },
      { what: 'working folder', sameness: 'different', details: ['working folder: /app → /'] },
      { what: 'environment', sameness: 'different', details: ['MODE: a → b'] },
      {
        what: 'open files',
        sameness: 'different',
        details: ['owner of /app/log: 1000:1000 → 0:0'],
      },
    ]);
  });

  it('does not count what the image before varies in itself', async () => {
    const other = sight({ environment: new Map([['MODE', 'b']]) });
    const again = sight({ environment: new Map([['MODE', 'c']]) });
    expect((await compare(sight(), other, again))[2]).toMatchObject({ sameness: 'varies' });
  });

  it('says what was not seen', async () => {
    const found = await compare(sight(), {});
    expect(found.map(({ sameness }) => sameness)).toEqual([
      'not seen',
      'not seen',
      'not seen',
      'not seen',
    ]);
  });
});
