/**
 * What analyses remember of one run over one Dockerfile. A WeakMap would do, but for the collector of
 * garbage: what hangs in one that is as old as the program outlives every quick collection, although its
 * Dockerfile is long gone, and a run over many files spends a tenth of its time on carrying it along. So
 * these are emptied when a run begins. Nothing may count on them: they only save asking twice.
 */

/** Answers by what they are about. A class, because it is asked thousands of times for each file. */
export class RunMemory<Key extends object, Answer> {
  /** Made when there is one to keep: a run needs few of these memories. */
  private answers: WeakMap<Key, Answer> | undefined;

  private static readonly all: RunMemory<never, unknown>[] = [];

  constructor() {
    this.answers = undefined;
    RunMemory.all.push(this);
  }

  get(key: Key): Answer | undefined {
    return this.answers?.get(key);
  }

  set(key: Key, answer: Answer): void {
    this.answers ??= new WeakMap<Key, Answer>();
    this.answers.set(key, answer);
  }

  static forgetAll(): void {
    for (const each of RunMemory.all) each.answers = undefined;
  }
}

/** For where the run over another Dockerfile begins. */
export function forgetLastRun(): void {
  RunMemory.forgetAll();
}
