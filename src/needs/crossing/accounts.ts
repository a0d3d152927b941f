/**
 * Accounts and groups that a RUN makes with the tools of Debian, in the words of BusyBox's adduser
 * and addgroup, whose short options are the only ones that all versions know.
 */
import { programName } from '../../analysis/packages.ts';
import type { Refusal } from '../../dockerfile/edit.ts';
import type { ShellWord, SimpleCommand } from '../../dockerfile/shell.ts';
import type { CrossingAccounts } from '../../facts/crossing-types.ts';

export interface AccountScope {
  readonly accounts: CrossingAccounts;
  /** Groups that were made before, by number as written. */
  readonly groups: Map<string, string>;
}

/** The command anew; `undefined` where it is none of these or stays as it is. */
export function crossedAccount(
  command: SimpleCommand,
  scope: AccountScope,
): { readonly text: string } | Refusal | undefined {
  const program = programName(command.words[0]) ?? '';
  const words = command.words.slice(1);
  switch (program) {
    case 'groupadd':
      return groupadd(words, GROUPADD, scope);
    case 'addgroup':
      return groupadd(words, ADDGROUP, scope);
    case 'useradd':
      return useradd(words, scope);
    case 'adduser':
      return adduser(words, scope);
    case 'usermod':
      return usermod(words);
    case 'deluser':
    case 'delgroup':
      return words.some(({ text }) => text.startsWith('-') && text !== '--remove-home')
        ? { refused: `an option of ${program} has no equal` }
        : undefined;
    default:
      return undefined;
  }
}

/** Names of options by how they are written; those with `:` take a value. */
type Options = Readonly<Record<string, string>>;

interface Read {
  /** Values as written in the shell, empty for options without one. */
  readonly options: ReadonlyMap<string, string>;
  readonly operands: readonly ShellWord[];
}

const GROUPADD: Options = {
  '-g': 'gid:',
  '--gid': 'gid:',
  '-r': 'system',
  '--system': 'system',
};

const ADDGROUP: Options = {
  '--gid': 'gid:',
  '-g': 'gid:',
  '--system': 'system',
  '-S': 'system',
  '--quiet': 'quiet',
};

const USERADD: Options = {
  '-u': 'uid:',
  '--uid': 'uid:',
  '-g': 'group:',
  '--gid': 'group:',
  '-G': 'groups:',
  '--groups': 'groups:',
  '-d': 'home:',
  '--home': 'home:',
  '--home-dir': 'home:',
  '-s': 'shell:',
  '--shell': 'shell:',
  '-c': 'comment:',
  '--comment': 'comment:',
  '-m': 'make',
  '--create-home': 'make',
  '-M': 'leave',
  '--no-create-home': 'leave',
  '-r': 'system',
  '--system': 'system',
  '-l': 'quiet',
  '--no-log-init': 'quiet',
  '-U': 'own',
  '--user-group': 'own',
};

const ADDUSER: Options = {
  '--uid': 'uid:',
  '--ingroup': 'group:',
  '--home': 'home:',
  '--shell': 'shell:',
  '--gecos': 'comment:',
  '--comment': 'comment:',
  '--no-create-home': 'leave',
  '--system': 'system',
  '--group': 'own',
  '--disabled-password': 'locked',
  '--disabled-login': 'locked',
  '--quiet': 'quiet',
  '-q': 'quiet',
  '-u': 'uid:',
  '-D': 'locked',
  '-S': 'system',
  '-H': 'leave',
  '-h': 'home:',
  '-s': 'shell:',
  '-g': 'comment:',
  '-G': 'group:',
};

function read(words: readonly ShellWord[], known: Options): Read | Refusal {
  const options = new Map<string, string>();
  const operands: ShellWord[] = [];
  for (let at = 0; at < words.length; at++) {
    const { text } = words[at]!;
    if (!text.startsWith('-')) {
      operands.push(words[at]!);
      continue;
    }
    const [, flag = '', value] = /^(--[\w-]+)=(.*)$/s.exec(text) ?? ['', text, undefined];
    const cluster = /^-[a-zA-Z]{2,}$/.test(flag)
      ? Array.from(flag.slice(1), (each) => `-${each}`)
      : [flag];
    for (const [index, each] of cluster.entries()) {
      const name = Object.hasOwn(known, each) ? known[each]! : undefined;
      if (name === undefined) return { refused: `the option ${each} has no equal` };
      if (!name.endsWith(':')) options.set(name, '');
      else if (value !== undefined) options.set(name.slice(0, -1), value);
      // `-g1000` and `-rg app`: the value is the rest of the word, or the next one.
      else if (index < cluster.length - 1)
        return { refused: `the option ${flag} is not understood` };
      else {
        const next = words[++at];
        if (!next) return { refused: `the option ${each} has no value` };
        options.set(name.slice(0, -1), next.text);
      }
    }
  }
  return { options, operands };
}

function groupadd(
  words: readonly ShellWord[],
  known: Options,
  scope: AccountScope,
): { readonly text: string } | Refusal | undefined {
  const found = read(words, known);
  if ('refused' in found) return found;
  const { options, operands } = found;
  // `addgroup user group` is the same in both.
  if (known === ADDGROUP && operands.length === 2 && options.size === 0) return undefined;
  const [name] = operands;
  if (!name || operands.length !== 1) return { refused: 'it is called in an unusual way' };
  const gid = options.get('gid');
  const taken = takenBy(name.text, gid, scope.accounts.groups);
  if (taken !== undefined) return { refused: taken };
  if (gid !== undefined) scope.groups.set(plain(gid), name.text);
  scope.groups.set(plain(name.text), name.text);
  const flags = [options.has('system') ? '-S' : '', gid === undefined ? '' : `-g ${gid}`];
  return { text: ['addgroup', ...flags, name.text].filter(Boolean).join(' ') };
}

function useradd(
  words: readonly ShellWord[],
  scope: AccountScope,
): { readonly text: string } | Refusal {
  const found = read(words, USERADD);
  if ('refused' in found) return found;
  const { options, operands } = found;
  const [name] = operands;
  if (!name || operands.length !== 1) return { refused: 'it is called in an unusual way' };
  const flags: string[] = [];
  // BusyBox gives accounts of the system another shell and the group nogroup.
  const isSystem = options.has('system');
  const group = options.get('group');
  const prefix = isSystem && group === undefined ? [`addgroup -S ${name.text}`] : [];
  flags.push(isSystem ? '-S -D' : '-D');
  if (!options.has('make')) flags.push('-H');
  const shell = options.get('shell') ?? (isSystem ? '/bin/sh' : undefined);
  const rest = account(name, { options, shell, group, isOwn: isSystem }, scope);
  if ('refused' in rest) return rest;
  return {
    text: [
      ...prefix,
      ['adduser', ...flags, ...rest.flags, name.text].join(' '),
      ...memberships(name, options),
    ].join(' && '),
  };
}

function adduser(
  words: readonly ShellWord[],
  scope: AccountScope,
): { readonly text: string } | Refusal | undefined {
  const found = read(words, ADDUSER);
  if ('refused' in found) return found;
  const { options, operands } = found;
  // `adduser user group` is the same in both.
  if (operands.length === 2 && options.size <= (options.has('quiet') ? 1 : 0)) {
    return options.size === 0
      ? undefined
      : { text: `adduser ${operands.map(({ text }) => text).join(' ')}` };
  }
  const [name] = operands;
  if (!name || operands.length !== 1) return { refused: 'it is called in an unusual way' };
  const isSystem = options.has('system');
  if (!isSystem && !options.has('locked')) return { refused: 'it asks for a password' };
  if (options.has('own') && !isSystem) return { refused: 'the option --group has no equal' };
  const isOwn = options.has('own');
  const prefix = isOwn ? [`addgroup -S ${name.text}`] : [];
  const flags = [isSystem ? '-S -D' : '-D'];
  if (options.has('leave')) flags.push('-H');
  const shell = options.get('shell');
  const rest = account(name, { options, shell, group: options.get('group'), isOwn }, scope);
  if ('refused' in rest) return rest;
  return {
    text: [...prefix, ['adduser', ...flags, ...rest.flags, name.text].join(' ')].join(' && '),
  };
}

interface Asked {
  readonly options: ReadonlyMap<string, string>;
  readonly shell: string | undefined;
  readonly group: string | undefined;
  /** A group of its name is made in front of it. */
  readonly isOwn: boolean;
}

/** The options that both tools have. */
function account(
  name: ShellWord,
  { options, shell, group, isOwn }: Asked,
  { accounts, groups }: AccountScope,
): { readonly flags: readonly string[] } | Refusal {
  const uid = options.get('uid');
  const taken =
    takenBy(name.text, uid, accounts.users) ??
    (group === undefined ? takenBy(name.text, uid, accounts.groups) : undefined);
  if (taken !== undefined) return { refused: taken };
  const flags: string[] = [];
  if (group !== undefined) {
    const named = groups.get(plain(group)) ?? (/^["']?[a-z_]/.test(group) ? group : undefined);
    if (named === undefined) return { refused: `which group ${group} is, is not known` };
    flags.push(`-G ${named}`);
  } else if (isOwn) flags.push(`-G ${name.text}`);
  if (uid !== undefined) flags.push(`-u ${uid}`);
  const home = options.get('home');
  if (home !== undefined) {
    const parent =
      plain(home)
        .replace(/\/+$/, '')
        .replace(/\/[^/]*$/, '') || '/';
    const isMade = options.has('make') || (!options.has('leave') && !options.has('system'));
    if (isMade && !accounts.homes.includes(parent)) {
      return { refused: `the home ${home} is made in a folder that may not be there` };
    }
    flags.push(`-h ${home}`);
  }
  if (shell !== undefined) flags.push(`-s ${shell}`);
  const comment = options.get('comment');
  if (comment !== undefined) flags.push(`-g ${comment}`);
  return { flags };
}

/** Groups that it is a member of beside its own. */
function memberships(name: ShellWord, options: ReadonlyMap<string, string>): readonly string[] {
  const groups = options.get('groups');
  return groups === undefined
    ? []
    : plain(groups)
        .split(',')
        .map((each) => `addgroup ${name.text} ${each}`);
}

/** `usermod -aG group user` alone; what changes more is left to the tool itself. */
function usermod(words: readonly ShellWord[]): { readonly text: string } | undefined {
  const texts = words.map(({ text }) => text);
  const [option, groups = '', user = ''] =
    texts[0] === '-a' && texts[1] === '-G' ? ['-aG', ...texts.slice(2)] : texts;
  const isPlain = words.length <= 4 && /^[\w-]+$/.test(user) && /^[\w-]+$/.test(groups);
  if (!/^-(aG|a -G)$/.test(option ?? '') || !isPlain) return undefined;
  return { text: `addgroup ${user} ${groups}` };
}

/** Why a name or number cannot be given away there. */
function takenBy(
  name: string,
  number: string | undefined,
  taken: Readonly<Record<string, number>>,
): string | undefined {
  if (Object.hasOwn(taken, plain(name))) return `the name ${plain(name)} is taken there`;
  if (number === undefined || !/^\d+$/.test(plain(number))) return undefined;
  const owner = Object.entries(taken).find(([, each]) => each === Number(plain(number)));
  return owner && `the number ${plain(number)} is taken there by ${owner[0]}`;
}

function plain(text: string): string {
  return text.replace(/^(["'])(.*)\1$/s, '$2');
}
