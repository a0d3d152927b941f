/** The projects that a command of .NET builds, and what they say of themselves. */
import { entriesOf, entryAt, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';

export interface DotnetProject {
  /** Of the image, without a slash in front. */
  readonly path: string;
  readonly folder: string;
  /** Without comments. */
  readonly text: string;
  /** What it is called when it is built, without its ending. */
  readonly assembly: string;
  /** `net8.0`; of the project, or of what all projects of the folder share. */
  readonly framework: string | undefined;
}

export type Refusal = { readonly why: string };

const PROJECT = /\.(cs|fs|vb)proj$/;
const SOLUTION = /\.slnx?$/;

/** The projects that a file or a folder stands for. */
export function projectsAt(path: string, files: BuildContext): readonly DotnetProject[] | Refusal {
  if (PROJECT.test(path)) return read([path], files);
  if (SOLUTION.test(path)) return inSolution(path, files);
  const inside = entriesOf(files).filter(
    (each) => each.kind === 'file' && folderOf(each.path) === path,
  );
  const projects = inside.filter((each) => PROJECT.test(each.path));
  const solutions = inside.filter((each) => SOLUTION.test(each.path));
  // A solution that names the one project, or one that does: the same is built.
  if (
    solutions.length + projects.length > 1 &&
    !(solutions.length === 1 && projects.length === 1)
  ) {
    return { why: `nobody knows which of the projects in /${path} is meant` };
  }
  const [solution] = solutions;
  if (solution) return inSolution(solution.path, files);
  const [one] = projects;
  if (!one) return { why: `nothing that is copied before it is one project in /${path}` };
  return read([one.path], files);
}

function inSolution(path: string, files: BuildContext): readonly DotnetProject[] | Refusal {
  const text = entryAt(files, path) && textOf(files, path);
  if (text?.kind !== 'text') return { why: `nothing is known of /${path}` };
  const named = projectsOf(text.text).filter((each) => PROJECT.test(each));
  if (named.length === 0) return { why: `/${path} names no project` };
  return read(
    named.map((each) => pathInside(`${folderOf(path)}/${each}`)),
    files,
  );
}

/** The projects of a solution, in either of its formats, as it names them. */
export function projectsOf(text: string): string[] {
  const old = [...text.matchAll(/^\s*Project\([^)]*\)\s*=\s*"[^"]*",\s*"([^"]+)"/gm)];
  const xml = [...text.matchAll(/<Project\s[^>]*?Path="([^"]+)"/g)];
  return [...old, ...xml]
    .map(([, path]) => path!.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('proj'));
}

function read(paths: readonly string[], files: BuildContext): readonly DotnetProject[] | Refusal {
  const found: DotnetProject[] = [];
  for (const path of paths) {
    const text = entryAt(files, path) && textOf(files, path);
    if (text?.kind !== 'text') return { why: `nothing is known of /${path}` };
    const project = text.text.replace(/<!--[^]*?-->/g, '');
    const folder = folderOf(path);
    const assembly = /<AssemblyName>\s*([\w.-]+)\s*</.exec(project)?.[1];
    found.push({
      path,
      folder,
      text: project,
      assembly: assembly ?? baseName(path).replace(PROJECT, ''),
      framework: frameworkOf(project) ?? frameworkOf(shared(folder, files)?.text ?? ''),
    });
  }
  return found;
}

/** What all projects below a folder share: the nearest such file counts. */
export function shared(
  folder: string,
  files: BuildContext,
): { readonly path: string; readonly text: string } | undefined {
  const found = entriesOf(files)
    .filter(
      ({ path, kind }) =>
        kind === 'file' &&
        /(^|\/)Directory\.Build\.props$/i.test(path) &&
        isWithin(folder, folderOf(path)),
    )
    .toSorted((a, b) => b.path.length - a.path.length)[0];
  const text = found && textOf(files, found.path);
  return text?.kind === 'text' ? { path: found!.path, text: text.text } : undefined;
}

function frameworkOf(project: string): string | undefined {
  return /<TargetFramework>\s*(net(?:coreapp)?\d+\.\d+)\s*</.exec(project)?.[1];
}

/** Whether a project or one that it refers to, or a package, may need the shared framework of servers. */
export function isWeb(
  { text, path }: Pick<DotnetProject, 'text' | 'path'>,
  files: BuildContext,
  seen: ReadonlySet<string> = new Set(),
): boolean {
  if (
    /Sdk="(Microsoft\.NET\.Sdk\.(Web|BlazorWebAssembly|Razor))/i.test(text) ||
    /Microsoft\.AspNetCore\b/.test(text) ||
    /PackageReference[^>]*Include="(Swashbuckle|Serilog\.AspNetCore|Grpc\.AspNetCore|Yarp|[\w.]*AspNetCore)/.test(
      text,
    )
  ) {
    return true;
  }
  return [...text.matchAll(/<ProjectReference\s[^>]*Include\s*=\s*"([^"]+)"/g)].some(([, each]) => {
    const other = pathInside(`${folderOf(path)}/${each!.replaceAll('\\', '/')}`);
    if (seen.has(other)) return false;
    const found = entryAt(files, other) && textOf(files, other);
    // What is not seen may: the larger image has both.
    if (found?.kind !== 'text') return true;
    return isWeb({ text: found.text, path: other }, files, new Set([...seen, other]));
  });
}

/** Whether a program does without cultures, wherever it runs. */
export function isInvariant({ texts }: BuildContext): boolean {
  return [...texts].some(
    ([path, text]) =>
      /\.(cs|fs|vb)proj$|\.props$|runtimeconfig\.template\.json$/i.test(path) &&
      /<InvariantGlobalization>\s*true|"System\.Globalization\.Invariant":\s*true/i.test(text),
  );
}
