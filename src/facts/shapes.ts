/** Shapes of fact rows as checks: what all of them are made of, and those about builders and caches. */
import * as v from 'valibot';

export const text = v.pipe(v.string(), v.minLength(1));
export const texts = v.array(text);
export const pattern = v.pipe(
  text,
  v.check((value) => {
    try {
      return new RegExp(`^(?:${value})$`) instanceof RegExp;
    } catch {
      return false;
    }
  }, 'a pattern must be a regular expression'),
);
export const patterns = v.array(pattern);
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const version = v.pipe(text, v.regex(/^\d+\.\d+$/, 'not a version'));

export const builderFeatureRows = v.strictObject({
  source: text,
  hosts: v.array(
    v.strictObject({
      file: pattern,
      says: pattern,
      unless: v.exactOptional(pattern),
      everywhere: v.exactOptional(v.literal(true)),
      words: v.exactOptional(v.array(text)),
      builder: v.picklist(['classic', 'kaniko', 'railway']),
      lacks: v.exactOptional(v.array(v.literal('cache-mount'))),
      what: text,
      source: text,
    }),
  ),
  assumed: v.array(
    v.strictObject({ builder: v.picklist(['buildkit', 'buildah']), version, why: text }),
  ),
  features: v.array(
    v.strictObject({
      id: v.picklist([
        'cache-mount',
        'copy-chmod',
        'copy-chmod-symbolic',
        'copy-link',
        'copy-exclude',
        'copy-parents',
        'heredoc',
        'add-checksum',
        'run-network',
      ]),
      what: text,
      buildkit: v.exactOptional(version),
      labs: v.exactOptional(version),
      experimental: v.exactOptional(v.boolean()),
      buildah: v.exactOptional(version),
      source: text,
    }),
  ),
});

const somePatterns = v.exactOptional(v.pipe(patterns, v.minLength(1)));

const cacheRow = v.strictObject({
  id: text,
  what: text,
  programs: v.pipe(patterns, v.minLength(1)),
  through: v.exactOptional(v.array(v.strictObject({ program: pattern, words: texts }))),
  pays: v.pipe(patterns, v.minLength(1)),
  downloads: somePatterns,
  noUse: somePatterns,
  unless: somePatterns,
  unlessFiles: somePatterns,
  needsFiles: somePatterns,
  needsText: somePatterns,
  switches: v.exactOptional(texts),
  folders: v.pipe(
    v.array(
      v.strictObject({
        path: v.exactOptional(v.pipe(text, v.regex(/^[~/]/, 'a path begins with ~ or /'))),
        rootPath: v.exactOptional(v.pipe(text, v.startsWith('/'))),
        movedBy: texts,
      }),
    ),
    v.minLength(1),
  ),
  homeIsOfAccount: v.exactOptional(v.boolean()),
  onlyOn: v.exactOptional(pattern),
  notOn: v.exactOptional(pattern),
  offBy: v.exactOptional(texts),
  settledByText: somePatterns,
  offline: somePatterns,
  readAtRun: somePatterns,
  cleans: somePatterns,
  isStore: v.exactOptional(v.boolean()),
  isReadAtRun: v.exactOptional(v.boolean()),
  isSystem: v.exactOptional(v.boolean()),
  sharing: v.exactOptional(v.literal('locked')),
  apart: v.exactOptional(v.array(v.strictObject({ images: pattern, id: text }))),
  source: text,
});

export const cacheRows = v.strictObject({
  rows: v.array(cacheRow),
  runners: patterns,
  starters: patterns,
  accounts: v.array(
    v.strictObject({
      images: pattern,
      name: text,
      uid: count,
      gid: count,
      home: v.pipe(text, v.startsWith('/')),
      folders: texts,
      source: text,
    }),
  ),
});
