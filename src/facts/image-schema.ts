/** The shapes of rows about images, checked: those that dfopt ships and those of its users. */
import * as v from 'valibot';

const text = v.pipe(v.string(), v.minLength(1));
const pattern = v.pipe(
  v.string(),
  v.check((value) => {
    try {
      return new RegExp(`^(?:${value})$`) instanceof RegExp;
    } catch {
      return false;
    }
  }, 'a pattern must be a regular expression'),
);
/**
 * A table of so many levels of records or lists. There are thousands of cells; a schema for each takes
 * longer than a whole rewrite.
 */
function table<T>(leaf: 'string' | 'number', levels: number) {
  const holds = (value: unknown, depth: number): boolean => {
    if (depth === 0 || typeof value === leaf) return typeof value === leaf;
    return (
      typeof value === 'object' &&
      value !== null &&
      Object.values(value).every((each) => holds(each, depth - 1))
    );
  };
  return v.custom<T>((value) => holds(value, levels), `not a table of ${leaf}s`);
}

const answer = v.picklist(['yes', 'no']);
const libc = v.picklist(['glibc', 'musl', 'none']);

const kindFields = {
  kind: v.exactOptional(pattern),
  figures: v.exactOptional(text),
  suites: v.exactOptional(pattern),
  tags: v.exactOptional(pattern),
  suite: v.exactOptional(text),
  variant: v.picklist([
    'full',
    'slim',
    'alpine',
    'jre',
    'jre-alpine',
    'runtime',
    'distroless',
    'chiseled',
    'other',
  ]),
  on: v.exactOptional(text),
  runtimes: v.exactOptional(v.record(text, v.string())),
  installs: v.exactOptional(v.string()),
  isWhole: v.exactOptional(v.boolean()),
  maybePackages: v.exactOptional(v.string()),
  packages: v.exactOptional(v.record(text, v.number())),
  commands: v.exactOptional(v.string()),
  maybeCommands: v.exactOptional(v.string()),
  isOpen: v.exactOptional(v.boolean()),
  hasCertificates: v.exactOptional(answer),
  hasTimeZones: v.exactOptional(answer),
  hasLocales: v.exactOptional(answer),
  hasShell: v.exactOptional(answer),
  os: v.exactOptional(v.picklist(['linux', 'windows'])),
  libc: v.exactOptional(libc),
  isSuiteInTag: v.exactOptional(v.boolean()),
  users: v.exactOptional(v.array(v.pipe(text, v.regex(/^\S+ \d+ \d+ \S*$/)))),
  notes: v.exactOptional(v.array(text)),
  source: text,
};

const repository = v.strictObject({
  names: v.pipe(v.array(text), v.minLength(1)),
  publisher: text,
  family: text,
  kinds: v.pipe(v.array(v.strictObject(kindFields)), v.minLength(1)),
  heads: v.exactOptional(table<readonly string[]>('string', 1)),
  tags: v.exactOptional(
    table<Readonly<Record<string, number | Readonly<Record<string, number>>>>>('number', 2),
  ),
  isCoarse: v.exactOptional(v.boolean()),
  words: v.exactOptional(v.record(text, text)),
  hasDays: v.exactOptional(v.boolean()),
  moves: v.exactOptional(
    table<Readonly<Record<string, Readonly<Record<string, string>>>>>('string', 2),
  ),
  sizes: v.exactOptional(
    table<Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>>('string', 3),
  ),
  note: v.exactOptional(text),
});

export const imageRows = v.strictObject({
  sources: v.record(text, text),
  suites: v.record(
    text,
    v.strictObject({
      id: text,
      version: text,
      name: v.exactOptional(text),
      libc,
      libcVersion: v.exactOptional(text),
      manager: v.exactOptional(text),
      hasOwnPrograms: v.exactOptional(v.boolean()),
    }),
  ),
  commands: table<Readonly<Record<string, string>>>('string', 1),
  packages: v.string(),
  lists: table<readonly string[]>('string', 1),
  endsOfLife: v.record(
    text,
    v.strictObject({ what: text, dates: v.record(text, text), source: text }),
  ),
  repositories: v.array(repository),
});

/** A pattern of whole tags, for an image of the user's own; see "Images of your own" in the README. */
const ownImage = v.strictObject({
  name: text,
  tags: v.exactOptional(pattern),
  like: text,
  publisher: v.exactOptional(text),
  variant: v.exactOptional(kindFields.variant),
  packages: v.exactOptional(v.array(text)),
  commands: v.exactOptional(v.array(text)),
  runtimes: v.exactOptional(v.record(text, v.string())),
  users: v.exactOptional(
    v.array(
      v.strictObject({
        name: v.pipe(text, v.regex(/^\S+$/)),
        uid: v.pipe(v.number(), v.integer(), v.minValue(0)),
        gid: v.pipe(v.number(), v.integer(), v.minValue(0)),
        home: v.pipe(v.string(), v.regex(/^\S*$/)),
      }),
    ),
  ),
  hasShell: v.exactOptional(v.boolean()),
  hasCertificates: v.exactOptional(v.boolean()),
  hasTimeZones: v.exactOptional(v.boolean()),
  isExact: v.exactOptional(v.boolean()),
  size: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
  compressed: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
  date: v.exactOptional(v.pipe(text, v.regex(/^\d{4}-\d\d(-\d\d)?$/))),
  note: v.exactOptional(text),
});

export const ownImageRows = v.strictObject({ images: v.array(ownImage) });
