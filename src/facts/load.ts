/** The fact rows that dfopt ships, checked against their shapes. An edge: the core is handed them. */
import * as v from 'valibot';
import hiddenInstallers from './hidden-installers.json' with { type: 'json' };
import managers from './managers.json' with { type: 'json' };
import recommended from './recommended.json' with { type: 'json' };
import recommends from './recommends.json' with { type: 'json' };
import rules from './rules.json' with { type: 'json' };
import toolAges from './tool-ages.json' with { type: 'json' };
import type { Facts } from './types.ts';

const text = v.pipe(v.string(), v.minLength(1));
const texts = v.array(text);
const pattern = v.pipe(
  text,
  v.check((value) => {
    try {
      return new RegExp(`^(?:${value})$`) instanceof RegExp;
    } catch {
      return false;
    }
  }, 'a pattern must be a regular expression'),
);
const patterns = v.array(pattern);

const action = v.picklist([
  'install',
  'upgrade',
  'update',
  'remove',
  'clean',
  'read-lists',
  'configure',
]);

const manager = v.strictObject({
  id: text,
  programs: v.pipe(patterns, v.minLength(1)),
  database: v.exactOptional(v.pipe(texts, v.minLength(1))),
  through: v.array(v.strictObject({ program: pattern, words: texts })),
  valueOptions: texts,
  actions: v.record(text, action),
  bareAction: v.exactOptional(action),
  flags: v.array(
    v.strictObject({
      purpose: v.picklist(['recommends', 'yes', 'cache', 'docs']),
      add: text,
      actions: v.array(action),
      settledBy: patterns,
      settledByEnv: texts,
      settledByText: patterns,
      replaces: texts,
    }),
  ),
  leaves: v.array(
    v.strictObject({
      id: text,
      what: text,
      actions: v.array(action),
      paths: v.pipe(texts, v.minLength(1)),
      neededByLaterInstalls: v.boolean(),
      remove: v.exactOptional(text),
      cleanWith: v.exactOptional(texts),
      settledByEnv: texts,
      settledBy: patterns,
      readOfflineBy: patterns,
      onlyOn: v.exactOptional(texts),
      shownBy: v.exactOptional(patterns),
      assumes: v.exactOptional(text),
    }),
  ),
  source: text,
});

const recommendedPackage = v.strictObject({
  package: text,
  why: text,
  named: v.exactOptional(v.boolean()),
  when: v.exactOptional(texts),
  suites: v.exactOptional(texts),
});

const facts = v.strictObject({
  managers: v.array(manager),
  hiddenInstallers: v.strictObject({
    installers: v.array(
      v.strictObject({ program: pattern, words: v.exactOptional(pattern), why: text }),
    ),
    plainScripts: patterns,
    source: text,
  }),
  toolAges: v.array(
    v.strictObject({
      flag: text,
      since: text,
      newImages: patterns,
      oldImages: patterns,
      shownBy: patterns,
      settledOn: v.exactOptional(patterns),
      source: text,
    }),
  ),
  rules: v.array(
    v.strictObject({ tool: v.picklist(['hadolint', 'buildkit']), rule: text, passes: texts }),
  ),
  recommends: v.strictObject({
    source: text,
    names: texts,
    packages: v.record(text, v.array(v.number())),
  }),
  recommended: v.strictObject({
    manager: text,
    source: text,
    keep: v.array(recommendedPackage),
    spare: v.array(recommendedPackage),
  }),
});

let loaded: Facts | undefined;

/** @throws where a shipped row does not have its shape: a bug of dfopt, never of its user. */
export function loadFacts(): Facts {
  loaded ??= v.parse(facts, {
    managers,
    hiddenInstallers,
    toolAges,
    rules,
    recommends,
    recommended,
  });
  return loaded;
}
