/**
 * What the packages that an install puts in place ask of the system: compilers and headers where
 * they are compiled, libraries and programs when they run. By rows; what no row tells is a doubt.
 */
import type { BuildContext } from '../analysis/context.ts';
import { folderOf, pathInside } from '../analysis/go-paths.ts';
import { entriesOf } from '../analysis/context.ts';
import { dependenciesIn } from '../ecosystems/dependencies.ts';
import { dependency, type Dependency, type Registry } from '../ecosystems/dependency.ts';
import { requirement } from '../ecosystems/python-dependencies.ts';
import { pythonProject } from '../ecosystems/python-project.ts';
import { localGem } from './local-gems.ts';
import { isPlainPackage } from './plain-packages.ts';
import { hasNativeRow, nativeNeeds } from './native.ts';
import { isProjectFolder, pythonLists, withWheels, type PythonLists } from './python-lists.ts';
import type { Doubt, InstallScope, Need, NeedBase } from './need.ts';

const NONE: PythonLists = { lists: [], projects: [], wheels: [] };

/** An install as its words have it. */
export interface InstallCall {
  readonly registry: Registry;
  /** What it names; none: what the project asks for. */
  readonly operands: readonly (string | undefined)[];
  /** Files of requirements that it names. */
  readonly lists: readonly string[];
  /** In the image, without a slash in front. */
  readonly folder: string;
  /** Nothing for development is installed. */
  readonly omitsDevelopment: boolean;
  /** Of Python: folders of archives, and projects whose sources are used where they lie. */
  readonly finds: readonly string[];
  readonly editable: readonly string[];
  /** Nothing is fetched from the registry. */
  readonly isOffline: boolean;
}

export interface Asked {
  readonly needs: readonly Need[];
  readonly doubts: readonly Doubt[];
}

export function installNeeds(call: InstallCall, scope: InstallScope, who: NeedBase): Asked {
  const needs: Need[] = [];
  const doubts: Doubt[] = [];
  const doubt = (why: string): void => {
    // Packages of PHP are its code: what is compiled is an extension of its own.
    if (call.registry === 'packagist') return;
    doubts.push({ when: who.when, by: who.by, why, of: 'libraries' });
  };
  const take = (one: Dependency, path: string): void => {
    if (call.omitsDevelopment && one.isDevelopment === true) return;
    // Bundler compiles nothing of a gem that lies in the project.
    const isOfProject = one.from !== undefined && !/:\/\/|@/.test(one.from);
    if (call.registry === 'rubygems' && isOfProject) return;
    const by = path === '' ? `${one.name} (${who.by})` : `${one.name} in ${path}`;
    const found = nativeNeeds(one, call.registry, scope, { ...who, by });
    const isOfDevelopment = one.isDevelopment === true && { isOfDevelopment: true as const };
    needs.push(...found.needs.map((each) => ({ ...each, ...isOfDevelopment })));
    doubts.push(...found.doubts);
  };
  const isProject = (operand: string | undefined): operand is string =>
    operand !== undefined &&
    call.registry === 'pypi' &&
    scope.files !== undefined &&
    isProjectFolder(operand, call.folder, scope.files);
  for (const operand of call.operands) {
    if (isProject(operand)) continue;
    const local =
      call.registry === 'rubygems' && operand !== undefined
        ? localGem(operand, call.folder, scope.files)
        : undefined;
    if (local) {
      for (const name of local.isCompiled ? ['gcc', 'make'] : []) {
        needs.push({ kind: 'command', name, when: 'build', by: who.by });
      }
      continue;
    }
    const one = operand === undefined ? undefined : named(operand, call.registry);
    if (one) take(one, '');
    else doubt('what it installs is not known');
  }
  const projects = [...call.operands.filter(isProject), ...call.editable];
  if (call.operands.length > 0 && projects.length === 0 && call.lists.length === 0) {
    return { needs, doubts };
  }
  if (!scope.files) {
    doubt('what it installs is not known without the build context');
    return { needs, doubts };
  }
  const python = call.registry === 'pypi' ? pythonLists({ ...call, projects }, scope.files) : NONE;
  for (const path of python.projects) {
    const project = pythonProject(scope.files, path);
    if (!project?.requires) doubt(`what the project in /${path} asks for is not known`);
    if (project?.compiles !== false) doubt(`the project in /${path} may compile`);
    for (const line of project?.requires ?? []) {
      const one = requirement(line);
      if (one) take(withWheels(one, python.wheels), `the project in /${path}`);
    }
  }
  if (call.lists.length === 0 && projects.length > 0) return { needs, doubts };
  const lists = python.lists.length > 0 ? python.lists.map((path) => `/${path}`) : call.lists;
  const found = projectDependencies({ ...call, lists }, scope.files);
  if (found.length === 0) doubt('what it installs is not known');
  for (const { packages, isComplete, path } of found) {
    const shown = path.slice(path.lastIndexOf('/') + 1);
    // Names that rows know bring along nothing that they do not tell.
    if (isComplete || call.registry === 'pypi') {
      for (const each of packages) take(withWheels(each, python.wheels), shown);
    } else {
      const own = packages.filter((each) => !(call.omitsDevelopment && each.isDevelopment));
      const isAllKnown = own.every((each) => isKnownWhole(each, call.registry, scope));
      // What rows tell of some holds, whatever the others bring along.
      for (const each of own) {
        const one = { ...each, version: each.version ?? /\d+(\.\d+)*/.exec(each.range ?? '')?.[0] };
        if (isAllKnown) take(each, shown);
        else if (hasNativeRow(one, call.registry, scope)) take(one, shown);
      }
      if (!isAllKnown) doubt(`${shown} does not say what its packages bring along`);
    }
  }
  return { needs, doubts };
}

/** Whether rows tell of the package and of all that it brings along. */
function isKnownWhole(
  each: Dependency,
  registry: Registry,
  { facts }: Pick<InstallScope, 'facts'>,
): boolean {
  if (registry !== 'npm' || each.from !== undefined) return false;
  return isPlainPackage(each, facts.plainPackages);
}

function projectDependencies(
  { registry, lists, folder }: InstallCall,
  files: BuildContext,
): ReturnType<typeof dependenciesIn> {
  const inImage = (path: string): string =>
    pathInside(path.startsWith('/') ? path : `${folder}/${path}`);
  const wanted = lists.map(inImage);
  // In its folder, or in one above of whose workspaces it is.
  for (let place = folder; ; place = folderOf(place)) {
    const inPlace = entriesOf(files).flatMap(({ path, kind }) =>
      kind === 'file' && folderOf(path) === place ? [path] : [],
    );
    const paths = lists.length > 0 ? wanted : inPlace;
    const found = dependenciesIn(paths, files).filter((each) => each.registry === registry);
    if (found.length > 0 || place === '' || lists.length > 0) return found;
  }
}

/** `pm2@5`, `flask==2.0`, `rails`: one package by its name. */
function named(operand: string, registry: Registry): Dependency | undefined {
  if (/^[./~]|\.(whl|tgz|tar\.gz|gem|zip)$/.test(operand)) return undefined;
  if (registry === 'pypi') return requirement(operand);
  const [, name, version] = /^(@?[^@\s:]+)(?:[@:](.+))?$/.exec(operand) ?? [];
  if (name === undefined) return undefined;
  return dependency(name, {
    version: /^\d+\.\d+/.test(version ?? '') ? version : undefined,
    range: version,
    isDevelopment: false,
  });
}
