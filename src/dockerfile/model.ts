/**
 * The model: a Dockerfile as stages of instructions, lossless.
 *
 * Every instruction carries its exact bytes (`text`), what stands above it (`lead`) and where it
 * comes from (`origin`). The other fields are read from `text` and never printed. Nothing here is
 * mutated: the same reference means unchanged.
 */
import type { Range } from './lexer.ts';
import type { Directive, DroppedLine, Escape, Heredoc, LogicalText } from './split.ts';

export type { Range, Directive, DroppedLine, Escape, Heredoc, LogicalText };

/** A place in the input file, 1-based. Columns count UTF-16 code units. */
export interface Origin {
  readonly line: number;
  readonly column: number;
}

/** A word of an instruction: `text` as the builder reads it, the range as it stands in the bytes. */
export interface Word extends Range {
  readonly text: string;
}

/** A builder flag such as `--from=build`. */
export interface Flag extends Range {
  readonly name: string;
  /** `undefined` for a flag without `=`. */
  readonly value: string | undefined;
}

/** A name with a value, as written (quotes and variables untouched). */
export interface Pair {
  readonly name: string;
  readonly value: string | undefined;
}

/** Something in an instruction that the builder rejects; `offset` counts from its first byte. */
export interface Problem {
  readonly offset: number;
  readonly message: string;
  readonly advice: string;
}

export interface InstructionBase {
  /** Comments, blank lines and indentation above it; they belong to it. */
  readonly lead: string;
  /** Its exact bytes: continuation lines, inner comments and heredocs included. */
  readonly text: string;
  /** The line end after it; empty at the end of a file without a final newline. */
  readonly eol: string;
  /** The instructions of the input that it comes from: several after a join. */
  readonly origin: readonly Origin[];
  /** The keyword as written. */
  readonly keyword: string;
  readonly escape: Escape;
  readonly logical: LogicalText;
  readonly dropped: readonly DroppedLine[];
  readonly continuations: readonly Range[];
  readonly heredocs: readonly Heredoc[];
  readonly flags: readonly Flag[];
  /** Where the arguments stand in `text`, flags and heredoc bodies excluded. */
  readonly args: Range;
  /** The arguments as the builder reads them. */
  readonly argsText: string;
  readonly problems: readonly Problem[];
}

/** Command text, run through the shell or not. */
export type CommandForm =
  { readonly form: 'shell' } | { readonly form: 'exec'; readonly exec: readonly string[] };

export interface FromInstruction extends InstructionBase {
  readonly kind: 'from';
  readonly image: Word | undefined;
  /** The stage's name, in lower case as the builder compares it. */
  readonly stageName: string | undefined;
}
export interface CopyInstruction extends InstructionBase {
  readonly kind: 'copy' | 'add';
  readonly sources: readonly Word[];
  readonly destination: Word | undefined;
}
export interface PairsInstruction extends InstructionBase {
  readonly kind: 'env' | 'label' | 'arg';
  readonly pairs: readonly Pair[];
}
export interface CommandInstruction extends InstructionBase {
  readonly kind: 'cmd' | 'entrypoint';
  readonly command: CommandForm;
}
export interface RunInstruction extends InstructionBase {
  readonly kind: 'run';
  readonly command: CommandForm;
}
export interface HealthcheckInstruction extends InstructionBase {
  readonly kind: 'healthcheck';
  readonly command: CommandForm | undefined;
}
export interface ShellInstruction extends InstructionBase {
  readonly kind: 'shell';
  readonly shell: readonly string[];
}
export interface WordsInstruction extends InstructionBase {
  readonly kind: 'expose' | 'volume';
  readonly words: readonly string[];
}
export interface ValueInstruction extends InstructionBase {
  readonly kind: 'user' | 'workdir' | 'stopsignal' | 'maintainer';
}
export interface OnbuildInstruction extends InstructionBase {
  readonly kind: 'onbuild';
  /** The trigger's keyword in lower case. */
  readonly trigger: string;
}
export interface UnknownInstruction extends InstructionBase {
  readonly kind: 'unknown';
}

export type Instruction =
  | FromInstruction
  | RunInstruction
  | CopyInstruction
  | PairsInstruction
  | CommandInstruction
  | HealthcheckInstruction
  | ShellInstruction
  | WordsInstruction
  | ValueInstruction
  | OnbuildInstruction
  | UnknownInstruction;

export interface Stage {
  /** 0-based, as in `COPY --from=0`. */
  readonly index: number;
  readonly from: FromInstruction;
  readonly instructions: readonly Instruction[];
}

/** A finding about the input, as a value: what is wrong, where, and what to do. */
export interface Diagnostic {
  /** `error`: the builder rejects it. `left-alone`: valid or not, dfopt does not edit such a file. */
  readonly severity: 'error' | 'left-alone' | 'warning';
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly advice: string;
}

/** How new lines are written where the file itself does not show how its author writes. */
export interface PreferredStyle {
  /** Blanks before a continuation line. */
  readonly indent?: string;
  /** Columns. */
  readonly width?: number;
  /** Of a text of a single line. */
  readonly eol?: '\n' | '\r\n';
}

export interface Dockerfile {
  readonly bom: string;
  /** The parser directives' lines, verbatim. */
  readonly header: string;
  readonly directives: readonly Directive[];
  readonly escape: Escape;
  /** What stands before the first FROM: global ARGs, or everything where there is no FROM. */
  readonly globals: readonly Instruction[];
  readonly stages: readonly Stage[];
  /** What follows the last instruction. */
  readonly tail: string;
  /** How the user wants new lines written, where the text does not show it. */
  readonly preferred?: PreferredStyle;
  /** What the parser found; any `error` or `left-alone` keeps dfopt from editing. */
  readonly diagnostics: readonly Diagnostic[];
}

/** COPY and ADD. */
export function isCopy(instruction: Instruction): instruction is CopyInstruction {
  return instruction.kind === 'copy' || instruction.kind === 'add';
}

/** All instructions in order: globals, then each stage's FROM and body. */
export function instructionsOf(file: Dockerfile): readonly Instruction[] {
  const all = [...file.globals];
  for (const stage of file.stages) all.push(stage.from, ...stage.instructions);
  return all;
}

/** The same file with each stage's instructions replaced; same reference where nothing changed. */
export function mapStages(
  file: Dockerfile,
  change: (stage: Stage) => readonly Instruction[],
): Dockerfile {
  let changed = false;
  const stages = file.stages.map((stage) => {
    const instructions = change(stage);
    if (instructions === stage.instructions) return stage;
    if (
      instructions.length === stage.instructions.length &&
      instructions.every((instruction, index) => instruction === stage.instructions[index])
    ) {
      return stage;
    }
    changed = true;
    return { ...stage, instructions };
  });
  return changed ? { ...file, stages } : file;
}
