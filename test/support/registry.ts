/** Images made by hand, and registries of the tests' own on this machine that hand them out. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ObservedImage } from '../../src/facts/observed.ts';
import { registriesOf, type Looked, type RegistryOptions } from '../../src/sources/registry.ts';
import { NO_CACHE } from '../../src/sources/registry/cache.ts';
import { folderWith } from '../cli/support.ts';

export interface Document {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Buffer;
}

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function documentOf(mediaType: string, content: unknown): Document {
  const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return { mediaType, bytes, digest: sha256(bytes) };
}

export const OCI = 'application/vnd.oci.image';
export const DOCKER = 'application/vnd.docker';

export interface MadeImage {
  readonly manifest: Document;
  readonly config: Document;
  readonly layers: readonly Document[];
}

export interface ImageParts {
  readonly config?: object;
  readonly history?: readonly object[];
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
  readonly isDocker?: boolean;
  readonly layers?: readonly string[];
  /** In place of what an image has. */
  readonly manifest?: object;
}

export function madeImage(parts: ImageParts = {}): MadeImage {
  const { config = {}, history = [], os = 'linux', architecture = 'amd64', variant } = parts;
  const types = parts.isDocker
    ? [
        `${DOCKER}.container.image.v1+json`,
        `${DOCKER}.image.rootfs.diff.tar.gzip`,
        `${DOCKER}.distribution.manifest.v2+json`,
      ]
    : [`${OCI}.config.v1+json`, `${OCI}.layer.v1.tar+gzip`, `${OCI}.manifest.v1+json`];
  const [configType = '', layerType = '', manifestType = ''] = types;
  const layers = (parts.layers ?? ['one', 'the second']).map((text) => documentOf(layerType, text));
  const own = documentOf(configType, {
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    created: '2026-08-01T00:00:00Z',
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history,
  });
  const manifest = documentOf(manifestType, {
    schemaVersion: 2,
    mediaType: manifestType,
    config: described(own),
    layers: layers.map(described),
    ...parts.manifest,
  });
  return { manifest, config: own, layers };
}

export function described({ mediaType, digest, bytes }: Document): object {
  return { mediaType, digest, size: bytes.length };
}

export function madeIndex(entries: readonly object[], isDocker = false): Document {
  const mediaType = isDocker
    ? `${DOCKER}.distribution.manifest.list.v2+json`
    : `${OCI}.index.v1+json`;
  return documentOf(mediaType, { schemaVersion: 2, mediaType, manifests: entries });
}

/** What a registry has: documents by tag and by digest. */
export type Shelf = ReadonlyMap<string, Document>;

export function shelfOf(
  tags: Readonly<Record<string, Document>>,
  images: readonly MadeImage[] = [],
  others: readonly Document[] = [],
): Shelf {
  const documents = [
    ...images.flatMap(({ manifest, config, layers }) => [manifest, config, ...layers]),
    ...others,
    ...Object.values(tags),
  ];
  return new Map([
    ...documents.map((each): [string, Document] => [each.digest, each]),
    ...Object.entries(tags),
  ]);
}

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

export interface FakeRegistry {
  readonly host: string;
  /** `GET /v2/app/manifests/1`, in order. */
  readonly asked: string[];
  readonly headers: IncomingMessage['headers'][];
}

/** @param handler answers first; what it passes on is answered from the shelf */
export async function fakeRegistry(
  shelf: Shelf,
  handler: Handler = (_request, _response, next) => next(),
  host = '127.0.0.1',
): Promise<FakeRegistry> {
  const asked: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
    handler(request, response, () => answerFrom(shelf, request, response));
  });
  await new Promise<void>((ready) => server.listen(0, host, ready));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { host: `${host.includes(':') ? `[${host}]` : host}:${port}`, asked, headers };
}

export function answerFrom(shelf: Shelf, request: IncomingMessage, response: ServerResponse): void {
  const name = /\/(?:manifests|blobs)\/([^/?]+)$/.exec(request.url ?? '')?.[1] ?? '';
  const found = shelf.get(name);
  if (!found) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
    return;
  }
  response.writeHead(200, {
    'content-type': found.mediaType,
    'content-length': found.bytes.length,
    'docker-content-digest': found.digest,
  });
  response.end(request.method === 'HEAD' ? undefined : found.bytes);
}

export type Asking = Partial<RegistryOptions>;

/** Looks images up as a user would who has no login and no cache, and waits for nothing. */
export async function lookUpAll(
  references: readonly string[],
  options: Asking = {},
): Promise<{
  readonly looked: ReadonlyMap<string, Looked>;
  readonly problems: readonly string[];
}> {
  const registries = registriesOf({
    env: {},
    home: options.home ?? folderWith({}),
    platform: { os: 'linux', architecture: 'amd64' },
    version: '0.0.0',
    cache: NO_CACHE,
    patience: { waitMs: 100, pauseMs: 1 },
    timeoutMs: 5000,
    ...options,
  });
  try {
    const looked = await registries.lookUp(references);
    return { looked, problems: registries.problems() };
  } finally {
    await registries.close();
  }
}

export async function lookUp(reference: string, options?: Asking): Promise<Looked> {
  const { looked } = await lookUpAll([reference], options);
  return looked.get(reference)!;
}

/** @throws where it could not be looked up */
export async function lookedUp(reference: string, options?: Asking): Promise<ObservedImage> {
  const found = await lookUp(reference, options);
  if (found.kind === 'failure') throw new Error(`${found.why} (${found.advice})`);
  return found.image;
}
