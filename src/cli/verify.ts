/** `dfopt verify`: builds a Dockerfile before and after, and shows whether it is the same program. */
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DEFAULT_LEVEL, LEVELS } from '../pass.ts';
import { escapeLine } from '../report/escape.ts';
import { verificationJson, verificationLines } from '../report/verify.ts';
import type { Verdict, Verification } from '../report/verify.ts';
import { readDockerfile } from '../sources/read-file.ts';
import type { Order, Source } from '../verify/verify.ts';
import { colorsFor } from './colors.ts';
import { lastString, strings, type Arguments, type Command } from './command.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import { optimizeOptionsOf } from './request.ts';
import { FORMAT_OPTION, REWRITE_OPTIONS } from './shared-options.ts';
import { oneOf, UsageError } from './usage.ts';

/** Seconds that a program gets to end or to answer, unless the user says otherwise. */
const DEFAULT_TIMEOUT = '20';

/** Ctrl-C, a polite kill, a closed terminal. */
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export const verifyCommand: Command = {
  name: 'verify',
  operands: '[file]',
  summary: 'Build a Dockerfile before and after, and compare the images',
  positionals: { file: { type: 'string', describe: 'A Dockerfile; none: ./Dockerfile' } },
  options: {
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
    'build-arg': { type: 'string', requiresArg: true, describe: 'For both builds: NAME=value' },
    network: { type: 'string', requiresArg: true, describe: 'The network of both builds' },
    cache: { type: 'boolean', default: true, describe: 'Use the build cache, or --no-cache' },
    run: {
      type: 'string',
      requiresArg: true,
      describe: 'Run this in both, without a network, and compare; may be repeated',
    },
    request: {
      type: 'string',
      requiresArg: true,
      describe: 'Ask both servers over HTTP and compare: PORT/PATH; may be repeated',
    },
    timeout: {
      type: 'string',
      default: DEFAULT_TIMEOUT,
      requiresArg: true,
      describe: 'Seconds that a program gets to end or to answer',
    },
    ...REWRITE_OPTIONS,
    ...FORMAT_OPTION,
  },
  examples: [
    ['$0 verify', 'Is ./Dockerfile still the same program after a rewrite?'],
    ["$0 verify --run 'node --version'", 'Compare what a command does in both images'],
    ['$0 verify --request 8080/health', 'Compare what a server answers'],
    ['$0 verify --against new.Dockerfile', 'Compare two Dockerfiles of your own'],
  ],
  job: (argv, io) => {
    const settings = settingsOf(argv);
    return () => run(argv, settings, io);
  },
};

type Settings = Pick<Order, 'buildArgs' | 'network' | 'isCached' | 'requests' | 'timeoutMs'> & {
  readonly runs: readonly string[];
};

/** @throws UsageError */
function settingsOf(argv: Arguments): Settings {
  const timeout = lastString(argv['timeout']) ?? DEFAULT_TIMEOUT;
  const seconds = Number(timeout);
  if (!(seconds > 0 && seconds <= 86_400)) {
    throw new UsageError(`--timeout is a number of seconds, not "${timeout}"`);
  }
  return {
    buildArgs: strings(argv['build-arg']),
    network: lastString(argv['network']),
    isCached: [argv['cache']].flat().at(-1) !== false,
    runs: strings(argv['run']),
    requests: strings(argv['request']).map((text) => {
      const [, digits, path] = /^:?(\d{1,5})(\/[\u0021-\u007e]*)?$/.exec(text) ?? [];
      const port = Number(digits);
      if (!(port > 0 && port < 65_536)) {
        throw new UsageError(`--request is written PORT/PATH, not "${text}"`);
      }
      return { port, path: path ?? '/' };
    }),
    timeoutMs: seconds * 1000,
  };
}

async function run(argv: Arguments, settings: Settings, io: Io): Promise<ExitCode> {
  const [{ verify, Interrupted }, { dockerEngine }, { EngineError }, { splitWords }] =
    await Promise.all([
      import('../verify/verify.ts'),
      import('../verify/docker.ts'),
      import('../verify/engine.ts'),
      import('../verify/argv.ts'),
    ]);
  const runs = settings.runs.map((text) => {
    const words = splitWords(text);
    if (!words?.[0]) throw new UsageError(`--run: "${text}" is no command, or a quote is open`);
    return { text, argv: words };
  });
  const say = (line: string): void => {
    io.stderr.write(`${escapeLine(line)}\n`);
  };
  const sources = await sourcesOf(argv, io, say);
  if (typeof sources === 'string') return failed(sources, io);
  if (sources.sources.before.text === sources.sources.after.text && sources.against === undefined) {
    const conclusion = 'the rewrite changes nothing, so that there is nothing to build';
    return shown({ file: sources.file, verdict: 'same', conclusion }, argv, io);
  }
  const engine = dockerEngine(io.env);
  const why = await engine.whyUnusable();
  if (why !== undefined) return failed(why, io);
  const stopper = new AbortController();
  const stop = (): void => stopper.abort();
  for (const name of STOPPING) process.on(name, stop);
  try {
    const order = { ...sources, ...settings, runs };
    const verification = await verify(order, engine, stopper.signal, say);
    return shown(verification, argv, io);
  } catch (error) {
    if (error instanceof Interrupted || error instanceof EngineError) {
      return failed(error.message, io);
    }
    throw error;
  } finally {
    for (const name of STOPPING) process.off(name, stop);
  }
}

function shown(verification: Verification, argv: Arguments, io: Io): ExitCode {
  const colors = colorsFor(io.stdout, io, argv['color'] as boolean | undefined);
  const isJson = lastString(argv['format']) === 'json';
  const text = isJson
    ? verificationJson(verification)
    : `${verificationLines(verification, colors).join('\n')}\n`;
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

type Sources = Pick<Order, 'file' | 'against' | 'sources' | 'context'>;

/** Both texts, or why they cannot be had. */
async function sourcesOf(
  argv: Arguments,
  io: Io,
  say: (line: string) => void,
): Promise<Sources | string> {
  const file = lastString(argv['file']) ?? 'Dockerfile';
  const path = resolve(io.cwd, file);
  const against = lastString(argv['against']);
  const given = lastString(argv['context']);
  const context = given === undefined ? dirname(path) : resolve(io.cwd, given);
  const before = sourceOf(path);
  if (typeof before === 'string') return `${file}: ${before}`;
  if (!isFolder(context)) return `${given ?? context}: is not a folder`;
  if (against !== undefined) {
    const after = sourceOf(resolve(io.cwd, against));
    if (typeof after === 'string') return `${against}: ${after}`;
    return { file, against, sources: { before, after }, context };
  }
  const [{ optimize }, { loadFacts }, { passes }] = await Promise.all([
    import('../pipeline.ts'),
    import('../facts/load.ts'),
    import('../../passes/index.ts'),
  ]);
  const level = oneOf('level', lastString(argv['level']) ?? DEFAULT_LEVEL, LEVELS);
  const options = optimizeOptionsOf(argv, level, passes);
  const { output, diagnostics } = optimize(before.text, loadFacts(), options);
  for (const { severity, line, column, message } of diagnostics) {
    if (severity !== 'warning') say(`${file}:${line}:${column}: ${message}`);
  }
  if (diagnostics.some(({ severity }) => severity === 'error')) {
    return `${file} cannot be rewritten`;
  }
  return { file, sources: { before, after: { ...before, text: output } }, context };
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

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
