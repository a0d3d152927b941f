/** A real Chromium, and pages in it that complain of everything that goes wrong. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { chromium as launcher, type Browser, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { startReview } from '../../src/cli/review-web.ts';
import { assetsIn } from '../../src/web/assets.ts';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Its program; `undefined` where there is none, and the tests that need it are skipped. */
export const chromium: string | undefined =
  process.env['CHROMIUM'] || PLACES.find((path) => existsSync(path));

export async function launch(): Promise<Browser> {
  return launcher.launch({
    executablePath: chromium!,
    // Its sandbox does not work for root, as whom containers run tests.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly acceptDownloads?: boolean;
}

export interface Opened {
  readonly page: Page;
  /** What the page complained of: exceptions, violations of the policy, failed requests. */
  readonly complaints: readonly string[];
  /** The origins that were asked for anything. */
  readonly asked: ReadonlySet<string>;
}

export async function openPage(browser: Browser, url: string, look: Look = {}): Promise<Opened> {
  const { width = 1400, height = 900, colorScheme = 'light' } = look;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked = new Set<string>();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => asked.add(new URL(request.url()).origin));
  await page.goto(url);
  return { page, complaints, asked };
}

/** A review of what is in a folder; its address. */
export async function reviewOf(
  folder: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const quiet = { write: () => true };
  const running = await startReview(
    { _: ['review'], ...args },
    {
      stdout: quiet,
      stderr: quiet,
      stdin: process.stdin,
      cwd: folder,
      env: {},
    },
  );
  onTestFinished(() => running.close());
  return running.url;
}

export const PLAYGROUND = fileURLToPath(new URL('../../dist/playground', import.meta.url));

/** As any static host has it: no header but the type, so that the page's own policy must hold. */
export async function playground(): Promise<string> {
  const assets = assetsIn(PLAYGROUND);
  const server = createServer(({ url = '/' }, response) => {
    const path = url.replace(/^\/some\/where/, '').replace(/[?#].*/, '');
    const asset = assets.get(path);
    response.writeHead(asset ? 200 : 404, { 'Content-Type': asset?.type ?? 'text/plain' });
    response.end(asset?.bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/where/`;
}

/** Waits until the rewrite that was asked for is shown. */
export async function settled(page: Page): Promise<void> {
  // One turn, in which an input that waits for a pause begins.
  await page.waitForTimeout(300);
  await page.locator('.bench:not([aria-busy])').waitFor();
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** What axe-core finds that is serious or worse. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** The text of the right side, line by line. */
export async function resultLines(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`
    [...document.querySelectorAll('.results > :last-child td.text.right:not(.none)')].map((cell) =>
      [...cell.childNodes].filter((node) => node.className !== 'unseen').map((node) => node.textContent).join(''))
  `);
}

export function expectNoComplaints({ complaints }: Opened): void {
  expect(complaints).toEqual([]);
}
