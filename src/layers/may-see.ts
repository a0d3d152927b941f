/** Whether a command writes below a path, or reads there and might do otherwise for another owner or mode. */
import { isApplicationFolder } from '../analysis/base-folders.ts';
import {
  commandTouches,
  isTrusted,
  type Answer,
  type CommandEffects,
} from '../analysis/effects.ts';
import { isAtOrBelow } from '../analysis/copy-place.ts';
import { anyOf, placesMeet, plainPlace, type Place } from '../analysis/places.ts';
import { plainText, prefixOf } from '../analysis/values.ts';

/** Programs that make accounts, and home folders for them. */
const ACCOUNTS = /^(useradd|adduser|groupadd|addgroup|usermod|groupmod)$/;

/**
 * Folders that rows name because packages may write anywhere in them: not where applications lie.
 */
const WIDE =
  /^\/(usr|etc|var|opt|srv|home|root|tmp|bin|sbin|lib|lib64|run|boot)(\/(lib|cache|log|share|local))*$/;

/** @param isOwn no package writes there, although packages write around it */
export function writesAt(
  command: CommandEffects,
  path: string,
  isOwn = isApplicationFolder(path),
): Answer {
  const isApart = isOwn && (command.call || ACCOUNTS.test(command.program ?? ''));
  const places = command.writes.filter((each) => !(isApart && isWide(each)));
  const answer = anyOf(places.map((each) => placesMeet(each, plainPlace(path))));
  if (answer !== 'no' || isTrusted(command)) return answer;
  // Programs write where they run, and where they are told to.
  return isMeant(command, path) ? 'yes' : 'unknown';
}

function isMeant({ folder, command }: CommandEffects, path: string): boolean {
  const start = plainText(folder);
  const isThere =
    start !== undefined && start !== '/' && (isAtOrBelow(start, path) || isAtOrBelow(path, start));
  return isThere || (command?.words.some(({ text }) => text.includes(path)) ?? false);
}

/**
 * The home folder that a command makes for an account: all in it belongs to the account then, as it
 * would after a change to the same owner.
 *
 * @param owner `user:group`
 */
export function makesHome({ command, program }: CommandEffects, owner: string): boolean {
  if (!command || !/^(useradd|adduser)$/.test(program ?? '')) return false;
  const words = command.words.map(({ text }) => text);
  const name = words.at(-1)!;
  const options = program === 'adduser' ? /^(-G|--ingroup|--gid)$/ : /^(-g|--gid)$/;
  const at = words.findIndex((word) => options.test(word));
  const attached = words.find((word) => /^--(ingroup|gid)=/.test(word))?.replace(/^.*=/, '');
  const group = at < 0 ? (attached ?? name) : words[at + 1]!;
  return owner === `${name}:${group}` || owner === `${name}:`;
}

function isWide({ path }: Place): boolean {
  return WIDE.test(plainText(path) ?? prefixOf(path));
}

/**
 * Package managers read manifests as root and do not look at whose they are; of all others nobody
 * knows: git and ssh do look.
 */
export function isReadByOthers(command: CommandEffects, path: string): boolean {
  if (command.call) return false;
  return commandTouches({ ...command, writes: [], deletes: [] }, plainPlace(path)) !== 'no';
}
