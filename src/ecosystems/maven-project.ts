/** What a pom says of the archives that Maven makes. A name that it leaves open stays open. */
import { foundOnce } from '../dockerfile/found-once.ts';
import { entryAt, textOf, type BuildContext } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';

export interface MavenModule {
  /** Of the image, without a slash in front. */
  readonly folder: string;
  /** Without its comments. */
  readonly pom: string;
  /** Of its archive, without an ending; `undefined` where the pom leaves it open. */
  readonly name: string | undefined;
  /** `jar`, `war`, `pom`. */
  readonly packaging: string;
  /** The properties and the settings of its parents in the project. */
  readonly above: string;
}

/** @returns the modules with the pom itself; `undefined` where it is not there */
export function mavenModules(
  files: BuildContext,
  path: string,
  given: ReadonlyMap<string, string>,
): readonly MavenModule[] | undefined {
  const found: MavenModule[] = [];
  const seen = new Set<string>();
  const walk = (pomPath: string, above: string): boolean => {
    if (seen.has(pomPath)) return true;
    seen.add(pomPath);
    const text = textOf(files, pomPath);
    if (text.kind !== 'text') return false;
    const pom = text.text.replace(/<!--[^]*?-->/g, '');
    const folder = pathInside(`${pomPath}/..`);
    found.push(moduleOf(folder, pom, above, given));
    return [...pom.matchAll(/<module>\s*([^<]+?)\s*<\/module>/g)].every(([, name]) => {
      const inner = pathInside(`${folder}/${name!}`);
      const isFile = entryAt(files, inner)?.kind === 'file';
      return walk(isFile ? inner : `${inner}/pom.xml`, `${pom}\n${above}`);
    });
  };
  return walk(path, '') ? found : undefined;
}

const OUTER = ['profiles', 'build', 'reporting', 'dependencyManagement', 'dependencies'].map(
  (name) => new RegExp(`<${name}>[^]*</${name}>`),
);

function moduleOf(
  folder: string,
  pom: string,
  above: string,
  given: ReadonlyMap<string, string>,
): MavenModule {
  const parent = /<parent>([^]*?)<\/parent>/.exec(pom)?.[1] ?? '';
  let own = pom.replace(/<parent>[^]*?<\/parent>/, '');
  // The outer ones first: what is in them ends with the same words.
  for (const part of OUTER) own = own.replace(part, '');
  const artifact = tag(own, 'artifactId');
  const version = tag(own, 'version') ?? tag(parent, 'version');
  const filled = (text: string | undefined): string | undefined => {
    let rest = text;
    for (let turn = 0; turn < 5 && rest?.includes('${') === true; turn++) {
      rest = rest.replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
        if (/^(project\.|pom\.)?artifactId$/.test(name)) return artifact ?? whole;
        if (/^(project\.|pom\.)?version$/.test(name)) return version ?? whole;
        if (name === 'project.parent.version') return tag(parent, 'version') ?? whole;
        if (/^(project\.|pom\.)name$/.test(name)) return tag(own, 'name') ?? artifact ?? whole;
        return given.get(name) ?? propertyOf(name, pom) ?? propertyOf(name, above) ?? whole;
      });
    }
    return rest?.includes('${') === true ? undefined : rest;
  };
  const written = finalName(pom) ?? finalName(above) ?? '${project.artifactId}-${project.version}';
  const hasParts = artifact !== undefined && version !== undefined;
  // A profile may say something else.
  const isOpen = /<profile>[^]*<finalName>/.test(pom);
  return {
    folder,
    pom,
    above,
    name: isOpen || (!hasParts && written.includes('${')) ? undefined : filled(written),
    packaging: tag(own, 'packaging') ?? 'jar',
  };
}

/** Of `<build>` itself, not of a plugin in it. */
function finalName(pom: string): string | undefined {
  const build = /<build>([^]*?)<\/build>/.exec(pom.replace(/<profiles>[^]*<\/profiles>/, ''))?.[1];
  return tag(build?.replace(/<(plugins|pluginManagement)>[^]*<\/\1>/g, '') ?? '', 'finalName');
}

function propertyOf(name: string, pom: string): string | undefined {
  const all = [...pom.matchAll(/<properties>([^]*?)<\/properties>/g)].map(([, text]) => text!);
  for (const each of all) {
    const found = tag(each, name.replace(/[.]/g, '\\.'));
    if (found !== undefined) return found;
  }
  return undefined;
}

function tag(text: string, name: string): string | undefined {
  return patternOf(name).exec(text)?.[1];
}

/** A dozen are asked for in each file; what its own properties are called comes to that. */
const patternOf = foundOnce(50, (name) => new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`));

/** Plugins that make further archives, or put another in the place of the usual one. */
const MORE_ARCHIVES =
  /maven-(assembly|shade|source|javadoc|ejb|bundle)-plugin|<classifier>|spring-boot-maven-plugin|quarkus-maven-plugin|onejar|<goal>(test-jar|jar|single|shade|repackage|fat)<\/goal>|thorntail|wildfly|payara|capsule/;

/** Whether the module may make a file of this name directly in its `target`. */
export function mayMake(module: MavenModule, name: string): boolean | undefined {
  const { pom, above, packaging } = module;
  if (module.name === undefined) return undefined;
  if (packaging === 'pom') return false;
  const all = `${pom}\n${above}`;
  if (name === `${module.name}.${packaging}`) return true;
  const isMore = MORE_ARCHIVES.test(all);
  if (!isMore) return false;
  if (name.startsWith(module.name)) return true;
  // A plugin names its archive itself.
  const own = [...all.matchAll(/<(finalName|outputFile|jarName)>\s*([^<]+?)\s*</g)];
  return own.some(([, , text]) => text!.includes('${') || `${text!}.`.includes(stem(name)));
}

function stem(name: string): string {
  return name.replace(/\.[a-z]+$/, '').replace(/-jar-with-dependencies$/, '');
}
