/** The shape of the rows about images without a shell. */
import * as v from 'valibot';
import { pattern, patterns, text, texts } from './shapes.ts';

export const smallImageRows = v.strictObject({
  source: text,
  images: v.array(
    v.strictObject({
      image: text,
      libraries: v.exactOptional(texts),
      runtime: v.exactOptional(
        v.strictObject({
          id: text,
          version: text,
          calls: pattern,
          program: text,
          isPortable: v.exactOptional(v.literal(true)),
          foreign: v.exactOptional(pattern),
        }),
      ),
    }),
  ),
  accounts: texts,
  brings: v.array(
    v.strictObject({ packages: pattern, of: v.picklist(['certificates', 'time zones']) }),
  ),
  tidying: patterns,
  passOn: v.array(v.strictObject({ images: pattern, entrypoint: texts, why: text })),
  versionVariables: patterns,
  code: v.array(
    v.strictObject({
      files: pattern,
      of: v.picklist([
        'certificates',
        'time zones',
        'a folder for temporary files',
        'accounts',
        'other programs',
        'files of the system',
      ]),
      code: pattern,
    }),
  ),
});
