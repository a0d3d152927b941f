/** What is said of a change of the base: what it saves, adds, assumes, and why it cannot be. */
import { firstOf } from '../analysis/listing.ts';
import type { Stage } from '../dockerfile/model.ts';
import type { Bytes, Image } from '../facts/image-types.ts';
import type { Needs } from './need.ts';
import type { Provision } from './provide.ts';

/** More than that nobody reads. */
const MOST = 3;

export function messageOf(from: Image, to: Image, { missing }: Provision): string {
  const added = missing.map(({ name, need }) => `${name} for ${need.by}`);
  const sizes = `${megabytes(from.size)} becomes ${megabytes(to.size)}`;
  return `stand on ${to.name}:${to.tag}: ${sizes}${added.length > 0 ? `; adds ${firstOf(added, MOST)}` : ''}`;
}

export function whyUnmet(to: Image, { unmet }: Provision): string {
  const { need, why } = unmet[0]!;
  return `${to.name}:${to.tag} would be smaller, but ${need.by} needs more: ${why}`;
}

/** What must hold, where it was not shown. */
export function assumptionsOf(
  needs: Needs,
  from: Image,
  to: Image,
  { unknown }: Provision,
): readonly string[] {
  const texts = [
    ...unknown.map(({ need, why }) => `${to.tag} has what ${need.by} needs (${why})`),
    ...needs.doubts
      .filter(
        ({ of }) => !haveSamePackages(from, to) || (of === 'programs' && to.variant !== 'slim'),
      )
      .map(({ by, why }) => `${by} needs nothing that ${to.tag} lacks (${why})`),
  ];
  const all = [...new Set(texts)];
  if (all.length <= MOST) return all;
  return [...all.slice(0, MOST), `the same of ${all.length - MOST} more`];
}

/** Whether the smaller one lacks documentation, or programs of its runtime, but no package. */
function haveSamePackages(from: Image, to: Image): boolean {
  const { packages } = from;
  return packages !== undefined && [...packages].every((name) => to.hasPackage(name) === 'yes');
}

/** Whether anything of what the stages ask for may lie in the build context. */
export function readsContext(stages: readonly Stage[]): boolean {
  return stages.some(({ instructions }) =>
    instructions.some(
      (each) =>
        (each.kind === 'copy' || each.kind === 'add') &&
        !each.flags.some(({ name }) => name === 'from') &&
        each.sources.some(({ text }) => !/^(<<|[a-z]+:\/\/)/.test(text)),
    ),
  );
}

function megabytes(size: Bytes | undefined): string {
  return size ? `${Math.round(size.bytes / 1e6)} MB` : 'an unknown size';
}
