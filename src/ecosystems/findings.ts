/**
 * What an install turns out to read and to write, gathered while its manifests are read, until
 * something shows that it cannot be known.
 */
import { parseJson, parseYaml } from './parse-text.ts';
import { entryAt, gapsOf, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { contextTree } from '../analysis/context-tree.ts';
import { folderOf, pathInside } from '../analysis/go-paths.ts';
import type { DependencyTool, ProjectUse } from '../facts/types.ts';
import { parse as parseToml } from 'smol-toml';
import type { Install, Project } from './ecosystem.ts';

export interface Findings {
  readonly project: Project;
  readonly reads: Set<string>;
  readonly writes: Set<string>;
  /** The first reason for which the install is left where it is. */
  why: string | undefined;
}

export function startFindings(project: Project): Findings {
  return { project, reads: new Set(), writes: new Set(), why: undefined };
}

export function refuse(found: Findings, why: string): undefined {
  found.why ??= why;
  return undefined;
}

export function result(found: Findings, tool: DependencyTool): Install {
  if (found.why !== undefined) return { kind: 'refused', why: found.why };
  return { kind: 'install', tool, reads: [...found.reads], writes: [...found.writes] };
}

/** A path as the files have it, from one that is written in a folder of theirs. */
export function under(folder: string, path: string): string {
  if (path === '.') return pathInside(folder);
  return path.startsWith('/') ? pathInside(path) : pathInside(`${folder}/${path}`);
}

/** Whether `..` leads out of a folder of which only the name of a variable, or of a base, is known. */
export function leavesFiles(folder: string, path: string): boolean {
  const isKnown = !/\$|^the WORKDIR of the base/.test(folder);
  return !isKnown && !path.startsWith('/') && path.split('/').includes('..');
}

export function hasEntry(files: BuildContext, path: string): boolean {
  return entryAt(files, path) !== undefined;
}

export function isFolder(files: BuildContext, path: string): boolean {
  return pathInside(path) === '' || entryAt(files, path)?.kind === 'folder';
}

/** Notes what is there of the paths; refuses where that cannot be known. */
export function read(found: Findings, ...paths: readonly string[]): void {
  const { files } = found.project;
  for (const path of paths.map(pathInside)) {
    // What is above the path says nothing of it, unless it hides all that is in it.
    const gap = gapsOf(files).find(
      (each) => isWithin(path, each.path) || isWithin(each.path, path),
    );
    if (gap) refuse(found, `${gap.path === '' ? 'the build context' : gap.path} ${gap.why}`);
    const entry = entryAt(files, path);
    if (!entry) continue;
    if (entry.kind === 'link') refuse(found, `${path} is a symbolic link`);
    found.reads.add(path);
  }
}

/** The text of a file that the install reads; `undefined` where it is not there, or not known. */
export function readText(found: Findings, path: string): string | undefined {
  read(found, path);
  const text = textOf(found.project.files, path);
  if (text.kind === 'text') return text.text.replace(/^\ufeff/, '');
  return text.kind === 'unknown' ? refuse(found, text.why) : undefined;
}

export type Table = Readonly<Record<string, unknown>>;

export function readJson(found: Findings, path: string): Table | undefined {
  return parsed(found, path, parseJson);
}

export function readYaml(found: Findings, path: string): Table | undefined {
  return parsed(found, path, (text) => parseYaml(text) ?? {});
}

export function readToml(found: Findings, path: string): Table | undefined {
  return parsed(found, path, (text) => parseToml(text));
}

function parsed(
  found: Findings,
  path: string,
  parse: (text: string) => unknown,
): Table | undefined {
  const text = readText(found, path);
  if (text === undefined) return undefined;
  try {
    const value = parse(text);
    if (isTable(value)) return value;
  } catch {
    // Said below.
  }
  return refuse(found, `${path} cannot be read`);
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The table in a field; an empty one where there is none. */
export function tableIn(table: Table | undefined, ...names: readonly string[]): Table {
  let own: Table = table ?? {};
  for (const name of names) {
    const value = Object.hasOwn(own, name) ? own[name] : undefined;
    if (!isTable(value)) return {};
    own = value;
  }
  return own;
}

export function textIn(table: Table | undefined, ...names: readonly string[]): string | undefined {
  const own = names.length === 1 ? table : tableIn(table, ...names.slice(0, -1));
  const value = own?.[names.at(-1)!];
  return typeof value === 'string' ? value : undefined;
}

/** The texts of a list; a single text is a list of one. */
export function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** All folders of the files that hold a file of this name and match, `**` and braces included. */
export function foldersMatching(
  files: BuildContext,
  folder: string,
  patterns: readonly string[],
  manifest: string,
): string[] {
  if (patterns.length === 0) return [];
  const rules = patterns.map((pattern) => {
    const isNegated = pattern.startsWith('!');
    return { isNegated, regex: globRegex(isNegated ? pattern.slice(1) : pattern) };
  });
  return [...contextTree(files.entries).byPath.values()].flatMap(({ entry }) => {
    const place = folderOf(entry.path);
    const isManifest = entry.path === (place === '' ? manifest : `${place}/${manifest}`);
    if (!isManifest || place === folder || !isWithin(place, folder)) return [];
    const inside = folder === '' ? place : place.slice(folder.length + 1);
    if (`/${inside}/`.includes('/node_modules/')) return [];
    const last = rules.findLast(({ regex }) => regex.test(inside));
    return last && !last.isNegated ? [place] : [];
  });
}

export function globRegex(pattern: string): RegExp {
  const clean = pattern.replace(/^\.?\//, '').replace(/\/+$/, '');
  let regex = '';
  for (let at = 0; at < clean.length; at++) {
    const rest = clean.slice(at);
    const char = clean[at]!;
    if (rest.startsWith('**/')) {
      regex += '(?:[^/]+/)*';
      at += 2;
    } else if (rest.startsWith('**')) {
      regex += '.*';
      at++;
    } else if (char === '*') regex += '[^/]*';
    else if (char === '?') regex += '[^/]';
    else if (char === '{') regex += '(?:';
    else if (char === '}') regex += ')';
    else if (char === ',') regex += '|';
    else regex += char.replace(/[.+^$()|[\]\\]/, '\\$&');
  }
  try {
    return new RegExp(`^${regex}$`);
  } catch {
    // Braces that do not close: taken to match all rather than nothing.
    return /^/;
  }
}

/** What something beside the package manager does, by its row. */
export function use(
  found: Findings,
  folder: string,
  { reads = [], writes = [], pathIn = [], outputs, unless = [], why }: ProjectUse,
  name: string,
  manifest: Table | undefined,
): void {
  const { files } = found.project;
  const odd = unless.find((path) => hasEntry(files, under(folder, path)));
  if (odd !== undefined) refuse(found, `"${name}" ${why}, and ${odd} is there`);
  const named = pathIn.flatMap((field) => textIn(manifest, ...field.split('.')) ?? []);
  const paths = [...reads, ...named].map((path) => under(folder, path));
  read(found, ...paths);
  for (const path of writes) found.writes.add(under(folder, path));
  if (!outputs) return;
  const pattern = new RegExp(outputs.files);
  for (const { path } of files.entries) {
    if (!pattern.test(path) || !paths.some((each) => isWithin(path, each))) continue;
    const text = readText(found, path) ?? '';
    if (/\benv\(/.test(text.replace(/datasource\s+\w+\s*\{[^}]*\}/g, ''))) {
      refuse(found, `${path} reads the environment`);
    }
    for (const [, output] of text.matchAll(new RegExp(outputs.path, 'gm'))) {
      const target = under(folderOf(path), output!);
      if (!target.split('/').includes('node_modules')) found.writes.add(target);
    }
  }
}
