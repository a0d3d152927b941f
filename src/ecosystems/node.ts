/** How Node projects install: npm, yarn, pnpm, bun and bower. */
import { textOf } from '../analysis/context.ts';
import { folderOf } from '../analysis/go-paths.ts';
import { packageCommand } from '../analysis/packages.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { DependencyTool, Facts } from '../facts/types.ts';
import { toolOf, type Ecosystem, type Install, type Project } from './ecosystem.ts';
import {
  foldersMatching,
  hasEntry,
  isFolder,
  isTable,
  leavesFiles,
  read,
  readJson,
  readText,
  readYaml,
  refuse,
  result,
  startFindings,
  tableIn,
  textIn,
  textsOf,
  under,
  use,
  type Findings,
  type Table,
} from './findings.ts';
import { runLifecycle, type NoteInstall } from './node-scripts.ts';
import { hasOption, programCall, readWords, valuesOf, type Words } from './words.ts';

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
};

const USUAL = {
  npm: 'npm',
  yarn: 'yarn-classic',
  pnpm: 'pnpm',
  bun: 'bun',
  bower: 'bower',
} as const;

type Program = keyof typeof USUAL;

interface NodeCall {
  readonly program: Program;
  readonly words: Words;
  /** `npm ci` and its like. */
  readonly isByLockfile: boolean;
}

/** Of npm, yarn and pnpm: the words that install what the manifest names. */
const INSTALLS: Readonly<Record<string, RegExp>> = {
  npm: /^(install|i|in|ins|inst|ci|clean-install|ic|install-clean)$/,
  yarn: /^install$/,
  pnpm: /^(install|i)$/,
};

/** An install of what the project's manifest names, and of nothing by name. */
function installCall(command: SimpleCommand, facts: Facts): NodeCall | undefined {
  const call = packageCommand(command, facts);
  const id = call?.manager.id ?? '';
  if (call && (id === 'npm' || id === 'yarn' || id === 'pnpm')) {
    const action = call.actionWord?.literal;
    if (call.action !== 'install' || call.operands.length > 0) return undefined;
    if (action !== undefined && !INSTALLS[id]!.test(action)) return undefined;
    const args = call.args.filter((word) => word !== call.actionWord);
    const words = readWords(args, call.manager.valueOptions);
    const isByLockfile = /^(ci|clean-install|ic|install-clean)$/.test(action ?? '');
    return isElsewhere(words) ? undefined : { program: id, words, isByLockfile };
  }
  const { name, args = [] } = programCall(command) ?? {};
  if (name !== 'bun' && name !== 'bower') return undefined;
  const words = readWords(args, ['--cwd', '-c', '--config', '--registry', '--cache-dir']);
  const [action, ...operands] = words.operands;
  const isInstall = /^(install|i|ci)$/.test(action ?? '') && operands.length === 0;
  return isInstall && !isElsewhere(words)
    ? { program: name, words, isByLockfile: action === 'ci' }
    : undefined;
}

/** Global installs, and options that only print. */
function isElsewhere(words: Words): boolean {
  if (valuesOf(words, '--location').includes('global')) return true;
  const odd = ['-g', '--global', '-v', '-V', '--version', '-h', '--help', '--dry-run'];
  return odd.some((option) => words.options.has(option));
}

function folderOption({ program, words }: NodeCall): string | undefined {
  const names = program === 'yarn' || program === 'bun' ? ['--cwd'] : ['--prefix', '-C', '--dir'];
  return valuesOf(words, ...names).at(-1);
}

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

/** The folder and those that it lies in, itself first. */
function above(folder: string): string[] {
  return folder === '' ? [''] : [folder, ...above(folderOf(folder))];
}

function inFolder(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`;
}

/** Yarn is two tools: what the project holds says which one runs. */
function toolFor(found: Findings, program: Program, folder: string): DependencyTool {
  const { facts } = found.project;
  if (program !== 'yarn') return toolOf(facts, USUAL[program]);
  const isBerry = above(folder).some((each) => {
    const manifest = readQuietly(found, inFolder(each, 'package.json'));
    return (
      hasEntry(found.project.files, inFolder(each, '.yarnrc.yml')) ||
      /^yarn@([2-9]|\d\d)/.test(textIn(manifest, 'packageManager') ?? '') ||
      /^__metadata:/m.test(quietText(found, inFolder(each, 'yarn.lock')))
    );
  });
  return toolOf(facts, isBerry ? 'yarn-berry' : 'yarn-classic');
}

/** A text that decides something, without saying that the install reads it. */
function quietText(found: Findings, path: string): string {
  const text = textOf(found.project.files, path);
  return text.kind === 'text' ? text.text : '';
}

function readQuietly(found: Findings, path: string): Table | undefined {
  try {
    const value: unknown = JSON.parse(quietText(found, path).replace(/^\ufeff/, ''));
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The folder above of whose workspaces this one is. */
function workspaceRoot(found: Findings, own: string, tool: DependencyTool): string | undefined {
  const others = above(own).slice(1);
  return others.find((each) => workspacesOf(found, each, tool, true).includes(own));
}

/** The folders of a project's workspaces. */
function workspacesOf(
  found: Findings,
  root: string,
  tool: DependencyTool,
  isQuiet = false,
): string[] {
  const { files } = found.project;
  const path = inFolder(root, 'package.json');
  const manifest = isQuiet ? readQuietly(found, path) : readJson(found, path);
  const field = manifest?.['workspaces'];
  const patterns = textsOf(isTable(field) ? field['packages'] : field);
  if (tool.id === 'pnpm') {
    const workspace = inFolder(root, 'pnpm-workspace.yaml');
    if (!hasEntry(files, workspace)) return [];
    const yaml = isQuiet ? quietYaml(found, workspace) : readYaml(found, workspace);
    return foldersMatching(files, root, textsOf(yaml?.['packages']), 'package.json');
  }
  return foldersMatching(files, root, patterns, 'package.json');
}

function quietYaml(found: Findings, path: string): Table | undefined {
  return readYaml({ ...startFindings(found.project) }, path);
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
  const escaped = name.replace(/[/\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`(?:^|[\\s"'/])${escaped}(?:@|"|'|:|$)`, 'm').test(locks);
}

const DEPENDENCIES = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
] as const;

function dependencyNames(manifest: Table | undefined): string[] {
  return DEPENDENCIES.flatMap((field) => Object.keys(tableIn(manifest, field)));
}

/** Whether no script of the project runs. */
function runsNoScripts(
  found: Findings,
  { words }: NodeCall,
  tool: DependencyTool,
  root: string,
): boolean {
  const { variable } = found.project;
  if (hasOption(words, '--ignore-scripts', '--install.ignore-scripts')) return true;
  if (tool.id === 'yarn-berry') return valuesOf(words, '--mode').includes('skip-build');
  const isSet = ['npm_config_ignore_scripts', 'NPM_CONFIG_IGNORE_SCRIPTS'].some(
    (name) => variable(name) === 'true',
  );
  const settings = ['.npmrc', '.yarnrc'].map((name) => quietText(found, inFolder(root, name)));
  return isSet || settings.some((text) => /^\s*ignore-scripts[ =]+"?true/m.test(text));
}

/** Dependencies that lie in the project: archives are read, folders are sources. */
function localDependencies(found: Findings, folder: string, manifest: Table | undefined): void {
  const fields = [...DEPENDENCIES, 'resolutions', 'overrides', 'pnpm'] as const;
  for (const field of fields) {
    for (const [name, value] of textsBelow(tableIn(manifest, field))) {
      localDependency(found, folder, name, value);
    }
  }
}

/** All texts of a table, however deep, with the name that stands before them. */
function textsBelow(table: Table): [string, string][] {
  return Object.entries(table).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'string') return [[name, value]];
    return isTable(value) ? textsBelow(value) : [];
  });
}

function localDependency(found: Findings, folder: string, name: string, spec: string): void {
  const { files } = found.project;
  const patch = /^patch:.*#(?!builtin|optional!builtin|~builtin)(?:optional!)?([^:&]+)/.exec(spec);
  if (patch) {
    for (const path of patch[1]!.split('&')) read(found, under(folder, path.replace(/^~\//, '')));
    return;
  }
  if (spec.startsWith('exec:')) return refuse(found, `${name} is made by a script of the project`);
  const path = /^(?:file|link|portal):(.*)$/.exec(spec)?.[1] ?? localPath(spec);
  if (path === undefined) return;
  const target = under(folder, path.replace(/^\/\/(?=\.|[^/])/, ''));
  if (leavesFiles(folder, path) || isFolder(files, target) || !hasEntry(files, target)) {
    return refuse(found, `${name} is a folder of the project: ${spec}`);
  }
  read(found, target);
}

/** What npm takes for a path: a dot or slash in front, or the name of an archive. */
function localPath(spec: string): string | undefined {
  if (/^(\.{0,2}\/|~\/)/.test(spec)) return spec;
  return /^[\w.-]+(\/[\w.-]+)*\.(tgz|tar\.gz|tar)$/.test(spec) ? spec : undefined;
}

/** Commands of workspaces are linked at the install, and only where their files are there. */
function binaries(found: Findings, folder: string, manifest: Table | undefined): void {
  const bin = manifest?.['bin'];
  const paths = isTable(bin) ? Object.values(bin) : [bin];
  for (const path of textsOf(paths)) read(found, under(folder, path));
  const directory = textIn(manifest, 'directories', 'bin');
  if (directory !== undefined) read(found, under(folder, directory));
}

function classicSettings(found: Findings, root: string): void {
  const text = quietText(found, inFolder(root, '.yarnrc'));
  for (const [, path] of text.matchAll(/^\s*(?:yarn-path|yarn-offline-mirror)\s+"?([^"\n]+)"?/gm)) {
    read(found, under(root, path!.trim()));
  }
}

function berrySettings(
  found: Findings,
  root: string,
  manifests: readonly { readonly manifest: Table | undefined }[],
  words: Words,
): void {
  const { files } = found.project;
  const settings = above(root)
    .map((folder) => inFolder(folder, '.yarnrc.yml'))
    .find((path) => hasEntry(files, path));
  const yaml = settings === undefined ? undefined : readYaml(found, settings);
  const folder = settings === undefined ? root : folderOf(settings);
  const plugins = yaml?.['plugins'];
  const paths = Array.isArray(plugins)
    ? plugins.flatMap((each) => (isTable(each) ? textsOf(each['path']) : textsOf(each)))
    : [];
  for (const path of [
    ...paths,
    ...textsOf(yaml?.['yarnPath']),
    ...textsOf(yaml?.['cacheFolder']),
  ]) {
    read(found, under(folder, path));
  }
  for (const name of ['releases', 'plugins', 'patches', 'cache', 'versions']) {
    read(found, inFolder(folder, `.yarn/${name}`));
  }
  if (yaml?.['enableConstraintsChecks'] === true) {
    refuse(found, 'yarn checks constraints, which are a program of the project');
  }
  const path = inFolder(root, 'yarn.lock');
  if (!hasEntry(files, path) || hasOption(words, '--immutable', '--frozen-lockfile')) return;
  const lock = readText(found, path) ?? '';
  if (!/^__metadata:/m.test(lock)) {
    refuse(found, 'yarn would write yarn.lock anew, and the later COPY would undo that');
    return;
  }
  const [{ manifest } = { manifest: undefined }] = manifests;
  const resolved = new Set(Object.keys(tableIn(manifest, 'resolutions')).map(lastName));
  for (const each of manifests) {
    for (const field of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      for (const [name, spec] of Object.entries(tableIn(each.manifest, field))) {
        if (typeof spec !== 'string' || resolved.has(name) || /^(workspace|catalog):/.test(spec)) {
          continue;
        }
        if (lock.includes(`${name}@npm:${spec}`) || lock.includes(`${name}@${spec}`)) continue;
        refuse(found, `yarn.lock has no ${name}@${spec}: the install would change it`);
      }
    }
  }
}

/** `parent/@scope/name@range` → `@scope/name`. */
function lastName(pattern: string): string {
  return /((?:@[^/@]+\/)?[^/@]+)(?:@[^/]*)?$/.exec(pattern)?.[1] ?? pattern;
}

/** A file of the project that a program loads. */
const LOADS_FILES = new RegExp('\\b(require|import)\\b[^\\n]*[\'"]\\.{1,2}/');

function pnpmSettings(found: Findings, root: string, manifest: Table | undefined): void {
  const { files } = found.project;
  const path = inFolder(root, 'pnpm-workspace.yaml');
  const yaml = hasEntry(files, path) ? readYaml(found, path) : undefined;
  for (const table of [tableIn(manifest, 'pnpm'), yaml ?? {}]) {
    for (const patch of Object.values(tableIn(table, 'patchedDependencies'))) {
      for (const each of textsOf(patch)) read(found, under(root, each));
    }
    const hook = textIn(table, 'pnpmfile');
    if (hook !== undefined) read(found, under(root, hook));
    for (const [name, spec] of textsBelow(tableIn(table, 'overrides'))) {
      localDependency(found, root, name, spec);
    }
  }
  for (const catalog of ['catalog', 'catalogs']) {
    for (const [name, spec] of textsBelow(tableIn(yaml, catalog))) {
      localDependency(found, root, name, spec);
    }
  }
  const isInjected = textsBelowAny(tableIn(manifest, 'dependenciesMeta'), 'injected');
  if (isInjected) refuse(found, 'a workspace is copied into node_modules as it is');
  for (const name of ['.pnpmfile.cjs', '.pnpmfile.mjs', 'pnpmfile.js']) {
    const text = quietText(found, inFolder(root, name));
    if (LOADS_FILES.test(text)) {
      refuse(found, `${name} loads other files`);
    }
  }
}

function textsBelowAny(table: Table, field: string): boolean {
  return Object.values(table).some((value) => isTable(value) && value[field] === true);
}

function bower(found: Findings, tool: DependencyTool, folder: string): void {
  const manifest = readJson(found, inFolder(folder, 'bower.json'));
  const path = inFolder(folder, '.bowerrc');
  const settings = hasEntry(found.project.files, path) ? readJson(found, path) : undefined;
  const target = textIn(settings, 'directory') ?? tool.writes[0]!;
  found.writes.add(under(folder, target));
  if (Object.keys(tableIn(settings, 'scripts')).length > 0) {
    refuse(found, '.bowerrc has scripts');
  }
  for (const [name, spec] of Object.entries({
    ...tableIn(manifest, 'dependencies'),
    ...tableIn(manifest, 'devDependencies'),
  })) {
    if (typeof spec === 'string' && localPath(spec) !== undefined) {
      refuse(found, `${name} is a folder of the project`);
    }
  }
}
