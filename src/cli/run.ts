/** One run of the command line: arguments in, exit status out. */
import yargs, { type Argv } from 'yargs';
import manifest from '../../package.json' with { type: 'json' };
import { escapeLine } from '../report/escape.ts';
import { bugReport, isDebugging } from './bug-report.ts';
import { botCommand } from './bot.ts';
import type { Arguments, Command, Job } from './command.ts';
import { configCommand } from './config.ts';
import { completionCommand, completionJob } from './completion.ts';
import { explainCommand } from './explain.ts';
import { imagesCommand } from './images.ts';
import { initCommand } from './init.ts';
import { EXIT, STDIN, type ExitCode, type Io } from './io.ts';
import { lspCommand } from './lsp.ts';
import { passesCommand } from './passes.ts';
import { reviewCommand } from './review.ts';
import { rewriteCommand } from './rewrite.ts';
import { inWords, refuseValuesOfSwitches, UsageError } from './usage.ts';
import { sizeCommand } from './size.ts';
import { verifyCommand } from './verify.ts';

export const COMMANDS: readonly Command[] = [
  rewriteCommand,
  reviewCommand,
  passesCommand,
  explainCommand,
  sizeCommand,
  verifyCommand,
  imagesCommand,
  configCommand,
  initCommand,
  lspCommand,
  botCommand,
  completionCommand,
];

export const GLOBAL_OPTIONS = {
  color: { type: 'boolean', describe: 'Colours, or --no-color' },
  debug: { type: 'boolean', describe: 'Show where a bug of dfopt happened' },
} as const;

/** Never rejects: whatever goes wrong is said on stderr. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  try {
    const job = await jobOf(args, io);
    return await job();
  } catch (error) {
    io.stderr.write(`dfopt: ${complaint(error, args, io)}\n`);
    return EXIT.error;
  }
}

function complaint(error: unknown, args: readonly string[], io: Io): string {
  if (!(error instanceof UsageError)) {
    return bugReport(error, args.includes('--debug') || isDebugging(io));
  }
  const help = ['dfopt', commandOf(args)?.name, '--help'].filter(Boolean).join(' ');
  return `${escapeLine(error.message)}\n${help} shows how it is used`;
}

function commandOf(args: readonly string[]): Command | undefined {
  return COMMANDS.find((command) => args.includes(command.name));
}

async function jobOf(given: readonly string[], io: Io): Promise<Job> {
  // yargs loses a lone "-".
  const args = given.map((each) => (each === '-' ? STDIN : each));
  const options = { ...GLOBAL_OPTIONS, ...commandOf(args)?.options };
  const completed = await completionJob(args, io);
  if (completed) return completed;
  refuseValuesOfSwitches(args, options);
  let printed = '';
  const parser = newParser(args, io);
  parser.fail((message, error) => {
    // What a job throws is no complaint of yargs'.
    if (error && error.name !== 'YError') throw error;
    const names = COMMANDS.map((command) => command.name);
    throw new UsageError(inWords(message, args, names, Object.keys(options)));
  });
  try {
    await parser.parseAsync(args, {}, (_error, _argv, output) => {
      printed = output;
    });
  } catch (error) {
    if (error instanceof Chosen) return error.command.job(error.argv, io);
    throw error;
  }
  return () => print(printed, io);
}

/**
 * Thrown where yargs has found the command: after a handler that returns, yargs formats the whole
 * help text in case somebody asks for it, which takes longer than a small Dockerfile.
 */
class Chosen extends Error {
  readonly command: Command;
  readonly argv: Arguments;

  constructor(command: Command, argv: Arguments) {
    super(command.name);
    this.command = command;
    this.argv = argv;
  }
}

function print(text: string, io: Io): Promise<ExitCode> {
  io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return Promise.resolve(EXIT.ok);
}

function newParser(args: readonly string[], io: Io): Argv {
  const parser = yargs([...args], io.cwd)
    .scriptName('dfopt')
    .usage('$0 <command>\n\nRewrites Dockerfiles into better ones, and says why.')
    .locale('en')
    .exitProcess(false)
    .parserConfiguration({ 'dot-notation': false, 'greedy-arrays': false, 'parse-numbers': false })
    .wrap(Math.min(io.stdout.columns ?? 80, 100))
    .options(GLOBAL_OPTIONS)
    .demandCommand(1, 'a command is missing')
    .recommendCommands()
    .strict()
    .version(manifest.version)
    .help()
    .alias({ help: 'h', version: 'V' })
    .example([
      ['$0 rewrite Dockerfile', 'Show what would change, and why'],
      ['$0 rewrite Dockerfile | git apply', 'Change it'],
      ['$0 passes', 'List the rewrites that dfopt knows'],
      ['$0 explain remove-package-lists', 'What one of them does, and when it does not'],
    ]);
  for (const command of COMMANDS) addCommand(parser, command);
  return parser;
}

function addCommand(parser: Argv, command: Command): void {
  parser.command(
    `${command.name} ${command.operands}`.trim(),
    command.summary,
    (inner) => {
      for (const [name, positional] of Object.entries(command.positionals)) {
        inner.positional(name, positional);
      }
      const examples = command.examples.map(([line, what]): [string, string] => [line, what]);
      return inner
        .options(command.options)
        .example(examples)
        .epilogue(command.details ?? '');
    },
    (argv) => {
      throw new Chosen(command, argv);
    },
  );
}
