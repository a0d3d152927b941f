/**
 * What `dotnet publish` and `dotnet build` make: a folder with the assemblies of a program and of its
 * packages. Which runtime that needs, the project says.
 */
import type { Call } from '../analysis/calls.ts';
import { entriesOf, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import { isInvariant, isWeb, projectsAt, type DotnetProject } from './dotnet-projects.ts';
import {
  ownName,
  type PackageWish,
  type Product,
  type WorkAnswer,
  type WorkScope,
} from './work.ts';

const VALUES =
  /^(-c|--configuration|-o|--output|-r|--runtime|-f|--framework|-v|--verbosity|-s|--source|-a|--arch|--os|--version-suffix|--manifest|--property|-p|--tl|--artifacts-path)$/;

interface DotnetCall {
  readonly verb: string;
  /** Of the image; a project, a solution or a folder. */
  readonly operand: string;
  /** Where it runs. */
  readonly folder: string;
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
  const { files } = scope;
  if (!files) return { why: 'nothing is known of the project that it builds' };
  const projects = projectsAt(read.operand, files);
  if ('why' in projects) return projects;
  const programs = startedFrom(projects, scope);
  const makes: Product[] = [];
  for (const project of programs) {
    const refused = whyNot(project, read, files) ?? readsProject(files, project.folder);
    if (refused !== undefined) return { why: refused };
    const folders = outputsOf(read, project, projects.length > 1, scope);
    if ('why' in folders) return folders;
    for (const [index, path] of folders.entries()) {
      // A build in front of a publish makes the same once more, somewhere else.
      const isStarted = startsIn(path, scope);
      if (index > 0 && !isStarted) continue;
      if (isStarted && isOld(project) && (index > 0 || read.verb === 'build')) {
        // Before .NET Core 3, a build looked for its packages where they were downloaded.
        return { why: 'what the build makes looks for its packages in the cache' };
      }
      if (makes.some((each) => each.path === path)) continue;
      makes.push({ path, of: 'sources', ...(!isStarted && { isNamed: true as const }) });
    }
  }
  return {
    ecosystem: 'dotnet',
    makes,
    runsOn: projects.some((each) => isWeb(each, files)) ? ['dotnet', 'aspnetcore'] : ['dotnet'],
    ...loaded(files, programs),
    ...(isInvariant(files) ? {} : { packages: [cultures(files)] }),
    ...leftBehind(read, makes, files, scope),
  };
}

/** Alpine's images for the run time have no cultures, and tell programs to do without. */
function cultures({ texts }: BuildContext): PackageWish {
  const hasZones = [...texts].some(
    ([path, text]) => /\.(cs|fs|vb)$/.test(path) && /\bTimeZoneInfo\b|NodaTime/.test(text),
  );
  return {
    what: 'cultures',
    names: (_, manager) =>
      manager === 'apk' ? ['icu-data-full', 'icu-libs', ...(hasZones ? ['tzdata'] : [])] : [],
  };
}

/** The projects of a solution that a container starts; all of them where that does not show. */
function startedFrom(
  projects: readonly DotnetProject[],
  { started }: WorkScope,
): readonly DotnetProject[] {
  const names = started.flatMap(({ program, args }) =>
    [program, ...args].flatMap((arg) =>
      arg === undefined
        ? []
        : [
            baseName(arg)
              .replace(/\.dll$/, '')
              .toLowerCase(),
          ],
    ),
  );
  const found = projects.filter(({ assembly }) => names.includes(assembly.toLowerCase()));
  return found.length > 0 ? found : projects;
}

/** Whether a container starts what lies in the folder, by the runtime or by itself. */
function startsIn(folder: string, { started }: WorkScope): boolean {
  return started.some(({ program, args, folder: from }) => {
    const at = (word: string): string =>
      pathInside(word.startsWith('/') ? word : `${from}/${word}`);
    return (
      args.some((arg) => arg?.endsWith('.dll') === true && isIn(at(arg), folder)) ||
      (program.includes('/') && isIn(at(program), folder))
    );
  });
}

/** Whether it lies in the folder itself, not in one below. */
function isIn(path: string, folder: string): boolean {
  return folderOf(path) === folder;
}

/**
 * What lies beside the sources and is not read where the container starts: a server of .NET takes its
 * settings and pages from the folder in which it is started, which is the one that is made, or one
 * with sources. What the code names elsewhere is kept.
 */
function leftBehind(
  { folder }: DotnetCall,
  makes: readonly Product[],
  files: BuildContext,
  { started }: WorkScope,
): { readonly onlyBuild?: readonly string[] } {
  const [own] = started;
  if (own === undefined || started.some((each) => each.folder !== own.folder)) return {};
  const texts = [...files.texts].filter(
    ([path]) =>
      /\.(cs|fs|vb|cshtml|razor)$/.test(path) || /(^|\/)appsettings[^/]*\.json$/.test(path),
  );
  const isSaid = (pattern: RegExp): boolean => texts.some(([, text]) => pattern.test(text));
  if (isSaid(/["'@$(]\.\.[\\/"']|"\.\."|GetParent\(/)) return {};
  const isInside = makes.some(({ path }) => path === own.folder);
  if (isInside && folder !== '' && isWithin(own.folder, folder)) {
    return isSaid(new RegExp(`/${folder.replaceAll(/\W/g, '\\$&')}\\b`))
      ? {}
      : { onlyBuild: [folder] };
  }
  const projects = entriesOf(files).filter(
    ({ path, kind }) => kind === 'file' && /\.(cs|fs|vb)proj$/.test(path),
  );
  const others = projects
    .map(({ path }) => folderOf(path))
    .filter((each) => each !== '' && !isWithin(own.folder, each))
    .filter(
      (each) =>
        !isSaid(new RegExp(`["'\\\\/]${baseName(each).replaceAll(/\W/g, '\\$&')}["'\\\\/]`)),
    );
  return others.length > 0 ? { onlyBuild: [...new Set(others)] } : {};
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
  return { verb: args[0]!, operand: path, folder, options, flags };
}

/** Why the folder alone may not be what runs on the runtime's image. */
function whyNot(
  { text: project, folder, framework }: DotnetProject,
  { options, flags }: DotnetCall,
  files: BuildContext,
): string | undefined {
  const words = [...flags, ...[...options].flat()].join(' ');
  if (options.has('-r') || options.has('--runtime') || /RuntimeIdentifier/.test(project + words)) {
    return 'it is published for one platform, perhaps with a runtime of its own';
  }
  if (/--self-contained|\b(SelfContained|PublishAot|PublishSingleFile)\b/i.test(project + words)) {
    return 'it may bring a runtime of its own';
  }
  if (
    /--artifacts-path|ArtifactsPath|UseArtifactsOutput|OutputPath|OutDir|PublishDir/.test(
      project + words,
    )
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
    /OutputPath|OutDir|PublishDir|RuntimeIdentifier|SelfContained|Artifacts|<Exec\b/.test(text.text)
  ) {
    return `/${shared!.path} says more of its output`;
  }
  if (framework === undefined) return 'the project does not say which framework it is made for';
  return undefined;
}

/** Before that, what a build makes is no whole program. */
function isOld({ framework }: DotnetProject): boolean {
  return /^netcoreapp[12]\./.test(framework ?? '');
}

/** The folder that it writes, and the one that it fills on the way; without a slash in front. */
function outputsOf(
  { options, verb, folder: from }: DotnetCall,
  { folder, framework = '' }: DotnetProject,
  isSolution: boolean,
  { image }: WorkScope,
): readonly string[] | { readonly why: string } {
  const target = options.get('-f') ?? options.get('--framework') ?? framework;
  const isNew = /^net([89]|\d\d)\./.test(target);
  const usual = verb === 'publish' && isNew ? 'Release' : 'Debug';
  const configuration = options.get('-c') ?? options.get('--configuration') ?? usual;
  const built = pathInside(`${folder}/bin/${configuration}/${target}`);
  const out = options.get('-o') ?? options.get('--output');
  if (out === undefined) return verb === 'publish' ? [`${built}/publish`, built] : [built];
  if (out.startsWith('/')) return verb === 'publish' ? [pathInside(out), built] : [pathInside(out)];
  if (from !== folder || isSolution) {
    // SDKs before 3 take a relative one from the folder of each project.
    const version = Number(/^\d+/.exec(image?.runtimes.get('dotnet-sdk') ?? '')?.[0] ?? NaN);
    if (Number.isNaN(version)) {
      return { why: 'old SDKs write beside the project, later ones in the folder' };
    }
    if (version < 3) {
      const own = pathInside(`${folder}/${out}`);
      return verb === 'publish' ? [own, built] : [own];
    }
  }
  const path = pathInside(`${from}/${out}`);
  return verb === 'publish' ? [path, built] : [path];
}

const READS_PROJECT = /["'@$]\.{0,2}[\\/]?(bin|obj)[\\/]|\.csproj["']/;

/** Commands of `dotnet` for which there must be an SDK. */
const STARTS_SDK =
  /["']dotnet["'][^;]{0,200}?["'](build|run|publish|test|new|restore|ef|pack|tool|watch|msbuild)\b/;

function readsProject(files: BuildContext, folder: string): string | undefined {
  const sources = sourcesIn(files, folder);
  const found = sources.find(([, text]) => READS_PROJECT.test(text));
  if (found) return `/${found[0]} names a folder of the build`;
  const builder = sources.find(([, text]) => STARTS_SDK.test(text));
  return builder && `/${builder[0]} starts dotnet to build`;
}

function sourcesIn(files: BuildContext, folder: string): readonly (readonly [string, string])[] {
  return [...files.texts].filter(([path]) => /\.(cs|fs|vb)$/.test(path) && isWithin(path, folder));
}

function loaded(
  files: BuildContext,
  projects: readonly DotnetProject[],
): { readonly assumptions?: readonly string[] } {
  const sources = projects.flatMap(({ folder }) => sourcesIn(files, folder));
  const found = sources.filter(([, text]) =>
    /\b(DllImport|LibraryImport)\b|NativeLibrary\.Load|\bSystem\.Drawing\b|CSharpScript|CSharpCompilation/.test(
      text,
    ),
  );
  const [first] = found;
  return first
    ? { assumptions: [`what /${first[0]} loads is in the image (${baseName(first[0])})`] }
    : {};
}
