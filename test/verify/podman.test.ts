/** verify with podman and buildah, where podman has a base image. */
import { describe, expect, it } from 'vitest';
import type { Verification } from '../../src/report/verification.ts';
import { dfopt, folderWith } from '../cli/support.ts';
import { env, hasPodman, podman, PODMAN_BASE, PORT, serverCode, SLOW_MS } from './support.ts';

if (!hasPodman) console.warn(`SKIPPED: podman was not tried, as it has no ${PODMAN_BASE}`);

const LINES = `FROM ${PODMAN_BASE}
COPY src/main.pl /app/
RUN head -c 2000000 /dev/urandom > /installed
SHELL ["/bin/sh", "-ec"]
ONBUILD RUN true
HEALTHCHECK CMD echo fine
USER nobody
ENV BIND=0.0.0.0
COPY server.pl /
CMD ["perl", "/server.pl"]
`;

async function verified(engine: string, after: string, ...asked: readonly string[]) {
  const cwd = folderWith({
    Dockerfile: LINES,
    'after.Dockerfile': LINES + after,
    'src/main.pl': 'print 1;\n'.repeat(100),
    'server.pl': serverCode('one'),
    // Of podman alone: nothing of it is left out of a copy.
    '.containerignore': 'none\n',
  });
  const args = ['--against', 'after.Dockerfile', '--network', 'host', '--format', 'json'];
  const { stdout, stderr, status } = await dfopt(
    ['verify', '--engine', engine, ...args, ...asked],
    { cwd, env },
  );
  expect(stdout, stderr).not.toBe('');
  expect(podman('images', '--filter=reference=*dfopt-verify*', '--quiet')).toBe('');
  return { report: JSON.parse(stdout) as Verification, status };
}

describe.skipIf(!hasPodman)('verify without Docker', { timeout: SLOW_MS }, () => {
  it('compares and measures with podman', async () => {
    const { report, status } = await verified(
      'podman',
      'USER root\nONBUILD RUN false\nHEALTHCHECK CMD exit 1\n',
      '--request',
      `${PORT}/`,
      '--run',
      'id -u',
      '--rebuild',
      '--compressed',
    );
    expect(report.engine?.name).toBe('podman');
    expect(report.configuration?.map(({ field }) => field)).toEqual([
      'User',
      'Healthcheck',
      'OnBuild',
    ]);
    expect(report.program).toMatchObject([
      { sameness: 'different', details: ['stdout, line 1: "65534" → "0"'] },
      { sameness: 'same', before: 'status 200, text/plain, 3 bytes' },
    ]);
    expect(report.mainProcess?.at(-1)).toMatchObject({ what: 'health', sameness: 'different' });
    expect(report.rebuild).toMatchObject({
      file: 'src/main.pl',
      notes: [],
      before: { succeeded: true, layers: [{}, { bytes: expect.any(Number) }] },
    });
    expect(report.rebuild!.before!.bytes).toBeGreaterThan(2_000_000);
    expect(report.size?.before.compressed).toBeGreaterThan(10_000_000);
    expect(report.builds?.before.steps.length).toBeGreaterThan(5);
    expect(status).toBe(1);
  });

  it('builds with buildah, and says what does not start', async () => {
    const { report, status } = await verified(
      'buildah',
      'USER root\nRUN rm /bin/hostname\nUSER nobody\n',
      '--run',
      'hostname',
      '--args',
      'id -u',
    );
    expect(report).toMatchObject({
      engine: { name: 'buildah' },
      verdict: 'different',
      program: [
        { sameness: 'same', seen: { after: { stdout: { text: '65534\n' } } } },
        {
          sameness: 'different',
          before: 'exit status 0, 13 bytes of output',
          after: 'does not start',
        },
      ],
    });
    expect(status).toBe(1);
  });
});
