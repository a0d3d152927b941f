/** `dfopt verify`: builds a Dockerfile before and after, and shows whether it is the same program. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, normalize, resolve } from 'node:path';
import type { Options } from 'yargs';
import { escapeLine } from '../report/escape.ts';
import {
  verificationJson,
  type Pair,
  type Verdict,
  type Verification,
} from '../report/verification.ts';
import { verificationLines } from '../report/verify.ts';
import { readDockerfile } from '../sources/read-file.ts';
import { isFile, isFolder } from '../sources/what-is-there.ts';
import { ENGINES } from '../verify/engine-names.ts';
import type { Order, Source } from '../verify/order.ts';
import { colorsFor } from './colors.ts';
import { lastString, type Arguments, type Command } from './command.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import { displayOn } from './progress.ts';
import { factsWithImages, IMAGES_OPTION } from './own-images.ts';
import { CONFIGURATION_OPTION } from './configuration-option.ts';
import { FORMAT_OPTION, REWRITE_OPTIONS } from './shared-options.ts';
import { meantChanges } from '../verify/meant.ts';
import { DEFAULT_TIMEOUT, settingsOf, type Settings } from './verify-order.ts';

/** Ctrl-C, a polite kill, a closed terminal. */
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a stranger has to know, below the options. */
const DETAILS = [
  "Without --run, --args and --request, the image's own command is run, without a network, and compared by exit status and output; a server, which does not end, needs --request. What differs from run to run of the same image is not held against the other one.",
  'Compared always: configuration, owners and modes of files, sizes, and what only one image has. A difference makes the verdict "different"; other contents of files are listed and do not.',
  'Words are split at spaces, with quotes as in a shell, and nothing else of a shell: for that, --run "sh -c \'…\'".',
  'It needs Docker with buildx, or podman; Dockerfiles are built and images run as they would be by hand. Images and containers that it made are removed, also after Ctrl-C.',
  'Exit status: 0 the same, 1 different, 2 it does not build or run as it is, or an error.',
].join('\n\n');

function inGroup(
  group: string,
  options: Readonly<Record<string, Options>>,
): Readonly<Record<string, Options>> {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, { ...option, group }]),
  );
}

export const verifyCommand: Command = {
  name: 'verify',
  operands: '[file]',
  summary: 'Build a Dockerfile before and after, and compare the images',
  positionals: { file: { type: 'string', describe: 'A Dockerfile; none: ./Dockerfile' } },
  options: {
    ...inGroup('Which images:', {
      against: {
        type: 'string',
        requiresArg: true,
        describe: 'Compare with this Dockerfile, not with what dfopt makes',
      },
      context: {
        type: 'string',
        requiresArg: true,
        describe: 'The build context; none: the folder of the file',
      },
      'build-arg': {
        type: 'string',
        requiresArg: true,
        describe: 'For both builds: NAME=value, or NAME for its value here; may be repeated',
      },
      network: { type: 'string', requiresArg: true, describe: 'The network of both builds' },
      cache: { type: 'boolean', default: true, describe: 'Use the build cache, or --no-cache' },
      engine: {
        choices: ENGINES,
        requiresArg: true,
        describe: 'Which one builds and runs; none: Docker if it answers, else podman',
      },
    }),
    ...inGroup('What is compared:', {
      run: {
        type: 'string',
        requiresArg: true,
        describe: "Run a program in place of the image's ENTRYPOINT and CMD; may be repeated",
      },
      args: {
        type: 'string',
        requiresArg: true,
        describe: 'Run the image with arguments in place of its CMD; may be repeated',
      },
      request: {
        type: 'string',
        requiresArg: true,
        describe: 'Ask a server over HTTP: PORT/PATH; may be repeated',
      },
      timeout: {
        type: 'string',
        default: DEFAULT_TIMEOUT,
        requiresArg: true,
        describe: 'Seconds that a program gets to end, to answer or to be healthy',
      },
      'expect-change': {
        type: 'string',
        requiresArg: true,
        describe: 'A difference of the configuration that is meant: User, "Env PATH"',
      },
    }),
    ...inGroup('What is measured besides:', {
      rebuild: {
        type: 'boolean',
        describe: 'What a change of a source file costs: seconds, layers, bytes',
      },
      touch: {
        type: 'string',
        requiresArg: true,
        describe: 'The same with a change of this file; its path in the build context',
      },
      compressed: { type: 'boolean', describe: 'Layers by gzip too, as a registry has them' },
    }),
    ...inGroup('Which rewrite:', {
      ...REWRITE_OPTIONS,
      ...CONFIGURATION_OPTION,
      ...IMAGES_OPTION,
    }),
    ...FORMAT_OPTION,
    verbose: { alias: 'v', type: 'boolean', describe: 'All steps of the builds, all examples' },
  },
  examples: [
    ['$0 verify', 'Is ./Dockerfile still the same program after a rewrite?'],
    ["$0 verify --run 'node --version'", 'Compare what a command does in both images'],
    ["$0 verify --args='--help'", 'Compare what the program does with other arguments'],
    ['$0 verify --request 8080/ --request 8080/api', 'Compare what a server answers'],
    ['$0 verify --rebuild', 'Compare also what a change of the source costs'],
    ['$0 verify --touch src/main.c --no-cache', 'With this file, and honest build times'],
    ['$0 verify --against new.Dockerfile', 'Compare two Dockerfiles of your own'],
    ["$0 verify --expect-change 'Env PATH'", 'Where this difference is meant'],
    ['$0 verify --format json > verified.json', 'All that was seen, for a program'],
  ],
  details: DETAILS,
  job: (argv, io) => {
    const settings = settingsOf(argv);
    return () => run(argv, settings, io);
  },
};

async function run(argv: Arguments, settings: Settings, io: Io): Promise<ExitCode> {
  const found = await sourcesOf(argv, io);
  if (typeof found === 'string') return failed(found, io);
  const { file, against, sources } = found;
  if (isSame(sources) && against === undefined) {
    const conclusion = 'the rewrite changes nothing, so that there is nothing to build';
    return shown({ file, verdict: 'same', conclusion }, argv, io);
  }
  const [{ verify, Interrupted }, { EngineError }, { findEngine }] = await Promise.all([
    import('../verify/verify.ts'),
    import('../verify/engine.ts'),
    import('../verify/find-engine.ts'),
  ]);
  const { engine: name, ...asked } = settings;
  const chosen = await findEngine(name, io.env);
  if (chosen.kind === 'none') return failed(chosen.why, io);
  const stopper = new AbortController();
  const stop = (): void => stopper.abort();
  for (const signal of STOPPING) process.on(signal, stop);
  const display = displayOn(io.stderr);
  try {
    const expectedChanges = [...found.expectedChanges, ...asked.expectedChanges];
    const order: Order = { ...found, ...asked, expectedChanges };
    const verification = await verify(order, chosen.engine, stopper.signal, display.say);
    display.end();
    return shown(verification, argv, io);
  } catch (error) {
    display.end();
    if (error instanceof Interrupted || error instanceof EngineError) {
      return failed(error.message, io);
    }
    throw error;
  } finally {
    for (const signal of STOPPING) process.off(signal, stop);
  }
}

function isSame({ before, after }: Pair<Source>): boolean {
  return before.text === after.text && before.ignore === after.ignore;
}

function shown(verification: Verification, argv: Arguments, io: Io): ExitCode {
  const colors = colorsFor(io.stdout, io, argv['color'] as boolean | undefined);
  const isJson = lastString(argv['format']) === 'json';
  const text = isJson
    ? verificationJson(verification)
    : `${verificationLines(verification, colors, argv['verbose'] === true).join('\n')}\n`;
  io.stdout.write(text);
  return statusOf(verification.verdict);
}

function failed(why: string, io: Io): ExitCode {
  io.stderr.write(`dfopt: ${escapeLine(why)}\n`);
  return EXIT.error;
}

function statusOf(verdict: Verdict): ExitCode {
  if (verdict === 'error') return EXIT.error;
  return verdict === 'same' ? EXIT.ok : EXIT.difference;
}

/** With the changes that a rewrite means; none where two files are compared. */
type Sources = Pick<Order, 'file' | 'against' | 'sources' | 'context' | 'expectedChanges'>;

/** Both texts, or why they cannot be had. */
async function sourcesOf(argv: Arguments, io: Io): Promise<Sources | string> {
  const file = lastString(argv['file']) ?? 'Dockerfile';
  const path = resolve(io.cwd, file);
  const against = lastString(argv['against']);
  const given = lastString(argv['context']);
  const context = given === undefined ? dirname(path) : resolve(io.cwd, given);
  const before = sourceOf(path);
  if (typeof before === 'string') return `${file}: ${before}`;
  if (!isFolder(context)) return `${given ?? context}: is not a folder`;
  const touched = lastString(argv['touch']);
  if (touched !== undefined && !isFileIn(context, touched)) {
    return `--touch: ${touched} is no file of the build context`;
  }
  if (against !== undefined) {
    const after = sourceOf(resolve(io.cwd, against));
    if (typeof after === 'string') return `${against}: ${after}`;
    return { file, against, sources: { before, after }, context, expectedChanges: [] };
  }
  const made = await rewritten({ file, path, context }, before, argv, io);
  return typeof made === 'string' ? made : { file, ...made, context };
}

/** A Dockerfile and what dfopt makes of it, or why there is nothing. */
async function rewritten(
  { file, path, context }: Readonly<Record<'file' | 'path' | 'context', string>>,
  before: Source,
  argv: Arguments,
  io: Io,
): Promise<Pick<Order, 'sources' | 'expectedChanges'> | string> {
  const [{ optimize }, { loadFacts }, { passes }, { contextsOf }, { configurationsOf }] =
    await Promise.all([
      import('../pipeline.ts'),
      import('../facts/load.ts'),
      import('../../passes/index.ts'),
      import('./contexts.ts'),
      import('./configuration.ts'),
    ]);
  const { options, factsOn } = (await configurationsOf(argv, passes, [path], io)).of(path);
  const facts = factsOn(factsWithImages(argv, loadFacts(), io));
  const found = contextsOf(context, facts.manifests).of(path, before.text);
  const known = found.context && { context: found.context };
  const { output, files, diagnostics, remarks } = optimize(before.text, facts, {
    ...options,
    ...known,
  });
  for (const { severity, line, column, message } of diagnostics) {
    if (severity === 'warning') continue;
    io.stderr.write(`${escapeLine(`${file}:${line}:${column}: ${message}`)}\n`);
  }
  if (diagnostics.some(({ severity }) => severity === 'error')) {
    return `${file} cannot be rewritten`;
  }
  // Beside the Dockerfile an ignore file wins over the one in the context, which stays as it is.
  const ignore = files.map(({ after }) => ({ ignore: after }))[0];
  return {
    sources: { before, after: { ...before, text: output, ...ignore } },
    expectedChanges: meantChanges(remarks),
  };
}

/** A Dockerfile with the ignore rules of its own, or why it cannot be had. */
function sourceOf(path: string): Source | string {
  const read = readDockerfile(path);
  if (read.kind === 'refused') return read.why;
  const rules = `${path}.dockerignore`;
  if (!existsSync(rules)) return { text: read.text };
  const ignore = readDockerfile(rules);
  return ignore.kind === 'refused'
    ? `${rules}: ${ignore.why}`
    : { text: read.text, ignore: ignore.text };
}

function isFileIn(folder: string, path: string): boolean {
  const isInside = !isAbsolute(path) && !normalize(path).startsWith('..');
  return isInside && isFile(resolve(folder, path));
}
