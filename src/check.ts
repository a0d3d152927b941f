/**
 * The gate: is the rewritten file still a Dockerfile that says, outside the claimed edits, what the
 * input said? It builds nothing.
 */
import {
  instructionsOf,
  type Dockerfile,
  type Instruction,
  type Origin,
  type Stage,
} from './dockerfile/model.ts';
import { parse } from './dockerfile/parse.ts';
import { print } from './dockerfile/print.ts';
import { DEFAULT_SHELL, runBody } from './dockerfile/shell.ts';
import type { Remark } from './pass.ts';

/** What the gate found; empty means that the file may be handed out. */
export function check(
  before: Dockerfile,
  after: Dockerfile,
  remarks: readonly Remark[],
): readonly string[] {
  if (before === after) return [];
  return [
    ...checkReading(after),
    ...checkFrame(before, after),
    ...checkClaims(before, after, remarks),
    ...checkShell(before, after),
  ];
}

/** The printed text reads back as the model says, and the builder would accept it. */
function checkReading(after: Dockerfile): string[] {
  const again = parse(print(after));
  const found = again.diagnostics
    .filter((diagnostic) => diagnostic.severity !== 'warning')
    .map(({ line, message }) => `line ${line} of the result: ${message}`);
  const expected = instructionsOf(after);
  const actual = instructionsOf(again);
  const differs =
    expected.length !== actual.length ||
    expected.some((instruction, index) => {
      const other = actual[index]!;
      return other.text !== instruction.text || other.kind !== instruction.kind;
    });
  if (differs) found.push('the result reads back as other instructions');
  return found;
}

/** What no pass may touch at all. */
function checkFrame(before: Dockerfile, after: Dockerfile): string[] {
  const found: string[] = [];
  if (before.bom !== after.bom || before.header !== after.header) {
    found.push('the parser directives changed');
  }
  const names = (file: Dockerfile): string =>
    file.stages.map((stage) => `${stage.from.text}${stage.from.lead}`).join('\n');
  if (names(before) !== names(after)) found.push('a FROM changed');
  const lastLine = (file: Dockerfile): string => /[\r\n]*$/.exec(print(file))![0];
  if ((lastLine(before) === '') !== (lastLine(after) === '')) {
    found.push('the final newline changed');
  }
  return found;
}

function key(origin: Origin): string {
  return `${origin.line}:${origin.column}`;
}

/** Whatever no applied remark claims is byte for byte what it was, and no comment is lost. */
function checkClaims(before: Dockerfile, after: Dockerfile, remarks: readonly Remark[]): string[] {
  const found: string[] = [];
  const claimed = new Set(
    remarks
      .filter((remark) => remark.outcome === 'applied')
      .flatMap((remark) => remark.origins.map(key)),
  );
  const originals = new Map(instructionsOf(before).map((each) => [key(each.origin[0]!), each]));
  const seen = new Set<string>();
  const order: string[] = [];
  for (const instruction of instructionsOf(after)) {
    for (const origin of instruction.origin) {
      if (seen.has(key(origin))) found.push(`the instruction at ${key(origin)} is there twice`);
      seen.add(key(origin));
    }
    const origin = instruction.origin[0];
    const original = origin && originals.get(key(origin));
    if (!original) {
      found.push(`${instruction.keyword} comes from nowhere in the input`);
      continue;
    }
    const isClaimed = instruction.origin.some((each) => claimed.has(key(each)));
    const same = original.text === instruction.text && original.lead === instruction.lead;
    if (!isClaimed) order.push(key(origin));
    if (!isClaimed && !same) {
      found.push(`line ${origin.line}: ${instruction.keyword} changed without a remark`);
    }
    if (isClaimed && instruction.kind !== 'run' && original.text !== instruction.text) {
      found.push(`line ${origin.line}: ${instruction.keyword} changed, which no pass may do`);
    }
    const sources = instruction.origin.map((each) => originals.get(key(each))!);
    found.push(...checkBodies(sources, instruction));
  }
  for (const place of originals.keys()) {
    if (!seen.has(place)) found.push(`the instruction at ${place} is gone`);
  }
  const kept = new Set(order);
  if (order.join() !== [...originals.keys()].filter((place) => kept.has(place)).join()) {
    found.push('instructions without a remark changed places');
  }
  const comments = commentsOf(after);
  if (
    commentsOf(before).some((comment, _, all) => countOf(all, comment) > countOf(comments, comment))
  ) {
    found.push('a comment is lost');
  }
  return found;
}

function countOf(all: readonly string[], one: string): number {
  return all.filter((each) => each === one).length;
}

/** Heredoc bodies, ONBUILD triggers and builder flags stay as they are. */
function checkBodies(originals: readonly Instruction[], after: Instruction): string[] {
  const kept = originals.flatMap((each) => heredocBodies(each));
  const unedited = after.kind !== 'run' || after.argsText.replace(/^<<.*$/s, '') !== '';
  const flags = originals[0]!.flags.map((flag) => flag.name + (flag.value ?? '')).join();
  const found: string[] = [];
  if (unedited && kept.join('\0') !== heredocBodies(after).join('\0')) {
    found.push(`line ${originals[0]!.origin[0]!.line}: a heredoc changed`);
  }
  if (flags !== after.flags.map((flag) => flag.name + (flag.value ?? '')).join()) {
    found.push(`line ${originals[0]!.origin[0]!.line}: a builder flag changed`);
  }
  return found;
}

function heredocBodies(instruction: Instruction): string[] {
  return instruction.heredocs.map(({ body }) => instruction.text.slice(body.start, body.end));
}

function commentsOf(file: Dockerfile): string[] {
  const text = [
    ...instructionsOf(file).flatMap((each) => [
      each.lead,
      ...each.dropped.map((line) => each.text.slice(line.start, line.end)),
    ]),
    file.tail,
  ].join('\n');
  return text.split('\n').flatMap((line) => (/^\s*#/.test(line) ? [line.trim()] : []));
}

/** Shell code that was understood before is understood after. */
function checkShell(before: Dockerfile, after: Dockerfile): string[] {
  const texts = new Set(instructionsOf(before).map((each) => each.text));
  const wereScripts = new Set(
    before.stages.flatMap((stage) =>
      bodies(stage)
        .filter(({ kind }) => kind === 'script')
        .map(({ place }) => place),
    ),
  );
  return after.stages.flatMap((stage) =>
    bodies(stage)
      .filter(
        ({ text, kind, place }) => !texts.has(text) && wereScripts.has(place) && kind !== 'script',
      )
      .map(({ place, kind }) => `the shell code at ${place} no longer parses (${kind})`),
  );
}

function bodies(stage: Stage): { text: string; place: string; kind: string }[] {
  let shell = DEFAULT_SHELL;
  return stage.instructions.flatMap((instruction) => {
    if (instruction.kind === 'shell') shell = instruction.shell;
    if (instruction.kind !== 'run') return [];
    const { kind } = runBody(instruction, shell);
    return [{ text: instruction.text, place: key(instruction.origin[0]!), kind }];
  });
}
