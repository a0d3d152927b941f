/** Folders for a test, and the command line run inside the test's own process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ExitCode, Input, Output, Program } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';

/** What dfopt edits at level safe, and what it makes of it. */
export const DIRTY = 'FROM debian:12-slim\nRUN apt-get update && apt-get install -y curl\n';
export const CLEAN = 'FROM debian:12-slim\nCMD ["true"]\n';
export const INVALID = 'FROM debian:12-slim\nCOPY onlyone\n';

/** A folder with these files that is gone after the test. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'dfopt-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export interface Surroundings {
  readonly cwd: string;
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** The streams are terminals. */
  readonly isTTY?: boolean;
  /** Without one there are no threads and no cache. */
  readonly program?: Program;
  /** Columns of the terminal. */
  readonly columns?: number;
  /** What is typed, key by key: standard input is a terminal as well. */
  readonly keys?: readonly string[];
  /** Called before each key. */
  readonly beforeKey?: (index: number) => void;
}

export interface Outcome {
  readonly status: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export async function dfopt(args: readonly string[], around: Surroundings): Promise<Outcome> {
  const stdout = recorder(around);
  const stderr = recorder(around);
  const status = await run(args, {
    stdout,
    stderr,
    stdin: around.keys ? keyboard(around.keys, around) : chunks(around.stdin ?? ''),
    cwd: around.cwd,
    env: around.env ?? {},
    ...(around.program && { program: around.program }),
  });
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}

function recorder({ isTTY = false, columns }: Surroundings): Output & { text(): string } {
  let written = '';
  return {
    isTTY,
    ...(columns !== undefined && { columns }),
    write: (text: string) => (written += text),
    text: () => written,
  };
}

/** In pieces that cut characters in two, as a pipe may. */
async function* chunks(input: string | Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(input);
  for (let at = 0; at < bytes.length; at += 7)
    yield await Promise.resolve(bytes.subarray(at, at + 7));
}

/** A terminal that gives keys one by one while it is in raw mode, as a program asks for them. */
function keyboard(keys: readonly string[], { beforeKey }: Surroundings): Input {
  let isRaw = false;
  async function* typed(): AsyncGenerator<Uint8Array> {
    for (const [index, key] of keys.entries()) {
      beforeKey?.(index);
      if (!isRaw && !key.endsWith('\n')) throw new Error('a key is waited for in line mode');
      await Promise.resolve();
      yield Buffer.from(key);
    }
  }
  return {
    isTTY: true,
    setRawMode: (next: boolean) => (isRaw = next),
    [Symbol.asyncIterator]: () => typed(),
  };
}
