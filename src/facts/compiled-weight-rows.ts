/** The shape of compiled-weights.json, as a check. */
import * as v from 'valibot';
import type { Span } from './compiled-weight-types.ts';
import { count, pattern, text, texts } from './shapes.ts';

const share = v.pipe(v.number(), v.minValue(0));

const inOrder = ({ bytes, low, high }: Span): boolean => low <= bytes && bytes <= high;

const figures = { bytes: count, low: count, high: count };
const span = v.pipe(
  v.strictObject(figures),
  v.check((each) => inOrder(each), 'a figure must lie in its range'),
);
const named = v.pipe(
  v.strictObject({ name: pattern, ...figures }),
  v.check((each) => inOrder(each), 'a figure must lie in its range'),
);
const release = v.pipe(text, v.regex(/^1\.\d+$/, 'not a release of Go'));
const byLevel = v.strictObject({ none: share, size: share, speed: share });
const byLanguage = v.strictObject({ c: count, cpp: count });
const code = v.strictObject({ base: count, perSource: share });
const crate = { built: span, linked: span, fetched: span };

export const compiledWeightRows = v.strictObject({
  go: v.strictObject({
    source: text,
    version: release,
    names: text,
    rows: v.pipe(text, v.regex(/^[0-9a-z \n,-]+$/)),
    keepsMethods: texts,
    linkedShare: v.strictObject({ usual: share, kept: share }),
    program: v.strictObject({ base: v.number(), factor: share, range: share }),
    stripped: share,
    withoutDebug: share,
    perSource: v.strictObject({ linked: share, archive: share }),
    cache: v.strictObject({
      since: release,
      more: share,
      package: count,
      first: count,
      range: share,
      withC: count,
    }),
    perRelease: v.strictObject({ share, range: share }),
    ofSuites: v.record(text, release),
    unseen: v.strictObject({ program: span, cache: span }),
    modules: v.array(named),
    module: span,
    linkedModules: v.array(named),
    linkedModule: span,
    modulesImport: texts,
  }),
  rust: v.strictObject({
    source: text,
    release: code,
    debug: code,
    stripped: share,
    smallest: share,
    debugInfo: share,
    static: count,
    range: share,
    fingerprint: count,
    records: count,
    testFactor: v.strictObject({ release: share, debug: share }),
    buildScript: count,
    incremental: code,
    crates: v.array(v.strictObject({ name: pattern, ...crate })),
    crate: v.strictObject(crate),
    debugShare: share,
    index: span,
    unseen: v.strictObject({ program: span, target: span }),
  }),
  c: v.strictObject({
    source: text,
    program: byLanguage,
    static: byLanguage,
    stripped: share,
    perSource: byLevel,
    object: count,
    objectFactor: share,
    debug: v.strictObject({
      perSource: byLevel,
      perFile: count,
      headers: share,
      objectFactor: share,
    }),
    headers: v.array(v.strictObject({ name: pattern, bytes: count })),
    range: share,
    cmake: v.strictObject({ first: count, files: count, perTarget: count, perSource: count }),
    meson: count,
    autotools: span,
    unseen: span,
  }),
  java: v.strictObject({
    source: text,
    classes: v.strictObject({
      base: count,
      perCharacter: share,
      debug: share,
      traits: v.array(
        v.strictObject({
          pattern: v.string(),
          bytes: v.number(),
          isEach: v.exactOptional(v.literal(true)),
        }),
      ),
    }),
    jar: v.strictObject({ base: count, share }),
    range: share,
    maven: v.pipe(v.array(named), v.minLength(1)),
    plugins: v.array(named),
    plugin: span,
    dependencies: v.array(named),
    dependency: span,
    repositoryShare: share,
    parent: span,
    status: count,
    archiver: count,
    reports: span,
    wrapper: v.pipe(v.array(named), v.minLength(1)),
    gradle: v.strictObject({ caches: span, project: span, dependency: share }),
    distributions: v.pipe(v.array(named), v.minLength(1)),
  }),
  others: v.strictObject({
    source: text,
    dotnet: v.strictObject({
      output: span,
      selfContained: span,
      intermediate: span,
      package: span,
      restore: span,
    }),
    elixir: v.strictObject({ release: span, dependency: span, built: span, hex: span }),
  }),
});
