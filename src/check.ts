/**
 * The gate: is the rewritten file still a Dockerfile that says, outside the claimed edits, what the
 * input said? It builds nothing.
 */
import { narrowedPlaces } from './check-narrowed.ts';
import { frameFindings, splitStage, type SplitStage } from './check-split.ts';
import { configurationDifferences, surroundingsDifferences } from './check-state.ts';
import { placeOf } from './dockerfile/place.ts';
import {
  instructionsOf,
  type Diagnostic,
  type Dockerfile,
  type Flag,
  type FromInstruction,
  type Instruction,
} from './dockerfile/model.ts';
import { parse, readBack } from './dockerfile/parse.ts';
import { print } from './dockerfile/print.ts';
import { DEFAULT_SHELL, runBody } from './dockerfile/shell.ts';
import type { Facts } from './facts/types.ts';
import type { ConfigurationField, Remark, Surrounding } from './pass.ts';

/** What the gate found; empty means that the file may be handed out. */
export function check(
  before: Dockerfile,
  after: Dockerfile,
  remarks: readonly Remark[],
  facts?: Facts,
): readonly string[] {
  if (before === after) return [];
  const split = splitStage(before, after, remarks);
  return [
    ...checkReading(after),
    ...checkFrame(before, after, remarks, split),
    ...checkClaims(before, after, remarks),
    ...configurationDifferences(before, after, meantBy(remarks), split, facts),
    ...surroundingsDifferences(
      before,
      after,
      { indifferences: indifferences(remarks), narrowed: narrowedPlaces(remarks) },
      split,
      facts,
    ),
    ...checkShell(before, after),
  ];
}

/** The fields of the configuration that applied edits mean to change. */
function meantBy(remarks: readonly Remark[]): ReadonlySet<ConfigurationField> {
  const fields = new Set<ConfigurationField>();
  for (const { outcome, changes } of remarks) {
    if (outcome === 'applied') for (const each of changes) fields.add(each);
  }
  return fields;
}

/** What the commands at a place of the input do not look at, as applied edits say. */
function indifferences(remarks: readonly Remark[]): ReadonlyMap<string, ReadonlySet<Surrounding>> {
  const found = new Map<string, Set<Surrounding>>();
  for (const { outcome, origins, indifferentTo } of remarks) {
    if (outcome !== 'applied' || indifferentTo.length === 0) continue;
    for (const place of origins.map(placeOf)) {
      found.set(place, new Set([...(found.get(place) ?? []), ...indifferentTo]));
    }
  }
  return found;
}

/** The printed text reads back as the model says, and the builder would accept it. */
function checkReading(after: Dockerfile): string[] {
  const text = print(after);
  const again = readBack(text);
  const isRefused = ({ severity }: Diagnostic): boolean => severity !== 'warning';
  const found = again.diagnostics.some(isRefused)
    ? parse(text)
        .diagnostics.filter(isRefused)
        .map(({ line, message }) => `line ${line} of the result: ${message}`)
    : [];
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
function checkFrame(
  before: Dockerfile,
  after: Dockerfile,
  remarks: readonly Remark[],
  split: SplitStage | undefined,
): string[] {
  const found: string[] = [];
  if (before.bom !== after.bom || before.header !== after.header) {
    found.push('the parser directives changed');
  }
  const meant = new Map<string, string>();
  for (const { outcome, newBase, origin } of remarks) {
    if (outcome === 'applied' && newBase !== undefined) meant.set(placeOf(origin), newBase);
  }
  const parts = new Set([split?.was, split?.build, split?.shipped]);
  const names = (file: Dockerfile): string =>
    file.stages
      .filter((stage) => !parts.has(stage))
      .map(({ from }) => `${fromText(from, meant)}${from.lead}`)
      .join('\n');
  if (names(before) !== names(after)) found.push('a FROM changed');
  if (split) {
    const bases = remarks.flatMap(({ outcome, newBase, origin }) =>
      outcome === 'applied' && placeOf(origin) === placeOf(split.remark.origin)
        ? (newBase ?? [])
        : [],
    );
    found.push(...frameFindings(split, bases));
  }
  if (endsLine(before) !== endsLine(after)) found.push('the final newline changed');
  return found;
}

function endsLine(file: Dockerfile): boolean {
  const last = instructionsOf(file).at(-1);
  return /[\r\n]$/.test(`${last?.text}${last?.eol}${file.tail}`);
}

/** What FROM says, with the image that an edit means to put there. */
function fromText(from: FromInstruction, meant: ReadonlyMap<string, string>): string {
  const image = meant.get(placeOf(from.origin[0]!));
  const word = from.image;
  if (image === undefined || !word) return from.text;
  return from.text.slice(0, word.start) + image + from.text.slice(word.end);
}

/** Whatever no applied remark claims is byte for byte what it was, and no comment is lost. */
function checkClaims(before: Dockerfile, after: Dockerfile, remarks: readonly Remark[]): string[] {
  const found: string[] = [];
  const claimed = new Set<string>();
  for (const { outcome, origins } of remarks) {
    if (outcome === 'applied') for (const each of origins) claimed.add(placeOf(each));
  }
  const originals = new Map<string, Instruction>();
  for (const each of instructionsOf(before)) originals.set(placeOf(each.origin[0]!), each);
  const seen = new Set<string>();
  const order: string[] = [];
  const instructions = instructionsOf(after);
  for (const instruction of instructions) {
    const places = instruction.origin.map(placeOf);
    const original = originals.get(places[0] ?? '');
    if (!original) {
      found.push(`${instruction.keyword} comes from nowhere in the input`);
      continue;
    }
    let isClaimed = false;
    for (const place of places) {
      if (claimed.has(place)) isClaimed = true;
      else if (seen.has(place)) found.push(`the instruction at ${place} is there twice`);
      seen.add(place);
    }
    if (!isClaimed) order.push(places[0]!);
    const isSame = original.text === instruction.text && original.lead === instruction.lead;
    if (!isClaimed && !isSame) {
      found.push(
        `line ${original.origin[0]!.line}: ${instruction.keyword} changed without a remark`,
      );
    }
    if (instruction === original) continue;
    const sources = places.map((place) => originals.get(place)!);
    const isNew = sources.length === 1 && isBeside(instruction, original, instructions);
    if (!isNew) found.push(...checkBodies(sources, instruction));
  }
  for (const place of originals.keys()) {
    if (!seen.has(place) && !claimed.has(place)) found.push(`the instruction at ${place} is gone`);
  }
  const kept = new Set(order);
  let at = 0;
  for (const place of originals.keys()) if (kept.has(place) && order[at] === place) at += 1;
  if (at !== order.length) found.push('instructions without a remark changed places');
  if (losesComment(before, after)) found.push('a comment is lost');
  return found;
}

/** Whether it stands beside an instruction that comes from the same place and keeps what that has. */
function isBeside(
  instruction: Instruction,
  original: Instruction,
  all: readonly Instruction[],
): boolean {
  const { line, column } = original.origin[0]!;
  for (const each of all) {
    if (each === instruction || each.kind !== original.kind || each.origin.length !== 1) continue;
    const at = each.origin[0]!;
    if (at.line !== line || at.column !== column) continue;
    if (checkBodies([original], each).length === 0) return true;
  }
  return false;
}

function countOf(all: readonly string[], one: string): number {
  return all.filter((each) => each === one).length;
}

/** Flags that an edit may add; all others, and the values of those that are there, stay. */
const ADDED_FLAGS = new Set(['mount', 'chown', 'chmod', 'link']);

/** Heredoc bodies and builder flags stay as they are. */
function checkBodies(originals: readonly Instruction[], after: Instruction): string[] {
  const where = `line ${originals[0]!.origin[0]!.line}`;
  const kept = originals.flatMap((each) => heredocBodies(each));
  const isUnedited = after.kind !== 'run' || after.argsText.replace(/^<<.*$/s, '') !== '';
  const found: string[] = [];
  if (isUnedited && kept.length > 0 && kept.join('\0') !== heredocBodies(after).join('\0')) {
    found.push(`${where}: a heredoc changed`);
  }
  // What was put at the top of a stage comes from its FROM, whose flags are not its own.
  if (originals[0]!.kind === 'from' && after.kind !== 'from') return found;
  const was = originals[0]!.flags.map(flagText);
  const added = after.flags.filter((flag) => !was.includes(flagText(flag)));
  const stays = was.every((flag) => after.flags.some((each) => flagText(each) === flag));
  if (!stays || added.some(({ name }) => !ADDED_FLAGS.has(name))) {
    found.push(`${where}: a builder flag changed`);
  }
  return found;
}

function flagText({ name, value }: Flag): string {
  return value === undefined ? name : `${name}=${value}`;
}

function heredocBodies(instruction: Instruction): string[] {
  return instruction.heredocs.map(({ body }) => instruction.text.slice(body.start, body.end));
}

/** Comments are looked for only where not all that may hold some is as it was. */
function losesComment(before: Dockerfile, after: Dockerfile): boolean {
  const [old, next] = [commentedIn(before), commentedIn(after)];
  if (old.join('\n') === next.join('\n')) return false;
  const [were, are] = [old.flatMap(commentsIn), next.flatMap(commentsIn)];
  return were.some((comment) => countOf(were, comment) > countOf(are, comment));
}

/** Texts between instructions and in them in which comments may stand. */
function commentedIn(file: Dockerfile): string[] {
  const found: string[] = [];
  for (const { lead, dropped, text } of instructionsOf(file)) {
    if (lead.includes('#')) found.push(lead);
    for (const { start, end } of dropped) found.push(text.slice(start, end));
  }
  found.push(file.tail);
  return found;
}

function commentsIn(text: string): string[] {
  const lines = text.split('\n').filter((line) => /^\s*#/.test(line));
  return lines.map((line) => line.trim());
}

/** Shell code that was understood before is understood after. */
function checkShell(before: Dockerfile, after: Dockerfile): string[] {
  const texts = new Set(instructionsOf(before).map((each) => each.text));
  const lost = bodies(after, texts).filter(({ kind }) => kind !== 'script');
  if (lost.length === 0) return [];
  const were = bodies(before);
  return lost
    .filter(({ place }) => were.some((each) => each.place === place && each.kind === 'script'))
    .map(({ place, kind }) => `the shell code at ${place} no longer parses (${kind})`);
}

function bodies(
  { stages }: Dockerfile,
  isKnown: ReadonlySet<string> = new Set(),
): { place: string; kind: string }[] {
  const found: { place: string; kind: string }[] = [];
  for (const { instructions } of stages) {
    let shell = DEFAULT_SHELL;
    for (const each of instructions) {
      if (each.kind === 'shell') ({ shell } = each);
      if (each.kind !== 'run' || isKnown.has(each.text)) continue;
      found.push({ place: placeOf(each.origin[0]!), kind: runBody(each, shell).kind });
    }
  }
  return found;
}
