/**
 * What the tools of Java leave in a layer: classes and archives, the repository of Maven, and the
 * caches and distributions of Gradle. What a fat archive has in it, its dependencies tell.
 */
import { about, plus, sum, times, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { bytesBelow, entryAt, textOf } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import { cacheFolder } from './cache-folders.ts';
import { gradleWeights } from './gradle-weight.ts';
import { compilerWork } from './java-compiler-work.ts';
import { archiveOf, classesOf, dependencyArchives, resourcesOf, rowOf } from './java-sizes.ts';
import { mavenModules, type MavenModule } from './maven-project.ts';
import { amountOf } from './spans.ts';
import type { Weight } from './weight.ts';
import { ownName, type WorkScope } from './work.ts';

export function javaWeigh(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  switch (ownName(call)) {
    case 'mvn':
    case 'mvnw':
    case 'mvnd':
      return mavenWeights(call, scope);
    case 'gradle':
    case 'gradlew':
      return gradleWeights(call, scope);
    case 'javac':
    case 'kotlinc':
    case 'scalac':
    case 'jar':
      return compilerWeights(call, scope);
    default:
      return undefined;
  }
}

const SOURCE = /\.(java|kt|scala|groovy)$/;

function compilerWeights(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const { java } = scope.facts.compiledWeights;
  const work = compilerWork(call, scope, (makes) => ({ ecosystem: 'java', makes }));
  if (!work || !('makes' in work)) return work && [];
  const [product] = work.makes;
  if (!product) return [];
  const isJar = ownName(call) === 'jar';
  const compiler = isJar
    ? scope.earlier.findLast((each) => /^(javac|kotlinc|scalac)$/.test(ownName(each)))
    : call;
  const source = compiler && sourceFolder(compiler, scope);
  const hasDebug = compiler?.args.includes('-g') === true;
  const classes = source === undefined ? undefined : classesOf(source, scope, hasDebug);
  const amount = isJar
    ? classes && archiveOf(plus(classes, copiedInto(call, scope)), java)
    : classes;
  const what = isJar ? `the archive ${baseName(product.path)}` : 'classes';
  return [{ path: product.path, kind: 'build', what, amount }];
}

/** What lay in a folder that an archive is made of, beside classes. */
function copiedInto({ args, folder }: Call, { files }: WorkScope): Amount {
  const at = args.indexOf('-C');
  const from = at < 0 ? undefined : args[at + 1];
  if (from === undefined || !files) return about(0, 0);
  return about(
    bytesBelow(files, pathInside(from.startsWith('/') ? from : `${folder}/${from}`)),
    0.05,
  );
}

/** The folder with the sources that a compiler is told, or finds. */
function sourceFolder(call: Call, { files }: WorkScope): string | undefined {
  const words = call.command.words.map(({ text }) => text.replace(/["']/g, ''));
  const named = words
    .flatMap((word) => word.split(/\s+/))
    .flatMap((word) =>
      SOURCE.test(word) || /^[\w./-]+\/\*\.\w+$/.test(word) ? [folderOf(word)] : [],
    );
  const found = words.join(' ').match(/find\s+([\w./-]+)/)?.[1];
  const [first] = [...named, ...(found === undefined ? [] : [found])];
  if (first === undefined) return files ? call.folder : undefined;
  return pathInside(first.startsWith('/') ? first : `${call.folder}/${first}`);
}

/**
 * The pom that every archive of Maven carries, compressed, with its properties and three folders: their
 * names stand twice in an archive, with 76 bytes each time (the ZIP format's headers).
 */
const NOTED = { bytes: 800, share: 0.35 } as const;

const MAVEN_VALUES = /^(-f|--file|-s|--settings|-gs|-pl|--projects|-P|-T|--threads|-t|-l|-rf)$/;

interface MavenCall {
  readonly goals: readonly string[];
  readonly pom: string;
  readonly given: ReadonlyMap<string, string>;
}

function readCall({ args, folder }: Call): MavenCall {
  const goals: string[] = [];
  const given = new Map<string, string>();
  let file = 'pom.xml';
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    const property = /^-D([^=]+)(?:=(.*))?$/.exec(word);
    if (MAVEN_VALUES.test(word)) {
      index++;
      if (/^(-f|--file)$/.test(word)) file = args[index] ?? file;
    } else if (property) given.set(property[1]!, property[2] ?? 'true');
    else if (word !== '' && !word.startsWith('-')) goals.push(word);
  }
  return {
    goals,
    given,
    pom: pathInside(`${folder}/${file.endsWith('.xml') ? file : `${file}/pom.xml`}`),
  };
}

/** How far a call goes, and what it does beside. */
interface Extent {
  readonly compiles: boolean;
  readonly tests: boolean;
  readonly packs: boolean;
  readonly installs: boolean;
}

function extentOf({ goals, given }: MavenCall): Extent {
  const has = (pattern: RegExp): boolean => goals.some((each) => pattern.test(each));
  const packs = has(
    /^(package|verify|integration-test|install|deploy|(spring-boot|shade|assembly|jar|war|quarkus):.*)$/,
  );
  const skips = given.get('maven.test.skip') === 'true';
  return {
    compiles: packs || has(/^(compile|test|test-compile|process-classes|prepare-package)$/),
    tests: (packs || has(/^(test|test-compile)$/)) && !skips,
    packs,
    installs: has(/^(install|deploy)$/),
  };
}

function mavenWeights(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const read = readCall(call);
  if (read.goals.length === 0 || read.goals.every((each) => /^(clean|-.*|help:.*)$/.test(each))) {
    return read.goals.includes('clean') ? repository(call, scope, read, []) : [];
  }
  const modules = (scope.files && mavenModules(scope.files, read.pom, read.given)) ?? [];
  const extent = extentOf(read);
  const made = extent.compiles
    ? modules.flatMap((each) => moduleWeights(each, extent, modules, scope))
    : [];
  const unseen: readonly Weight[] =
    extent.compiles && modules.length === 0
      ? [
          {
            path: pathInside(`${folderOf(read.pom)}/target`),
            kind: 'build',
            what: 'what Maven builds',
            amount: undefined,
          },
        ]
      : [];
  const archives = made.filter(({ path }) => /\.(jar|war)$/.test(path));
  const installed = extent.installs
    ? archives.flatMap(({ amount }) => (amount ? [amount] : []))
    : [];
  return [
    ...made,
    ...unseen,
    ...repository(call, scope, read, modules, installed),
    ...wrapper(call, scope),
  ];
}

function moduleWeights(
  module: MavenModule,
  extent: Extent,
  modules: readonly MavenModule[],
  scope: WorkScope,
): readonly Weight[] {
  if (module.packaging === 'pom') return [];
  const { java } = scope.facts.compiledWeights;
  const target = pathInside(`${module.folder}/target`);
  const main = pathInside(`${module.folder}/src/main`);
  const resources = resourcesOf(`${main}/resources`, scope);
  const classes = plus(classesOf(main, scope) ?? about(0, 0), resources);
  const test = classesOf(pathInside(`${module.folder}/src/test`), scope);
  const content = plus(classes, resourcesOf(`${main}/webapp`, scope));
  const own = plus(
    archiveOf(content, java),
    about(NOTED.bytes + NOTED.share * module.pom.length, 0.3),
  );
  const dependencies = dependenciesOf(modules, module);
  const bundled = dependencyArchives(dependencies, scope.facts);
  const text = `${module.pom}\n${module.above}`;
  const name = module.name ?? baseName(module.folder);
  const archive = (file: string, amount: Amount): Weight => ({
    path: `${target}/${file}`,
    kind: 'build',
    what: `the archive ${file}`,
    amount,
  });
  const found: Weight[] = [
    { path: `${target}/classes`, kind: 'build', what: 'classes', amount: classes },
  ];
  const status = about(java.status + (extent.packs ? java.archiver : 0), 0.4);
  found.push({
    path: `${target}/maven-status`,
    kind: 'leavings',
    what: 'what Maven notes of a build',
    amount: status,
  });
  if (extent.tests && test) {
    found.push({
      path: `${target}/test-classes`,
      kind: 'leavings',
      what: 'classes of tests',
      amount: test,
    });
    found.push({
      path: `${target}/surefire-reports`,
      kind: 'leavings',
      what: 'reports of tests',
      amount: amountOf(java.reports),
    });
  }
  if (!extent.packs) return found;
  const file = `${name}.${module.packaging}`;
  const isFat = /spring-boot-maven-plugin/.test(text);
  const isShaded = /maven-shade-plugin/.test(text);
  const isAssembled = /jar-with-dependencies/.test(text);
  const whole = plus(own, bundled);
  if (isFat || module.packaging === 'war') found.push(archive(file, whole));
  else if (isShaded) {
    const attached = /<shadedArtifactAttached>\s*true/.test(text)
      ? (/<shadedClassifierName>\s*([^<\s]+)/.exec(text)?.[1] ?? 'shaded')
      : undefined;
    found.push(archive(file, attached === undefined ? whole : own));
    found.push(
      archive(
        attached === undefined ? `original-${file}` : `${name}-${attached}.jar`,
        attached === undefined ? own : whole,
      ),
    );
  } else found.push(archive(file, own));
  if (isFat) found.push(archive(`${file}.original`, own));
  if (isAssembled) {
    const classifier = /<appendAssemblyId>\s*false/.test(text) ? '' : '-jar-with-dependencies';
    const named = /maven-assembly-plugin[^]*?<finalName>\s*([^<$\s]+)/.exec(text)?.[1] ?? name;
    found.push(archive(`${named}${classifier}.jar`, whole));
  }
  if (/copy-dependencies/.test(text)) {
    found.push({
      path: `${target}/dependency`,
      kind: 'dependencies',
      what: 'archives of dependencies',
      amount: bundled,
    });
  }
  return found;
}

/** `group:artifact` of what a module needs when it runs. */
function dependenciesOf(modules: readonly MavenModule[], module: MavenModule): readonly string[] {
  const own = module.pom.replace(/<(dependencyManagement|build|profiles)>[^]*?<\/\1>/g, '');
  const found = [...own.matchAll(/<dependency>([^]*?)<\/dependency>/g)].flatMap(([, text]) => {
    const scope = /<scope>\s*(\w+)/.exec(text!)?.[1];
    if (/^(test|provided|import|system)$/.test(scope ?? '')) return [];
    return [`${tag(text!, 'groupId')}:${tag(text!, 'artifactId')}`];
  });
  const names = new Set(modules.map(({ name }) => name));
  return [...new Set(found)].filter((each) => !names.has(each.slice(each.indexOf(':') + 1)));
}

function tag(text: string, name: string): string {
  return new RegExp(`<${name}>\\s*([^<\\s]+)`).exec(text)?.[1] ?? '';
}

/** What Maven fetches: the plugins of the phases, those of the pom, and dependencies. */
function repository(
  call: Call,
  scope: WorkScope,
  read: MavenCall,
  modules: readonly MavenModule[],
  installed: readonly Amount[] = [],
): readonly Weight[] {
  const { java } = scope.facts.compiledWeights;
  const path = cacheFolder('maven', scope);
  const earlier = scope.earlier.filter((each) => each !== call && /^mvnw?$/.test(ownName(each)));
  const goals = read.goals.join(' ');
  const hasTests = modules.some(({ folder }) => {
    const tests = pathInside(`${folder}/src/test`);
    return scope.files !== undefined && entryAt(scope.files, tests) !== undefined;
  });
  const asked = `${goals}${hasTests && extentOf(read).tests ? ' with tests' : ''}`;
  const phase = amountOf(rowOf(asked, java.maven, java.maven.at(-1)!));
  const texts = modules
    .map(({ pom }) => pom.replace(/<pluginManagement>[^]*?<\/pluginManagement>/g, ''))
    .join('\n');
  const plugins = [...texts.matchAll(/<plugin>([^]*?)<\/plugin>/g)].map(([, text]) =>
    tag(text!, 'artifactId'),
  );
  const extra = [...new Set(plugins)].filter((each) => !USUAL.test(each));
  const names = [...new Set(modules.flatMap((each) => dependenciesOf(modules, each)))];
  const parent = /<parent>[^]*?<artifactId>\s*spring-boot-starter-parent/.test(texts);
  const whole = sum([
    phase,
    ...extra.map((each) => amountOf(rowOf(each, java.plugins, java.plugin))),
    times(dependencyArchives(names, scope.facts), java.repositoryShare),
    ...(parent ? [amountOf(java.parent)] : []),
  ]);
  if (earlier.length === 0) {
    return [
      { path, kind: 'leavings', what: "Maven's repository", amount: sum([whole, ...installed]) },
    ];
  }
  // Most of it is there; what the earlier call had no need of comes in addition.
  const before = earlier.map((each) => {
    const other = readCall(each);
    return amountOf(rowOf(other.goals.join(' '), java.maven, java.maven.at(-1)!)).bytes;
  });
  const rest = Math.max(phase.bytes - Math.max(...before), phase.bytes * 0.05);
  const amount = {
    bytes: rest,
    low: 0,
    high: Math.max(phase.high, whole.high * 0.5),
    basis: 'model',
  } as const;
  return [
    {
      path,
      kind: 'leavings',
      what: "more of Maven's repository",
      amount: sum([amount, ...installed]),
    },
  ];
}

/** Plugins that every build of an archive uses. */
const USUAL = /^maven-(compiler|resources|surefire|jar|install|clean|deploy)-plugin$/;

/** The Maven that `mvnw` downloads. */
function wrapper(call: Call, scope: WorkScope): readonly Weight[] {
  if (ownName(call) !== 'mvnw') return [];
  if (scope.earlier.some((each) => each !== call && ownName(each) === 'mvnw')) return [];
  const { java } = scope.facts.compiledWeights;
  const path = pathInside(`${folderOf(cacheFolder('maven', scope))}/wrapper/dists`);
  const properties =
    scope.files &&
    textOf(scope.files, pathInside(`${call.folder}/.mvn/wrapper/maven-wrapper.properties`));
  const version =
    properties?.kind === 'text'
      ? (/apache-maven-([\d.]+)-bin/.exec(properties.text)?.[1] ?? '')
      : '';
  const [first] = java.wrapper;
  return [
    {
      path,
      kind: 'leavings',
      what: 'the Maven that the wrapper fetches',
      amount: amountOf(rowOf(version, java.wrapper, first!)),
    },
  ];
}
