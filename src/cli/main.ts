/** The program: one run with the process's own arguments and streams. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { compileExpressionsAtOnce, optimizeLater } from './engine-flags.ts';
import { EXIT, type Program } from './io.ts';
import { run } from './run.ts';

optimizeLater();
compileExpressionsAtOnce();
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Who reads may stop reading (`| head`); what is left to write to files is still written.
    if (error.code === 'EPIPE') return;
    process.exitCode = EXIT.error;
    if (stream === process.stdout) process.stderr.write(`dfopt: cannot write: ${error.code}\n`);
  });
}

const program = programOf(new URL('worker.js', import.meta.url));
const status = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  cwd: process.cwd(),
  // Asking the system for a variable takes its time; on Windows its names know no case.
  env: process.platform === 'win32' ? process.env : { ...process.env },
  ...(program && { program }),
});
process.exitCode ||= status;
// All is written then. Without this, what is in memory would be taken down piece by piece.
process.once('beforeExit', () => process.exit());

/**
 * The program names its pieces, rows among them, by digests of what is in them: its two entries stand
 * for all of it.
 */
function programOf(worker: URL): Program | undefined {
  if (!existsSync(worker)) return undefined;
  const hash = createHash('sha256');
  for (const url of [new URL(import.meta.url), worker]) hash.update(readFileSync(url));
  return { identity: hash.digest('hex'), worker };
}
