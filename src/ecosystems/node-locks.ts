/** Whether the lockfile that an install of a Node project finds is in sync with its manifests. */
import { parseJson, parseYaml } from './parse-text.ts';
import { baseName } from '../analysis/go-paths.ts';
import { entryAt, gapsOf, isWithin } from '../analysis/context.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { DependencyTool } from '../facts/types.ts';
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
import type { Lock, LockVerdict } from './answers.ts';
import { differs, inSync, plainTextAt } from './lock.ts';
import { npmEntries, type LockedManifest } from './locked.ts';
import { folderOption, installCall, type NodeCall } from './node-calls.ts';
import {
  above,
  inFolder,
  quietText,
  readQuietly,
  toolFor,
  workspaceRoot,
  workspacesOf,
} from './node-projects.ts';
import { npmLockVerdict } from './npm-lock.ts';
import { pnpmLockVerdict } from './pnpm-lock.ts';
import { hasOption } from './words.ts';
import { isBerryLock, yarnLockVerdict } from './yarn-lock.ts';

/** `undefined` for a command that installs no project, or by a tool that has no lockfile. */
export function nodeLock(command: SimpleCommand, project: Project): Lock | undefined {
  const call = installCall(command, project.facts);
  if (!call || call.program === 'bower' || call.isByLockfile) return undefined;
  const { files } = project;
  const found = startFindings(project);
  const option = folderOption(call) ?? '.';
  const refused = (why: string): Lock => ({ kind: 'refused', why });
  if (call.words.unknown !== undefined) {
    return refused(`nobody knows what ${call.words.unknown} says`);
  }
  if (leavesFiles(project.folder, option)) return refused(`${option} is not known`);
  const start = under(project.folder, option);
  const own = above(start).find((each) => hasEntry(files, inFolder(each, 'package.json')));
  if (own === undefined) return undefined;
  const tool = toolFor(found, call.program, own);
  const root = workspaceRoot(found, own, tool) ?? own;
  const members = workspacesOf({ ...found }, root, tool);
  const writes = [root, ...members].map((folder) => inFolder(folder, 'node_modules'));
  const manifest = inFolder(root, 'package.json');
  const gap = gapsOf(files).find(({ path }) => isWithin(manifest, path));
  if (gap) return refused(`/${gap.path} ${gap.why}`);
  const name = tool.frozen?.locks.find((each) => hasEntry(files, inFolder(root, each)));
  if (name === undefined) {
    return { kind: 'absent', tool, folder: root, manifest };
  }
  const path = inFolder(root, name);
  if (entryAt(files, path)?.kind !== 'file') return refused(`${path} is no file`);
  const verdict = verdictOf(found, call, tool, root, members, path);
  return { kind: 'locked', tool, path, verdict, writes };
}

function verdictOf(
  found: Findings,
  call: NodeCall,
  tool: DependencyTool,
  root: string,
  members: readonly string[],
  path: string,
): LockVerdict {
  const { project } = found;
  const text = plainTextAt(project, path);
  if (text === undefined) return differs('cannot be read');
  const manifests: LockedManifest[] = [];
  for (const folder of [root, ...members]) {
    const manifest = readQuietly(found, inFolder(folder, 'package.json'));
    if (!manifest)
      return differs(`stands beside a ${inFolder(folder, 'package.json')} that cannot be read`);
    manifests.push({ folder: root === '' ? folder : folder.slice(root.length + 1), manifest });
  }
  switch (tool.id) {
    case 'npm': {
      const lock = parsed(text, parseJson);
      if (!lock) return differs('cannot be read');
      const odd = oddSetting(found, root);
      if (odd !== undefined) return differs(`is not what counts: ${odd}`);
      const linked = linkedManifests(found, root, lock, manifests);
      return npmLockVerdict({
        lock,
        manifests: [...manifests, ...linked],
        members: manifests.slice(1),
        ignoresPeers: ignoresPeers(found, call, root),
      });
    }
    case 'yarn-classic':
      return isBerryLock(text)
        ? differs('is of a newer Yarn')
        : yarnLockVerdict(
            text,
            manifests.map(({ manifest }) => manifest),
          );
    case 'pnpm': {
      const lock = parsed(text, parsedYaml);
      if (!lock) return differs('cannot be read');
      const workspace = parsed(
        quietText(found, inFolder(root, 'pnpm-workspace.yaml')) || '{}',
        parsedYaml,
      );
      const hasHooks = ['.pnpmfile.cjs', '.pnpmfile.mjs', 'pnpmfile.js'].some((name) =>
        hasEntry(project.files, inFolder(root, name)),
      );
      const isSet =
        /^\s*(auto-install-peers|dedupe-peer|exclude-links|inject-workspace|peers-suffix)/m;
      const hasSettings = isSet.test(quietText(found, inFolder(root, '.npmrc')));
      return pnpmLockVerdict({
        lock,
        manifests,
        workspace: workspace ?? {},
        hasHooks: hasHooks || hasSettings,
      });
    }
    default: {
      // A later Yarn and Bun write their lockfiles anew with every version of theirs.
      const missing = manifests.flatMap(({ manifest }) =>
        ['dependencies', 'devDependencies'].flatMap((field) =>
          Object.keys(tableIn(manifest, field)).filter((each) => !text.includes(each)),
        ),
      );
      if (!path.endsWith('.lockb') && missing.length > 0) return differs(`has no ${missing[0]!}`);
      return inSync([], [`${baseName(path)} is what the ${call.program} of the image would write`]);
    }
  }
}

function parsed(text: string, parse: (text: string) => unknown): Table | undefined {
  try {
    const value = parse(text);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function parsedYaml(text: string): unknown {
  return parseYaml(text);
}

const ODD_SETTINGS = [
  'package-lock',
  'shrinkwrap',
  'install-links',
  'install-strategy',
  'before',
].map((name) => {
  const variable = `npm_config_${name.replaceAll('-', '_')}`;
  return {
    name,
    line: new RegExp(`^\\s*${name}\\s*=\\s*"?(?!(true|hoisted)"?\\s*$)`, 'm'),
    variables: [variable, variable.toUpperCase()],
  };
});

/** Settings of npm under which the lockfile is not read, or read otherwise. */
function oddSetting(found: Findings, root: string): string | undefined {
  const { variable } = found.project;
  const settings = above(root)
    .map((folder) => quietText(found, inFolder(folder, '.npmrc')))
    .filter((text) => text !== '');
  for (const { name, line, variables } of ODD_SETTINGS) {
    if (name === 'install-links' && settings.some((text) => /^\s*install-links\s*=/m.test(text))) {
      return '.npmrc sets install-links';
    }
    if (settings.some((text) => line.test(text))) return `.npmrc sets ${name}`;
    const odd = variables.find((each) => variable(each) !== undefined);
    if (odd !== undefined) return `${odd} is set`;
  }
  return undefined;
}

function ignoresPeers(found: Findings, { words }: NodeCall, root: string): boolean {
  const { variable } = found.project;
  const names = ['npm_config_legacy_peer_deps', 'NPM_CONFIG_LEGACY_PEER_DEPS'];
  return (
    hasOption(words, '--legacy-peer-deps') ||
    names.some((name) => variable(name) === 'true') ||
    above(root).some((folder) =>
      /^\s*legacy-peer-deps\s*=\s*"?true/m.test(quietText(found, inFolder(folder, '.npmrc'))),
    )
  );
}

/** Folders of the project that are dependencies, and no workspaces. */
function linkedManifests(
  found: Findings,
  root: string,
  lock: Table,
  known: readonly LockedManifest[],
): LockedManifest[] {
  const paths = new Set<string>();
  for (const { entry } of npmEntries(lock)) {
    const path = entry['link'] === true ? textIn(entry, 'resolved') : undefined;
    if (path !== undefined) paths.add(path);
  }
  return [...paths].flatMap((folder) => {
    if (known.some((each) => each.folder === folder)) return [];
    const manifest = readQuietly(found, under(root, `${folder}/package.json`));
    return manifest ? [{ folder, manifest }] : [];
  });
}
