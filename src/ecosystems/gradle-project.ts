/** What the scripts of a Gradle build say of its archives. They are programs: much stays open. */
import { entriesOf, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, hasWildcards, matchPath, pathInside } from '../analysis/go-paths.ts';

export interface GradleProject {
  /** Of the image, without a slash in front. */
  readonly folder: string;
  /** Of its archives, without version and ending; `undefined` where nobody can see it. */
  readonly name: string | undefined;
  /** Empty where there is none; `undefined` where nobody can see it. */
  readonly version: string | undefined;
  readonly script: string;
  /** The manifest of its archive has a Class-Path. */
  readonly namesArchives: boolean;
}

/** The project in the folder and those below it; just the first where nothing is known of the files. */
export function gradleProjects(
  files: BuildContext | undefined,
  folder: string,
  variable: (name: string) => string | undefined,
): readonly GradleProject[] | { readonly why: string } {
  if (!files) {
    return [{ folder, name: undefined, version: undefined, script: '', namesArchives: false }];
  }
  if ((variable('GRADLE_OPTS') ?? '').includes('buildDir')) return { why: 'GRADLE_OPTS moves it' };
  const scripts = entriesOf(files).filter(
    ({ path, kind }) =>
      kind === 'file' && /(^|\/)[\w.-]+\.gradle(\.kts)?$/.test(path) && isWithin(path, folder),
  );
  if (scripts.length === 0) {
    return { why: `nothing that is copied before it is a build.gradle in /${folder}` };
  }
  const read = (path: string): string => {
    const text = textOf(files, path);
    return text.kind === 'text' ? text.text.replace(/\/\*[^]*?\*\/|(?<![:"'])\/\/.*$/gm, '') : '';
  };
  const settings = ['settings.gradle', 'settings.gradle.kts']
    .map((name) => read(pathInside(`${folder}/${name}`)))
    .join('\n');
  const properties = read(pathInside(`${folder}/gradle.properties`));
  const all = scripts.map(({ path }) => read(path)).join('\n');
  if (/\b(buildDir|layout\.buildDirectory)\s*(=|\.set\b)|\bsetBuildDir\b/.test(all)) {
    return { why: 'a script of Gradle names another folder for what is made' };
  }
  const folders = new Set([folder]);
  for (const { path } of scripts) {
    const own = folderOf(path);
    const isProject = /(^|\/)build\.gradle(\.kts)?$/.test(path);
    if (isProject && !/(^|\/)(buildSrc|build-logic)(\/|$)/.test(own)) folders.add(own);
  }
  return [...folders].map((each): GradleProject => {
    const script = ['build.gradle', 'build.gradle.kts']
      .map((name) => read(pathInside(`${each}/${name}`)))
      .join('\n');
    const rootName = /rootProject\.name\s*=\s*["']([\w.-]+)["']/.exec(settings)?.[1];
    const ownName = each === folder ? (rootName ?? baseName(folder)) : baseName(each);
    const isNamedElsewhere = each !== folder && /\bproject\([^)]*\)\.name\s*=/.test(settings);
    const isOpen =
      isNamedElsewhere ||
      /\b(archivesBaseName|archivesName|archiveBaseName|archiveFileName|archiveName|baseName)\b/.test(
        all,
      );
    return {
      folder: each,
      name: isOpen ? undefined : ownName,
      version: versionOf(script, each === folder ? '' : all, properties),
      script: `${script}\n${all}`,
      namesArchives: /["']?Class-Path["']?\s*(:|to\b|\]|\))/.test(script),
    };
  });
}

function versionOf(script: string, above: string, properties: string): string | undefined {
  const literal = (text: string): string | undefined =>
    /^\s*(?:project\.)?version\s*=?\s*["']([^"'$]+)["']\s*;?\s*$/m.exec(text)?.[1];
  const found = literal(script);
  if (found !== undefined) return found;
  const written = /^\s*version\s*=\s*(\S+)\s*$/m.exec(properties)?.[1];
  const isSet = /^\s*(?:project\.)?version\s*[=(]|\bsetVersion\b|\ballprojects\b|\bsubprojects\b/m;
  if (isSet.test(script) || isSet.test(above)) return undefined;
  return written ?? '';
}

/** Tasks that make a second archive, or name theirs otherwise. */
const MORE_ARCHIVES =
  /shadow|fatJar|uberJar|springframework\.boot|classifier|archiveClassifier|archiveVersion|sourcesJar|withSourcesJar|\bwar\b|quarkus|ktor|onejar|capsule|type:\s*Jar|<Jar>|\bJar\b\s*[({]/;

/** Whether the project may make a file of this name in `build/libs`. */
export function mayMakeInLibs(project: GradleProject, name: string): boolean | undefined {
  const { name: own, version, script } = project;
  const written = [...script.matchAll(/archive(?:File)?Name\s*(?:=|\.set\()\s*["']([^"'$]+)["']/g)];
  if (written.some(([, text]) => text === name || matchPath(name, text!) === true)) return true;
  if (own === undefined || version === undefined) return undefined;
  const usual = version === '' ? own : `${own}-${version}`;
  const isUsual = ['jar', 'war'].some((ending) => matchPath(name, `${usual}.${ending}`) === true);
  if (isUsual) return true;
  if (!MORE_ARCHIVES.test(script)) return false;
  if (hasWildcards(name)) return undefined;
  return name.startsWith(own) ? true : undefined;
}
