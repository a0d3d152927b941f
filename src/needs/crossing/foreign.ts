/** What a file says that holds for one distribution only: the first such thing, in words. */
import { entriesOf, type BuildContext } from '../../analysis/context.ts';
import { matchesAny, matchesWhole, occurring, occursIn } from '../../analysis/patterns.ts';
import type { Instruction } from '../../dockerfile/model.ts';
import type { Crossing } from '../../facts/crossing-types.ts';
import type { Image } from '../../facts/image-types.ts';

export interface Foreign {
  /** Who says it: `line 5`, `start.sh`. */
  readonly by: string;
  /** Follows that in a sentence. */
  readonly why: string;
}

/** @param instructions as they are once packages and accounts are moved */
export function foreignIn(
  instructions: readonly Instruction[],
  from: Image,
  crossing: Crossing,
): Foreign | undefined {
  const said = instructions.filter(({ kind }) => kind !== 'label');
  const made = (): string => said.map((each) => each.logical.text).join('\n');
  for (const each of said) {
    const by = `line ${each.origin[0]!.line}`;
    const text = each.logical.text;
    const why = foreignText(text, crossing) ?? missingAccount(each, text, made, from, crossing);
    if (why !== undefined) return { by, why };
  }
  return undefined;
}

/** The same of the files that lie in the image: its scripts, and what is for one libc. */
export function foreignFile(
  files: BuildContext,
  from: Image,
  crossing: Crossing,
): Foreign | undefined {
  for (const { path, kind } of entriesOf(files)) {
    if (kind !== 'file') continue;
    if (matchesWhole(crossing.nativeFiles, path)) return { by: path, why: 'is for another libc' };
    const text = files.texts.get(path);
    if (text === undefined || !isScript(path, text)) continue;
    const code = text.replace(/^\s*#(?!!).*$/gm, '');
    const why = foreignText(code, crossing) ?? unusualPath(code, from, crossing);
    if (why !== undefined) return { by: path, why };
  }
  return undefined;
}

/** Why a program that is called with its folder is not there; nothing where it is, or is the file's own. */
export function misplaced(program: string, from: Image, { paths }: Crossing): string | undefined {
  const found = /^(\/(?:usr\/)?s?bin)\/([^/]+)$/.exec(program);
  if (!found) return undefined;
  const [, folder, name] = found;
  const row = paths.find(({ programs }) => matchesWhole(programs, name!));
  const isThere = row ? row.folder === folder : from.hasCommand(name!) !== 'yes';
  return isThere ? undefined : `calls ${program}, which may lie elsewhere there`;
}

function isScript(path: string, text: string): boolean {
  return /^#!.*\b(ba|da|a)?sh\b/.test(text) || /\.(ba)?sh$/.test(path);
}

function unusualPath(text: string, from: Image, crossing: Crossing): string | undefined {
  const program = /^#!\s*(\S+)/.exec(text)?.[1];
  return program === undefined ? undefined : misplaced(program, from, crossing);
}

const anyForeign = new WeakMap<Crossing['foreign'], readonly string[]>();

/** All in one list: nearly no text has any of them. */
function patternsOf({ foreign }: Crossing): readonly string[] {
  let patterns = anyForeign.get(foreign);
  if (!patterns) anyForeign.set(foreign, (patterns = foreign.map(({ pattern }) => pattern)));
  return patterns;
}

function foreignText(text: string, crossing: Crossing): string | undefined {
  if (!occursIn(patternsOf(crossing), text)) return undefined;
  for (const { pattern, why } of crossing.foreign) {
    const found = occurring(pattern).exec(text);
    if (found)
      return why.replace('{0}', () => `"${found[0].replace(/^[\s;&|("'`]+/, '').slice(0, 40)}"`);
  }
  return undefined;
}

/** An account that the first distribution brings, as a user or an owner. */
function missingAccount(
  { kind }: Instruction,
  text: string,
  all: () => string,
  { name, tag, users }: Image,
  { accounts }: Crossing,
): string | undefined {
  if (kind !== 'user' && kind !== 'run' && kind !== 'copy' && kind !== 'add') return undefined;
  if (!occursIn(accounts.missing, text)) return undefined;
  const there = accounts.inImages.flatMap((row) =>
    matchesWhole(row.images, `${name}:${tag}`) ? row.users : [],
  );
  const own = kind === 'user' ? text : ownersIn(text);
  const missing = accounts.missing.find(
    (each) =>
      !there.includes(each) &&
      own.includes(each) &&
      !users.some((user) => user.name === each) &&
      new RegExp(`(^|[\\s:=])${each}($|[\\s:])`).test(own) &&
      !new RegExp(`\\b(add(user|group)|(user|group)add)\\b[^&;\\n]*\\b${each}\\b`).test(all()),
  );
  return missing && `names the account ${missing}, which is not there`;
}

const TAKES_ACCOUNT =
  /^(chown|chgrp|su|gosu|su-exec|sudo|usermod|addgroup|adduser|install|setpriv)$/;

/** The words of a RUN or COPY in which accounts stand. */
function ownersIn(text: string): string {
  const flags = [...text.matchAll(/--chown=(\S+)/g)].map(([, value]) => value);
  const calls = text.split(/[;&|\n]+/).filter((each) => {
    const words = each
      .trim()
      .replace(/^RUN\s+/i, '')
      .split(/\s+/);
    return TAKES_ACCOUNT.test(words[0] ?? '');
  });
  return [...flags, ...calls].join(' ');
}

/** Whether an image that files come from runs on both. */
export function isPortable(image: string, { portableImages }: Crossing): boolean {
  return matchesAny(portableImages, image);
}
