/** The byte code that Python leaves beside sources: of installed packages, of projects, and its own. */
import { about, NOTHING, type Amount } from '../analysis/amounts.ts';
import { bytesBelow, entriesOf, isWithin, type BuildContext } from '../analysis/context.ts';
import type { Call } from '../analysis/calls.ts';
import { environmentOf, isRoot, SUITES } from './python-site.ts';
import { ownName, type WorkScope } from './work.ts';

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
  /** What pip loads of the interpreter's libraries, and pip itself. */
  pipLibraries: 3_000_000,
  pip: 4_160_000,
  pipInstall: 2_290_000,
  setuptools: 3_230_000,
} as const;

type Part = keyof typeof PARTS;

/** Which parts a call loads; `undefined` for a program that is none of Python's. */
function partsOf(call: Call): readonly Part[] | undefined {
  const name = ownName(call);
  const isModule = /^python[\d.]*$/.test(name) && call.args[0] === '-m';
  const program = isModule ? (call.args[1] ?? '') : name.replace(/[\d.]+$/, '');
  const words = call.args.filter((each) => each !== undefined);
  if (program === 'pip') {
    const isInstall = words.some((word) => /^(install|wheel|download)$/.test(word));
    const isBuilding = words.some((word) =>
      /^(-e|--editable|\.{0,2}\/.*|\.{1,2}(\[.*)?)$/.test(word),
    );
    const sources = isBuilding && !words.some((word) => word.endsWith('.whl'));
    return [
      'start',
      'libraries',
      'pipLibraries',
      'pip',
      ...(isInstall ? (['pipInstall'] as const) : []),
      ...(isInstall && sources ? (['setuptools'] as const) : []),
    ];
  }
  if (/^(venv|virtualenv|compileall|pipenv|poetry|unittest|build)$/.test(program)) {
    return ['start', 'libraries'];
  }
  if (!/^python$/.test(program) && !isModule) return undefined;
  return words.some((word) => /(^|\/)setup\.py$/.test(word))
    ? ['start', 'libraries', 'pipLibraries', 'setuptools']
    : ['start'];
}

/** Its own byte code, as far as no call before it has left it already. */
export function interpreterBytes(call: Call, scope: WorkScope): Amount {
  const { image, variable, earlier } = scope;
  const own = partsOf(call);
  if (own === undefined || image?.family !== 'python' || !isRoot(scope)) return NOTHING;
  const off = variable('PYTHONDONTWRITEBYTECODE');
  if (off !== undefined && off !== '') return NOTHING;
  const known = new Set(earlier.flatMap((each) => partsOf(each) ?? []));
  // An environment's own pip is compiled when it is put in place.
  const isOutside = environmentOf(call, scope) === undefined;
  const parts = own.filter(
    (part) => !known.has(part) && (isOutside || !/^(pip|pipInstall|setuptools)$/.test(part)),
  );
  const bytes = parts.reduce((total, part) => total + PARTS[part], 0);
  const share = compiledShare(pythonVersion(scope)) / compiledShare('3.11');
  const amount = about(bytes * share, 0.25);
  if (bytes === 0) return NOTHING;
  return off === undefined ? { ...amount, low: 0 } : amount;
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
