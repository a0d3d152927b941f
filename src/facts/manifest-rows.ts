/** The shape of manifests.json. */
import * as v from 'valibot';
import { pattern, text, texts } from './shapes.ts';

export const manifestRows = v.strictObject({
  source: text,
  files: v.array(
    v.strictObject({
      path: pattern,
      role: v.picklist(['manifest', 'lockfile', 'configuration', 'script', 'source', 'host']),
      ecosystem: text,
      managers: texts,
    }),
  ),
  folders: v.array(
    v.strictObject({
      name: pattern,
      role: v.picklist(['dependencies', 'cache', 'history']),
      ecosystem: text,
    }),
  ),
});
