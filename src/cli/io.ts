/** The outside as a command sees it: so that a test can be the outside. */

export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Input extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean;
  /** Of a terminal: keys come one by one and are not echoed. */
  setRawMode?(isRaw: boolean): unknown;
}

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Input;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Missing where dfopt runs from its sources: then there are no threads and no cache. */
  readonly program?: Program;
}

/** dfopt as it was built. */
export interface Program {
  /** Another one for another program or other rows: results of the one are not those of the other. */
  readonly identity: string;
  /** The module of its threads. */
  readonly worker: URL;
}

export const EXIT = {
  ok: 0,
  /** `--check` found a file that would change. */
  difference: 1,
  error: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What stands for standard input among the files. */
export const STDIN = '/dev/stdin';
