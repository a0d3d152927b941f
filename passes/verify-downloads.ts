/**
 * Says where a download is run without a look at it.
 * Says nothing of downloads that are unpacked or kept, or fed to a program that takes them as data.
 */
import { runDownloads } from '../src/analysis/downloads.ts';
import { shellBefore } from '../src/analysis/state.ts';
import { runBody } from '../src/dockerfile/shell.ts';
import { definePass } from '../src/pass.ts';

export default definePass({
  id: 'verify-downloads',
  summary: 'Check a script from the network before running it.',
  why: 'What a server sends is run as it is, as root, and may be another thing at the next build. A download that breaks off is run up to where it broke.',
  refuses: [
    'the download is data: it is unpacked, kept, or given to a program with a script of its own',
  ],
  level: 'safe',
  isAdvice: true,
  improves: ['security', 'reliability'],
  references: ['https://docs.docker.com/reference/dockerfile/#add---checksum'],
  run: (file, scope) => {
    for (const stage of file.stages) {
      for (const run of stage.instructions) {
        if (run.kind !== 'run') continue;
        const body = runBody(run, shellBefore(file, stage, run));
        const [first] = body.kind === 'script' ? runDownloads(body, scope.facts.advice) : [];
        if (!first) continue;
        const { downloader, interpreter, isPlain } = first;
        const how = isPlain ? ', over a connection that anybody on the way can change' : '';
        scope.advise(
          run,
          `"${interpreter}" runs whatever "${downloader}" is sent${how}: download a named version to a file, compare its checksum by "sha256sum -c", then run it`,
        );
      }
    }
    return file;
  },
});
