/** The shapes of the rows that say what programs and libraries need from the system. */
import * as v from 'valibot';
import { count, text } from './shapes.ts';

/** Debian's rule for names of packages, and Alpine's, which also has capitals and `_`. */
/** Of apk also what a package provides: `so:libvips-cpp.so.42` is in `vips`, and in `vips-cpp` since Alpine 3.17. */
const packageName = v.pipe(
  text,
  v.regex(/^(so:)?[a-zA-Z0-9][\w+.-]*$/, 'not the name of a package'),
);
const packageNames = v.array(packageName);
const some = <T extends v.GenericSchema>(shape: T) => v.pipe(v.array(shape), v.minLength(1));
const version = v.pipe(text, v.regex(/^\d+(\.\d+)*$/, 'not a version'));
const isTrue = v.exactOptional(v.literal(true));

const needs = {
  commands: v.exactOptional(some(text)),
  debian: v.exactOptional(some(packageName)),
  alpine: v.exactOptional(some(packageName)),
  isSought: isTrue,
};

const nativePackage = v.strictObject({
  ecosystem: v.picklist(['node', 'python', 'ruby', 'php', 'rust', 'go']),
  names: some(text),
  since: v.exactOptional(version),
  before: v.exactOptional(version),
  isPure: isTrue,
  isBundled: isTrue,
  isOptional: isTrue,
  isGlibcOnly: isTrue,
  build: v.exactOptional(v.strictObject({ kit: v.exactOptional(text), ...needs })),
  linked: v.exactOptional(v.strictObject(needs)),
  run: v.exactOptional(v.strictObject(needs)),
  prebuilt: v.exactOptional(
    some(
      v.strictObject({
        from: v.picklist(['inside', 'download']),
        libc: v.picklist(['glibc', 'musl', 'any']),
        libcVersion: v.exactOptional(version),
        since: v.exactOptional(version),
        architectures: v.exactOptional(some(text)),
      }),
    ),
  ),
  pulls: v.exactOptional(some(text)),
  note: v.exactOptional(text),
  confidence: v.picklist(['checked', 'known', 'guessed']),
  source: text,
});

export const nativePackageRows = v.strictObject({
  sources: v.record(text, text),
  kits: v.record(
    text,
    v.strictObject({
      needs: v.strictObject(needs),
      linked: v.exactOptional(v.strictObject(needs)),
    }),
  ),
  headers: v.record(text, v.strictObject(needs)),
  packages: v.array(nativePackage),
});

export const debianLibraryRows = v.strictObject({
  source: text,
  suites: some(text),
  names: packageNames,
  packages: v.record(packageName, v.record(text, v.array(count))),
});

export const commandPackageRows = v.strictObject({
  source: text,
  unattested: packageNames,
  commands: v.array(
    v.strictObject({
      command: text,
      debian: packageNames,
      debianBySuite: v.exactOptional(v.record(text, packageNames)),
      alpine: packageNames,
      fedora: packageNames,
      essentialOn: v.exactOptional(some(text)),
    }),
  ),
});

export const alpineNameRows = v.strictObject({
  source: text,
  packages: v.record(packageName, some(packageName)),
  libraries: v.record(packageName, packageNames),
  older: v.array(
    v.strictObject({
      before: text,
      names: v.record(packageName, v.nullable(packageName)),
      source: text,
    }),
  ),
  needless: packageNames,
  missing: packageNames,
  unattested: packageNames,
});
