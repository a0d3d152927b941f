/** dfopt verify as far as it goes without an engine. */
import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../src/cli/verify-order.ts';
import { dfopt, folderWith } from '../cli/support.ts';

describe('dfopt verify without an engine', () => {
  const cwd = (): string =>
    folderWith({ Dockerfile: 'FROM debian:12-slim\nRUN apt-get install curl\n' });

  it.each([
    [['--timeout', 'x'], '--timeout is a number of seconds'],
    [['--timeout', '0'], '--timeout is a number of seconds'],
    [['--request', 'x/y'], '--request is written PORT/PATH'],
    [['--request', '70000/'], '--request is written PORT/PATH'],
    [['--request', '80/a b'], '--request is written PORT/PATH'],
    [['--run', "a 'b"], 'a quote is open'],
    [['--run', ' '], 'is no command'],
    [['--args', '"'], 'a quote is open'],
    [['--expect-change', 'Envv PATH'], 'did you mean Env?'],
    [['--expect-change', ''], 'no field of the configuration'],
    [['--engine', 'dokcer'], 'did you mean docker?'],
    [['--against', 'none'], 'none: cannot be read'],
    [['--context', 'none'], 'none: is not a folder'],
    [['--context', 'Dockerfile/x'], 'Dockerfile/x: is not a folder'],
    [['--touch', 'Dockerfile/x'], '--touch: Dockerfile/x is no file of the build context'],
    [['--touch', 'none'], '--touch: none is no file of the build context'],
    [['--touch', '../x'], '--touch: ../x is no file of the build context'],
    [['--touch', '.'], '--touch: . is no file of the build context'],
    [['none'], 'none: cannot be read'],
  ])('refuses %j', async (args, message) => {
    const { status, stdout, stderr } = await dfopt(['verify', ...args], { cwd: cwd() });
    expect(stderr).toContain(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  it.each([
    [[], 'there is no docker command: install Docker Engine'],
    [[], 'there is no podman command: install podman'],
    [['--engine', 'podman'], 'dfopt: there is no podman command: install podman'],
    [['--engine', 'buildah'], 'dfopt: there is no buildah command: install buildah'],
  ])('%j: says what to install', async (args, message) => {
    const env = { PATH: '/nowhere' };
    const { status, stderr } = await dfopt(['verify', ...args], { cwd: cwd(), env });
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  it('builds nothing where the rewrite changes nothing', async () => {
    const folder = folderWith({ Dockerfile: 'FROM debian:12-slim\n' });
    const { status, stdout } = await dfopt(['verify', '--format', 'json'], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'same', file: 'Dockerfile' });
    expect(status).toBe(0);
  });

  it('refuses a Dockerfile with errors', async () => {
    const folder = folderWith({ Dockerfile: 'FROM debian:12-slim\nCOPY onlyone\n' });
    const { status, stderr } = await dfopt(['verify'], { cwd: folder });
    expect(stderr).toContain('Dockerfile cannot be rewritten');
    expect(status).toBe(2);
  });

  it('has a help that names every option with its use', async () => {
    const { stdout } = await dfopt(['verify', '--help'], { cwd: cwd() });
    for (const option of ['run', 'args', 'request', 'rebuild', 'touch', 'against', 'format']) {
      expect(stdout).toContain(`verify --${option}`);
    }
    expect(stdout).toContain('Exit status: 0 the same, 1 different, 2');
  });
});

describe('settingsOf', () => {
  it('reads what is asked for', () => {
    expect(
      settingsOf({
        args: ['-n 1', "'a b'"],
        run: 'id -u',
        request: ['8080', '80/x?y'],
        timeout: '2.5',
        cache: false,
        touch: 'src/a.c',
        compressed: true,
        'expect-change': ['env PATH', 'Labels.org.x.y', 'User'],
        'build-arg': 'A=1',
        network: 'host',
        engine: 'podman',
      }),
    ).toEqual({
      engine: 'podman',
      buildArgs: ['A=1'],
      network: 'host',
      isCached: false,
      runs: [
        { kind: 'arguments', argv: ['-n', '1'] },
        { kind: 'arguments', argv: ['a b'] },
        { kind: 'program', argv: ['id', '-u'] },
      ],
      requests: [
        { port: 8080, path: '/' },
        { port: 80, path: '/x?y' },
      ],
      timeoutMs: 2500,
      rebuild: { edit: { path: 'src/a.c' } },
      expectedChanges: [
        { field: 'Env', key: 'PATH' },
        { field: 'Labels', key: 'org.x.y' },
        { field: 'User' },
      ],
      hasCompressed: true,
    });
  });

  it('measures a rebuild only where it is asked for', () => {
    expect(settingsOf({}).rebuild).toBeUndefined();
    expect(settingsOf({ rebuild: true }).rebuild).toEqual({});
  });
});
