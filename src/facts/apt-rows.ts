/** The shape of apt-packages.json, as a check. */
import * as v from 'valibot';
import { count, text } from './shapes.ts';

/** Its characters: the lines are read one by one, when they are asked for. */
const ROWS = /^[0-9a-z \n,|!=-]+$/;

/** How many names a part has. */
const PART = 1250;

/** The file has each list as one text. */
function partsOf(list: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let number = 1, at = list.indexOf(separator); at >= 0; number++) {
    if (number % PART === 0) {
      parts.push(list.slice(start, at));
      start = at + 1;
    }
    at = list.indexOf(separator, at + 1);
  }
  return [...parts, list.slice(start)];
}

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
  names: v.pipe(
    text,
    v.regex(/^[a-z0-9][a-z0-9+.-]*(?: [a-z0-9][a-z0-9+.-]*)*$/),
    v.transform((names) => partsOf(names, ' ')),
  ),
  suites: v.record(
    text,
    v.strictObject({
      date: text,
      rows: v.pipe(
        text,
        v.regex(ROWS),
        v.transform((rows) => partsOf(rows, '\n')),
      ),
    }),
  ),
});

export const aptSuiteRows = v.strictObject({
  source: text,
  shares: v.record(text, v.pipe(v.number(), v.minValue(0.1), v.maxValue(2))),
  nearest: v.record(text, text),
  lists: v.record(text, v.strictObject({ bytes: count, source: text })),
});
