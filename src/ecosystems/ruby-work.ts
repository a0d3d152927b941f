/** What Bundler, RubyGems and the tools that they start make in a build. */
import { entryAt, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import type { Call } from '../analysis/calls.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import { ownName, type Product, type Work, type WorkAnswer, type WorkScope } from './work.ts';

type Args = readonly (string | undefined)[];

export function rubyWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const name = ownName(call);
  if (/^j?gem[\d.]*$/.test(name)) return gemWork(call, scope);
  if (name === 'bundle' || name === 'bundler') return bundleWork(call, scope);
  return toolWork(name, call.args, call, scope);
}

function works(makes: readonly Product[], more: Partial<Work> = {}): Work {
  return { ecosystem: 'ruby', makes, ...more };
}

function dependencies(paths: readonly string[]): Work {
  return works(paths.map((path): Product => ({ path, of: 'dependencies' })));
}

/** All that a tool writes lies in the folder of the project. */
function inFolder({ folder }: Call, assumptions: readonly string[] = []): WorkAnswer {
  if (folder === '') return { why: 'the project lies in the root folder' };
  return works([], { within: folder, ...(assumptions.length > 0 && { assumptions }) });
}

/** The words that are no options, without the values of those. */
function operandsOf(args: Args, valued: RegExp): readonly string[] {
  return args.flatMap((arg, index) =>
    arg === undefined || arg.startsWith('-') || valued.test(args[index - 1] ?? '') ? [] : [arg],
  );
}

/** `--path x`, `--path=x`; `undefined` where it is not given, or not literal. */
function valueOf(args: Args, ...names: readonly string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    if (arg === undefined) continue;
    if (names.includes(arg)) return args[index + 1];
    const name = names.find((each) => arg.startsWith(`${each}=`));
    if (name !== undefined) return arg.slice(name.length + 1);
  }
  return undefined;
}

/** Of the official images: docker-library/ruby, Dockerfile.template, November 2026. */
const HOME = '/usr/local/bundle';

/** A variable, which the official images that do not set it do without. */
function settingOf(name: string, { variable, image }: WorkScope): string | undefined {
  return variable(name) ?? (image?.family === 'ruby' ? '' : undefined);
}

/** Where gems lie that no project asks for, with their commands. */
function gemFolders(scope: WorkScope): readonly string[] | { readonly why: string } {
  const set = settingOf('GEM_HOME', scope);
  const home = set === '' && scope.image?.family === 'ruby' ? HOME : set;
  if (home?.startsWith('/') === true) return [pathInside(home)];
  const { image } = scope;
  const isOther = scope.earlier.some(({ program, args }) =>
    /rbenv|rvm|ruby-(build|install)|asdf|chruby/.test([program, ...args].join(' ')),
  );
  // Debian's own Ruby; others keep theirs elsewhere.
  const isDebians =
    home === '' &&
    image?.packageManager === 'apt' &&
    image.runtimes.size === 0 &&
    image.publisher === 'docker' &&
    !isOther;
  return isDebians
    ? ['var/lib/gems', 'usr/local/bin']
    : { why: 'nobody knows where its Ruby keeps gems' };
}

function gemWork(call: Call, scope: WorkScope): WorkAnswer {
  const [action = ''] = operandsOf(call.args, /^(-i|--install-dir|-n|--bindir|-s|--source)$/);
  if (action === 'update' && call.args.includes('--system')) {
    return works([], { isRepeated: true });
  }
  if (/^(install|i|update|uninstall|cleanup|pristine)$/.test(action)) {
    if (call.args.includes('--user-install')) {
      return { why: 'gems of a user lie where nobody knows' };
    }
    const own = valueOf(call.args, '-i', '--install-dir');
    const commands = valueOf(call.args, '-n', '--bindir');
    const homes = own === undefined ? gemFolders(scope) : [placeOf(own, call)];
    if ('why' in homes) return homes;
    return dependencies([...homes, ...(commands === undefined ? [] : [placeOf(commands, call)])]);
  }
  // What it builds is the raw material of an install.
  if (/^(build|fetch|sources|list|env|which|query|search|info|help|specification)$/.test(action)) {
    return works([]);
  }
  return { why: `nobody knows what "gem ${action}" writes` };
}

function placeOf(path: string, { folder }: Call): string {
  return pathInside(path.startsWith('/') ? path : `${folder}/${path}`);
}

function bundleWork(call: Call, scope: WorkScope): WorkAnswer {
  const args = call.args.filter((arg) => !/^_[\d.]+_$/.test(arg ?? ''));
  const [action = 'install'] = operandsOf(
    args,
    /^(--gemfile|--path|--jobs|-j|--retry|--without|--with|--binstubs|--shebang)$/,
  );
  switch (action) {
    case 'install':
    case 'update':
      return installWork(args, call, scope);
    case 'config':
      return works([], { isRepeated: true });
    case 'lock':
      return works([{ path: placeOf('Gemfile.lock', call), of: 'dependencies' }]);
    case 'clean':
    case 'pristine':
      return installWork([], call, scope);
    case 'package':
    case 'cache':
      return dependencies([placeOf('vendor/cache', call)]);
    case 'binstubs':
      return inFolder(call);
    case 'exec': {
      const at = args.findIndex((arg, index) => index > 0 && !(arg ?? '').startsWith('-'));
      const tool = baseName(args[at] ?? '?');
      const found = toolWork(tool, args.slice(at + 1), call, scope);
      return found ?? { why: `nobody knows what "bundle exec ${tool}" writes` };
    }
    default:
      return { why: `nobody knows what "bundle ${action}" writes` };
  }
}

/** No option takes the next word. */
const NONE = /(?!)/;

/** Options that Bundler writes into its settings. */
const REMEMBERED = /^--(path|without|with|deployment|binstubs|shebang|system|clean|no-prune)\b/;

function installWork(args: Args, call: Call, scope: WorkScope): WorkAnswer {
  const { files, variable } = scope;
  if (args.some((arg) => arg === undefined)) return { why: 'a variable says how Bundler installs' };
  if (args.some((arg) => arg?.startsWith('--gemfile') === true) || variable('BUNDLE_GEMFILE')) {
    return { why: 'Bundler installs by another Gemfile' };
  }
  const path = installPath(args, call, scope);
  if (path !== undefined && typeof path !== 'string') return path;
  const homes = path === undefined ? gemFolders(scope) : [path];
  if ('why' in homes) return homes;
  const settings = settingOf('BUNDLE_APP_CONFIG', scope);
  if (settings === undefined) return { why: 'BUNDLE_APP_CONFIG is not known' };
  const makes = [...homes];
  if (args.some((arg) => REMEMBERED.test(arg ?? ''))) {
    makes.push(settings === '' ? placeOf('.bundle', call) : pathInside(`${settings}/config`));
  }
  const lock = placeOf('Gemfile.lock', call);
  const isLocked = files !== undefined && entryAt(files, lock) !== undefined;
  const isNewLock = files !== undefined && !isLocked && !entryAt(files, placeOf('gems.rb', call));
  if (files && isStale(files, call)) {
    return { why: `Bundler writes /${lock} anew, for other platforms or another Gemfile` };
  }
  if (isNewLock || args.includes('update')) makes.push(lock);
  if (args.includes('--binstubs')) makes.push(placeOf(valueOf(args, '--binstubs') ?? 'bin', call));
  return dependencies([
    ...new Set(
      makes.filter((each) => !makes.some((other) => other !== each && isWithin(each, other))),
    ),
  ]);
}

/** Bundler writes the lockfile anew: it is for other platforms, or for another Gemfile. */
function isStale(files: BuildContext, call: Call): boolean {
  const [lock, gemfile] = ['Gemfile.lock', 'Gemfile'].map((name) =>
    textOf(files, placeOf(name, call)),
  );
  if (lock?.kind !== 'text') return false;
  const listed = (section: string): string[] => {
    const [, lines = ''] =
      new RegExp(`^${section}\\r?\\n((?: .*(?:\\r?\\n|$))*)`, 'm').exec(lock.text) ?? [];
    return lines.split('\n').flatMap((line) => /^\s+([\w.-]+)/.exec(line)?.[1] ?? []);
  };
  const platforms = listed('PLATFORMS');
  if (platforms.length > 0 && !platforms.some((each) => /^ruby$|linux/.test(each))) return true;
  if (gemfile?.kind !== 'text' || /\b(gemspec|eval_gemfile)\b/.test(gemfile.text)) return false;
  const text = gemfile.text;
  return listed('DEPENDENCIES').some((name) => !text.includes(name));
}

/** Where the project's gems lie; `undefined` where they lie with all others. */
function installPath(
  args: Args,
  call: Call,
  scope: WorkScope,
): string | { readonly why: string } | undefined {
  const { earlier, files } = scope;
  if (args.includes('--system')) return undefined;
  const given = valueOf(args, '--path');
  if (given !== undefined) return placeOf(given, call);
  let isDeployment = args.includes('--deployment');
  for (const each of earlier.toReversed()) {
    if (!/^bundler?$/.test(ownName(each))) continue;
    const words = operandsOf(each.args, NONE).filter((word) => word !== 'set');
    if (words[0] === 'install') {
      const remembered = valueOf(each.args, '--path');
      if (remembered !== undefined) return placeOf(remembered, each);
      if (each.args.includes('--deployment')) isDeployment = true;
    }
    if (words[0] !== 'config') continue;
    if (each.args.includes(undefined)) return { why: 'a variable is a setting of Bundler' };
    if (words[1] === 'path' && words[2] !== undefined) return placeOf(words[2], each);
    if (words[1] === 'path.system') return undefined;
    if (words[1] === 'deployment' && words[2] === 'true') isDeployment = true;
  }
  const own = settingOf('BUNDLE_PATH', scope);
  const deployment = settingOf('BUNDLE_DEPLOYMENT', scope);
  if (own === undefined || deployment === undefined) return { why: 'BUNDLE_PATH is not known' };
  if (settingOf('BUNDLE_APP_CONFIG', scope) === '' && files) {
    const found = textOf(files, placeOf('.bundle/config', call));
    const text = found.kind === 'text' ? found.text : '';
    const path = /^BUNDLE_PATH:\s*"?([^"\n]+)/m.exec(text)?.[1];
    if (path !== undefined) return placeOf(path.trim(), call);
    if (/^BUNDLE_DEPLOYMENT:\s*"?(true|1)/m.test(text)) isDeployment = true;
  }
  if (own !== '') return placeOf(own, call);
  if (isDeployment || /^(true|1)$/.test(deployment)) return placeOf('vendor/bundle', call);
  return undefined;
}

/** Tasks of Rails and its gems, which write nothing outside of the project. */
const KNOWN_TASKS =
  /^(assets|webpacker|shakapacker|vite|vite_ruby|css|javascript|tailwindcss|db|tmp|log|i18n|bootsnap|react_on_rails|active_storage|app):\w/;
const LOOKING_TASKS =
  /^(about|routes|stats|notes|test|spec|default|zeitwerk:check|-T|--tasks|-v|--version|rubocop|lint)(:.*)?$/;

function toolWork(name: string, args: Args, call: Call, scope: WorkScope): WorkAnswer | undefined {
  switch (name) {
    case 'rake':
    case 'rails': {
      if (args.includes(undefined)) return { why: `a variable says what ${name} does` };
      const tasks = args.filter((arg) => arg !== undefined && !/^-|^\w+=/.test(arg)) as string[];
      if (args.length > 0 && args.every((arg) => LOOKING_TASKS.test(arg!))) return works([]);
      const own = tasks.filter((task) => !KNOWN_TASKS.test(task));
      if (name === 'rails' && /^(new|generate|g|plugin)$/.test(tasks[0] ?? '')) {
        return inFolder(call);
      }
      if (name === 'rails' && /^(runner|r|server|s|console|c)$/.test(tasks[0] ?? '')) {
        return { why: `nobody knows what "rails ${tasks[0]!}" writes` };
      }
      return inFolder(call, own.length > 0 ? taskDoubts(own, call, scope) : []);
    }
    case 'bootsnap':
    case 'middleman':
    case 'nanoc':
    case 'bridgetown':
    case 'i18n':
    case 'vite':
    case 'whenever':
      return inFolder(call);
    default:
      return undefined;
  }
}

/** A path of the system in the code of a task. */
const OUTSIDE = /["'`\s(]\/(etc|usr|var|opt|srv|bin|sbin|lib|root|home|mnt|data)\b/;

/** What the project's own tasks may write elsewhere, where their code does not show that they do not. */
function taskDoubts(tasks: readonly string[], { folder }: Call, { files }: WorkScope): string[] {
  const code = [...(files?.texts ?? [])].filter(
    ([path]) => isWithin(path, folder) && /(^|\/)([Rr]akefile(\.rb)?|[^/]+\.rake)$/.test(path),
  );
  const hasOwn = code.some(([path]) => folderOf(path) === folder);
  const isShown = hasOwn && code.every(([, text]) => !OUTSIDE.test(text));
  return isShown ? [] : [`the task ${tasks.join(' ')} writes nothing outside of /${folder}`];
}
