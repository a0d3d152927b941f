/** `/dfopt …` in a comment: what it asks for, and who may ask. */
import { passes } from '../../passes/index.ts';
import { nearest } from '../config/nearest.ts';
import { LEVELS, type Level } from '../pass.ts';
import type { OptimizeOptions } from '../pipeline.ts';
import { code } from './markdown.ts';

export type Command =
  /** Make the pull request of the bot anew, whatever stands in its branch; look at any other one again. */
  | { readonly kind: 'rebase' }
  | { readonly kind: 'ignore'; readonly pass: string }
  | { readonly kind: 'level'; readonly level: Level };

export type ParsedCommand =
  | { readonly kind: 'command'; readonly command: Command }
  /** Somebody meant a command; `why` is a sentence in Markdown, safe to post as it is. */
  | { readonly kind: 'problem'; readonly why: string };

/** A comment below a pull request, and what its author may do in the repository today. */
export interface CommandComment {
  readonly body: string;
  readonly permission: string;
}

/** What all commands of a pull request come to; they are read anew each time, so that nothing is kept. */
export interface CommandState {
  readonly ignored: readonly string[];
  readonly level: Level | undefined;
}

/** May people with this permission give commands? */
export function hasWriteAccess(permission: string): boolean {
  return ['admin', 'maintain', 'write'].includes(permission);
}

/** Who writes a hundred commands in one comment tests something. */
const MOST_COMMANDS = 10;

const PASS_IDS: readonly string[] = passes.map(({ id }) => id);

/** Longer words are none that anybody meant. */
const MOST_LETTERS = 60;

/**
 * The command in a comment; of several a wrong one, so that somebody is told, or the one that does most.
 * Asking costs nothing: whether the author may give commands is asked only where there is one.
 */
export function commandIn(body: string): ParsedCommand | undefined {
  const all = commandsIn(body);
  return (
    all.find(({ kind }) => kind === 'problem') ??
    all.find((each) => each.kind === 'command' && each.command.kind === 'rebase') ??
    all[0]
  );
}

/**
 * The commands in a comment: lines that begin with `/dfopt`. What is quoted, or stands in a block of code,
 * is none: people show each other how it is written.
 */
export function commandsIn(body: string): readonly ParsedCommand[] {
  return commandLines(body).slice(0, MOST_COMMANDS).map(parsed);
}

function commandLines(body: string): readonly string[] {
  const found: string[] = [];
  let fence: string | undefined;
  for (const line of body.split(/\r?\n/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    if (mark) {
      const [, run = '', rest = ''] = mark;
      if (fence === undefined) fence = run;
      else if (run.startsWith(fence) && rest.trim() === '') fence = undefined;
      continue;
    }
    // Four blanks make code of a line.
    if (fence === undefined && /^ {0,3}\/dfopt(?:\s|$)/.test(line)) found.push(line.trim());
  }
  return found;
}

function parsed(line: string): ParsedCommand {
  const [, verb = '', word, ...more] = line.split(/\s+/);
  const isAlone = more.length === 0;
  switch (verb) {
    case 'rebase':
      return word === undefined ? command({ kind: 'rebase' }) : problem('`rebase` stands alone');
    case 'ignore':
      if (word === undefined || !isAlone) return problem('`ignore` takes the id of one pass');
      return PASS_IDS.includes(word)
        ? command({ kind: 'ignore', pass: word })
        : problem(`no pass is called ${named(word)}${meant(word)}`);
    case 'level': {
      const level = LEVELS.find((each) => each === word);
      return level !== undefined && isAlone
        ? command({ kind: 'level', level })
        : problem(`\`level\` takes one of ${LEVELS.map((each) => `\`${each}\``).join(', ')}`);
    }
    default:
      return problem(
        `${named(verb)} is no command: there are \`/dfopt rebase\`, \`/dfopt ignore <pass>\` and \`/dfopt level <level>\``,
      );
  }
}

function command(value: Command): ParsedCommand {
  return { kind: 'command', command: value };
}

function problem(why: string): ParsedCommand {
  return { kind: 'problem', why };
}

function named(word: string): string {
  return word === '' ? 'an empty word' : code(word.slice(0, MOST_LETTERS));
}

function meant(word: string): string {
  const near = word.length > MOST_LETTERS ? undefined : nearest(word, PASS_IDS);
  return near === undefined ? '' : `; did you mean \`${near}\`?`;
}

/**
 * @param comments in the order in which they were written; of others than the bot, whose own count nothing
 */
export function stateOf(comments: readonly CommandComment[]): CommandState {
  const given = comments
    .filter(({ permission }) => hasWriteAccess(permission))
    .flatMap(({ body }) => commandsIn(body))
    .flatMap((each) => (each.kind === 'command' ? [each.command] : []));
  const ignored = given.flatMap((each) => (each.kind === 'ignore' ? [each.pass] : []));
  const level = given.findLast((each) => each.kind === 'level');
  return { ignored: [...new Set(ignored)], level: level?.level };
}

/** What `optimize` is told where people asked for something else than the configuration says. */
export function withCommands(
  options: OptimizeOptions,
  { ignored, level }: CommandState,
): OptimizeOptions {
  const skip = [...new Set([...(options.skip ?? []), ...ignored])];
  return {
    ...options,
    ...(skip.length > 0 && { skip }),
    ...(level !== undefined && { level }),
  };
}
