/** What Gradle leaves in a layer: archives, its caches, and the distribution that the wrapper fetches. */
import { about, plus, sum, times, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { textOf } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import { cacheFolder } from './cache-folders.ts';
import { gradleProjects } from './gradle-project.ts';
import { archiveOf, classesOf, dependencyArchives, rowOf } from './java-sizes.ts';
import { amountOf, wider } from './spans.ts';
import type { Weight } from './weight.ts';
import { ownName, type WorkScope } from './work.ts';

export function gradleWeights(call: Call, scope: WorkScope): readonly Weight[] {
  const { java } = scope.facts.compiledWeights;
  const tasks = call.args.filter((arg) => arg !== undefined && !arg.startsWith('-'));
  const caches = cacheFolder('gradle', scope);
  const home = folderOf(caches);
  const earlier = scope.earlier.filter((each) => each !== call && /^gradlew?$/.test(ownName(each)));
  const found: Weight[] = [];
  if (ownName(call) === 'gradlew' && !earlier.some((each) => ownName(each) === 'gradlew')) {
    found.push({
      path: `${home}/wrapper/dists`,
      kind: 'leavings',
      what: 'the Gradle that the wrapper fetches',
      amount: distribution(call, scope),
    });
  }
  if (call.args.includes('--version')) return found;
  const names = dependenciesOf(call, scope);
  const archives = dependencyArchives(names, scope.facts);
  const fetched = sum([amountOf(java.gradle.caches), times(archives, java.gradle.dependency)]);
  found.push({
    path: caches,
    kind: 'leavings',
    what: "Gradle's caches",
    amount: earlier.some(({ args }) => !args.includes('--version'))
      ? { bytes: fetched.bytes * 0.1, low: 0, high: fetched.high * 0.7, basis: 'model' }
      : fetched,
  });
  const isBuild = tasks.some(
    (each) => !/^(clean|dependencies|tasks|help|properties|:?.*[dD]ependencies)$/.test(each!),
  );
  if (isBuild) found.push(...projectWeights(call, scope, archives));
  return found;
}

function distribution(call: Call, { files, facts }: WorkScope): Amount {
  const { distributions } = facts.compiledWeights.java;
  const path = pathInside(`${call.folder}/gradle/wrapper/gradle-wrapper.properties`);
  const properties = files && textOf(files, path);
  const named =
    properties?.kind === 'text'
      ? /gradle-([\d.]+(?:-[\w-]+?)??-(?:bin|all))\.zip/.exec(properties.text)?.[1]
      : undefined;
  return amountOf(rowOf(named ?? '', distributions, distributions.at(-1)!));
}

/** `group:artifact` of what build scripts name. */
function dependenciesOf({ folder }: Call, { files }: WorkScope): readonly string[] {
  const texts = [...(files?.texts ?? [])].flatMap(([path, text]) =>
    /\.gradle(\.kts)?$/.test(path) && path.startsWith(folder === '' ? '' : `${folder}/`)
      ? [text]
      : [],
  );
  const found = texts.flatMap((text) =>
    [
      ...text.matchAll(
        /\b(?:implementation|api|compile|runtimeOnly|runtime)\s*\(?\s*["']([\w.-]+:[\w.-]+)/g,
      ),
    ].map(([, name]) => name!),
  );
  return [...new Set(found)];
}

function projectWeights(call: Call, scope: WorkScope, bundled: Amount): readonly Weight[] {
  const { java } = scope.facts.compiledWeights;
  const projects = gradleProjects(scope.files, call.folder, scope.variable);
  const half: Weight = {
    path: pathInside(`${call.folder}/.gradle`),
    kind: 'leavings',
    what: 'what Gradle notes of a build',
    amount: amountOf(java.gradle.project),
  };
  if ('why' in projects) {
    const path = pathInside(`${call.folder}/build`);
    return [half, { path, kind: 'build', what: 'what Gradle builds', amount: undefined }];
  }
  const made = projects.flatMap((each): Weight[] => {
    const classes = classesOf(pathInside(`${each.folder}/src/main`), scope);
    if (!classes) return [];
    const own = archiveOf(classes, java);
    const build = pathInside(`${each.folder}/build`);
    const text =
      [...(scope.files?.texts ?? [])].find(
        ([path]) => folderOf(path) === each.folder && baseName(path).startsWith('build.gradle'),
      )?.[1] ?? '';
    const isFat = /org\.springframework\.boot|shadow|fatJar|ktor|quarkus/.test(text);
    return [
      { path: `${build}/classes`, kind: 'build', what: 'classes', amount: classes },
      {
        path: `${build}/libs`,
        kind: 'build',
        what: 'archives',
        amount: isFat ? plus(plus(own, own), bundled) : wider(own, 0, 0.2),
      },
    ];
  });
  return [
    half,
    ...made,
    {
      path: pathInside(`${call.folder}/build/tmp`),
      kind: 'leavings',
      what: 'what Gradle writes beside',
      amount: about(java.status * 2, 0.6),
    },
  ];
}
