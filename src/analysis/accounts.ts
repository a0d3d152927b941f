/** Who runs a RUN: number and home folder of the account, as far as rows or earlier RUNs tell. */
import type { Dockerfile, Stage } from '../dockerfile/model.ts';
import { runBody, type ShellWord } from '../dockerfile/shell.ts';
import type { Facts } from '../facts/types.ts';
import { programName, wrapperLength } from './packages.ts';
import { matchesWhole } from './patterns.ts';
import { baseImage } from './stages.ts';
import { shellBefore, type State } from './state.ts';
import { plainText } from './values.ts';

export interface Account {
  readonly uid: number;
  /** `undefined` where only the name of the group is known. */
  readonly gid: number | undefined;
  readonly home: string;
  /** Folders that are there and belong to it, its home among them. */
  readonly folders: readonly string[];
}

export const ROOT: Account = { uid: 0, gid: 0, home: '/root', folders: [] };

/** What is known of the account; `base`: the base may set a USER, and nothing is known of the base. */
export type Who = Account | { readonly refused: string; readonly isOfBase: boolean };

export function accountOf(file: Dockerfile, stage: Stage, state: State, facts: Facts): Who {
  const user = plainText(state.user.usual);
  if (user === undefined) {
    const isOfBase =
      state.base.usual === undefined && !state.before.some(({ kind }) => kind === 'user');
    return { refused: 'nobody knows which user it runs as', isOfBase };
  }
  const [name = ''] = user.split(':');
  if (/^(root|0)?$/.test(name)) return ROOT;
  const image = baseImage(file, stage);
  const made = madeBefore(name, file, state);
  if (made === 'unclear') {
    return { refused: `nobody knows the number or the home folder of "${name}"`, isOfBase: false };
  }
  if (made) return made;
  const row = facts.caches.accounts.find(
    (each) =>
      (each.name === name || String(each.uid) === name) &&
      image !== undefined &&
      matchesWhole(each.images, `${image.name}:${image.tag}`),
  );
  if (row) return { ...row, folders: [row.home, ...row.folders] };
  return { refused: `nobody knows the number or the home folder of "${name}"`, isOfBase: false };
}

const MAKERS = new Set(['useradd', 'adduser']);

/** Programs that change accounts in ways that are not followed. */
const CHANGERS = new Set(['usermod', 'groupmod', 'userdel', 'deluser', 'delgroup', 'groupdel']);

/** The account that an earlier RUN makes under that name, or with that number. */
function madeBefore(name: string, file: Dockerfile, state: State): Account | 'unclear' | undefined {
  let found: Account | 'unclear' | undefined;
  for (const each of state.before) {
    if (each.kind !== 'run') continue;
    const stage = file.stages.find((other) => other.instructions.includes(each));
    const body = stage && runBody(each, shellBefore(file, stage, each));
    if (body?.kind !== 'script') {
      if (new RegExp(`\\b${escaped(name)}\\b`).test(each.text)) found = 'unclear';
      continue;
    }
    for (const command of body.commands) {
      const words = command.words.slice(wrapperLength(command.words));
      const program = programName(words[0]) ?? '';
      const isAbout = words.some(
        ({ literal, text }) =>
          literal === name ||
          literal?.endsWith(`=${name}`) ||
          (literal === undefined && text.includes('$')),
      );
      if (!isAbout) continue;
      if (CHANGERS.has(program)) found = 'unclear';
      if (MAKERS.has(program)) found = accountMadeBy(program, words.slice(1), name) ?? found;
    }
  }
  return found;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Options that take the next word, of shadow's useradd, Debian's adduser and BusyBox's. */
const VALUE_OPTIONS = new Set(
  (
    '-u --uid -g --gid -G --groups --ingroup -d --home-dir --home -h -s --shell -c --comment ' +
    '--gecos -k --skel -K -e -f -p -b --base-dir --firstuid --lastuid'
  ).split(' '),
);

function accountMadeBy(
  program: string,
  words: readonly ShellWord[],
  name: string,
): Account | 'unclear' | undefined {
  const options = new Map<string, string>();
  const operands: string[] = [];
  const isBusybox = program === 'adduser' && words.some((word) => /^-[a-zA-Z]/.test(word.text));
  for (let index = 0; index < words.length; index++) {
    const text = words[index]!.literal ?? words[index]!.text;
    if (!text.startsWith('-')) {
      operands.push(text);
      continue;
    }
    const [key = '', value] = text.startsWith('--') ? text.split(/=(.*)/s) : [text];
    // `-rm`, `-Du 1000`: only the last of them can have a value.
    const isCluster = /^-[a-zA-Z]{2,}$/.test(key);
    const names = isCluster
      ? key
          .slice(1)
          .split('')
          .map((each) => `-${each}`)
      : [key];
    for (const each of names) options.set(each, value ?? '');
    const last = names.at(-1)!;
    const next = words[index + 1];
    if (value === undefined && VALUE_OPTIONS.has(last) && next) {
      options.set(last, next.literal ?? '$');
      index++;
    }
  }
  const uid = options.get('-u') ?? options.get('--uid');
  if (!operands.includes(name) && uid !== name) return undefined;
  if (uid === undefined || !/^\d+$/.test(uid)) return 'unclear';
  // BusyBox's -g is a description.
  const given = options.get('--gid') ?? (isBusybox ? undefined : options.get('-g'));
  const gid = given !== undefined && /^\d+$/.test(given) ? Number(given) : undefined;
  const home = homeMadeBy(program, options, operands[0] ?? name, isBusybox);
  if (home === undefined) return 'unclear';
  return { uid: Number(uid), gid, home, folders: [home] };
}

/** Its home folder, where that is surely made. */
function homeMadeBy(
  program: string,
  options: ReadonlyMap<string, string>,
  name: string,
  isBusybox: boolean,
): string | undefined {
  const usual = `/home/${name}`;
  if (program === 'useradd') {
    const isMade = options.has('-m') || options.has('--create-home');
    const home = options.get('-d') ?? options.get('--home-dir') ?? options.get('--home') ?? usual;
    return isMade && home.startsWith('/') && !options.has('-b') ? home : undefined;
  }
  const home = options.get('-h') ?? options.get('--home') ?? usual;
  const isLeftOut =
    (isBusybox && options.has('-H')) || options.has('--no-create-home') || options.has('--system');
  return isLeftOut || !home.startsWith('/') ? undefined : home;
}
