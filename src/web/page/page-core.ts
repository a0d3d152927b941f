/**
 * The worker's script among those of the page itself: it is compiled while the rest of the page loads,
 * and is there before a worker could have begun.
 */
import type { PageCore } from './protocol.ts';

/** @returns `undefined` where the page has none, or it did not come */
export async function pageCore(): Promise<PageCore | undefined> {
  if (!window.dfoptCore && document.readyState !== 'complete') {
    await new Promise<unknown>((resolve) => {
      const script = document.querySelector('script[data-core]');
      script?.addEventListener('load', resolve, { once: true });
      // It did not come.
      script?.addEventListener('error', resolve, { once: true });
      // It had run or failed before.
      window.addEventListener('load', resolve, { once: true });
    });
  }
  return window.dfoptCore;
}
