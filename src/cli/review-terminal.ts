/** `dfopt review` on a terminal: one edit after the other, as `git add -p` does it. */
import { passes } from '../../passes/index.ts';
import { loadFacts } from '../facts/load.ts';
import { optimize } from '../pipeline.ts';
import { escapeLine } from '../report/escape.ts';
import { readDockerfile } from '../sources/read-file.ts';
import { keyAnswers, lineAnswers, Stopped, type Answers } from './answers.ts';
import { colorsFor } from './colors.ts';
import type { Arguments } from './command.ts';
import { configurationsOf, notIgnored } from './configuration.ts';
import { contextFolder, contextsOf } from './contexts.ts';
import type { ExitCode, Io } from './io.ts';
import { lookUpBases } from './online.ts';
import { onlineOf } from './online-options.ts';
import { factsWithImages } from './own-images.ts';
import { withPackageSizes } from './online-packages.ts';
import { requestOf } from './request.ts';
import { askAll } from './review-dialog.ts';
import type { ReviewInputs } from './review-session.ts';
import { showsOf } from './show.ts';
import { targetsOf } from './targets.ts';
import { UsageError } from './usage.ts';
import { widthFor } from './width.ts';

/** @throws UsageError */
export async function reviewOnTerminal(argv: Arguments, io: Io): Promise<ExitCode> {
  const request = requestOf(argv);
  const shows = showsOf(argv, request);
  if (request.stdinName !== undefined) {
    throw new UsageError('dfopt review reads answers from standard input, not a Dockerfile');
  }
  const areLines = [argv['lines']].flat().at(-1) === true;
  if (!areLines) refuseWithoutTerminal(io);
  const inputs = await inputsOf(argv, io);
  const answers = answersOf(areLines, io);
  const colors = colorsFor(io.stdout, io, request.color);
  const view = { colors, width: widthFor(io.stdout, io), shows, verbose: false };
  try {
    return await askAll(inputs, { answers, view, io });
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    io.stdout.write('\nstopped; nothing was written\n');
    return error.status;
  } finally {
    await answers.close();
  }
}

function refuseWithoutTerminal({ stdin, stdout }: Io): void {
  if (stdin.isTTY === true && stdout.isTTY === true) return;
  throw new UsageError(
    'dfopt review asks questions, and this is no terminal; dfopt rewrite shows all edits, rewrite --write --deny makes them but some, review --web asks in a browser, and review --lines takes answers from a pipe',
  );
}

function answersOf(areLines: boolean, { stdin, env }: Io): Answers {
  const hasKeys = !areLines && stdin.setRawMode !== undefined && env['TERM'] !== 'dumb';
  return hasKeys ? keyAnswers(stdin) : lineAnswers(stdin);
}

/** @throws UsageError */
async function inputsOf(argv: Arguments, io: Io): Promise<ReviewInputs> {
  const request = requestOf(argv);
  const online = onlineOf(argv);
  const folder = contextFolder(request.context, io.cwd);
  const all = targetsOf(request.files, io.cwd);
  const paths = all.map(({ path }) => path);
  const configurations = await configurationsOf(argv, passes, paths, io);
  const wrapped = all.map((target) => ({ target }));
  const targets = notIgnored(wrapped, configurations, request, io).map(({ target }) => target);
  const rows = factsWithImages(argv, loadFacts(), io);
  // Wrong rows are found before the first question.
  for (const { path } of targets) configurations.of(path).factsOn(rows);
  const read = targets.flatMap(({ path, failure }) => {
    const source = online && failure === undefined ? readDockerfile(path) : undefined;
    return source?.kind === 'text' ? [{ path, text: source.text }] : [];
  });
  const looked =
    online &&
    (await lookUpBases(
      read.map(({ text }) => text),
      online,
      rows,
      io,
    ));
  const contexts = contextsOf(folder, rows.manifests);
  const priced =
    looked &&
    (await withPackageSizes(
      read.map(({ path, text }) => contexts.of(path, text).context),
      looked.facts,
      io,
    ));
  for (const problem of [...(looked?.problems ?? []), ...(priced?.problems ?? [])]) {
    io.stderr.write(`--online: ${escapeLine(problem)}\n`);
  }
  const facts = priced?.facts ?? rows;
  return {
    targets,
    cwd: io.cwd,
    folder,
    facts,
    optionsFor: (path) => {
      const { options, factsOn } = configurations.of(path);
      return { options, facts: factsOn(facts) };
    },
    optimize,
    today: new Date().toISOString().slice(0, 10),
    warningsOf: looked?.warningsOf ?? (() => []),
  };
}
