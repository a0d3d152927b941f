/** Ctrl-C in the middle of everything leaves no container, tag or folder. */
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderWith } from '../cli/support.ts';
import {
  BASE,
  docker,
  env,
  hasDocker,
  hasPodman,
  leftBehind,
  podman,
  PODMAN_BASE,
  SLOW_MS,
  uniqueLabel,
  warnWhereSkipped,
} from './support.ts';

warnWhereSkipped();

const ROOT = join(import.meta.dirname, '../..');

let built: string;
beforeAll(() => {
  built = mkdtempSync(join(ROOT, 'node_modules', '.dfopt-test-'));
  const script = pathToFileURL(join(ROOT, 'scripts/build.mjs')).href;
  const code = `const { buildCli } = await import(${JSON.stringify(script)}); await buildCli(process.argv[1]);`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', code, built]);
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

interface Ended {
  readonly code: unknown;
  readonly stderr: string;
  /** In the folder for temporary files. */
  readonly folders: readonly string[];
  readonly seconds: number;
}

/** Interrupts a run as soon as it is where it should be. */
async function interrupted(
  dockerfile: string,
  args: readonly string[],
  by: NodeJS.Signals,
  isThere: (stderr: string) => boolean,
): Promise<Ended> {
  const temporary = folderWith({});
  const cwd = folderWith({
    Dockerfile: dockerfile,
    'after.Dockerfile': dockerfile,
    'main.pl': 'print 1;\n',
  });
  const given = ['verify', '--against', 'after.Dockerfile', '--network', 'host', ...args];
  const child = spawn(process.execPath, [join(built, 'main.js'), ...given], {
    cwd,
    env: { ...env, TMPDIR: temporary },
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const end = new Promise((resolve) => child.once('close', resolve));
  while (child.exitCode === null && !isThere(stderr)) await sleep(100);
  const started = performance.now();
  child.kill(by);
  const code = await end;
  const seconds = (performance.now() - started) / 1000;
  return { code, stderr, folders: readdirSync(temporary), seconds };
}

describe.skipIf(!hasDocker)('Ctrl-C leaves nothing behind', { timeout: SLOW_MS }, () => {
  const head = (label: string): string => `FROM ${BASE}\nLABEL ${label}\n`;

  it('in a build', async () => {
    const label = uniqueLabel();
    const { code, stderr, folders, seconds } = await interrupted(
      `${head(label)}RUN : ${randomBytes(4).toString('hex')}; sleep 60\n`,
      [],
      'SIGINT',
      (said) => said.includes('sleep 60'),
    );
    expect(stderr).toContain('dfopt: interrupted');
    expect({ code, left: leftBehind(label), folders }).toEqual({ code: 2, left: [], folders: [] });
    expect(seconds).toBeLessThan(20);
  });

  it('in a run', async () => {
    const label = uniqueLabel();
    const { code, stderr, folders, seconds } = await interrupted(
      `${head(label)}VOLUME /data\nCMD ["sleep", "60"]\n`,
      [],
      'SIGTERM',
      () => docker('ps', '-q', `--filter=label=${label}`) !== '',
    );
    expect(stderr).toContain('dfopt: interrupted');
    expect({ code, left: leftBehind(label), folders }).toEqual({ code: 2, left: [], folders: [] });
    expect(seconds).toBeLessThan(20);
  });

  it('while the files are listed', async () => {
    const label = uniqueLabel();
    const { code, stderr, folders } = await interrupted(
      `${head(label)}CMD ["true"]\n`,
      [],
      'SIGINT',
      (said) => said.includes('comparing files'),
    );
    expect(stderr).toMatch(/dfopt: interrupted\n$/);
    expect({ code, left: leftBehind(label), folders }).toEqual({ code: 2, left: [], folders: [] });
  });

  it('in a rebuild', async () => {
    const label = uniqueLabel();
    const { code, stderr, folders, seconds } = await interrupted(
      // It takes long only where the file has changed.
      `${head(label)}COPY main.pl /\nRUN ! grep -q "^$" /main.pl || sleep 60\nCMD ["true"]\n`,
      ['--rebuild'],
      'SIGINT',
      (said) => /with a change in main\.pl[^]*sleep 60/.test(said),
    );
    expect(stderr).toContain('dfopt: interrupted');
    expect({ code, left: leftBehind(label), folders }).toEqual({ code: 2, left: [], folders: [] });
    expect(seconds).toBeLessThan(20);
  });
});

describe.skipIf(!hasPodman)(
  'Ctrl-C with podman leaves nothing behind',
  { timeout: SLOW_MS },
  () => {
    it('in a build', async () => {
      const mark = randomBytes(4).toString('hex');
      const all = (): string => podman('ps', '--all', '--external', '--format={{.ID}}');
      const before = all();
      const { code, folders, seconds } = await interrupted(
        `FROM ${PODMAN_BASE}\nRUN : ${mark}; sleep 61\n`,
        ['--engine', 'podman'],
        'SIGINT',
        (said) => said.includes('sleep 61'),
      );
      expect({ code, folders }).toEqual({ code: 2, folders: [] });
      expect(all()).toBe(before);
      expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(mark);
      expect(seconds).toBeLessThan(20);
    });
  },
);
