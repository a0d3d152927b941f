/** What Poetry, Pipenv and uv put in place: in an environment beside the project, or with the interpreter. */
import type { Call } from '../analysis/calls.ts';
import { textOf } from '../analysis/context.ts';
import { parse as parseToml } from 'smol-toml';
import { isTable, tableIn, textIn, type Table } from './findings.ts';
import { base, compiledHere, inProject, nothing, siteWork } from './python-makes.ts';
import {
  environmentMade,
  environmentOf,
  expanded,
  inImage,
  systemSite,
  type NoSite,
  type Site,
} from './python-site.ts';
import {
  isRoot,
  ownName,
  type Product,
  type Work,
  type WorkAnswer,
  type WorkScope,
} from './work.ts';

type Run = (call: Call) => WorkAnswer | undefined;

/** @param run what a call does that the tool starts in its environment */
export function toolWork(written: Call, scope: WorkScope, run: Run): WorkAnswer | undefined {
  const call = expanded(written, scope.variable);
  const name = ownName(call);
  const operands = call.args.filter((arg) => arg?.startsWith('-') !== true);
  const [action = '', second] = operands;
  if (!/^(poetry|pipenv|uv)$/.test(name)) return undefined;
  if (call.args.includes(undefined)) return { why: `a variable says what ${name} does` };
  if (call.args.some((arg) => /^(-C|-P|--directory|--project)(=|$)/.test(arg!))) {
    return { why: `${name} works for another folder` };
  }
  const output = outputOf(call);
  if (output !== undefined) {
    return { ...base(scope), makes: [{ path: output, of: 'dependencies' }], isKept: true };
  }
  if (action === 'run') {
    const at = call.args.indexOf('run') + 1;
    const program = call.args[at];
    if (program === undefined || program.startsWith('-')) {
      return { why: `nobody knows what ${name} runs` };
    }
    return run({ ...call, program, args: call.args.slice(at + 1) });
  }
  if (action === 'build') {
    const product: Product = { path: inImage('dist', call.folder), of: 'sources', isNamed: true };
    return { ...base(scope), makes: [product], isKept: true };
  }
  if (name === 'poetry' && action === 'config') {
    // A container that starts Poetry looks for the environment by the same settings.
    const isStarted = scope.started.some(({ program }) => /(^|\/)poetry$/.test(program));
    return { ...base(scope), makes: [], ...(isStarted && { isRepeated: true }) };
  }
  if (name === 'uv') return uvWork(action, second, call, scope);
  if (!/^(install|sync|add|update|remove|uninstall)$/.test(action)) {
    return /^(shell|new|init|self|python)$/.test(action)
      ? { why: `nobody knows what "${name} ${action}" writes` }
      : nothing(scope);
  }
  const site = name === 'poetry' ? poetrySite(call, scope) : pipenvSite(call, scope);
  return siteWork(site, scope, installed(call, scope));
}

/** A file that it writes because the shell, or an option, says so. */
function outputOf({ command, args, folder }: Call): string | undefined {
  const target = command.redirections.find(({ operator }) => /^\d?>{1,2}$/.test(operator))?.target;
  const literal = target?.literal;
  if (literal !== undefined && !literal.startsWith('/dev/')) return inImage(literal, folder);
  const at = args.findIndex((arg) => arg === '-o' || arg === '--output' || arg === '--output-file');
  const value = at < 0 ? undefined : args[at + 1];
  return value === undefined ? undefined : inImage(value, folder);
}

/** The project itself goes along: it may compile. */
function installed(call: Call, scope: WorkScope): Partial<Work> {
  const isLeft = call.args.some((arg) =>
    /^--(no-root|no-install-(project|workspace|local)|only-deps)$/.test(arg!),
  );
  if (isLeft || ownName(call) === 'pipenv') return { isKept: true, isOpen: true };
  return { ...compiledHere(call.folder, scope), isOpen: true };
}

function tomlAt(path: string, { files }: WorkScope): Table | undefined {
  if (!files) return undefined;
  const found = textOf(files, path);
  if (found.kind !== 'text') return undefined;
  try {
    const value = parseToml(found.text);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The last value that `poetry config` gave a setting. */
function configured(name: string, { earlier }: WorkScope): string | undefined {
  const call = earlier.findLast(
    ({ program, args }) =>
      /(^|\/)poetry$/.test(program) && args.includes('config') && args.includes(name),
  );
  return call && (call.args[call.args.indexOf(name) + 1] ?? '?');
}

function poetrySite(call: Call, scope: WorkScope): Site | NoSite {
  const { variable } = scope;
  const active = activeEnvironment(call, scope);
  if (active !== undefined) {
    return typeof active === 'string' ? { kind: 'environment', folder: active } : active;
  }
  const own = tableIn(tomlAt(inImage('poetry.toml', call.folder), scope), 'virtualenvs');
  const setting = (name: string): string | undefined => {
    const value = variable(`POETRY_VIRTUALENVS_${name.toUpperCase().replaceAll('-', '_')}`);
    if (value === undefined) return '?';
    if (value !== '') return value.toLowerCase();
    const written = own[name];
    if (typeof written === 'string' || typeof written === 'boolean') return String(written);
    return configured(`virtualenvs.${name}`, scope)?.toLowerCase();
  };
  const [create, isInside, path] = [setting('create'), setting('in-project'), setting('path')];
  if (create === 'false' || create === '0') {
    return isRoot(scope) ? systemSite(call, scope) : { why: 'Poetry installs as a user' };
  }
  if (isInside === 'true' || isInside === '1') {
    return { kind: 'environment', folder: inImage('.venv', call.folder) };
  }
  if (path !== undefined && path.startsWith('/')) {
    return { kind: 'environment', folder: inImage(path, '') };
  }
  return { why: 'nobody knows the name of the environment that Poetry makes' };
}

/** The environment that VIRTUAL_ENV or the shell names. */
function activeEnvironment(call: Call, scope: WorkScope): string | NoSite | undefined {
  const own = scope.variable('VIRTUAL_ENV');
  if (own === undefined) return { why: 'VIRTUAL_ENV is not known' };
  if (own.startsWith('/')) return inImage(own, '');
  return environmentOf({ ...call, program: ownName(call) }, scope);
}

function pipenvSite(call: Call, scope: WorkScope): Site | NoSite {
  if (call.args.includes('--system')) {
    return isRoot(scope) ? systemSite(call, scope) : { why: 'Pipenv installs as a user' };
  }
  const active = activeEnvironment(call, scope);
  if (active !== undefined) {
    return typeof active === 'string' ? { kind: 'environment', folder: active } : active;
  }
  if (/^(1|true)$/i.test(scope.variable('PIPENV_VENV_IN_PROJECT') ?? '')) {
    return { kind: 'environment', folder: inImage('.venv', call.folder) };
  }
  return { why: 'nobody knows the name of the environment that Pipenv makes' };
}

function uvWork(
  action: string,
  second: string | undefined,
  call: Call,
  scope: WorkScope,
): WorkAnswer {
  const { variable } = scope;
  if (variable('UV_LINK_MODE') === 'symlink' || call.args.includes('symlink')) {
    return { why: 'what uv installs are links into its cache' };
  }
  if (action === 'sync') {
    const project = variable('UV_PROJECT_ENVIRONMENT');
    if (project === undefined) return { why: 'UV_PROJECT_ENVIRONMENT is not known' };
    const other = otherInterpreter(call, scope);
    if (other) return other;
    if (/^\/usr(\/local)?\/?$/.test(project)) {
      return siteWork(systemSite(call, scope), scope, installed(call, scope));
    }
    const active = call.args.includes('--active') ? variable('VIRTUAL_ENV') : '';
    const folder = inImage((active ?? '') || project || '.venv', call.folder);
    return siteWork({ kind: 'environment', folder }, scope, installed(call, scope));
  }
  if (action === 'pip' && /^(install|sync|uninstall)$/.test(second ?? '')) {
    return uvPipWork(call, scope);
  }
  if (/^(lock|export|cache|version|tree|help|pip|config|add|remove)$/.test(action)) {
    return nothing(scope);
  }
  return { why: `nobody knows what "uv ${action}" writes` };
}

function uvPipWork(call: Call, scope: WorkScope): WorkAnswer {
  const { args } = call;
  const odd = args.find((arg) => /^(--(python|prefix|root)(=|$)|-p$)/.test(arg!));
  if (odd !== undefined) return { why: `"uv pip" installs where ${odd} says` };
  const at = args.findIndex((arg) => arg === '-t' || arg === '--target');
  const target = at < 0 ? undefined : args[at + 1];
  const more: Partial<Work> = { isOpen: true, isKept: true };
  if (target !== undefined) {
    return siteWork({ kind: 'environment', folder: inImage(target, call.folder) }, scope, more);
  }
  const isEditable = args.some((arg) => /^(-e|--editable)(=|$)/.test(arg!));
  const isLocal = args.some((arg) => /^\.{1,2}(\[|\/|$)/.test(arg!));
  const own = isLocal ? { ...compiledHere(call.folder, scope), isOpen: true as const } : more;
  const isSystem =
    args.includes('--system') || /^(1|true)$/i.test(scope.variable('UV_SYSTEM_PYTHON') ?? '');
  const site = isSystem ? systemSite(call, scope) : uvEnvironment(call, scope);
  const found = siteWork(site, scope, own);
  if (!isEditable || 'why' in found) return found;
  const inside = inProject(call, scope, own);
  return 'why' in inside ? inside : { ...inside, makes: found.makes };
}

function uvEnvironment(call: Call, scope: WorkScope): Site | NoSite {
  const active = activeEnvironment(call, scope);
  if (typeof active === 'string') return { kind: 'environment', folder: active };
  if (active) return active;
  const beside = inImage('.venv', call.folder);
  if (scope.earlier.some((each) => environmentMade(each, scope.variable) === beside)) {
    return { kind: 'environment', folder: beside };
  }
  return { why: 'nobody knows into which environment "uv pip" installs' };
}

/** Where the project asks for another Python than the image has, uv fetches one to its own folder. */
function otherInterpreter(call: Call, scope: WorkScope): NoSite | undefined {
  const { image, files, variable } = scope;
  const own = /^\d+\.\d+/.exec(image?.runtimes.get('python') ?? '')?.[0];
  const why = { why: 'uv may fetch an interpreter of its own' };
  if (/^(never|manual|false|0)$/i.test(variable('UV_PYTHON_DOWNLOADS') ?? '')) return undefined;
  if (own === undefined || !files) return why;
  if (variable('UV_PYTHON') !== '' || call.args.some((arg) => /^(-p|--python)(=|$)/.test(arg!)))
    return why;
  const pinned = textOf(files, inImage('.python-version', call.folder));
  if (pinned.kind === 'unknown') return why;
  if (pinned.kind === 'text' && !pinned.text.trim().startsWith(own)) return why;
  const wanted =
    textIn(tomlAt(inImage('pyproject.toml', call.folder), scope), 'project', 'requires-python') ??
    '';
  const minor = Number(own.split('.')[1]);
  const isMet = wanted.split(',').every((each) => {
    const [, operator, number] = /^\s*(>=|<=|==|~=|<|>|!=)\s*3\.(\d+)/.exec(each) ?? [];
    if (operator === undefined)
      return each.trim() === '' || /^\s*(>=|<)\s*[34](\.0)?\s*$/.test(each);
    const least = Number(number);
    if (operator === '>=') return minor >= least;
    if (operator === '<') return minor < least;
    if (operator === '==' || operator === '~=')
      return operator === '~=' ? minor >= least : minor === least;
    return operator === '!=' ? minor !== least : operator === '<=' ? minor <= least : minor > least;
  });
  return isMet ? undefined : why;
}

/** Options of uv that take the next word. */
export const UV_VALUES = [
  '-r',
  '--requirement',
  '--requirements',
  '-c',
  '--constraint',
  '--constraints',
  '-e',
  '--editable',
  '-f',
  '--find-links',
  '-t',
  '--target',
  '--prefix',
  '-p',
  '--python',
  '-i',
  '--index-url',
  '--index',
  '--default-index',
  '--extra-index-url',
  '--extra',
  '--group',
  '--no-group',
  '--only-group',
  '--package',
  '--directory',
  '--project',
  '--index-strategy',
  '--link-mode',
  '--cache-dir',
  '--config-file',
  '--no-install-package',
  '--python-platform',
  '--python-version',
  '--resolution',
  '--prerelease',
  '--no-binary',
  '--only-binary',
  '--no-build-package',
  '--no-binary-package',
  '--refresh-package',
  '-P',
  '--upgrade-package',
  '-C',
  '--config-setting',
  '-b',
  '--build-constraint',
  '--allow-insecure-host',
];
