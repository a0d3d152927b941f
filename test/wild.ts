/**
 * What dfopt does to Dockerfiles that nobody wrote for it: counts, and the name of every file in which
 * something is wrong. Run through scripts/wild.mjs, on a folder of Dockerfiles, or, with their build
 * contexts, on a file that lists Dockerfiles of applications, a path a line.
 */
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { createTwoFilesPatch, diffArrays } from 'diff';
import { withIgnore, type BuildContext } from '../src/analysis/context.ts';
import { loadFacts } from '../src/facts/load.ts';
import { instructionsOf } from '../src/dockerfile/model.ts';
import { parse } from '../src/dockerfile/parse.ts';
import { print } from '../src/dockerfile/print.ts';
import { runBody } from '../src/dockerfile/shell.ts';
import { LEVELS, type Level } from '../src/pass.ts';
import { optimize, type OptimizeOptions, type Result } from '../src/pipeline.ts';
import { contextsOf } from '../src/cli/contexts.ts';
import { brokenSyntax, shellRuns, type Rewrite } from './support/shell.ts';
import { editedRuns, unclaimedChanges } from './support/same.ts';

/** How many names or rows of a list are shown unless `--names` says otherwise. */
const SHOWN = 10;

/** A count by key, and a few examples of each. */
class Tally {
  private readonly rows = new Map<string, { count: number; examples: string[] }>();

  add(key: string, example: string): void {
    let row = this.rows.get(key);
    if (!row) this.rows.set(key, (row = { count: 0, examples: [] }));
    row.count++;
    if (row.examples.length < 2) row.examples.push(example);
  }

  get total(): number {
    return [...this.rows.values()].reduce((sum, { count }) => sum + count, 0);
  }

  lines(limit: number): string[] {
    const sorted = [...this.rows].sort((a, b) => b[1].count - a[1].count);
    const shown = sorted.slice(0, limit);
    const rest = sorted.length > limit ? [`         … ${sorted.length - limit} more`] : [];
    const lines = shown.map(
      ([key, { count, examples }]) => `${String(count).padStart(8)}  ${key}   e.g. ${examples[0]}`,
    );
    return [...lines, ...rest];
  }
}

interface Counts {
  files: number;
  changed: number;
  bodies: number;
  readonly notUtf8: string[];
  readonly identity: string[];
  readonly crashes: string[];
  readonly unstable: string[];
  readonly unclaimed: string[];
  readonly bugs: string[];
  readonly rejected: Tally;
  readonly leftAlone: Tally;
  readonly opaque: Tally;
  readonly remarks: Tally;
  readonly missed: Tally;
  readonly offered: Tally;
  readonly edits: Tally;
  readonly rewrites: Rewrite[];
}

/** @returns the exit code: 1 where any file failed. */
export async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      limit: { type: 'string' },
      level: { type: 'string', default: 'standard' },
      names: { type: 'string', default: String(SHOWN) },
      'with-context': { type: 'boolean', default: false },
      diffs: { type: 'string' },
      pass: { type: 'string' },
    },
  });
  const [folder] = positionals;
  const level = LEVELS.find((each) => each === values.level);
  if (!folder || !level) {
    console.error(
      `usage: npm run wild -- <folder or list> [--limit N] [--level ${LEVELS.join('|')}] [--names N]
        --with-context   the folder of a Dockerfile is its build context
        --diffs FILE     write what changes there, with the reasons
        --pass ID        only diffs that this pass has a part in`,
    );
    return 2;
  }
  const counts = newCounts();
  const started = performance.now();
  const limit = values.limit === undefined ? Infinity : Number(values.limit);
  const diffs = values.diffs === undefined ? undefined : { path: values.diffs, pass: values.pass };
  if (diffs) writeFileSync(diffs.path, '');
  const isList = statSync(folder).isFile();
  const paths = isList ? readFileSync(folder, 'utf8').split('\n').filter(Boolean) : filesIn(folder);
  for (const path of evenly(paths, limit)) {
    const context = values['with-context'] ? contextOf(path) : undefined;
    const name = isList ? path : relative(folder, path);
    look(path, name, { level, ...(context && { context }), ...(diffs && { diffs }) }, counts);
  }
  const seconds = (performance.now() - started) / 1000;
  const broken = brokenSyntax(counts.rewrites);
  return report(counts, broken, seconds, Number(values.names));
}

interface Looking {
  readonly level: Level;
  readonly context?: BuildContext;
  readonly diffs?: { readonly path: string; readonly pass: string | undefined };
}

function contextOf(path: string): BuildContext | undefined {
  const { manifests } = loadFacts();
  return contextsOf(undefined, manifests).of(path, readFileSync(path, 'utf8')).context;
}

/** How the passes shall look at a file, and how at what they made of it. */
function optionsFor({ level, context }: Looking, result?: Result): OptimizeOptions {
  const [edit] = result?.files ?? [];
  if (!context) return { level };
  return { level, context: edit ? withIgnore(context, edit.after) : context };
}

function newCounts(): Counts {
  return {
    files: 0,
    changed: 0,
    bodies: 0,
    notUtf8: [],
    identity: [],
    crashes: [],
    unstable: [],
    unclaimed: [],
    bugs: [],
    rejected: new Tally(),
    leftAlone: new Tally(),
    opaque: new Tally(),
    remarks: new Tally(),
    missed: new Tally(),
    offered: new Tally(),
    edits: new Tally(),
    rewrites: [],
  };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** At most `limit` of the paths, taken from all over the list. */
function evenly(paths: readonly string[], limit: number): readonly string[] {
  if (paths.length <= limit) return paths;
  const step = paths.length / limit;
  return Array.from({ length: limit }, (_, index) => paths[Math.floor(index * step)]!);
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function look(path: string, name: string, looking: Looking, counts: Counts): void {
  counts.files++;
  let text: string;
  try {
    text = decoder.decode(readFileSync(path));
  } catch {
    counts.notUtf8.push(name);
    return;
  }
  try {
    lookAtText(text, name, looking, counts);
  } catch (error) {
    counts.crashes.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function lookAtText(text: string, name: string, looking: Looking, counts: Counts): void {
  const file = parse(text);
  if (print(file) !== text) counts.identity.push(name);
  const result = optimize(text, loadFacts(), optionsFor(looking));
  const blocker = file.diagnostics.find((each) => each.severity !== 'warning');
  if (blocker) {
    const tally = file.diagnostics.some((each) => each.severity === 'error')
      ? counts.rejected
      : counts.leftAlone;
    tally.add(blocker.message.replace(/"[^"]*"/, '"…"'), name);
    if (result.output !== text) counts.unclaimed.push(`${name}: changed although it is left alone`);
    return;
  }
  for (const { run, shell } of shellRuns(file)) {
    counts.bodies++;
    const body = runBody(run, shell);
    if (body.kind === 'opaque') counts.opaque.add(body.reason, `${name}:${run.origin[0]!.line}`);
  }
  countRemarks(result, name, counts);
  for (const { message } of result.diagnostics) {
    if (message.startsWith('a bug in dfopt')) counts.bugs.push(`${name}: ${message}`);
  }
  if (result.output !== text) lookAtChange(result, name, looking, counts);
}

function countRemarks({ remarks }: Result, name: string, counts: Counts): void {
  for (const { pass, outcome, because, level, origin, message, assumptions } of remarks) {
    const place = `${name}:${origin.line}`;
    counts.remarks.add([pass, outcome, because ?? '', level].join(' '), place);
    const reason = `${pass}: ${assumptions[0] ?? message}`.replace(/line \d+/g, 'line N');
    if (outcome === 'missed') counts.missed.add(reason.replace(/"[^"]*"/g, '"…"'), place);
    if (outcome === 'offered') {
      counts.offered.add(reason.replace(/needs .*|"[^"]*"/g, '…'), place);
    }
  }
}

function lookAtChange(result: Result, name: string, looking: Looking, counts: Counts): void {
  counts.changed++;
  const { input, output, remarks } = result;
  writeDiff(result, name, looking);
  const again = optimize(output, loadFacts(), optionsFor(looking, result));
  if (again.output !== output) {
    const passes = again.remarks
      .filter((each) => each.outcome === 'applied')
      .map((each) => each.pass);
    counts.unstable.push(`${name}: ${[...new Set(passes)].join(', ')}`);
  }
  const unclaimed = unclaimedChanges(input, output, remarks);
  if (unclaimed.length > 0) counts.unclaimed.push(`${name}: ${unclaimed.join('; ')}`);
  if (instructionsOf(parse(output)).length === 0) counts.unclaimed.push(`${name}: nothing is left`);
  const rewrites = editedRuns(name, input, output, remarks);
  counts.rewrites.push(...rewrites);
  for (const { name: place, before, after } of rewrites) {
    for (const edit of editsOf(before.join(' && '), after)) counts.edits.add(edit, place);
  }
}

function writeDiff(
  { input, output, files, remarks }: Result,
  name: string,
  { diffs }: Looking,
): void {
  if (!diffs) return;
  const applied = remarks.filter(({ outcome }) => outcome === 'applied');
  if (diffs.pass !== undefined && !applied.some(({ pass }) => pass === diffs.pass)) return;
  const patch = createTwoFilesPatch(name, name, input, output, '', '', { context: 100 });
  const ignores = files.map(({ path, after }) => `--- ${path}\n${after}`);
  const reasons = applied.map(
    ({ pass, origin, message }) => `  # ${origin.line} ${pass}: ${message}`,
  );
  appendFileSync(diffs.path, [patch, ...ignores, ...reasons, '', ''].join('\n'));
}

/** What was put into shell code and taken out of it, word by word: few shapes, if all is well. */
function editsOf(before: string, after: string): string[] {
  const words = (code: string): string[] => code.split(/\s+/).filter((word) => word !== '');
  const parts = diffArrays(words(before), words(after));
  return parts.flatMap((part, index) => {
    if (!part.added && !part.removed) return [];
    const mark = part.added ? '+' : '-';
    const replaced = parts[index - 1]?.removed && part.added ? ' (replacing)' : '';
    return [mark + part.value.join(' ') + replaced];
  });
}

function report(counts: Counts, broken: readonly string[], seconds: number, names: number): number {
  const failures: readonly (readonly [string, readonly string[]])[] = [
    ['identity failures', counts.identity],
    ['crashes', counts.crashes],
    ['second runs that change something', counts.unstable],
    ['changes that no remark claims', counts.unclaimed],
    ['passes undone by the gate', counts.bugs],
    ['RUNs that a shell accepted before and not after', broken],
  ];
  const share = ((100 * counts.opaque.total) / Math.max(1, counts.bodies)).toFixed(2);
  const lines = [
    `files               ${counts.files}`,
    `not UTF-8           ${counts.notUtf8.length}`,
    `rejected            ${counts.rejected.total}`,
    ...counts.rejected.lines(names),
    `left alone          ${counts.leftAlone.total}`,
    ...counts.leftAlone.lines(names),
    `changed             ${counts.changed}`,
    `RUN bodies          ${counts.bodies}, opaque ${counts.opaque.total} (${share} %)`,
    ...counts.opaque.lines(names),
    'remarks',
    ...counts.remarks.lines(Infinity),
    'missed, by reason',
    ...counts.missed.lines(names),
    'offered, by reason',
    ...counts.offered.lines(names),
    'edits of shell code, by shape',
    ...counts.edits.lines(names),
    `time                ${seconds.toFixed(1)} s without the shells`,
    '',
    ...failures.flatMap(([title, list]) => [
      `${String(list.length).padStart(8)}  ${title}`,
      ...list.map((each) => `            ${each}`),
    ]),
  ];
  console.log(lines.join('\n'));
  return failures.some(([, list]) => list.length > 0) ? 1 : 0;
}
