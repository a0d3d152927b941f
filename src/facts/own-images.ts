/**
 * Rows about images of the user's own, added to those that dfopt ships. Each says which known image it
 * is like, and what it has besides; "Images of your own" in README.md beside shows the form.
 */
import * as v from 'valibot';
import type { ImageKind, ImageRepository } from './image-rows.ts';
import { ownImageRows } from './image-schema.ts';
import type { Facts } from './types.ts';

type OwnImage = v.InferOutput<typeof ownImageRows>['images'][number];

/** Either facts with the rows, or what is wrong with them: `images.0.like: …`. */
export type OwnImages =
  | { readonly kind: 'facts'; readonly facts: Facts }
  | { readonly kind: 'problem'; readonly why: string };

const SOURCE = 'own';

/** Rows of the same name come before those that dfopt ships. */
export function withOwnImages(value: unknown, facts: Facts): OwnImages {
  const parsed = v.safeParse(ownImageRows, value);
  if (!parsed.success) return { kind: 'problem', why: problemOf(parsed.issues) };
  const byName = new Map<string, OwnImage[]>();
  for (const row of parsed.output.images) {
    byName.set(row.name, [...(byName.get(row.name) ?? []), row]);
  }
  const own = [...byName.values()].map(repositoryOf);
  const images = {
    ...facts.images,
    sources: { ...facts.images.sources, [SOURCE]: 'rows of your own' },
    repositories: [...own, ...facts.images.repositories],
  };
  return { kind: 'facts', facts: { ...facts, images } };
}

function problemOf(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const [issue] = issues;
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}

function repositoryOf(rows: readonly OwnImage[]): ImageRepository {
  const [first] = rows as readonly [OwnImage];
  const sizes = rows.flatMap(({ size, compressed, date = '-' }, at) => {
    if (size === undefined && compressed === undefined) return [];
    const units = (bytes: number | undefined): string =>
      bytes === undefined ? '-' : String(bytes / 10_000);
    const row = `0 ${units(compressed)} ${units(size)} - ${date} ${SOURCE}`;
    return [[String(at), { '-': [row] }] as const];
  });
  return {
    names: [first.name],
    publisher: first.publisher ?? (first.name.split('/')[0] || first.name),
    family: first.name,
    kinds: rows.map(kindOf),
    sizes: Object.fromEntries(sizes),
  };
}

function kindOf(row: OwnImage, at: number): ImageKind {
  const answer = (value: boolean): 'yes' | 'no' => (value ? 'yes' : 'no');
  return {
    tags: `.*:(?:${row.tags ?? '.*'})`,
    figures: String(at),
    variant: row.variant ?? 'other',
    on: row.like,
    installs: (row.packages ?? []).join(' '),
    isWhole: true,
    isOpen: row.isExact !== true,
    ...(row.commands && { commands: row.commands.join(' ') }),
    ...(row.runtimes && { runtimes: row.runtimes }),
    ...(row.users && {
      users: row.users.map(({ name, uid, gid, home }) => `${name} ${uid} ${gid} ${home}`),
    }),
    ...(row.hasShell !== undefined && { hasShell: answer(row.hasShell) }),
    ...(row.hasCertificates !== undefined && { hasCertificates: answer(row.hasCertificates) }),
    ...(row.hasTimeZones !== undefined && { hasTimeZones: answer(row.hasTimeZones) }),
    ...(row.note !== undefined && { notes: [row.note] }),
    source: SOURCE,
  };
}
