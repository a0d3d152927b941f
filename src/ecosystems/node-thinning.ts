/** Whether a built Node project can do without its packages for development: nothing that a container runs uses them. */
import type { Call } from '../analysis/calls.ts';
import { entriesIn, textOf, type BuildContext } from '../analysis/context.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import { matchesAny, matchesWhole, rowsOfProgram } from '../analysis/patterns.ts';
import type { Development } from './answers.ts';
import { nodeDevelopment } from './node-development.ts';
import { usedBySettings } from './node-loaded.ts';
import { nodeMentions } from './node-mentions.ts';
import { installCall } from './node-calls.ts';
import { hasEntry, under } from './findings.ts';
import { inFolder } from './node-projects.ts';
import { ownName, wordsOf, type Thinning, type WorkScope } from './work.ts';

/** Words that leave packages for development out of an install, and words that ask for them. */
const LEAVES = /^(--omit[= ]dev|--production(=true)?|--prod(=true)?|--only[= ]prod(uction)?|-P)$/;
const ASKS = /^(--include[= ]dev|--(production|prod)=false|--also[= ]dev|--dev|--no-production)$/;

/** Whether an install leaves packages for development out already; `undefined` where that is open. */
export function omitsDevelopment(call: Call, scope: WorkScope): boolean | undefined {
  let answers = omitted.get(scope);
  if (!answers) omitted.set(scope, (answers = new Map<Call, boolean | undefined>()));
  if (!answers.has(call)) answers.set(call, findOmitted(call, scope));
  return answers.get(call);
}

// An answer about one call asks several times, of that call and of those before it.
const omitted = new RunMemory<WorkScope, Map<Call, boolean | undefined>>();

function findOmitted(call: Call, { variable }: WorkScope): boolean | undefined {
  const words = wordsOf(call)
    .replace(/(--(?:omit|include|only|also)) /g, '$1=')
    .split(' ');
  if (words.some((word) => LEAVES.test(word))) return true;
  if (words.some((word) => ASKS.test(word))) return false;
  // Hardly a build sets any: two questions are fewer than ten.
  const mayBeSet = variable('npm_config_*') !== '' || variable('NPM_CONFIG_*') !== '';
  if (mayBeSet && SETTINGS.some((name) => variable(name) !== '')) return undefined;
  const environment = variable('NODE_ENV');
  return environment === undefined ? undefined : environment === 'production';
}

const SETTINGS = ['production', 'omit', 'only', 'include', 'dev'].flatMap((name) => [
  `npm_config_${name}`,
  `NPM_CONFIG_${name.toUpperCase()}`,
]);

/** Commands by tool. They fetch nothing new, and run no scripts. */
const COMMANDS: Readonly<Record<string, (isOld: boolean) => string>> = {
  npm: (isOld) => (isOld ? 'npm prune --production' : 'npm prune --omit=dev'),
  'yarn-classic': () => 'yarn install --production --ignore-scripts --prefer-offline',
  pnpm: () => 'pnpm prune --prod --ignore-scripts',
};

const LOCKS: Readonly<Record<string, readonly string[]>> = {
  npm: ['package-lock.json', 'npm-shrinkwrap.json'],
  'yarn-classic': ['yarn.lock'],
  pnpm: ['pnpm-lock.yaml'],
};

const FREE = /^--(no-(package-lock|shrinkwrap|lockfile)|package-lock=false|pure-lockfile=false)$/;

/** @param root the folder of the project, of the image */
export function thinningOf(call: Call, root: string, scope: WorkScope): Thinning | undefined {
  const { files, atEnd, facts } = scope;
  if (!files || !atEnd || omitsDevelopment(call, scope) !== false) return undefined;
  const project = { files, folder: call.folder, facts, variable: scope.variable };
  const development = nodeDevelopment(call.command, project);
  const command = development && commandFor(development, call, scope);
  if (!development || command === undefined) return undefined;
  const { tool, settings } = development;
  const isLocked = LOCKS[tool.id]!.some((name) => hasEntry(files, inFolder(root, name)));
  const isSettled = tool.shippedOnly!.settledIn.some(({ file, pattern }) => {
    const text = settings.get(file) ?? '';
    return text !== '' && new RegExp(`^\\s*(?:${pattern})`, 'm').test(text);
  });
  // What did not follow a lockfile would be exchanged for what is in it.
  const isFree = call.args.some((arg) => FREE.test(arg ?? ''));
  if (!isLocked || isFree || isSettled || isThinnedLater(call, scope)) return undefined;
  // These put packages anew into their folders that differ from what they fetched.
  if (tool.id !== 'npm' && isPatched(development, atEnd)) return undefined;
  if (isUsed(development, atEnd, scope)) return undefined;
  const count = development.direct.size + development.hidden.size;
  return {
    command,
    folder: root,
    message: `leaves out ${count} package${count === 1 ? '' : 's'} for development`,
  };
}

function commandFor(
  { tool }: Development,
  call: Call,
  { image, facts }: WorkScope,
): string | undefined {
  const plain = COMMANDS[tool.id];
  // What the install did not mind must not stop this.
  const flags = call.args.filter((arg) => /^(--legacy-peer-deps|--force)$/.test(arg ?? ''));
  const command = plain && ((isOld: boolean) => [plain(isOld), ...flags].join(' '));
  const row = facts.toolAges.find(({ flag }) => flag === 'npm.packages');
  if (!command || tool.id !== 'npm') return plain?.(false);
  const name = image && `${image.name}:${image.tag}`;
  if (name === undefined || !row) return undefined;
  if (matchesAny(row.oldImages, name)) return command(true);
  return matchesAny(row.newImages, name) ? command(false) : undefined;
}

/** Whether the author does it himself, or installs once more. */
function isThinnedLater({ folder }: Call, scope: WorkScope): boolean {
  return scope.later.some(
    (call) =>
      call.folder === folder &&
      ((/^(npm|yarn|pnpm)$/.test(ownName(call)) && /^(prune|autoclean)\b/.test(wordsOf(call))) ||
        installCall(call.command, scope.facts) !== undefined),
  );
}

/** Whether something writes into packages after they were installed. */
function isPatched({ direct, kept, scripts }: Development, files: BuildContext): boolean {
  const names = [...direct, ...kept];
  const isKnown = names.some((name) =>
    /^(patch-package|prisma|@prisma\/client|ts-patch)$/.test(name),
  );
  return isKnown || scripts.length > 0 || hasEntry(files, 'patches');
}

function isUsed(development: Development, atEnd: BuildContext, scope: WorkScope): boolean {
  const folder = folderOf(development.manifest);
  const { used, unread } = nodeMentions(development, atEnd, folder, scope.facts);
  if (used || unread.length > 0) return true;
  if (isNamedIn(development, scope.environment)) return true;
  return (
    scope.started.length === 0 ||
    scope.started.some((call) => mayUse(call, development, atEnd, scope))
  );
}

const SHELLS = /^(sh|bash|dash|ash|zsh)$/;

/** Whether a program of the container is, or names, or may load a package for development. */
function mayUse(
  call: Call,
  development: Development,
  files: BuildContext,
  { facts }: WorkScope,
): boolean {
  const { programs, manifest } = development;
  const name = ownName(call);
  const words = wordsOf(call);
  if (programs.has(name)) return true;
  if (isNamedIn(development, [call.program, words].join(' '))) return true;
  const isSet = call.args.some(
    (arg) =>
      arg !== undefined &&
      usedBySettings(under(call.folder, arg), development, files) !== undefined,
  );
  if (isSet) return true;
  if (isRunner(name, words) || SHELLS.test(name)) return false;
  if (call.program.includes('/') && isScript(call, files)) return false;
  if (matchesAny(facts.development.neutral, name)) return false;
  const isAlone = rowsOfProgram(facts.work.startsAlone, name).some((row) =>
    matchesWhole(row.words, words),
  );
  // Settings in TypeScript are compiled when they are read, with a package for development.
  if (isAlone) return hasTypedSettings(name, folderOf(manifest), files);
  const known = facts.commands.programs.find((each) => matchesAny(each.programs, name));
  return !known?.cases.every((one) => one.may === undefined);
}

/** Whether words of the shell name a package for development: `-r ts-node/register`. */
function isNamedIn({ direct }: Development, words: string): boolean {
  return [...direct].some(
    (each) =>
      words.includes(each) &&
      new RegExp(
        `(^|[\\s=:,/'"])${each.replace(/[/\\^$.*+?()[\]{}|]/g, '\\$&')}([\\s=:,/'"@]|$)`,
      ).test(words),
  );
}

/** A manager that starts a script of the manifest, which is a call of its own. */
function isRunner(name: string, words: string): boolean {
  return (
    (/^(npm|yarn|pnpm)$/.test(name) && /^(-\S+ )*(start|run|run-script|exec|node)\b/.test(words)) ||
    (name === 'yarn' && /^[\w:-]+$/.test(words)) ||
    name === 'npx'
  );
}

/** A script of the image, which was followed, or one for Node, which is a source. */
function isScript({ program, folder }: Call, files: BuildContext): boolean {
  const path = pathInside(program.startsWith('/') ? program : `${folder}/${program}`);
  return textOf(files, path).kind === 'text';
}

function hasTypedSettings(name: string, folder: string, files: BuildContext): boolean {
  return entriesIn(files, folder).some(({ path }) =>
    new RegExp(`^${name}\\.config\\.[cm]?ts$`).test(baseName(path)),
  );
}
