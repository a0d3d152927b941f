/** What a command of the command line is, and how its arguments are read. */
import type { Options, PositionalOptions } from 'yargs';
import type { ExitCode, Io } from './io.ts';

/** What a command's arguments ask for; done once they are all known to be right. */
export type Job = () => Promise<ExitCode>;

export type Arguments = Readonly<Record<string, unknown>>;

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What stands behind the name, as yargs writes it: `<pass>`, `[files..]`. */
  readonly operands: string;
  readonly positionals: Readonly<Record<string, PositionalOptions>>;
  readonly options: Readonly<Record<string, Options>>;
  readonly examples: readonly (readonly [string, string])[];
  /** What else its help says, below all of that. */
  readonly details?: string;
  readonly job: (argv: Arguments, io: Io) => Job;
}

/** The words of an option that may be given several times, each with several words. */
export function words(value: unknown): string[] {
  return strings(value)
    .flatMap((each) => each.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** An option that may be given several times. */
export function strings(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');
}

/** Of an option given several times, the last one counts. */
export function lastString(value: unknown): string | undefined {
  return strings(value).at(-1);
}
