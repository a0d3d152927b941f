/** How long somebody who opens the playground waits for the first rewrite. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { assetsIn } from '../../src/web/assets.ts';
import { chromium, launch, PLAYGROUND } from './browser.ts';

/**
 * `cpu`, in milliseconds of processor time, says the same on a machine that is busy with other things:
 * what the page's own thread does from the moment that the core was compiled until the first edit is
 * shown, and what it takes to compile the core, which another thread does while the page loads.
 *
 * `afterLoad`, in milliseconds on the clock: how long after the `load` event the first edit is shown.
 *
 * `share`: how many times as long that is under way, from the beginning, as the same page takes to load
 * with nothing in its core.
 */
const MOST = { cpu: { rewrite: 100, compile: 100 }, afterLoad: 100, share: 4 };

const TIMES = 5;

interface Shown {
  /** When, since the page began to load. */
  readonly load: number;
  readonly card: number;
}

/** The playground over HTTP, gzipped as static hosts do it; scripts of the core may be left empty. */
async function served(isBare: boolean): Promise<string> {
  const files = new Map(
    [...assetsIn(PLAYGROUND)].map(([path, { type, bytes }]) => {
      const isCore = /\/(worker|facts)-/.test(path);
      return [path, { type, bytes: gzipSync(isBare && isCore ? '' : bytes) }];
    }),
  );
  const server = createServer(({ url = '/' }, response) => {
    const file = files.get(url);
    const headers = { 'Content-Type': file?.type ?? 'text/plain', 'Content-Encoding': 'gzip' };
    response.writeHead(file ? 200 : 404, headers);
    response.end(file?.bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** In the page: it notes when it was loaded, and when the first edit was there. */
const WATCH = `
  window.shown = {};
  addEventListener('load', () => (shown.load = performance.now()));
  new MutationObserver((_, observer) => {
    if (!document.querySelector('.card')) return;
    shown.card = performance.now();
    performance.mark('first-edit');
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
`;

/** @param needed what the page must have come to */
async function loaded(browser: Browser, url: string, needed: keyof Shown): Promise<Shown> {
  // With a cache of its own, which is empty.
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.addInitScript(WATCH);
    await page.goto(url);
    if (needed === 'card') await page.locator('.card').first().waitFor();
    return await page.evaluate<Shown>('shown');
  } finally {
    await context.close();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
}

describe.skipIf(chromium === undefined)('the first rewrite', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
  });

  it('is there when the page is', async () => {
    const [whole, bare] = [await served(false), await served(true)];
    // What a browser does but once.
    await loaded(browser, whole, 'card');
    const found = [];
    for (let time = 0; time < TIMES; time++) {
      const { load: least } = await loaded(browser, bare, 'load');
      const { load, card } = await loaded(browser, whole, 'card');
      found.push({ afterLoad: card - load, share: card / least });
    }
    expect(median(found.map(({ afterLoad }) => afterLoad))).toBeLessThan(MOST.afterLoad);
    expect(median(found.map(({ share }) => share))).toBeLessThan(MOST.share);
  });

  it('takes little of the processor', async () => {
    const url = await served(false);
    const times = [];
    for (let time = 0; time < 3; time++) times.push(timesOf(await traced(browser, url)));
    // Who shares a cache with others is slower, never faster.
    const rewrite = Math.min(...times.map((each) => each.rewrite));
    const compile = Math.min(...times.map((each) => each.compile));
    expect(rewrite).toBeGreaterThan(20);
    expect(rewrite).toBeLessThan(MOST.cpu.rewrite);
    expect(compile).toBeGreaterThan(10);
    expect(compile).toBeLessThan(MOST.cpu.compile);
  });
});

/** What the browser does until the first edit is shown. */
async function traced(browser: Browser, url: string): Promise<TraceEvent[]> {
  const session = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    events.push(...(value as unknown as TraceEvent[]));
  });
  const includedCategories = [
    'blink.user_timing',
    'devtools.timeline',
    'disabled-by-default-devtools.timeline',
    'disabled-by-default-v8.compile',
    'v8',
  ];
  await session.send('Tracing.start', {
    traceConfig: { includedCategories },
    transferMode: 'ReportEvents',
  });
  await loaded(browser, url, 'card');
  const isDone = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await isDone;
  await session.detach();
  return events;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** In microseconds: when, how long, and how much of the processor. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly data?: { readonly url?: string } };
}

function timesOf(events: readonly TraceEvent[]): { rewrite: number; compile: number } {
  const edit = events.find(({ name }) => name === 'first-edit');
  if (!edit) throw new Error('no edit in the trace');
  // The longest of those in which it was shown is the whole task; others are parts of it.
  const rewrite = events
    .filter(({ name, pid, tid, ts, dur = 0 }) => {
      const isAround = ts <= edit.ts && ts + dur >= edit.ts;
      return name === 'RunTask' && pid === edit.pid && tid === edit.tid && isAround;
    })
    .map(({ tdur = 0 }) => tdur / 1000);
  const compile = events
    .filter(({ name, pid }) => name === 'v8.parseOnBackground' && pid === edit.pid)
    .map(({ tdur = 0 }) => tdur / 1000);
  return { rewrite: Math.max(...rewrite), compile: Math.max(...compile) };
}
