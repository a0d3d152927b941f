/** What Composer, the consoles of frameworks and the tools for extensions make in a build of PHP. */
import { entryAt, textOf } from '../analysis/context.ts';
import type { Call } from '../analysis/calls.ts';
import { baseName, pathInside } from '../analysis/go-paths.ts';
import { sharedLibraries } from '../analysis/system-packages.ts';
import { isTable, tableIn, textIn, textsOf, type Table } from './findings.ts';
import {
  ownName,
  type PackageWish,
  type Product,
  type Work,
  type WorkAnswer,
  type WorkScope,
} from './work.ts';

type Args = readonly (string | undefined)[];

export function phpWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const name = ownName(call);
  if (/^(composer(\.phar)?|composer2)$/.test(name)) return composerWork(call.args, call, scope);
  if (/^php[\d.]*$/.test(name)) return phpProgram(call, scope);
  if (/^docker-php-(ext-(install|configure|enable)|source)$/.test(name)) {
    return extensions(name, call, scope);
  }
  if (name === 'pecl') {
    return call.args.includes('install') ? extensions(name, call, scope) : works([]);
  }
  // It takes away itself what it compiles with.
  if (name === 'install-php-extensions') return works([], { isRepeated: true });
  return undefined;
}

function works(makes: readonly Product[], more: Partial<Work> = {}): Work {
  return { ecosystem: 'php', makes, ...more };
}

function inFolder(folder: string): WorkAnswer {
  if (folder === '') return { why: 'the project lies in the root folder' };
  return works([], { within: folder });
}

/** Folders of the official images; other builds of PHP keep theirs elsewhere. */
function extensions(name: string, call: Call, scope: WorkScope): WorkAnswer {
  const { image, variable } = scope;
  const settings = variable('PHP_INI_DIR');
  if (!image?.runtimes.has('php') || settings?.startsWith('/') !== true) {
    return { why: 'nobody knows where its PHP keeps extensions' };
  }
  if (/-(configure|source)$/.test(name)) return works([]);
  const paths = [
    ...(name === 'docker-php-ext-enable' ? [] : ['usr/local/lib/php/extensions']),
    ...(name === 'pecl' ? [] : [pathInside(`${settings}/conf.d`)]),
  ];
  return works(
    paths.map((path): Product => ({ path, of: 'dependencies', isShared: true })),
    { links: 'by headers', libraries: [], packages: librariesOf(call, scope) },
  );
}

/** Libraries of extensions whose headers no install names: they came along with those of another. */
function librariesOf(call: Call, { earlier, facts }: WorkScope): readonly PackageWish[] {
  const installed = new Set(earlier.flatMap(({ args }) => args));
  // All of them put what they make into the same folders.
  const extended = [...earlier, call].filter((each) =>
    /^(docker-php-ext-install|pecl)$/.test(ownName(each)),
  );
  return facts.nativePackages.packages.flatMap((row): readonly PackageWish[] => {
    const { build, linked, names, ecosystem } = row;
    const name = names.find((each) => extended.some(({ args }) => args.includes(each)));
    const headers = [...(build?.debian ?? []), ...(build?.alpine ?? [])];
    const isNamed = headers.some((each) => installed.has(each));
    // Of many libraries most are options.
    const isPlain = build?.debian?.length === 1 && build.alpine?.length === 1;
    if (ecosystem !== 'php' || name === undefined || isNamed || !isPlain) return [];
    return [
      {
        what: `the extension ${name}`,
        isLinked: true,
        names: (suite, manager) =>
          manager === 'apk'
            ? linked?.alpine?.slice(0, 1)
            : manager === 'apt'
              ? sharedLibraries(build.debian![0]!, suite, facts)
              : undefined,
      },
    ];
  });
}

/** Names of the program that Composer's installer leaves, whatever its version. */
const COMPOSER = 'composer(\\.phar|2)?';

function phpProgram(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const args = call.args.filter(
    (arg, index, all) => arg?.startsWith('-d') !== true && all[index - 1] !== '-d',
  );
  const [first = '?', ...rest] = args;
  const name = baseName(first);
  if (/^composer(\.phar)?$/.test(name)) return composerWork(rest, call, scope);
  if (first === '--' || /^(composer-)?(setup|installer)(\.php)?$/.test(name)) {
    const isKnown =
      first !== '--' ||
      scope.earlier.some(({ args: words }) =>
        words.some((word) => /getcomposer\.org\/installer/.test(word ?? '')),
      );
    if (!isKnown) return undefined;
    const option = (wanted: string): string | undefined =>
      rest.find((word) => word?.startsWith(`--${wanted}=`) === true)?.slice(wanted.length + 3);
    const folder = option('install-dir') ?? '.';
    const path = placeOf(`${folder}/${option('filename') ?? 'composer.phar'}`, call.folder);
    return tool(path, scope.later.some(callsComposer));
  }
  if (first === '-r') {
    const code = rest[0];
    if (code === undefined) return { why: 'a variable is code of PHP' };
    const to = /copy\(\s*['"]https:\/\/getcomposer\.org\/installer['"]\s*,\s*['"]([^'"]+)['"]/.exec(
      code,
    )?.[1];
    const installs = (each: Call): boolean =>
      each.args.some((word) => /^(composer-)?(setup|installer)/.test(baseName(word ?? '')));
    if (to !== undefined) return tool(placeOf(to, call.folder), scope.later.some(installs));
    const isHarmless = /^(?!.*\b(file_put_contents|fopen|mkdir|copy|rename|exec|system|eval)\b)/s;
    return isHarmless.test(code) ? works([]) : undefined;
  }
  if (name === 'artisan' || first.endsWith('bin/console')) {
    const isLooking = /^(list|about|env|route:list|--version|-V|debug:\S+|lint:\S+)$/;
    return isLooking.test(rest[0] ?? '') ? works([]) : inFolder(call.folder);
  }
  return undefined;
}

/** Composer, which is there for the build; where no step of it calls it, for people in the container. */
function tool(path: string, isCalled: boolean): Work {
  const makes = [{ path, of: 'dependencies' }] as const;
  return { ecosystem: 'php', makes, ...(isCalled && { readBy: COMPOSER }) };
}

/** Not whoever only moves it, or asks it for its version. */
function callsComposer(call: Call): boolean {
  const isOwn = (word: string | undefined): boolean =>
    word !== undefined && new RegExp(`^${COMPOSER}$`).test(baseName(word));
  const args = call.args.filter((arg) => arg?.startsWith('-d') !== true);
  const rest = isOwn(ownName(call))
    ? args
    : /^php[\d.]*$/.test(ownName(call)) && isOwn(args[0])
      ? args.slice(1)
      : undefined;
  return (
    rest !== undefined &&
    !rest.every((arg) => /^(--version|-V|--ansi|about|self-?update|diagnose)$/.test(arg ?? ''))
  );
}

function placeOf(path: string, folder: string): string {
  return pathInside(path.startsWith('/') ? path : `${folder}/${path}`);
}

/** Events of an install at which scripts of the project run. */
const EVENTS =
  /^(pre|post)-(install-cmd|update-cmd|autoload-dump|package-install|package-update|root-package-install|create-project-cmd)$/;

function composerWork(args: Args, call: Call, scope: WorkScope): WorkAnswer {
  const folder = folderOf(args, call);
  if (folder === undefined) return { why: 'nobody knows in which folder Composer works' };
  const operands = args.flatMap((arg, index) =>
    arg === undefined || arg.startsWith('-') || /^(-d|--working-dir)$/.test(args[index - 1] ?? '')
      ? []
      : [arg],
  );
  const [action = 'list', ...names] = operands;
  switch (action) {
    case 'install':
    case 'i':
    case 'update':
    case 'u':
    case 'upgrade':
    case 'dump-autoload':
    case 'dumpautoload':
    case 'dump':
      return installWork(args, folder, scope);
    case 'require':
    case 'remove':
    case 'run-script':
    case 'run':
    case 'reinstall':
      return inFolder(folder);
    case 'create-project': {
      if (args.includes(undefined)) return { why: 'a variable names what Composer creates' };
      const own = names[1] ?? baseName(names[0]?.replace(/:.*$/, '') ?? '');
      const place = placeOf(own, folder);
      return own === '' || place === ''
        ? { why: 'nobody knows where Composer creates the project' }
        : works([], { within: place });
    }
    case 'config':
      return args.includes('-g') || args.includes('--global') ? works([]) : inFolder(folder);
    case 'global':
      return names[0] === 'config' ? works([]) : { why: 'nobody knows where Composer keeps tools' };
    case 'self-update':
    case 'selfupdate':
    case 'clear-cache':
    case 'clearcache':
    case 'cc':
    case 'diagnose':
    case 'validate':
    case 'check-platform-reqs':
    case 'show':
    case 'audit':
    case 'list':
    case 'about':
      return works([]);
    default:
      return inFolder(folder);
  }
}

function folderOf(args: Args, { folder }: Call): string | undefined {
  for (const [index, arg] of args.entries()) {
    const value =
      arg === '-d' || arg === '--working-dir'
        ? args[index + 1]
        : /^(--working-dir=|-d=?)(.+)$/.exec(arg ?? '')?.[2];
    if (value !== undefined) return placeOf(value, folder);
    if (arg === '-d' || arg === '--working-dir') return undefined;
  }
  return folder;
}

function installWork(args: Args, folder: string, scope: WorkScope): WorkAnswer {
  const { files, variable } = scope;
  const manifest = files && jsonAt(files, placeOf('composer.json', folder));
  const elsewhere = variable('COMPOSER');
  const own = variable('COMPOSER_VENDOR_DIR');
  if (!files || !manifest || elsewhere !== '' || own === undefined) return inFolder(folder);
  const hasScripts =
    !args.includes('--no-scripts') &&
    Object.keys(tableIn(manifest, 'scripts')).some((event) => EVENTS.test(event));
  const hasPlugins = !args.includes('--no-plugins') && usesPlugins(manifest, folder, scope);
  const isSpread = Object.keys(tableIn(manifest, 'extra', 'installer-paths')).length > 0;
  if (hasScripts || hasPlugins || isSpread) return inFolder(folder);
  const config = tableIn(manifest, 'config');
  const vendor = own === '' ? (textIn(config, 'vendor-dir') ?? 'vendor') : own;
  const commands = textIn(config, 'bin-dir');
  const lock = placeOf('composer.lock', folder);
  const paths = [
    placeOf(vendor, folder),
    ...(commands === undefined ? [] : [placeOf(commands, folder)]),
    ...(entryAt(files, lock) || config['lock'] === false || args.includes('dump-autoload')
      ? []
      : [lock]),
  ];
  if (paths.some((path) => path === '' || path.startsWith('..'))) return inFolder(folder);
  return works(paths.map((path): Product => ({ path, of: 'dependencies' })));
}

function jsonAt(files: NonNullable<WorkScope['files']>, path: string): Table | undefined {
  const found = textOf(files, path);
  if (found.kind !== 'text') return undefined;
  try {
    const value: unknown = JSON.parse(found.text.replace(/^\ufeff/, ''));
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether code of packages runs in the install that may write elsewhere in the project. */
function usesPlugins(manifest: Table, folder: string, { files, facts }: WorkScope): boolean {
  const { harmless } = facts.installSteps.composerPlugins;
  const lock = files && jsonAt(files, placeOf('composer.lock', folder));
  if (!lock) {
    const allowed = manifest['config'];
    const plugins = isTable(allowed) ? allowed['allow-plugins'] : undefined;
    return (
      plugins === true ||
      (isTable(plugins) &&
        Object.keys(plugins).some((name) => plugins[name] === true && !harmless.includes(name)))
    );
  }
  return [lock['packages'], lock['packages-dev']].some(
    (list) =>
      Array.isArray(list) &&
      list.some(
        (each: unknown) =>
          isTable(each) &&
          textsOf(each['type']).includes('composer-plugin') &&
          !harmless.includes(textIn(each, 'name') ?? ''),
      ),
  );
}
