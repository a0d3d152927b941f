/**
 * The JSON documents of a registry: an index, an image's manifest, its configuration. Pure. They are
 * strangers' text: each is checked against its shape, and what has none is refused.
 */
import * as v from 'valibot';
import type {
  ObservedConfiguration,
  ObservedHealthcheck,
  ObservedImage,
  ObservedLayer,
  ObservedStep,
  Platform,
} from '../../facts/observed.ts';
import { failure, quoted, type Failure } from './failure.ts';
import { bestPlatform, normalPlatform, platformText } from './platform.ts';
import { isDigest } from './reference.ts';

const OCI = 'application/vnd.oci.image';
const DOCKER = 'application/vnd.docker';

const INDEX_TYPES = [`${OCI}.index.v1+json`, `${DOCKER}.distribution.manifest.list.v2+json`];
const MANIFEST_TYPES = [`${OCI}.manifest.v1+json`, `${DOCKER}.distribution.manifest.v2+json`];

/** What a registry is asked for: schema 1 is not among it. */
export const ACCEPTED = [...INDEX_TYPES, ...MANIFEST_TYPES].join(', ');

/** The last three are what old registries made of Docker's. */
const CONFIG_TYPES = [
  `${OCI}.config.v1+json`,
  `${DOCKER}.container.image.v1+json`,
  'application/octet-stream',
  'application/json',
  '',
];

/** More than the specification asks registries to take; the largest seen have a tenth of it. */
export const DOCUMENT_BYTES = 4 * 1024 * 1024;

/** Of layers and of images in an index: a union file system has 127 at most. */
const MOST_ENTRIES = 1000;

const text = v.string();
const optionalText = v.nullish(text, '');
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const digest = v.pipe(text, v.check(isDigest, 'no digest'));
const list = v.nullish(v.array(text), []);

const platform = v.object({
  os: optionalText,
  architecture: optionalText,
  variant: optionalText,
});

const descriptor = v.object({
  mediaType: optionalText,
  digest,
  size: count,
  platform: v.nullish(platform),
  annotations: v.nullish(v.record(text, v.unknown())),
});

const entries = v.pipe(v.array(descriptor), v.maxLength(MOST_ENTRIES));
export const indexShape = v.object({ schemaVersion: v.literal(2), manifests: entries });
export const manifestShape = v.object({
  schemaVersion: v.literal(2),
  config: descriptor,
  layers: entries,
});
const head = v.looseObject({ schemaVersion: v.unknown(), mediaType: optionalText });

export type Descriptor = v.InferOutput<typeof descriptor>;

export interface Index {
  readonly kind: 'index';
  readonly manifests: readonly Descriptor[];
}

export interface Manifest {
  readonly kind: 'manifest';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** What stands behind a tag or a digest. */
export function readManifest(bytes: Uint8Array, contentType: string): Index | Manifest | Failure {
  const other = whyNoDocument(contentType);
  if (other) return other;
  const json = jsonOf(bytes);
  const parsed = v.safeParse(head, json);
  if (!parsed.success) return NO_MANIFEST;
  const { mediaType, schemaVersion, ...rest } = parsed.output;
  if (schemaVersion === 1) return SCHEMA_1;
  const isIndex = 'manifests' in rest;
  // A document that can be read in two ways is an old attack: nobody knows what was signed.
  if (isIndex && ('layers' in rest || 'config' in rest)) {
    return failure('the registry has something that is an index and an image at once', REPORT);
  }
  const types = isIndex ? INDEX_TYPES : MANIFEST_TYPES;
  if (mediaType !== '' && !types.includes(mediaType)) {
    return failure(`what stands there is no image but ${quoted(mediaType)}`, NO_IMAGE);
  }
  if (isIndex) {
    const index = v.safeParse(indexShape, json);
    return index.success
      ? { kind: 'index', manifests: index.output.manifests }
      : misshapen('index', index.issues);
  }
  const manifest = v.safeParse(manifestShape, json);
  if (!manifest.success) return misshapen('manifest', manifest.issues);
  const { config, layers } = manifest.output;
  if (!CONFIG_TYPES.includes(config.mediaType)) {
    return failure(`what stands there is no image but ${quoted(config.mediaType)}`, NO_IMAGE);
  }
  return { kind: 'manifest', config, layers };
}

const REPORT = 'tell whoever runs the registry';
const NO_IMAGE = 'correct the name: a FROM needs an image';

/** Why an answer of this type is no document of an image, where the type says it already. */
export function whyNoDocument(contentType: string): Failure | undefined {
  if (contentType.startsWith(`${DOCKER}.distribution.manifest.v1+`)) return SCHEMA_1;
  if (!/html/i.test(contentType)) return undefined;
  return failure('the registry answers with a web page', NO_REGISTRY);
}

const NO_REGISTRY = 'is this a registry of images, and does no login page stand in between?';

const SCHEMA_1 = failure(
  'the image is in Docker\'s old format "schema 1", which current builders refuse',
  'push it again with a current Docker',
);

const NO_MANIFEST = failure('the registry answers with something that is no manifest', NO_REGISTRY);

function misshapen(what: string, issues: readonly v.BaseIssue<unknown>[]): Failure {
  const [issue] = issues;
  const place = issue ? (v.getDotPath(issue) ?? 'its top') : 'its top';
  return failure(`the ${what} in the registry is not valid at ${quoted(place)}`, REPORT);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

/** The image of an index that is for this platform. */
export function chooseManifest(index: Index, wanted: Platform): Descriptor | Failure {
  const images = index.manifests.filter(isImage);
  const platforms = images.map((each) => platformOf(each));
  const best = bestPlatform(platforms, wanted);
  if (best !== undefined) return images[best]!;
  // An index of one image need not say what it is for.
  if (images.length === 1 && !platforms[0]) return images[0]!;
  const known = platforms.filter((each) => each !== undefined).map(platformText);
  const names = [...new Set(known)].slice(0, MOST_NAMED).join(', ');
  return failure(
    `there is no image for ${platformText(wanted)}${names === '' ? '' : `, only for ${quoted(names)}`}`,
    'name one that there is with --platform',
  );
}

const MOST_NAMED = 12;

/** Statements about an image stand in the same list: for no platform, or with this note. */
export function isImage({ mediaType, platform: own, annotations }: Descriptor): boolean {
  const isKnown = [...INDEX_TYPES, ...MANIFEST_TYPES, ''].includes(mediaType);
  const isUnknown = own?.os === 'unknown' && own.architecture === 'unknown';
  return isKnown && !isUnknown && annotations?.['vnd.docker.reference.type'] === undefined;
}

function platformOf({ platform: own }: Descriptor): Platform | undefined {
  if (!own || own.os === '' || own.architecture === '') return undefined;
  return normalPlatform(own);
}

const healthcheck = v.object({
  Test: list,
  Interval: v.nullish(count),
  Timeout: v.nullish(count),
  StartPeriod: v.nullish(count),
  Retries: v.nullish(count),
});

const names = v.nullish(v.record(text, v.unknown()), {});

const configuration = v.object({
  Env: list,
  WorkingDir: optionalText,
  User: optionalText,
  Shell: list,
  Entrypoint: list,
  Cmd: list,
  ExposedPorts: names,
  Volumes: names,
  StopSignal: optionalText,
  OnBuild: list,
  Labels: v.nullish(v.record(text, optionalText), {}),
  Healthcheck: v.nullish(healthcheck),
});

const imageShape = v.object({
  os: text,
  architecture: text,
  variant: optionalText,
  created: optionalText,
  config: v.nullish(configuration),
  history: v.nullish(
    v.array(v.object({ created_by: optionalText, empty_layer: v.nullish(v.boolean(), false) })),
    [],
  ),
});

/** What the registry was asked, beside its documents. */
export interface Asked {
  readonly name: string;
  readonly digest: string;
  readonly manifest: string;
  readonly platform: Platform;
  readonly seen: string;
}

/** An image out of its manifest and the text of its configuration. */
export function observedImage(
  asked: Asked,
  { layers }: Manifest,
  bytes: Uint8Array,
): { readonly kind: 'image'; readonly image: ObservedImage } | Failure {
  const parsed = v.safeParse(imageShape, jsonOf(bytes));
  if (!parsed.success) return misshapen('configuration', parsed.issues);
  const { config, history: told, created, ...own } = parsed.output;
  const history = told.map(
    ({ created_by: createdBy, empty_layer: isEmptyLayer }): ObservedStep => ({
      createdBy,
      isEmptyLayer,
    }),
  );
  const platformSeen = normalPlatform(own);
  const image: ObservedImage = {
    name: asked.name,
    digest: asked.digest,
    manifest: asked.manifest,
    platform: platformSeen,
    isOtherPlatform: bestPlatform([platformSeen], asked.platform) === undefined,
    configuration: configurationOf(config ?? v.parse(configuration, {})),
    layers: observedLayers(layers, history),
    history,
    ...(created !== '' && { created }),
    seen: asked.seen,
  };
  return { kind: 'image', image };
}

/** Which instruction made a layer is known where the history has as many steps with a layer. */
function observedLayers(
  layers: readonly Descriptor[],
  history: readonly ObservedStep[],
): ObservedLayer[] {
  const steps = history.filter(({ isEmptyLayer }) => !isEmptyLayer);
  const isTold = steps.length === layers.length;
  return layers.map(({ digest: own, mediaType, size }, index) => ({
    digest: own,
    mediaType,
    compressed: size,
    ...(isTold && { createdBy: steps[index]!.createdBy }),
  }));
}

function configurationOf(config: v.InferOutput<typeof configuration>): ObservedConfiguration {
  const { Healthcheck: health } = config;
  return {
    env: new Map(config.Env.map(pairOf)),
    workdir: config.WorkingDir,
    user: config.User,
    shell: config.Shell,
    entrypoint: config.Entrypoint,
    cmd: config.Cmd,
    exposes: Object.keys(config.ExposedPorts),
    volumes: Object.keys(config.Volumes),
    stopSignal: config.StopSignal,
    onbuild: config.OnBuild,
    labels: new Map(Object.entries(config.Labels)),
    ...(health && health.Test.length > 0 && { healthcheck: healthcheckOf(health) }),
  };
}

function healthcheckOf(health: v.InferOutput<typeof healthcheck>): ObservedHealthcheck {
  const numbers = {
    interval: health.Interval,
    timeout: health.Timeout,
    startPeriod: health.StartPeriod,
    retries: health.Retries,
  };
  // Zero means what nobody set.
  const set = Object.entries(numbers).filter(([, value]) => value);
  return { test: health.Test, ...Object.fromEntries(set) };
}

/** `NAME=value`; the value may hold more of them. */
function pairOf(word: string): [string, string] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)];
}
