/** Code from the network that runs without anybody having looked at it. */
import type { Script, SimpleCommand } from '../dockerfile/shell.ts';
import type { Advice } from '../facts/types.ts';
import { programName, wrapperLength } from './packages.ts';
import { matchesAny } from './patterns.ts';

/** What is downloaded by which program and run by which. */
export interface RunDownload {
  readonly downloader: string;
  readonly interpreter: string;
  /** It comes over a connection that anybody on the way can change. */
  readonly isPlain: boolean;
}

/** Downloads that are fed to an interpreter: `curl … | sh`, `sh -c "$(curl …)"`. */
export function runDownloads({ commands }: Script, advice: Advice): RunDownload[] {
  const found: RunDownload[] = [];
  for (const [index, command] of commands.entries()) {
    const interpreter = program(command);
    if (interpreter === undefined || !matchesAny(advice.interpreters, interpreter)) continue;
    const download =
      fedBy(commands.slice(0, index), command, advice) ?? substituted(command, advice);
    if (!download) continue;
    found.push({ ...download, interpreter });
  }
  return found;
}

type Download = Omit<RunDownload, 'interpreter'>;

/** The download in front of an interpreter in a pipeline, with nothing between that unpacks. */
function fedBy(
  before: readonly SimpleCommand[],
  { words, chain, link, within }: SimpleCommand,
  advice: Advice,
): Download | undefined {
  if (!within.includes('pipeline')) return undefined;
  const args = words.slice(wrapperLength(words) + 1).map(({ text }) => text);
  // With a script or code of its own, what it is fed is data.
  const script = args.findIndex((word) => !/^[-+]./.test(word));
  const isFed =
    script < 0 ||
    args[script] === '-' ||
    args.slice(0, script).some((word) => /^-[a-z]*s$/.test(word));
  if (!isFed || args.some((word) => /^-[a-z]*[cemp]$/.test(word) && !/^-[exu]+$/.test(word)))
    return undefined;
  const feeding = before.filter((each) => each.chain === chain && each.link === link);
  const source = feeding.findLast((each) => matchesAny(advice.downloaders, program(each) ?? ''));
  return source && downloadOf(source);
}

/** `bash -c "$(curl …)"` and `bash <(curl …)`. */
function substituted({ words }: SimpleCommand, advice: Advice): Download | undefined {
  const text = words.map((word) => word.text).join(' ');
  const match = /(?:\$\(|<\(|`)\s*(?:sudo\s+)?([\w.-]+)\s/.exec(text);
  const downloader = match?.[1];
  if (downloader === undefined || !matchesAny(advice.downloaders, downloader)) return undefined;
  const isCode = /\s-[a-z]*c\s/.test(text) || text.includes('<(');
  return isCode ? { downloader, isPlain: /\bhttp:\/\//.test(text) } : undefined;
}

function downloadOf({ words }: SimpleCommand): Download {
  const isPlain = words.some(({ text }) => /^["']?http:\/\//.test(text));
  return { downloader: program({ words })!, isPlain };
}

function program({ words }: Pick<SimpleCommand, 'words'>): string | undefined {
  return programName(words[wrapperLength(words)]);
}
