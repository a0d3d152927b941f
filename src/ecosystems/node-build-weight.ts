/**
 * How many bytes the builds of Node projects put into a layer: what they make, and the caches that they
 * leave. Models with a wide range, fitted to ten small applications that were built for it on 2026-11-21
 * with Vite 5, webpack 5, esbuild 0.21, TypeScript 5, Nest 10 and Next 14 (test/estimate/npm-builds.test.ts);
 * those of other tools are by general knowledge.
 */
import type { Amount } from '../analysis/amounts.ts';
import { callsIn, type Call } from '../analysis/calls.ts';
import { entriesIn, entriesOf, isWithin, type BuildContext } from '../analysis/context.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { scriptOf } from '../dockerfile/shell.ts';
import { builtBy } from './node-builds.ts';
import { startFindings, tableIn, type Table } from './findings.ts';
import { inFolder, readQuietly } from './node-projects.ts';
import { readTable } from './node-outputs.ts';
import { projectAt } from './node-work.ts';
import { closureOf, newestIn, sizeOfAll } from './npm-sizes.ts';
import { startedByTools } from './started.ts';
import type { Weight } from './weight.ts';
import { ownName, wordsOf, type WorkScope } from './work.ts';

/** What a build begins with, in bytes. */
interface Inputs {
  /** Code and styles of the project itself. */
  readonly sources: number;
  /** What is copied as it is: images, fonts, the folder `public`. */
  readonly assets: number;
  /** All that its dependencies bring along, as installed. */
  readonly packages: number;
  /** What tsconfig.json says, with comments. */
  readonly settings: Settings;
}

interface Settings {
  readonly hasMaps: boolean;
  readonly hasDeclarations: boolean;
  readonly isIncremental: boolean;
}

/** One tool: what it makes of the inputs, and how far that may be off, as a factor. */
interface Model {
  readonly programs: string;
  /** What must stand behind the program's name. */
  readonly words?: RegExp;
  readonly bytes: (inputs: Inputs) => number;
  readonly factor: number;
}

/** Of packages, the part that a browser is sent: most of what is installed is not imported. */
const bundle = ({ sources, assets, packages }: Inputs): number =>
  assets + 0.4 * sources + 0.015 * packages;

const compiled = ({ sources, settings }: Inputs): number =>
  sources *
  (0.92 +
    (settings.hasMaps ? 1.15 : 0) +
    (settings.hasDeclarations ? 0.35 : 0) +
    (settings.isIncremental ? 1.5 : 0));

const MODELS: readonly Model[] = [
  {
    programs: 'next',
    bytes: (inputs) => PARTS_OF_NEXT.reduce((sum, part) => sum + part.bytes(inputs), 0),
    factor: 2.5,
  },
  // Source maps are made unless they are switched off: four fifths of it.
  {
    programs: 'react-scripts|craco|react-app-rewired|rescripts',
    bytes: (inputs) => inputs.assets + 5 * (bundle(inputs) - inputs.assets),
    factor: 3,
  },
  { programs: 'vue-cli-service', bytes: (inputs) => 4 * bundle(inputs), factor: 4 },
  { programs: 'nuxt|nuxi', bytes: (inputs) => 3_000_000 + 2 * bundle(inputs), factor: 4 },
  { programs: 'ng', bytes: (inputs) => 300_000 + inputs.assets + 0.8 * inputs.sources, factor: 4 },
  { programs: 'nest|tsc|ttsc|tspc|swc|babel', bytes: compiled, factor: 2 },
  // For programs that run on Node all of a package goes in.
  {
    programs: 'ncc',
    bytes: ({ sources, packages }) => 0.5 * sources + 0.2 * packages,
    factor: 5,
  },
  {
    programs: 'esbuild',
    words: /--platform=node\b/,
    bytes: ({ sources, packages }) => 0.5 * sources + 0.2 * packages,
    factor: 5,
  },
  // Those for libraries leave packages outside unless they are told.
  { programs: 'tsup|pkgroll|unbuild', bytes: ({ sources }) => 2 * sources, factor: 5 },
  {
    programs:
      'vite|webpack(-cli)?|esbuild|rollup|parcel|rspack|rsbuild|astro|gatsby|snowpack|remix',
    bytes: bundle,
    factor: 3.5,
  },
];

/** All of them together. */
const BUILDERS = MODELS.map(({ programs }) => programs).join('|');

/** Caches that builds leave, by tool; from the folder of the project. */
const LEAVINGS: readonly {
  readonly programs: string;
  readonly path: string;
  readonly bytes: (inputs: Inputs) => number;
  readonly factor: number;
}[] = [
  {
    programs: 'next',
    path: '.next/cache',
    bytes: (inputs) => 23_000_000 + 98 * inputs.sources,
    factor: 5,
  },
  {
    programs: 'react-scripts|craco|react-app-rewired|rescripts|vue-cli-service|gatsby',
    path: 'node_modules/.cache',
    bytes: (inputs) => 2_000_000 + 15 * bundle(inputs),
    factor: 5,
  },
  { programs: 'ng', path: '.angular/cache', bytes: () => 15_000_000, factor: 5 },
];

/** What Next.js makes, by the folders in it: they lie beside its cache. */
const PARTS_OF_NEXT: readonly {
  readonly path: string;
  readonly bytes: (inputs: Inputs) => number;
}[] = [
  { path: 'static', bytes: ({ sources, packages }) => 640_000 + 0.7 * sources + 0.003 * packages },
  { path: 'server', bytes: ({ sources }) => 260_000 + 6.8 * sources },
];

/** Which files become part of a program, and which are copied beside it. */
const SOURCE = /\.(?:[cm]?[jt]sx?|vue|svelte|astro|css|s[ac]ss|less|styl|html|json|graphql|gql)$/;
const ASSET = /\.(?:png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|eot|mp[34]|webm|pdf|wasm)$/i;
const NOT_BUILT =
  /(?:^|\/)(?:node_modules|\.git|dist|build|coverage|test|tests|__tests__|cypress|e2e|docs)\/|\.(?:test|spec|stories)\.|\.d\.[cm]?ts$|(?:^|\/)(?:package-lock|tsconfig[\w.]*|\.?eslint[\w.]*|package|angular|nest-cli)\.json$|^[\w.-]+\.config\.[cm]?[jt]s$/;

/** @returns `undefined` for a call that builds nothing by a tool of Node */
export function buildWeights(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const { files } = scope;
  if (!files) return undefined;
  const started = startedBy(call, scope, files, isBuilding);
  // Most calls start none of these.
  const model =
    started.some(({ name }) => matchesWhole(BUILDERS, name)) &&
    MODELS.find(({ programs: patterns, words = /^/ }) =>
      started.some((each) => matchesWhole(patterns, each.name) && words.test(each.words)),
    );
  if (!model) return /^(npm|yarn|pnpm|bun)$/.test(ownName(call)) ? [] : undefined;
  const programs = started.map(({ name }) => name);
  const isTool = (patterns: string): boolean =>
    programs.some((each) => matchesWhole(patterns, each));
  const root = projectAt(call.folder, 'npm', scope)?.own ?? call.folder;
  const inputs = inputsOf(root, files, scope);
  const built = builtBy(call, root, scope);
  const paths = [...new Set(built.makes.map(({ path }) => path))].filter(
    (path) => path !== '' && path !== root,
  );
  const amount = within(model.bytes(inputs), model.factor);
  const leavings = LEAVINGS.filter((each) => isTool(each.programs)).map((each): Weight => ({
    path: inFolder(root, each.path),
    kind: 'leavings',
    what: `what ${programs.find((name) => matchesWhole(each.programs, name))} keeps between builds`,
    amount: within(each.bytes(inputs), each.factor),
  }));
  const what = `what ${programs.find((name) => matchesWhole(model.programs, name))} makes`;
  if (paths.length === 0) {
    // Nobody knows where in the project: what it makes is there all the same, mostly here.
    return [{ path: inFolder(root, 'dist'), kind: 'build', what, amount }, ...leavings];
  }
  const weights = paths.flatMap((path): Weight[] => {
    const share = 1 / paths.length;
    const own = within(model.bytes(inputs) * share, model.factor);
    if (!path.endsWith('.next')) return [{ path, kind: 'build', what, amount: own }];
    const parts = PARTS_OF_NEXT.map((part): Weight => ({
      path: `${path}/${part.path}`,
      kind: 'build',
      what,
      amount: within(part.bytes(inputs), model.factor),
    }));
    return isStandalone(root, files) ? [...parts, standalone(path, inputs)] : parts;
  });
  return [...weights, ...leavings];
}

function within(bytes: number, factor: number): Amount {
  return { bytes, low: bytes / factor, high: bytes * factor, basis: 'model' };
}

/**
 * The programs that run: those of scripts of the manifest, followed.
 *
 * @param isMeant which of the calls in scripts count
 */
export function programsOf(
  call: Call,
  scope: WorkScope,
  files: BuildContext,
  isMeant: (call: Call) => boolean = isBuilding,
): readonly string[] {
  return startedBy(call, scope, files, isMeant).map(({ name }) => name);
}

function startedBy(
  call: Call,
  scope: WorkScope,
  files: BuildContext,
  isMeant: (call: Call) => boolean,
): readonly Named[] {
  const around = { files, facts: scope.facts, runs: startedByTools };
  const started = startedByTools(call, around);
  if (!started) return namesOf(call, undefined);
  const inner = started.scripts.flatMap(({ text }) => {
    const script = scriptOf(text);
    return script.kind === 'script' ? callsIn(script, call.folder, around).calls : [];
  });
  return [
    ...namesOf(call, started.skips),
    ...inner.filter(isMeant).flatMap((each) => namesOf(each, startedByTools(each, around)?.skips)),
  ];
}

interface Named {
  readonly name: string;
  readonly words: string;
}

/** A program, and the one that it only starts, as `npx tsc` does. */
function namesOf(call: Call, skips: number | undefined): readonly Named[] {
  const words = wordsOf(call);
  const own = { name: ownName(call), words };
  if (skips === undefined) return [own];
  return [own, { name: (call.args[skips] ?? '').replace(/(?<=.)@[\w.^~-]+$/, ''), words }];
}

/** A build that runs tests or a server of its own makes nothing by these. */
function isBuilding(call: Call): boolean {
  return !/^(dev|start|serve|lint|test)\b/.test(wordsOf(call));
}

const PUBLIC = /^(?:public|static|src\/assets|assets)\//;

function inputsOf(root: string, files: BuildContext, scope: WorkScope): Inputs {
  let [sources, assets] = [0, 0];
  for (const { path, kind, bytes } of entriesOf(files)) {
    if (kind !== 'file' || !isWithin(path, root)) continue;
    const inside = root === '' ? path : path.slice(root.length + 1);
    if (NOT_BUILT.test(inside)) continue;
    if (ASSET.test(inside) || inside.startsWith('public/')) {
      if (PUBLIC.test(inside) || inside.startsWith('src/')) assets += bytes;
    } else if (SOURCE.test(inside)) sources += bytes;
  }
  const { facts, variable } = scope;
  const found = startFindings({ files, folder: root, facts, variable });
  const manifest = readQuietly(found, inFolder(root, 'package.json'));
  const asked = Object.entries(tableIn(manifest, 'dependencies')).flatMap(([name, spec]) =>
    TOOLS.test(name) ? [] : { name, version: newestIn(String(spec)) },
  );
  const packages = sizeOfAll(closureOf(asked, facts.npmSizes), facts.npmSizes).bytes;
  return { sources, assets, packages, settings: settingsOf(root, files) };
}

/** Packages that projects ask for among the others, although no program imports them. */
const TOOLS =
  /^(@types\/|@babel\/|@vitejs\/|@rollup\/|@esbuild\/|esbuild$|rollup$|rollup-plugin-|vite-plugin-|parcel$|@parcel\/|tsup$|@testing-library\/|@angular-devkit\/|@angular\/(cli|compiler-cli)|@nestjs\/cli|eslint|prettier|webpack|vite$|react-scripts|typescript|next$|nuxt$|sass$|node-sass|tailwindcss|postcss|autoprefixer|jest|nodemon|ts-node|prisma$|.*-loader$)/;

function settingsOf(root: string, files: BuildContext): Settings {
  const tables = ['tsconfig.json', 'tsconfig.build.json', 'tsconfig.app.json'].map((name) =>
    readTable(files, inFolder(root, name)),
  );
  const isOn = (name: string): boolean => tables.some((each) => option(each, name) === true);
  return {
    hasMaps: isOn('sourceMap'),
    hasDeclarations: isOn('declaration') || isOn('composite'),
    isIncremental: isOn('incremental') || isOn('composite'),
  };
}

function option(table: Table | undefined, name: string): unknown {
  return tableIn(table, 'compilerOptions')[name];
}

function isStandalone(root: string, files: BuildContext): boolean {
  return entriesIn(files, root).some(
    ({ path }) =>
      /\/?next\.config\.[cm]?[jt]s$/.test(path) &&
      /output['"]?\s*:\s*['"]standalone['"]/.test(files.texts.get(path) ?? ''),
  );
}

/** Beside the server: the packages that it needs, Next.js itself above all. */
function standalone(path: string, { packages }: Inputs): Weight {
  return {
    path: `${path}/standalone`,
    kind: 'build',
    what: 'what next makes to run by itself',
    amount: within(30_000_000 + 0.1 * packages, 2.5),
  };
}
