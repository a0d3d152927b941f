/** Does the page of a review show what dfopt makes of a file, and write what it shows? */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { contextsOf } from '../../src/cli/contexts.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize, type OptimizeOptions, type Result } from '../../src/pipeline.ts';
import { headline } from '../../src/report/size.ts';
import { folderWith } from '../cli/support.ts';
import {
  barriers,
  chromium,
  expectNoComplaints,
  launch,
  openPage,
  resultLines,
  reviewOf,
  settled,
} from './browser.ts';

/** An application with an edit that requires another. */
const CORPUS = fileURLToPath(new URL('../../corpus/node/whole-folder-copied', import.meta.url));

const APP = {
  Dockerfile: [
    'FROM node:22',
    'WORKDIR /app',
    '# Thumbnails.',
    'RUN apt-get update && apt-get install -y imagemagick',
    'COPY . .',
    'RUN npm install',
    'EXPOSE 3000',
    'CMD ["npm", "start"]',
    '',
  ].join('\n'),
  'package.json': '{ "name": "app", "scripts": { "start": "node server.js" } }',
  'package-lock.json': '{ "name": "app", "lockfileVersion": 3, "packages": { "": {} } }',
  'server.js': 'require("node:http").createServer().listen(3000);\n',
};

/** What the command line makes of it, in this process. */
function expected(folder: string, name: string, options: OptimizeOptions = {}): Result {
  const facts = loadFacts();
  const path = join(folder, name);
  const text = readFileSync(path, 'utf8');
  const { context } = contextsOf(undefined, facts.manifests).of(path, text);
  return optimize(text, facts, {
    ...options,
    ...(context && { context }),
    isPriced: true,
    today: new Date().toISOString().slice(0, 10),
  });
}

function lines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

async function total(page: Page): Promise<string | null> {
  return page.locator('.status .total').textContent();
}

describe.skipIf(chromium === undefined)('the page of a review', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
  });

  it('shows the rewrite, its edits and its sizes as the command line does', async () => {
    const folder = folderWith(APP);
    const opened = await openPage(browser, await reviewOf(folder));
    const { page } = opened;
    await page.locator('.card').first().waitFor();
    const result = expected(folder, 'Dockerfile');
    const made = result.remarks.filter(({ outcome }) => outcome === 'applied');
    expect(made.length).toBeGreaterThan(2);
    expect(await resultLines(page)).toEqual(lines(result.output));
    expect(await total(page)).toBe(headline(result.estimate!));
    expect(await page.locator('.card label').allTextContents()).toEqual(
      made.map(({ message }) => message),
    );
    // The token is not left where somebody would copy it.
    expect(new URL(page.url()).hash).toBe('');
    expectNoComplaints(opened);
  });

  it('computes again what a switched edit changes, and takes it back', async () => {
    const folder = folderWith(APP);
    const { page } = await openPage(browser, await reviewOf(folder));
    await page.locator('.card').first().waitFor();
    const all = expected(folder, 'Dockerfile');
    const [largest] = all.remarks
      .filter(({ outcome }) => outcome === 'applied')
      .toSorted((one, other) => other.saved!.bytes - one.saved!.bytes);
    const { id } = largest!;
    const toggle = page.locator(`[data-id="${id}"] input[role=switch]`);
    // By the keyboard: the focus stays where it was.
    await toggle.focus();
    await page.keyboard.press('Space');
    await settled(page);
    const without = expected(folder, 'Dockerfile', { deny: new Set([id]) });
    expect(without.output).not.toBe(all.output);
    expect(await resultLines(page)).toEqual(lines(without.output));
    expect(await total(page)).toBe(headline(without.estimate!));
    expect(await total(page)).not.toBe(headline(all.estimate!));
    expect(await toggle.isChecked()).toBe(false);
    await page.keyboard.press('Space');
    await settled(page);
    expect(await resultLines(page)).toEqual(lines(all.output));
    expect(await total(page)).toBe(headline(all.estimate!));
  });

  it('computes again for another level, another builder and other passes', async () => {
    const folder = folderWith(APP);
    const { page } = await openPage(browser, await reviewOf(folder, { level: 'safe' }));
    await page.locator('.card').first().waitFor();
    const shown = async (options: OptimizeOptions): Promise<void> => {
      await settled(page);
      const { output, estimate } = expected(folder, 'Dockerfile', options);
      expect(await resultLines(page)).toEqual(lines(output));
      expect(await total(page)).toBe(headline(estimate!));
    };
    await shown({ level: 'safe' });
    await page.getByLabel('aggressive', { exact: true }).check();
    await shown({ level: 'aggressive' });
    await page.getByLabel('It is built by').selectOption('kaniko');
    await shown({ level: 'aggressive', builder: { name: 'kaniko' } });
    await page.getByText(/^All \d+ passes are on$/).click();
    await page.getByLabel('remove-package-lists').uncheck();
    const skip = ['remove-package-lists'];
    await shown({ level: 'aggressive', builder: { name: 'kaniko' }, skip });
    expect(await page.getByText(/^1 of \d+ passes are off$/).count()).toBe(1);
  });

  it('lets an edit fall with the one that it requires', async () => {
    const folder = folderWith({});
    cpSync(CORPUS, folder, { recursive: true });
    const { remarks } = expected(folder, 'Dockerfile');
    const applied = remarks.filter(({ outcome }) => outcome === 'applied');
    const { id, requires } = applied.find((each) => each.requires.length > 0)!;
    const { page } = await openPage(browser, await reviewOf(folder));
    const isOn = page.locator(`[data-id="${id}"] input[role=switch]:checked`);
    await isOn.waitFor();
    await page.locator(`[data-id="${requires[0]}"] input[role=switch]`).uncheck();
    await settled(page);
    expect(await isOn.count()).toBe(0);
    const deny = new Set(requires);
    expect(await resultLines(page)).toEqual(lines(expected(folder, 'Dockerfile', { deny }).output));
    await page.locator(`[data-id="${requires[0]}"] input[role=switch]`).check();
    await settled(page);
    expect(await isOn.count()).toBe(1);
  });

  it('writes, shows the file as it is then, and survives a reload', async () => {
    const folder = folderWith(APP);
    const opened = await openPage(browser, await reviewOf(folder));
    const { page } = opened;
    await page.locator('.card').first().waitFor();
    const { output } = expected(folder, 'Dockerfile');
    await page.getByRole('button', { name: /^Write/ }).click();
    await page.getByText(/^Written: (.*, )?Dockerfile$/).waitFor();
    expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toBe(output);
    await page.reload();
    await page.getByText('Nothing to edit at this level.').waitFor();
    expect(await resultLines(page)).toEqual(lines(output));
    expect(await page.getByRole('button', { name: /^Write/ }).isDisabled()).toBe(true);
    expectNoComplaints(opened);
  });

  it('writes nothing over a change that was made meanwhile, and says so', async () => {
    const folder = folderWith(APP);
    const { page } = await openPage(browser, await reviewOf(folder));
    await page.locator('.card').first().waitFor();
    const mine = `${APP.Dockerfile}LABEL mine=true\n`;
    writeFileSync(join(folder, 'Dockerfile'), mine);
    await page.getByRole('button', { name: /^Write/ }).click();
    await page
      .getByRole('alert')
      .getByText(/has changed since it was read/)
      .waitFor();
    expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toBe(mine);
    await page.getByRole('button', { name: 'Read again' }).click();
    await page.locator('.text.left', { hasText: 'LABEL mine=true' }).waitFor();
    await settled(page);
    await page.getByRole('button', { name: /^Write/ }).click();
    await page.getByText(/^Written: (.*, )?Dockerfile$/).waitFor();
    expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toContain('LABEL mine=true\n');
  });

  it('has all files to choose from, each with its own build context', async () => {
    const folder = folderWith({
      'a/Dockerfile': 'FROM debian:12-slim\nRUN apt-get update && apt-get install -y curl\n',
      ...Object.fromEntries(Object.entries(APP).map(([name, text]) => [`b/${name}`, text])),
      'c/Dockerfile': 'FROM debian:12-slim\nCOPY onlyone\n',
    });
    const { page } = await openPage(browser, await reviewOf(folder));
    await page.locator('.card').first().waitFor();
    const select = page.getByLabel('File (of 3)');
    expect(await select.locator('option').allTextContents()).toEqual([
      'a/Dockerfile',
      'b/Dockerfile',
      'c/Dockerfile',
    ]);
    await select.selectOption('b/Dockerfile');
    await page.locator('.text.left', { hasText: 'imagemagick' }).waitFor();
    await settled(page);
    expect(await resultLines(page)).toEqual(lines(expected(folder, 'b/Dockerfile').output));
    await select.selectOption('c/Dockerfile');
    await page.locator('.problems .error').waitFor();
    expect(await page.locator('.problems').textContent()).toMatch(/^Error, line 2: /);
  });

  it('shows hostile text harmlessly', async () => {
    const evil = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    const text = [
      'FROM node:22',
      `# ${evil}`,
      'LABEL a="\u202etxet derorrim\u202c" b="\u001b[2J\u0007\u2066"',
      `RUN echo '${evil}' && apt-get update && apt-get install -y curl`,
      'COPY ["<img src=y onerror=alert(4)>", "/x"]',
      'CMD ["javascript:alert(3)"]',
      '',
    ].join('\n');
    const folder = folderWith({ '<b>bold<b>.Dockerfile': text });
    const opened = await openPage(browser, await reviewOf(folder));
    const { page, complaints } = opened;
    await page.locator('.card').first().waitFor();
    for (const tag of ['img', 'b', 'script:not([src])']) {
      expect(await page.locator(`body ${tag}`).count(), tag).toBe(0);
    }
    const shown = (await page.locator('body').textContent()) ?? '';
    expect(shown).toContain(evil);
    // oxlint-disable-next-line no-control-regex -- what must not be there
    expect(shown).not.toMatch(/[\u0007\u001b\u202a-\u202e\u2066-\u2069]/);
    expect(await page.locator('.diff .escape').first().textContent()).toBe('\\u202e');
    expect(shown).toContain('\\u001b');
    expect(complaints).toEqual([]);
  });

  it('runs no code that gets into it, whatever it says', async () => {
    const { page } = await openPage(browser, await reviewOf(folderWith(APP)));
    await page.locator('.card').first().waitFor();
    // As code of the page itself would: the policy stops it, and Trusted Types the string.
    const sink = await page.evaluate<string>(`(() => {
      try { document.body.insertAdjacentHTML('beforeend', '<p id=in>in</p>'); return 'in'; }
      catch (error) { return error.name; }
    })()`);
    expect(sink).toBe('TypeError');
    const script = await page.evaluate<string>(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
      const image = document.createElement('img');
      image.src = 'https://evil.example/x.png';
      document.body.append(image);
    })`);
    expect(script).toBe('img-src');
  });

  it('says so where a part of it cannot be loaded', async () => {
    const url = await reviewOf(folderWith(APP));
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    await context.route(/worker-/, (route) => route.abort());
    const page = await context.newPage();
    await page.goto(url);
    await page
      .getByRole('alert')
      .getByText(/rewrites could not be loaded/)
      .waitFor();
    expect(await page.getByRole('button', { name: /^Write/ }).isDisabled()).toBe(true);
  });

  it('tells nothing to a page without the token', async () => {
    const url = await reviewOf(folderWith(APP));
    const bare = url.replace(/#.*/, '');
    for (const address of [bare, `${bare}#token=wrong`]) {
      const { page } = await openPage(browser, address);
      await page
        .getByRole('alert')
        .getByText(/The token is missing or wrong/)
        .waitFor();
      expect(await page.locator('body').textContent()).not.toContain('imagemagick');
    }
  });

  it('answers no other origin in the same browser', async () => {
    const folder = folderWith(APP);
    const url = new URL(await reviewOf(folder));
    const token = url.hash.replace('#token=', '');
    // The same machine, another port: another origin.
    const other = await reviewOf(folderWith({ Dockerfile: 'FROM scratch\n' }));
    const context = await browser.newContext({ bypassCSP: true });
    const page = await context.newPage();
    await page.goto(other);
    const outcome = await page.evaluate<string>(`
      fetch('${url.origin}/api/session', { headers: { 'x-dfopt-token': '${token}' } })
        .then((response) => 'answered ' + response.status, (error) => error.name)
    `);
    expect(outcome).toBe('TypeError');
    const posted = await page.evaluate<string>(`
      fetch('${url.origin}/api/files/0', { method: 'POST', mode: 'no-cors', body: '{}' })
        .then((response) => response.type, (error) => error.name)
    `);
    expect(['opaque', 'TypeError']).toContain(posted);
    expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toBe(APP.Dockerfile);
    await context.close();
  });

  it.each([
    ['light', 1400],
    ['dark', 1400],
    ['light', 390],
    ['dark', 390],
  ] as const)('has no barriers: %s, %i wide', async (colorScheme, width) => {
    const url = await reviewOf(folderWith(APP), { level: 'aggressive' });
    const { page } = await openPage(browser, url, { colorScheme, width });
    await page.locator('.card').first().waitFor();
    expect(await barriers(page)).toEqual([]);
    for (const each of await page.locator('summary').all()) await each.click();
    await page.locator('.card input[role=switch]').first().uncheck();
    await settled(page);
    expect(await barriers(page)).toEqual([]);
    const { scroll, view } = await page.evaluate<{ scroll: number; view: number }>(
      '({ scroll: document.documentElement.scrollWidth, view: innerWidth })',
    );
    expect(scroll).toBeLessThanOrEqual(view);
  });

  it('tells screen readers the totals when they change', async () => {
    const { page } = await openPage(browser, await reviewOf(folderWith(APP)));
    await page.locator('.card').first().waitFor();
    const status = page.getByRole('status').filter({ hasText: 'edits made' });
    const before = await status.textContent();
    expect(before).toMatch(/ → .*\d of \d edits made$/);
    await page.getByRole('switch').first().uncheck();
    await settled(page);
    expect(await status.textContent()).not.toBe(before);
    expect(await page.getByRole('table', { name: /^Dockerfile: as it is/ }).count()).toBe(1);
  });
});
