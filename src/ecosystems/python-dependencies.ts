/** The packages of uv's, poetry's and pipenv's lockfiles, and of requirements files. */
import { parse as parseToml } from 'smol-toml';
import { dependency, type Dependency, type DependencyList } from './dependency.ts';
import { isTable, tableIn, textIn, textsOf, type Table } from './findings.ts';

type Read = DependencyList | undefined;

export const pythonLock = { uv: uvLock, poetry: poetryLock, pipenv: pipenvLock };

/** What is not ready to use is built, and any build may compile. */
function pythonPackage(name: string, given: Partial<Dependency>): Dependency {
  return dependency(normalName(name), given);
}

/** The form in which the package index compares names. */
export function normalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function packagesOf(text: string): readonly Table[] | undefined {
  try {
    const value: unknown = parseToml(text);
    const list = isTable(value) ? value['package'] : undefined;
    return Array.isArray(list) ? list.filter(isTable) : [];
  } catch {
    return undefined;
  }
}

function fileName(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1).replace(/[?#].*$/, '');
}

function uvLock(text: string): Read {
  const packages = packagesOf(text)?.flatMap((entry) => {
    const source = tableIn(entry, 'source');
    // The project itself.
    if (source['virtual'] !== undefined || source['editable'] !== undefined) return [];
    const wheels = Array.isArray(entry['wheels']) ? entry['wheels'].filter(isTable) : [];
    return pythonPackage(textIn(entry, 'name') ?? '', {
      version: textIn(entry, 'version'),
      ready: wheels.map((each) => fileName(textIn(each, 'url') ?? textIn(each, 'filename') ?? '')),
      from: textIn(source, 'git') ?? textIn(source, 'url') ?? textIn(source, 'directory'),
    });
  });
  return packages && { registry: 'pypi', packages, isComplete: true };
}

function poetryLock(text: string): Read {
  const packages = packagesOf(text)?.map((entry) => {
    const groups = textsOf(entry['groups']);
    const category = textIn(entry, 'category');
    const isSaid = category !== undefined || groups.length > 0;
    const files = Array.isArray(entry['files']) ? entry['files'].filter(isTable) : undefined;
    return pythonPackage(textIn(entry, 'name') ?? '', {
      version: textIn(entry, 'version'),
      isDevelopment: isSaid ? category !== 'main' && !groups.includes('main') : undefined,
      ready: files
        ?.map((each) => textIn(each, 'file') ?? '')
        .filter((name) => name.endsWith('.whl')),
      from: textIn(entry, 'source', 'type') === 'git' ? textIn(entry, 'source', 'url') : undefined,
    });
  });
  return packages && { registry: 'pypi', packages, isComplete: true };
}

function pipenvLock(text: string): Read {
  let lock: unknown;
  try {
    lock = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isTable(lock)) return undefined;
  const list = (section: string, isDevelopment: boolean): Dependency[] =>
    Object.entries(tableIn(lock, section)).map(([name, entry]) => {
      const table = isTable(entry) ? entry : undefined;
      return pythonPackage(name, {
        version: textIn(table, 'version')?.replace(/^==/, ''),
        isDevelopment,
        from: textIn(table, 'git') ?? textIn(table, 'path') ?? textIn(table, 'file'),
      });
    });
  const packages = [...list('default', false), ...list('develop', true)];
  return { registry: 'pypi', packages, isComplete: true };
}

/** A requirements file: whether it has all that is installed, nobody can say. */
export function requirementsList(text: string): Read {
  const packages: Dependency[] = [];
  for (const raw of text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    const given = requirement(line);
    if (given) packages.push(given);
  }
  return { registry: 'pypi', packages, isComplete: packages.length === 0 };
}

/** One requirement, as a line of a file or an argument of pip; `undefined` for an option. */
export function requirement(line: string): Dependency | undefined {
  const address = /^(?:-e\s+|--editable[= ]\s*)?((?:git|hg|svn|bzr)\+\S+|https?:\/\/\S+)/.exec(
    line,
  )?.[1];
  if (address !== undefined) {
    const egg = /[#&]egg=([\w.-]+)/.exec(address)?.[1];
    return pythonPackage(egg ?? fileName(address), { from: address });
  }
  if (line === '' || line.startsWith('-')) return undefined;
  const match = /^([A-Za-z0-9][\w.-]*)\s*(?:\[([^\]]*)\])?\s*(.*)$/.exec(line);
  if (!match) return undefined;
  const extras = match[2]?.split(',').map((each) => each.trim());
  const rest = match[3]!;
  const from = /^@\s*(\S+)/.exec(rest)?.[1];
  // Only for another system.
  if (
    /sys_platform\s*==\s*['"](win32|darwin|cygwin)|platform_system\s*==\s*['"](Windows|Darwin)/.test(
      rest,
    )
  ) {
    return undefined;
  }
  return pythonPackage(match[1]!, {
    version: /^={2,3}\s*([\w.+!-]+)/.exec(rest)?.[1],
    from,
    ...(extras && { extras }),
  });
}
