/**
 * What BuildKit would reject, and what dfopt leaves alone: each with line, column and a way out.
 */
import { isImageName } from './expansion.ts';
import {
  instructionsOf,
  type Diagnostic,
  type Dockerfile,
  type Instruction,
  type Problem,
} from './model.ts';

export function diagnose(file: Dockerfile): Diagnostic[] {
  const all = instructionsOf(file);
  const template = templateDiagnostic(all);
  return [
    ...(template ? [template] : []),
    ...problemsOf(all),
    ...outsideStages(file),
    ...stageReferences(file),
    ...leftAlone(file),
  ];
}

function problemsOf(all: readonly Instruction[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const each of all) {
    for (const problem of each.problems) found.push(atProblem(each, problem));
  }
  return found;
}

function atProblem(instruction: Instruction, problem: Problem): Diagnostic {
  const { message, advice } = problem;
  return { severity: 'error', ...placeIn(instruction, problem.offset), message, advice };
}

/** The line and column of an offset in an instruction's text. */
function placeIn(instruction: Instruction, offset: number): { line: number; column: number } {
  const origin = instruction.origin[0] ?? { line: 1, column: 1 };
  const before = instruction.text.slice(0, offset);
  const newline = before.lastIndexOf('\n');
  if (newline < 0) return { line: origin.line, column: origin.column + offset };
  return { line: origin.line + before.split('\n').length - 1, column: offset - newline };
}

const TEMPLATE = /^\s*(\{\{|\{%|\{#|<%|dnl\b|@@)|^\s*(include|define|undefine|changequote)\(/;

/** Jinja, Go templates, ERB and m4: they become a Dockerfile only after something else has run. */
function templateDiagnostic(all: readonly Instruction[]): Diagnostic | undefined {
  let line: Instruction | undefined;
  let from: Instruction | undefined;
  for (const each of all) {
    if (each.kind === 'unknown' && TEMPLATE.test(each.text)) line ??= each;
    if (each.kind === 'from' && /\{\{|\{%|<%/.test(each.argsText)) from ??= each;
  }
  const found = line ?? from;
  if (!found) return undefined;
  return {
    severity: 'error',
    ...placeIn(found, 0),
    message: 'this is a template, not a Dockerfile',
    advice: 'run dfopt on the file that the template makes',
  };
}

function outsideStages(file: Dockerfile): Diagnostic[] {
  const stray = file.globals.find(
    (instruction) => instruction.kind !== 'arg' && instruction.kind !== 'unknown',
  );
  if (file.stages.length === 0) {
    if (file.globals.some((instruction) => instruction.kind === 'unknown')) return [];
    return [
      {
        severity: 'error',
        line: 1,
        column: 1,
        message:
          file.globals.length === 0 ? 'there is no instruction in this file' : 'there is no FROM',
        advice: 'begin with FROM <image>',
      },
    ];
  }
  if (!stray) return [];
  return [
    {
      severity: 'error',
      ...placeIn(stray, 0),
      message: `${stray.keyword} stands before the first FROM`,
      advice: 'only ARG may; move it below FROM',
    },
  ];
}

/** References between stages that cannot be resolved whatever the build arguments are. */
function stageReferences(file: Dockerfile): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const stage of file.stages) {
    const image = stage.from.image;
    if (image && isUpperCaseImage(image.text) && !earlierStage(file, stage.index, image.text)) {
      found.push({
        severity: 'error',
        ...placeIn(stage.from, image.start),
        message: `"${image.text}" is neither an earlier stage nor the name of an image`,
        advice:
          'image names are in lower case; if something fills it in first, run dfopt on the result',
      });
    }
    for (const instruction of stage.instructions) {
      const from = instruction.flags.find((flag) => flag.name === 'from');
      if (instruction.kind !== 'copy' || !from?.value) continue;
      const number = /^\d+$/.test(from.value) ? Number(from.value) : undefined;
      const self = from.value.toLowerCase() === stage.from.stageName || number === stage.index;
      if (self && !earlierStage(file, stage.index, from.value)) {
        found.push({
          severity: 'error',
          ...placeIn(instruction, from.start),
          message: `this stage copies from itself (--from=${from.value})`,
          advice: 'name an earlier stage or an image',
        });
      } else if (number !== undefined && number > stage.index) {
        found.push({
          severity: 'error',
          ...placeIn(instruction, from.start),
          message: `there is no earlier stage ${from.value}`,
          advice: `use a number from 0 to ${stage.index - 1}, or a stage's name`,
        });
      }
    }
  }
  return found;
}

/** A plain word that can name a stage, but no image. */
function isUpperCaseImage(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-_.]*$/.test(text) && !isImageName(text);
}

function earlierStage(file: Dockerfile, before: number, name: string): boolean {
  return file.stages.some(
    (stage) => stage.index < before && stage.from.stageName === name.toLowerCase(),
  );
}

/** Frontends whose language is the one that dfopt reads. */
const KNOWN_FRONTEND =
  /^(docker\.io\/)?(docker\/dockerfile(-upstream)?|docker\.io\/docker\/dockerfile)([:@].*)?$/;

/** Base images whose shell is cmd or PowerShell. */
const WINDOWS_IMAGE =
  /(^|\/)(windows|windowsservercore|nanoserver|servercore|dotnet-framework|dotnet\/framework)([/:@-]|$)|windowsservercore|nanoserver|ltsc20\d\d/i;

function leftAlone(file: Dockerfile): Diagnostic[] {
  const syntax = file.directives.find((directive) => directive.name === 'syntax');
  const found: Diagnostic[] = [];
  if (syntax && !KNOWN_FRONTEND.test(syntax.value.split(' ')[0]!)) {
    found.push({
      severity: 'left-alone',
      line: syntax.line,
      column: 1,
      message: `"${syntax.value}" is a frontend that dfopt does not know`,
      advice: 'its instructions may mean something else; the file is left alone',
    });
  }
  const windows = file.stages.find(
    (stage) =>
      WINDOWS_IMAGE.test(stage.from.image?.text ?? '') ||
      stage.from.flags.some(
        (flag) => flag.name === 'platform' && /windows/i.test(flag.value ?? ''),
      ),
  );
  if (windows) {
    found.push({
      severity: 'left-alone',
      ...placeIn(windows.from, 0),
      message: 'this builds a Windows image',
      advice: 'dfopt knows Linux images only; the file is left alone',
    });
  }
  return found;
}
