/**
 * Text to model. Never fails: what the builder would reject becomes a diagnostic, and
 * `print(parse(text)) === text` holds all the same.
 */
import { diagnose } from './diagnose.ts';
import { parseInstruction } from './instruction.ts';
import type {
  CommandForm,
  Diagnostic,
  Dockerfile,
  Escape,
  FromInstruction,
  Instruction,
  Origin,
  Stage,
} from './model.ts';
import { unexplainedDisagreement } from './second-opinion.ts';
import { splitFile, type RawInstruction } from './split.ts';

let last: { readonly text: string; readonly file: Dockerfile } | undefined;

/** The last text is not read twice: what it names of its build context is asked before it is rewritten. */
export function parse(text: string): Dockerfile {
  if (last?.text !== text) last = { text, file: parseText(text) };
  return last.file;
}

/** As `parse`, but an instruction may have the lead and the place of another with the same text. */
export function readBack(text: string): Dockerfile {
  return parseText(text, readAnywhere);
}

function parseText(text: string, read = readInstruction): Dockerfile {
  const split = splitFile(text);
  let end = split.headerEnd;
  const instructions: Instruction[] = [];
  const texts: string[] = [];
  for (const raw of split.instructions) {
    const lead = text.slice(end, raw.start);
    const own = text.slice(raw.start, raw.end);
    texts.push(own);
    end = raw.end + raw.eol.length;
    const origin = [{ line: raw.line + 1, column: raw.start - raw.lineStart + 1 }];
    instructions.push(read(raw, own, lead, origin, split.escape));
  }
  const { globals, stages } = intoStages(instructions);
  const file: Dockerfile = {
    bom: split.bom,
    header: text.slice(split.bom.length, split.headerEnd),
    directives: split.directives,
    escape: split.escape,
    globals,
    stages,
    tail: text.slice(end),
    diagnostics: [],
  };
  const diagnostics: Diagnostic[] = [];
  if (split.directiveProblem) {
    diagnostics.push({ severity: 'error', ...split.directiveProblem });
  }
  const disagreement = unexplainedDisagreement(text, split, texts);
  if (disagreement !== undefined) {
    diagnostics.push({
      severity: 'left-alone',
      line: disagreement + 1,
      column: 1,
      message: 'two parsers disagree on where an instruction begins here',
      advice: 'the file is left alone; please report it with these lines',
    });
  }
  return { ...file, diagnostics: [...diagnostics, ...diagnose(file)] };
}

const known = new Map<string, Instruction>();

/** The files of a project have many instructions alike, and all of a result that stayed is read again. */
const MOST_READ = 1024;

/** Characters: what is longer is hardly there twice. */
const LONGEST_READ = 4096;

/** The same text behind the same escape character, before the same line end, says the same. */
function readBefore(text: string, eol: string, escape: Escape): Instruction | undefined {
  const found = known.get(text);
  return found?.eol === eol && found.escape === escape ? found : undefined;
}

function readInstruction(
  raw: RawInstruction,
  text: string,
  lead: string,
  origin: readonly Origin[],
  escape: Escape,
): Instruction {
  const before = readBefore(text, raw.eol, escape);
  // Properties behind a spread take ten times as long in code that is not optimized.
  if (before) return Object.assign({ ...before }, ownWords(before), { lead, origin });
  const instruction = parseInstruction(raw, text, lead, origin, escape);
  if (text.length > LONGEST_READ) return instruction;
  const oldest = known.keys().next();
  if (known.size >= MOST_READ && oldest.done === false) known.delete(oldest.value);
  known.set(text, instruction);
  return instruction;
}

function readAnywhere(...asked: Parameters<typeof readInstruction>): Instruction {
  const [raw, text, , , escape] = asked;
  return readBefore(text, raw.eol, escape) ?? readInstruction(...asked);
}

/** What an exec form runs is remembered by its list of words: each instruction has one of its own. */
function ownWords(instruction: Instruction): { readonly command: CommandForm } | undefined {
  if (!('command' in instruction) || instruction.command?.form !== 'exec') return undefined;
  return { command: { form: 'exec', exec: [...instruction.command.exec] } };
}

function intoStages(instructions: readonly Instruction[]): {
  globals: Instruction[];
  stages: Stage[];
} {
  const globals: Instruction[] = [];
  const stages: { index: number; from: FromInstruction; instructions: Instruction[] }[] = [];
  for (const instruction of instructions) {
    if (instruction.kind === 'from') {
      stages.push({ index: stages.length, from: instruction, instructions: [] });
    } else {
      (stages.at(-1)?.instructions ?? globals).push(instruction);
    }
  }
  return { globals, stages };
}

/** The instruction with another text: read again, so that its fields say what the text says. */
export function withText<T extends Instruction>(instruction: T, text: string): T {
  if (text === instruction.text) return instruction;
  const read = inPlaceOf(instruction, text);
  if (read.kind !== instruction.kind) {
    throw new Error(`an edit made ${instruction.keyword} another instruction`);
  }
  return read as T;
}

/** An instruction of whatever kind that comes from this one and stands in its place. */
export function inPlaceOf(instruction: Instruction, text: string): Instruction {
  const { lead, eol, origin, escape } = instruction;
  const read = readBefore(text, eol, escape) ?? readAlone(instruction, text);
  if (read.problems.length > instruction.problems.length) {
    throw new Error(`an edit made ${instruction.keyword} invalid: ${read.problems[0]?.message}`);
  }
  return Object.assign({ ...read }, { lead, eol, origin });
}

function readAlone({ keyword, lead, eol, origin, escape }: Instruction, text: string): Instruction {
  const escapeLine = escape === '`' ? '# escape=`\n' : '';
  const split = splitFile(escapeLine + text + eol);
  const raw = split.instructions[0];
  if (
    split.instructions.length !== 1 ||
    raw?.start !== escapeLine.length ||
    raw.end !== escapeLine.length + text.length
  ) {
    throw new Error(`an edit broke the bounds of ${keyword}`);
  }
  return readInstruction(raw, text, lead, origin, escape);
}
