/** The rows that speak of an image: its own, and those of the images below it. */
import type { ImageKind, ImageRepository, Images } from '../facts/image-rows.ts';
import { tagParts, type TagParts } from './image-tags.ts';
import { matchesWhole, wholly } from './patterns.ts';
import { imageName, type ImageName } from './stages.ts';

/** One row of the stack, with what its patterns are filled in with. */
export interface ImageLayer {
  readonly name: string;
  readonly tag: string;
  readonly repository: ImageRepository;
  readonly kind: ImageKind;
  readonly parts: TagParts;
  /** Values for what stands in braces. */
  readonly values: Readonly<Record<string, string>>;
}

/** The rows of the image and of those that it stands on, its own first. */
export function stackOf(
  { name, tag }: ImageName,
  images: Images,
  mirrors: readonly string[] = [],
): readonly ImageLayer[] | undefined {
  const layer = layerOf({ name, tag }, images, mirrors);
  if (!layer) return undefined;
  const on = layer.kind.on && filled(layer.kind.on, layer.values);
  if (on === undefined || on === '') return [layer];
  return [layer, ...(stackOf(imageName(on), images, mirrors) ?? [])];
}

const byNames = new WeakMap<Images, Map<string, ImageRepository>>();

/** The first that has the name. */
export function repositoryNamed(name: string, images: Images): ImageRepository | undefined {
  let byName = byNames.get(images);
  if (!byName) {
    byNames.set(images, (byName = new Map<string, ImageRepository>()));
    for (const each of images.repositories) {
      for (const own of each.names) if (!byName.has(own)) byName.set(own, each);
    }
  }
  return byName.get(name);
}

function layerOf(
  { name, tag }: ImageName,
  images: Images,
  mirrors: readonly string[] = [],
): ImageLayer | undefined {
  const mirror = mirrors.find((prefix) => name.startsWith(prefix));
  const repository =
    mirror === undefined
      ? repositoryNamed(name, images)
      : images.repositories.find(
          ({ names, publisher }) =>
            names.includes(name) ||
            (publisher === 'docker' && names.includes(name.slice(mirror.length))),
        );
  if (!repository) return undefined;
  const parts = repository.tags
    ? tagParts(tag, repository, images)
    : { head: tag, tail: '', kind: '', suite: undefined, isSuiteInTag: false, isGuess: false };
  if (!parts) return undefined;
  for (const kind of repository.kinds) {
    const groups = matched(kind, `${name.slice(name.lastIndexOf('/') + 1)}:${tag}`, parts);
    if (!groups) continue;
    const suite =
      groups['suite'] ?? debianSuite(groups['debian'], images) ?? parts.suite ?? kind.suite;
    const row = suite === undefined ? undefined : images.suites[suite];
    const version = groups['version'] ?? row?.version;
    return {
      name,
      tag,
      repository,
      kind,
      parts: { ...parts, suite, kind: kind.figures ?? groups['kind'] ?? parts.kind },
      values: {
        head: repository.words?.[parts.head.replace(/^lts-/, '')] ?? parts.head,
        ...(suite === undefined ? {} : { suite }),
        ...(version === undefined ? {} : { version }),
        ...(row === undefined ? {} : { distribution: row.id }),
        ...groups,
      },
    };
  }
  return undefined;
}

/** `12` → `bookworm` */
function debianSuite(version: string | undefined, { suites }: Images): string | undefined {
  if (version === undefined) return undefined;
  return Object.keys(suites).find(
    (key) => suites[key]!.id === 'debian' && suites[key]!.version === version,
  );
}

/** What the groups of the row's pattern stand for; undefined where the row is of other images. */
function matched(
  { kind, suites, tags }: ImageKind,
  reference: string,
  parts: TagParts,
): Readonly<Record<string, string>> | undefined {
  if (suites !== undefined && !matchesWhole(suites, parts.suite ?? '')) return undefined;
  const [pattern, text] = tags === undefined ? [kind ?? '', parts.kind] : [tags, reference];
  const match = wholly(pattern).exec(text);
  if (!match?.groups) return match ? {} : undefined;
  return Object.fromEntries(
    Object.entries(match.groups).filter(([, value]) => value !== undefined),
  );
}

/** The text with its braces filled in; undefined where one is not known. */
export function filled(text: string, values: Readonly<Record<string, string>>): string | undefined {
  let isWhole = true;
  const result = text.replace(/\{(\w+)\}/g, (_, key: string) => {
    if (values[key] === undefined) isWhole = false;
    return values[key] ?? '';
  });
  return isWhole ? result : undefined;
}
