/** What Compose files do with the image of a Dockerfile. */
import { parse } from 'yaml';
import { baseName } from '../analysis/go-paths.ts';
import { isTable, tableIn, textIn, textsOf, type Table } from '../ecosystems/findings.ts';
import { besideOf, join, type UseFile } from './use-files.ts';

/** A service that runs the image of the Dockerfile. */
export interface Service {
  /** The Compose file. */
  readonly path: string;
  /** Those under which others may know it or its container. */
  readonly names: readonly string[];
  /** The name of its image, if it has one. */
  readonly image: string | undefined;
  /** Shell code that it starts in place of what the image says, or besides. */
  readonly starts: readonly string[];
  /** Shell code that tells whether it is healthy. */
  readonly probes: readonly string[];
  /** Folders of the image that it gives to other containers. */
  readonly shares: readonly string[];
}

const COMPOSE = /^((docker-)?compose[^/]*|docker-stack[^/]*)\.ya?ml$/;

export function isCompose(path: string): boolean {
  return COMPOSE.test(baseName(path));
}

interface Written {
  readonly path: string;
  readonly name: string;
  readonly service: Table;
  /** All of its file. */
  readonly all: Table;
}

/** @param dockerfile where it lies, from the top of the repository */
export function servicesIn(files: readonly UseFile[], dockerfile: string): readonly Service[] {
  const all = files.flatMap((file) => (isCompose(file.path) ? writtenIn(file) : []));
  const built = all.filter((each) => builds(each, dockerfile));
  const images = built.flatMap(({ service }) => textIn(service, 'image') ?? []);
  const own = new Set(built);
  // Another service of the same image, or one that takes over what an own one says.
  for (const each of all) {
    if (own.has(each) || each.service['build'] !== undefined) continue;
    const image = textIn(each.service, 'image');
    if (image === undefined ? takesOver(each, own) : images.includes(image)) own.add(each);
  }
  return all.flatMap((each) => (own.has(each) ? [serviceOf(each)] : []));
}

function writtenIn({ path, text }: UseFile): Written[] {
  let file: unknown;
  try {
    file = parse(text, { logLevel: 'error', merge: true });
  } catch {
    return [];
  }
  if (!isTable(file)) return [];
  const all = file;
  return Object.entries(tableIn(all, 'services')).flatMap(([name, service]) =>
    isTable(service) ? [{ path, name, service, all }] : [],
  );
}

function builds(written: Written, dockerfile: string): boolean {
  return buildOf(written)?.dockerfile === dockerfile;
}

/** The build context and the Dockerfile of a service, from the top of the repository. */
function buildOf({
  path,
  service,
}: Written): { readonly context: string; readonly dockerfile: string } | undefined {
  const { build } = service;
  if (typeof build !== 'string' && !isTable(build)) return undefined;
  const folder = typeof build === 'string' ? build : (textIn(service, 'build', 'context') ?? '.');
  const context = besideOf(path, folder);
  if (context === undefined) return undefined;
  const named = isTable(build) ? textIn(build, 'dockerfile') : undefined;
  return { context, dockerfile: join(context, named ?? 'Dockerfile') };
}

/** The folders from which Compose files build a Dockerfile, from the top of the repository. */
export function contextsIn(files: readonly UseFile[], dockerfile: string): readonly string[] {
  const all = files.flatMap((file) => (isCompose(file.path) ? writtenIn(file) : []));
  const found = all.flatMap((each) => buildOf(each) ?? []);
  return [
    ...new Set(found.flatMap((each) => (each.dockerfile === dockerfile ? [each.context] : []))),
  ];
}

function takesOver({ path, name, service }: Written, own: ReadonlySet<Written>): boolean {
  const base = service['extends'];
  const from = typeof base === 'string' ? base : textIn(service, 'extends', 'service');
  const file = isTable(base) ? textIn(base, 'file') : undefined;
  const place = file === undefined ? path : besideOf(path, file);
  // A further file changes services of the same name: docker-compose.override.yml.
  const isSameService = (each: Written): boolean => each.name === name && each.path !== path;
  return [...own].some(
    (each) =>
      (from !== undefined && each.name === from && each.path === place) || isSameService(each),
  );
}

function serviceOf(written: Written): Service {
  const { path, name, service } = written;
  const container = textIn(service, 'container_name');
  const hooks = ['post_start', 'pre_stop'].flatMap((each) => {
    const list = service[each];
    return Array.isArray(list) ? list.map((hook) => (isTable(hook) ? hook['command'] : hook)) : [];
  });
  const code = [service['entrypoint'], service['command'], ...hooks].map(codeOf);
  return {
    path,
    names: [name, ...(container === undefined ? [] : [container])],
    image: textIn(service, 'image'),
    starts: code.filter((each) => each !== ''),
    probes: probesOf(tableIn(service, 'healthcheck')),
    shares: sharesOf(written),
  };
}

/** Of a command as Compose has it: a text, or a list of words. */
export function codeOf(words: unknown): string {
  const list = textsOf(words);
  if (!Array.isArray(words)) return list[0]?.trim() ?? '';
  return list.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
}

function probesOf(check: Table): string[] {
  const { test } = check;
  if (check['disable'] === true) return [];
  if (!Array.isArray(test)) return [codeOf(test)].filter((each) => each !== '');
  const [kind, ...words] = textsOf(test);
  if (kind === 'CMD-SHELL') return words.slice(0, 1);
  return kind === 'CMD' && words.length > 0 ? [codeOf(words)] : [];
}

/** Docker fills a volume that is new with what the image has at its place. */
function sharesOf({ name, service, all }: Written): string[] {
  const others = Object.entries(tableIn(all, 'services')).flatMap(([other, each]) =>
    other !== name && isTable(each) ? volumesOf(each).map(({ volume }) => volume) : [],
  );
  return volumesOf(service).flatMap(({ volume, place }) =>
    others.includes(volume) ? [place] : [],
  );
}

interface Volume {
  readonly volume: string;
  readonly place: string;
}

/** Those that have a name; folders of the host hide what the image has. */
function volumesOf(service: Table): Volume[] {
  const list = service['volumes'];
  if (!Array.isArray(list)) return [];
  return list.flatMap((each: unknown) => {
    if (typeof each === 'string') {
      const [, volume, place] = /^(\w[\w.-]*):(\/[^:]*)(?::.*)?$/.exec(each) ?? [];
      return volume !== undefined && place !== undefined ? [{ volume, place }] : [];
    }
    if (!isTable(each) || each['type'] !== 'volume') return [];
    const [volume, place] = [textIn(each, 'source'), textIn(each, 'target')];
    return volume !== undefined && place !== undefined ? [{ volume, place }] : [];
  });
}
