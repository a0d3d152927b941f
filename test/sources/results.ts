/** Folders of results for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { CACHE_LIMITS, resultCache } from '../../src/sources/result-cache.ts';

/** Not there yet. */
export function newFolder(): string {
  const top = mkdtempSync(join(tmpdir(), 'dfopt-test-'));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  return join(top, 'results');
}

/** As one run keeps them. */
export function keep(
  folder: string,
  texts: Readonly<Record<string, string>>,
  limits = CACHE_LIMITS,
): void {
  const cache = resultCache(folder, limits)!;
  for (const [key, text] of Object.entries(texts)) cache.write(key, text);
  cache.close();
}

/** As the next run finds it. */
export function found(folder: string, key: string): string | undefined {
  const cache = resultCache(folder)!;
  const text = cache.read(key);
  cache.close();
  return text;
}
