/** How much is downloaded for a page, gzipped; so that it does not grow unnoticed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/**
 * In bytes, what stands plus a tenth. Of the core, the packages that parse Dockerfiles, shell code and
 * YAML are about a third; the rest is dfopt's own passes, ecosystems and analysis.
 */
const MOST = { page: 25_000, core: 400_000, facts: 900_000 };

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
    ['page', /^index\.html$|index-.*\.(js|css)$/],
    ['core', /worker-.*\.js$/],
    ['facts', /facts-.*\.js$/],
  ] as const)('%s', (part, name) => {
    expect(gzipped(folder, name)).toBeLessThan(MOST[part]);
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
