/** `dfopt rewrite --online`: what it asks, what it says, and that nothing is asked without it. */
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { fakeRegistry, madeImage, shelfOf, type FakeRegistry } from '../support/registry.ts';
import { dfopt, folderWith, INVALID } from './support.ts';

const image = madeImage();
const REWRITTEN = 'CMD ["java", "-jar", "/app.jar"]';

interface Around {
  readonly registry: FakeRegistry;
  readonly run: (args: readonly string[], stdin?: string) => ReturnType<typeof dfopt>;
}

/** @param files `HOST` in them is the registry's */
async function around(
  files: Readonly<Record<string, string>>,
  handler?: Parameters<typeof fakeRegistry>[1],
): Promise<Around> {
  const registry = await fakeRegistry(shelfOf({ '1': image.manifest }, [image]), handler);
  const here = Object.entries(files).map(([name, text]) => [
    name,
    text.replaceAll('HOST', registry.host),
  ]);
  const cwd = folderWith(Object.fromEntries(here) as Record<string, string>);
  const env = { HOME: folderWith({}) };
  return {
    registry,
    run: (args, stdin = '') =>
      dfopt(args, { cwd, env, stdin: stdin.replaceAll('HOST', registry.host) }),
  };
}

const JAVA = 'FROM HOST/java:1\nCMD java -jar /app.jar\n';

describe('registries are asked', () => {
  it('only with --online', async () => {
    const { registry, run } = await around({ Dockerfile: JAVA });
    expect(await run(['rewrite'])).toMatchObject({ status: 0, stdout: '' });
    expect(registry.asked).toEqual([]);
    const online = await run(['rewrite', '--online']);
    expect(online.stdout).toContain(`+${REWRITTEN}`);
    expect(online.stderr).not.toContain('--online');
  });

  it('once for each base of all files, and not for stages, variables and scratch', async () => {
    const { registry, run } = await around({
      Dockerfile: JAVA,
      'other.Dockerfile': `ARG TAG=1\nFROM HOST/java:\${TAG} AS one\nFROM one\nCMD java -jar /app.jar\n`,
      'open.Dockerfile': 'ARG BASE\nFROM $BASE\nFROM scratch\nCOPY a /\n',
      'invalid.Dockerfile': INVALID.replace('debian:12-slim', 'HOST/java:1'),
    });
    const { stdout } = await run(['rewrite', '--online']);
    expect(stdout.split(`+${REWRITTEN}`)).toHaveLength(3);
    expect(registry.asked.filter((each) => each.startsWith('HEAD'))).toEqual([
      'HEAD /v2/java/manifests/1',
    ]);
  });

  it('of a filter, and for JSON', async () => {
    const { run } = await around({ Dockerfile: JAVA });
    const filter = await run(['rewrite', '-', '--write', '--online', '--quiet'], JAVA);
    expect(filter.stdout).toContain(REWRITTEN);
    const json = await run([
      'rewrite',
      '--online',
      '--format',
      'json',
      '--platform',
      'linux/arm64',
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject({ files: [{ changed: true, diagnostics: [] }] });
    // The image has no other platform, and is taken all the same, as builders do.
    const told = await run(['rewrite', '--online', '--verbose', '--platform', 'linux/arm64']);
    expect(told.stderr).toContain('/java:1 for linux/amd64 (the only one there is): 2 layers');
  });
});

describe('what could not be found out', () => {
  const evil = (response: ServerResponse): void => {
    response.writeHead(418, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ errors: [{ message: 'a\u001b[2J\nerror: b' }] }));
  };

  it('is a warning at its FROM, made harmless, and rows stand in', async () => {
    const files = { Dockerfile: `# a comment\n${JAVA}` };
    const { run } = await around(files, (request, response) => {
      if (request.method === 'HEAD') response.writeHead(405).end();
      else evil(response);
    });
    const text = await run(['rewrite', '--online']);
    expect(text).toMatchObject({ status: 0, stdout: '' });
    expect(text.stderr).toMatch(
      /^Dockerfile:2:1: 127\.0\.0\.1:\d+\/java:1 was not looked up: .* status 418: "a\\u001b\[2J error: b"/,
    );
    const json = await run(['rewrite', '--online', '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      files: [{ diagnostics: [{ severity: 'warning', line: 2, column: 1 }] }],
    });
    expect(json.stdout).not.toContain('\u001b');
    expect((await run(['rewrite', '--online', '--quiet'])).stderr).toBe('');
    expect((await run(['rewrite', '--online', '--check'])).status).toBe(0);
  });

  it('for want of a helper is said once', async () => {
    const { registry, run } = await around({ Dockerfile: JAVA }, (_request, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
    );
    const home = folderWith({ '.docker/config.json': '{"credsStore":"none-such"}' });
    const cwd = folderWith({ Dockerfile: JAVA.replace('HOST', registry.host) });
    const { stderr } = await dfopt(['rewrite', '--online'], { cwd, env: { HOME: home } });
    expect(stderr).toContain(
      "--online: docker-credential-none-such, which Docker's configuration names, is not there\n",
    );
    expect(stderr).toContain(`log in with docker login ${registry.host}`);
    expect((await run(['rewrite', '--online'])).stderr).not.toContain('--online:');
  });
});

describe('wrong use', () => {
  it.each([
    [['--platform', 'linux/arm64'], '--platform needs --online or --image'],
    [['--insecure-registry', 'a.b'], '--insecure-registry needs --online'],
    [['--online', '--platform', 'arm'], '--platform is written linux/arm64, not "arm"'],
    [
      ['--online', '--insecure-registry', 'http://a.b'],
      '--insecure-registry is written HOST or HOST:PORT, not "http://a.b"',
    ],
    [['--online=yes'], '--online takes no value'],
  ])('%j', async (args, message) => {
    const { status, stderr } = await dfopt(['rewrite', ...args], { cwd: folderWith({}) });
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(message) });
  });
});
