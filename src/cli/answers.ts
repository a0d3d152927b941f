/** Answers of a person, one after the other: keys as they are pressed, or lines. */
import { EXIT, type ExitCode, type Io } from './io.ts';

export interface Answers {
  /** The next one; `undefined` where none will come. A line is trimmed, a key is one character. */
  readonly next: () => Promise<string | undefined>;
  /** Answers show on the terminal as they are typed. */
  readonly areEchoed: boolean;
  readonly close: () => Promise<void>;
}

/** Thrown where a person stops the program at a question. */
export class Stopped extends Error {
  readonly status: ExitCode = EXIT.error;
}

type Stdin = Io['stdin'];

/** Each line is an answer, of a terminal or of a pipe. */
export function lineAnswers(stdin: Stdin): Answers {
  const decoder = new TextDecoder();
  const chunks = stdin[Symbol.asyncIterator]();
  let [waiting, isAtEnd] = ['', false];
  return {
    next: async () => {
      for (;;) {
        const end = waiting.indexOf('\n');
        if (end >= 0) {
          const line = waiting.slice(0, end).trim();
          waiting = waiting.slice(end + 1);
          return line;
        }
        if (isAtEnd) {
          const last = waiting.trim();
          waiting = '';
          return last === '' ? undefined : last;
        }
        const chunk = await chunks.next();
        isAtEnd = chunk.done === true;
        if (!chunk.done) waiting += textOf(chunk.value, decoder);
      }
    },
    areEchoed: stdin.isTTY === true,
    close: () => stopReading(chunks),
  };
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_Z = '\u001a';

/** What arrows and other special keys send, which answers nothing. */
const SEQUENCE =
  // oxlint-disable-next-line no-control-regex -- they begin with one
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])?/gu;

/**
 * Each key is an answer, as soon as it is pressed. Only while one is waited for is the terminal
 * in another mode, so that Ctrl-C stops the program at any other moment.
 */
export function keyAnswers(stdin: Stdin): Answers {
  const decoder = new TextDecoder();
  const chunks = stdin[Symbol.asyncIterator]();
  let waiting: string[] = [];
  const setRaw = (isRaw: boolean): void => void stdin.setRawMode?.(isRaw);
  const pressed = async (): Promise<string | undefined> => {
    while (waiting.length === 0) {
      const chunk = await chunks.next();
      if (chunk.done) return undefined;
      const text = textOf(chunk.value, decoder).replaceAll('\r\n', '\n').replace(SEQUENCE, '');
      waiting = Array.from(text);
    }
    return waiting.shift();
  };
  return {
    next: async () => {
      setRaw(true);
      try {
        for (;;) {
          const key = await pressed();
          if (key === CTRL_C) throw new Stopped('stopped');
          if (key === undefined || key === CTRL_D) return undefined;
          if (key !== CTRL_Z) return key.trim();
          setRaw(false);
          suspend();
          setRaw(true);
        }
      } finally {
        setRaw(false);
      }
    },
    areEchoed: false,
    close: () => stopReading(chunks),
  };
}

/** As Ctrl-Z does elsewhere; the program goes on behind this when it is in the foreground again. */
function suspend(): void {
  process.kill(process.pid, 'SIGTSTP');
}

function textOf(chunk: Uint8Array | string, decoder: InstanceType<typeof TextDecoder>): string {
  return typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
}

/** Without this the program would wait for more. */
async function stopReading(chunks: AsyncIterator<unknown>): Promise<void> {
  await chunks.return?.();
}
