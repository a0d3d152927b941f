/** The manual page, of the same tables as `--help`: `npm run docs` writes man/dfopt.1. */
import type { Options } from 'yargs';
import manifest from '../../package.json' with { type: 'json' };
import type { Command } from './command.ts';
import { EXIT, type ExitCode } from './io.ts';
import { COMMANDS, GLOBAL_OPTIONS } from './run.ts';

const STATUS: Readonly<Record<ExitCode, string>> = {
  [EXIT.ok]: 'Nothing to complain of; with --write, the files are written.',
  [EXIT.difference]: '--check found a file that would change, or verify a difference.',
  [EXIT.error]:
    'Wrong use, a file that cannot be read or written, or one that the builder would reject.',
};

export function manPage(): string {
  return [
    `.TH DFOPT 1 "" ${quoted(`dfopt ${manifest.version}`)} "User Commands"`,
    '.SH NAME',
    `dfopt \\- ${text(manifest.description)}`,
    '.SH SYNOPSIS',
    ...COMMANDS.flatMap((command, index) => [...(index > 0 ? ['.br'] : []), synopsis(command)]),
    '.SH COMMANDS',
    ...COMMANDS.flatMap(commandLines),
    '.SH GLOBAL OPTIONS',
    ...optionLines(GLOBAL_OPTIONS),
    ...item('\\fB\\-h\\fR, \\fB\\-\\-help\\fR', 'Show help; of a command, behind its name'),
    ...item('\\fB\\-V\\fR, \\fB\\-\\-version\\fR', 'Show the version'),
    '.SH EXIT STATUS',
    ...Object.entries(STATUS).flatMap(([status, what]) => item(`\\fB${status}\\fR`, what)),
    '',
  ].join('\n');
}

function synopsis({ name, operands, options }: Command): string {
  const some = Object.keys(options).length > 0 ? ' [\\fIoptions\\fR]' : '';
  return `\\fBdfopt ${text(name)}\\fR${some}${operands === '' ? '' : ` ${text(operands)}`}`;
}

function commandLines(command: Command): string[] {
  const { name, operands, summary, positionals, options, details, examples } = command;
  return [
    `.SS ${quoted(`dfopt ${name} ${operands}`.trim())}`,
    `${line(summary)}.`,
    ...(details === undefined ? [] : ['.PP', ...details.split('\n').map(line)]),
    ...Object.entries(positionals).flatMap(([key, { describe, choices }]) =>
      item(`\\fI${text(key)}\\fR`, withValues(describe ?? '', choices)),
    ),
    ...optionLines(options),
    ...examples.flatMap(([example, what]) =>
      item(text(example.replace('$0', 'dfopt')), what === '' ? summary : what),
    ),
  ];
}

function optionLines(options: Readonly<Record<string, Options>>): string[] {
  return Object.entries(options).flatMap(([name, option]) => {
    const { type, alias, describe = '', choices, default: standard, defaultDescription } = option;
    const names = [...[alias ?? []].flat().map((each) => `-${each}`), `--${name}`];
    const value = type === 'boolean' ? '' : ' \\fIvalue\\fR';
    const head = names.map((each) => `\\fB${text(each)}\\fR`).join(', ');
    const given = defaultDescription ?? (standard === undefined ? undefined : String(standard));
    const rest = given === undefined ? '' : `; default: ${given}`;
    return item(`${head}${value}`, `${withValues(describe, choices)}${rest}`);
  });
}

function withValues(describe: string, choices: Options['choices']): string {
  return choices ? `${describe}: ${choices.join(', ')}` : describe;
}

function item(head: string, what: string): string[] {
  return ['.TP', head, line(what)];
}

/** At the beginning of a line, a full stop or an apostrophe would be a request. */
function line(words: string): string {
  return text(words).replace(/^[.']/, '\\&$&');
}

function text(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/[^\n -~]/gu, (each) => {
      const code = each.codePointAt(0)!.toString(16).toUpperCase();
      return `\\[u${code.padStart(4, '0')}]`;
    });
}

function quoted(words: string): string {
  return `"${text(words).replaceAll('"', '\\(dq')}"`;
}
