/** What calls of Python that work on a project leave in it: byte code, builds, collected files. */
import { about, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { entriesOf, isWithin } from '../analysis/context.ts';
import { compiledShare, pythonVersion, sourcesBelow } from './python-bytecode.ts';
import { pythonProject } from './python-project.ts';
import { inImage, siteOf } from './python-site.ts';
import type { Weight } from './weight.ts';
import { ownName, type WorkScope } from './work.ts';

/** `undefined` for a call that nobody knows. */
export function projectWeight(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const name = ownName(call);
  if (name === 'django-admin') return managed(call.args, call, scope);
  if (!/^(python|pypy)[\d.]*$/.test(name)) return undefined;
  const at = call.args.findIndex((arg) => arg?.startsWith('-') !== true || arg === '-m');
  const [first, second] = call.args.slice(at);
  const rest = call.args.slice(at + 1);
  if (at < 0) return [];
  if (first === '-m') return moduleWeight(second, call, rest.slice(1), scope);
  if (/(^|\/)setup\.py$/.test(first ?? '')) return setupWeight(rest, call, scope);
  if (/(^|\/)manage\.py$/.test(first ?? '')) return managed(rest, call, scope);
  if (/(^|\/)get-pip\.py$/.test(first ?? '')) return [pipItself(scope)];
  return undefined;
}

function moduleWeight(
  module: string | undefined,
  call: Call,
  rest: Call['args'],
  scope: WorkScope,
): readonly Weight[] | undefined {
  if (module === 'compileall' || module === 'py_compile') return compiled(call, rest, scope);
  if (module === 'ensurepip') return [pipItself(scope)];
  if (module === 'build') return builtWheel(call, scope);
  if (module === 'django') return managed(rest, call, scope);
  return undefined;
}

/** pip with setuptools and wheel, with byte code: an environment of Python 3.11 without its links. */
function pipItself(scope: WorkScope): Weight {
  const version = pythonVersion(scope) ?? '3';
  const path = `usr/local/lib/python${version}/site-packages`;
  return { path, kind: 'dependencies', what: 'pip', amount: about(18_000_000, 0.4) };
}

/** Folders that are named; all of PATH's libraries where none is. */
function compiled(call: Call, rest: Call['args'], scope: WorkScope): readonly Weight[] {
  const share = compiledShare(pythonVersion(scope));
  const named = rest.filter(
    (arg, index) =>
      arg !== undefined && !arg.startsWith('-') && !/^-[rjdspxeio]$/.test(rest[index - 1] ?? ''),
  );
  if (rest.includes(undefined)) return [{ ...byteCode(''), amount: undefined }];
  if (named.length === 0) {
    // The interpreter's own libraries: the official images', of 3.11, without tests.
    return [{ ...byteCode('usr/local/lib'), amount: about(15_000_000 * (share / 1.27), 0.6) }];
  }
  const folders = [...new Set(named.map((each) => inImage(each!, call.folder)))];
  return folders.map((folder) => {
    const found = sourcesBelow(scope.files, folder);
    return { ...byteCode(folder), amount: found && projectByteCode(found.python, share) };
  });
}

/** Own sources have fewer or more comments than published packages. */
function projectByteCode(python: number, share: number): Amount {
  const bytes = python * share;
  return { bytes, low: bytes * 0.65, high: bytes * 1.4 + 2000, basis: 'model' };
}

function byteCode(folder: string): Omit<Weight, 'amount'> {
  return { path: folder, kind: 'build', what: 'byte code' };
}

function setupWeight(rest: Call['args'], call: Call, scope: WorkScope): readonly Weight[] {
  const [action = ''] = rest.filter((arg) => arg?.startsWith('-') !== true);
  const { folder } = call;
  const place = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
  const found = sourcesBelow(scope.files, folder);
  const share = compiledShare(pythonVersion(scope));
  const project = scope.files && pythonProject(scope.files, folder);
  const objects = project?.compiles === false ? undefined : extensionBytes(call, scope);
  const pure: Amount = found
    ? { bytes: found.python + 1500, low: 500, high: found.all + 4000, basis: 'model' }
    : { bytes: 100_000, low: 500, high: 20_000_000, basis: 'model' };
  const build: Weight = {
    path: place('build'),
    kind: 'build',
    what: 'what setup.py builds',
    amount: objects && action === 'build_ext' ? objects : pure,
  };
  switch (action) {
    case 'build':
    case 'build_py':
    case 'build_ext':
      return [build];
    case 'sdist':
    case 'bdist_wheel':
    case 'bdist':
      return [build, ...builtWheel(call, scope)];
    case 'develop':
      return [{ ...build, path: place('build'), amount: about(3000, 0.7) }];
    case 'install': {
      const site = siteOf(call, scope);
      const path =
        'why' in site || site.kind !== 'system'
          ? `usr/local/lib/python${pythonVersion(scope) ?? '3'}/site-packages`
          : site.places[0]!;
      // As an egg, which holds sources and byte code.
      const bytes = (found?.python ?? 50_000) * (1 + share) + 3000;
      const amount: Amount = {
        bytes,
        low: bytes * (found ? 0.4 : 0.05),
        high: bytes * (found ? 1.6 : 60),
        basis: 'model',
      };
      const isBuilt = scope.earlier.some(({ args }) =>
        args.some((arg, index) => arg === 'build' && (args[index - 1] ?? '').endsWith('setup.py')),
      );
      const egg: Weight = { path, kind: 'dependencies', what: 'the project', amount };
      return isBuilt ? [egg] : [egg, build];
    }
    default:
      return [];
  }
}

/** Objects and libraries of the extensions: by their sources, for the debugging sections weigh most. */
function extensionBytes({ folder }: Call, { files }: WorkScope): Amount | undefined {
  if (!files) return undefined;
  const sources = entriesOf(files).filter(
    ({ path, kind }) => kind === 'file' && isWithin(path, folder) && /\.(c|cc|cpp|pyx)$/.test(path),
  );
  if (sources.length === 0) return undefined;
  const bytes = sources.reduce((total, each) => total + 60_000 + each.bytes * 8, 0);
  return { bytes, low: sources.length * 15_000, high: bytes * 8, basis: 'model' };
}

function builtWheel(call: Call, scope: WorkScope): readonly Weight[] {
  const found = sourcesBelow(scope.files, call.folder);
  const bytes = found ? found.python * 0.26 + 1500 : 30_000;
  const amount: Amount = {
    bytes,
    low: 1000,
    high: (found?.all ?? 5_000_000) + 4000,
    basis: 'model',
  };
  return [{ path: inImage('dist', call.folder), kind: 'build', what: 'archives', amount }];
}

/** Django's own static files of the administration: 3.2 to 5.1, in bytes. */
const ADMIN = { bytes: 3_300_000, low: 1_700_000, high: 4_500_000 };

/** Folders of static files in a project. */
const STATIC = /(^|\/)(static|assets|staticfiles|static_src)\//;

function managed(rest: Call['args'], call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const [action = ''] = rest.filter((arg) => arg?.startsWith('-') !== true);
  if (/^(check|showmigrations|diffsettings|help|version)$/.test(action)) return [];
  if (action !== 'collectstatic') return undefined;
  const { files } = scope;
  if (!files) {
    return [{ ...collected('static', call), amount: undefined }];
  }
  let own = 0;
  let hasAdmin = false;
  let folder = 'static';
  for (const { path, kind, bytes } of entriesOf(files)) {
    if (!isWithin(path, call.folder)) continue;
    if (kind === 'file' && STATIC.test(path)) own += bytes;
    const text = path.endsWith('.py') ? files.texts.get(path) : undefined;
    if (text?.includes('django.contrib.admin') === true) hasAdmin = true;
    folder = /^[ \t]*STATIC_ROOT\s*=.*["'/]([\w.-]+)\/?["']/m.exec(text ?? '')?.[1] ?? folder;
  }
  const admin = hasAdmin ? ADMIN : { bytes: 0, low: 0, high: 0 };
  const amount: Amount = {
    bytes: own + admin.bytes,
    low: own * 0.8 + admin.low,
    // Packages have static files as well, and compressed copies may be kept.
    high: own * 2.5 + admin.high + (hasAdmin ? 15_000_000 : 2000),
    basis: 'model',
  };
  return [{ ...collected(folder, call), amount }];
}

function collected(folder: string, call: Call): Omit<Weight, 'amount'> {
  return { path: inImage(folder, call.folder), kind: 'build', what: 'static files' };
}
