/**
 * What the builder understands that will build the Dockerfile: which builder it is, and for BuildKit
 * which version of the Dockerfile frontend reads the file.
 */
import type { BuildContext } from './analysis/context.ts';
import { useFilesOf } from './uses/use-files.ts';
import { matchesWhole } from './analysis/patterns.ts';
import { instructionsOf, type Dockerfile } from './dockerfile/model.ts';
import type { BuilderFeature, BuilderHost } from './facts/builder-types.ts';
import type { Facts } from './facts/types.ts';

/** `buildkit`: docker build and buildx. `classic`: Docker's own before it. `buildah`: podman, too. */
export const BUILDERS = ['buildkit', 'classic', 'kaniko', 'buildah'] as const;
export type BuilderName = (typeof BUILDERS)[number];

export interface Builder {
  readonly name: BuilderName;
  /**
   * The oldest Dockerfile frontend that is counted on, as `1.5`, where the file names none itself;
   * `undefined`: what the fact rows assume. Only BuildKit has one.
   */
  readonly frontend?: string;
}

export const DEFAULT_BUILDER: Builder = { name: 'buildkit' };

/** How a frontend's version is written: `1.5` or `1.5.2`. */
export const FRONTEND_VERSION = /^1\.\d+(\.\d+)?$/;

export function isFrontendVersion(text: string): boolean {
  return FRONTEND_VERSION.test(text);
}

/** What the asker is handed: a pass's scope has both. */
export interface BuilderScope {
  readonly facts: Facts;
  readonly builder: Builder;
  /** `undefined` where nothing is known of it. */
  readonly context?: BuildContext | undefined;
}

/** Whether the builder surely understands it. */
export function supports(feature: BuilderFeature, file: Dockerfile, scope: BuilderScope): boolean {
  return whyUnsupported(feature, file, scope) === undefined;
}

/** Why the builder may not understand it, in words for a remark; `undefined` where it does. */
export function whyUnsupported(
  feature: BuilderFeature,
  file: Dockerfile,
  { facts, builder, context }: BuilderScope,
): string | undefined {
  const { assumed, features } = facts.builderFeatures;
  const row = features.find((each) => each.id === feature);
  if (!row) return 'nothing is known of it';
  const standard = assumed.find((each) => each.builder === builder.name)?.version;
  if (builder.name !== 'buildkit') {
    const since = builder.name === 'buildah' ? row.buildah : undefined;
    const isKnown = since !== undefined && standard !== undefined && !isOlder(standard, since);
    return isKnown ? undefined : `${builder.name} does not know ${row.what}`;
  }
  const host = context && hostOf(feature, file, context, facts);
  if (host) return `${host.what}, and its builder does not know ${row.what}`;
  const frontend = frontendOf(file) ?? { version: builder.frontend ?? standard ?? '1.0' };
  if (frontend === 'unknown') return `its frontend may not know ${row.what}`;
  const { version, channel } = frontend;
  const since = channel === 'labs' ? (row.labs ?? row.buildkit) : row.buildkit;
  if (since === undefined) return `docker/dockerfile does not know ${row.what}`;
  const isThere =
    version === NEWEST ||
    !isOlder(version, since) ||
    (channel === 'experimental' && row.experimental === true);
  return isThere
    ? undefined
    : `docker/dockerfile:${version} does not know ${row.what}, which ${since} brought`;
}

/** A service that builds the file without BuildKit; one that asks for BuildKit itself is built elsewhere. */
function hostOf(
  feature: BuilderFeature,
  file: Dockerfile,
  context: BuildContext,
  { builderFeatures }: Facts,
): BuilderHost | undefined {
  const host = hostsOf(context, builderFeatures.hosts).find(
    ({ lacks }) => lacks?.includes(feature) !== false,
  );
  if (!host) return undefined;
  const asks =
    file.directives.some(({ name }) => name === 'syntax') ||
    instructionsOf(file).some(
      (each) => each.kind === 'run' && each.flags.some(({ name }) => name === 'mount'),
    );
  return asks ? undefined : host;
}

const hosts = new WeakMap<BuildContext, readonly BuilderHost[]>();

/** All that the files around the context tell of: each edit asks for it. */
function hostsOf(context: BuildContext, rows: readonly BuilderHost[]): readonly BuilderHost[] {
  const before = hosts.get(context);
  if (before) return before;
  const files = useFilesOf(context);
  const found = rows.filter((row) => {
    for (const { path, text } of files) if (isTold(row, path, text)) return true;
    if (row.everywhere !== true) return false;
    for (const [path, text] of context.texts) if (isTold(row, path, text)) return true;
    return false;
  });
  hosts.set(context, found);
  return found;
}

/** Words first: they are found fastest. */
function isTold(row: BuilderHost, path: string, text: string): boolean {
  if (row.words?.some((word) => text.includes(word)) === false) return false;
  if (!matchesWhole(row.file, path)) return false;
  let patterns = patternsOf.get(row);
  if (!patterns) {
    const unless = row.unless === undefined ? undefined : new RegExp(row.unless);
    patternsOf.set(row, (patterns = { says: new RegExp(row.says, 'm'), unless }));
  }
  return patterns.says.test(text) && patterns.unless?.test(text) !== true;
}

const patternsOf = new WeakMap<
  BuilderHost,
  { readonly says: RegExp; readonly unless: RegExp | undefined }
>();

const NEWEST = 'newest';

interface Frontend {
  /** `1.4`, `1.4.2`, or the newest one that there is. */
  readonly version: string;
  readonly channel?: 'labs' | 'experimental';
}

/** The frontend that the file itself names; it reads the file whatever the builder has built in. */
function frontendOf(file: Dockerfile): Frontend | 'unknown' | undefined {
  const syntax = file.directives.find((directive) => directive.name === 'syntax');
  if (!syntax) return undefined;
  const [reference = ''] = syntax.value.split(' ');
  const found = /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?::([^@]+))?(@.+)?$/.exec(
    reference,
  );
  if (!found) return 'unknown';
  const [, tag, digest] = found;
  // A digest alone may be of any age.
  if (tag === undefined) return digest === undefined ? { version: NEWEST } : 'unknown';
  const [, version, channel] =
    /^(?:(\d[\d.]*)|[a-z]+?)?(?:-?(labs|experimental))?$/.exec(tag) ?? [];
  const isNewest = version === '1' || /^(latest|labs|master)$/.test(tag);
  if (channel === 'experimental' || tag === 'experimental') {
    return { version: version ?? '1.0', channel: 'experimental' };
  }
  if (isNewest) return { version: NEWEST, ...(channel === 'labs' && { channel }) };
  if (version === undefined || !isFrontendVersion(version)) return 'unknown';
  return { version, ...(channel === 'labs' && { channel }) };
}

/** Whether one version is older than the other; parts that are not written count as 0. */
function isOlder(one: string, other: string): boolean {
  const parts = (version: string): number[] => version.split('.').map(Number);
  const [left, right] = [parts(one), parts(other)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
