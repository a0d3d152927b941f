/**
 * Which files of a build context are read, and how much of them: one answer for all places that a
 * context comes from, a disk, a browser, a Git host.
 */
import { foundOnce } from '../dockerfile/found-once.ts';
import type { ContextRows } from '../facts/types.ts';
import { folderOf } from './go-paths.ts';
import { matchesAny } from './patterns.ts';

export interface ContextLimits {
  /** Files, links and folders: 100,000 are listed in about a second. */
  readonly entries: number;
  /** Folders inside one another. */
  readonly depth: number;
  /** Of one text; the lockfile of a large monorepo has about 2 MB. */
  readonly textBytes: number;
  /** Of all texts together, source code apart. */
  readonly allTextBytes: number;
  /** Of one file of source code: what is larger was mostly written by a program. */
  readonly sourceBytes: number;
  /** Of all source code together. */
  readonly allSourceBytes: number;
}

export const CONTEXT_LIMITS: ContextLimits = {
  entries: 100_000,
  depth: 64,
  textBytes: 4_000_000,
  allTextBytes: 32_000_000,
  sourceBytes: 512_000,
  allSourceBytes: 16_000_000,
};

export interface TextRules {
  /** Read although the builder may not be sent it: other Dockerfiles share this context and its ignore file. */
  readonly isAlwaysRead: (name: string) => boolean;
  /** Its text tells how the project is installed, built or run. */
  readonly isManifest: (name: string, path: string) => boolean;
  /** Program text, read behind everything else. */
  readonly isSource: (name: string) => boolean;
  /** A folder that a tool fills: listed after all others, and no text of it is read. */
  readonly isBulk: (name: string) => boolean;
}

const known = new WeakMap<ContextRows, TextRules>();

export function textRules(manifests: ContextRows): TextRules {
  let rules = known.get(manifests);
  if (!rules) known.set(manifests, (rules = readRules(manifests)));
  return rules;
}

function readRules(manifests: ContextRows): TextRules {
  const rows = manifests.files.filter(({ role }) => role !== 'source');
  const patterns = rows.map(({ path }) => path);
  const names = patterns.filter((pattern) => !pattern.includes('/'));
  const paths = patterns.flatMap((each) => (each.includes('/') ? [`(?:.*/)?${each}`] : []));
  const sources = manifests.files.flatMap((row) => (row.role === 'source' ? [row.path] : []));
  const bulk = manifests.folders.map(({ name }) => name);
  const isNamed = foundOnce(MOST_NAMES, (name) => matchesAny(names, name));
  return {
    isAlwaysRead: foundOnce(
      MOST_NAMES,
      (name) => name.endsWith('.dockerignore') || isDockerfileName(name),
    ),
    isManifest: (name, path) => isNamed(name) || matchesAny(paths, path),
    isSource: foundOnce(MOST_NAMES, (name) => matchesAny(sources, name)),
    isBulk: foundOnce(MOST_NAMES, (name) => matchesAny(bulk, name)),
  };
}

/** So many names are kept for each question: the folders of a repository have many alike. */
const MOST_NAMES = 4096;

/** Of texts that tell how an image is used. */
export const USE_LIMITS = { textBytes: 256_000, files: 200 } as const;

/**
 * Of paths from the top of a repository those of files that tell how the image of a context is used:
 * in a folder on the way to the context, or where such folders keep them.
 *
 * @param at the context's folder, from the top
 */
export function usesAmong(paths: readonly string[], at: string, { uses }: ContextRows): string[] {
  const patterns = usePatterns(uses.files);
  const named = paths.filter((path) => matchesAny(patterns, path));
  // Most folders have none.
  if (named.length === 0) return [];
  const folders = new Set(
    downTo(at).flatMap((folder) =>
      ['', ...uses.folders].map((each) => [folder, each].filter((part) => part !== '').join('/')),
    ),
  );
  return named.filter((path) => folders.has(folderOf(path)));
}

const patternsOfUses = new WeakMap<readonly string[], readonly string[]>();

/** The same list each time: what it is compiled to is remembered. */
function usePatterns(files: readonly string[]): readonly string[] {
  const before = patternsOfUses.get(files);
  if (before) return before;
  const patterns = files.map((each) => `(?:.*/)?${each}`);
  patternsOfUses.set(files, patterns);
  return patterns;
}

/** The folders from the top of a repository to one, which is the last. */
export function downTo(folder: string): string[] {
  const parts = folder === '' ? [] : folder.split('/');
  return ['', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))];
}

/** Named after a Dockerfile, but documents, settings, templates or copies that an editor keeps. */
const NO_DOCKERFILE =
  /\.(dockerignore|md|mdx|markdown|txt|rst|adoc|html?|pdf|png|svg|json|ya?ml|toml|lock|j2|jinja2?|tmpl|tpl|template|erb|m4|in|mustache|hbs|bak|orig|rej|swp|patch|diff|log|sh)$|~$/i;

/** `dockerfile.go` is Go code about Dockerfiles; `Dockerfile.go` is the Dockerfile of a Go program. */
const CODE =
  /^(docker|container)file\.([cm]?[jt]sx?|go|py|rb|rs|java|kt|cs|php|c|cc|cpp|h|lua|vim|el)$/;

export function isDockerfileName(name: string): boolean {
  if (NO_DOCKERFILE.test(name) || CODE.test(name)) return false;
  return /^(docker|container)file(\..+)?$/i.test(name) || /.\.(docker|container)file$/i.test(name);
}
