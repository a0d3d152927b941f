/** The shape of rpm-packages.json, as a check. */
import * as v from 'valibot';
import { count, text } from './shapes.ts';

export const rpmPackageRows = v.strictObject({
  source: text,
  packages: v.record(text, count),
  metadata: v.record(text, v.strictObject({ bytes: count, source: text })),
});
