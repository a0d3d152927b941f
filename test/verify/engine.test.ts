/** verify against a real engine: what it passes, what it catches, and that it leaves nothing. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verification } from '../../src/report/verify.ts';
import { dfopt, folderWith } from '../cli/support.ts';

const BASE = 'debian:bookworm';
const ROOT = join(import.meta.dirname, '../..');

/** The engine that the environment names, as the command line passes it on. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    (each): each is [string, string] =>
      each[1] !== undefined && /^(PATH|HOME|TMPDIR|DOCKER_.*)$/.test(each[0]),
  ),
);

function docker(...args: readonly string[]): string {
  const { stdout } = spawnSync('docker', args, { env, encoding: 'utf8', timeout: 10_000 });
  return (stdout ?? '').trim();
}

const hasEngine = docker('image', 'inspect', '--format={{.Os}}', BASE) === 'linux';
if (!hasEngine) {
  console.warn(`SKIPPED: nothing of verify was built, as no Docker engine with ${BASE} answers`);
}

/** Containers inherit an image's labels: by this one, what a test made is told from all else. */
function uniqueLabel(): string {
  return `dfopt-test=${randomBytes(6).toString('hex')}`;
}

function leftBehind(label: string): string[] {
  const filter = `--filter=label=${label}`;
  return [docker('ps', '-aq', filter), docker('images', '-aq', filter)].filter(Boolean);
}

interface Verified {
  readonly status: number;
  readonly report: Verification;
  readonly left: readonly string[];
}

const RUNS = [
  'cat /kept',
  'hostname',
  "sh -c 'echo same; exit 3'",
  'id -u',
  'cat /proc/sys/kernel/random/uuid',
];

/** Both Dockerfiles with these lines below FROM, in a context with one file, `kept`. */
async function verified(
  before: string,
  after: string,
  ...args: readonly string[]
): Promise<Verified> {
  const label = uniqueLabel();
  const head = `FROM ${BASE}\nLABEL ${label}\n`;
  const cwd = folderWith({
    Dockerfile: `${head}${before}\n`,
    'after.Dockerfile': `${head}${after}\n`,
    kept: 'text\n',
  });
  const given = ['--against', 'after.Dockerfile', '--network', 'host', '--format', 'json'];
  const { status, stdout, stderr } = await dfopt(['verify', ...given, ...args], { cwd, env });
  expect(stdout, stderr).not.toBe('');
  return { status, report: JSON.parse(stdout) as Verification, left: leftBehind(label) };
}

describe.skipIf(!hasEngine)('verify with an engine', () => {
  it('passes the same program, and measures it', async () => {
    const { status, report, left } = await verified(
      'VOLUME /data\nCOPY kept /kept\nRUN head -c 3000000 /dev/zero > /var/cache/big\nCMD ["cat", "/kept"]',
      'VOLUME /data\nCOPY kept /kept\nRUN true\nCMD ["cat", "/kept"]',
    );
    expect(report).toMatchObject({
      verdict: 'same',
      builds: { before: { succeeded: true }, after: { succeeded: true } },
      configuration: [],
      program: [{ sameness: 'same', before: 'exit status 0, 5 bytes of output' }],
      size: {
        before: { onlyHere: [{ folder: '/var/cache', files: 1, bytes: 3_000_000 }] },
        after: { onlyHere: [] },
      },
    });
    const { before, after } = report.size!;
    expect(before.bytes - after.bytes).toBe(3_000_000);
    expect(before.layers.at(-1)).toMatchObject({ bytes: 3_000_000 });
    expect({ status, left }).toEqual({ status: 0, left: [] });
  });

  it('catches another CMD, another USER, a missing file and a removed package', async () => {
    const { status, report, left } = await verified(
      'COPY kept /kept\nCMD ["true"]',
      'RUN dpkg --purge --force-all hostname\nUSER nobody\nCMD ["false"]',
      ...RUNS.flatMap((run) => ['--run', run]),
    );
    expect(report.configuration).toEqual([
      { field: 'Cmd', before: '["true"]', after: '["false"]' },
      { field: 'User', after: 'nobody' },
    ]);
    expect(report.program).toMatchObject([
      { what: 'run cat /kept', sameness: 'different', before: 'exit status 0, 5 bytes of output' },
      { what: 'run hostname', sameness: 'different', after: 'does not start' },
      { sameness: 'same', after: 'exit status 3, 5 bytes of output' },
      { sameness: 'different', details: ['stdout, line 1: "0" → "65534"'] },
      { sameness: 'varies' },
    ]);
    expect(report.verdict).toBe('different');
    expect({ status, left }).toEqual({ status: 1, left: [] });
  });

  it('does not blame the rewrite for what never built', async () => {
    const escape = String.raw`RUN printf '\033[31moops\n' >&2; exit 7`;
    const { status, report, left } = await verified(escape, 'RUN true');
    expect(report).toMatchObject({ verdict: 'error', builds: { before: { succeeded: false } } });
    expect(report.builds?.after).toBeUndefined();
    expect(report.builds?.before.errors.join('\n')).toMatch(/oops[^]*exit code: 7/);
    expect({ status, left }).toEqual({ status: 2, left: [] });
  });

  it('says that the rewrite broke the build', async () => {
    const { status, report, left } = await verified('RUN true', 'COPY nothing /');
    expect(report).toMatchObject({ verdict: 'different', builds: { after: { succeeded: false } } });
    expect({ status, left }).toEqual({ status: 1, left: [] });
  });

  it('compares what servers answer, and one that ends', async () => {
    // A server of one answer, in what the base image has.
    const server = (body: string): string =>
      `COPY <<"EOF" /server.pl\nuse IO::Socket;\nmy $s = IO::Socket::INET->new(Listen => 5, LocalAddr => $ENV{BIND}, LocalPort => 28471, ReuseAddr => 1) or die;\nwhile (my $c = $s->accept) { while (<$c> =~ /\\S/) {} print $c "HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\n${body}"; close $c }\nEOF\nENV BIND=0.0.0.0\nCMD ["perl", "/server.pl"]`;
    const same = await verified(server('one'), `${server('one')}\nRUN true`, '--request', '28471/');
    expect(same.report.program).toMatchObject([
      { sameness: 'same', before: 'status 200, text/plain, 3 bytes' },
    ]);
    const ended = `${server('two')}\nCMD ["sh", "-c", "echo cannot; exit 4"]`;
    const other = await verified(server('one'), ended, '--request', '28471/');
    expect(other.report.program).toMatchObject([
      { sameness: 'different', details: ['after: it ended with exit status 4: cannot'] },
    ]);
    expect([same.left, other.left]).toEqual([[], []]);
  });
});

describe.skipIf(!hasEngine)('Ctrl-C leaves nothing behind', () => {
  let built: string;
  beforeAll(() => {
    built = mkdtempSync(join(ROOT, 'node_modules', '.dfopt-test-'));
    const script = pathToFileURL(join(ROOT, 'scripts/build.mjs')).href;
    const code = `const { buildCli } = await import(${JSON.stringify(script)}); await buildCli(process.argv[1]);`;
    execFileSync(process.execPath, ['--input-type=module', '--eval', code, built]);
  });
  afterAll(() => rmSync(built, { recursive: true, force: true }));

  /** Interrupts a run as soon as it is where it should be. */
  async function interrupted(
    lines: string,
    by: NodeJS.Signals,
    isThere: (stderr: string, label: string) => boolean,
  ): Promise<{ code: unknown; stderr: string; left: readonly string[]; seconds: number }> {
    const label = uniqueLabel();
    const temporary = folderWith({});
    const cwd = folderWith({
      Dockerfile: `FROM ${BASE}\nLABEL ${label}\n${lines}\n`,
      'after.Dockerfile': `FROM ${BASE}\nLABEL ${label}\n`,
    });
    const args = ['verify', '--against', 'after.Dockerfile', '--network', 'host'];
    const child = spawn(process.execPath, [join(built, 'main.js'), ...args], {
      cwd,
      env: { ...env, TMPDIR: temporary },
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const end = new Promise((resolve) => child.once('close', resolve));
    while (child.exitCode === null && !isThere(stderr, label)) await sleep(100);
    const started = performance.now();
    child.kill(by);
    const code = await end;
    const seconds = (performance.now() - started) / 1000;
    const left = [...leftBehind(label), ...readdirSync(temporary)];
    return { code, stderr, left, seconds };
  }

  it('in a build', async () => {
    const { code, stderr, left, seconds } = await interrupted(
      `RUN : ${randomBytes(4).toString('hex')}; sleep 60`,
      'SIGINT',
      (said) => said.includes('sleep 60'),
    );
    expect(stderr).toContain('dfopt: interrupted');
    expect({ code, left }).toEqual({ code: 2, left: [] });
    expect(seconds).toBeLessThan(10);
  });

  it('in a run', async () => {
    const { code, stderr, left, seconds } = await interrupted(
      'VOLUME /data\nCMD ["sleep", "60"]',
      'SIGTERM',
      (_, label) => docker('ps', '-q', `--filter=label=${label}`) !== '',
    );
    expect(stderr).toContain('dfopt: interrupted');
    expect({ code, left }).toEqual({ code: 2, left: [] });
    expect(seconds).toBeLessThan(10);
  });

  it('while the files are listed', async () => {
    const { code, stderr, left } = await interrupted('CMD ["true"]', 'SIGINT', (said) =>
      said.includes('measuring both'),
    );
    expect(stderr).toMatch(/dfopt: interrupted\n$/);
    expect({ code, left }).toEqual({ code: 2, left: [] });
  });
});
