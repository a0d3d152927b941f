/**
 * Cases in Markdown: what a pass makes of a Dockerfile, and why.
 *
 * `## a plain sentence` begins a case. Its fenced blocks:
 * - `dockerfile before`: the input (required)
 * - `dockerfile after`: the output; absent where nothing may change
 * - `context`: the build context, as `treeOf` in contexts.ts reads it; without a line for it, the
 *   Dockerfile is added; absent where nothing shall be known
 * - `repository`: files of the repository, written the same; the context is its folder `app`
 * - `dockerignore after`: the text of the ignore file in force; absent where it may not change
 * - `remarks` (required): a line per remark of the pass, ordered by line
 * - `options`: lines of `key: value`: `level`, `today`, `passes: all`, `skip`, `deny` (numbers of remarks,
 *   counted from 0 in the order in which they are shown), and `<pass>.<option>`; lists by commas
 *
 * A line `refuses: <text>` outside the blocks says which refusal of the pass the case covers.
 */
import { withIgnore, type BuildContext } from '../../src/analysis/context.ts';
import type { Facts } from '../../src/facts/types.ts';
import { LEVELS, type Level, type Pass, type PassOptions, type Remark } from '../../src/pass.ts';
import { optimize, type OptimizeOptions, type Result } from '../../src/pipeline.ts';
import { contextFrom, treeOf } from './contexts.ts';

export interface Block {
  readonly info: string;
  readonly content: string;
  /** Lines of the file, `[first, last]`, fences included. */
  readonly first: number;
  readonly last: number;
}

export interface Case {
  readonly title: string;
  /** 1-based line of its heading. */
  readonly line: number;
  readonly refuses: readonly string[];
  readonly blocks: readonly Block[];
}

export function casesOf(markdown: string): Case[] {
  const cases: { title: string; line: number; refuses: string[]; blocks: Block[] }[] = [];
  const lines = markdown.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    const heading = /^## +(.+)$/.exec(line);
    if (heading) {
      cases.push({ title: heading[1]!, line: index + 1, refuses: [], blocks: [] });
      continue;
    }
    const refusal = /^refuses: +(.+)$/.exec(line);
    if (refusal) cases.at(-1)?.refuses.push(refusal[1]!);
    const fence = /^(`{3,})(.*)$/.exec(line);
    if (!fence) continue;
    const last = lines.indexOf(fence[1]!, index + 1);
    if (last < 0) throw new Error(`line ${index + 1}: the block has no end`);
    const body = lines.slice(index + 1, last);
    const content = body.map((each) => `${each}\n`).join('');
    cases.at(-1)?.blocks.push({ info: fence[2]!.trim(), content, first: index, last });
    index = last;
  }
  return cases;
}

export function blockOf(one: Case, info: string): string | undefined {
  return one.blocks.find((block) => block.info === info)?.content;
}

const KNOWN_BLOCKS = new Set([
  'dockerfile before',
  'dockerfile after',
  'context',
  'repository',
  'dockerignore after',
  'remarks',
  'options',
]);

/** What a case says, run. */
export interface CaseRun {
  readonly options: OptimizeOptions;
  readonly result: Result;
  readonly remarks: string;
}

/** @throws where the case itself is badly written. */
export function runCase(one: Case, pass: Pass, passes: readonly Pass[], facts: Facts): CaseRun {
  const odd = one.blocks.find((block) => !KNOWN_BLOCKS.has(block.info));
  if (odd) throw new Error(`line ${odd.first + 1}: no block is called "${odd.info}"`);
  const before = blockOf(one, 'dockerfile before');
  if (before === undefined)
    throw new Error(`line ${one.line}: the case has no "dockerfile before"`);
  const settings = settingsOf(blockOf(one, 'options') ?? '');
  const all = settings.get('passes') === 'all';
  const context = contextOf(one, before);
  const base = { ...optionsOf(settings, pass, passes, all), ...(context && { context }) };
  const shown = (result: Result): readonly Remark[] =>
    byLine(result.remarks.filter((remark) => all || remark.pass === pass.id));
  const denied = settings.get('deny');
  const first = optimize(before, facts, base);
  if (denied === undefined)
    return { options: base, result: first, remarks: print(first, shown(first), all) };
  const ids = list(denied).map((nth) => shown(first)[Number(nth)]?.id);
  if (ids.includes(undefined)) throw new Error(`line ${one.line}: there is no remark ${denied}`);
  const options = { ...base, deny: new Set(ids as string[]) };
  const result = optimize(before, facts, options);
  return { options, result, remarks: print(result, shown(result), all) };
}

function contextOf(one: Case, dockerfile: string): BuildContext | undefined {
  const lines = blockOf(one, 'context');
  if (lines === undefined) return undefined;
  const context = contextFrom({ Dockerfile: dockerfile, ...treeOf(lines) });
  const around = blockOf(one, 'repository');
  if (around === undefined) return context;
  const own = [...context.texts].map(([path, text]) => [`app/${path}`, text] as const);
  const { texts } = contextFrom(treeOf(around));
  return { ...context, uses: { at: 'app', texts: new Map([...own, ...texts]) } };
}

/** The options for a second run: it finds the files as the first one left them. */
export function secondRun({ options, result }: CaseRun): OptimizeOptions {
  const [edit] = result.files;
  if (!edit || !options.context) return options;
  return { ...options, context: withIgnore(options.context, edit.after) };
}

/** What the ignore file says afterwards; `undefined` where it did not change. */
export function ignoreAfter({ files }: Result): string | undefined {
  return files[0]?.after;
}

function settingsOf(content: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const line of content.split('\n')) {
    if (line.trim() === '') continue;
    const match = /^([\w.-]+): *(.*)$/.exec(line);
    if (!match) throw new Error(`not an option: ${line}`);
    settings.set(match[1]!, match[2]!.trim());
  }
  return settings;
}

function list(value: string): string[] {
  return value.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
}

function optionsOf(
  settings: ReadonlyMap<string, string>,
  pass: Pass,
  passes: readonly Pass[],
  all: boolean,
): OptimizeOptions {
  const passOptions: Record<string, PassOptions> = {};
  let level: Level | undefined;
  let skip: string[] | undefined;
  let today: string | undefined;
  for (const [key, value] of settings) {
    if (key === 'passes' || key === 'deny') continue;
    if (key === 'skip') skip = list(value);
    else if (key === 'level') level = levelOf(value);
    else if (key === 'today') today = value;
    else {
      const [id, name] = key.split('.');
      const option = passes.find((each) => each.id === id)?.options?.[name ?? ''];
      if (!option) throw new Error(`there is no option ${key}`);
      const typed =
        typeof option.default === 'boolean'
          ? value === 'true'
          : typeof option.default === 'string'
            ? value
            : list(value);
      passOptions[id!] = { ...passOptions[id!], [name!]: typed };
    }
  }
  return {
    strict: true,
    passOptions,
    ...(all ? {} : { select: [pass.id] }),
    ...(level && { level }),
    ...(skip && { skip }),
    ...(today !== undefined && { today }),
  };
}

function levelOf(value: string): Level {
  const level = LEVELS.find((each) => each === value);
  if (!level) throw new Error(`there is no level ${value}`);
  return level;
}

function byLine(remarks: readonly Remark[]): readonly Remark[] {
  return [...remarks].sort((a, b) => a.origin.line - b.origin.line);
}

function print(result: Result, remarks: readonly Remark[], withPass: boolean): string {
  const lines = remarks.map((remark) => {
    const { outcome, level, origin, because, message, assumptions, pass } = remark;
    const head = [
      outcome,
      ...(outcome === 'missed' || outcome === 'advice' ? [] : [level]),
      String(origin.line),
      ...(because ? [`(${because})`] : []),
      ...(withPass ? [pass] : []),
    ].join(' ');
    const assumes = assumptions.length > 0 ? ` [assumes ${assumptions.join('; ')}]` : '';
    return `${head}: ${message}${assumes}\n`;
  });
  const found = result.diagnostics.map(
    ({ severity, line, message }) => `${severity} ${line}: ${message}\n`,
  );
  return [...lines, ...found].join('');
}

/** The Markdown with the blocks of each case that say what comes out, as it came out. */
export function updated(markdown: string, runs: ReadonlyMap<Case, CaseRun>): string {
  const lines: (string | undefined)[] = markdown.split('\n');
  const insertions = new Map<number, string[]>();
  for (const [one, { result, remarks }] of runs) {
    const output = result.output === result.input ? undefined : result.output;
    const wanted: [string, string | undefined][] = [
      ['dockerfile after', output],
      ['dockerignore after', ignoreAfter(result)],
      ['remarks', remarks],
    ];
    // New blocks stand behind all that the case is given.
    const given = ['dockerfile before', 'context', 'repository'];
    const behind = one.blocks.findLast((block) => given.includes(block.info))!.last + 1;
    const added: string[] = [];
    for (const [info, content] of wanted) {
      const old = one.blocks.find((block) => block.info === info);
      const body = content?.split('\n').slice(0, -1) ?? [];
      if (old && content !== undefined) {
        lines.fill(undefined, old.first + 1, old.last);
        insertions.set(old.last, body);
      } else if (old) {
        const blank = lines[old.last + 1] === '' ? 1 : 0;
        lines.fill(undefined, old.first, old.last + 1 + blank);
      } else if (content !== undefined) {
        const fence = '`'.repeat(3);
        added.push('', `${fence}${info}`, ...body, fence);
      }
    }
    if (added.length > 0) insertions.set(behind, [...(insertions.get(behind) ?? []), ...added]);
  }
  return lines
    .flatMap((line, index) => [
      ...(insertions.get(index) ?? []),
      ...(line === undefined ? [] : [line]),
    ])
    .join('\n');
}
