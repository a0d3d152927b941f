/**
 * Shapes of the rows about sizes of packages and downloads, as checks. All figures are bytes.
 *
 * - `pip-sizes.json`: `name;needs;extras;versions`. Needs are parted by blanks, with their extras in
 *   brackets; extras are `name:package,package`, parted by `|`. A version is `2.32.3:64928p`, the wheel's
 *   bytes (0: not known) and whether it is pure Python (`p`), compiled (`n`) or a source (`s`), perhaps
 *   with `:203319:188462` behind, the bytes of what it unpacks to and of Python's sources in it.
 * - `gem-sizes.json`: `name version:unpacked:archive …`.
 * - `composer-sizes.json`: `vendor/name version:unpacked …`.
 * - `java-libraries.json`: `group:artifact;archive;needs`, needs parted by blanks.
 */
import * as v from 'valibot';
import { count, pattern, text } from './shapes.ts';

function rowsOf(row: RegExp) {
  return v.pipe(v.array(v.pipe(text, v.regex(row, 'not a row of sizes'))), v.minLength(1));
}

const byName = v.record(text, count);

export const pipSizeRows = v.strictObject({
  source: text,
  rows: rowsOf(
    /^[a-z0-9-]+;[^;]*;[^;]*;[^\s:;]+:\d+[pns](:\d+:\d+)?( [^\s:;]+:\d+[pns](:\d+:\d+)?)*$/,
  ),
});

export const gemSizeRows = v.strictObject({
  source: text,
  withNeedsSource: text,
  withNeeds: byName,
  rows: rowsOf(/^[\w.-]+( [\w.]+:\d+:\d+)+$/),
});

export const composerSizeRows = v.strictObject({
  source: text,
  extensionsSource: text,
  extensions: byName,
  rows: rowsOf(/^[\w.-]+\/[\w.-]+( [\w.#/-]+:\d+)+$/),
});

export const javaLibraryRows = v.strictObject({
  source: text,
  rows: rowsOf(/^[\w.-]+:[\w.-]+;\d+;([\w.-]+:[\w.-]+( [\w.-]+:[\w.-]+)*)?$/),
});

export const downloadRows = v.strictObject({
  source: text,
  rows: v.array(
    v.strictObject({
      what: text,
      url: pattern,
      bytes: count,
      low: count,
      high: count,
      unpacked: v.number(),
      source: text,
    }),
  ),
  baseFiles: v.strictObject({
    source: text,
    rows: v.array(
      v.strictObject({ path: pattern, bytes: v.number(), low: v.number(), high: v.number() }),
    ),
  }),
  archives: v.array(
    v.strictObject({ name: pattern, low: v.number(), unpacked: v.number(), high: v.number() }),
  ),
});
