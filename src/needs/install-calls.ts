/** Which calls install packages of a language, and what they name. */
import { plainName, type Call } from '../analysis/calls.ts';
import type { Registry } from '../ecosystems/dependency.ts';
import type { InstallCall } from './installs.ts';
import type { NeedBase } from './need.ts';

interface Tool {
  readonly registry: Registry;
  /** Words of which the first operand is one where it installs; `''`: without any. */
  readonly actions: readonly string[];
  /** Options that take the next word. */
  readonly valued: readonly string[];
  /** Words that leave out what is for development. */
  readonly omits: readonly string[];
  /** Actions that install for development too only where they are asked to. */
  readonly omitsByDefault?: boolean;
}

const NODE_VALUED = [
  '--prefix',
  '-C',
  '--cwd',
  '--dir',
  '--registry',
  '--omit',
  '--only',
  '--cache',
  '--loglevel',
  '-w',
  '--workspace',
  '--filter',
  '--network-timeout',
];

const NODE = (actions: readonly string[], omits: readonly string[]): Tool => ({
  registry: 'npm',
  actions,
  valued: NODE_VALUED,
  omits: [
    '--production',
    '--prod',
    '-P',
    '--omit=dev',
    '--only=production',
    '--only=prod',
    ...omits,
  ],
});

const PIP_VALUED = [
  '-r',
  '--requirement',
  '-c',
  '--constraint',
  '-t',
  '--target',
  '--prefix',
  '--root',
  '-i',
  '--index-url',
  '--extra-index-url',
  '-f',
  '--find-links',
  '--trusted-host',
  '--timeout',
  '--default-timeout',
  '--retries',
  '--python',
  '-p',
  '--upgrade-strategy',
  '--progress-bar',
  '--only-binary',
  '--no-binary',
  '--platform',
  '--cache-dir',
  '-e',
  '--editable',
];

const TOOLS: Readonly<Record<string, Tool>> = {
  npm: NODE(['install', 'i', 'ci', 'add', 'in', 'clean-install', 'install-clean'], []),
  yarn: NODE(['', 'install', 'add'], []),
  pnpm: NODE(['install', 'i', 'add'], []),
  bun: NODE(['install', 'i', 'add'], []),
  pip: { registry: 'pypi', actions: ['install'], valued: PIP_VALUED, omits: [] },
  poetry: {
    registry: 'pypi',
    actions: ['install', 'sync'],
    valued: ['--without', '--with', '--only', '-E', '--extras', '-C', '--directory'],
    omits: ['--no-dev', '--only=main', '--without=dev'],
  },
  pipenv: {
    registry: 'pypi',
    actions: ['install', 'sync'],
    valued: ['--python'],
    omits: [],
    omitsByDefault: true,
  },
  uv: {
    registry: 'pypi',
    actions: ['sync'],
    valued: ['--extra', '--group', '--python', '-p'],
    omits: ['--no-dev'],
  },
  pdm: { registry: 'pypi', actions: ['install', 'sync'], valued: ['-G', '-p'], omits: ['--prod'] },
  gem: {
    registry: 'rubygems',
    actions: ['install', 'i'],
    valued: ['-v', '--version', '-i', '--install-dir', '-n', '--bindir', '--source', '-s'],
    omits: [],
  },
  bundle: {
    registry: 'rubygems',
    actions: ['', 'install'],
    valued: ['--without', '--with', '--jobs', '-j', '--retry', '--path', '--gemfile'],
    omits: [],
  },
  composer: {
    registry: 'packagist',
    actions: ['install', 'update', 'require'],
    valued: ['-d', '--working-dir'],
    omits: ['--no-dev'],
  },
};

/** @param name of a program, without its folder */
export function mayInstall(name: string): boolean {
  return /^(python|pypy|pip)[\d.]*$/.test(name) || Object.hasOwn(TOOLS, name);
}

/** `undefined` for a call that installs no packages of a language. */
export function installCallOf(call: Call): InstallCall | undefined {
  const { tool, args } = toolOf(call) ?? {};
  if (!tool || !args) return undefined;
  const operands: (string | undefined)[] = [];
  const lists: string[] = [];
  const finds: string[] = [];
  const editable: string[] = [];
  let isOffline = false;
  let folder = call.folder;
  let omits = tool.omitsByDefault === true && !args.includes('--dev') && !args.includes('-d');
  for (let index = 0; index < args.length; index++) {
    const word = args[index];
    if (word === undefined || !word.startsWith('-')) {
      operands.push(word);
      continue;
    }
    const at = word.indexOf('=');
    const name = at < 0 ? word : word.slice(0, at);
    // `pip install -Ur requirements.txt`: the last letter has the value.
    const isBundle = tool.registry === 'pypi' && /^-[a-zA-Z]+r$/.test(name);
    const isValued = tool.valued.includes(name) || isBundle;
    const value = at >= 0 ? word.slice(at + 1) : isValued ? args[++index] : undefined;
    if (tool.omits.includes(word) || tool.omits.includes(`${name}=${value ?? ''}`)) omits = true;
    if (name === '-r' || isBundle || name === '--requirement') lists.push(value ?? '');
    // `-rrequirements.txt`
    else if (tool.registry === 'pypi' && /^-r./.test(word)) lists.push(word.slice(2));
    if ((name === '-e' || name === '--editable') && tool.registry === 'pypi') {
      if (value === undefined || /[+:]/.test(value)) operands.push(undefined);
      else editable.push(value);
    }
    if ((name === '-f' || name === '--find-links') && tool.registry === 'pypi')
      finds.push(value ?? '');
    if (name === '--no-index') isOffline = true;
    if (
      /^(--prefix|-C|--cwd|--dir|--working-dir)$/.test(name) &&
      tool.registry !== 'pypi' &&
      value !== undefined
    ) {
      folder = value.startsWith('/') ? value.slice(1) : `${folder}/${value}`;
    }
  }
  const [action = ''] = operands;
  if (!tool.actions.includes(action)) return undefined;
  const rest = action === '' ? operands : operands.slice(1);
  // `bundle install` and `npm ci` take no names; yarn's own install neither.
  return {
    registry: tool.registry,
    operands: rest.filter((each) => each !== ''),
    lists,
    folder,
    omitsDevelopment: omits,
    finds,
    editable,
    isOffline,
  };
}

function toolOf(
  call: Call,
): { readonly tool: Tool; readonly args: readonly (string | undefined)[] } | undefined {
  const name = plainName(call.program);
  const own = name.slice(name.lastIndexOf('/') + 1);
  if (/^(python|pypy)[\d.]*$/.test(own) && call.args[0] === '-m') {
    const module = call.args[1] ?? '';
    const tool = /^(pip|pipenv|poetry|uv)$/.test(module) ? TOOLS[module] : undefined;
    return tool && { tool, args: call.args.slice(2) };
  }
  if (/^pip[\d.]*$/.test(own)) return { tool: TOOLS['pip']!, args: call.args };
  if (own === 'uv' && call.args[0] === 'pip') {
    return { tool: TOOLS['pip']!, args: call.args.slice(1) };
  }
  const tool = Object.hasOwn(TOOLS, own) ? TOOLS[own] : undefined;
  return tool && { tool, args: call.args };
}

/** Whether a call takes packages for development out of the folder of the need: `npm prune`. */
export function omitsAgain(call: Call, { place }: NeedBase): boolean {
  const install = installCallOf(call);
  if (install) return install.omitsDevelopment && install.folder === place;
  const isManager = /^(npm|pnpm)$/.test(plainName(call.program));
  const isAll = call.args.some((arg) => /^--(omit=dev|production|prod)$/.test(arg ?? ''));
  return isManager && call.args[0] === 'prune' && isAll && call.folder === place;
}
