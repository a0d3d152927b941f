/**
 * What an image's name means: which registry is asked, for which repository, by which tag or digest.
 * By the grammar of the CNCF distribution project, with Docker Hub's short names.
 */
import { failure, type Failure } from './failure.ts';

export interface Reference {
  readonly kind: 'reference';
  /** As it was written. */
  readonly written: string;
  /** What the user calls the registry: `docker.io`, `ghcr.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** Where its API is; only for Docker Hub another one. */
  readonly host: string;
  /** `library/node` */
  readonly repository: string;
  /** `latest` where none is written. Where there is a digest, nobody asks for the tag. */
  readonly tag: string;
  readonly digest: string | undefined;
}

export const HUB = 'docker.io';
const HUB_HOST = 'registry-1.docker.io';
export const HUB_NAMES: ReadonlySet<string> = new Set([HUB, 'index.docker.io', HUB_HOST]);

const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const HOST = new RegExp(
  String.raw`^(?:${LABEL}(?:\.${LABEL})*|\[[a-fA-F0-9:]+(?:\.[0-9]+){0,3}\])(?::[0-9]{1,5})?$`,
);
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^\w[\w.-]{0,127}$/;
/** The two that the specification registers; others cannot be verified here. */
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** Of registry and repository together, by the grammar. */
const LONGEST_NAME = 255;

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** Whether it may be the name of a registry, with its port. */
export function isHost(text: string): boolean {
  return text.length <= LONGEST_NAME && HOST.test(text) && portOf(text) < 65_536;
}

function portOf(host: string): number {
  return Number(/:(\d+)$/.exec(host)?.[1] ?? 0);
}

export function parseReference(written: string): Reference | Failure {
  const bad = (why: string): Failure =>
    failure(`"${written}" is no name of an image: ${why}`, 'correct the name');
  const [name = '', digest, ...more] = written.split('@');
  if (more.length > 0) return bad('it has two digests');
  if (digest !== undefined && !isDigest(digest)) {
    return bad('its digest is not "sha256:" or "sha512:" and hexadecimal digits');
  }
  const colon = name.lastIndexOf(':');
  const hasTag = colon > name.lastIndexOf('/');
  const tag = hasTag ? name.slice(colon + 1) : 'latest';
  if (!TAG.test(tag)) return bad('its tag is not valid');
  const { registry, path } = splitRegistry(hasTag ? name.slice(0, colon) : name);
  if (!isHost(registry)) return bad('its registry is not the name of a host');
  const repository = registry === HUB && !path.includes('/') ? `library/${path}` : path;
  if (!REPOSITORY.test(repository)) {
    return bad('its path is not of lower-case letters, digits and single . _ - between them');
  }
  if (`${registry}/${repository}`.length > LONGEST_NAME) return bad('it is too long');
  const host = registry === HUB ? HUB_HOST : registry;
  return { kind: 'reference', written, registry, host, repository, tag, digest };
}

/** What stands before the first `/` is a registry where it cannot be a name on Docker Hub. */
function splitRegistry(name: string): { readonly registry: string; readonly path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isRegistry =
    /[.:]/.test(first) || first === 'localhost' || (first !== '' && first !== first.toLowerCase());
  if (!isRegistry) return { registry: HUB, path: name };
  const registry = HUB_NAMES.has(first) ? HUB : first;
  return { registry, path: name.slice(slash + 1) };
}

/** In full, as it may be written behind FROM: `docker.io/library/node:22`. */
export function fullName({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${digest === undefined ? `:${tag}` : `@${digest}`}`;
}

/** The machine itself: nobody listens on the way. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
