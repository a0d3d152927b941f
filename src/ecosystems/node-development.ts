/** Which packages of a Node project are for development only. */
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { Development } from './answers.ts';
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
import { npmEntries } from './locked.ts';
import { folderOption, installCall, type NodeCall } from './node-calls.ts';
import {
  above,
  forbidsScripts,
  inFolder,
  quietText,
  readQuietly,
  runsNoScripts,
  toolFor,
  workspaceRoot,
  workspacesOf,
} from './node-projects.ts';

interface Asked extends Pick<Project, 'files' | 'folder' | 'facts'> {
  /** Of the variables, all that counts. */
  readonly isScriptless: boolean;
  readonly development: Development | undefined;
}

const answers = new RunMemory<SimpleCommand, Asked>();

/** `undefined` for a command that installs no project, or one without such packages. */
export function nodeDevelopment(command: SimpleCommand, project: Project): Development | undefined {
  const { files, folder, facts } = project;
  const call = installCall(command, facts);
  if (!call || call.words.unknown !== undefined) return undefined;
  const last = answers.get(command);
  const isScriptless = forbidsScripts(project.variable);
  if (
    last?.files === files &&
    last.folder === folder &&
    last.facts === facts &&
    last.isScriptless === isScriptless
  ) {
    return last.development;
  }
  const development = newDevelopment(call, project);
  answers.set(command, { files, folder, facts, isScriptless, development });
  return development;
}

function newDevelopment(call: NodeCall, project: Project): Development | undefined {
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
    ...locked(found, root, kept, direct),
    scripts: manifests.flatMap(({ folder, manifest }) =>
      events.flatMap((name) => {
        const text = textIn(manifest, 'scripts', name);
        return text === undefined ? [] : [{ name, text, folder }];
      }),
    ),
  };
}

type Locked = Pick<
  Development,
  'direct' | 'hidden' | 'kept' | 'programs' | 'keptPrograms' | 'knowsPrograms'
>;

const known = new RunMemory<Table, Map<string, Locked>>();

/** What a lockfile of npm says; of others the names of the packages must do. */
function locked(
  found: Findings,
  root: string,
  shipped: ReadonlySet<string>,
  named: ReadonlySet<string>,
): Locked {
  const lock = ['npm-shrinkwrap.json', 'package-lock.json']
    .map((name) => readQuietly(found, inFolder(root, name)))
    .find((each) => each !== undefined && npmEntries(each).length > 0);
  if (!lock) return readLocked(undefined, shipped, named);
  let byNames = known.get(lock);
  if (!byNames) known.set(lock, (byNames = new Map<string, Locked>()));
  const key = `${[...shipped].join('\0')}\0\0${[...named].join('\0')}`;
  let answer = byNames.get(key);
  if (!answer) byNames.set(key, (answer = readLocked(lock, shipped, named)));
  return answer;
}

function readLocked(
  lock: Table | undefined,
  asked: ReadonlySet<string>,
  named: ReadonlySet<string>,
): Locked {
  const direct = new Set(named);
  const hidden = new Set<string>();
  const kept = new Set(asked);
  const programs = new Map(
    [...direct].flatMap((name): [string, string][] =>
      // Declarations have no programs, and Node itself is none of a package.
      name.startsWith('@types/') || lastPart(name) === 'node' ? [] : [[lastPart(name), name]],
    ),
  );
  const keptPrograms = new Set([...kept].map(lastPart));
  for (const { path, at, entry } of lock ? npmEntries(lock) : []) {
    // What lies deeper is found by one package only.
    if (at !== 0) continue;
    const name = path.slice('node_modules/'.length);
    const isLeft = entry['dev'] === true;
    if (isLeft && !direct.has(name)) hidden.add(name);
    if (!isLeft) {
      kept.add(name);
      direct.delete(name);
    }
    for (const program of entry['bin'] === undefined ? [] : programsOf(name, entry)) {
      if (isLeft) programs.set(program, name);
      else keptPrograms.add(program);
    }
  }
  for (const program of keptPrograms) {
    if (kept.has(programs.get(program) ?? program)) programs.delete(program);
  }
  return { direct, hidden, kept, programs, keptPrograms, knowsPrograms: lock !== undefined };
}

function programsOf(name: string, entry: Table): string[] {
  const bin = entry['bin'];
  if (typeof bin === 'string') return [lastPart(name)];
  return isTable(bin) ? Object.keys(bin) : [];
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
