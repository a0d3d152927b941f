/** Which image a saved one is, and its layers: by OCI's index.json, else by Docker's manifest.json. */
import * as v from 'valibot';
import type { BuiltImage } from '../../estimate/built-image.ts';
import type { Platform } from '../../facts/observed.ts';
import {
  chooseManifest,
  indexShape,
  isImage,
  manifestShape,
  type Descriptor,
} from '../registry/documents.ts';
import { quoted } from '../registry/failure.ts';
import {
  bestPlatform,
  DEFAULT_PLATFORM,
  normalPlatform,
  platformText,
} from '../registry/platform.ts';
import type { Algorithm, LayerContent } from './layer.ts';
import { ArchiveProblem } from './problem.ts';
import { digestOf, plainPath, type Store } from './store.ts';

/** Of layers, and of steps in a history: a union file system has 127 layers at most. */
const MOST_ROWS = 5000;

const text = v.string();

const savedShape = v.pipe(
  v.array(
    v.object({
      Config: text,
      RepoTags: v.nullish(v.array(text), []),
      Layers: v.nullish(v.pipe(v.array(text), v.maxLength(MOST_ROWS)), []),
    }),
  ),
  v.minLength(1),
);

const configShape = v.object({
  os: v.nullish(text, ''),
  architecture: v.nullish(text, ''),
  variant: v.nullish(text),
  rootfs: v.object({ diff_ids: v.nullish(v.pipe(v.array(text), v.maxLength(MOST_ROWS)), []) }),
  history: v.nullish(
    v.pipe(
      v.array(
        v.object({
          created_by: v.nullish(text, ''),
          empty_layer: v.nullish(v.boolean(), false),
        }),
      ),
      v.maxLength(MOST_ROWS),
    ),
    [],
  ),
});

type Config = v.InferOutput<typeof configShape>;

/** A layer as the manifest names it. */
interface LayerName {
  readonly path: string;
  /** Missing in Docker's own form, which gives the digest of what is in it alone. */
  readonly stored?: { readonly digest: string; readonly bytes: number };
}

interface Chosen {
  readonly config: Config;
  readonly layers: readonly LayerName[];
}

/**
 * @param name for people
 * @param wanted `undefined`: the only image there is, else the one for linux/amd64
 * @throws ArchiveProblem
 */
export async function savedImage(
  store: Store,
  name: string,
  wanted: Platform | undefined,
): Promise<BuiltImage> {
  const index = await store.document('index.json');
  const chosen = index
    ? await fromIndex(store, index, 'index.json', wanted, 0)
    : await fromSaved(store);
  checkPlatform(chosen.config, wanted);
  const bytes = await checkedLayers(store, chosen);
  return { name, rows: rowsOf(chosen.config, bytes) };
}

/** Indexes stand in indexes where an image for several platforms was saved. */
const MOST_INDEXES = 4;

async function fromIndex(
  store: Store,
  bytes: Uint8Array,
  path: string,
  wanted: Platform | undefined,
  depth: number,
): Promise<Chosen> {
  if (depth === MOST_INDEXES) throw new ArchiveProblem('its indexes lead nowhere');
  const { manifests } = shaped(indexShape, bytes, path);
  const chosen = onlyOf(manifests, wanted);
  const next = await namedDocument(store, chosen);
  if ('manifests' in jsonOf(next.bytes, next.path)) {
    return fromIndex(store, next.bytes, next.path, wanted, depth + 1);
  }
  const manifest = shaped(manifestShape, next.bytes, next.path);
  const config = await namedDocument(store, manifest.config);
  return {
    config: shaped(configShape, config.bytes, config.path),
    layers: manifest.layers.map(({ digest, size }) => ({
      path: blobPath(digest),
      stored: { digest, bytes: size },
    })),
  };
}

const NAMES = ['io.containerd.image.name', 'org.opencontainers.image.ref.name'];

function onlyOf(manifests: readonly Descriptor[], wanted: Platform | undefined): Descriptor {
  const images = manifests.filter(isImage);
  const different = [...new Map(images.map((each) => [each.digest, each])).values()];
  const [first] = different;
  if (!first) throw new ArchiveProblem('there is no image in it');
  if (different.length === 1) return first;
  const names = different.map(({ annotations }) =>
    NAMES.map((name) => annotations?.[name]).find((each) => typeof each === 'string'),
  );
  if (new Set(names).size > 1 || different.every((each) => !each.platform)) {
    throw severalImages(
      names.filter((each) => typeof each === 'string'),
      different.length,
    );
  }
  const found = chooseManifest({ kind: 'index', manifests: different }, wanted ?? DEFAULT_PLATFORM);
  if ('why' in found) throw new ArchiveProblem(`${found.why}: ${found.advice}`);
  return found;
}

function severalImages(names: readonly string[], count: number): ArchiveProblem {
  const which = names.length === 0 ? '' : ` (${quoted(names.join(', '))})`;
  return new ArchiveProblem(`it holds ${count} images${which}: save only one`);
}

async function namedDocument(
  store: Store,
  { digest, size }: Descriptor,
): Promise<{ readonly bytes: Uint8Array; readonly path: string }> {
  const path = blobPath(digest);
  const bytes = await store.document(path);
  if (!bytes) throw new ArchiveProblem(`${path} is missing`);
  if (bytes.length !== size || digestOf(bytes, algorithmOf(digest)) !== digitsOf(digest)) {
    throw new ArchiveProblem(`${path} is not what it is said to be: its digest is another one`);
  }
  return { bytes, path };
}

const DIGEST = /^(sha256):([0-9a-f]{64})$|^(sha512):([0-9a-f]{128})$/;

/** So strict that a path made of it leads nowhere else. */
function blobPath(digest: string): string {
  if (!DIGEST.test(digest)) throw new ArchiveProblem(`${quoted(digest)} is no digest`);
  return `blobs/${digest.replace(':', '/')}`;
}

function algorithmOf(digest: string): Algorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

function digitsOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** What `docker save` writes, and wrote before it wrote an index too. */
async function fromSaved(store: Store): Promise<Chosen> {
  const bytes = await store.document('manifest.json');
  if (!bytes) {
    throw new ArchiveProblem(
      'it holds no image: there is neither index.json nor manifest.json in it; docker save, podman save and docker buildx build --output type=oci write such archives',
    );
  }
  const images = shaped(savedShape, bytes, 'manifest.json');
  const different = [...new Map(images.map((each) => [each.Config, each])).values()];
  const [image] = different;
  if (!image || different.length > 1) {
    throw severalImages(
      different.flatMap(({ RepoTags }) => RepoTags ?? []),
      different.length,
    );
  }
  const path = insidePath(image.Config);
  const config = await store.document(path);
  if (!config) throw new ArchiveProblem(`${quoted(image.Config)} is missing`);
  const named = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(path)?.[1];
  if (named !== undefined && digestOf(config, 'sha256') !== named) {
    throw new ArchiveProblem(`${path} is not what it is said to be: its digest is another one`);
  }
  const layers = (image.Layers ?? []).map((each) => ({ path: insidePath(each) }));
  return { config: shaped(configShape, config, path), layers };
}

function insidePath(path: string): string {
  const plain = plainPath(path);
  if (plain === undefined) throw new ArchiveProblem(`${quoted(path)} leads out of the archive`);
  return plain;
}

function jsonOf(bytes: Uint8Array, path: string): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Said below.
  }
  if (typeof value === 'object' && value !== null) return value;
  throw new ArchiveProblem(`${path} is no JSON`);
}

function shaped<T extends v.GenericSchema>(
  shape: T,
  bytes: Uint8Array,
  path: string,
): v.InferOutput<T> {
  const parsed = v.safeParse(shape, jsonOf(bytes, path));
  if (parsed.success) return parsed.output;
  const place = v.getDotPath(parsed.issues[0]) ?? 'its top';
  throw new ArchiveProblem(`${path} is not as an image has it, at ${quoted(place)}`);
}

function checkPlatform({ os, architecture, variant }: Config, wanted: Platform | undefined): void {
  if (!wanted || os === '' || architecture === '') return;
  const own = normalPlatform({ os, architecture, ...(variant && { variant }) });
  if (bestPlatform([own], wanted) !== undefined) return;
  throw new ArchiveProblem(
    `it is for ${quoted(platformText(own))}, not for ${platformText(wanted)}, which --platform names`,
  );
}

/** Bytes of each layer, once it is shown to be the one that is meant. */
async function checkedLayers(store: Store, { config, layers }: Chosen): Promise<number[]> {
  const diffIds = config.rootfs.diff_ids ?? [];
  if (diffIds.length !== layers.length) {
    throw new ArchiveProblem(
      `its manifest has ${layers.length} layers, and its configuration ${diffIds.length}`,
    );
  }
  const known = new Map<string, LayerContent>();
  const bytes: number[] = [];
  for (const [index, { path, stored }] of layers.entries()) {
    const layer = known.get(path) ?? (await store.layer(path));
    if (!layer) throw new ArchiveProblem(`the layer ${quoted(path)} is missing`);
    known.set(path, layer);
    const isStored =
      !stored ||
      (layer.storedDigest === digitsOf(stored.digest) && layer.storedBytes === stored.bytes);
    if (!isStored || diffIds[index] !== `sha256:${layer.diffId}`) {
      throw new ArchiveProblem(
        `the layer ${quoted(path)} is not what it is said to be: its digest is another one`,
      );
    }
    bytes.push(layer.bytes);
  }
  return bytes;
}

/** Where the history does not say which of its steps are layers, the layers stand by themselves. */
function rowsOf({ history }: Config, bytes: readonly number[]): BuiltImage['rows'] {
  const withLayers = history.filter((step) => !step.empty_layer).length;
  if (withLayers !== bytes.length) {
    return bytes.map((each) => ({ createdBy: '', bytes: each, hasLayer: true }));
  }
  let next = 0;
  return history.map(({ created_by: createdBy, empty_layer: isEmpty }) => {
    if (isEmpty) return { createdBy, bytes: 0, hasLayer: false };
    const own = bytes[next] ?? 0;
    next += 1;
    return { createdBy, bytes: own, hasLayer: true };
  });
}
