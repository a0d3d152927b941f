/**
 * Is a rewritten text, outside what applied remarks claim, the text that it was? Asked of the
 * printed texts alone, so that it also holds src/check.ts to account.
 */
import { instructionsOf, type Instruction, type Origin } from '../../src/dockerfile/model.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import type { Remark } from '../../src/pass.ts';
import { shellCode, type Rewrite } from './shell.ts';

function key(origin: Origin): string {
  return `${origin.line}:${origin.column}`;
}

/** Places that an applied remark claims. */
export function claimedPlaces(remarks: readonly Remark[]): ReadonlySet<string> {
  return new Set(
    remarks
      .filter((remark) => remark.outcome === 'applied')
      .flatMap((remark) => remark.origins.map(key)),
  );
}

/** What differs and is not claimed, in words; empty where nothing does. */
export function unclaimedChanges(
  before: string,
  after: string,
  remarks: readonly Remark[],
): string[] {
  const found: string[] = [];
  const [old, now] = [parse(before), parse(after)];
  if (old.bom + old.header !== now.bom + now.header) found.push('the header changed');
  if (old.tail !== now.tail) found.push('what follows the last instruction changed');
  if (now.diagnostics.length > old.diagnostics.length) {
    found.push(`a new diagnostic: ${now.diagnostics.at(-1)!.message}`);
  }
  const claimed = claimedPlaces(remarks);
  const [oldAll, nowAll] = [instructionsOf(old), instructionsOf(now)];
  let at = 0;
  for (const each of oldAll) {
    if (claimed.has(key(each.origin[0]!))) continue;
    const place = nowAll.findIndex(
      (other, index) =>
        index >= at &&
        other.text === each.text &&
        other.lead === each.lead &&
        other.eol === each.eol,
    );
    if (place < 0) found.push(`line ${each.origin[0]!.line} changed: ${each.text.slice(0, 60)}`);
    else at = place + 1;
  }
  return found;
}

/**
 * The edited RUNs of a rewrite: their code before (several where RUNs were joined) and after. The
 * places of the output are found by what is left when unclaimed instructions are taken away.
 */
export function editedRuns(
  name: string,
  before: string,
  after: string,
  remarks: readonly Remark[],
): Rewrite[] {
  const claimed = claimedPlaces(remarks);
  const old = instructionsOf(parse(before));
  const now = [...instructionsOf(parse(after))];
  const groups = groupsOf(old, remarks, claimed);
  const untouched = old.filter((each) => !claimed.has(key(each.origin[0]!)));
  for (const each of untouched) {
    const place = now.findIndex((other) => other.text === each.text && other.lead === each.lead);
    if (place >= 0) now.splice(place, 1);
  }
  const runs = now.filter((each) => each.kind === 'run');
  const withRuns = groups.filter((group) => group.some((each) => each.kind === 'run'));
  return withRuns.flatMap((group, index) => {
    const next = runs[index];
    if (!next) return [];
    const codes = group.flatMap((each) => (each.kind === 'run' ? [shellCode(each) ?? ''] : []));
    const code = shellCode(next);
    if (code === undefined || codes.includes('')) return [];
    return [{ name: `${name}:${group[0]!.origin[0]!.line}`, before: codes, after: code }];
  });
}

/** Claimed instructions in order; those that one remark claims together stand together. */
function groupsOf(
  all: readonly Instruction[],
  remarks: readonly Remark[],
  claimed: ReadonlySet<string>,
): Instruction[][] {
  const joined = new Map<string, string>();
  for (const remark of remarks) {
    if (remark.outcome !== 'applied') continue;
    for (const origin of remark.origins) {
      const first = key(remark.origins[0]!);
      if (!joined.has(key(origin)) || key(origin) !== first) joined.set(key(origin), first);
    }
  }
  const groups = new Map<string, Instruction[]>();
  for (const each of all) {
    const place = key(each.origin[0]!);
    if (!claimed.has(place)) continue;
    const first = joined.get(place)!;
    groups.set(first, [...(groups.get(first) ?? []), each]);
  }
  return [...groups.values()];
}
