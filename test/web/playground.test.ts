/** Does the page without a server rewrite what is typed and dropped, and keep it in the browser? */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { parseAst } from 'vite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize, type OptimizeOptions } from '../../src/pipeline.ts';
import { headline } from '../../src/report/size.ts';
import { readContext } from '../../src/sources/read-context.ts';
import { EXAMPLE } from '../../src/web/page/start.ts';
import { folderWith } from '../cli/support.ts';
import {
  barriers,
  chromium,
  expectNoComplaints,
  launch,
  openPage,
  PLAYGROUND,
  playground,
  resultLines,
  settled,
} from './browser.ts';
import { workerScripts } from './worker-on-node.ts';

const CORPUS = fileURLToPath(new URL('../../corpus/node/ts-server', import.meta.url));

const TEXT = 'FROM debian:12-slim\nRUN apt-get update && apt-get install -y curl\nCMD ["curl"]\n';

/** Of these packages, this release and this image the page has no facts when it begins. */
const LATE =
  'FROM golang:1.25-trixie\nRUN apt-get update && apt-get install -y chromium zsh\nCMD ["zsh"]\n';

function expected(text: string, options: OptimizeOptions = {}): ReturnType<typeof optimize> {
  const today = new Date().toISOString().slice(0, 10);
  return optimize(text, loadFacts(), { isPriced: true, today, ...options });
}

function lines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

async function type(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Dockerfile' }).fill(text);
  await settled(page);
}

describe.skipIf(chromium === undefined)('the playground', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
  });

  it('rewrites what is typed, and asks nobody but the host of its files', async () => {
    const url = await playground();
    const opened = await openPage(browser, url);
    const { page, asked } = opened;
    await page.locator('.card').first().waitFor();
    for (const text of [TEXT, LATE]) {
      await type(page, text);
      const { output, estimate } = expected(text);
      expect(output).not.toBe(text);
      expect(await resultLines(page)).toEqual(lines(output));
      expect(await page.locator('.status .total').textContent()).toBe(headline(estimate!));
    }
    expect([...asked]).toEqual([new URL(url).origin]);
    expectNoComplaints(opened);
  });

  it('begins with what the command line says, without a worker', async () => {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const workers: unknown[] = [];
    page.on('worker', (worker) => workers.push(worker));
    // As long as a picture is missing, the page counts as loading.
    let goOn: (() => void) | undefined;
    await context.route(/icon-/, async (route) => {
      await new Promise<void>((resolve) => (goOn = resolve));
      await route.abort();
    });
    await page.addInitScript(`addEventListener('DOMContentLoaded', () => {
      const image = document.createElement('img');
      image.src = 'assets/icon-waits.svg';
      document.body.append(image);
    })`);
    await page.goto(await playground(), { waitUntil: 'commit' });
    await page.locator('.card').first().waitFor();
    const { output, estimate } = expected(EXAMPLE);
    expect(await resultLines(page)).toEqual(lines(output));
    expect(await page.locator('.status .total').textContent()).toBe(headline(estimate!));
    expect(await page.locator('#pass-merge-runs').count()).toBe(1);
    expect(workers).toEqual([]);
    const begins = page.waitForEvent('worker');
    goOn?.();
    await begins;
    await type(page, TEXT);
    expect(await resultLines(page)).toEqual(lines(expected(TEXT).output));
  });

  it('begins with a worker where its own scripts do not come', async () => {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    // That of the page; the worker's own request follows.
    let isFirst = true;
    await context.route(/facts-start-/, async (route) => {
      if (isFirst) await route.abort();
      else await route.continue();
      isFirst = false;
    });
    const page = await context.newPage();
    await page.goto(await playground());
    await page.locator('.card').first().waitFor();
    expect(await resultLines(page)).toEqual(lines(expected(EXAMPLE).output));
  });

  it('takes no name in the page that browsers have', async () => {
    const { page } = await openPage(browser, 'about:blank');
    const taken = await page.evaluate<string[]>(`(() => {
      const names = [];
      for (let at = window; at; at = Object.getPrototypeOf(at)) names.push(...Object.getOwnPropertyNames(at));
      return names;
    })()`);
    const { first } = workerScripts(join(PLAYGROUND, 'assets'));
    const { body } = parseAst(readFileSync(join(PLAYGROUND, 'assets', first), 'utf8'));
    const own = body.flatMap((node) => {
      if (node.type === 'VariableDeclaration') return node.declarations.map(({ id }) => id);
      return node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration'
        ? [node.id]
        : [];
    });
    const names = own.flatMap((id) => (id?.type === 'Identifier' ? id.name : []));
    expect(names.length).toBeGreaterThan(500);
    expect(taken).toContain('top');
    expect(names.filter((name) => taken.includes(name))).toEqual([]);
  });

  it('does not go on asking anybody: its own policy forbids it', async () => {
    const { page } = await openPage(browser, await playground());
    await page.locator('.card').first().waitFor();
    const outcome = await page.evaluate<string>(
      `fetch('http://127.0.0.1:9/x').then(() => 'asked', (error) => error.message)`,
    );
    expect(outcome).toMatch(/Failed to fetch|violates/);
    const directive = await page.evaluate<string>(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
      fetch('http://127.0.0.1:9/x').catch(() => undefined);
    })`);
    expect(directive).toBe('connect-src');
  });

  it('knows a folder as the command line does', async () => {
    const { page } = await openPage(browser, await playground());
    await page.locator('.card').first().waitFor();
    await page.locator('input[type=file]').setInputFiles(CORPUS);
    await page.getByText('Forget the folder').waitFor();
    await settled(page);
    const text = readFileSync(join(CORPUS, 'Dockerfile'), 'utf8');
    expect(await page.getByRole('textbox', { name: 'Dockerfile' }).inputValue()).toBe(text);
    const dockerfile = join(CORPUS, 'Dockerfile');
    const { manifests } = loadFacts();
    const read = readContext({ folder: CORPUS, dockerfile, manifests });
    if (read.kind === 'refused') throw new Error(read.why);
    const { output } = expected(text, { context: read.context });
    expect(output).not.toBe(expected(text).output);
    expect(await resultLines(page)).toEqual(lines(output));
    await page.getByText('Forget the folder').click();
    await settled(page);
    expect(await resultLines(page)).toEqual(lines(expected(text).output));
  });

  it('takes a folder that is dropped on it', async () => {
    const { page } = await openPage(browser, await playground());
    await page.locator('.card').first().waitFor();
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: [CORPUS], dragOperationsMask: 1 };
    for (const kind of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type: kind, x: 300, y: 300, data });
    }
    await page.getByText('Forget the folder').waitFor();
    const facts = await page.locator('.folder').textContent();
    const { manifests } = loadFacts();
    const read = readContext({ folder: CORPUS, dockerfile: join(CORPUS, 'Dockerfile'), manifests });
    if (read.kind === 'refused') throw new Error(read.why);
    const files = read.context.entries.filter(({ kind }) => kind === 'file');
    expect(facts).toContain(`ts-server, ${files.length} files, ${read.context.texts.size} texts`);
  });

  it('reads no more of a folder than it needs', async () => {
    const folder = folderWith({
      'app/Dockerfile': TEXT,
      'app/package.json': '{}',
      'app/notes.secret': 'nobody reads this',
    });
    mkdirSync(join(folder, 'app', '.git'));
    writeFileSync(join(folder, 'app', '.git', 'config'), '[core]\n');
    const { page } = await openPage(browser, await playground());
    await page.locator('.card').first().waitFor();
    await page.locator('input[type=file]').setInputFiles(join(folder, 'app'));
    await page.getByText('Forget the folder').waitFor();
    const facts = await page.locator('.folder').textContent();
    expect(facts).toMatch(/^Build context: app, 3 files, 2 texts read/);
  });

  it('keeps the text in the address only when it is asked to', async () => {
    const { page } = await openPage(browser, await playground());
    await page.locator('.card').first().waitFor();
    const evil = `# <img src=x onerror=alert(1)> ünïcödé\n${TEXT}`;
    await type(page, evil);
    expect(new URL(page.url()).hash).toBe('');
    await page.getByRole('button', { name: 'Share' }).click();
    await page.waitForURL(/#file=/);
    const second = await openPage(browser, page.url());
    await second.page.locator('.card').first().waitFor();
    const box = second.page.getByRole('textbox', { name: 'Dockerfile' });
    expect(await box.inputValue()).toBe(evil);
    expect(await second.page.locator('img').count()).toBe(0);
    expectNoComplaints(second);
  });

  it('survives addresses that hold nothing, or too much', async () => {
    const url = await playground();
    // Forty megabytes of blanks, in as many letters as an address may have.
    const bomb = await deflated(' '.repeat(40_000_000));
    expect(bomb.length).toBeLessThan(64_000);
    for (const hash of ['#file=', '#file=%00', '#file=AAAA', '#file=****', `#file=${bomb}`, '#x']) {
      const { page } = await openPage(browser, `${url}${hash}`);
      const box = page.getByRole('textbox', { name: 'Dockerfile' });
      await box.waitFor();
      expect((await box.inputValue()).length, hash.slice(0, 20)).toBeLessThan(1000);
    }
  });

  it('says what is wrong with a file, where, and what to do', async () => {
    const { page } = await openPage(browser, await playground());
    await page.locator('.card').first().waitFor();
    await type(page, 'FROM debian:12-slim\nCOPY onlyone\n');
    expect(await page.locator('.problems').textContent()).toMatch(/^Error, line 2: .+ — .+/);
    expect(await page.getByText('nothing changes').count()).toBe(1);
    await type(page, '');
    await type(page, TEXT);
    expect(await resultLines(page)).toEqual(lines(expected(TEXT).output));
  });

  it('stays usable with a file of ten thousand lines', async () => {
    const { page } = await openPage(browser, await playground());
    await page.locator('.card').first().waitFor();
    const long = `${TEXT}${'# a comment\n'.repeat(10_000)}`;
    // By its value: typing so much takes the browser itself minutes.
    await page.evaluate(`{
      const box = document.querySelector('textarea');
      box.value = ${JSON.stringify(long)};
      box.dispatchEvent(new Event('input'));
    }`);
    await page.getByRole('button', { name: /^Show \d+ unchanged lines$/ }).waitFor();
    expect(await page.locator('.diff tr').count()).toBeLessThan(400);
  });

  it.each([
    ['light', 1400],
    ['dark', 390],
  ] as const)('has no barriers: %s, %i wide', async (colorScheme, width) => {
    const { page } = await openPage(browser, await playground(), { colorScheme, width });
    await page.locator('.card').first().waitFor();
    expect(await barriers(page)).toEqual([]);
  });
});

async function deflated(text: string): Promise<string> {
  const { deflateRawSync } = await import('node:zlib');
  return deflateRawSync(text, { level: 9 }).toString('base64url');
}
