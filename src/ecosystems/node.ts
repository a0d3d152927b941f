/** How Node projects install: npm, yarn, pnpm, bun and bower. */
import type { DependencyTool } from '../facts/types.ts';
import { toolOf, type Ecosystem, type Install, type Project } from './ecosystem.ts';
import {
  hasEntry,
  leavesFiles,
  read,
  readJson,
  refuse,
  result,
  startFindings,
  textIn,
  under,
  use,
  type Findings,
} from './findings.ts';
import { folderOption, installCall, USUAL, type NodeCall } from './node-calls.ts';
import {
  above,
  dependencyNames,
  inFolder,
  quietText,
  readQuietly,
  runsNoScripts,
  toolFor,
  workspaceRoot,
  workspacesOf,
} from './node-projects.ts';
import { nodeDevelopment } from './node-development.ts';
import { nodeLock } from './node-locks.ts';
import { nodeRest } from './node-pruned.ts';
import { nodeWeigh } from './node-weight.ts';
import { nodeWork } from './node-work.ts';
import { ownedBy } from './work.ts';
import { runLifecycle, type NoteInstall } from './node-scripts.ts';
import {
  berrySettings,
  binaries,
  bower,
  classicSettings,
  localDependencies,
  pnpmSettings,
} from './node-settings.ts';
import { valuesOf } from './words.ts';

export const node: Ecosystem = {
  id: 'node',
  install: (command, project) => {
    const call = installCall(command, project.facts);
    return call && installOf(call, project);
  },
  usual: (command, facts) => {
    const call = installCall(command, facts);
    const hasFolder = call !== undefined && folderOption(call) !== undefined;
    return call && !hasFolder ? toolOf(facts, USUAL[call.program]).usual : undefined;
  },
  mayInstall: (command, facts) => installCall(command, facts) !== undefined,
  lock: nodeLock,
  development: nodeDevelopment,
  work: (call, scope) => {
    const work = nodeWork(call, scope);
    return work && ownedBy(work, scope);
  },
  weigh: nodeWeigh,
  rest: nodeRest,
  lockTool: (command, facts) => {
    const call = installCall(command, facts);
    return call && !call.isByLockfile ? toolOf(facts, USUAL[call.program]) : undefined;
  },
};

function installOf(call: NodeCall, project: Project): Install {
  const found = startFindings(project);
  const tool = gather(found, call, project.folder);
  return result(found, tool);
}

/**
 * Notes what an install in the folder reads and writes.
 *
 * @param visited folders in which an install was noted already: a script may install again
 */
function gather(
  found: Findings,
  call: NodeCall,
  folder: string,
  visited: readonly string[] = [],
): DependencyTool {
  const { facts, files } = found.project;
  const { program, words } = call;
  if (words.unknown !== undefined) refuse(found, `nobody knows what ${words.unknown} says`);
  const option = folderOption(call) ?? '.';
  if (leavesFiles(folder, option)) refuse(found, `${option} is not known`);
  const start = under(folder, option);
  const manifestName = program === 'bower' ? 'bower.json' : 'package.json';
  const own = above(start).find((each) => hasEntry(files, inFolder(each, manifestName)));
  if (own === undefined) {
    read(found, inFolder(start, manifestName));
    refuse(found, `nothing that is copied before it is a ${manifestName} in /${start}`);
    return toolOf(facts, USUAL[program]);
  }
  const tool = toolFor(found, program, own);
  if (visited.includes(own)) return tool;
  const noteInstall: NoteInstall = (command, inside) => {
    const inner = installCall(command, facts);
    if (inner) gather(found, inner, inside, [...visited, own]);
    return inner !== undefined;
  };
  if (program === 'bower') bower(found, tool, own);
  else projectInstall(found, call, tool, workspaceRoot(found, own, tool) ?? own, noteInstall);
  return tool;
}

/** An install of npm, yarn, pnpm or bun in the folder that holds the manifest. */
function projectInstall(
  found: Findings,
  call: NodeCall,
  tool: DependencyTool,
  root: string,
  noteInstall: NoteInstall,
): void {
  const { facts } = found.project;
  const manifest = readJson(found, inFolder(root, 'package.json'));
  const members = workspacesOf(found, root, tool);
  // What its own lockfile does not say, npm takes from that of yarn, unless it installs by the former.
  const others = tool.id === 'npm' && !call.isByLockfile ? ['yarn.lock'] : [];
  read(found, ...[...tool.reads, ...others].map((path) => inFolder(root, path)));
  // Some tools look for their settings in the folders above as well.
  for (const folder of above(root).slice(1)) {
    read(found, ...['.npmrc', '.yarnrc', '.yarnrc.yml'].map((name) => inFolder(folder, name)));
  }
  const manifests = [root, ...members].map((folder) => ({
    folder,
    manifest: folder === root ? manifest : readJson(found, inFolder(folder, 'package.json')),
  }));
  for (const { folder } of manifests) {
    const isDeep = tool.writes.filter((path) => path === 'node_modules' || folder === root);
    for (const path of isDeep) found.writes.add(inFolder(folder, path));
  }
  const folder = valuesOf(call.words, '--modules-folder').at(-1);
  if (folder !== undefined) found.writes.add(under(root, folder));
  if (tool.id === 'yarn-classic') classicSettings(found, root);
  if (tool.id === 'yarn-berry') berrySettings(found, root, manifests, call.words);
  if (tool.id === 'pnpm') pnpmSettings(found, root, manifest);
  for (const each of manifests) {
    localDependencies(found, each.folder, each.manifest);
    if (each.folder !== root) binaries(found, each.folder, each.manifest);
    if (tool.id === 'pnpm') read(found, inFolder(each.folder, '.npmrc'));
  }
  if (runsNoScripts(found, call, tool, root)) return;
  const events = scriptsOf(found, tool, root);
  for (const each of manifests) {
    const { folder: place, manifest: own } = each;
    if (own) runLifecycle(found, events, { folder: place, manifest: own, root }, noteInstall);
  }
  const names = new Set(manifests.flatMap((each) => dependencyNames(each.manifest)));
  const locks = tool.reads.map((path) => quietText(found, inFolder(root, path))).join('\n');
  for (const row of facts.installSteps.packages) {
    if (!names.has(row.name) && !mentions(locks, row.name)) continue;
    for (const each of manifests) use(found, each.folder, row, row.name, each.manifest);
  }
}

/** The yarn of the image hands over to a newer one only where the project names that. */
function scriptsOf(found: Findings, tool: DependencyTool, root: string): readonly string[] {
  const own = tool.scripts ?? [];
  if (tool.id !== 'yarn-berry') return own;
  const isNamed = above(root).some(
    (folder) =>
      /^yarnPath:/m.test(quietText(found, inFolder(folder, '.yarnrc.yml'))) ||
      textIn(readQuietly(found, inFolder(folder, 'package.json')), 'packageManager') !== undefined,
  );
  const classic = toolOf(found.project.facts, 'yarn-classic').scripts ?? [];
  return isNamed ? own : [...new Set([...own, ...classic])];
}

/** Whether a lockfile has the package, in whatever format. */
function mentions(locks: string, name: string): boolean {
  // Lockfiles are long.
  if (!locks.includes(name)) return false;
  const escaped = name.replace(/[/\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`(?:^|[\\s"'/])${escaped}(?:@|"|'|:|$)`, 'm').test(locks);
}
