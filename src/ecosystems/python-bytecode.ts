/** The byte code that Python leaves beside sources: of installed packages, of projects, and its own. */
import { NOTHING, type Amount } from '../analysis/amounts.ts';
import { bytesBelow, entriesOf, isWithin, type BuildContext } from '../analysis/context.ts';
import type { Call } from '../analysis/calls.ts';
import { packageCommand } from '../analysis/packages.ts';
import { localsOf } from './python-installed.ts';
import { environmentOf, SUITES } from './python-site.ts';
import { isRoot, ownName, type WorkScope } from './work.ts';

/**
 * Bytes of byte code for each byte of Python's sources: 33,500 compiled files in environments that
 * public projects keep in Git, the packages with all their sources; since 3.11 caches for the
 * interpreter stand in it.
 */
export function compiledShare(version: string | undefined): number {
  const minor = Number(/^3\.(\d+)/.exec(version ?? '')?.[1] ?? 11);
  return minor <= 10 ? 0.82 : 1.27;
}

/** `3.11`, of the image's own Python or the package of its distribution. */
export function pythonVersion({ image }: Pick<WorkScope, 'image'>): string | undefined {
  const own = image?.runtimes.get('python');
  if (own !== undefined) return /^\d+\.\d+/.exec(own)?.[0];
  const suite = image?.distribution?.suite;
  return suite === undefined ? undefined : SUITES[suite];
}

/**
 * What the interpreter of an official image compiles of itself when it first runs, for those images come
 * without byte code. By parts of its libraries, in bytes for 3.11; measured in the lab, 2026-11-21.
 */
const PARTS = {
  start: 160_000,
  libraries: 910_000,
  /** What pip loads of the interpreter's libraries. */
  pipLibraries: 2_600_000,
  pip: 4_560_000,
  /** All its commands but `--version`. */
  pipCommands: 2_050_000,
  pipInstall: 240_000,
  /** Beside those, what putting pip into an environment loads. */
  ensurepip: 1_890_000,
  setuptools: 3_030_000,
  /** What building a package loads of the interpreter's libraries. */
  building: 200_000,
  /** A project with a pyproject.toml that is built with the setuptools that is there. */
  backend: 900_000,
  easyInstall: 500_000,
  /** Beside setuptools, where pip does not start it. */
  distutils: 1_550_000,
} as const;

type Part = keyof typeof PARTS;

const PROGRAMS = /^(pip|venv|virtualenv|compileall|pipenv|poetry|unittest|build|python)$/;

/** Which parts a call loads; `undefined` for a program that is none of Python's. */
function partsOf(call: Call, scope: WorkScope): readonly Part[] | undefined {
  const name = ownName(call);
  const at = call.args.indexOf('-m');
  const isModule = at >= 0 && /^python[\d.]*$/.test(name);
  const program = isModule ? (call.args[at + 1] ?? '') : name.replace(/[\d.]+$/, '');
  if (!isModule && !PROGRAMS.test(program)) return undefined;
  const words = call.args.filter((each) => each !== undefined);
  if (program === 'pip') {
    const isInstall = words.some((word) => /^(install|wheel|download)$/.test(word));
    const isPip = packageCommand(call.command, scope.facts)?.manager.id === 'pip';
    const isBuilding = isPip && localsOf(call, scope).length > 0;
    const isAsked = words.some((word) => /^(-V|--version|-h|--help)$/.test(word));
    return [
      'start',
      'libraries',
      'pipLibraries',
      'pip',
      ...(isAsked ? [] : (['pipCommands'] as const)),
      ...(isInstall ? (['pipInstall'] as const) : []),
      ...(isInstall && isBuilding ? (['setuptools', 'building'] as const) : []),
      ...(isInstall && words.includes('--no-build-isolation') ? (['backend'] as const) : []),
    ];
  }
  if (program === 'venv') {
    const isBare = words.includes('--without-pip');
    return isBare ? ['start', 'libraries'] : ['start', 'libraries', 'pipLibraries', 'ensurepip'];
  }
  if (/^(virtualenv|compileall|pipenv|poetry|unittest|build)$/.test(program)) {
    return ['start', 'libraries'];
  }
  return words.some((word) => /(^|\/)setup\.py$/.test(word))
    ? [
        'start',
        'libraries',
        'setuptools',
        'building',
        'distutils',
        ...(words.includes('install') ? (['easyInstall'] as const) : []),
      ]
    : ['start'];
}

/** Its own byte code, as far as no call before it has left it already. */
export function interpreterBytes(call: Call, scope: WorkScope): Amount {
  const own = partsOf(call, scope);
  if (own === undefined || scope.image?.family !== 'python' || !isRoot(scope)) return NOTHING;
  const { variable, earlier } = scope;
  const off = variable('PYTHONDONTWRITEBYTECODE');
  if (off !== undefined && off !== '') return NOTHING;
  // Byte code with optimizations is another.
  const isOptimized = (each: Call): boolean => each.args.some((arg) => /^-O+$/.test(arg ?? ''));
  const alike = earlier.filter((each) => isOptimized(each) === isOptimized(call));
  const known = new Set(alike.flatMap((each) => partsOf(each, scope) ?? []));
  // An environment's own pip is compiled when it is put in place.
  const isOutside = environmentOf(call, scope) === undefined;
  const parts = own.filter(
    (part) =>
      !known.has(part) &&
      (isOutside ||
        !/^(pip|pipCommands|pipInstall|setuptools|backend|distutils|easyInstall)$/.test(part)),
  );
  const bytes = parts.reduce((total, part) => total + PARTS[part], 0);
  const share = compiledShare(pythonVersion(scope)) / compiledShare('3.11');
  if (bytes === 0) return NOTHING;
  return {
    bytes: bytes * share,
    // What a script imports, nobody looks at.
    low: off === undefined ? 0 : Math.max(0, bytes * share * 0.88 - 150_000),
    high: bytes * share * 1.12 + 800_000,
    basis: 'model',
  };
}

/** Bytes of Python's sources below a folder, and of all that lies there; `undefined` where nobody knows. */
export function sourcesBelow(
  files: BuildContext | undefined,
  folder: string,
): { readonly python: number; readonly all: number } | undefined {
  if (!files || files.gaps.some(({ path }) => isWithin(path, folder) || isWithin(folder, path))) {
    return undefined;
  }
  let python = 0;
  for (const { path, kind, bytes } of entriesOf(files)) {
    if (kind === 'file' && path.endsWith('.py') && isWithin(path, folder)) python += bytes;
  }
  return { python, all: bytesBelow(files, folder) };
}
