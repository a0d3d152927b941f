/** Which programs, or scripts of a manifest, the tools of the languages start: `npm run x`, `bundle exec y`. */
import type { Call, CallScope, Started } from '../analysis/calls.ts';
import { textOf } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { isTable, tableIn, type Table } from './findings.ts';
import { parseJson } from './parse-text.ts';
import { startedByLists } from './schedules.ts';

type Args = readonly (string | undefined)[];

/** What a call starts; `undefined` where it starts nothing of the project. */
export function startedByTools(call: Call, scope: CallScope): Started | undefined {
  const name = call.program.slice(call.program.lastIndexOf('/') + 1);
  const { args } = call;
  switch (name) {
    case 'npm':
    case 'yarn':
    case 'pnpm':
    case 'bun':
      return nodeScripts(name, call, scope);
    case 'npx':
    case 'pnpx':
    case 'bunx':
      return ofPackage(firstOperand(args, 0, ['-p', '--package', '-c', '--call']));
    case 'cross-env':
    case 'cross-env-shell':
    case 'env-cmd':
    case 'dotenv':
      return ofPackage(args.findIndex((arg) => !/^(-.*|\w+=.*)$/.test(arg ?? 'x')));
    case 'concurrently':
      return texts('concurrently', args);
    case 'nodemon': {
      const at = args.findIndex((arg) => arg === '--exec' || arg === '-x');
      return at < 0 ? undefined : texts('nodemon', args.slice(at + 1, at + 2));
    }
    case 'npm-run-all':
    case 'run-s':
    case 'run-p':
      return named(args, manifestAt(call, scope), call);
    case 'bundle':
    case 'bundler':
      return args[0] === 'exec' ? ofPackage(firstOperand(args, 1)) : undefined;
    case 'poetry':
    case 'pipenv':
    case 'uv':
    case 'pdm':
    case 'hatch':
    case 'rye':
      return args[0] === 'run' ? ofPackage(firstOperand(args, 1, ['--with', '-p'])) : undefined;
    case 'composer': {
      const manifest = manifestAt(call, scope, 'composer.json');
      const isRun = args[0] === 'run-script' || args[0] === 'run';
      return isRun ? named(args.slice(1), manifest, call) : undefined;
    }
    default:
      return READ_LISTS.test(name) ? startedByLists(name, call, scope) : undefined;
  }
}

/** The same where the programs of packages count as well: `npx ts-node`. */
export function startedWithPackages(call: Call, scope: CallScope): Started | undefined {
  const started = startedByTools(call, scope);
  return started && { ...started, isOfPackage: false };
}

function ofPackage(at: number): Started | undefined {
  return at < 0 ? { scripts: [] } : { scripts: [], skips: at, isOfPackage: true };
}

/** Those that start what files list. */
const READ_LISTS = /^(crond?|supercronic|honcho|foreman|overmind|hivemind|goreman)$/;

/** Where the first word stands that is no option, or -1. */
function firstOperand(args: Args, from: number, valued: readonly string[] = []): number {
  for (let index = from; index < args.length; index++) {
    const arg = args[index] ?? 'x';
    if (!arg.startsWith('-')) return index;
    if (valued.includes(arg)) index++;
  }
  return -1;
}

function texts(by: string, args: Args): Started {
  const scripts = args.flatMap((arg) =>
    arg === undefined || arg.startsWith('-')
      ? []
      : [{ name: by, text: arg.replace(/^(npm|yarn|pnpm):/, '$1 run ') }],
  );
  // Each text is code of its own, under one name each.
  return { scripts: scripts.map((each, index) => ({ ...each, name: `${by} ${index + 1}` })) };
}

function manifestAt(call: Call, { files }: CallScope, name = 'package.json'): Table | undefined {
  if (!files) return undefined;
  const at = call.args.findIndex((arg) => /^(--prefix|-C|--cwd|--dir)$/.test(arg ?? ''));
  const folder = (at < 0 ? undefined : call.args[at + 1]) ?? '.';
  const own = folder === '.' ? call.folder : `${call.folder}/${folder}`;
  const place = folder.startsWith('/') ? folder : own;
  const text = textOf(files, pathInside(`${place}/${name}`));
  if (text.kind !== 'text') return undefined;
  try {
    const value = parseJson(text.text);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Scripts that these tools run without `run` in front. */
const SHORT: Readonly<Record<string, string>> = {
  start: 'start',
  test: 'test',
  t: 'test',
  tst: 'test',
  stop: 'stop',
  restart: 'restart',
};

function nodeScripts(tool: string, call: Call, scope: CallScope): Started | undefined {
  const manifest = manifestAt(call, scope);
  let before: string | undefined;
  const operands: (string | undefined)[] = [];
  for (const arg of call.args) {
    const isOption = arg?.startsWith('-') === true;
    const isValue =
      before?.startsWith('-') === true &&
      /^(--prefix|-C|--cwd|--dir|-w|--workspace|--filter)$/.test(before);
    if (!isOption && !isValue) operands.push(arg);
    before = arg;
  }
  const [first, second] = operands;
  if (first === 'exec' || first === 'x' || first === 'dlx') {
    return ofPackage(firstOperand(call.args, call.args.indexOf(first) + 1));
  }
  if (first === 'run' || first === 'run-script' || first === 'rum') {
    return second === undefined ? undefined : named([second], manifest, call);
  }
  const short = SHORT[first ?? ''];
  if (short !== undefined) return named([short], manifest, call);
  const scripts = tableIn(manifest, 'scripts');
  const isScript = first !== undefined && typeof scripts[first] === 'string';
  if (tool !== 'npm' && isScript) return named([first], manifest, call);
  // An install runs scripts of its own.
  if (first === undefined || /^(install|i|ci|add)$/.test(first)) {
    const events = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare'];
    const present = events.filter((event) => typeof scripts[event] === 'string');
    return present.length > 0 ? named(present, manifest, call) : undefined;
  }
  return undefined;
}

/** Scripts by their names, with those that run before and behind each. */
function named(names: Args, manifest: Table | undefined, call: Call): Started {
  const scripts = tableIn(manifest, 'scripts');
  return {
    scripts: names.flatMap((name) => {
      if (name === undefined) return [];
      return [`pre${name}`, name, `post${name}`].flatMap((each) => {
        const value = scripts[each];
        const lines = Array.isArray(value) ? value : [value];
        const text = lines.filter((entry) => typeof entry === 'string').join('\n');
        return text === '' ? [] : [{ name: `the ${each} script of /${call.folder}`, text }];
      });
    }),
  };
}
