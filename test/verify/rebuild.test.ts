/** What a change of the source costs, before and after. */
import { describe, expect, it } from 'vitest';
import { hasDocker, SLOW_MS, uniqueLabel, verified, warnWhereSkipped } from './support.ts';

warnWhereSkipped();

/** Five million bytes that no cache of another run has, and that take two seconds. */
const INSTALL = `RUN : ${uniqueLabel()}; sleep 2; head -c 5000000 /dev/urandom > /installed`;

const FILES = { 'src/main.pl': 'print "one\\n";\n', 'package.json': '{}\n' };

describe.skipIf(!hasDocker)('the cost of a rebuild', { timeout: SLOW_MS }, () => {
  it('is less where dependencies are installed before the source is copied', async () => {
    const { status, report, left } = await verified(
      `COPY . /app\n${INSTALL}\nCMD ["perl", "/app/src/main.pl"]`,
      `COPY package.json /app/\n${INSTALL}\nCOPY . /app\nCMD ["perl", "/app/src/main.pl"]`,
      ['--rebuild'],
      FILES,
    );
    const { before, after, ...about } = report.rebuild!;
    expect(about).toEqual({ file: 'src/main.pl', chosen: true, notes: [] });
    expect(before).toMatchObject({ succeeded: true, layers: [{}, { bytes: 5_000_000 }] });
    expect(after).toMatchObject({ succeeded: true, layers: [{}] });
    expect(before!.bytes).toBeGreaterThan(5_000_000);
    expect(after!.bytes).toBeLessThan(100_000);
    expect(before!.seconds).toBeGreaterThan(2);
    const install = (steps: typeof before): unknown =>
      steps?.steps.find(({ name }) => name.includes('installed'));
    expect(install(before)).toMatchObject({ cached: false });
    expect(install(after)).toMatchObject({ cached: true });
    expect({ status, left }).toEqual({ status: 0, left: [] });
  });

  it('is nothing where the changed file is in no layer', async () => {
    const lines = 'COPY src /src\nCMD ["true"]';
    const { report } = await verified(lines, lines, ['--touch', './package.json'], FILES);
    expect(report.rebuild).toMatchObject({
      file: 'package.json',
      chosen: false,
      notes: [],
      before: { layers: [], bytes: 0 },
      after: { layers: [], bytes: 0 },
    });
  });

  it('reports a rebuild that fails', async () => {
    const check = 'RUN ! grep -q "^$" /app/src/main.pl';
    const { status, report, left } = await verified(
      'COPY . /app\nCMD ["true"]',
      `COPY . /app\n${check}\nCMD ["true"]`,
      ['--touch', 'src/main.pl'],
      FILES,
    );
    expect(report.rebuild).toMatchObject({
      before: { succeeded: true },
      after: { succeeded: false },
    });
    expect(report.rebuild?.after?.errors.join('\n')).toContain('exit code: 1');
    expect(report.verdict).toBe('different');
    expect({ status, left }).toEqual({ status: 1, left: [] });
  });
});
