/** Who waits for something to do, and who says that there may be something. */

export interface Bell {
  readonly ring: () => void;
  /** Resolves at the next ring, at the latest after `ms`. */
  readonly heard: (ms: number) => Promise<void>;
}

export function newBell(): Bell {
  const waiting = new Set<() => void>();
  return {
    ring: () => {
      for (const wake of waiting) wake();
    },
    heard: (ms) =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        waiting.add(wake);
      }),
  };
}
