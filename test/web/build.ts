/** Before the tests of the pages: both are built from the sources as they are. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium } from './browser.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/web.mjs', import.meta.url));

export function setup(): void {
  for (const kind of ['web', 'playground']) {
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, kind], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the page could not be built:\n${stderr}`);
  }
  if (chromium === undefined) {
    process.stderr.write(
      '\nNO CHROMIUM: the tests of the pages in a browser are SKIPPED; name one in $CHROMIUM\n\n',
    );
  }
}
