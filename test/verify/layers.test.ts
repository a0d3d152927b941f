/** Files that a layer gives away or deletes: the engine finds the same files in smaller images. */
import { describe, expect, it } from 'vitest';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize } from '../../src/pipeline.ts';
import { BASE, hasDocker, SLOW_MS, verified, warnWhereSkipped } from './support.ts';

warnWhereSkipped();

const FROM = `FROM ${BASE}\n`;

/** What the passes make of lines below FROM. */
function rewritten(before: string, ...select: readonly string[]): string {
  const { output } = optimize(FROM + before, loadFacts(), { select, strict: true });
  expect(output).not.toBe(FROM + before);
  return output.slice(FROM.length);
}

const MEGABYTES = 3_000_000;

describe.skipIf(!hasDocker)('with an engine', { timeout: SLOW_MS }, () => {
  it('files have the same owners and modes, in one layer instead of three', async () => {
    // Without it the day of the build is in /etc/shadow, and one of the two may be in the cache since yesterday.
    const before = `ENV SOURCE_DATE_EPOCH=1767225600
COPY . /app
WORKDIR /app/data/new
COPY bin /srv/app/bin
RUN groupadd -r app && useradd -r -g app app && mkdir -p /app/logs/x /data && chown -R app:app /app /data && chmod -R 750 /app
RUN chgrp -R www-data /srv/app && chmod 640 /etc/issue
CMD ["true"]`;
    const after = rewritten(before, 'copy-with-owner');
    const files = { big: 'x'.repeat(MEGABYTES), 'bin/run': 'x', 'data/a/b': 'x' };
    const { report } = await verified(before, after, [], files);
    expect(report).toMatchObject({ verdict: 'same', files: { attributes: [], contents: [] } });
    expect(report.size!.before.bytes - report.size!.after.bytes).toBeGreaterThan(MEGABYTES);
  });

  it('files that are deleted are in no layer', async () => {
    const before = `WORKDIR /src
RUN head -c ${MEGABYTES} /dev/zero > zeros && tar cf x.tar zeros && cp zeros more
RUN tar xf x.tar && cp zeros /opt/zeros
RUN rm -rf x.tar zeros
ENV A=1
COPY kept /kept
RUN rm -rf /src/more && touch /etc/x
CMD ["true"]`;
    const after = rewritten(before, 'delete-in-same-layer');
    const { report } = await verified(before, after);
    expect(report).toMatchObject({ verdict: 'same', files: { attributes: [], contents: [] } });
    expect(report.size!.before.bytes - report.size!.after.bytes).toBeGreaterThan(3 * MEGABYTES);
  });
});
