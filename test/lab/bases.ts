/** The stand-ins: the rows of bases.yaml, what each is built from, and when it must be built again. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as v from 'valibot';
import { parse as parseYaml } from 'yaml';
import type { Stage } from '../../src/dockerfile/model.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import { LabError, PROJECT } from './engine.ts';

export const BASES = join(PROJECT, 'test', 'lab', 'bases');

const TextSchema = v.pipe(v.string(), v.minLength(1));

const BaseSchema = v.strictObject({
  folder: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*$/)),
  target: v.optional(TextSchema),
  tags: v.pipe(v.array(v.pipe(v.string(), v.includes(':'))), v.minLength(1)),
  differs: v.pipe(v.string(), v.endsWith('.')),
  npm: v.optional(v.array(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*@\d+\.\d+\.\d+$/))), []),
  bootstrap: v.optional(TextSchema),
});

/** A row of bases.yaml, where the fields are explained. */
export type Base = v.InferOutput<typeof BaseSchema>;

/** @throws LabError that names what is wrong */
export function readBases(text = readFileSync(`${BASES}.yaml`, 'utf8')): Base[] {
  const result = v.safeParse(v.array(BaseSchema), parseYaml(text));
  if (!result.success) {
    const issues = result.issues.map((issue) => `${v.getDotPath(issue) ?? ''} ${issue.message}`);
    throw new LabError(`bases.yaml: ${issues.join('; ')}`);
  }
  const bases = result.output;
  const seen = new Set<string>();
  for (const base of bases) {
    for (const need of needsOf(base)) {
      if (!seen.has(need)) {
        throw new LabError(`bases.yaml: ${base.tags[0]} needs ${need}, of which no row above is`);
      }
    }
    for (const tag of base.tags) {
      if (seen.has(tag)) throw new LabError(`bases.yaml: ${tag} twice`);
      seen.add(tag);
    }
  }
  return bases;
}

/** The stand-ins that a build begins with or copies from, by public name and tag. */
export function needsOf({ folder, target }: Base): string[] {
  const path = join(BASES, folder, 'Dockerfile');
  if (!existsSync(path)) throw new LabError(`bases.yaml: there is no ${path}`);
  return imagesOf(readFileSync(path, 'utf8'), target);
}

/** The images that building a stage takes; build contexts that have names of their own are none. */
export function imagesOf(text: string, target?: string): string[] {
  const { stages } = parse(text);
  const named = new Map(stages.map((stage) => [stage.from.stageName, stage]));
  const last = target === undefined ? stages.at(-1) : named.get(target.toLowerCase());
  if (!last) throw new LabError(`no stage ${target ?? ''} in a Dockerfile of bases/`);
  const images = new Set<string>();
  const seen = new Set<Stage>();
  const visit = (stage: Stage): void => {
    if (seen.has(stage)) return;
    seen.add(stage);
    for (const reference of referencesOf(stage)) {
      const earlier = named.get(reference.toLowerCase());
      if (earlier && earlier.index < stage.index) visit(earlier);
      else if (reference.includes(':') || reference.includes('/')) images.add(tagged(reference));
    }
  };
  visit(last);
  return [...images];
}

function referencesOf({ from, instructions }: Stage): string[] {
  const flags = instructions.flatMap((instruction) => instruction.flags);
  return [
    from.image?.text,
    ...flags.flatMap(({ name, value = '' }) => {
      if (name === 'from') return [value];
      return name === 'mount' ? [/(?:^|,)from=([^,]+)/.exec(value)?.[1]] : [];
    }),
  ].filter((each) => each !== undefined);
}

/** `name:tag`, as the rows have it. */
export function tagged(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1).includes(':') ? image : `${image}:latest`;
}

/**
 * The rows for some tags, and all rows that they need.
 *
 * @throws LabError for a tag that no row has
 */
export function selectBases(bases: readonly Base[], tags: readonly string[]): Base[] {
  const wanted = new Set(tags.map(tagged));
  const known = new Set(bases.flatMap((base) => base.tags));
  const unknown = [...wanted].filter((tag) => !known.has(tag));
  if (unknown.length > 0) {
    throw new LabError(`no stand-in ${unknown.join(', ')}; there are ${[...known].join(', ')}`);
  }
  // A row stands below all that it needs.
  return bases
    .toReversed()
    .filter((base) => {
      const isWanted = base.tags.some((tag) => wanted.has(tag));
      if (isWanted) for (const need of needsOf(base)) wanted.add(need);
      return isWanted;
    })
    .toReversed();
}

/**
 * What decides how a stand-in comes out, as a hash: it is built again when this changes.
 *
 * @param ids image ids by tag
 * @param sources this machine's package sources, for a row with `bootstrap`
 */
export function inputsOf(
  base: Base,
  ids: ReadonlyMap<string, string>,
  sources: string | undefined,
): string {
  const { folder, target, npm, bootstrap } = base;
  const files = filesBelow(join(BASES, folder)).map((path) => [
    relative(BASES, path),
    statSync(path).mode & 0o111,
    createHash('sha256').update(readFileSync(path)).digest('hex'),
  ]);
  const bases = needsOf(base).map((need) => ids.get(need));
  const inputs = { target, npm, bootstrap, files, bases, sources };
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
