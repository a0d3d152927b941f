/** How Mix fetches dependencies. A mix.exs is a program: what it does beyond naming them refuses. */
import { isWithin } from '../analysis/context.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import { elixirWeigh } from './elixir-weight.ts';
import { elixirWork } from './elixir-work.ts';
import { toolOf, type Ecosystem } from './ecosystem.ts';
import {
  foldersMatching,
  hasEntry,
  read,
  readText,
  refuse,
  result,
  startFindings,
  under,
  type Findings,
} from './findings.ts';
import { programCall, readWords } from './words.ts';

export const elixir: Ecosystem = {
  id: 'elixir',
  install: (command, project) => {
    const tasks = tasksOf(command);
    if (!tasks) return undefined;
    const found = startFindings(project);
    const { files, folder } = project;
    const tool = toolOf(project.facts, 'mix');
    readProject(found, folder, false);
    const text = readText(found, under(folder, 'mix.exs')) ?? '';
    const apps = /\bapps_path:\s*"([^"]+)"/.exec(text)?.[1];
    const members =
      apps === undefined ? [] : foldersMatching(files, folder, [`${apps}/*`], 'mix.exs');
    for (const each of members) readProject(found, each, true);
    read(found, ...tool.reads.map((path) => under(folder, path)));
    for (const each of [folder, ...members]) readConfig(found, each);
    for (const path of tool.writes) found.writes.add(under(folder, path));
    if (tasks.includes('deps.compile')) found.writes.add(under(folder, '_build'));
    return result(found, tool);
  },
  usual: (command, facts) => {
    const tasks = tasksOf(command);
    const isFetch = tasks?.every((task) => task === 'deps.get');
    return isFetch ? toolOf(facts, 'mix').usual : undefined;
  },
  work: elixirWork,
  weigh: elixirWeigh,
};

/** The tasks of a call that fetches or compiles dependencies and does nothing else. */
function tasksOf(command: SimpleCommand): string[] | undefined {
  const { name, args = [] } = programCall(command) ?? {};
  if (name !== 'mix') return undefined;
  const { operands, unknown } = readWords(args, ['--only']);
  if (unknown !== undefined) return undefined;
  const isList = operands[0] === 'do';
  const text = operands.slice(isList ? 1 : 0).join(' ');
  const tasks = isList ? text.split(/\s*,\s*|\s+\+\s+/) : [text];
  const isKnown = tasks.every((task) =>
    /^(deps\.get|deps\.compile|local\.hex|local\.rebar)$/.test(task),
  );
  return isKnown && tasks.some((task) => task.startsWith('deps.')) ? tasks : undefined;
}

/** @param isMember of an umbrella whose other applications are read as well */
function readProject(found: Findings, folder: string, isMember: boolean): void {
  const path = under(folder, 'mix.exs');
  if (!hasEntry(found.project.files, path)) {
    read(found, path);
    return refuse(found, `nothing that is copied before it is a mix.exs in /${folder}`);
  }
  const text = (readText(found, path) ?? '').replace(/^\s*#.*$/gm, '');
  if (/\bpath:/.test(text) || (/\bin_umbrella:/.test(text) && !isMember)) {
    refuse(found, `a dependency of ${path} lies in a folder of the project`);
  }
  refuseReaders(found, path, text);
}

/** The configuration is a program as well. */
function readConfig(found: Findings, folder: string): void {
  const config = under(folder, 'config');
  read(found, config);
  for (const { path, kind } of found.project.files.entries) {
    if (kind !== 'file' || !isWithin(path, config)) continue;
    if (path.endsWith('.exs')) refuseReaders(found, path, readText(found, path) ?? '');
  }
}

function refuseReaders(found: Findings, path: string, text: string): void {
  const code = text.replace(/^\s*#.*$/gm, '');
  const reader = /\b(File|Path|Code|System\.cmd|:file)\b\.?\w*/.exec(code);
  if (reader) refuse(found, `${path} may read the sources: ${reader[0]}`);
}
