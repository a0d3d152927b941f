/** How long somebody who opens the playground waits for the first rewrite, once all is there. */
import { expect, it } from 'vitest';
import { chromium, launch, openPage, playground } from './browser.ts';

/**
 * In milliseconds of the worker's own processor time, which says the same on a machine that is busy
 * with other things. The second is with the facts, which it reads and parses before; both are what
 * follows when the last byte has arrived.
 */
const MOST = { rewrite: 100, withFacts: 150 };

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** In microseconds: when, and how much of the processor. */
  readonly ts: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

it.skipIf(chromium === undefined)('shows its first rewrite at once', async () => {
  const browser = await launch();
  try {
    const session = await browser.newBrowserCDPSession();
    const events: TraceEvent[] = [];
    session.on('Tracing.dataCollected', ({ value }) => {
      events.push(...(value as unknown as TraceEvent[]));
    });
    const includedCategories = [
      'devtools.timeline',
      'disabled-by-default-devtools.timeline',
      '__metadata',
    ];
    await session.send('Tracing.start', {
      traceConfig: { includedCategories },
      transferMode: 'ReportEvents',
    });
    const { page } = await openPage(browser, await playground());
    await page.locator('.card').first().waitFor();
    const isDone = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    await isDone;
    const { rewrite, withFacts } = timesOf(events);
    expect(rewrite).toBeGreaterThan(1);
    expect(rewrite).toBeLessThan(MOST.rewrite);
    expect(withFacts).toBeGreaterThan(rewrite);
    expect(withFacts).toBeLessThan(MOST.withFacts);
  } finally {
    await browser.close();
  }
});

function timesOf(events: readonly TraceEvent[]): { rewrite: number; withFacts: number } {
  const threads = new Map(
    events
      .filter(({ name }) => name === 'thread_name')
      .map(({ pid, tid, args }) => [`${pid} ${tid}`, args.name ?? '']),
  );
  const inWorker = events.filter(({ pid, tid }) =>
    threads.get(`${pid} ${tid}`)?.includes('DedicatedWorker'),
  );
  // Its script is compiled and run while the facts are under way.
  const start = inWorker.find(({ name }) => name === 'EvaluateScript')?.ts;
  if (start === undefined) throw new Error('no worker began');
  const tasks = inWorker
    .filter(({ name, ts }) => name === 'RunTask' && ts >= start)
    .map(({ tdur = 0 }) => tdur / 1000);
  return { rewrite: Math.max(...tasks), withFacts: tasks.reduce((sum, each) => sum + each, 0) };
}
