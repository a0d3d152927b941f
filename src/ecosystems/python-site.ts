/** Where an installer of Python puts packages: an environment of its own, or the interpreter's folders. */
import type { Call } from '../analysis/calls.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { pythonProject } from './python-project.ts';
import { ownName, type Product, type WorkScope } from './work.ts';

export type Site =
  | { readonly kind: 'environment'; readonly folder: string }
  /** The folders of the interpreter; `official`: that of the images of Python. */
  | { readonly kind: 'system'; readonly isOfficial: boolean; readonly places: readonly string[] }
  /** Below the home folder of who installs. */
  | { readonly kind: 'home'; readonly folder: string };

/** A sentence without a full stop. */
export interface NoSite {
  readonly why: string;
}

type Args = Call['args'];

export function inImage(path: string, folder: string): string {
  return pathInside(path.startsWith('/') ? path : `${folder}/${path}`);
}

/** Options of the tools that make environments which take the next word. */
const VALUED = /^(-p|--python|--prompt|--app-data|--seeder|--extra-search-dir|--upgrade-deps)$/;

/** The call with what variables hold in the place of words that are nothing but a path with them. */
export function expanded(call: Call, variable: WorkScope['variable']): Call {
  if (!call.args.includes(undefined)) return call;
  const words = call.command.words.slice(-call.args.length);
  const args = call.args.map((arg, index) => {
    if (arg !== undefined) return arg;
    return expandedWord(words[index]?.text ?? '$', variable);
  });
  return { ...call, args };
}

function expandedWord(word: string, variable: WorkScope['variable']): string | undefined {
  const filled = word
    .replace(/^"(.*)"$/, '$1')
    .replace(
      /\$(?:(\w+)|\{(\w+)\})/g,
      (whole, plain: string | undefined, braced: string | undefined) =>
        variable(plain ?? braced!) || whole,
    );
  return /[$`*?\\'"]/.test(filled) ? undefined : filled;
}

/** The folder of the environment that a call makes; `undefined` where it makes none. */
export function environmentMade(
  call: Call,
  variable: WorkScope['variable'] = () => undefined,
): string | undefined {
  const name = call.program.slice(call.program.lastIndexOf('/') + 1);
  // Most programs make none, whatever their words are.
  if (!/^(virtualenv|pyvenv|uv$|python[\d.]*$)/.test(name)) return undefined;
  const { args, folder } = expanded(call, variable);
  const rest = restOf(name, args);
  if (!rest) return undefined;
  const operands = rest.filter(
    (arg, index) => arg?.startsWith('-') !== true && !VALUED.test(rest[index - 1] ?? ''),
  );
  const target = operands.length === 0 && name === 'uv' ? '.venv' : operands.at(-1);
  return target === undefined ? undefined : inImage(target, folder);
}

function restOf(name: string, args: Args): Args | undefined {
  if (/^(virtualenv|pyvenv)/.test(name)) return args;
  if (name === 'uv' && args[0] === 'venv') return args.slice(1);
  if (!/^python[\d.]*$/.test(name)) return undefined;
  const at = args.indexOf('-m');
  return at >= 0 && /^(venv|virtualenv)$/.test(args[at + 1] ?? '') ? args.slice(at + 2) : undefined;
}

/** The environment in force for a call, by its own path, by `activate`, or by PATH. */
export function environmentOf(call: Call, scope: WorkScope): string | NoSite | undefined {
  const own = /^(.+)\/bin\/[^/]+$/.exec(call.program)?.[1];
  if (own !== undefined && !/^\/(usr(\/local)?)?$/.test(own) && !/conda/.test(own)) {
    return inImage(own, call.folder);
  }
  const { earlier, variable } = scope;
  const made = new Set(earlier.flatMap((each) => environmentMade(each, variable) ?? []));
  if (made.size === 0) return undefined;
  const active = scope.alongside.findLast(({ words }) =>
    /^(\.|source)$/.test(words[0]?.text ?? ''),
  );
  const script = active && expandedWord(active.words[1]?.text ?? '', variable);
  if (active && script?.endsWith('/bin/activate') !== true) {
    return { why: 'nobody knows which environment is activated' };
  }
  if (script !== undefined) return inImage(script.replace(/\/bin\/activate$/, ''), call.folder);
  const path = variable('PATH');
  if (path === undefined) return { why: 'nobody knows which environment PATH names' };
  for (const each of path.split(':')) {
    const folder = /^(.+)\/bin\/?$/.exec(each)?.[1];
    if (folder === undefined) continue;
    if (made.has(pathInside(folder))) return pathInside(folder);
    if (/^\/usr(\/local)?$/.test(folder)) return undefined;
  }
  return undefined;
}

/** Where an install by a call goes that names no other place. */
export function siteOf(call: Call, scope: WorkScope): Site | NoSite {
  const environment = environmentOf(call, scope);
  if (typeof environment === 'object') return environment;
  if (environment !== undefined) return { kind: 'environment', folder: environment };
  return systemSite(call, scope);
}

/** Python of Debian and Ubuntu by suite: packages python3, November 2026. */
export const SUITES: Readonly<Record<string, string>> = {
  bullseye: '3.9',
  bookworm: '3.11',
  trixie: '3.13',
  focal: '3.8',
  jammy: '3.10',
  noble: '3.12',
};

export function systemSite(call: Call, scope: WorkScope): Site | NoSite {
  const { image, earlier } = scope;
  const name = ownName(call);
  const unknown = { why: `nobody knows where "${name}" puts what it installs` };
  if (!image) return unknown;
  const others = earlier.some(({ program, args }) =>
    /\b(pyenv|conda|mamba|deadsnakes|asdf|rye)\b/.test([program, ...args].join(' ')),
  );
  if (others || image.runtimes.has('conda') || image.family === 'conda') return unknown;
  if (image.runtimes.has('python')) {
    if (image.hasCommand('python3') === 'no' || image.family !== 'python') return unknown;
    const version = /^\d+\.\d+/.exec(image.runtimes.get('python') ?? '')?.[0];
    const packages = version === undefined ? 'lib' : `lib/python${version}/site-packages`;
    return {
      kind: 'system',
      isOfficial: true,
      places: [
        `usr/local/${packages}`,
        'usr/local/bin',
        ...(hasSharedData(call, scope) ? ['usr/local/share', 'usr/local/etc'] : []),
      ],
    };
  }
  const { distribution, packageManager } = image;
  if (packageManager !== 'apt' || image.publisher !== 'docker' || image.runtimes.size > 0) {
    return unknown;
  }
  const version = /^(?:python|pip)(3\.\d+)$/.exec(name)?.[1] ?? SUITES[distribution?.suite ?? ''];
  if (version === undefined || /^(python|pip)2/.test(name)) return unknown;
  return {
    kind: 'system',
    isOfficial: false,
    places: [`usr/local/lib/python${version}/dist-packages`, 'usr/local/bin'],
  };
}

/** Packages with files beside site-packages: kernels and extensions of Jupyter. */
const WITH_DATA = /\b(jupyter\w*|notebook|nbclassic|ipykernel|ipywidgets|ipyparallel|voila)\b/i;

/** Whether something that is installed may put files into `share` or `etc`. */
function hasSharedData({ args, folder }: Call, { files }: WorkScope): boolean {
  if (args.some((arg) => WITH_DATA.test(arg ?? ''))) return true;
  if (!files) return false;
  if (pythonProject(files, folder)?.hasDataFiles === true) return true;
  return [...files.texts].some(
    ([path, text]) =>
      /(requirements[^/]*\.txt|Pipfile|\.lock|\.toml)$/.test(path) && WITH_DATA.test(text),
  );
}

/** Where the home folder of who runs a step lies; `undefined` where nobody says. */
export function homeOf({ user, variable }: WorkScope): string | undefined {
  const home = variable('HOME');
  if (home?.startsWith('/') === true) return pathInside(home);
  const name = user?.replace(/:.*$/, '');
  if (name === '' || name === 'root' || name === '0') return 'root';
  return name === undefined || !/^[a-z_][\w-]*$/.test(name) ? undefined : `home/${name}`;
}

/** What lies in a site, with what others may put there too. */
export function productsOf(site: Site): readonly Product[] {
  switch (site.kind) {
    case 'environment':
      return [{ path: site.folder, of: 'dependencies' }];
    case 'home':
      return [{ path: site.folder, of: 'dependencies', isShared: true }];
    case 'system':
      return site.places.map((path): Product => ({ path, of: 'dependencies', isShared: true }));
  }
}
