/** The fact rows that dfopt ships, checked against their shapes. An edge: the core is handed them. */
import * as v from 'valibot';
import advice from './advice.json' with { type: 'json' };
import alpineNames from './alpine-names.json' with { type: 'json' };
import apkPackages from './apk-packages.json' with { type: 'json' };
import aptPackages from './apt-packages.json' with { type: 'json' };
import aptSuites from './apt-suites.json' with { type: 'json' };
import busyBox from './busybox.json' with { type: 'json' };
import crossings from './crossings.json' with { type: 'json' };
import commands from './commands.json' with { type: 'json' };
import images from './images.json' with { type: 'json' };
import baseImages from './base-images.json' with { type: 'json' };
import builderFeatures from './builder-features.json' with { type: 'json' };
import caches from './caches.json' with { type: 'json' };
import compiledWeights from './compiled-weights.json' with { type: 'json' };
import composerSizes from './composer-sizes.json' with { type: 'json' };
import commandPackages from './command-packages.json' with { type: 'json' };
import debianLibraries from './debian-libraries.json' with { type: 'json' };
import downloads from './downloads.json' with { type: 'json' };
import gemSizes from './gem-sizes.json' with { type: 'json' };
import javaLibraries from './java-libraries.json' with { type: 'json' };
import pipSizes from './pip-sizes.json' with { type: 'json' };
import development from './development.json' with { type: 'json' };
import dependencyTools from './dependency-tools.json' with { type: 'json' };
import hiddenInstallers from './hidden-installers.json' with { type: 'json' };
import installPlaces from './install-places.json' with { type: 'json' };
import installSteps from './install-steps.json' with { type: 'json' };
import managers from './managers.json' with { type: 'json' };
import manifests from './manifests.json' with { type: 'json' };
import nativePackages from './native-packages.json' with { type: 'json' };
import npmScripts from './npm-scripts.json' with { type: 'json' };
import npmSizes from './npm-sizes.json' with { type: 'json' };
import plainPackages from './plain-packages.json' with { type: 'json' };
import programs from './programs.json' with { type: 'json' };
import recommended from './recommended.json' with { type: 'json' };
import recommends from './recommends.json' with { type: 'json' };
import rpmPackages from './rpm-packages.json' with { type: 'json' };
import rules from './rules.json' with { type: 'json' };
import signalHandlers from './signal-handlers.json' with { type: 'json' };
import smallImages from './small-images.json' with { type: 'json' };
import toolAges from './tool-ages.json' with { type: 'json' };
import work from './work.json' with { type: 'json' };
import {
  alpineNameRows,
  commandPackageRows,
  debianLibraryRows,
  nativePackageRows,
} from './needs-rows.ts';
import { compiledWeightRows } from './compiled-weight-rows.ts';
import { apkPackageRows } from './apk-rows.ts';
import { aptPackageRows, aptSuiteRows } from './apt-rows.ts';
import { busyBoxRows, crossingRows } from './crossing-rows.ts';
import { npmScriptRows, npmSizeRows } from './npm-rows.ts';
import { programRows } from './program-rows.ts';
import { rpmPackageRows } from './rpm-rows.ts';
import { builderFeatureRows, cacheRows, count, pattern, patterns, text, texts } from './shapes.ts';
import { imageRows } from './image-schema.ts';
import { manifestRows } from './manifest-rows.ts';
import {
  composerSizeRows,
  downloadRows,
  gemSizeRows,
  javaLibraryRows,
  pipSizeRows,
} from './size-rows.ts';
import { smallImageRows } from './small-rows.ts';
import { workRows } from './work-rows.ts';
import type { Facts } from './types.ts';

const action = v.picklist([
  'install',
  'upgrade',
  'update',
  'remove',
  'clean',
  'read-lists',
  'configure',
]);

const manager = v.strictObject({
  id: text,
  programs: v.pipe(patterns, v.minLength(1)),
  database: v.exactOptional(v.pipe(texts, v.minLength(1))),
  installs: v.exactOptional(v.pipe(texts, v.minLength(1))),
  through: v.array(v.strictObject({ program: pattern, words: texts })),
  valueOptions: texts,
  actions: v.record(text, action),
  bareAction: v.exactOptional(action),
  fetchAgain: v.exactOptional(
    v.strictObject({ sources: texts, changedBy: patterns, unless: patterns }),
  ),
  flags: v.array(
    v.strictObject({
      purpose: v.picklist(['recommends', 'yes', 'cache', 'docs']),
      add: text,
      actions: v.array(action),
      settledBy: patterns,
      settledByEnv: texts,
      settledByText: patterns,
      replaces: texts,
    }),
  ),
  leaves: v.array(
    v.strictObject({
      id: text,
      what: text,
      actions: v.array(action),
      paths: v.pipe(texts, v.minLength(1)),
      neededByLaterInstalls: v.boolean(),
      remove: v.exactOptional(text),
      cleanWith: v.exactOptional(texts),
      settledByEnv: texts,
      settledBy: patterns,
      readOfflineBy: patterns,
      onlyOn: v.exactOptional(texts),
      shownBy: v.exactOptional(patterns),
      assumes: v.exactOptional(text),
    }),
  ),
  source: text,
});

const recommendedPackage = v.strictObject({
  package: text,
  why: text,
  named: v.exactOptional(v.boolean()),
  when: v.exactOptional(texts),
  suites: v.exactOptional(texts),
});

/** A term of `analysis/command-rows.ts`. */
const placeTerms = v.array(
  v.pipe(
    text,
    v.regex(
      /^(all|first|last|others|rest|names|name|siblings|paths|folder|value\*? \S+|\$\{\w+\|[^}]+\}\S*|[~./]\S*)$/,
      'not a term',
    ),
  ),
);

const effects = {
  reads: v.exactOptional(placeTerms),
  writes: v.exactOptional(placeTerms),
  deletes: v.exactOptional(placeTerms),
  network: v.exactOptional(v.picklist(['yes', 'no', 'unknown'])),
  may: v.exactOptional(text),
};

const commandRow = v.strictObject({
  programs: v.pipe(patterns, v.minLength(1)),
  style: v.exactOptional(v.picklist(['posix', 'long', 'bundled', 'assignments', 'find'])),
  valueOptions: v.exactOptional(texts),
  attached: v.exactOptional(texts),
  dashOperands: v.exactOptional(pattern),
  folderOption: v.exactOptional(text),
  runs: v.exactOptional(count),
  open: v.exactOptional(v.boolean()),
  cases: v.array(
    v.strictObject({
      options: v.exactOptional(patterns),
      needs: v.exactOptional(patterns),
      first: v.exactOptional(pattern),
      least: v.exactOptional(count),
      most: v.exactOptional(count),
      changes: v.exactOptional(v.picklist(['owner', 'mode'])),
      ...effects,
    }),
  ),
  source: text,
});

const baseImageRow = v.strictObject({
  tags: pattern,
  os: v.exactOptional(v.picklist(['linux', 'windows'])),
  env: v.record(text, v.nullable(v.string())),
  maybeEnv: v.exactOptional(texts),
  workdir: v.exactOptional(text),
  user: v.exactOptional(text),
  shell: v.exactOptional(texts),
  entrypoint: v.exactOptional(v.array(v.string())),
  cmd: v.exactOptional(v.array(v.string())),
  exposes: v.exactOptional(texts),
  volumes: v.exactOptional(texts),
  stopSignal: v.exactOptional(text),
  onbuild: v.exactOptional(texts),
  differs: v.exactOptional(
    v.array(
      v.picklist([
        'workdir',
        'user',
        'shell',
        'entrypoint',
        'cmd',
        'exposes',
        'volumes',
        'stopSignal',
        'onbuild',
      ]),
    ),
  ),
  sources: v.pipe(texts, v.minLength(1)),
});

const dependencyTool = v.strictObject({
  id: text,
  ecosystem: text,
  manifests: texts,
  reads: texts,
  writes: texts,
  scripts: v.exactOptional(texts),
  usual: texts,
  frozen: v.exactOptional(
    v.strictObject({
      locks: v.pipe(texts, v.minLength(1)),
      action: v.exactOptional(text),
      add: v.exactOptional(text),
      settledBy: patterns,
      settledByEnv: texts,
      keeps: v.exactOptional(patterns),
      startsAnew: v.boolean(),
    }),
  ),
  shippedOnly: v.exactOptional(
    v.strictObject({
      add: text,
      old: v.exactOptional(v.strictObject({ add: text, age: text })),
      settledBy: patterns,
      settledByEnv: texts,
      settledIn: v.array(v.strictObject({ file: text, pattern })),
      assumes: v.exactOptional(text),
    }),
  ),
  source: text,
});

const projectUse = {
  reads: v.exactOptional(texts),
  writes: v.exactOptional(texts),
  pathIn: v.exactOptional(texts),
  outputs: v.exactOptional(v.strictObject({ files: pattern, path: pattern })),
  unless: v.exactOptional(texts),
  why: text,
};

const installStepRows = v.strictObject({
  source: text,
  commands: v.array(
    v.strictObject({
      program: pattern,
      words: v.exactOptional(pattern),
      pathOption: v.exactOptional(text),
      ...projectUse,
    }),
  ),
  packages: v.array(v.strictObject({ name: text, ...projectUse })),
  standalone: v.array(
    v.strictObject({ program: pattern, words: v.exactOptional(pattern), why: text }),
  ),
  composerPlugins: v.strictObject({ harmless: texts, why: text }),
});

const facts = v.strictObject({
  signalHandlers: v.strictObject({ source: text, programs: patterns }),
  installPlaces: v.strictObject({
    source: text,
    system: patterns,
    applications: patterns,
    ownPrograms: patterns,
    accounts: texts,
  }),
  advice: v.strictObject({
    source: text,
    secretNames: patterns,
    openNames: patterns,
    openValues: patterns,
    secretForms: v.array(v.strictObject({ pattern, what: text })),
    secretFiles: patterns,
    openFiles: patterns,
    downloaders: patterns,
    interpreters: patterns,
    openModes: patterns,
    dropsRoot: patterns,
    staysRoot: v.array(v.strictObject({ image: text, account: v.exactOptional(text) })),
    gone: v.array(v.strictObject({ images: pattern, tags: pattern, since: text, source: text })),
    archives: v.array(
      v.strictObject({
        distribution: text,
        suites: texts,
        since: text,
        what: text,
        source: text,
      }),
    ),
  }),
  managers: v.array(manager),
  hiddenInstallers: v.strictObject({
    installers: v.array(
      v.strictObject({ program: pattern, words: v.exactOptional(pattern), why: text }),
    ),
    plainScripts: patterns,
    source: text,
  }),
  toolAges: v.array(
    v.strictObject({
      flag: text,
      since: text,
      newImages: patterns,
      oldImages: patterns,
      shownBy: patterns,
      doubtedBy: v.exactOptional(patterns),
      settledOn: v.exactOptional(patterns),
      source: text,
    }),
  ),
  rules: v.array(
    v.strictObject({ tool: v.picklist(['hadolint', 'buildkit']), rule: text, passes: texts }),
  ),
  recommends: v.strictObject({
    source: text,
    names: texts,
    packages: v.record(text, v.array(v.number())),
  }),
  recommended: v.strictObject({
    manager: text,
    source: text,
    keep: v.array(recommendedPackage),
    spare: v.array(recommendedPackage),
  }),
  commands: v.strictObject({
    programs: v.array(commandRow),
    questions: patterns,
    emptyFolders: v.array(v.strictObject({ images: patterns, folder: text, source: text })),
    packages: v.array(
      v.strictObject({ managers: texts, actions: v.array(action), ...effects, source: text }),
    ),
  }),
  baseImages: v.strictObject({
    sources: v.record(text, text),
    mirrors: texts,
    repositories: v.array(
      v.strictObject({
        names: v.pipe(texts, v.minLength(1)),
        isOfficial: v.boolean(),
        images: v.pipe(v.array(baseImageRow), v.minLength(1)),
      }),
    ),
  }),
  builderFeatures: builderFeatureRows,
  caches: cacheRows,
  images: imageRows,
  manifests: manifestRows,
  dependencyTools: v.array(dependencyTool),
  installSteps: installStepRows,
  development: v.strictObject({
    source: text,
    neutral: patterns,
    files: patterns,
    tools: v.array(
      v.strictObject({ program: pattern, words: pattern, unless: v.exactOptional(pattern) }),
    ),
    drawing: pattern,
    loaders: v.array(
      v.strictObject({
        packages: pattern,
        load: pattern,
        isOneEnough: v.exactOptional(v.boolean()),
      }),
    ),
    generators: v.array(v.strictObject({ package: text, with: text, why: text })),
  }),
  programs: programRows,
  nativePackages: nativePackageRows,
  debianLibraries: debianLibraryRows,
  commandPackages: commandPackageRows,
  alpineNames: alpineNameRows,
  apkPackages: apkPackageRows,
  aptPackages: aptPackageRows,
  pipSizes: pipSizeRows,
  gemSizes: gemSizeRows,
  composerSizes: composerSizeRows,
  javaLibraries: javaLibraryRows,
  downloads: downloadRows,
  aptSuites: aptSuiteRows,
  rpmPackages: rpmPackageRows,
  busyBox: busyBoxRows,
  compiledWeights: compiledWeightRows,
  crossings: crossingRows,
  smallImages: smallImageRows,
  work: workRows,
  npmSizes: npmSizeRows,
  npmScripts: npmScriptRows,
  plainPackages: v.strictObject({
    source: text,
    npm: v.record(
      text,
      v.strictObject({ releases: v.pipe(texts, v.minLength(1)), isPlainThroughout: v.boolean() }),
    ),
  }),
});

let loaded: Facts | undefined;

/** @throws where a shipped row does not have its shape: a bug of dfopt, never of its user. */
export function loadFacts(): Facts {
  loaded ??= v.parse(facts, {
    signalHandlers,
    managers,
    hiddenInstallers,
    toolAges,
    advice,
    installPlaces,
    rules,
    recommends,
    recommended,
    baseImages,
    images,
    builderFeatures,
    caches,
    commands,
    manifests,
    dependencyTools,
    installSteps,
    development,
    programs,
    nativePackages,
    debianLibraries,
    commandPackages,
    alpineNames,
    apkPackages,
    aptPackages,
    pipSizes,
    gemSizes,
    composerSizes,
    javaLibraries,
    downloads,
    aptSuites,
    rpmPackages,
    busyBox,
    compiledWeights,
    crossings,
    smallImages,
    work,
    plainPackages,
    npmSizes,
    npmScripts,
  });
  return loaded;
}
