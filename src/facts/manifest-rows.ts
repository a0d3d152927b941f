/** The shape of manifests.json. */
import * as v from 'valibot';
import { pattern, patterns, text, texts } from './shapes.ts';

export const manifestRows = v.strictObject({
  source: text,
  files: v.array(
    v.strictObject({
      path: pattern,
      role: v.picklist(['manifest', 'lockfile', 'configuration', 'script', 'source']),
      ecosystem: text,
      managers: texts,
    }),
  ),
  uses: v.strictObject({ files: patterns, folders: texts }),
  folders: v.array(
    v.strictObject({
      name: pattern,
      role: v.picklist(['dependencies', 'cache', 'history']),
      ecosystem: text,
    }),
  ),
});
