/**
 * What `dotnet publish` and `dotnet build` make: a folder with the assemblies of a program and of its
 * packages. Which runtime that needs, the project says.
 */
import type { Call } from '../analysis/calls.ts';
import { entriesOf, entryAt, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import { ownName, type Product, type WorkAnswer, type WorkScope } from './work.ts';

const PROJECT = /\.(cs|fs|vb)proj$/;

const VALUES =
  /^(-c|--configuration|-o|--output|-r|--runtime|-f|--framework|-v|--verbosity|-s|--source|-a|--arch|--os|--version-suffix|--manifest|--property|-p|--tl|--artifacts-path)$/;

interface DotnetCall {
  readonly verb: string;
  /** Of the image; a project, a solution or a folder. */
  readonly operand: string;
  readonly options: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
}

export function dotnetWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  if (ownName(call) !== 'dotnet') return undefined;
  const [verb] = call.args;
  if (verb === 'restore') {
    return { ecosystem: 'dotnet', makes: [], runsOn: ['dotnet'] };
  }
  if (verb !== 'publish' && verb !== 'build') return undefined;
  const read = readCall(call);
  if ('why' in read) return read;
  if (!scope.files) return { why: 'nothing is known of the project that it builds' };
  const path = projectOf(read.operand, scope.files);
  if (typeof path !== 'string') return path;
  const text = textOf(scope.files, path);
  if (text.kind !== 'text') return { why: `nothing is known of /${path}` };
  const project = text.text.replace(/<!--[^]*?-->/g, '');
  const refused = whyNot(project, read, folderOf(path), scope.files);
  if (refused !== undefined) return { why: refused };
  const folder = outputOf(read, project, folderOf(path), call.folder);
  if (typeof folder !== 'string') return folder;
  const isStarted = scope.started.some(
    (each) =>
      ownName(each) === 'dotnet' &&
      each.args.some(
        (arg) =>
          arg?.endsWith('.dll') === true &&
          isWithin(pathInside(arg.startsWith('/') ? arg : `${each.folder}/${arg}`), folder),
      ),
  );
  const product: Product = {
    path: folder,
    of: 'sources',
    // A build in front of a publish makes the same once more, somewhere else.
    ...(!isStarted && { isNamed: true as const }),
  };
  const reads = readsProject(scope.files, folderOf(path));
  if (reads !== undefined) return { why: reads };
  const isWeb =
    /Sdk="Microsoft\.NET\.Sdk\.(Web|BlazorWebAssembly|Razor)"/i.test(project) ||
    /Microsoft\.AspNetCore\.(App|All)\b/.test(project);
  return {
    ecosystem: 'dotnet',
    makes: [product],
    runsOn:
      isWeb || refersToWeb(project, path, scope.files) ? ['dotnet', 'aspnetcore'] : ['dotnet'],
    ...loaded(scope.files, folderOf(path)),
  };
}

function readCall({ args, folder }: Call): DotnetCall | { readonly why: string } {
  const options = new Map<string, string>();
  const flags = new Set<string>();
  const operands: string[] = [];
  for (let index = 1; index < args.length; index++) {
    const word = args[index];
    if (word === undefined) return { why: 'nobody knows all that dotnet is told' };
    const [name = '', value] = /^(--?[\w-]+)[=:](.*)$/.exec(word)?.slice(1) ?? [];
    if (/^[-/](p|property):/i.test(word) || word.startsWith('--property=')) flags.add(word);
    else if (value !== undefined) options.set(name, value);
    else if (VALUES.test(word)) options.set(word, args[++index] ?? '');
    else if (word.startsWith('-') || /^\/\w+/.test(word)) flags.add(word);
    else operands.push(word);
  }
  if (operands.length > 1) return { why: 'dotnet is told more than one project' };
  const [operand = '.'] = operands;
  const path = pathInside(operand.startsWith('/') ? operand : `${folder}/${operand}`);
  return { verb: args[0]!, operand: path, options, flags };
}

/** The project that is meant, where it is one. */
function projectOf(path: string, files: BuildContext): string | { readonly why: string } {
  if (PROJECT.test(path)) return path;
  if (/\.slnx?$/.test(path)) return { why: 'a solution may have several programs' };
  const inside = entriesOf(files).filter(
    (each) => each.kind === 'file' && folderOf(each.path) === path,
  );
  const projects = inside.filter((each) => PROJECT.test(each.path));
  const hasSolution = inside.some((each) => /\.slnx?$/.test(each.path));
  const [one] = projects;
  if (!one || projects.length > 1) {
    return { why: `nothing that is copied before it is one project in /${path}` };
  }
  // A solution in the same folder is what dotnet would build.
  const all = entriesOf(files).filter(
    (each) => each.kind === 'file' && PROJECT.test(each.path) && isWithin(each.path, path),
  );
  return hasSolution && all.length > 1 ? { why: 'a solution has several programs' } : one.path;
}

/** Why the folder alone may not be what runs on the runtime's image. */
function whyNot(
  project: string,
  { options, flags, verb }: DotnetCall,
  folder: string,
  files: BuildContext,
): string | undefined {
  const words = [...flags, ...options.keys()].join(' ');
  if (options.has('-r') || options.has('--runtime') || /RuntimeIdentifier/.test(project + words)) {
    return 'it is published for one platform, perhaps with a runtime of its own';
  }
  if (/--self-contained|\b(SelfContained|PublishAot|PublishSingleFile)\b/i.test(project + words)) {
    return 'it may bring a runtime of its own';
  }
  if (
    /--artifacts-path|ArtifactsPath|UseArtifactsOutput|OutputPath|PublishDir/.test(project + words)
  ) {
    return 'the project says where its output lies';
  }
  if (
    /<TargetFrameworks>/.test(project) ||
    /<(TargetFramework|OutputType)>\s*(net4\d|Library)/.test(project)
  ) {
    return 'it is made for several frameworks, or is no program';
  }
  if (/<Exec\b/.test(project)) return 'the project runs commands of its own';
  const shared = entriesOf(files).find(
    ({ path, kind }) =>
      kind === 'file' &&
      /(^|\/)Directory\.Build\.(props|targets)$/i.test(path) &&
      isWithin(folder, folderOf(path)),
  );
  const text = shared && textOf(files, shared.path);
  if (
    text?.kind === 'text' &&
    /OutputPath|RuntimeIdentifier|SelfContained|Artifacts/.test(text.text)
  ) {
    return `/${shared!.path} says more of its output`;
  }
  const framework = frameworkOf(project);
  if (framework === undefined) return 'the project does not say which framework it is made for';
  // Before that, a build looked for its packages where they were downloaded.
  if (verb === 'build' && /^netcoreapp[12]\./.test(framework)) {
    return 'what the build makes looks for its packages in the cache';
  }
  return undefined;
}

function frameworkOf(project: string): string | undefined {
  return /<TargetFramework>\s*(net(?:coreapp)?\d+\.\d+)\s*</.exec(project)?.[1];
}

/** The folder that it writes, without a slash in front. */
function outputOf(
  { options, verb }: DotnetCall,
  project: string,
  projectFolder: string,
  folder: string,
): string | { readonly why: string } {
  const out = options.get('-o') ?? options.get('--output');
  if (out !== undefined) {
    // Until SDK 3, a relative one was taken from the project's folder.
    const from = out.startsWith('/') ? '' : `${folder}/`;
    if (from !== '' && folder !== projectFolder && /netcoreapp/.test(frameworkOf(project)!)) {
      return { why: 'SDKs of that time write beside the project, later ones in the folder' };
    }
    return pathInside(`${from}${out}`);
  }
  const framework = options.get('-f') ?? options.get('--framework') ?? frameworkOf(project)!;
  const isNew = /^net([89]|\d\d)\./.test(framework);
  const usual = verb === 'publish' && isNew ? 'Release' : 'Debug';
  const configuration = options.get('-c') ?? options.get('--configuration') ?? usual;
  const end = verb === 'publish' ? '/publish' : '';
  return pathInside(`${projectFolder}/bin/${configuration}/${framework}${end}`);
}

/** Whether another project that it refers to, or a package, may need the shared framework of servers. */
function refersToWeb(project: string, path: string, files: BuildContext): boolean {
  if (
    /PackageReference[^>]*Include="(Microsoft\.AspNetCore|Swashbuckle|Serilog\.AspNetCore|Grpc\.AspNetCore|Yarp)/.test(
      project,
    )
  ) {
    return true;
  }
  return [...project.matchAll(/<ProjectReference\s[^>]*Include\s*=\s*"([^"]+)"/g)].some(
    ([, each]) => {
      const other = pathInside(`${folderOf(path)}/${each!.replaceAll('\\', '/')}`);
      const text = entryAt(files, other) && textOf(files, other);
      // What is not seen may: the larger image has both.
      return text?.kind !== 'text' || /AspNetCore|Sdk\.(Web|Razor)/.test(text.text);
    },
  );
}

const READS_PROJECT = /["'@$]\.{0,2}[\\/]?(bin|obj)[\\/]|\.csproj["']/;

function readsProject(files: BuildContext, folder: string): string | undefined {
  const found = sourcesIn(files, folder).find(([, text]) => READS_PROJECT.test(text));
  return found && `/${found[0]} names a folder of the build`;
}

function sourcesIn(files: BuildContext, folder: string): readonly (readonly [string, string])[] {
  return [...files.texts].filter(([path]) => /\.(cs|fs|vb)$/.test(path) && isWithin(path, folder));
}

function loaded(files: BuildContext, folder: string): { readonly assumptions?: readonly string[] } {
  const found = sourcesIn(files, folder).filter(([, text]) =>
    /\b(DllImport|LibraryImport)\b|NativeLibrary\.Load|\bSystem\.Drawing\b|CSharpScript|CSharpCompilation/.test(
      text,
    ),
  );
  const [first] = found;
  return first
    ? { assumptions: [`what /${first[0]} loads is in the image (${baseName(first[0])})`] }
    : {};
}
