/** What a Node project says beside its dependencies, and where those lie that lie in the project. */
import { folderOf } from '../analysis/go-paths.ts';
import type { DependencyTool } from '../facts/types.ts';
import {
  hasEntry,
  isFolder,
  isTable,
  leavesFiles,
  read,
  readJson,
  readText,
  readYaml,
  refuse,
  tableIn,
  textIn,
  textsOf,
  under,
  type Findings,
  type Table,
} from './findings.ts';
import { above, DEPENDENCIES, inFolder, quietText } from './node-projects.ts';
import { hasOption, type Words } from './words.ts';

/** Dependencies that lie in the project: archives are read, folders are sources. */
export function localDependencies(
  found: Findings,
  folder: string,
  manifest: Table | undefined,
): void {
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
export function binaries(found: Findings, folder: string, manifest: Table | undefined): void {
  const bin = manifest?.['bin'];
  const paths = isTable(bin) ? Object.values(bin) : [bin];
  for (const path of textsOf(paths)) read(found, under(folder, path));
  const directory = textIn(manifest, 'directories', 'bin');
  if (directory !== undefined) read(found, under(folder, directory));
}

export function classicSettings(found: Findings, root: string): void {
  const text = quietText(found, inFolder(root, '.yarnrc'));
  for (const [, path] of text.matchAll(/^\s*(?:yarn-path|yarn-offline-mirror)\s+"?([^"\n]+)"?/gm)) {
    read(found, under(root, path!.trim()));
  }
}

export function berrySettings(
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

export function pnpmSettings(found: Findings, root: string, manifest: Table | undefined): void {
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

export function bower(found: Findings, tool: DependencyTool, folder: string): void {
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
