/** verify against a real engine: what it passes and measures, and whom it blames. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Verification } from '../../src/report/verification.ts';
import { dfopt, folderWith } from '../cli/support.ts';
import {
  BASE,
  docker,
  env,
  hasDocker,
  PORT,
  server,
  SLOW_MS,
  verified,
  warnWhereSkipped,
} from './support.ts';

warnWhereSkipped();

const RUNS = [
  'cat /kept',
  "sh -c 'echo same; echo worse >&2; exit 3'",
  'cat /proc/sys/kernel/random/uuid',
  'nowhere',
];

describe.skipIf(!hasDocker)('verify with an engine', { timeout: SLOW_MS }, () => {
  it('passes the same program, and measures it', async () => {
    const { status, report, left } = await verified(
      'VOLUME /data\nCOPY kept /kept\nRUN head -c 3000000 /dev/zero > /var/cache/big\nCMD ["cat", "/kept"]',
      'VOLUME /data\nCOPY kept /kept\nRUN true\nCMD ["cat", "/kept"]',
      ['--compressed'],
    );
    const seen = { kind: 'ended', status: 0, stdout: { text: 'text\n', bytes: 5 } };
    expect(report).toMatchObject({
      verdict: 'same',
      engine: { name: 'docker' },
      builds: {
        before: { succeeded: true, steps: [{ name: expect.stringContaining('FROM') }, {}, {}, {}] },
        after: { succeeded: true },
      },
      configuration: [],
      program: [
        {
          sameness: 'same',
          before: 'exit status 0, 5 bytes of output',
          seen: { before: seen, after: seen },
        },
      ],
      files: { attributes: [], contents: [] },
      size: {
        before: { onlyHere: [{ folder: '/var/cache', files: 1, bytes: 3_000_000 }] },
        after: { onlyHere: [] },
      },
    });
    const { before, after } = report.size!;
    expect(before.bytes - after.bytes).toBe(3_000_000);
    const zeros = before.layers.at(-1)!;
    expect(zeros.bytes).toBe(3_000_000);
    // Nothing but zeros packs well, and the rest is the same.
    expect(zeros.compressed).toBeLessThan(10_000);
    expect(before.compressed! - after.compressed!).toBeLessThan(10_000);
    expect(after.compressed).toBeGreaterThan(10_000_000);
    expect({ status, left }).toEqual({ status: 0, left: [] });
  });

  it('compares programs by status, stdout and stderr, and replaces CMD or all', async () => {
    const before = 'COPY kept /kept\nENTRYPOINT ["echo", "entry"]\nCMD ["cmd"]';
    const { status, report, left } = await verified(before, before, [
      ...RUNS.flatMap((run) => ['--run', run]),
      "--args=-n 'one two'",
    ]);
    expect(report.program).toMatchObject([
      {
        what: "arguments -n 'one two'",
        seen: { after: { stdout: { text: 'entry -n one two\n' } } },
      },
      { what: 'run cat /kept', sameness: 'same' },
      {
        sameness: 'same',
        before: 'exit status 3, 11 bytes of output',
        seen: { after: { status: 3, stderr: { text: 'worse\n' } } },
      },
      { sameness: 'varies' },
      { sameness: 'unknown', seen: { before: { kind: 'nothing' } } },
    ]);
    expect(report.verdict).toBe('error');
    expect({ status, left }).toEqual({ status: 2, left: [] });
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

  it('compares what servers answer, their main process and their health', async () => {
    const before = `${server('one')}\nHEALTHCHECK --interval=1h CMD echo fine\nUSER nobody`;
    const same = await verified(before, `${before}\nRUN true`, ['--request', `${PORT}/`]);
    expect(same.report.program).toMatchObject([
      {
        sameness: 'same',
        before: 'status 200, text/plain, 3 bytes',
        seen: { after: { contentType: 'text/plain', body: { text: 'one', bytes: 3 } } },
      },
    ]);
    expect(same.report.mainProcess).toMatchObject([
      { what: 'user', sameness: 'same', before: '65534:65534' },
      { what: 'working folder' },
      { what: 'environment' },
      { what: 'open files' },
      { what: 'health', sameness: 'same', before: 'healthy, exit status 0' },
    ]);
    const ended = `${server('two')}\nCMD ["sh", "-c", "echo cannot; exit 4"]`;
    const other = await verified(server('one'), ended, ['--request', `${PORT}/`]);
    expect(other.report.program).toMatchObject([
      { sameness: 'different', details: ['after: it ended with exit status 4: cannot'] },
    ]);
    expect([same.left, other.left]).toEqual([[], []]);
  });

  it('excuses what the order expects to change', async () => {
    const { status, report } = await verified(
      'ENV MODE=slow KEPT=1\nCMD ["true"]',
      'ENV MODE=fast KEPT=1\nCMD ["true"]',
      ['--expect-change', 'Env MODE'],
    );
    expect(report.configuration).toEqual([
      { field: 'Env', key: 'MODE', before: 'slow', after: 'fast', kind: 'expected' },
    ]);
    expect(status).toBe(0);
  });

  it('keeps apart what only the base images bring', async () => {
    const tag = `dfopt-test-base:${randomBytes(4).toString('hex')}`;
    const lines = `FROM ${BASE}\nENV GOPATH=/go PATH=/go/bin:/usr/bin:/bin\nRUN chmod 700 /srv\n`;
    const folder = folderWith({ Dockerfile: lines });
    docker('buildx', 'build', '--network=host', '--load', `--tag=${tag}`, folder);
    onTestFinished(() => void docker('image', 'rm', tag));
    const cwd = folderWith({
      Dockerfile: `ARG B=${tag}\nFROM $B AS first\nENV MODE=x\nFROM first\nCMD ["true"]\n`,
      'after.Dockerfile': `FROM ${BASE}\nENV MODE=x\nRUN chmod 711 /mnt\nCMD ["true"]\n`,
    });
    const args = ['--against', 'after.Dockerfile', '--network', 'host', '--format', 'json'];
    const { stdout, status } = await dfopt(['verify', ...args], { cwd, env });
    const report = JSON.parse(stdout) as Verification;
    expect(report.configuration).toMatchObject([
      { field: 'Env', key: 'GOPATH', kind: 'base' },
      { field: 'Env', key: 'PATH', kind: 'base' },
    ]);
    expect(report.files?.attributes).toMatchObject([
      { attribute: 'mode', kind: 'counts', examples: [{ path: '/mnt', after: '711' }] },
      { attribute: 'mode', kind: 'base', examples: [{ path: '/srv', before: '700' }] },
    ]);
    expect(report.verdict).toBe('different');
    expect(status).toBe(1);
  });
});
