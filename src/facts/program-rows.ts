/** The shape of the rows about programs. */
import * as v from 'valibot';

const text = v.pipe(v.string(), v.minLength(1));
const texts = v.array(text);

export const programRows = v.strictObject({
  source: text,
  certificateReaders: texts,
  certificateNames: text,
  calls: v.array(
    v.strictObject({ program: text, words: v.exactOptional(text), needs: texts, why: text }),
  ),
  compilers: texts,
  builders: v.array(v.strictObject({ program: text, words: v.exactOptional(text), why: text })),
  dispatchers: texts,
  downloaders: texts,
  plainDownloads: v.array(v.strictObject({ words: text, why: text })),
  spawners: v.array(
    v.strictObject({ files: text, code: text, isClosed: v.exactOptional(v.literal(true)) }),
  ),
  loaders: v.array(v.strictObject({ files: text, code: text })),
  testFiles: text,
  manualPages: v.strictObject({ packages: texts, suites: texts, why: text }),
});
