/** The words of calls in which variables stand whose values are certain. */
import type { RunInstruction } from '../dockerfile/model.ts';
import type { Call } from './calls.ts';
import { variableIn, type State } from './state.ts';
import { plainText } from './values.ts';

/** Calls of the RUN with the values of ENV in place, where they are one word whatever `--build-arg` says. */
export function withKnownWords(
  calls: readonly Call[],
  run: RunInstruction,
  state: State,
): readonly Call[] {
  return calls.map((call) =>
    call.by !== '' || !call.args.includes(undefined)
      ? call
      : { ...call, args: known(call, run, state) },
  );
}

function known({ args, command }: Call, run: RunInstruction, state: State): Call['args'] {
  const words = command.words.slice(-args.length);
  return args.map((arg, index) => {
    if (arg !== undefined) return arg;
    const parts = words[index]?.pieces.map((piece) => {
      if (piece.kind === 'text') return piece.text;
      if (piece.kind !== 'variable' || piece.operator !== '' || isSetIn(run, piece.name)) {
        return undefined;
      }
      const value = plainText(variableIn(state, piece.name).certain.text);
      return value !== undefined && /^[\w./@:+-]+$/.test(value) ? value : undefined;
    });
    return parts && !parts.includes(undefined) ? parts.join('') : undefined;
  });
}

/** Whether the shell may have another value for it than the builder. */
function isSetIn({ text }: RunInstruction, name: string): boolean {
  return new RegExp(
    `\\b${name}\\s*[+:]?=|\\bfor\\s+${name}\\b|\\b(read|unset|source|eval)\\b`,
  ).test(text);
}
