/** Where the project of a Node install lies: its manifest, its workspaces, which Yarn it is for. */
import { parseJson } from './parse-text.ts';
import { textOf } from '../analysis/context.ts';
import { folderOf } from '../analysis/go-paths.ts';
import type { DependencyTool } from '../facts/types.ts';
import { toolOf } from './ecosystem.ts';
import {
  foldersMatching,
  hasEntry,
  isTable,
  readJson,
  readYaml,
  startFindings,
  tableIn,
  textIn,
  textsOf,
  type Findings,
  type Table,
} from './findings.ts';
import { USUAL, type NodeCall, type Program } from './node-calls.ts';
import { hasOption, valuesOf } from './words.ts';

/** The folder and those that it lies in, itself first. */
export function above(folder: string): string[] {
  return folder === '' ? [''] : [folder, ...above(folderOf(folder))];
}

export function inFolder(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`;
}

/** Yarn is two tools: what the project holds says which one runs. */
export function toolFor(found: Findings, program: Program, folder: string): DependencyTool {
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
export function quietText(found: Findings, path: string): string {
  const text = textOf(found.project.files, path);
  return text.kind === 'text' ? text.text : '';
}

export function readQuietly(found: Findings, path: string): Table | undefined {
  const text = quietText(found, path);
  // In most folders lies no manifest, and to throw takes its time.
  if (text === '') return undefined;
  try {
    const value = parseJson(text);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The folder above of whose workspaces this one is. */
export function workspaceRoot(
  found: Findings,
  own: string,
  tool: DependencyTool,
): string | undefined {
  const others = above(own).slice(1);
  return others.find((each) => workspacesOf(found, each, tool, true).includes(own));
}

/** The folders of a project's workspaces. */
export function workspacesOf(
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

export const DEPENDENCIES = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
] as const;

export function dependencyNames(manifest: Table | undefined): string[] {
  return DEPENDENCIES.flatMap((field) => Object.keys(tableIn(manifest, field)));
}

/** Whether a variable of npm says that no scripts run. */
export function forbidsScripts(variable: Findings['project']['variable']): boolean {
  return (
    variable('npm_config_ignore_scripts') === 'true' ||
    variable('NPM_CONFIG_IGNORE_SCRIPTS') === 'true'
  );
}

/** Whether no script of the project runs. */
export function runsNoScripts(
  found: Findings,
  { words }: NodeCall,
  tool: DependencyTool,
  root: string,
): boolean {
  if (hasOption(words, '--ignore-scripts', '--install.ignore-scripts')) return true;
  if (tool.id === 'yarn-berry') return valuesOf(words, '--mode').includes('skip-build');
  return (
    forbidsScripts(found.project.variable) ||
    ['.npmrc', '.yarnrc'].some((name) =>
      /^\s*ignore-scripts[ =]+"?true/m.test(quietText(found, inFolder(root, name))),
    )
  );
}
