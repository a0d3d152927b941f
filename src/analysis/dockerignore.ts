/**
 * Which paths a .dockerignore keeps out of the build context: the rules of moby/patternmatcher and
 * of BuildKit's walk, including those that nobody would guess. Every pattern is matched in time that
 * grows with its length and the path's, whatever it says: the file may come from a stranger.
 */
import { foundOnce } from '../dockerfile/found-once.ts';
import { cleanPath, matchPath, trimSpace } from './go-paths.ts';
import { parseGlob, type Glob } from './ignore-glob.ts';

/** One line that is a pattern. */
export interface IgnorePattern {
  /** Cleaned, without `!`. */
  readonly text: string;
  /** It takes back in what a pattern above it keeps out. */
  readonly isException: boolean;
  /** 1-based. */
  readonly line: number;
  readonly glob: Glob;
}

export interface IgnoreRules {
  readonly patterns: readonly IgnorePattern[];
  /** What the exceptions begin with; `anywhere` where one of them has a wildcard inside. */
  readonly exceptions: readonly string[] | 'anywhere';
  /** The first line that the builder rejects, which ends every build. */
  readonly problem?: { readonly line: number; readonly message: string };
}

/** Texts of one project are alike, and most contexts have none. */
export const parseIgnore: (text: string) => IgnoreRules = foundOnce(64, readIgnore);

function readIgnore(text: string): IgnoreRules {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  return rulesFrom(lines.map((line) => (line.startsWith('#') ? '' : rooted(trimSpace(line)))));
}

/** What a leading slash means in a .dockerignore: nothing. */
function rooted(line: string): string {
  const isException = line.startsWith('!');
  let pattern = isException ? trimSpace(line.slice(1)) : line;
  if (pattern !== '') pattern = cleanPath(pattern);
  if (pattern.length > 1 && pattern.startsWith('/')) pattern = pattern.slice(1);
  return isException ? `!${pattern}` : pattern;
}

/** Patterns as they stand in `COPY --exclude=…`; those of a .dockerignore are cleaned before. */
export function rulesFrom(lines: readonly string[]): IgnoreRules {
  const patterns: IgnorePattern[] = [];
  let problem: IgnoreRules['problem'];
  for (const [index, raw] of lines.entries()) {
    const trimmed = trimSpace(raw);
    if (trimmed === '') continue;
    const line = index + 1;
    const cleaned = cleanPath(trimmed);
    const isException = cleaned.startsWith('!');
    const text = isException ? cleaned.slice(1) : cleaned;
    const isValid = text !== '' && matchPath(text, '.') !== undefined;
    const glob = isValid ? parseGlob(text) : undefined;
    if (glob) patterns.push({ text, isException, line, glob });
    else problem ??= { line, message: `"${trimmed}" is no pattern` };
  }
  return { patterns, exceptions: exceptionsOf(patterns), ...(problem && { problem }) };
}

/** By these the walk decides which ignored folders it looks into. */
function exceptionsOf(patterns: readonly IgnorePattern[]): IgnoreRules['exceptions'] {
  const starts = patterns
    .filter((pattern) => pattern.isException)
    .map(({ text }) => text.replace(/\/\*\*$/, '').replace(/\/\*$/, ''));
  return starts.some((start) => /[*[\]?^\\]/.test(start)) ? 'anywhere' : starts;
}

/**
 * What is known of a folder when the walk enters it: which patterns matched it or a folder above.
 * The top of the context has none.
 */
export type FolderMatch = readonly boolean[];

export const TOP: FolderMatch = [];

/**
 * Whether a path is ignored, in a folder of which `above` is known. A pattern that matched the folder
 * counts for all that is in it, also where an exception has matched in between; an exception counts
 * only where something above it in the file did match.
 */
export function isIgnoredIn(rules: IgnoreRules, path: string, above: FolderMatch): boolean {
  return match(rules, path, above);
}

/** The same of a folder, with what is then known inside it. */
export function enterFolder(
  rules: IgnoreRules,
  path: string,
  above: FolderMatch,
): { readonly isIgnored: boolean; readonly below: FolderMatch } {
  const below: boolean[] = [];
  const isIgnored = match(rules, path, above, below);
  return { isIgnored, below };
}

function match(
  { patterns }: IgnoreRules,
  path: string,
  above: FolderMatch,
  below?: boolean[],
): boolean {
  let isIgnored = false;
  for (let index = 0; index < patterns.length; index++) {
    const { isException, glob } = patterns[index]!;
    const isMatch = above[index] === true || (isException === isIgnored && glob.matches(path));
    if (isMatch) isIgnored = !isException;
    if (below) below[index] = isMatch;
  }
  return isIgnored;
}

/** Whether the walk looks into a folder that is itself ignored. */
export function entersIgnored({ exceptions }: IgnoreRules, folder: string): boolean {
  return (
    exceptions === 'anywhere' || exceptions.some((start) => `${start}/`.startsWith(`${folder}/`))
  );
}

/**
 * The text with more patterns at its end, in the style of the file. A pattern that stands below
 * exceptions keeps out what they took back in.
 */
export function withPatterns(text: string, patterns: readonly string[]): string {
  if (patterns.length === 0) return text;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const isEnded = text === '' || text.endsWith('\n');
  const lines = patterns.join(eol);
  // A file without a final newline stays one.
  return isEnded ? `${text}${lines}${eol}` : `${text}${eol}${lines}`;
}
