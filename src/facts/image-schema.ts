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
const answer = v.picklist(['yes', 'no']);
const libc = v.picklist(['glibc', 'musl', 'none']);

const kindFields = {
  kind: v.exactOptional(pattern),
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
  heads: v.exactOptional(v.array(text)),
  tags: v.exactOptional(v.record(v.string(), v.record(text, v.number()))),
  words: v.exactOptional(v.record(text, text)),
  hasDays: v.exactOptional(v.boolean()),
  moves: v.exactOptional(v.record(v.string(), v.record(v.string(), text))),
  sizes: v.exactOptional(v.record(v.string(), v.record(text, v.array(text)))),
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
    }),
  ),
  commands: v.record(text, v.string()),
  packages: v.string(),
  lists: v.array(v.pipe(v.string(), v.regex(/^[\d. -]*$/))),
  endsOfLife: v.record(
    text,
    v.strictObject({ what: text, dates: v.record(text, text), source: text }),
  ),
  repositories: v.array(repository),
});
