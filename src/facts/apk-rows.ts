/** The shape of apk-packages.json, as a check. */
import * as v from 'valibot';
import { count, text } from './shapes.ts';

export const apkPackageRows = v.strictObject({
  source: text,
  nearest: v.record(text, text),
  index: v.strictObject({ bytes: count, source: text }),
  others: v.record(text, v.strictObject({ bytes: count, release: text, source: text })),
  names: v.pipe(text, v.regex(/^\S+(?: \S+)*$/)),
  releases: v.record(
    text,
    v.strictObject({ date: text, rows: v.pipe(text, v.regex(/^[0-9a-z \n,=]+$/)) }),
  ),
});
