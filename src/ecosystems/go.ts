/** How Go modules are downloaded. `go build` downloads by itself, so that nothing is added to it. */
import type { SimpleCommand } from '../dockerfile/shell.ts';
import { toolOf, type Ecosystem } from './ecosystem.ts';
import {
  hasEntry,
  isFolder,
  leavesFiles,
  read,
  readText,
  refuse,
  result,
  startFindings,
  under,
  type Findings,
} from './findings.ts';
import { goWeigh } from './go-weight.ts';
import { programCall } from './words.ts';

export const go: Ecosystem = {
  id: 'go',
  install: (command, project) => {
    if (!isDownload(command)) return undefined;
    const found = startFindings(project);
    const { facts, folder, variable } = project;
    const tool = toolOf(facts, 'go');
    if (/-mod(file)?=/.test(variable('GOFLAGS') ?? '') || (variable('GOWORK') ?? 'off') !== 'off') {
      refuse(found, 'GOFLAGS or GOWORK tell it to look elsewhere');
    }
    const isWorkspace =
      hasEntry(project.files, under(folder, 'go.work')) && variable('GOWORK') !== 'off';
    const modules = isWorkspace ? workspace(found, folder) : [folder];
    const sums: string[] = [];
    const required: string[] = [];
    for (const each of modules) readModule(found, each, sums, required, []);
    // What the download adds to an incomplete go.sum, the later COPY would take away again.
    const missing = required.find((line) => !sums.some((sum) => sum.includes(`${line} h1:`)));
    const hasSum = [...found.reads].some((path) => /(^|\/)go\.(work\.)?sum$/.test(path));
    if (missing !== undefined && hasSum) {
      refuse(found, `go.sum has no ${missing}: the download would add it`);
    }
    return result(found, tool);
  },
  usual: (command, facts) => (isDownload(command) ? toolOf(facts, 'go').usual : undefined),
  weigh: goWeigh,
};

/** `go mod download` of everything. */
function isDownload(command: SimpleCommand): boolean {
  const { name, args = [] } = programCall(command) ?? {};
  const words = args.map((word) => word.literal);
  if (name !== 'go' || words[0] !== 'mod' || words[1] !== 'download') return false;
  return words.slice(2).every((word) => word === '-x' || word === '-json');
}

/** The folders of the modules that a go.work uses. */
function workspace(found: Findings, folder: string): string[] {
  const text = readText(found, under(folder, 'go.work')) ?? '';
  read(found, under(folder, 'go.work.sum'));
  for (const path of replacements(text)) replaced(found, folder, path, [], []);
  const uses = /\buse\s*\(([^)]*)\)/g;
  const blocks = [...text.matchAll(uses)].flatMap(([, block]) => block!.split('\n'));
  const single = [...text.matchAll(/^\s*use\s+([^\s(]+)\s*(?:\/\/.*)?$/gm)].map(
    ([, path]) => path!,
  );
  const named = [...blocks, ...single].map((line) => withoutComment(line).replace(/^"|"$/g, ''));
  return named.flatMap((path) => {
    if (path === '') return [];
    if (leavesFiles(folder, path)) refuse(found, `${path} is not known`);
    return [under(folder, path)];
  });
}

function withoutComment(line: string): string {
  return line.replace(/\/\/.*$/, '').trim();
}

/** A module that a go.mod names, with its version. */
const REQUIRED = new RegExp('^\\s*(?:require\\s+)?(\\S+\\.\\S+)\\s+(v\\S+)', 'gm');

/** Notes a module's go.mod, its go.sum, and those of the modules that take the place of others. */
function readModule(
  found: Findings,
  folder: string,
  sums: string[],
  required: string[],
  seen: readonly string[],
): void {
  if (seen.includes(folder)) return;
  const text = readText(found, under(folder, 'go.mod'));
  if (text === undefined) {
    return refuse(found, `nothing that is copied before it is a go.mod in /${folder}`);
  }
  const sum = under(folder, 'go.sum');
  if (hasEntry(found.project.files, sum)) sums.push(readText(found, sum) ?? '');
  const elsewhere = new Set(replacedNames(text));
  for (const [, name, version] of text.matchAll(REQUIRED)) {
    if (!elsewhere.has(name!)) required.push(`${name!} ${version!}`);
  }
  for (const path of replacements(text)) replaced(found, folder, path, sums, [...seen, folder]);
}

/** The local folders behind `=>`. */
function replacements(text: string): string[] {
  return [...text.matchAll(/=>\s*"?(\.{1,2}\/[^\s"]*|\.{1,2}|\/[^\s"]*)/g)].map(
    ([, path]) => path!,
  );
}

/** The modules before `=>`. */
function replacedNames(text: string): string[] {
  return [...text.matchAll(/^\s*(?:replace\s+)?(\S+)(?:\s+v\S+)?\s*=>/gm)].map(([, name]) => name!);
}

/** Of a module in a folder only the go.mod is read: go.sum counts in the main module alone. */
function replaced(
  found: Findings,
  folder: string,
  path: string,
  sums: string[],
  seen: readonly string[],
): void {
  const target = under(folder, path);
  if (leavesFiles(folder, path) || !isFolder(found.project.files, target)) {
    return refuse(found, `${path} takes the place of a module, and is not known`);
  }
  readModule(found, target, sums, [], seen);
}
