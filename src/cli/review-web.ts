/** `dfopt review --web`: the review in a browser, served to this machine until it is stopped. */
import { spawn } from 'node:child_process';
import { passes } from '../../passes/index.ts';
import { loadFacts } from '../facts/load.ts';
import { DEFAULT_LEVEL } from '../pass.ts';
import type { OptimizeOptions } from '../pipeline.ts';
import { escapeLine } from '../report/escape.ts';
import { countOf } from '../report/units.ts';
import { readDockerfile } from '../sources/read-file.ts';
import { whyNot } from '../sources/why-not.ts';
import { builtPage } from '../web/assets.ts';
import { factChanges, type Choices } from '../web/messages.ts';
import { serve, type Running } from '../web/server.ts';
import { lastString, type Arguments } from './command.ts';
import { configurationsOf, sameForAll } from './configuration.ts';
import { contextFolder } from './contexts.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import { lookUpBases } from './online.ts';
import { onlineOf } from './online-options.ts';
import { factsWithImages } from './own-images.ts';
import { requestOf, type Request } from './request.ts';
import { reviewService, type Review } from './review-files.ts';
import { targetsOf } from './targets.ts';
import { UsageError } from './usage.ts';

/** Serves until the process is told to stop. */
export async function reviewWeb(argv: Arguments, io: Io): Promise<ExitCode> {
  const running = await startReview(argv, io);
  io.stderr.write('The page can be read and used by this machine alone; Ctrl-C stops it.\n');
  if ([argv['open']].flat().at(-1) === true) openInBrowser(running.url, io);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await running.close();
  return EXIT.ok;
}

/**
 * Prints the address of the page.
 *
 * @throws UsageError
 */
export async function startReview(argv: Arguments, io: Io): Promise<Running> {
  const request = requestOf(argv);
  const port = portOf(argv);
  if (request.stdinName !== undefined) throw new UsageError('--web reviews files, not "-"');
  const assets = builtPage();
  if (!assets) throw new UsageError('the page is not built; npm run build makes it');
  const review = await reviewOf(argv, request, io);
  if (review.targets.length === 0) throw new UsageError('there is no Dockerfile to review');
  const running = await listen(review, assets, port);
  io.stderr.write(`Review of ${countOf(review.targets.length, 'file')} at\n`);
  io.stdout.write(`${running.url}\n`);
  return running;
}

async function listen(
  review: Review,
  assets: NonNullable<ReturnType<typeof builtPage>>,
  port: number,
): Promise<Running> {
  try {
    return await serve(reviewService(review), assets, port);
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'it is taken' : whyNot(error);
    throw new UsageError(`--port ${port} cannot be used: ${why}`);
  }
}

function portOf(argv: Arguments): number {
  const word = lastString(argv['port']);
  if (word === undefined) return 0;
  const port = /^\d{1,5}$/.test(word) ? Number(word) : Number.NaN;
  if (port >= 1 && port <= 65_535) return port;
  throw new UsageError(`--port is a number from 1 to 65535, not "${word}"`);
}

/** @throws UsageError */
export async function reviewOf(argv: Arguments, request: Request, io: Io): Promise<Review> {
  const online = onlineOf(argv);
  const folder = contextFolder(request.context, io.cwd);
  const all = targetsOf(request.files, io.cwd);
  const configurations = await configurationsOf(
    argv,
    passes,
    all.map(({ path }) => path),
    io,
  );
  const targets = all.filter(({ path }) => configurations.of(path).ignoredBy === undefined);
  const configuration = sameForAll(
    targets.map(({ path }) => path),
    configurations,
  );
  const shipped = loadFacts();
  const own = factsWithImages(argv, shipped, io);
  const rows = configuration?.factsOn(own) ?? own;
  const texts = targets.flatMap(({ path, failure }) => {
    const read = failure === undefined ? readDockerfile(path) : undefined;
    return read?.kind === 'text' ? [read.text] : [];
  });
  const looked = online && (await lookUpBases(texts, online, rows, io));
  for (const problem of looked?.problems ?? []) {
    io.stderr.write(`--online: ${escapeLine(problem)}\n`);
  }
  const facts = looked?.facts ?? rows;
  return {
    targets,
    cwd: io.cwd,
    folder,
    facts,
    factChanges: factChanges(facts, shipped),
    choices: choicesOf(configuration?.options ?? {}),
    today: new Date().toISOString().slice(0, 10),
    warningsOf: looked?.warningsOf ?? (() => []),
  };
}

function choicesOf({
  level,
  builder,
  select,
  skip,
  deny,
  passOptions,
  style,
}: OptimizeOptions): Choices {
  const isOff = (id: string): boolean =>
    (select !== undefined && !select.includes(id)) || skip?.includes(id) === true;
  return {
    level: level ?? DEFAULT_LEVEL,
    builder: builder?.name ?? 'buildkit',
    ...(builder?.frontend !== undefined && { frontend: builder.frontend }),
    skip: passes.map(({ id }) => id).filter(isOff),
    deny: [...(deny ?? [])],
    passOptions: passOptions ?? {},
    ...(style && { style }),
  };
}

/** Never through a shell, though nothing in the address would mean anything to one. */
function openInBrowser(url: string, io: Io): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open'];
  const child = spawn(program, [...args, url], { detached: true, stdio: 'ignore' });
  child.on('error', (error) => {
    io.stderr.write(`no browser could be opened (${whyNot(error)}): open the address yourself\n`);
  });
  child.unref();
}
