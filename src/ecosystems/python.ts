/** How Python projects install: pip, pipenv, poetry, uv and conda. */
import { packageCommand } from '../analysis/packages.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import { toolOf, type Ecosystem, type Install, type Project } from './ecosystem.ts';
import {
  foldersMatching,
  hasEntry,
  isFolder,
  isTable,
  leavesFiles,
  read,
  readToml,
  readYaml,
  refuse,
  result,
  startFindings,
  tableIn,
  textIn,
  textsOf,
  under,
  type Findings,
  type Table,
} from './findings.ts';
import { readRequirement, readRequirements } from './requirements.ts';
import { UV_VALUES } from './python-tools.ts';
import { pythonWeigh } from './python-weight.ts';
import { pythonWork } from './python-work.ts';
import { hasOption, moduleCall, readWords, valuesOf, type Words } from './words.ts';

/** An install of one of the tools, and what it takes to look at it. */
interface PythonCall {
  readonly tool: 'pip' | 'pipenv' | 'poetry' | 'uv' | 'conda';
  readonly words: Words;
  /** Notes what it reads; the project's folder is where the command runs. */
  readonly note: (found: Findings, words: Words) => void;
  readonly usual: readonly string[] | undefined;
}

export const python: Ecosystem = {
  id: 'python',
  install: (command, project) => {
    const call = installCall(command, project);
    return call && installOf(call, project);
  },
  usual: (command, facts) => {
    const call = installCall(command, { facts, variable: () => undefined });
    return call && (call.usual ?? toolOf(facts, call.tool).usual);
  },
  work: pythonWork,
  weigh: pythonWeigh,
};

function installOf(call: PythonCall, project: Project): Install {
  const found = startFindings(project);
  if (call.words.unknown !== undefined) {
    refuse(found, `nobody knows what ${call.words.unknown} says`);
  }
  const odd = SETTINGS.find((name) => project.variable(name) !== undefined);
  if (odd !== undefined) refuse(found, `${odd} tells it to look elsewhere`);
  call.note(found, call.words);
  return result(found, toolOf(project.facts, call.tool));
}

/** Variables that name files to read or folders to write. */
const SETTINGS = [
  'PIP_REQUIREMENT',
  'PIP_CONSTRAINT',
  'PIP_BUILD_CONSTRAINT',
  'PIP_FIND_LINKS',
  'PIP_TARGET',
  'PIP_SRC',
  'PIPENV_PIPFILE',
  'UV_PROJECT_ENVIRONMENT',
  'UV_CONSTRAINT',
  'UV_FIND_LINKS',
  'UV_WORKING_DIRECTORY',
];

type Surroundings = Pick<Project, 'facts' | 'variable'>;

function installCall(
  command: SimpleCommand,
  { facts, variable }: Surroundings,
): PythonCall | undefined {
  const call = packageCommand(command, facts);
  if (call?.manager.id === 'pip') {
    const isInstall = /^(install|wheel|download)$/.test(call.actionWord?.literal ?? '');
    const args = call.args.filter((word) => word !== call.actionWord);
    return isInstall ? pipCall(readWords(args, call.manager.valueOptions, true)) : undefined;
  }
  if (call?.manager.id === 'conda') {
    const words = readWords(call.args, call.manager.valueOptions);
    return condaCall(words);
  }
  const uv = moduleCall(command, 'uv');
  if (uv) return uvCall(readWords(uv.args, UV_VALUES));
  const poetry = moduleCall(command, 'poetry');
  if (poetry) return poetryCall(readWords(poetry.args, POETRY_VALUES));
  const pipenv = moduleCall(command, 'pipenv');
  if (pipenv) return pipenvCall(readWords(pipenv.args, PIPENV_VALUES), variable);
  return undefined;
}

/** Also that of `uv pip install`; `undefined` where it installs by name alone. */
function pipCall(words: Words): PythonCall | undefined {
  const files = valuesOf(words, '-r', '--requirement', '--requirements');
  const editable = valuesOf(words, '-e', '--editable');
  const constraints = valuesOf(words, '-c', '--constraint', '--constraints');
  const isLocal = words.operands.some((each) => /^\.{1,2}(\/|\[|$)|\/|\.(whl|zip|gz)$/.test(each));
  if (files.length + editable.length + constraints.length === 0 && !isLocal) return undefined;
  const isRemote = (path: string): boolean => /^https?:/.test(path);
  return {
    tool: 'pip',
    words,
    usual: isLocal || editable.length > 0 ? undefined : files.filter((each) => !isRemote(each)),
    note: (found) => {
      const { folder } = found.project;
      for (const each of editable) readRequirement(found, `-e ${each}`, folder);
      for (const each of words.operands) readRequirement(found, each, folder);
      for (const each of [...files, ...constraints].filter((path) => !isRemote(path))) {
        if (/\.(toml|cfg|py)$/.test(each)) readProject(found, under(folder, each));
        else if (leavesFiles(folder, each)) refuse(found, `${each} is not known`);
        else readRequirements(found, under(folder, each), folder);
      }
      for (const each of valuesOf(words, '-f', '--find-links')) {
        readRequirement(found, `-f ${each}`, folder);
      }
      const targets = [
        '-t',
        '--target',
        '--prefix',
        '--root',
        '--src',
        '-w',
        '--wheel-dir',
        '-d',
        '--dest',
      ];
      for (const each of valuesOf(words, ...targets)) found.writes.add(under(folder, each));
    },
  };
}

/** `uv pip install -r pyproject.toml`: the dependencies that it names. */
function readProject(found: Findings, path: string): void {
  if (!path.endsWith('.toml')) return refuse(found, `${path} is a program of the project`);
  const dynamic = textsOf(tableIn(readToml(found, path), 'project')['dynamic']);
  if (dynamic.length > 0) refuse(found, `${path} leaves ${dynamic[0]} to a build of the project`);
}

const PIPENV_VALUES = [
  '--python',
  '-r',
  '--requirements',
  '-e',
  '--editable',
  '-i',
  '--index',
  '--extra-pip-args',
  '--categories',
  '--pypi-mirror',
];

function pipenvCall(words: Words, variable: Project['variable']): PythonCall | undefined {
  const [action, ...operands] = words.operands;
  if ((action !== 'install' && action !== 'sync') || operands.length > 0) return undefined;
  if (words.options.has('-e') || words.options.has('--editable')) return undefined;
  return {
    tool: 'pipenv',
    words,
    usual: undefined,
    note: (found) => {
      const { folder, facts } = found.project;
      const isSystem = hasOption(words, '--system');
      const toml = readToml(found, under(folder, 'Pipfile'));
      if (!toml) refuse(found, `nothing that is copied before it is a Pipfile in /${folder}`);
      read(found, ...toolOf(facts, 'pipenv').reads.map((path) => under(folder, path)));
      for (const [section, value] of Object.entries(toml ?? {})) {
        if (!/^(source|requires|scripts|pipenv)$/.test(section) && isTable(value)) {
          readTables(found, value, folder);
        }
      }
      environmentFolder(found, isSystem, variable('PIPENV_VENV_IN_PROJECT') !== undefined);
    },
  };
}

/** A `.venv` beside the manifest is used where it is there, and made where that is asked for. */
function environmentFolder(found: Findings, isSystem: boolean, isInProject: boolean): void {
  const path = under(found.project.folder, '.venv');
  if (isSystem) return;
  if (isInProject) found.writes.add(path);
  else if (hasEntry(found.project.files, path)) {
    refuse(found, 'it would install into the .venv that is copied');
  }
}

/** Dependencies as tables: `{ path = "../lib" }`, `{ file = "x.whl" }`. */
function readTables(found: Findings, dependencies: Table, folder: string): void {
  for (const [name, value] of Object.entries(dependencies)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof each === 'string') continue;
      if (!isTable(each)) continue;
      const isRemote = ['git', 'url', 'hg', 'svn'].some((key) => typeof each[key] === 'string');
      const path = textIn(each, 'path') ?? textIn(each, 'file');
      const isEditable = each['editable'] === true || each['workspace'] === true;
      if (path !== undefined && !/^https?:/.test(path)) {
        readRequirement(found, path.includes('/') ? path : `./${path}`, folder);
      } else if (isEditable && !isRemote) {
        refuse(found, `${name} is a folder of the project`);
      }
    }
  }
}

const POETRY_VALUES = [
  '-C',
  '--directory',
  '-P',
  '--project',
  '--only',
  '--with',
  '--without',
  '-E',
  '--extras',
];

function poetryCall(words: Words): PythonCall | undefined {
  const [action, ...operands] = words.operands;
  if ((action !== 'install' && action !== 'sync') || operands.length > 0) return undefined;
  const isRootless = hasOption(words, '--no-root');
  return {
    tool: 'poetry',
    words,
    usual: undefined,
    note: (found, { options }) => {
      const { folder, facts, variable } = found.project;
      if (
        options.has('-C') ||
        options.has('--directory') ||
        options.has('-P') ||
        options.has('--project')
      ) {
        refuse(found, 'it runs in another folder');
      }
      const toml = readToml(found, under(folder, 'pyproject.toml'));
      if (!toml)
        refuse(found, `nothing that is copied before it is a pyproject.toml in /${folder}`);
      const settings = tableIn(toml, 'tool', 'poetry');
      if (!isRootless && settings['package-mode'] !== false) {
        refuse(
          found,
          '"poetry install" without --no-root also installs the project from its sources',
        );
      }
      read(found, ...toolOf(facts, 'poetry').reads.map((path) => under(folder, path)));
      const license = textIn(toml, 'project', 'license', 'file');
      if (license !== undefined) read(found, under(folder, license));
      for (const field of ['dependencies', 'dev-dependencies']) {
        readTables(found, tableIn(settings, field), folder);
      }
      for (const group of Object.values(tableIn(settings, 'group'))) {
        if (isTable(group)) readTables(found, tableIn(group, 'dependencies'), folder);
      }
      readStandard(found, toml, folder);
      const own = hasEntry(found.project.files, under(folder, 'poetry.toml'))
        ? readToml(found, under(folder, 'poetry.toml'))
        : undefined;
      const virtualenvs = tableIn(own, 'virtualenvs');
      const isInProject =
        virtualenvs['in-project'] === true ||
        variable('POETRY_VIRTUALENVS_IN_PROJECT')?.toLowerCase() === 'true' ||
        variable('POETRY_VIRTUALENVS_IN_PROJECT') === '1';
      const isSystem =
        virtualenvs['create'] === false ||
        /^(false|0)$/i.test(variable('POETRY_VIRTUALENVS_CREATE') ?? '');
      environmentFolder(found, isSystem, isInProject);
      // The user's own settings, which an earlier command may change, can ask for it as well.
      if (!isSystem) found.writes.add(under(folder, '.venv'));
    },
  };
}

/** The dependencies of a pyproject.toml in the standard's form. */
function readStandard(found: Findings, toml: Table | undefined, folder: string): void {
  const project = tableIn(toml, 'project');
  const lists = [
    project['dependencies'],
    ...Object.values(tableIn(project, 'optional-dependencies')),
    ...Object.values(tableIn(toml, 'dependency-groups')),
  ];
  for (const requirement of lists.flatMap(textsOf)) {
    if (/@/.test(requirement)) readRequirement(found, requirement, folder);
  }
}

function uvCall(words: Words): PythonCall | undefined {
  const [action, ...operands] = words.operands;
  if (action === 'pip' && operands[0] === 'install') {
    return pipCall({ ...words, operands: operands.slice(1) });
  }
  if (action === 'pip' && operands[0] === 'sync') {
    const options = new Map([...words.options, ['-r', operands.slice(1)] as const]);
    return pipCall({ ...words, options, operands: [] });
  }
  if (action !== 'sync' || operands.length > 0) return undefined;
  return { tool: 'uv', words, usual: undefined, note: noteSync };
}

function noteSync(found: Findings, words: Words): void {
  const { folder, facts, files } = found.project;
  if (
    ['--directory', '--project', '--config-file', '--script'].some((name) =>
      words.options.has(name),
    )
  ) {
    return refuse(found, "it runs for another project than the folder's");
  }
  const toml = readToml(found, under(folder, 'pyproject.toml'));
  if (!toml)
    return refuse(found, `nothing that is copied before it is a pyproject.toml in /${folder}`);
  read(found, ...toolOf(facts, 'uv').reads.map((path) => under(folder, path)));
  const settings = tableIn(toml, 'tool', 'uv');
  const isPackage = settings['package'] ?? toml['build-system'] !== undefined;
  const isLeft = hasOption(
    words,
    '--no-install-project',
    '--no-install-workspace',
    '--no-install-local',
    '--only-group',
  );
  if (isPackage !== false && !isLeft) {
    refuse(
      found,
      '"uv sync" without --no-install-project also installs the project from its sources',
    );
  }
  const dynamic = textsOf(tableIn(toml, 'project')['dynamic']);
  if (dynamic.length > 0 && !hasOption(words, '--frozen')) {
    refuse(found, `pyproject.toml leaves ${dynamic[0]} to a build of the project`);
  }
  const members = textsOf(tableIn(settings, 'workspace')['members']);
  const folders = foldersMatching(files, folder, members, 'pyproject.toml');
  for (const each of folders) read(found, under(each, 'pyproject.toml'));
  const isAllLeft = hasOption(words, '--no-install-workspace', '--no-install-local');
  for (const [name, source] of Object.entries(tableIn(settings, 'sources'))) {
    for (const each of Array.isArray(source) ? source : [source]) {
      if (!isTable(each)) continue;
      if (each['workspace'] === true && isAllLeft) continue;
      readTables(found, { [name]: each }, folder);
    }
  }
  if (folders.length > 0 && !isAllLeft)
    refuse(found, 'it installs the workspaces from their sources');
  readStandard(found, toml, folder);
  for (const each of textsOf(settings['find-links'])) readRequirement(found, `-f ${each}`, folder);
  found.writes.add(under(folder, '.venv'));
}

/** `conda env create -f environment.yml`. */
function condaCall(words: Words): PythonCall | undefined {
  const [first, second, ...others] = words.operands;
  if (first !== 'env' || !/^(create|update)$/.test(second ?? '') || others.length > 0)
    return undefined;
  const files = valuesOf(words, '-f', '--file');
  const paths = files.length > 0 ? files : ['environment.yml'];
  return {
    tool: 'conda',
    words,
    usual: paths,
    note: (found) => {
      const { folder, files: known } = found.project;
      for (const path of paths.map((each) => under(folder, each))) {
        if (!hasEntry(known, path) || isFolder(known, path)) {
          refuse(found, `nothing that is copied before it is /${path}`);
          continue;
        }
        const dependencies = readYaml(found, path)?.['dependencies'];
        for (const each of Array.isArray(dependencies) ? dependencies : []) {
          if (!isTable(each)) continue;
          // pip runs in the folder of the file.
          const base = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
          for (const line of textsOf(each['pip'])) {
            const include = /^(?:-r|-c)\s*(.+)$/.exec(line)?.[1];
            if (include === undefined) readRequirement(found, line, base);
            else readRequirements(found, under(base, include), base);
          }
        }
      }
      for (const prefix of valuesOf(words, '-p', '--prefix'))
        found.writes.add(under(folder, prefix));
    },
  };
}
