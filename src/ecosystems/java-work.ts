/**
 * What builds of Java, Kotlin and Scala make: archives and folders of classes, which nothing but a
 * Java runtime opens. Which of them a container needs, `java` is asked; the build files confirm it.
 */
import type { Call } from '../analysis/calls.ts';
import { entriesOf, entryAt, isWithin, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, hasWildcards, matchPath, pathInside } from '../analysis/go-paths.ts';
import { matchesAny } from '../analysis/patterns.ts';
import { compilerWork } from './java-compiler-work.ts';
import { gradleProjects, mayMakeInLibs } from './gradle-project.ts';
import { javaStart, type JavaStart } from './java-start.ts';
import { javaTraits, type JavaTraits } from './java-traits.ts';
import { mavenModules, mayMake } from './maven-project.ts';
import { ownName, type Product, type Work, type WorkAnswer, type WorkScope } from './work.ts';

export function javaWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const name = ownName(call);
  if (name === 'mvn' || name === 'mvnw') return mavenWork(call, scope);
  if (name === 'gradle' || name === 'gradlew') return gradleWork(call, scope);
  return compilerWork(call, scope, (products, start, traits) =>
    answered(products, start, traits, scope),
  );
}

/** Phases and goals behind which something lies in `target`. */
const MAVEN_MAKES = new RegExp(
  '^(compile|process-classes|test-compile|prepare-package|package|pre-integration-test|integration-test|verify|install|deploy|(jar|war|assembly|shade|spring-boot|quarkus|bundle|ear):[\\w:-]+|(.*:maven-)?dependency(-plugin)?:([\\d.]+:)?(copy|copy-dependencies|unpack|unpack-dependencies|build-classpath))$',
);

/** Options whose value is the next word. */
const MAVEN_VALUES = /^(-f|--file|-s|--settings|-gs|-pl|--projects|-P|-T|--threads|-t|-l|-rf)$/;

function mavenWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const goals: string[] = [];
  const given = new Map<string, string>();
  let file = 'pom.xml';
  for (let index = 0; index < call.args.length; index++) {
    const word = call.args[index];
    if (word === undefined) return { why: 'nobody knows all that Maven is told' };
    if (MAVEN_VALUES.test(word)) {
      const value = call.args[++index];
      if (/^(-f|--file)$/.test(word)) file = value ?? '?';
      continue;
    }
    const property = /^-D([^=]+)(?:=(.*))?$/.exec(word);
    if (property) given.set(property[1]!, property[2] ?? 'true');
    else if (word.startsWith('--file=')) file = word.slice('--file='.length);
    else if (!word.startsWith('-')) goals.push(word);
  }
  const isRun = goals.find((goal) => /(^|:)(run|exec|java|dev|start)$/.test(goal));
  if (isRun !== undefined) return { why: `"mvn ${isRun}" runs the program while it is built` };
  if (!goals.some((goal) => MAVEN_MAKES.test(goal))) return undefined;
  const start = javaStart(scope.started, scope.variable);
  const pom = pathInside(`${call.folder}/${file.endsWith('.xml') ? file : `${file}/pom.xml`}`);
  const folder = folderOf(pom);
  const traits = javaTraits(scope.files, folder);
  if (given.has('outputDirectory') || given.has('project.build.directory')) {
    return { why: 'Maven is told to write elsewhere' };
  }
  if (!scope.files) {
    return answered([target(`${folder}/target`)], start, traits, scope);
  }
  const modules = mavenModules(scope.files, pom, given);
  if (!modules) return { why: `nothing that is copied before it is /${pom}, or a module of it` };
  const products = modules.map((each) => target(`${each.folder}/target`));
  const moved = modules.find(({ pom: text }) =>
    /<build>\s*(<(finalName|sourceDirectory|defaultGoal)>[^<]*<\/\2>\s*)*<directory>/.test(text),
  );
  if (moved) return { why: `the pom of /${moved.folder} names a folder for what it makes` };
  const assumptions: string[] = [];
  const extras: Product[] = [];
  const isClean = goals.includes('clean') || !entryAt(scope.files, `${folder}/target`);
  for (const path of namedPaths(scope, start)) {
    const module = modules.findLast((each) => isWithin(path, pathInside(`${each.folder}/target`)));
    if (!module) continue;
    const own = pathInside(`${module.folder}/target`);
    const below = path.slice(own.length + 1);
    if (below === '') continue;
    if (below.includes('/')) {
      // A script that the build makes finds its archives in the folders beside its own.
      if (below.startsWith('bin/')) extras.push({ path: own, of: 'sources' });
      else extras.push(folderProduct(`${own}/${below.slice(0, below.indexOf('/'))}`));
      continue;
    }
    if (start.folders.includes(path)) extras.push(folderProduct(path));
    if (!/\.(jar|war|ear)$/.test(below)) continue;
    const may = hasWildcards(below)
      ? module.name === undefined
        ? undefined
        : matchPath(below, `${module.name}.${module.packaging}`) === true ||
          mayMake(module, below.replaceAll('*', module.name)) === true
      : mayMake(module, below);
    if (may === false) return { why: `nothing shows that the build makes /${path}` };
    if (may === undefined) assumptions.push(`the build makes /${path}`);
    extras.push({ path, of: 'sources' });
    const pomText = `${module.pom}\n${module.above}`;
    if (/repository<\/(classpathLayoutType)>|\.m2/.test(pomText)) {
      return { why: 'its archive may name others in the repository of Maven' };
    }
    const beside = /<addClasspath>\s*true|<Class-Path>|legacy-jar|fast-jar|-runner\.jar$/;
    if (beside.test(pomText) || beside.test(below)) {
      const prefix = /<classpathPrefix>\s*(?:\.\/)?([\w.-]+)\/?\s*</.exec(pomText)?.[1];
      const isCopied =
        prefix !== undefined &&
        /copy-dependencies/.test(pomText) &&
        new RegExp(`(project\\.build\\.directory\\}|target)/${prefix}\\b`).test(pomText);
      extras.push(isCopied ? folderProduct(`${own}/${prefix}`) : { path: own, of: 'sources' });
    }
  }
  if (!isClean && extras.length > 0) {
    return { why: `a folder "target" of the build context lies where the build writes` };
  }
  const whole = answered([...products, ...extras], start, traits, scope, folder);
  if ('why' in whole || assumptions.length === 0) return whole;
  return { ...whole, assumptions: [...(whole.assumptions ?? []), ...assumptions] };
}

/** Tasks of Gradle that only look, or download. */
const GRADLE_LOOKS =
  /^:?([\w-]+:)*(dependencies|test|check|clean|tasks|help|projects|properties|wrapper|spotlessCheck|ktlintCheck|detekt|resolveDependencies|downloadDependencies|javadoc)$/;

const GRADLE_VALUES = new RegExp(
  '^(-p|--project-dir|-b|--build-file|-c|--settings-file|-I|--init-script|-g|--gradle-user-home|-x|--exclude-task|--console|--max-workers|--configuration)$',
);

function gradleWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const tasks: string[] = [];
  let folder = call.folder;
  const elsewhere = /^(-b|--build-file|-c|--settings-file|-I|--init-script)$/;
  for (let index = 0; index < call.args.length; index++) {
    const word = call.args[index];
    if (word === undefined) return { why: 'nobody knows all that Gradle is told' };
    if (elsewhere.test(word)) return { why: `Gradle is told to read another file: ${word}` };
    if (GRADLE_VALUES.test(word)) {
      const value = call.args[++index];
      if (/^(-p|--project-dir)$/.test(word)) folder = pathInside(`${call.folder}/${value ?? ''}`);
      continue;
    }
    if (!word.startsWith('-')) tasks.push(word);
  }
  const run = tasks.find((task) => /(^|:)(run|bootRun|quarkusDev|appRun|jettyRun)$/.test(task));
  if (run !== undefined) return { why: `"gradle ${run}" runs the program while it is built` };
  if (tasks.every((task) => GRADLE_LOOKS.test(task))) return undefined;
  const start = javaStart(scope.started, scope.variable);
  const traits = javaTraits(scope.files, folder);
  const projects = gradleProjects(scope.files, folder, scope.variable);
  if ('why' in projects) return projects;
  const products = projects.map((each) => target(`${each.folder}/build`));
  const extras: Product[] = [];
  const assumptions: string[] = [];
  for (const path of namedPaths(scope, start)) {
    const project = projects.findLast((each) => isWithin(path, pathInside(`${each.folder}/build`)));
    if (!project) continue;
    const own = pathInside(`${project.folder}/build`);
    const [first = '', second = '', third] = path.slice(own.length + 1).split('/');
    if (second === '') continue;
    if (first === 'libs' && third === undefined) {
      if (/\.(jar|war)$/.test(second)) {
        const may = mayMakeInLibs(project, second);
        if (may === false) return { why: `nothing shows that the build makes /${path}` };
        if (may === undefined) assumptions.push(`the build makes /${path}`);
        extras.push({ path, of: 'sources' });
        if (project.namesArchives) {
          return { why: 'its archive names others, and nobody can see where they lie' };
        }
      }
    } else if (first === 'install') extras.push(folderProduct(`${own}/install/${second}`));
    else if (/^(classes|resources)$/.test(first)) extras.push({ path, of: 'sources' });
    else extras.push(folderProduct(`${own}/${first}`));
  }
  if (scope.files && entryAt(scope.files, `${folder}/build`) && !tasks.includes('clean')) {
    return { why: 'a folder "build" of the build context lies where the build writes' };
  }
  const whole = answered([...products, ...extras], start, traits, scope, folder);
  if ('why' in whole || assumptions.length === 0) return whole;
  return { ...whole, assumptions: [...(whole.assumptions ?? []), ...assumptions] };
}

/** All that a container names. */
function namedPaths({ started }: WorkScope, { paths, folders }: JavaStart): string[] {
  const found = new Set([...paths, ...folders]);
  for (const { program, args, folder, command } of started) {
    const texts = command.words.slice(-args.length || command.words.length);
    const patterns = args.map((arg, index) => arg ?? patternOf(texts[index]?.text ?? ''));
    for (const word of [program, ...patterns]) {
      if (word?.includes('/') !== true || /^-|[:=]/.test(word)) continue;
      found.add(pathInside(word.startsWith('/') ? word : `${folder}/${word}`));
    }
  }
  return [...found].filter((path) => path !== '');
}

/** A word that a shell fills in with the names of files: `target/*.war`. */
function patternOf(text: string): string | undefined {
  return /^[\w./*?-]+$/.test(text) ? text : undefined;
}

function target(path: string): Product {
  return { path: pathInside(path), of: 'sources', isNamed: true };
}

/** Folders of archives that others made. */
function folderProduct(path: string): Product {
  const isDependencies = /^(dependenc(y|ies)|dependency-jars|libs?|alternateLocation)$/;
  return { path, of: isDependencies.test(baseName(path)) ? 'dependencies' : 'sources' };
}

/** What is made, with what a Java program asks of the image. */
function answered(
  all: readonly Product[],
  start: JavaStart,
  traits: JavaTraits,
  scope: WorkScope,
  project?: string,
): WorkAnswer {
  if (traits.why !== undefined) return { why: traits.why };
  if (start.why !== undefined) return { why: start.why };
  const served = traits.pages.find((path) => scope.started.some(({ folder }) => folder === path));
  if (served !== undefined) {
    return { why: `a server may look for /${served}/src/main/webapp where it is started` };
  }
  // What changes less often comes first.
  const made = unique(all).toSorted((a, b) => rankOf(a) - rankOf(b));
  for (const path of [...start.paths, ...start.folders]) {
    const why = whyLost(path, made, scope, project);
    if (why !== undefined) return { why };
  }
  const folders = start.folders.filter((path) => made.some((each) => each.path === path));
  const makes = made.map((each): Product => {
    if (each.isNamed !== true || !folders.includes(each.path)) return each;
    return { path: each.path, of: each.of };
  });
  const work: Work = {
    ecosystem: 'java',
    makes,
    runsOn: traits.needsCompiler ? ['java', 'jdk'] : ['java'],
    ...(traits.packages.length > 0 && { packages: traits.packages }),
    ...((traits.needsCompiler || traits.packages.length > 0) && { keeps: '.*(jdk|jre).*' }),
    ...(traits.assumptions.length > 0 && { assumptions: traits.assumptions }),
  };
  return work;
}

function rankOf({ of }: Product): number {
  return of === 'dependencies' ? 0 : 1;
}

function unique(all: readonly Product[]): readonly Product[] {
  const byPath = new Map<string, Product>();
  for (const each of all) {
    const known = byPath.get(each.path);
    if (!known || known.isNamed) byPath.set(each.path, each);
  }
  return [...byPath.values()];
}

/** Why a place where java looks for classes may not be in the shipped image. */
function whyLost(
  path: string,
  made: readonly Product[],
  { files, facts, later }: WorkScope,
  project: string | undefined,
): string | undefined {
  if (matchesAny(facts.work.leavings, `/${path}`)) {
    return `java reads /${path}, which is a cache of the build`;
  }
  if (project === undefined || project === '' || !isWithin(path, project) || path === project) {
    return undefined;
  }
  if (made.some((each) => isWithin(path, each.path) || isWithin(each.path, path))) return undefined;
  if (files && isBrought(files, path)) return undefined;
  const isLater = later.some(({ args, folder }) =>
    args.some(
      (arg) =>
        arg === undefined ||
        isWithin(path, pathInside(arg.startsWith('/') ? arg : `${folder}/${arg}`)),
    ),
  );
  return isLater ? undefined : `nothing shows that the build makes /${path}`;
}

function isBrought(files: BuildContext, path: string): boolean {
  if (!hasWildcards(path)) return entryAt(files, path) !== undefined;
  return entriesOf(files).some((each) => matchPath(path, each.path) === true);
}
