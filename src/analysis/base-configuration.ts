/**
 * What the configuration of a base image says, as far as fact rows know it: ENV, WORKDIR, USER and so
 * on, of the image that a tag stands for, or of all images of a repository where the tag is unknown.
 */
import type { BaseImageField, BaseImageRow, Facts } from '../facts/types.ts';
import { observedConfiguration, observedImage, observedKey } from './observed.ts';
import { matchesWhole } from './patterns.ts';
import type { ImageName } from './stages.ts';

/** A field is `undefined` where it is not known. Absent in the image is `''` or an empty list. */
export interface BaseConfiguration {
  readonly os: 'linux' | 'windows' | undefined;
  /** Variables with their value; `undefined` where it is set and the value depends on the version. */
  readonly env: ReadonlyMap<string, string | undefined>;
  /** Variables that some of the images set. */
  readonly maybeEnv: ReadonlySet<string>;
  /** Whether names in neither list are surely not set. */
  readonly isEnvComplete: boolean;
  readonly workdir: string | undefined;
  readonly user: string | undefined;
  readonly shell: readonly string[] | undefined;
  readonly entrypoint: readonly string[] | undefined;
  readonly cmd: readonly string[] | undefined;
  readonly exposes: readonly string[] | undefined;
  readonly volumes: readonly string[] | undefined;
  readonly stopSignal: string | undefined;
  /** Triggers, as written after ONBUILD. */
  readonly onbuild: readonly string[] | undefined;
  /** Where the rows come from. */
  readonly sources: readonly string[];
}

/** What FROM scratch starts with. */
export const SCRATCH: BaseConfiguration = {
  os: 'linux',
  env: new Map(),
  maybeEnv: new Set(),
  isEnvComplete: true,
  workdir: '',
  user: '',
  shell: [],
  entrypoint: [],
  cmd: [],
  exposes: [],
  volumes: [],
  stopSignal: '',
  onbuild: [],
  sources: [],
};

const found = new WeakMap<Facts, Map<string, BaseConfiguration | undefined>>();

type BaseImages = Facts['baseImages'];

/**
 * The configuration of an image, or what all images of the repository have in common where `tag` is
 * `undefined`: as its registry has it where that was asked, else by the rows. `undefined` for a
 * repository or a tag that no row covers.
 */
export function baseConfiguration(
  { name, tag, digest }: Omit<ImageName, 'tag'> & { readonly tag: ImageName['tag'] | undefined },
  facts: Facts,
): BaseConfiguration | undefined {
  let byImage = found.get(facts);
  if (!byImage) found.set(facts, (byImage = new Map<string, BaseConfiguration | undefined>()));
  const image =
    tag === undefined ? undefined : { name, tag, ...(digest !== undefined && { digest }) };
  const key = image ? observedKey(image) : name;
  if (!byImage.has(key)) {
    const observed = image && observedImage(image, facts);
    byImage.set(key, observed ? observedConfiguration(observed) : lookUp(name, tag, facts));
  }
  return byImage.get(key);
}

/**
 * The configurations of two images, to be compared: both as their registries have them, or both by
 * rows. What is known in two ways differs already by how much is known.
 */
export function configurationsToCompare(
  one: ImageName,
  other: ImageName,
  facts: Facts,
): readonly [BaseConfiguration | undefined, BaseConfiguration | undefined] {
  const areObserved = [one, other].every((image) => observedImage(image, facts));
  const of = (image: ImageName): BaseConfiguration | undefined =>
    areObserved ? baseConfiguration(image, facts) : lookUp(image.name, image.tag, facts);
  return [of(one), of(other)];
}

const listed = new WeakMap<BaseImages, Map<string, BaseConfiguration | undefined>>();

/** By the rows; images of one run are few, and are compared again and again. */
function lookUp(
  name: string,
  tag: string | undefined,
  { baseImages }: Facts,
): BaseConfiguration | undefined {
  let byImage = listed.get(baseImages);
  if (!byImage) {
    listed.set(baseImages, (byImage = new Map<string, BaseConfiguration | undefined>()));
  }
  const key = tag === undefined ? name : `${name}:${tag}`;
  if (!byImage.has(key)) byImage.set(key, readRows(name, tag, baseImages));
  return byImage.get(key);
}

function readRows(
  name: string,
  tag: string | undefined,
  baseImages: BaseImages,
): BaseConfiguration | undefined {
  const mirror = baseImages.mirrors.find((prefix) => name.startsWith(prefix));
  const official = mirror ? name.slice(mirror.length) : name;
  const repository = baseImages.repositories.find(({ names, isOfficial }) =>
    names.includes(isOfficial ? official : name),
  );
  if (!repository) return undefined;
  // The first row that matches: special tags stand above the general ones.
  const rows =
    tag === undefined
      ? repository.images
      : repository.images.filter((row) => matchesWhole(row.tags, tag)).slice(0, 1);
  const [first, ...rest] = rows.map((row) => ofRow(row, baseImages));
  const all = first && rest.reduce(common, first);
  // Whoever leaves the tag open may choose one that no row knows.
  return tag === undefined ? all && { ...all, isEnvComplete: false } : all;
}

const ofRows = new WeakMap<BaseImages, Map<BaseImageRow, BaseConfiguration>>();

/** One value for all tags of a row: whatever hangs on a state stays the same from `node` to `node:slim`. */
function ofRow(row: BaseImageRow, baseImages: BaseImages): BaseConfiguration {
  let byRow = ofRows.get(baseImages);
  if (!byRow) ofRows.set(baseImages, (byRow = new Map<BaseImageRow, BaseConfiguration>()));
  let configuration = byRow.get(row);
  if (!configuration) {
    byRow.set(row, (configuration = configurationOf(row, baseImages.sources)));
  }
  return configuration;
}

function configurationOf(
  row: BaseImageRow,
  sources: Readonly<Record<string, string>>,
): BaseConfiguration {
  const differs = (field: BaseImageField): boolean => row.differs?.includes(field) === true;
  const list = (field: 'entrypoint' | 'cmd' | 'exposes' | 'volumes' | 'onbuild' | 'shell') =>
    differs(field) ? undefined : (row[field] ?? []);
  return {
    os: row.os ?? 'linux',
    env: new Map(Object.entries(row.env).map(([key, value]) => [key, value ?? undefined])),
    maybeEnv: new Set(row.maybeEnv),
    isEnvComplete: row.os !== 'windows',
    workdir: differs('workdir') ? undefined : (row.workdir ?? ''),
    user: differs('user') ? undefined : (row.user ?? ''),
    shell: list('shell'),
    entrypoint: list('entrypoint'),
    cmd: list('cmd'),
    exposes: list('exposes'),
    volumes: list('volumes'),
    stopSignal: differs('stopSignal') ? undefined : (row.stopSignal ?? ''),
    onbuild: list('onbuild'),
    sources: row.sources.map((key) => sources[key] ?? key),
  };
}

/** What two configurations have in common. */
function common(one: BaseConfiguration, other: BaseConfiguration): BaseConfiguration {
  const names = new Set([...one.env.keys(), ...other.env.keys()]);
  const env = new Map<string, string | undefined>();
  const maybeEnv = new Set([...one.maybeEnv, ...other.maybeEnv]);
  for (const name of names) {
    if (!one.env.has(name) || !other.env.has(name)) maybeEnv.add(name);
    else env.set(name, same(one.env.get(name), other.env.get(name)));
  }
  return {
    os: same(one.os, other.os),
    env,
    maybeEnv,
    isEnvComplete: one.isEnvComplete && other.isEnvComplete,
    workdir: same(one.workdir, other.workdir),
    user: sameUser(one.user, other.user),
    shell: sameList(one.shell, other.shell),
    entrypoint: sameList(one.entrypoint, other.entrypoint),
    cmd: sameList(one.cmd, other.cmd),
    exposes: sameList(one.exposes, other.exposes),
    volumes: sameList(one.volumes, other.volumes),
    stopSignal: same(one.stopSignal, other.stopSignal),
    onbuild: sameList(one.onbuild, other.onbuild),
    sources: [...new Set([...one.sources, ...other.sources])],
  };
}

/** Nobody else is meant where an image names no user at all. */
function sameUser(one: string | undefined, other: string | undefined): string | undefined {
  const isRoot = (user: string | undefined): boolean => user === '' || user === 'root';
  return one !== other && isRoot(one) && isRoot(other) ? 'root' : same(one, other);
}

function same<T extends string>(one: T | undefined, other: T | undefined): T | undefined {
  return one === other ? one : undefined;
}

function sameList(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): readonly string[] | undefined {
  return one && other && one.join('\0') === other.join('\0') ? one : undefined;
}
