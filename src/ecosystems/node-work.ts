/** What the commands of a Node build make: installs, tools that are put beside the project, builds. */
import { plainName, type Call } from '../analysis/calls.ts';
import { textOf, type BuildContext } from '../analysis/context.ts';
import { matchesWhole, occurring, rowsOfProgram } from '../analysis/patterns.ts';
import { packageCommand } from '../analysis/packages.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { DependencyTool, Facts } from '../facts/types.ts';
import { toolOf } from './ecosystem.ts';
import {
  hasEntry,
  leavesFiles,
  startFindings,
  tableIn,
  textIn,
  under,
  type Table,
} from './findings.ts';
import { builtBy, builtByScripts, type Built } from './node-builds.ts';
import { folderOption, installCall, type NodeCall } from './node-calls.ts';
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
import { fontsOf } from './node-fonts.ts';
import { omitsDevelopment, thinningOf } from './node-thinning.ts';
import { rawMaterial } from './site-work.ts';
import { isUnvisited } from './unvisited.ts';
import {
  ownName,
  wordsOf,
  type Product,
  type Work,
  type WorkAnswer,
  type WorkScope,
} from './work.ts';

const MANAGERS = /^(npm|yarn|yarnpkg|pnpm|bun)$/;
const RUNNERS = /^(npx|pnpx|bunx|node|nodejs|cross-env|npm-run-all|run-s|run-p)$/;

export function nodeWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const name = ownName(call);
  const words = wordsOf(call);
  const { facts } = scope;
  const tool = rowsOfProgram(facts.work.projectTools, name).find(
    (row) => row.makes === undefined || (row.isInto === undefined && row.makes.length > 0),
  );
  const isBinary = call.program.includes('node_modules/.bin/');
  if (name === 'corepack') return corepackWork(words, scope);
  const isManager = MANAGERS.test(name);
  if (isManager && isGlobal(call)) return globalWork(call, scope);
  if (isManager && /^(link|unlink)\b/.test(words)) {
    return { why: `"${name} ${words.split(' ')[0]}" makes links outside the project` };
  }
  if (isManager && /^set version\b/.test(words))
    return { why: '"yarn set version" changes which Yarn runs' };
  if (isManager && /^(config (set|delete)|set|config:set)\b/.test(words)) return setting(scope);
  const isOurs = isManager || RUNNERS.test(name) || isBinary || tool?.ecosystem === 'node';
  if (!isOurs) return undefined;
  if (!scope.files) return { why: 'nothing is known of the build context' };
  const install = installCall(call.command, facts);
  if (install) return installWork(install, call, scope);
  const project = projectAt(call.folder, 'npm', scope);
  if (project === undefined && !isBinary && /^node(js)?$/.test(name)) return undefined;
  const root = project?.root ?? call.folder;
  if (isManager && /^(prune|autoclean)\b/.test(words)) {
    return { ...modulesOf(root), leaves: ['packages for development'] };
  }
  if (isManager && !/^(run|run-script|exec|x|dlx|start)\b/.test(words) && isChanging(call, scope)) {
    return whole(root);
  }
  const built = answerOf(builtBy(call, root, scope), root);
  if ('why' in built) return built;
  const products = built.within === undefined ? built.makes.map(({ path }) => path) : [];
  return { ...built, ...rawMaterial(root, products, scope) };
}

/** Settings of the account: for installs that the shipped image has as well. */
function setting(scope: WorkScope): Work {
  const isRead = scope.later.some((call) => MANAGERS.test(ownName(call)) && isGlobal(call));
  const isCalled = scope.started.some(
    (call) => MANAGERS.test(ownName(call)) || ownName(call) === 'npx',
  );
  return { ecosystem: 'node', makes: [], ...((isRead || isCalled) && { isRepeated: true }) };
}

/** `npm install x`, `npm rebuild`, `npm pkg set`: they change the project and its packages. */
function isChanging(call: Call, { facts }: WorkScope): boolean {
  const action = packageCommand(call.command, facts)?.action;
  return (
    (action !== undefined && /^(install|remove|update|upgrade)$/.test(action)) ||
    /^(init|pkg|version|rebuild|dedupe|prune|update|up|add|remove|install|import|create|audit)\b/.test(
      wordsOf(call),
    )
  );
}

function modulesOf(root: string): Work {
  return {
    ecosystem: 'node',
    makes: [{ path: inFolder(root, 'node_modules'), of: 'dependencies' }],
  };
}

function whole(root: string): WorkAnswer {
  if (root === '') return { why: 'the project lies at the top of the image' };
  return { ecosystem: 'node', makes: [], within: root };
}

function answerOf({ makes, isWhole, why }: Built, root: string): WorkAnswer {
  if (why !== undefined) return { why };
  const outside = makes.find(({ path }) => path === '' || path === root);
  if (isWhole || outside) {
    const own = whole(root);
    return 'why' in own ? own : { ...own, makes: makes.filter(({ path }) => path !== root) };
  }
  return { ecosystem: 'node', makes };
}

export interface NodeProject {
  readonly own: string;
  readonly root: string;
  readonly members: readonly string[];
  readonly tool: DependencyTool;
  readonly manifest: Table | undefined;
}

interface Projects {
  readonly facts: Facts;
  readonly byPlace: Map<string, NodeProject | undefined>;
}

const projects = new RunMemory<BuildContext, Projects>();

export function projectAt(
  folder: string,
  program: NodeCall['program'],
  scope: WorkScope,
): NodeProject | undefined {
  const { facts } = scope;
  const files = scope.files!;
  let all = projects.get(files);
  if (all?.facts !== facts) projects.set(files, (all = { facts, byPlace: new Map() }));
  const { byPlace } = all;
  const key = `${program} ${folder}`;
  if (!byPlace.has(key)) byPlace.set(key, findProject(folder, program, files, facts));
  return byPlace.get(key);
}

/** By the files alone: no variable says where a project lies. */
function findProject(
  folder: string,
  program: NodeCall['program'],
  files: BuildContext,
  facts: Facts,
): NodeProject | undefined {
  const found = startFindings({ files, folder, facts, variable: () => undefined });
  const own = above(folder).find((each) => hasEntry(files, inFolder(each, 'package.json')));
  if (own === undefined) return undefined;
  const isPnpm = above(own).some((each) => hasEntry(files, inFolder(each, 'pnpm-workspace.yaml')));
  const tool = isPnpm ? toolOf(facts, 'pnpm') : toolFor(found, program, own);
  const root = workspaceRoot(found, own, tool) ?? own;
  const members = workspacesOf(found, root, tool, true);
  return { own, root, members, tool, manifest: readQuietly(found, inFolder(root, 'package.json')) };
}

function installWork(install: NodeCall, call: Call, scope: WorkScope): WorkAnswer {
  const option = folderOption(install) ?? '.';
  if (install.words.unknown !== undefined)
    return { why: `nobody knows what ${install.words.unknown} says` };
  if (leavesFiles(call.folder, option)) return { why: `${option} is not known` };
  const start = under(call.folder, option);
  if (install.program === 'bower') return whole(start);
  const project = projectAt(start, install.program, scope);
  if (!project) return { why: `nothing that is copied before it is a package.json in /${start}` };
  const { root, tool, manifest } = project;
  const outside = outsidePackage(project, scope);
  if (outside !== undefined) return { why: outside };
  const place = placeOf(project, install, scope);
  if (place !== 'plain') return place === 'whole' ? whole(root) : { why: place.why };
  const built = builtByScripts(lifecycle(project, install, scope), root, scope);
  const binding = bindingOf(project, install, scope);
  if (built.why !== undefined) return { why: built.why };
  const thins = thinningOf(call, root, scope);
  const names = Object.keys({
    ...tableIn(manifest, 'dependencies'),
    ...tableIn(manifest, 'optionalDependencies'),
  });
  const isOmitted = omitsDevelopment(call, scope);
  const all =
    isOmitted === true ? names : [...names, ...Object.keys(tableIn(manifest, 'devDependencies'))];
  const isEmpty = all.length === 0 && tool.id === 'npm';
  const modules: Product = { path: inFolder(root, 'node_modules'), of: 'dependencies' };
  const isIdle = (names.length === 0 && thins !== undefined) || isUnvisited(root, scope);
  const readBy = isIdle ? NOTHING : programs(names, scope);
  const fonts = fontsOf(names, root, scope.atEnd, scope.facts);
  const work: Work = {
    ecosystem: 'node',
    ...(fonts.length > 0 && { packages: fonts }),
    makes: [...(isEmpty ? [] : [modules]), ...built.makes, ...binding],
    ...(built.isWhole ? { within: root } : built.makes.length + binding.length === 0 && { readBy }),
    ...(thins && names.length > 0 && { thins }),
    ...(isOmitted === true &&
      isInstalledBefore(call, scope) && { leaves: ['packages for development'] }),
    ...(binding.length > 0 && { assumptions: linkedBy(project, scope) }),
  };
  return work.within === '' ? whole('') : work;
}

/** Whether packages for development lie in a layer below. */
function isInstalledBefore(call: Call, scope: WorkScope): boolean {
  return scope.earlier.some(
    (each) =>
      each.folder === call.folder &&
      installCall(each.command, scope.facts) !== undefined &&
      omitsDevelopment(each, scope) === false,
  );
}

/** A pattern that no program matches. */
const NOTHING = '(?!)';

/** All programs but those that hand out files, unless those are packages of the project themselves. */
function programs(names: readonly string[], { facts }: WorkScope): string {
  const own = names.map((name) => name.slice(name.lastIndexOf('/') + 1).replace(/\W/g, '.'));
  const other = own.length === 0 ? NOTHING : `(?:${own.join('|')})`;
  return `${other}|(?!(?:${facts.work.staticServers})$).*`;
}

/** A package that puts something beside node_modules when it is installed. */
function outsidePackage(project: NodeProject, scope: WorkScope): string | undefined {
  let rows = outside.get(project);
  if (!rows) outside.set(project, (rows = findOutside(project, scope)));
  const row = rows.find(({ unless }) =>
    unless.every((name) => (scope.variable(name) ?? '') === ''),
  );
  return row && `the package ${row.package} ${row.why}`;
}

type Outside = Facts['work']['outsidePackages'];

// A project goes with its files, and the facts. Lockfiles are long.
const outside = new RunMemory<NodeProject, Outside>();

function findOutside({ root, manifest }: NodeProject, { files, facts }: WorkScope): Outside {
  const names = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((field) =>
    Object.keys(tableIn(manifest, field)),
  );
  const locks = ['package-lock.json', 'yarn.lock', 'pnpm-lock.yaml'].map((name) => {
    const text = textOf(files!, inFolder(root, name));
    return text.kind === 'text' ? text.text : '';
  });
  const rows = facts.work.outsidePackages;
  const any = anyOf(rows);
  const told = locks.filter((text) => any.test(text));
  const has = (name: string): boolean =>
    names.includes(name) ||
    told.some(
      (text) => text.includes(name) && new RegExp(`(^|[\\s"'/])${name}(@|"|'|:)`, 'm').test(text),
    );
  return rows.filter((each) => has(each.package));
}

const namesOfRows = new WeakMap<Outside, RegExp>();

/** One pattern of all names: long texts are gone through once, and hardly one has any of them. */
function anyOf(rows: Outside): RegExp {
  let pattern = namesOfRows.get(rows);
  if (!pattern) {
    const names = rows.map((row) => row.package.replace(/[/\\^$.*+?()[\]{}|]/g, '\\$&'));
    namesOfRows.set(rows, (pattern = new RegExp(names.join('|') || NOTHING)));
  }
  return pattern;
}

/** Whether all packages lie in one folder beside the manifest. */
function placeOf(
  { root, members, tool, manifest }: NodeProject,
  { words }: NodeCall,
  scope: WorkScope,
): 'plain' | 'whole' | { readonly why: string } {
  const found = startFindings({
    files: scope.files!,
    folder: root,
    facts: scope.facts,
    variable: scope.variable,
  });
  const texts = ['.npmrc', '.yarnrc', '.yarnrc.yml', 'bunfig.toml'].map((name) =>
    quietText(found, inFolder(root, name)),
  );
  if (tool.id === 'yarn-berry') {
    const isLinked = /^nodeLinker:\s*["']?(node-modules|pnpm)/m.test(texts[2]!);
    return isLinked ? 'whole' : { why: 'Yarn keeps the packages in a folder of the account' };
  }
  const local = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((field) =>
    Object.values(tableIn(manifest, field)).filter(
      (value): value is string => typeof value === 'string' && /^(file|link|portal):/.test(value),
    ),
  );
  const isOutside = local.some((value) => {
    const target = under(root, value.slice(value.indexOf(':') + 1));
    return target !== root && !target.startsWith(`${root}/`);
  });
  if (isOutside) return { why: 'a package of the project lies outside its folder' };
  const isOdd =
    local.length > 0 ||
    members.length > 0 ||
    words.options.has('--modules-folder') ||
    words.options.has('--modules-dir') ||
    texts.some((text) =>
      /modules-(folder|dir)|virtual-store-dir|node-linker\s*=\s*pnp|--modules-folder/.test(text),
    ) ||
    textIn(manifest, 'installConfig', 'pnp') !== undefined;
  return isOdd ? 'whole' : 'plain';
}

/** Scripts of the manifest that the install runs itself. */
function lifecycle(
  { root, tool, manifest }: NodeProject,
  install: NodeCall,
  { files, facts, variable }: WorkScope,
): { readonly text: string; readonly folder: string }[] {
  const found = startFindings({ files: files!, folder: root, facts, variable });
  if (runsNoScripts(found, install, tool, root)) return [];
  return (tool.scripts ?? []).flatMap((event) => {
    const text = textIn(manifest, 'scripts', event);
    return text === undefined ||
      /^(node-gyp|node-pre-gyp|prebuild-install|node-gyp-build)\b/.test(text)
      ? []
      : [{ text, folder: root }];
  });
}

/** What the add-on of the project itself is compiled into. */
function bindingOf(
  { root, tool }: NodeProject,
  install: NodeCall,
  { files, facts, variable }: WorkScope,
): Product[] {
  const found = startFindings({ files: files!, folder: root, facts, variable });
  const isCompiled =
    hasEntry(files!, inFolder(root, 'binding.gyp')) && !runsNoScripts(found, install, tool, root);
  return isCompiled ? [{ path: inFolder(root, 'build'), of: 'sources' }] : [];
}

/** What an add-on of the project links beside the libc, where its settings name something. */
function linkedBy({ root }: NodeProject, { files }: WorkScope): readonly string[] {
  const text = textOf(files!, inFolder(root, 'binding.gyp'));
  const isPlain =
    text.kind === 'text' &&
    !/libraries|ldflags|pkg-config|link_settings|\.so\b|\.a\b/.test(text.text);
  return isPlain ? [] : [`the add-on of /${root} links no library but the libc`];
}

export function isGlobal(call: Call): boolean {
  const words = wordsOf(call);
  return /(^| )(-g|--global|--location[= ]global)( |$)/.test(words) || words.startsWith('global ');
}

/** The packages that a global install names, without versions. */
function namesOf(call: Call, { facts }: WorkScope): string[] {
  const operands =
    packageCommand(call.command, facts)?.operands.map(({ literal }) => literal) ?? [];
  const plain =
    operands.length > 0
      ? operands
      : call.args.filter((arg) => arg?.startsWith('-') !== true).slice(1);
  return plain.map((name) => (name ?? '?').replace(/(?<=.)@[^/]*$/, ''));
}

/** Programs of packages that have other names than these. */
const PROGRAMS: Readonly<Record<string, string>> = {
  typescript: 'tsc|tsserver',
  '@angular/cli': 'ng',
  '@nestjs/cli': 'nest',
  '@vue/cli': 'vue',
  'gulp-cli': 'gulp',
  'grunt-cli': 'grunt',
  'webpack-cli': 'webpack',
};

/** A tool that lies outside the project: the build's alone, or the shipped image gets it the same way. */
/** A manager that it fetched when the build first called it is in a cache, and not where only it is enabled. */
function corepackWork(words: string, scope: WorkScope): WorkAnswer {
  const all = [...scope.earlier, ...scope.later];
  const isFetched = [
    words,
    ...all.filter((each) => ownName(each) === 'corepack').map(wordsOf),
  ].some((each) => /^(prepare|install|use|up|hydrate)\b/.test(each));
  const late = scope.started.map(ownName).find((each) => /^(yarn|pnpm)$/.test(each));
  if (late !== undefined && !isFetched) {
    return { why: `the container starts ${late}, which Corepack fetches when it is first called` };
  }
  return globalTool(['yarn', 'pnpm'], scope);
}

/** Folders and archives, and the project itself: what the build makes of it is not there elsewhere. */
function globalWork(call: Call, scope: WorkScope): WorkAnswer {
  const names = namesOf(call, scope);
  const isInstall = installCall(call.command, scope.facts) !== undefined;
  const isLocal = names.some((name) => /^(\.|\/|~|file:|link:)|\.tgz$/.test(name));
  return isLocal || (isInstall && names.length === 0)
    ? { why: `"${ownName(call)}" installs what lies in the image for all of the system` }
    : globalTool(names, scope);
}

function globalTool(names: readonly string[], scope: WorkScope): WorkAnswer {
  const { started, image, atEnd } = scope;
  const isOf = (program: string): boolean =>
    names.some((name) => {
      const last = name.slice(name.lastIndexOf('/') + 1);
      const others = PROGRAMS[name];
      if (others !== undefined) return matchesWhole(others, program);
      return program === last || program.startsWith(`${last}-`) || name === '?';
    });
  const isKnown =
    names.length > 0 &&
    names.every((name) => PROGRAMS[name] !== undefined || /^(@[\w.-]+\/)?[\w.-]+$/.test(name));
  const { spawners } = scope.facts.programs;
  const starting = [...(atEnd?.texts ?? [])].flatMap(([path, text]) => {
    const row = spawners.find((each) => matchesWhole(each.files, path));
    const code = row ? occurring(row.code) : /\b(spawn|exec)\w*\s*\(/;
    return code.test(text) ? [text] : [];
  });
  const isSpawned = names.some((name) => {
    const word = PROGRAMS[name] ?? name.slice(name.lastIndexOf('/') + 1).replace(/\W/g, '.');
    const called = new RegExp(`(['"\`]|[|&;] *)(${word})[\\s'"\`]`);
    return starting.some((text) => called.test(text));
  });
  const isNeeded =
    !isKnown ||
    isSpawned ||
    (scope.variable('NODE_PATH') ?? '') !== '' ||
    started.some((each) => {
      const program = ownName(each);
      const isElsewhere =
        each.program.includes('/') || image?.hasCommand(plainName(program)) === 'yes';
      return isOf(program) || (!isElsewhere && !PLAIN.test(program));
    });
  return {
    ecosystem: 'node',
    makes: [],
    ...(isNeeded ? { isRepeated: true } : { leaves: names.filter((name) => !MANAGERS.test(name)) }),
  };
}

/** Programs that no package of npm brings. */
const PLAIN = /^(nginx|httpd|apache2\w*|tini|dumb-init|docker-entrypoint\.sh|next|nuxt|nest|vite)$/;
