/**
 * What an image says that was looked up in its registry: its configuration as rows have it, and how
 * much is downloaded of it.
 */
import type { Bytes } from '../facts/image-types.ts';
import type { ObservedImage } from '../facts/observed.ts';
import type { Facts } from '../facts/types.ts';
import type { ImageName } from './stages.ts';

/** By which key an image stands in `Facts.observedImages`. */
export function observedKey({ name, tag, digest }: ImageName): string {
  return `${name}:${tag}${digest === undefined ? '' : `@${digest}`}`;
}

/** The image as its registry had it; `undefined` where nobody asked. */
export function observedImage(image: ImageName, facts: Facts): ObservedImage | undefined {
  return facts.observedImages?.get(observedKey(image));
}

/**
 * Its configuration in the shape of `BaseConfiguration`. Values with a line end or another control
 * character are taken for unknown: no edit may carry them into a Dockerfile.
 */
export function observedConfiguration(image: ObservedImage) {
  const { configuration, platform } = image;
  const os = systemOf(platform.os);
  return {
    os,
    env: new Map([...configuration.env].map(([name, value]) => [name, plain(value)])),
    maybeEnv: new Set<string>(),
    // Windows brings variables that no image sets, and takes PATH and Path for the same.
    isEnvComplete: os === 'linux',
    workdir: plain(configuration.workdir),
    user: plain(configuration.user),
    shell: plainWords(configuration.shell),
    entrypoint: plainWords(configuration.entrypoint),
    cmd: plainWords(configuration.cmd),
    exposes: plainWords(configuration.exposes),
    volumes: plainWords(configuration.volumes),
    stopSignal: plain(configuration.stopSignal),
    onbuild: plainWords(configuration.onbuild),
    sources: [sourceOf(image)],
  };
}

function systemOf(os: string): 'linux' | 'windows' | undefined {
  return os === 'linux' || os === 'windows' ? os : undefined;
}

// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

function plain(text: string): string | undefined {
  return CONTROL.test(text) ? undefined : text;
}

function plainWords(words: readonly string[]): readonly string[] | undefined {
  return words.some((word) => CONTROL.test(word)) ? undefined : words;
}

/** Of one platform; the rows' figures are of linux/amd64. */
export function sourceOf({ name, manifest, platform, seen }: ObservedImage): string {
  const { os, architecture, variant } = platform;
  const where = [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
  return `${name} for ${where}, ${manifest}, in its registry on ${seen}`;
}

/**
 * What is downloaded of it: the sum of its layers. A layer that is there twice is downloaded once.
 * What the layers unpack to is in no manifest, so that the size on the disk stays unknown.
 */
export function observedDownload(image: ObservedImage): Bytes {
  const layers = new Map(image.layers.map(({ digest, compressed }) => [digest, compressed]));
  const bytes = [...layers.values()].reduce((sum, each) => sum + each, 0);
  return {
    bytes,
    low: bytes,
    high: bytes,
    basis: 'metadata',
    date: image.seen,
    source: sourceOf(image),
  };
}
