/** The shapes of the rows about putting an image on another distribution, as checks. */
import * as v from 'valibot';
import { count, pattern, patterns, text, texts } from './shapes.ts';

export const busyBoxRows = v.strictObject({
  source: text,
  asked: text,
  version: text,
  applets: v.record(
    text,
    v.strictObject({
      short: v.pipe(v.string(), v.regex(/^(?:[a-zA-Z0-9]:?)*$/, 'not options')),
      long: v.exactOptional(v.pipe(texts, v.minLength(1))),
    }),
  ),
  words: v.array(v.strictObject({ applet: text, words: pattern, why: text })),
});

export const crossingRows = v.strictObject({
  source: text,
  crossings: v.array(
    v.strictObject({
      from: text,
      to: text,
      distribution: text,
      since: v.pipe(text, v.regex(/^\d+\.\d+$/, 'not a version')),
      install: text,
      upgrade: text,
      remove: text,
      spareActions: texts,
      spareOptions: patterns,
      spareValueOptions: texts,
      spareVariables: texts,
      spareFolders: patterns,
      foreign: v.array(v.strictObject({ pattern, why: text })),
      elsewhere: texts,
      portableImages: patterns,
      nativeFiles: pattern,
      paths: v.array(
        v.strictObject({ programs: pattern, folder: v.pipe(text, v.startsWith('/')) }),
      ),
      accounts: v.strictObject({
        users: v.record(text, count),
        groups: v.record(text, count),
        missing: texts,
        inImages: v.array(v.strictObject({ images: pattern, users: texts })),
        homes: texts,
      }),
      ownPython: v.strictObject({ suites: texts, flag: text, why: text }),
      sizes: v.record(text, count),
    }),
  ),
});
