/**
 * What waits for a thread. A thread is best given more of the kinds that it has begun with: what they need
 * of the program is compiled there, and what was found out for others like them is remembered there.
 */

export interface ThreadQueue<Item> {
  /** @param kind that items like it have, too; missing: any thread is as good as another */
  readonly add: (item: Item, kind?: string) => void;
  /** Before all others: they had been handed out to a thread that is no more. */
  readonly putBack: (items: readonly Item[]) => void;
  /**
   * The oldest of the thread's own kinds, or else of those that are nobody's; the kind is that thread's
   * from then on. Where all are of other threads, it takes over a kind of which many wait, but not that of
   * which most wait: whoever has that one goes on with it.
   */
  readonly next: (thread: object) => Item | undefined;
  /** The thread is no more: its kinds are nobody's. */
  readonly forget: (thread: object) => void;
  readonly length: () => number;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly kind?: string;
}

export function threadQueue<Item>(): ThreadQueue<Item> {
  const waiting: Waiting<Item>[] = [];
  const threads = new Map<string, object>();
  /** @returns -1 where nothing waits */
  const placeFor = (thread: object): number => {
    let free = -1;
    for (const [place, { kind }] of waiting.entries()) {
      const known = kind === undefined ? undefined : threads.get(kind);
      if (known === thread) return place;
      if (known === undefined && free < 0) free = place;
    }
    return free < 0 ? ofOtherThread() : free;
  };
  const ofOtherThread = (): number => {
    const counts = new Map<string | undefined, number>();
    for (const { kind } of waiting) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const [most, second = most] = [...counts].toSorted(([, one], [, other]) => other - one);
    return waiting.findIndex(({ kind }) => kind === second?.[0]);
  };
  return {
    add: (item, kind) => void waiting.push({ item, ...(kind !== undefined && { kind }) }),
    putBack: (items) => void waiting.unshift(...items.map((item) => ({ item }))),
    next: (thread) => {
      const place = placeFor(thread);
      if (place < 0) return undefined;
      const [{ item, kind }] = waiting.splice(place, 1) as [Waiting<Item>];
      if (kind !== undefined) threads.set(kind, thread);
      return item;
    },
    forget: (thread) => {
      for (const [kind, known] of threads) if (known === thread) threads.delete(kind);
    },
    length: () => waiting.length,
  };
}
