/**
 * What a folder with a project of Python says of itself, read as text: whether installing it compiles,
 * what its extensions link, and which packages it asks for.
 */
import { entryAt, textOf, type BuildContext } from '../analysis/context.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import { parse as parseToml } from 'smol-toml';
import { isTable, tableIn, textIn, textsOf, under, type Table } from './findings.ts';

export interface PythonProject {
  /** `undefined` where nobody can see. */
  readonly compiles: boolean | undefined;
  /** What stands behind -l; `undefined` where that is worked out while it builds. */
  readonly libraries: readonly string[] | undefined;
  /** As lines of a requirements file; `undefined` where they are worked out. */
  readonly requires: readonly string[] | undefined;
  /** Names of its console scripts. */
  readonly scripts: readonly string[];
  /** It puts files into folders beside site-packages, or may. */
  readonly hasDataFiles: boolean;
}

/** Build backends that never compile, where the project has no setup.py. */
const PURE_BACKENDS = /^(setuptools|hatchling|flit_core|flit\.|poetry|pdm|uv_build|jaraco)/;

/** Whether there may be one, in whatever folder. */
export function hasPythonProjects({ entries }: BuildContext): boolean {
  let has = described.get(entries);
  if (has === undefined) {
    has = entries.some(({ path }) => /(setup\.(py|cfg)|pyproject\.toml)$/.test(path));
    described.set(entries, has);
  }
  return has;
}

const MANIFESTS = ['setup.py', 'setup.cfg', 'pyproject.toml'] as const;

const described = new RunMemory<BuildContext['entries'], boolean>();

const known = new RunMemory<BuildContext, Map<string, PythonProject | undefined>>();

/** `undefined` where no file of the folder describes a project. */
export function pythonProject(files: BuildContext, folder: string): PythonProject | undefined {
  let byFolder = known.get(files);
  if (!byFolder) known.set(files, (byFolder = new Map<string, PythonProject | undefined>()));
  if (!byFolder.has(folder)) byFolder.set(folder, readProject(files, folder));
  return byFolder.get(folder);
}

function readProject(files: BuildContext, folder: string): PythonProject | undefined {
  const read = (name: string): string | undefined => {
    const text = textOf(files, under(folder, name));
    return text.kind === 'text' ? text.text.replace(/^\ufeff/, '') : undefined;
  };
  const isThere = (name: string): boolean => entryAt(files, under(folder, name)) !== undefined;
  const [setup, settings, manifest] = MANIFESTS.map(read);
  if (setup === undefined && settings === undefined && manifest === undefined) return undefined;
  const toml = manifest === undefined ? undefined : tomlOf(manifest);
  const code = setup === undefined ? undefined : withoutComments(setup);
  const isUnread = (code === undefined && isThere('setup.py')) || (manifest !== undefined && !toml);
  return {
    compiles: isUnread ? undefined : compiles(code, toml),
    libraries: code === undefined ? [] : linkedBy(code),
    requires: isUnread ? undefined : requirements(code, settings, toml),
    scripts: scriptsOf(code, settings, toml),
    hasDataFiles:
      isUnread ||
      /\bdata_files\b/.test(`${code ?? ''}\n${settings ?? ''}`) ||
      Object.keys(tableIn(toml, 'tool', 'setuptools', 'data-files')).length > 0,
  };
}

function tomlOf(text: string): Table | undefined {
  try {
    const value = parseToml(text);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function withoutComments(code: string): string {
  return code.replace(/^([^'"#\n]*)#.*$/gm, '$1');
}

const EXTENSION =
  /\b(ext_modules|ext_package|cffi_modules|rust_extensions|cythonize|CMakeExtension|Pybind11Extension|numpy\.distutils|skbuild)\b|\bExtension\s*\(/;

function compiles(code: string | undefined, toml: Table | undefined): boolean | undefined {
  const backend = textIn(toml, 'build-system', 'build-backend') ?? 'setuptools';
  if (!PURE_BACKENDS.test(backend)) return /^(maturin|scikit|mesonpy)/.test(backend) || undefined;
  const extensions = tableIn(toml, 'tool', 'setuptools')['ext-modules'];
  if (extensions !== undefined) return true;
  if (backend.startsWith('poetry') && tableIn(toml, 'tool', 'poetry')['build'] !== undefined) {
    return undefined;
  }
  const hooks = tableIn(toml, 'tool', 'hatch', 'build', 'hooks');
  if (Object.keys(hooks).some((name) => name !== 'vcs')) return undefined;
  if (code === undefined) return false;
  if (EXTENSION.test(code)) return true;
  const isOpen = /\bcmdclass\b|\bsubprocess\b|\bos\.(system|popen)|setup\s*\(\s*\*\*/.test(code);
  return isOpen || !/\bsetup\s*\(/.test(code) ? undefined : false;
}

/** Texts of a list as it is written; `undefined` where it holds anything else. */
function literals(list: string): string[] | undefined {
  const rest = list.replace(/(["'])(?:(?!\1).)*\1/g, '').replace(/[\s,]/g, '');
  if (rest !== '') return undefined;
  return [...list.matchAll(/(["'])((?:(?!\1).)*)\1/g)].map((match) => match[2]!);
}

function linkedBy(code: string): readonly string[] | undefined {
  if (/pkg-?config|pkgconfig|extra_objects|libraries\s*\+=|\.libraries\b/.test(code))
    return undefined;
  const found: string[] = [];
  for (const [, name, list] of code.matchAll(
    /\b(libraries|extra_link_args)\s*=\s*(\[[^\]]*\]|[^\s,)]+)/g,
  )) {
    const texts = list!.startsWith('[') ? literals(list!.slice(1, -1)) : undefined;
    if (!texts) return undefined;
    const names = texts.flatMap((each) => (each.startsWith('-l') ? [each.slice(2)] : []));
    found.push(...(name === 'libraries' ? texts : names));
  }
  if (/-f?openmp\b/.test(code)) found.push('gomp');
  return found;
}

function requirements(
  code: string | undefined,
  settings: string | undefined,
  toml: Table | undefined,
): readonly string[] | undefined {
  const found: string[] = [];
  const project = tableIn(toml, 'project');
  found.push(...textsOf(project['dependencies']));
  for (const [name, value] of Object.entries(tableIn(toml, 'tool', 'poetry', 'dependencies'))) {
    if (name === 'python') continue;
    const table = isTable(value) ? value : undefined;
    if (['git', 'path', 'url', 'file'].some((key) => table?.[key] !== undefined)) return undefined;
    if (table?.['optional'] !== true) found.push(name);
  }
  const section = /^install_requires\s*=[ \t]*(.*(?:\n[ \t]+.*)*)/m.exec(settings ?? '')?.[1];
  if (section !== undefined) {
    if (/^\s*(file|attr):/.test(section)) return undefined;
    found.push(...section.split('\n').map((line) => line.trim()));
  }
  if (textsOf(project['dynamic']).includes('dependencies') && !code) return undefined;
  const list = /\b(?:install_)?requires\s*=\s*(\[[^\]]*\]|[^\s,)]+)/.exec(code ?? '')?.[1];
  if (list !== undefined) {
    const texts = list.startsWith('[') ? literals(list.slice(1, -1)) : undefined;
    if (!texts) return undefined;
    found.push(...texts);
  }
  return found.filter((line) => line !== '' && !line.startsWith('#'));
}

function scriptsOf(
  code: string | undefined,
  settings: string | undefined,
  toml: Table | undefined,
): readonly string[] {
  const tables = [tableIn(toml, 'project', 'scripts'), tableIn(toml, 'tool', 'poetry', 'scripts')];
  // `stock = stock.cli:main`, as entry points have it.
  const points = `${code ?? ''}\n${settings ?? ''}`.matchAll(/([\w.-]+)\s*=\s*[\w.]+:[\w.]+/g);
  return [...tables.flatMap((table) => Object.keys(table)), ...[...points].map((each) => each[1]!)];
}
