/** The shape of apt-packages.json, as a check. */
import * as v from 'valibot';
import { count, text } from './shapes.ts';

/** Its characters: the lines are read one by one, when they are asked for. */
const ROWS = /^[0-9a-z \n,|!=-]+$/;

export const aptPackageRows = v.strictObject({
  source: text,
  nearest: v.record(text, text),
  install: v.strictObject({
    what: text,
    suites: v.record(
      text,
      v.strictObject({ bytes: count, debconf: count, lists: count, caches: count }),
    ),
    package: count,
  }),
  names: v.pipe(text, v.regex(/^[a-z0-9][a-z0-9+.-]*(?: [a-z0-9][a-z0-9+.-]*)*$/)),
  suites: v.record(text, v.strictObject({ date: text, rows: v.pipe(text, v.regex(ROWS)) })),
});

export const aptSuiteRows = v.strictObject({
  source: text,
  shares: v.record(text, v.pipe(v.number(), v.minValue(0.1), v.maxValue(2))),
  nearest: v.record(text, text),
  lists: v.record(text, v.strictObject({ bytes: count, source: text })),
});
