/** The program: one run with the process's own arguments and streams. */
import { EXIT } from './io.ts';
import { run } from './run.ts';

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Who reads may stop reading (`| head`); what is left to write to files is still written.
    if (error.code === 'EPIPE') return;
    process.exitCode = EXIT.error;
    if (stream === process.stdout) process.stderr.write(`dfopt: cannot write: ${error.code}\n`);
  });
}

const status = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  cwd: process.cwd(),
  env: process.env,
});
process.exitCode ||= status;
