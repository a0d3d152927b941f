/** Where the settings of TypeScript, Nest and Angular say that builds write. */
import { entryAt, textOf, type BuildContext } from '../analysis/context.ts';
import { folderOf } from '../analysis/go-paths.ts';
import { isTable, tableIn, textIn, textsOf, under, type Table } from './findings.ts';
import { inFolder } from './node-projects.ts';
import { parseJson } from './parse-text.ts';

interface Place {
  readonly files: BuildContext;
  /** Of the image, in which the tool runs. */
  readonly folder: string;
}

/** A file of JSON, perhaps with comments and commas too many; `undefined` where it is none. */
export function readTable(files: BuildContext, path: string): Table | undefined {
  const text = textOf(files, path);
  if (text.kind !== 'text') return undefined;
  try {
    const value = parsed(text.text);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    const bare = text
      .replace(/^\ufeff/, '')
      .replace(/("(?:[^"\\]|\\.)*")|\/\*[^]*?\*\/|\/\/[^\n]*/g, (_, word?: string) => word ?? '')
      .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, word?: string) => word ?? '');
    return JSON.parse(bare);
  }
}

/** Folders that `tsc` writes; `undefined` where it writes beside the sources, or nobody knows. */
export function tsconfigOutputs(
  args: readonly string[],
  { files, folder }: Place,
): string[] | undefined {
  if (args.includes('--noEmit')) return [];
  const option = valueOf(args, ['--outDir', '--outdir']);
  if (option !== undefined) return [under(folder, option)];
  const project = valueOf(args, ['-p', '--project', '--p']) ?? '.';
  const named = under(folder, project);
  const path = entryAt(files, named)?.kind === 'file' ? named : inFolder(named, 'tsconfig.json');
  const found = compilerOptions(files, path, 0);
  if (!found) return undefined;
  if (found.noEmit === true) return [];
  return found.outDir === undefined ? undefined : [found.outDir];
}

interface Options {
  /** Of the image. */
  readonly outDir: string | undefined;
  readonly noEmit: boolean | undefined;
}

const DEEPEST = 5;

function compilerOptions(files: BuildContext, path: string, depth: number): Options | undefined {
  const table = readTable(files, path);
  if (!table || depth > DEEPEST || Array.isArray(table['references'])) return undefined;
  const options = tableIn(table, 'compilerOptions');
  if (['outFile', 'declarationDir'].some((name) => options[name] !== undefined)) return undefined;
  const { outDir, noEmit } = options;
  let below: Options = { outDir: undefined, noEmit: undefined };
  for (const each of textsOf(table['extends'])) {
    // Those of packages name no folder of the project.
    if (!/^\.{0,2}\//.test(each) && each !== '..') continue;
    const target = under(folderOf(path), each);
    const isFile = entryAt(files, target)?.kind === 'file';
    const next = compilerOptions(files, isFile ? target : `${target}.json`, depth + 1);
    if (!next) return undefined;
    below = { outDir: next.outDir ?? below.outDir, noEmit: next.noEmit ?? below.noEmit };
  }
  if (typeof outDir === 'string' && outDir.includes('$')) return undefined;
  return {
    outDir: typeof outDir === 'string' ? under(folderOf(path), outDir) : below.outDir,
    noEmit: typeof noEmit === 'boolean' ? noEmit : below.noEmit,
  };
}

export function nestOutputs(args: readonly string[], place: Place): string[] | undefined {
  const { files, folder } = place;
  const settings = inFolder(folder, 'nest-cli.json');
  const nest = readTable(files, settings);
  if (entryAt(files, settings) && !nest) return undefined;
  const isOdd = /"(outDir|monorepo|projects)"/.test(JSON.stringify(nest ?? {}));
  if (isOdd) return undefined;
  const own = textIn(nest, 'compilerOptions', 'tsConfigPath') ?? valueOf(args, ['--path', '-p']);
  const names = own === undefined ? ['tsconfig.build.json', 'tsconfig.json'] : [own];
  const name = names.find((each) => entryAt(files, inFolder(folder, each)));
  const outputs = name === undefined ? undefined : tsconfigOutputs(['-p', name], place);
  return outputs && outputs.length > 0 ? outputs : undefined;
}

export function angularOutputs({ files, folder }: Place): string[] | undefined {
  const table = readTable(files, inFolder(folder, 'angular.json'));
  const projects = Object.values(tableIn(table, 'projects'));
  const builds = projects.flatMap((project) => {
    const targets = isTable(project)
      ? { ...tableIn(project, 'architect'), ...tableIn(project, 'targets') }
      : {};
    const build = targets['build'];
    return isTable(build) ? [build] : [];
  });
  // Of several projects one is built, or nobody knows which.
  if (builds.length !== 1) return undefined;
  const text = JSON.stringify(builds[0]);
  const count = text.split('"outputPath"').length - 1;
  const own = tableIn(builds[0], 'options')['outputPath'];
  if (count === 0) return [inFolder(folder, 'dist')];
  const path =
    typeof own === 'string' ? own : textIn(tableIn(builds[0], 'options'), 'outputPath', 'base');
  return count === 1 && path !== undefined ? [under(folder, path)] : undefined;
}

function valueOf(args: readonly string[], names: readonly string[]): string | undefined {
  for (const name of names) {
    const at = args.indexOf(name);
    if (at >= 0) return args[at + 1];
    const joined = args.find((arg) => arg.startsWith(`${name}=`));
    if (joined !== undefined) return joined.slice(name.length + 1);
  }
  return undefined;
}
