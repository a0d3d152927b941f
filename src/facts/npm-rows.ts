/** The shapes of npm-sizes.json and npm-scripts.json, as checks. */
import * as v from 'valibot';
import { count, text, texts } from './shapes.ts';

/** Its characters: the lines are read one by one, when they are asked for. */
const ROWS = /^[\w.+:; \n-]+$/;

const NAME = '(?:@[\\w.~-]+\\/)?[\\w.~-]+';

export const npmSizeRows = v.strictObject({
  source: text,
  date: text,
  names: v.pipe(text, v.regex(new RegExp(`^${NAME}(?: ${NAME})*$`))),
  rows: v.pipe(text, v.regex(ROWS)),
});

export const npmScriptRows = v.strictObject({
  source: text,
  headers: v.strictObject({
    bytes: count,
    low: count,
    high: count,
    home: text,
    offBy: v.exactOptional(texts),
    source: text,
  }),
  packages: v.array(
    v.strictObject({
      package: text,
      versions: v.exactOptional(text),
      bytes: count,
      low: count,
      high: count,
      home: v.exactOptional(text),
      offBy: v.exactOptional(texts),
      source: text,
    }),
  ),
});
