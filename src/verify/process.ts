/** A program run without a shell: what it wrote, how it ended, and how it is stopped. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { containedBelow } from './inner-processes.ts';

export interface Written {
  readonly bytes: number;
  /** Of all bytes, the ones that were not kept too. */
  readonly hash: string;
  /** The beginning. */
  readonly text: string;
  /** The end. */
  readonly tail: string;
}

export interface Ended {
  /** `undefined`: a signal ended it, or it never began. */
  readonly status: number | undefined;
  /** There is no such program. */
  readonly isMissing: boolean;
  readonly stdout: Written;
  readonly stderr: Written;
}

export interface ProcessOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stops it: politely first, so that a builder can tell its engine. */
  readonly signal?: AbortSignal;
  /**
   * It runs containers itself and leaves them behind where it is interrupted: what runs in them is
   * killed, so that it fails and cleans up.
   */
  readonly hasContainers?: boolean;
  /** Every line as it comes, of stdout too where it is kept. */
  readonly onLine?: (line: string) => void;
  /** Takes stdout instead of keeping it; to be consumed to its end. */
  readonly onStdout?: (stream: Readable) => Promise<void>;
}

/** What is kept of a program's output; enough for an engine's answers and for a first difference. */
const KEPT_BYTES = 8 * 1024 * 1024;
const TAIL_BYTES = 64 * 1024;

/** How long a program may take to end after it was asked to. */
const PATIENCE_MS = 5000;

/** How often a builder that is to stop is looked at for what it has started meanwhile. */
const LOOK_MS = 100;

/** Never rejects for what the program does; rejects with what `onStdout` throws. */
export async function execute(
  command: string,
  args: readonly string[],
  { env, signal, hasContainers, onLine, onStdout }: ProcessOptions,
): Promise<Ended> {
  // A group of its own: a Ctrl-C at the terminal reaches dfopt, and dfopt decides.
  const child = spawn(command, args, {
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (by: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      // With the programs that it started.
      process.kill(-child.pid, by);
    } catch {
      // It has ended.
    }
  };
  const timers: NodeJS.Timeout[] = [];
  const stop = (): void => {
    const patience = hasContainers ? PATIENCE_MS : 0;
    if (hasContainers) timers.push(setInterval(() => killContained(child.pid), LOOK_MS));
    timers.push(setTimeout(() => kill('SIGINT'), patience));
    timers.push(setTimeout(() => kill('SIGKILL'), patience + PATIENCE_MS));
  };
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  const end = new Promise<{ status: number | undefined; isMissing: boolean }>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ status: undefined, isMissing: error.code === 'ENOENT' }),
    );
    child.once('close', (code) => resolve({ status: code ?? undefined, isMissing: false }));
  });
  const stdout = collector(onLine);
  const stderr = collector(onLine);
  child.stderr.on('data', stderr.add);
  const consumed = onStdout?.(child.stdout).catch((error: unknown) => {
    // Nobody reads any more: what it still has to say would block it for ever.
    kill('SIGKILL');
    throw error;
  });
  if (!consumed) child.stdout.on('data', stdout.add);
  try {
    const [ended] = await Promise.all([end, consumed]);
    return { ...ended, stdout: stdout.written(), stderr: stderr.written() };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function killContained(pid: number | undefined): void {
  for (const each of pid === undefined ? [] : containedBelow(pid)) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

interface Collector {
  readonly add: (chunk: Buffer) => void;
  readonly written: () => Written;
}

function collector(onLine?: (line: string) => void): Collector {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let tail = Buffer.alloc(0);
  let bytes = 0;
  let line = '';
  return {
    add: (chunk) => {
      hash.update(chunk);
      if (bytes < KEPT_BYTES) kept.push(chunk.subarray(0, KEPT_BYTES - bytes));
      bytes += chunk.length;
      tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
      if (!onLine) return;
      const lines = (line + chunk.toString()).split('\n');
      line = lines.pop()!.slice(0, TAIL_BYTES);
      for (const each of lines) onLine(each);
    },
    written: () => ({
      bytes,
      hash: hash.digest('hex'),
      text: Buffer.concat(kept).toString(),
      tail: tail.toString(),
    }),
  };
}
