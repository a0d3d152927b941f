/** What every text about remarks has alike: marks, what is of interest, what an offer would take. */
import type { Colors } from 'picocolors/types.js';
import type { Outcome, Remark } from '../pass.ts';

const MARKS: Readonly<Record<Outcome, string>> = {
  applied: '✓',
  offered: '○',
  missed: '✗',
  advice: '!',
};

export function mark({ outcome }: Remark, colors: Colors): string {
  const text = MARKS[outcome];
  if (outcome === 'applied') return colors.green(text);
  return outcome === 'missed' ? colors.dim(text) : colors.yellow(text);
}

/** What the user switched off is no news. */
export function isOfInterest({ because }: Remark): boolean {
  return because !== 'off' && because !== 'ignored';
}

/** What it would take; empty for all but what was offered. */
export function whyOffered({ because, level, requires }: Remark): string[] {
  if (because === 'level') return [`needs --level ${level}`];
  if (because === 'denied') return ['denied'];
  if (because === 'context') return ['needs the build context: --context'];
  return because === 'requires' ? [`needs the edit ${requires.join(', ')}`] : [];
}
