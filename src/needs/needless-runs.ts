/**
 * RUNs that only install what an image without a shell has anyway, or make a program executable that
 * its compiler has made so: they fall away with the shell.
 */
import { imagePath } from '../analysis/image-files.ts';
import { packageCommand } from '../analysis/packages.ts';
import { matchesAny, matchesWhole } from '../analysis/patterns.ts';
import { stateBefore } from '../analysis/state.ts';
import { isCopy, type Dockerfile, type RunInstruction, type Stage } from '../dockerfile/model.ts';
import { runBody, type SimpleCommand } from '../dockerfile/shell.ts';
import type { Asked } from '../facts/small-types.ts';
import type { Facts } from '../facts/types.ts';

export interface Needless {
  /** What it installs, as a program asks for it. */
  readonly asks: readonly Asked[];
  /** What it makes executable, by paths without a slash in front. */
  readonly executables: readonly string[];
}

/** `undefined` where the RUN does more, or has a comment. */
export function neededBy(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  facts: Facts,
): Needless | undefined {
  const { smallImages } = facts;
  const state = stateBefore(file, stage, run, facts);
  const body = runBody(run, state.shell);
  if (body.kind !== 'script' || run.lead.includes('#') || run.dropped.length > 0) return undefined;
  if (run.flags.some(({ value }) => !/^type=cache\b/.test(value ?? ''))) return undefined;
  // What the author brings becomes a part of the system's certificates, or time zones, by the RUN.
  if (stage.instructions.some((each) => isCopy(each) && OF_THE_SYSTEM.test(each.text))) {
    return undefined;
  }
  const asks: Asked[] = [];
  const executables: string[] = [];
  for (const command of body.commands) {
    const call = packageCommand(command, facts);
    if (call?.action === 'update' || call?.action === 'clean') continue;
    if (call?.action === 'install') {
      for (const { literal } of call.operands) {
        const row = smallImages.brings.find(
          ({ packages }) => literal !== undefined && matchesWhole(packages, literal),
        );
        if (!row) return undefined;
        asks.push(row.of);
      }
    } else if (/^chmod (\+x|a\+x|u\+x|0?755)( [^-*?[$]+)+$/.test(wordsOf(command))) {
      const paths = command.words.slice(2).map(({ text }) => imagePath(state, text));
      executables.push(...paths);
    } else if (!matchesAny(smallImages.tidying, wordsOf(command))) return undefined;
  }
  return asks.length + executables.length > 0 ? { asks, executables } : undefined;
}

const OF_THE_SYSTEM = /ca-certificates|\/etc\/(ssl|pki)|zoneinfo|\.(crt|pem)\b/;

function wordsOf({ words }: SimpleCommand): string {
  return words.map(({ text }) => text).join(' ');
}
