/** What the tools of Python make in a build: installs, environments, extensions, and what projects write. */
import type { Call } from '../analysis/calls.ts';
import { isWithin } from '../analysis/context.ts';
import { packageCommand } from '../analysis/packages.ts';
import {
  base,
  compiledHere,
  data,
  inProject,
  made,
  nothing,
  projectFolder,
  siteWork,
} from './python-makes.ts';
import { pipWork } from './python-pip.ts';
import { hasPythonProjects, pythonProject } from './python-project.ts';
import { writesElsewhere } from './python-scripts.ts';
import { environmentMade, homeOf, inImage, siteOf } from './python-site.ts';
import { toolWork } from './python-tools.ts';
import { ownName, type Product, type WorkAnswer, type WorkScope } from './work.ts';

export function pythonWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const name = ownName(call);
  const environment = environmentMade(call, scope.variable);
  if (environment !== undefined) {
    if (environment === '') return { why: 'the environment is the root folder' };
    return made(scope, [{ path: environment, of: 'dependencies' }], { isKept: true });
  }
  const manager = packageCommand(call.command, scope.facts)?.manager.id;
  if (manager === 'pip') return pipWork(call, scope);
  if (manager === 'conda' || /^(conda|mamba|micromamba)$/.test(name)) {
    return { why: 'nobody knows which folders of conda belong to the program' };
  }
  if (/^(python|pypy)[\d.]*$/.test(name)) return interpreterWork(call, scope);
  const tool = toolWork(call, scope, (rest) => started(rest, scope));
  if (tool) return tool;
  // A console script of the project, or of one of its packages that is known for it.
  const isOwn = ownScripts(scope).includes(name);
  if (!isOwn && !CONSOLE_SCRIPTS.test(name)) return undefined;
  return scope.image?.hasCommand(name) === 'yes' ? undefined : inProject(call, scope);
}

/** Programs of packages that work on the project's own files. */
const CONSOLE_SCRIPTS = /^(flask|django-admin|alembic|pybabel|celery|mkdocs|sphinx-build|pelican)$/;

function ownScripts(scope: WorkScope): readonly string[] {
  const { files } = scope;
  // What ran before does not matter then, and is not looked at.
  if (!files || !hasPythonProjects(files)) return [];
  const folders = new Set(scope.earlier.map(({ folder }) => folder));
  return [...folders].flatMap((folder) => pythonProject(files, folder)?.scripts ?? []);
}

/** What a call of the interpreter does, as `poetry run` or `uv run` start it too. */
function started(rest: Call, scope: WorkScope): WorkAnswer | undefined {
  return /^python[\d.]*$/.test(ownName(rest))
    ? interpreterWork(rest, scope)
    : inProject(rest, scope);
}

/** Options of the interpreter itself, without those that take a word. */
const PLAIN = /^-([bBdEiIOPqsSuvx]+|OO)$/;

function interpreterWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  let at = 0;
  while (PLAIN.test(call.args[at] ?? '')) at++;
  const [first, second] = call.args.slice(at);
  const rest = call.args.slice(at + 1);
  if (first === undefined) return undefined;
  if (first === '-m') return moduleWork(second, call, rest.slice(1), scope);
  if (first === '-c') return codeWork(second, scope);
  if (first === '-') return installerWork(call, scope);
  if (first.startsWith('-') || first === '') return undefined;
  if (/(^|\/)get-pip\.py$/.test(first)) return nothing(scope);
  if (/(^|\/)setup\.py$/.test(first)) return setupWork(call, rest, scope);
  const script = inImage(first, call.folder);
  if (/(^|\/)manage\.py$/.test(first)) return manageWork(rest, call, scope);
  const project = projectFolder(call, scope);
  const isInside = project !== '' && isWithin(script, project);
  const outside = rest.find(
    (arg) => arg?.startsWith('/') === true && !isWithin(arg.slice(1), project),
  );
  if (!isInside || outside !== undefined || rest.includes(undefined)) {
    return { why: `nobody knows what "${ownName(call)} ${first}" writes` };
  }
  const why = writesElsewhere(script, project, scope);
  if (why !== undefined) return { why };
  return inProject(call, scope);
}

/** `curl … | python3 -`: installers of tools, below the home folder. */
function installerWork({ command }: Call, scope: WorkScope): WorkAnswer | undefined {
  const before = scope.alongside.findLast(
    ({ chain, link }) => chain === command.chain && link === command.link,
  );
  const text = before?.words.map((word) => word.text).join(' ') ?? '';
  if (/bootstrap\.pypa\.io/.test(text)) return nothing(scope);
  if (!/install\.python-poetry\.org|python-poetry\/poetry/.test(text)) return undefined;
  if (!scope.started.some(({ program }) => /(^|\/)poetry$/.test(program))) return nothing(scope);
  return { why: 'Poetry starts the program, and nobody knows where it lies' };
}

function moduleWork(
  module: string | undefined,
  call: Call,
  rest: Call['args'],
  scope: WorkScope,
): WorkAnswer | undefined {
  switch (module) {
    case undefined:
      return undefined;
    case 'compileall':
    case 'py_compile':
      return inProject(call, scope);
    case 'pytest':
    case 'unittest':
    case 'flake8':
    case 'mypy':
    case 'ruff':
    case 'doctest':
    case 'pylint':
    case 'this':
    case 'site':
    case 'sysconfig':
    case 'ensurepip':
      return nothing(scope);
    case 'build':
      return {
        ...base(scope),
        makes: [{ path: inImage('dist', call.folder), of: 'sources', isNamed: true }],
        isKept: true,
      };
    case 'spacy': {
      const site = siteOf(call, scope);
      return rest[0] === 'download' ? siteWork(site, scope, { isKept: true }) : undefined;
    }
    case 'nltk.downloader': {
      const target = rest[rest.indexOf('-d') + 1];
      if (rest.includes('-d') && target !== undefined) {
        return data([inImage(target, call.folder)], scope);
      }
      return languageData(scope);
    }
    default:
      break;
  }
  const own = /^(poetry|pipenv|uv|flask|django|alembic)$/.test(module);
  if (!own) return { why: `nobody knows what "python -m ${module}" writes` };
  const program = module === 'django' ? 'django-admin' : module;
  return pythonWork({ ...call, program, args: rest }, scope);
}

/** What NLTK downloads: to the home folder, where none of the folders of the system is there. */
function languageData(scope: WorkScope): WorkAnswer {
  if (scope.variable('NLTK_DATA') !== '') return { why: 'NLTK_DATA says where the data goes' };
  const home = homeOf(scope);
  if (home === undefined) return { why: 'nobody knows where NLTK puts what it downloads' };
  return data([`${home}/nltk_data`], scope);
}

/** Statements that load and show things. */
const LOOKING =
  /^(\s*(import [\w., ]+|from [\w.]+ import [\w., *]+|print\([^]*\)|assert [^;\n]+|pass)\s*(;|\n|$))+$/;

function codeWork(code: string | undefined, scope: WorkScope): WorkAnswer {
  if (code !== undefined && LOOKING.test(code)) return nothing(scope);
  const downloads =
    /^\s*import nltk\s*[;\n]\s*(nltk\.download\(\s*(["'])[\w-]+\2\s*\)\s*[;\n]?\s*)+$/;
  if (code !== undefined && downloads.test(code)) return languageData(scope);
  return { why: 'nobody knows what the code behind "python -c" writes' };
}

function setupWork(call: Call, rest: Call['args'], scope: WorkScope): WorkAnswer {
  const [action = ''] = rest.filter((arg) => arg?.startsWith('-') !== true);
  const more = compiledHere(call.folder, scope);
  switch (action) {
    case 'install':
      return siteWork(siteOf(call, scope), scope, more);
    case 'develop': {
      const found = siteWork(siteOf(call, scope), scope, more);
      const inside = inProject(call, scope, more);
      if ('why' in found || 'why' in inside) return 'why' in found ? found : inside;
      return { ...inside, makes: found.makes };
    }
    case 'build_ext':
    case 'build_py':
    case 'build_proto':
    case 'egg_info':
    case 'compile_catalog':
      return inProject(call, scope, more);
    case 'build':
      return {
        ...base(scope),
        makes: [{ path: inImage('build', call.folder), of: 'sources', isNamed: true }],
        ...more,
      };
    case 'sdist':
    case 'bdist_wheel':
    case 'bdist':
      return {
        ...base(scope),
        makes: [{ path: inImage('dist', call.folder), of: 'sources', isNamed: true }],
        ...more,
      };
    case 'test':
    case 'check':
    case 'clean':
      return nothing(scope);
    default:
      return { why: `nobody knows what "setup.py ${action}" writes` };
  }
}

function manageWork(rest: Call['args'], call: Call, scope: WorkScope): WorkAnswer {
  const [action = ''] = rest.filter((arg) => arg?.startsWith('-') !== true);
  if (/^(test|check|showmigrations|diffsettings|help|version)$/.test(action)) return nothing(scope);
  if (action !== 'collectstatic') {
    const why = commandWrites(action, call, scope);
    return why === undefined ? inProject(call, scope) : { why };
  }
  const found = staticFolders(call, scope);
  if ('why' in found) return found;
  const inside = inProject(call, scope);
  if ('why' in inside) return inside;
  const makes = found.outside.map((path): Product => ({ path, of: 'sources' }));
  return { ...inside, makes, ...(found.doubts.length > 0 && { assumptions: found.doubts }) };
}

/** Why it may write outside of the project: a command of the project's own, or one that works on the data. */
function commandWrites(action: string, call: Call, scope: WorkScope): string | undefined {
  const { files, variable } = scope;
  if (!files || PLAIN_COMMANDS.test(action)) return undefined;
  const project = projectFolder(call, scope);
  for (const [path, text] of files.texts) {
    if (!path.endsWith('.py') || !isWithin(path, project)) continue;
    if (path.endsWith(`/management/commands/${action}.py`)) {
      const why = writesElsewhere(path, project, scope);
      if (why !== undefined) return why;
    }
    if (!/db\.backends\.sqlite3|backends\.spatialite/.test(text)) continue;
    const places = [...text.matchAll(/["']NAME["']\s*:\s*(.+)/g)].flatMap(([, value]) => {
      const [, name] =
        /(?:environ(?:\.get)?|getenv|env|config)\s*[[(]\s*["'](\w+)["']/.exec(value!) ?? [];
      const given = name === undefined ? '' : variable(name);
      return given || (/(?:^|,\s*)["'](\/[^"']+)["']/.exec(value!)?.[1] ?? []);
    });
    const outside = places.find((place) => !isWithin(inImage(place, project), project));
    if (outside !== undefined) return `the data of Django lies in ${outside}`;
  }
  return undefined;
}

/** Commands of Django that do nothing with the data. */
const PLAIN_COMMANDS =
  /^(compilemessages|makemessages|makemigrations|startapp|startproject|compress|compilejsi18n|collectstatic_js_reverse|tailwind|sass|compilescss|spectacular|generateschema)$/;

/** Folders beside the project that the settings of Django name for static files. */
function staticFolders(
  call: Call,
  { files }: WorkScope,
):
  | { readonly outside: readonly string[]; readonly doubts: readonly string[] }
  | { readonly why: string } {
  const outside: string[] = [];
  const doubts: string[] = [];
  const folder = projectFolder(call, { files });
  for (const [path, text] of files?.texts ?? []) {
    if (!path.endsWith('.py') || !isWithin(path, folder)) continue;
    for (const [, value] of text.matchAll(/^[ \t]*STATIC_ROOT\s*=\s*(.+)$/gm)) {
      const plain = /^(["'])(\/[^"']+)\1\s*(#.*)?$/.exec(value!.trim())?.[2];
      if (plain !== undefined) {
        const inside = inImage(plain, '');
        if (!isWithin(inside, folder)) outside.push(inside);
      } else if (/environ|getenv|\benv\b|config\(|parent\.parent\.parent|\.\.\//.test(value!)) {
        doubts.push(`STATIC_ROOT of ${path} lies in /${folder}`);
      }
    }
  }
  return { outside, doubts };
}
