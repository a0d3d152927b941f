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
import {
  hasNativeRow,
  namesWithRows,
  nativeNeeds,
  NOTHING,
  type NativeNeeds,
  type NativeScope,
} from './native.ts';
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

export function installNeeds(call: InstallCall, scope: InstallScope, who: NeedBase): NativeNeeds {
  const needs: Need[] = [];
  const doubts: Doubt[] = [];
  const doubt = (why: string): void => {
    // Packages of PHP are its code: what is compiled is an extension of its own.
    if (call.registry === 'packagist') return;
    doubts.push({ when: who.when, by: who.by, why, of: 'libraries' });
  };
  const take = (one: Dependency, path: string): void => {
    const by = path === '' ? `${one.name} (${who.by})` : `${one.name} in ${path}`;
    const found = packageNeeds(one, call, scope, { ...who, by });
    needs.push(...found.needs);
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
      if (python.wheels.length === 0) {
        const { needs: own, doubts: unsure } = listNeeds(packages, call, scope, shown, who.when);
        needs.push(...own);
        doubts.push(...unsure);
      } else for (const each of packages) take(withWheels(each, python.wheels), shown);
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

type Options = Pick<InstallCall, 'registry' | 'omitsDevelopment'>;

/** What one of the packages asks. */
function packageNeeds(
  one: Dependency,
  { registry, omitsDevelopment }: Options,
  scope: NativeScope,
  who: NeedBase,
): NativeNeeds {
  if (omitsDevelopment && one.isDevelopment === true) return NOTHING;
  // Bundler compiles nothing of a gem that lies in the project.
  const isOfProject = one.from !== undefined && !/:\/\/|@/.test(one.from);
  if (registry === 'rubygems' && isOfProject) return NOTHING;
  const found = nativeNeeds(one, registry, scope, who);
  if (one.isDevelopment !== true) return found;
  const needs = found.needs.map((each) => ({ ...each, isOfDevelopment: true as const }));
  return { needs, doubts: found.doubts };
}

/** All that the answer about a list is made of. */
interface ListAsking extends Options, NativeScope {
  readonly shown: string;
  readonly when: NeedBase['when'];
}

const ofLists = new WeakMap<
  readonly Dependency[],
  { readonly of: ListAsking; readonly asked: NativeNeeds }[]
>();

/** What all of a list ask: hundreds, of which few ask for anything; found once for each list. */
function listNeeds(
  packages: readonly Dependency[],
  { registry, omitsDevelopment }: Options,
  { facts, libc, python }: NativeScope,
  shown: string,
  when: NeedBase['when'],
): NativeNeeds {
  let all = ofLists.get(packages);
  if (!all) ofLists.set(packages, (all = []));
  const known = all.find(
    ({ of }) =>
      of.facts === facts &&
      of.libc === libc &&
      of.python === python &&
      of.registry === registry &&
      of.omitsDevelopment === omitsDevelopment &&
      of.shown === shown &&
      of.when === when,
  );
  if (known) return known.asked;
  const of = { facts, libc, python, registry, omitsDevelopment, shown, when };
  const needs: Need[] = [];
  const doubts: Doubt[] = [];
  const withRows = namesWithRows(registry, facts);
  for (const each of packages) {
    // Most of npm's: of the registry, without a row and without a script.
    if (
      registry === 'npm' &&
      each.hasInstallScript === false &&
      each.from === undefined &&
      withRows?.has(each.name) !== true
    ) {
      continue;
    }
    const found = packageNeeds(each, of, of, { when, by: `${each.name} in ${shown}` });
    if (found === NOTHING) continue;
    needs.push(...found.needs);
    doubts.push(...found.doubts);
  }
  const asked = { needs, doubts };
  all.push({ of, asked });
  return asked;
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
    const paths = lists.length > 0 ? wanted : filesIn(place, files);
    const found = dependenciesIn(paths, files).filter((each) => each.registry === registry);
    if (found.length > 0 || place === '' || lists.length > 0) return found;
  }
}

function filesIn(folder: string, files: BuildContext): readonly string[] {
  const found: string[] = [];
  for (const { path, kind } of entriesOf(files)) {
    if (kind === 'file' && folderOf(path) === folder) found.push(path);
  }
  return found;
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
