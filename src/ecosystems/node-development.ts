/** Which packages of a Node project are for development only, and which of its files name them. */
import { entriesOf, entryAt, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { folderOf } from '../analysis/go-paths.ts';
import { matchesAny } from '../analysis/patterns.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { Facts } from '../facts/types.ts';
import type { Development, Mentions } from './answers.ts';
import type { Project } from './ecosystem.ts';
import {
  hasEntry,
  isTable,
  leavesFiles,
  startFindings,
  tableIn,
  textIn,
  under,
} from './findings.ts';
import type { Findings, Table } from './findings.ts';
import { folderOption, installCall } from './node-calls.ts';
import {
  above,
  inFolder,
  quietText,
  readQuietly,
  runsNoScripts,
  toolFor,
  workspaceRoot,
  workspacesOf,
} from './node-projects.ts';

/** `undefined` for a command that installs no project, or one without such packages. */
export function nodeDevelopment(command: SimpleCommand, project: Project): Development | undefined {
  const call = installCall(command, project.facts);
  if (!call || call.words.unknown !== undefined) return undefined;
  const { files } = project;
  const found = startFindings(project);
  const option = folderOption(call) ?? '.';
  if (leavesFiles(project.folder, option)) return undefined;
  const start = under(project.folder, option);
  const own = above(start).find((each) => hasEntry(files, inFolder(each, 'package.json')));
  if (own === undefined) return undefined;
  const tool = toolFor(found, call.program, own);
  if (!tool.shippedOnly) return undefined;
  const root = workspaceRoot(found, own, tool) ?? own;
  const folders = [root, ...workspacesOf(startFindings(project), root, tool)];
  const manifests = folders.flatMap((folder) => {
    const manifest = readQuietly(found, inFolder(folder, 'package.json'));
    return manifest ? [{ folder, manifest }] : [];
  });
  const kept = new Set<string>();
  const direct = new Set<string>();
  for (const { manifest } of manifests) {
    const shipped = ['dependencies', 'optionalDependencies'].flatMap((field) =>
      Object.keys(tableIn(manifest, field)),
    );
    const developed = Object.keys(tableIn(manifest, 'devDependencies'));
    // npm takes what is named twice for development, and leaves it out.
    if (developed.some((name) => shipped.includes(name))) return undefined;
    for (const name of shipped) kept.add(name);
    for (const name of developed) direct.add(name);
  }
  for (const name of kept) direct.delete(name);
  if (direct.size === 0) return undefined;
  const events = runsNoScripts(found, call, tool, root) ? [] : (tool.scripts ?? []);
  return {
    tool,
    manifest: inFolder(root, 'package.json'),
    settings: new Map(
      tool.shippedOnly.settledIn.map(({ file }) => [file, quietText(found, inFolder(root, file))]),
    ),
    direct,
    ...locked(found, root, kept, direct),
    scripts: manifests.flatMap(({ folder, manifest }) =>
      events.flatMap((name) => {
        const text = textIn(manifest, 'scripts', name);
        return text === undefined ? [] : [{ name, text, folder }];
      }),
    ),
  };
}

type Locked = Pick<Development, 'hidden' | 'kept' | 'programs' | 'keptPrograms' | 'knowsPrograms'>;

/** What a lockfile of npm says; of others the names of the packages must do. */
function locked(
  found: Findings,
  root: string,
  asked: ReadonlySet<string>,
  direct: Set<string>,
): Locked {
  const lock = ['npm-shrinkwrap.json', 'package-lock.json']
    .map((name) => readQuietly(found, inFolder(root, name)))
    .find((each) => Object.keys(tableIn(each, 'packages')).length > 0);
  const hidden = new Set<string>();
  const kept = new Set(asked);
  const programs = new Map(
    [...direct].flatMap((name): [string, string][] =>
      // Declarations have no programs, and Node itself is none of a package.
      name.startsWith('@types/') || lastPart(name) === 'node' ? [] : [[lastPart(name), name]],
    ),
  );
  const keptPrograms = new Set([...kept].map(lastPart));
  for (const [path, entry] of Object.entries(tableIn(lock, 'packages'))) {
    if (!isTable(entry) || !path.startsWith('node_modules/')) continue;
    const name = path.slice('node_modules/'.length);
    // What lies deeper is found by one package only.
    if (name.includes('node_modules/')) continue;
    const isLeft = entry['dev'] === true;
    if (isLeft && !direct.has(name)) hidden.add(name);
    if (!isLeft) {
      kept.add(name);
      direct.delete(name);
    }
    for (const program of programsOf(name, entry)) {
      if (isLeft) programs.set(program, name);
      else keptPrograms.add(program);
    }
  }
  for (const program of keptPrograms) {
    if (kept.has(programs.get(program) ?? program)) programs.delete(program);
  }
  return { hidden, kept, programs, keptPrograms, knowsPrograms: lock !== undefined };
}

function programsOf(name: string, entry: Table): string[] {
  const bin = entry['bin'];
  if (typeof bin === 'string') return [lastPart(name)];
  return isTable(bin) ? Object.keys(bin) : [];
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** @param folder of the manifest in the build context */
export function nodeMentions(
  development: Development,
  context: BuildContext,
  folder: string,
  facts: Facts,
): Mentions {
  const unread: string[] = [];
  const sources = facts.manifests.files.flatMap((row) =>
    row.role === 'source' && row.ecosystem === development.tool.ecosystem ? [row.path] : [],
  );
  const bulk = facts.manifests.folders.map(({ name }) => name);
  const words = wordPatterns(development.direct);
  for (const { path, kind } of entriesOf(context)) {
    if (kind !== 'file' || !isWithin(path, folder)) continue;
    const inside = folder === '' ? path : path.slice(folder.length + 1);
    const parts = inside.split('/');
    if (parts.slice(0, -1).some((part) => matchesAny(bulk, part))) continue;
    // `bin/www`: a program without an ending.
    const isSource = matchesAny(sources, parts.at(-1)!) || isProgram(context, path, parts);
    if (!isSource) continue;
    if (matchesAny(facts.development.files, inside) || isOther(context, path, folder)) continue;
    const text = textOf(context, path);
    if (text.kind !== 'text') {
      unread.push(path);
      continue;
    }
    const name = usedIn(text.text, development, words);
    if (name !== undefined) return { used: { path, name }, unread };
  }
  return { used: undefined, unread };
}

function isProgram(context: BuildContext, path: string, parts: readonly string[]): boolean {
  if (parts.at(-1)!.includes('.')) return false;
  return parts.at(-2) === 'bin' || /^#!.*\bnode\b/.test(context.texts.get(path) ?? '');
}

/** Whether a file belongs to a project of its own further down. */
function isOther(context: BuildContext, path: string, folder: string): boolean {
  for (let each = folderOf(path); each !== folder && each !== ''; each = folderOf(each)) {
    if (entryAt(context, `${each}/package.json`)) return true;
  }
  return false;
}

/** A package that a program loads: its name alone. */
const IMPORT = new RegExp(
  '(?:\\brequire(?:\\.resolve)?\\s*\\(\\s*|\\bfrom\\s*|\\bimport\\s*\\(?\\s*)' +
    '[\'"`]((?:@[\\w.-]+\\/)?[\\w.-]+)(?:\\/[^\'"`]*)?[\'"`]',
  'g',
);

function wordPatterns(names: ReadonlySet<string>): readonly (readonly [string, RegExp])[] {
  return [...names].flatMap((name): (readonly [string, RegExp])[] => {
    // Declarations of types are gone when the program runs.
    if (name.startsWith('@types/')) return [];
    const escaped = name.replace(/[/\\^$.*+?()[\]{}|]/g, '\\$&');
    return [
      [
        name,
        new RegExp(
          `['"\`](?:[^'"\`\\n]*[\\s=:,]|(?:[^'"\`\\n]*/)?node_modules/)?${escaped}(?:[/\\s@,][^'"\`\\n]*)?['"\`]`,
        ),
      ],
    ];
  });
}

/** An import of types alone. */
const TYPES = new RegExp(
  '\\b(?:import|export)\\s+type\\b[^;\'"`]*?\\bfrom\\s*[\'"][^\'"\\n]*[\'"]',
  'g',
);

/** The first package in a program's text that it would miss. */
function usedIn(
  text: string,
  { hidden, kept }: Development,
  words: readonly (readonly [string, RegExp])[],
): string | undefined {
  // Types only: nothing of them is loaded.
  const code = text.replace(TYPES, '');
  const named = words.find(([name, pattern]) => code.includes(name) && pattern.test(code));
  if (named) return named[0];
  for (const [, name] of code.matchAll(IMPORT)) {
    if (hidden.has(name!) && !kept.has(name!) && !BUILTIN.has(name!)) return name;
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
