/** Folders for a test, and the command line run inside the test's own process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ExitCode, Output, Program } from '../../src/cli/io.ts';
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
}

export interface Outcome {
  readonly status: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export async function dfopt(args: readonly string[], around: Surroundings): Promise<Outcome> {
  const stdout = recorder(around.isTTY ?? false);
  const stderr = recorder(around.isTTY ?? false);
  const status = await run(args, {
    stdout,
    stderr,
    stdin: chunks(around.stdin ?? ''),
    cwd: around.cwd,
    env: around.env ?? {},
    ...(around.program && { program: around.program }),
  });
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}

function recorder(isTTY: boolean): Output & { text(): string } {
  let written = '';
  return {
    isTTY,
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
