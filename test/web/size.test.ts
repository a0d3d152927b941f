/** How much is downloaded for a page, gzipped; so that it does not grow unnoticed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/**
 * In bytes. `begin`: the page and the script of its worker, with which the playground shows its first
 * rewrite; `all`: with the pieces that the worker loads when a file asks for them. The core as a whole
 * is larger than what may be downloaded to begin. The facts are counted apart.
 */
const MOST = { begin: 150_000, all: 458_000, 'facts to begin': 100_000, facts: 900_000 };

function gzipped(folder: string, name: RegExp): number {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((each) =>
    name.test(each),
  );
  expect(found.length, `${name} in ${folder}`).toBeGreaterThan(0);
  return found.reduce((sum, each) => {
    return sum + gzipSync(readFileSync(join(folder, each)), { level: 9 }).length;
  }, 0);
}

describe.each(['web', 'playground'])('dist/%s', (kind) => {
  const folder = join(DIST, kind);

  it.each([
    ['begin', /^index\.html$|index-.*\.(js|css)$|icon-.*\.svg$|worker-[^-]+\.js$/],
    ['all', /^index\.html$|(?<!facts-.*)\.(js|css|svg)$/],
    ['facts to begin', /facts-start-.*\.js$/],
    ['facts', /facts-.*\.js$/],
  ] as const)('%s', (part, name) => {
    expect(gzipped(folder, name)).toBeLessThanOrEqual(MOST[part]);
  });

  it('begins with files that lie where they are looked for', () => {
    const names = readdirSync(join(folder, 'assets'));
    expect(names.filter((name) => /^worker-[^-]+\.js$/.test(name))).toHaveLength(1);
    expect(names.filter((name) => /^worker-\w+-\w+\.js$/.test(name)).length).toBeGreaterThan(5);
  });

  it('has nothing inline, and nothing from elsewhere', () => {
    const html = readFileSync(join(folder, 'index.html'), 'utf8').replaceAll('&#39;', "'");
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/);
    expect([...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, path]) => path![0])).not.toContain(
      'h',
    );
  });
});
