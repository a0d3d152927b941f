/** Which files of a Node project use packages that are for development only. */
import { entriesOf, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { folderOf } from '../analysis/go-paths.ts';
import { matchesAny } from '../analysis/patterns.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { Facts } from '../facts/types.ts';
import type { Development, Mentions } from './answers.ts';
import { importedPaths } from './node-imports.ts';
import { usedByPackages, usedByScripts } from './node-loaded.ts';
import { readTable } from './node-outputs.ts';
import { dependencyNames, inFolder } from './node-projects.ts';

interface Source {
  readonly path: string;
  readonly text: string;
  /** Packages that a manifest between it and that of the project asks for: they lie beside that. */
  readonly own: ReadonlySet<string>;
}

interface Known {
  readonly development: Development;
  readonly folder: string;
  readonly facts: Facts;
  readonly mentions: Mentions;
}

const known = new RunMemory<BuildContext, Known[]>();

/** @param folder of the manifest in the build context */
export function nodeMentions(
  development: Development,
  context: BuildContext,
  folder: string,
  facts: Facts,
): Mentions {
  let all = known.get(context);
  if (!all) known.set(context, (all = []));
  // These are found together, and one value for as long as the same is asked.
  const asked = all.find(
    (each) =>
      each.development.direct === development.direct &&
      each.development.tool.ecosystem === development.tool.ecosystem &&
      each.folder === folder &&
      each.facts === facts,
  );
  if (asked) return asked.mentions;
  const mentions = findMentions(development, context, folder, facts);
  all.push({ development, folder, facts, mentions });
  return mentions;
}

function findMentions(
  development: Development,
  context: BuildContext,
  folder: string,
  facts: Facts,
): Mentions {
  const unread: string[] = [];
  const { read, put } = sourcesIn(context, folder, development, facts, unread);
  // Declarations of types are gone when the program runs.
  const words = [...development.direct].filter((name) => !name.startsWith('@types/'));
  const manifest = readTable(context, inFolder(folder, 'package.json'));
  // What one of them loads is one of them, wherever it lies.
  for (const source of read) {
    const { path, text } = source;
    const name =
      usedIn(source, development, words) ??
      usedByScripts(path, text, development, { manifest, facts });
    if (name !== undefined) return { used: { path, name }, unread };
    for (const each of importedPaths(path, text, put)) {
      read.push(put.get(each)!);
      put.delete(each);
    }
  }
  return { used: usedByPackages(development, facts), unread };
}

interface Sources {
  /** Of the program. */
  readonly read: Source[];
  /** Of what only development runs, by path. */
  readonly put: Map<string, Source>;
}

/** @param unread takes the paths of those whose text nobody knows */
function sourcesIn(
  context: BuildContext,
  folder: string,
  { tool }: Development,
  facts: Facts,
  unread: string[],
): Sources {
  const { patterns, bulk } = patternsIn(facts.manifests, tool.ecosystem);
  const read: Source[] = [];
  const put = new Map<string, Source>();
  for (const { path, kind } of entriesOf(context)) {
    if (kind !== 'file' || !isWithin(path, folder)) continue;
    const inside = folder === '' ? path : path.slice(folder.length + 1);
    const parts = inside.split('/');
    if (parts.slice(0, -1).some((part) => matchesAny(bulk, part))) continue;
    const isPut = matchesAny(facts.development.files, inside);
    // `bin/www`: a program without an ending.
    const isSource = matchesAny(patterns, parts.at(-1)!) || isProgram(context, path, parts);
    if (!isSource) continue;
    const own = ownPackages(context, path, folder);
    const text = textOf(context, path);
    if (text.kind !== 'text') {
      if (!isPut) unread.push(path);
      continue;
    }
    const source: Source = { path, text: text.text, own };
    if (isPut) put.set(path, source);
    else read.push(source);
  }
  return { read, put };
}

interface Patterns {
  readonly patterns: readonly string[];
  readonly bulk: readonly string[];
}

const byEcosystem = new WeakMap<Facts['manifests'], Map<string, Patterns>>();

/** One list each, so that they are compiled once. */
function patternsIn(manifests: Facts['manifests'], ecosystem: string): Patterns {
  let own = byEcosystem.get(manifests);
  if (!own) byEcosystem.set(manifests, (own = new Map<string, Patterns>()));
  let all = own.get(ecosystem);
  if (!all) {
    const patterns = manifests.files.flatMap((row) =>
      row.role === 'source' && row.ecosystem === ecosystem ? [row.path] : [],
    );
    own.set(ecosystem, (all = { patterns, bulk: manifests.folders.map(({ name }) => name) }));
  }
  return all;
}

function isProgram(context: BuildContext, path: string, parts: readonly string[]): boolean {
  if (parts.at(-1)!.includes('.')) return false;
  return parts.at(-2) === 'bin' || /^#!.*\bnode\b/.test(context.texts.get(path) ?? '');
}

/**
 * What projects further down that the file belongs to ask for. A manifest that asks for nothing,
 * such as `{ "type": "commonjs" }`, is none of a project.
 */
function ownPackages(context: BuildContext, path: string, folder: string): ReadonlySet<string> {
  const own = new Set<string>();
  for (let each = folderOf(path); each !== folder && each !== ''; each = folderOf(each)) {
    const manifest = readTable(context, inFolder(each, 'package.json'));
    for (const name of dependencyNames(manifest)) own.add(name);
  }
  return own;
}

/** A package that a program loads: its name alone. */
const IMPORT = new RegExp(
  '(?:\\brequire(?:\\.resolve)?\\s*\\(\\s*|\\bfrom\\s*|\\bimport\\s*\\(?\\s*)' +
    '[\'"`]((?:@[\\w.-]+\\/)?[\\w.-]+)(?:\\/[^\'"`]*)?[\'"`]',
  'g',
);

function wordPattern(name: string): RegExp {
  const escaped = name.replace(/[/\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(
    `['"\`](?:[^'"\`\\n]*[\\s=:,]|(?:[^'"\`\\n]*/)?node_modules/)?${escaped}(?:[/\\s@,][^'"\`\\n]*)?['"\`]`,
  );
}

/** An import of types alone. */
const TYPES = new RegExp(
  '\\b(?:import|export)\\s+type\\b[^;\'"`]*?\\bfrom\\s*[\'"][^\'"\\n]*[\'"]',
  'g',
);

/** The first package in a program's text that it would miss. */
function usedIn(
  { text, own }: Source,
  { direct, hidden, kept }: Development,
  words: readonly string[],
): string | undefined {
  // Types only: nothing of them is loaded.
  const code = text.replace(TYPES, '');
  const isElsewhere = own.size > 0;
  const named = isElsewhere
    ? undefined
    : words.find((name) => code.includes(name) && wordPattern(name).test(code));
  if (named !== undefined) return named;
  for (const [, name] of code.matchAll(IMPORT)) {
    const isLeft = hidden.has(name!) || (isElsewhere && direct.has(name!));
    if (isLeft && !kept.has(name!) && !own.has(name!) && !BUILTIN.has(name!)) return name;
  }
  return undefined;
}

/** Modules of Node itself that packages of the same name stand for elsewhere. */
const BUILTIN = new Set(
  (
    'assert async_hooks buffer child_process cluster console constants crypto dgram dns domain ' +
    'events fs http http2 https inspector module net os path perf_hooks process punycode ' +
    'querystring readline repl stream string_decoder sys timers tls tty url util v8 vm ' +
    'worker_threads zlib'
  ).split(' '),
);
