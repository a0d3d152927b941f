/** How .NET projects restore. `dotnet build` and `publish` restore by themselves: nothing is added. */
import { contextTree } from '../analysis/context-tree.ts';
import { baseName, folderOf } from '../analysis/go-paths.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import { dotnetWeigh } from './dotnet-weight.ts';
import { projectsOf } from './dotnet-projects.ts';
import { dotnetWork } from './dotnet-work.ts';
import { toolOf, type Ecosystem, type Project } from './ecosystem.ts';
import {
  hasEntry,
  leavesFiles,
  read,
  readText,
  refuse,
  result,
  startFindings,
  under,
  type Findings,
} from './findings.ts';
import { programCall, readWords, type Words } from './words.ts';

export const dotnet: Ecosystem = {
  id: 'dotnet',
  install: (command, project) => {
    const words = restoreWords(command);
    if (!words) return undefined;
    const found = startFindings(project);
    const tool = toolOf(project.facts, 'dotnet');
    if (words.unknown !== undefined) refuse(found, `nobody knows what ${words.unknown} says`);
    const [operand] = words.operands.slice(1);
    const starts = startingPoints(found, project, operand);
    if (starts.length === 0) {
      read(found, under(project.folder, operand ?? '.'));
      refuse(found, `nothing that is copied before it is a project in /${project.folder}`);
    }
    for (const path of starts) readBuildFile(found, path);
    return result(found, tool);
  },
  usual: (command, facts) => {
    const words = restoreWords(command);
    return words && words.operands.length === 1 ? toolOf(facts, 'dotnet').usual : undefined;
  },
  work: dotnetWork,
  weigh: dotnetWeigh,
};

const VALUES = [
  '-r',
  '--runtime',
  '-s',
  '--source',
  '--packages',
  '-v',
  '--verbosity',
  '--configfile',
  '--lock-file-path',
  '-a',
  '--arch',
  '--os',
  '-p',
  '--property',
];

function restoreWords(command: SimpleCommand): Words | undefined {
  const { name, args = [] } = programCall(command) ?? {};
  if (name !== 'dotnet') return undefined;
  const words = readWords(args, VALUES);
  return words.operands[0] === 'restore' && words.operands.length <= 2 ? words : undefined;
}

const PROJECT = /\.(cs|fs|vb)proj$/;
const SOLUTION = /\.slnx?$/;

function startingPoints(found: Findings, { files, folder }: Project, operand?: string): string[] {
  if (operand !== undefined && leavesFiles(folder, operand)) {
    refuse(found, `${operand} is not known`);
    return [];
  }
  const place = under(folder, operand ?? '.');
  if (PROJECT.test(place) || SOLUTION.test(place)) return hasEntry(files, place) ? [place] : [];
  const inside = filesIn(found, place);
  const solutions = inside.filter((path) => SOLUTION.test(path));
  return solutions.length > 0 ? solutions : inside.filter((path) => PROJECT.test(path));
}

function filesIn(found: Findings, folder: string): string[] {
  const tree = contextTree(found.project.files.entries);
  const nodes = folder === '' ? tree.top : (tree.byPath.get(folder)?.children ?? []);
  return nodes.flatMap(({ entry }) => (entry.kind === 'file' ? [entry.path] : []));
}

/** Files that count for all projects in and below their folder, by their names in lower case. */
const SHARED =
  /^(directory\.build\.(props|targets)|directory\.packages\.props|directory\.solution\.(props|targets)|nuget\.config|global\.json|directory\.build\.rsp)$/;

function readBuildFile(found: Findings, path: string): void {
  if (found.reads.has(path)) return;
  const text = readText(found, path)?.replace(/<!--[^]*?-->/g, '');
  if (text === undefined) return refuse(found, `nothing that is copied before it is /${path}`);
  readShared(found, folderOf(path));
  if (SOLUTION.test(path)) {
    for (const each of projectsOf(text)) {
      const target = under(folderOf(path), each);
      if (leavesFiles(folderOf(path), each)) refuse(found, `${each} is not known`);
      else if (hasEntry(found.project.files, target)) readBuildFile(found, target);
    }
    return;
  }
  if (PROJECT.test(path)) {
    const { reads, writes } = toolOf(found.project.facts, 'dotnet');
    read(found, ...reads.map((name) => under(folderOf(path), name)));
    for (const name of writes) found.writes.add(under(folderOf(path), name));
  }
  readReferences(found, path, text);
}

function readShared(found: Findings, folder: string): void {
  for (const path of filesIn(found, folder)) {
    if (!SHARED.test(baseName(path).toLowerCase()) || found.reads.has(path)) continue;
    const text = readText(found, path);
    if (/\.(props|targets)$/i.test(path)) readReferences(found, path, text ?? '');
    // A source of packages may be a folder of the project.
    for (const [, value] of (text ?? '').matchAll(/<add\s[^>]*\bvalue="([^"]+)"/g)) {
      const source = value!.replaceAll('\\', '/');
      if (/nuget\.config$/i.test(path) && !source.includes('://'))
        read(found, under(folder, source));
    }
  }
  if (folder !== '') readShared(found, folderOf(folder));
}

/** Other build files that one names. */
function readReferences(found: Findings, path: string, text: string): void {
  const folder = folderOf(path);
  const named = [
    ...text.matchAll(/<ProjectReference\s[^>]*?Include\s*=\s*"([^"]+)"/g),
    ...text.matchAll(/<Import\s[^>]*?Project\s*=\s*"([^"]+)"/g),
  ].map(([, each]) => each!.replaceAll('\\', '/'));
  for (const each of named) {
    // Those of the SDK and of the packages.
    if (/^\$\((MSBuild|NuGet|VSToolsPath|MSBuildExtensions)/i.test(each) && !isOwn(each)) continue;
    const plain = each.replace(
      /^\$\((MSBuildThisFileDirectory|MSBuildProjectDirectory|ProjectDir)\)\/?/i,
      '',
    );
    if (/[$*?;]/.test(plain)) {
      refuse(found, `${path} names ${each}, which is not known`);
      continue;
    }
    const target = under(folder, plain);
    if (leavesFiles(folder, plain)) refuse(found, `${each} is not known`);
    else if (hasEntry(found.project.files, target)) readBuildFile(found, target);
  }
  if (
    /<(Reference|HintPath|RestoreSources|RestoreAdditionalProjectSources)\b[^>]*>\s*\.{1,2}[\\/]/i.test(
      text,
    )
  ) {
    const sources = /<(RestoreSources|RestoreAdditionalProjectSources)\b/i.test(text);
    if (sources) refuse(found, `${path} takes packages from the project`);
  }
  if (/\[System\.IO\.File\]::|Exists\(\s*'[^']*\.(cs|fs|vb)'/i.test(text)) {
    refuse(found, `${path} reads files`);
  }
}

function isOwn(path: string): boolean {
  return /^\$\((MSBuildThisFileDirectory|MSBuildProjectDirectory)\)/i.test(path);
}
