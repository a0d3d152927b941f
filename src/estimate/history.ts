/**
 * Which steps of an image's history are which instructions of a Dockerfile. The history has the text
 * that the builder ran: BuildKit writes `RUN |1 A=b /bin/sh -c make # buildkit` and
 * `COPY --chown=1 a b /c # buildkit`, the classic builder and buildah `|1 A=b /bin/sh -c make` and
 * `/bin/sh -c #(nop) COPY dir:5f… in /c `. Variables of a COPY are resolved there, those of a RUN are not.
 */
import { resolveWord, stateBefore } from '../analysis/state.ts';
import type { Text } from '../analysis/values.ts';
import {
  isCopy,
  type CopyInstruction,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
  type Stage,
} from '../dockerfile/model.ts';
import type { Facts } from '../facts/types.ts';
import type { BuiltRow } from './built-image.ts';

/** An instruction that makes a layer, and the stage in which it stands. */
export interface Step {
  readonly instruction: Instruction;
  readonly stage: Stage;
}

export interface Match {
  readonly step: Step;
  /** Its place in the history. */
  readonly row: number;
}

/** A step of a history, taken apart. */
interface Recorded {
  readonly keyword: string;
  /** Without the keyword and with single spaces. */
  readonly text: string;
  readonly isClassic: boolean;
}

/** Those that change files; all others are settings. */
const KEYWORDS = /^(RUN|COPY|ADD|WORKDIR) /;

export function recordedStep(createdBy: string): Recorded | undefined {
  const text = spaced(createdBy).replace(/ # buildkit$/, '');
  // Behind the shell, which a SHELL may have made longer.
  const classic = /^(?:\S+ ){1,8}#\(nop\) (.*)$/.exec(text)?.[1];
  const own = KEYWORDS.test(text) ? text : (classic ?? text);
  const keyword = KEYWORDS.exec(own)?.[1];
  if (keyword !== undefined) {
    return { keyword, text: own.slice(keyword.length + 1), isClassic: own !== text };
  }
  // The classic builder writes a RUN as the command alone, and BuildKit nothing so.
  if (classic !== undefined || text === '' || SETTINGS.test(text)) return undefined;
  return { keyword: 'RUN', text, isClassic: true };
}

const SETTINGS =
  /^(FROM|ENV|ARG|LABEL|CMD|ENTRYPOINT|EXPOSE|USER|VOLUME|SHELL|STOPSIGNAL|HEALTHCHECK|ONBUILD|MAINTAINER)\b/;

function spaced(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/**
 * The best way to set steps beside rows in order: most steps found, those that can be told most surely
 * first, and of equals the topmost rows, as a base may have been built by the same words.
 */
export function matchesOf(
  steps: readonly Step[],
  rows: readonly BuiltRow[],
  file: Dockerfile,
  facts: Facts,
): readonly Match[] {
  const recorded = rows.flatMap(({ createdBy }, row) => {
    const step = recordedStep(createdBy);
    return step ? [{ row, step }] : [];
  });
  const expected = steps.map((step) => expectation(step, file, facts));
  const columns = recorded.length + 1;
  // No image has so many, and they would fill memory.
  if ((steps.length + 1) * columns > MOST_PAIRS) return [];
  const weights = expected.map((expect) => recorded.map(({ step }) => expect(step)));
  const best = new Uint32Array((steps.length + 1) * columns);
  const at = (row: number, column: number): number => best[row * columns + column] ?? 0;
  for (let step = 1; step <= steps.length; step++) {
    for (let row = 1; row < columns; row++) {
      const weight = weights[step - 1]![row - 1]!;
      const together = weight > 0 ? at(step - 1, row - 1) + weight : 0;
      best[step * columns + row] = Math.max(together, at(step - 1, row), at(step, row - 1));
    }
  }
  const matches: Match[] = [];
  let step = steps.length;
  let row = recorded.length;
  while (step > 0 && row > 0) {
    const weight = weights[step - 1]![row - 1]!;
    if (weight > 0 && at(step - 1, row - 1) + weight === at(step, row)) {
      step -= 1;
      row -= 1;
      matches.push({ step: steps[step]!, row: recorded[row]!.row });
    } else if (at(step, row - 1) === at(step, row)) row -= 1;
    else step -= 1;
  }
  return matches.toReversed();
}

const MOST_PAIRS = 4_000_000;

/** How surely a recorded step is an instruction; 0: it is not. */
type Expectation = (recorded: Recorded) => number;

/** The whole text is the same. */
const SURE = 8;
/** As far as the text says it. */
const LIKELY = 4;
const WORKDIR = 1;

function expectation({ instruction, stage }: Step, file: Dockerfile, facts: Facts): Expectation {
  if (instruction.kind === 'run') return runExpectation(instruction, file, stage, facts);
  if (isCopy(instruction)) return copyExpectation(instruction, file, stage, facts);
  const state = stateBefore(file, stage, instruction, facts);
  const folder = resolveWord(state, instruction.argsText, instruction.escape).certain;
  // A relative one is recorded with the folder in front.
  return ({ keyword, text }) =>
    keyword === 'WORKDIR' && fits(text, [{ unknown: '' }, ...folder]) ? WORKDIR : 0;
}

function runExpectation(
  run: RunInstruction,
  file: Dockerfile,
  stage: Stage,
  facts: Facts,
): Expectation {
  const { shell } = stateBefore(file, stage, run, facts);
  const commands =
    run.command.form === 'exec'
      ? // Old versions of buildah record the list itself.
        [run.command.exec.join(' '), `/bin/sh -c ${run.argsText}`]
      : [[...shell, scriptOf(run)].join(' ')];
  const known = commands.map(spaced);
  return ({ keyword, text }) => {
    if (keyword !== 'RUN') return 0;
    const isSame = known.some(
      (command) => text === command || (text.startsWith('|') && text.endsWith(` ${command}`)),
    );
    return isSame ? SURE : 0;
  };
}

/** Of a command that is nothing but a heredoc, its lines; else all of it with the heredocs behind. */
function scriptOf({ argsText, heredocs, text }: RunInstruction): string {
  const bodies = heredocs.map(({ body }) => text.slice(body.start, body.end));
  if (heredocs.length === 1 && /^<<-?\s*(["']?)[\w.-]+\1$/.test(argsText.trim())) return bodies[0]!;
  const all = heredocs.map(
    ({ closing }, index) => `${bodies[index]!}${text.slice(closing.start, closing.end)}\n`,
  );
  return [argsText, ...all].join('\n');
}

function copyExpectation(
  copy: CopyInstruction,
  file: Dockerfile,
  stage: Stage,
  facts: Facts,
): Expectation {
  const keyword = copy.kind.toUpperCase();
  const state = stateBefore(file, stage, copy, facts);
  const resolved = (word: string): Text =>
    resolveWord(state, word, copy.escape).certain.map((part) =>
      typeof part === 'string' ? part.replaceAll(/\s+/g, ' ') : part,
    );
  const sources = copy.sources.map((word) => resolved(word.text));
  const destination = resolved(copy.destination?.text ?? '');
  const all = [...sources, destination].flatMap((word, index) =>
    index === 0 ? word : [' ', ...word],
  );
  const isPlain = all.every((part) => typeof part === 'string');
  return ({ keyword: own, text, isClassic }) => {
    if (own !== keyword) return 0;
    const words = text.replace(/^(--[a-z-]+(=\S*)? )+/, '');
    // Only a hash of what was copied is recorded.
    const hashed = isClassic
      ? /^(?:file|dir|multi):[0-9a-f]+ in (.*)$/.exec(words)?.[1]
      : undefined;
    if (hashed !== undefined) return fits(hashed, destination) ? LIKELY : 0;
    return fits(words, all) ? (isPlain ? SURE : LIKELY) : 0;
  };
}

/** Whether a text is the expected one, with anything where that is not known; in linear time. */
function fits(text: string, expected: Text): boolean {
  const pieces: string[] = [''];
  for (const part of expected) {
    if (typeof part === 'string') pieces[pieces.length - 1] += part;
    else pieces.push('');
  }
  const first = pieces[0]!;
  if (pieces.length === 1) return text === first.trim();
  const last = pieces.at(-1)!;
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  const end = text.length - last.length;
  if (!text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
