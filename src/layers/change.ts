/** `chown` and `chmod` in a RUN: what they change, for whom, and what that is for files as they are copied. */
import type { CommandEffects } from '../analysis/effects.ts';
import { wrapperLength } from '../analysis/packages.ts';
import { plainText } from '../analysis/values.ts';
import type { Script, ShellWord, SimpleCommand } from '../dockerfile/shell.ts';

export interface Change {
  readonly kind: 'owner' | 'mode';
  readonly command: SimpleCommand;
  /** Its place among the commands of the RUN's effects. */
  readonly index: number;
  /** `-R`, which may stand anywhere among the words; `undefined`: files only, by name. */
  readonly recursive: ShellWord | undefined;
  /** `node:node`, `755`, `+x`. */
  readonly value: ShellWord;
  readonly targets: readonly Target[];
}

export interface Target {
  readonly word: ShellWord;
  /** Absolute. */
  readonly path: string;
}

const PROGRAMS = /^(chown|chgrp|chmod)$/;

const OPTIONS = /^(-[Rvcfh]+|--(recursive|verbose|changes|quiet|silent|no-dereference))$/;

/** The changes of a RUN that surely happen, and whose targets are known by name, in order. */
export function changesIn(script: Script, commands: readonly CommandEffects[]): readonly Change[] {
  const isMasked = commands.some(({ program }) => program === 'umask');
  return commands.flatMap((each, index) => {
    const change = changeOf(each, index);
    // What `+w` means depends on it.
    if (isMasked && change?.kind === 'mode') return [];
    const link = change && script.chains[change.command.chain]?.links[change.command.link]?.simple;
    return change && link === change.command ? [change] : [];
  });
}

function changeOf(effects: CommandEffects, index: number): Change | undefined {
  const { command, program, certainty, changes, knowledge, writes } = effects;
  if (!command || !changes || certainty === 'may run' || knowledge !== 'complete') return undefined;
  if (!PROGRAMS.test(program ?? '') || command.within.length > 0) return undefined;
  if (command.redirections.length + command.assignments.length > 0) return undefined;
  const start = wrapperLength(command.words);
  // `sudo -u someone` is not root.
  if (start > 1) return undefined;
  const words = command.words.slice(start + 1);
  const options = words.filter(({ text }) => text.startsWith('-'));
  if (!options.every(({ literal }) => OPTIONS.test(literal ?? ''))) return undefined;
  const [value, ...rest] = words.filter(({ text }) => !text.startsWith('-'));
  if (!value || rest.length === 0 || rest.length !== writes.length) return undefined;
  const targets = rest.map((word, at): Target | undefined => {
    const place = writes[at]!;
    const path = place.isPattern || place.isGuess ? undefined : plainText(place.path);
    return path === undefined || path === '/' ? undefined : { word, path };
  });
  if (targets.includes(undefined)) return undefined;
  return {
    kind: changes,
    command,
    index,
    recursive: options.find(({ text }) => /^(-[vcfh]*R|--recursive)/.test(text)),
    value,
    targets: targets as Target[],
  };
}

/** The value of `--chown` that gives files the same owner, or why there is none. */
export interface OwnerFlag {
  /** Empty where they have that owner without a flag. */
  readonly flag: string;
  /** Names that the image must know. */
  readonly names: readonly string[];
}

const NAME = String.raw`(?:[A-Za-z_][\w-]*|\d+|\$\{?[A-Za-z_]\w*\}?)`;

const OWNER = new RegExp(`^(${NAME})?(?:(:)(${NAME})?)?$`);

/**
 * @param isFromContext the files belong to root where no flag says otherwise
 * @param isBuildKit `--chown=user` alone is the user's own group
 */
export function ownerFlag(
  { value, command }: Change,
  isFromContext: boolean,
  isBuildKit: boolean,
): OwnerFlag | { readonly why: string } {
  const isGroupOnly = /(^|\/)chgrp$/.test(command.words[wrapperLength(command.words)]?.text ?? '');
  const text = isGroupOnly ? `:${value.text}` : value.text.replace(/^(["'])(.*)\1$/, '$2');
  const match = OWNER.exec(text);
  if (!match) return { why: `"${value.text}" is no plain owner` };
  const [, user, colon, group] = match;
  const names = [user, group].filter(
    (each) => each !== undefined && !/^\d+$/.test(each),
  ) as string[];
  const isRoot = [user ?? 'root', group ?? 'root'].every((each) => /^(root|0)$/.test(each));
  if (isRoot && isFromContext && text !== ':') return { flag: '', names };
  if (user !== undefined && group !== undefined) return { flag: `${user}:${group}`, names };
  if (user === undefined && group === undefined) return { why: 'it names no owner' };
  if (colon !== undefined && user !== undefined) {
    // The group that the user logs in with.
    if (isBuildKit && names.length > 0 && !user.startsWith('$')) return { flag: user, names };
    return { why: `the group of "${value.text}" is not known` };
  }
  if (!isFromContext) return { why: 'half of the owner comes from another image' };
  return { flag: user === undefined ? `0:${group!}` : `${user}:0`, names };
}

/** What COPY's flag calls an owner of `chown`: a name with a bare colon is the user's own group there only. */
export function copyOwner(owner: string): string {
  return owner.replace(/^([A-Za-z_][\w-]*):$/, '$1');
}

/** The mode of a file or folder after a change; `undefined` for a form that is not followed. */
export function modeAfter(value: string, mode: number, isFolder: boolean): number | undefined {
  if (/^0?[0-7]{3}$/.test(value)) return Number.parseInt(value, 8);
  let now = mode;
  for (const clause of value.split(',')) {
    const [whole, who, operator, what] = /^([ugoa]*)([-+=])([rwxX]*)$/.exec(clause) ?? [];
    if (whole === undefined) return undefined;
    const bits = bitsOf(what!, isFolder || (now & 0o111) !== 0);
    // Without a letter it is everybody, as far as the umask of a build lets them.
    const groups = who === '' ? ~UMASK & 0o777 : maskOf(who!);
    const change = (bits * 0o111) & groups;
    if (operator === '+') now |= change;
    else if (operator === '-') now &= ~change;
    else now = (now & ~(who === '' ? 0o777 : groups)) | change;
  }
  return now;
}

/** What RUN starts with. */
const UMASK = 0o022;

function bitsOf(what: string, isExecutable: boolean): number {
  const isX = what.includes('x') || (what.includes('X') && isExecutable);
  return (what.includes('r') ? 4 : 0) | (what.includes('w') ? 2 : 0) | (isX ? 1 : 0);
}

function maskOf(who: string): number {
  const all = who.includes('a');
  return (
    (all || who.includes('u') ? 0o700 : 0) |
    (all || who.includes('g') ? 0o070 : 0) |
    (all || who.includes('o') ? 0o007 : 0)
  );
}
