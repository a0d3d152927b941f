/**
 * Which RUNs do the same whatever was copied before them: installs of packages by name, and accounts
 * that are made.
 */
import type { CopyInstruction, RunInstruction } from '../dockerfile/model.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { Facts } from '../facts/types.ts';
import { packageCommand, programName, wrapperLength, type PackageCommand } from './packages.ts';
import type { RunContext } from './runs.ts';
import type { BuildContext } from './context.ts';
import { isBelow, targetsOf, type Target } from './destinations.ts';
import { matchesAny } from './patterns.ts';
import type { State } from './state.ts';

/** Programs that read and write nothing but the accounts of the image. */
const ACCOUNT_PROGRAMS = /^(useradd|groupadd|adduser|addgroup|usermod|groupmod)$/;

/** Options whose value is a file or a folder, or that read one in the current folder. */
const READS_FILES =
  /^(-r|-c|-e|-f|-t|--requirement.*|--constraint.*|--editable.*|--find-links.*|--target.*|--prefix.*|--config.*|--workspace.*|--filter.*)$/;

/** Why a RUN could do something else depending on what was copied, or nothing. */
export function whyDependent(
  run: RunInstruction,
  { body }: RunContext,
  facts: Facts,
): string | undefined {
  if (body.kind !== 'script') return 'its code is not understood';
  if (run.heredocs.length > 0) return 'it has a heredoc';
  if (run.flags.length > 0) return 'it has flags';
  for (const command of body.commands) {
    const why = whyCommandDependent(command, facts);
    if (why !== undefined) return why;
  }
  return body.commands.length === 0 ? 'it has no command' : undefined;
}

/** Why a command could do something else depending on what was copied, or nothing. */
export function whyCommandDependent(command: SimpleCommand, facts: Facts): string | undefined {
  const name = command.words[0]?.text ?? 'an assignment';
  if (command.redirections.some(({ operator }) => operator.startsWith('<'))) {
    return `"${name}" reads a file`;
  }
  const isFilledIn = command.words.find(
    ({ literal, text }) =>
      literal === undefined && /[`*?[]|\$\(/.test(text) && !isOfSystem(command, text),
  );
  if (isFilledIn) return `"${isFilledIn.text}" may name what was copied`;
  const call = packageCommand(command, facts);
  if (call) return whyCallDependent(call);
  const words = command.words.slice(wrapperLength(command.words));
  const program = programName(words[0]);
  if (ACCOUNT_PROGRAMS.test(program ?? '')) {
    const movesHome = words.some(({ text }) => /^(--move-home|-[a-zA-Z]*m[a-zA-Z]*)$/.test(text));
    return program === 'usermod' && movesHome ? `"${name}" may move what was copied` : undefined;
  }
  const isCleanUp =
    program === 'rm' &&
    words.slice(1).every((word) => /^(-|\/(var|tmp|root\/\.)|~\/\.)/.test(word.text));
  return isCleanUp || program === 'true' || program === 'set'
    ? undefined
    : `"${name}" may read what was copied`;
}

/** What an `rm` names where packages lie: whoever moves it looks whether something is copied there. */
function isOfSystem({ words }: SimpleCommand, text: string): boolean {
  return words[0]?.text === 'rm' && /^\/var\/[\w./-]+\*?$/.test(text);
}

/** `@vue/cli`, with or without a version: a package, although it has a slash. */
const SCOPED_NAME = /^@[\w.-]+\/[\w.-]+(@[\w.^~-]+)?$/;

function whyCallDependent(call: PackageCommand): string | undefined {
  const { manager, action, args, operands, program } = call;
  const name = [...program, ...(call.actionWord ? [call.actionWord] : [])]
    .map((word) => word.text)
    .join(' ');
  if (action === 'configure' || action === 'read-lists')
    return `"${name}" may read what was copied`;
  // `.` and `.[dev]` are the project in the current folder.
  const file = operands.find(
    ({ text }) =>
      !SCOPED_NAME.test(text) &&
      /\/|^["']?\.{1,2}($|["'[])|\.(deb|rpm|apk|whl|tgz|gz|gem|zip)$/.test(text),
  );
  if (file) return `"${file.text}" may be a file that was copied`;
  if (manager.database) return undefined;
  if (action !== 'install' && action !== 'upgrade' && action !== 'remove') return undefined;
  const unknown = operands.find(({ text }) => /^["']?\$/.test(text));
  if (unknown) return `"${unknown.text}" may be a folder that was copied`;
  const option = args.find(({ text }) => READS_FILES.test(text));
  if (option) return `"${name} ${option.text}" may read what was copied`;
  const isOwn = /^(pip|gem)$/.test(manager.id);
  // `gem update` is of all that is installed.
  if (operands.length === 0 && !(isOwn && action !== 'install'))
    return `"${name}" reads what was copied`;
  // Elsewhere a name is added to the project in the current folder.
  const isGlobal =
    isOwn || args.some(({ text }) => /^(-g|--global|global|--location=global)$/.test(text));
  return isGlobal ? undefined : `"${name}" belongs to a project`;
}

/**
 * Whether an instruction copies to where neither an install nor a new account looks or writes.
 *
 * @param run what would run before the copy instead of behind it; absent: an install
 */
export function copiesApart(
  copy: CopyInstruction,
  state: State,
  facts: Facts,
  run?: RunContext,
  context?: BuildContext,
): boolean {
  const isOfAccounts = run !== undefined && makesAccountsOnly(run);
  return targetsOf(copy, state, context).every((target) => {
    if (target === undefined) return false;
    if (run !== undefined && deletes(run, target)) return false;
    return isOfAccounts ? isApartFromAccounts(target, run, facts) : isApart(target.path, facts);
  });
}

/** Whether an `rm` of the RUN names what is copied, or a folder that it lies in. */
function deletes({ body }: RunContext, { path }: Target): boolean {
  if (body.kind !== 'script') return false;
  return body.commands.some(({ words }) => {
    const [program, ...rest] = words.slice(wrapperLength(words));
    if (programName(program) !== 'rm') return false;
    return rest.some(({ text }) => {
      const folder = text.replace(/["']/g, '').replace(/\/?[^/]*[*?[].*$/, '');
      return !text.startsWith('-') && (isBelow(path, folder || '/') || isBelow(folder, path));
    });
  });
}

function isApart(path: string, { installPlaces }: Facts): boolean {
  const { system, applications, ownPrograms } = installPlaces;
  return (
    !matchesAny(system, path) || matchesAny(applications, path) || matchesAny(ownPrograms, path)
  );
}

function makesAccountsOnly({ body }: RunContext): boolean {
  if (body.kind !== 'script') return false;
  return body.commands.every(({ words }) =>
    ACCOUNT_PROGRAMS.test(programName(words[wrapperLength(words)]) ?? ''),
  );
}

function isApartFromAccounts({ path, isSpread }: Target, run: RunContext, facts: Facts): boolean {
  if (matchesAny(facts.installPlaces.ownPrograms, path)) return true;
  const { body } = run;
  const named =
    body.kind === 'script'
      ? body.commands.flatMap(({ words }) => words.map(({ text }) => text.replace(/^[^/]*=/, '')))
      : [];
  // A home folder that is there already is left as it is.
  const homes = named.map((text) => text.replace(/["']/g, '')).filter((text) => /^[/$]/.test(text));
  return [...facts.installPlaces.accounts, ...homes].every((place) => {
    if (place.includes('$')) return false;
    const meets = isBelow(path, place) || isBelow(place, path);
    return !meets || (!isSpread && !isBelow(path, place));
  });
}
