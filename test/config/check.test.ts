/** Does a configuration say what is wrong with it, at which key, and what was meant? */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { passes } from '../../passes/index.ts';
import published from '../../schemas/config-1.json' with { type: 'json' };
import { checkConfiguration } from '../../src/config/check.ts';
import { configurationSchema } from '../../src/config/json-schema.ts';
import { configurationShape } from '../../src/config/keys.ts';
import { configurationTemplate } from '../../src/config/template.ts';

const SHAPE = configurationShape(passes);

function problem(value: unknown): string | undefined {
  const checked = checkConfiguration(value, SHAPE);
  return checked.kind === 'problem' ? checked.why : undefined;
}

const RIGHT: readonly unknown[] = [
  {},
  { $schema: 'x', level: 'safe', builder: 'kaniko' },
  { frontend: '1.5', select: ['merge-runs'], skip: [] },
  {
    passes: { 'merge-runs': { off: false, options: { all: true } }, 'use-scratch': { off: true } },
  },
  { images: 'images.json' },
  { images: [{ name: 'acme/base', like: 'debian:12' }] },
  { ignore: ['vendor/'], overrides: [{ files: ['a/**'], level: 'aggressive' }] },
];

const WRONG: readonly (readonly [unknown, string])[] = [
  [{ level: 'standart' }, 'level: "standart": did you mean "standard"?'],
  [{ level: 'x' }, 'level: "x": there are safe, standard, aggressive'],
  [{ level: 3 }, 'level: 3: it must be one of safe, standard, aggressive'],
  [{ levl: 'safe' }, 'levl: there is no such key; did you mean "level"?'],
  [{ skip: ['merge-run'] }, 'skip[0]: "merge-run": did you mean "merge-runs"?'],
  [{ skip: 'merge-runs' }, 'skip: "merge-runs": it must be a list of names of a pass'],
  [
    { passes: { 'use-scrach': {} } },
    'passes.use-scrach: there is no such pass; did you mean "use-scratch"?',
  ],
  [
    { passes: { 'merge-runs': { of: true } } },
    'passes.merge-runs.of: there is no such key of a pass; did you mean "off"?',
  ],
  [
    { passes: { 'merge-runs': { options: { al: true } } } },
    'passes.merge-runs.options.al: there is no such option of merge-runs; did you mean "all"?',
  ],
  [
    { passes: { 'merge-runs': { options: { all: 'yes' } } } },
    'passes.merge-runs.options.all: "yes": it must be true or false',
  ],
  [
    { passes: { 'leave-root': { options: { all: true } } } },
    'passes.leave-root.options.all: there is no such option of leave-root; there is none',
  ],
  [{ frontend: '2' }, 'frontend: "2": it must be a text such as "1.5"'],
  [{ frontend: 1.5 }, 'frontend: 1.5: it must be a text such as "1.5", in quotes'],
  [{ images: 3 }, 'images: 3: it must be a text or a list of objects'],
  [{ overrides: [{ level: 'safe' }] }, 'overrides[0].files: it is missing'],
  [
    { overrides: [{ files: ['a'], ignore: ['b'] }] },
    'overrides[0].ignore: there is no such key of an override; there are',
  ],
  [
    { overrides: [{ files: ['a'], level: 'save' }] },
    'overrides[0].level: "save": did you mean "safe"?',
  ],
  ['safe', '"safe": it must be an object with keys'],
  [[], 'a list: it must be an object with keys'],
  [{ passes: [] }, 'passes: a list: it must be an object with keys'],
  [null, 'null: it must be an object with keys'],
];

describe('a configuration', () => {
  it.each(RIGHT)('may be %j', (value) => {
    expect(problem(value)).toBeUndefined();
  });

  it.each(WRONG)('cannot be %j', (value, why) => {
    expect(problem(value)).toContain(why);
  });
});

describe('the published schema', () => {
  it('is made of the table', () => {
    const made: unknown = JSON.parse(JSON.stringify(configurationSchema(SHAPE)));
    expect(published, 'run "npm run docs"').toEqual(made);
  });

  it('agrees on what is right and wrong', () => {
    const isValid = new Ajv2020().compile(published);
    for (const value of RIGHT) expect(isValid(value), JSON.stringify(value)).toBe(true);
    for (const [value] of WRONG) expect(isValid(value), JSON.stringify(value)).toBe(false);
  });
});

describe('the file of dfopt init', () => {
  const text = configurationTemplate(SHAPE);

  it('says nothing as it is', () => {
    expect(parse(text)).toBeNull();
  });

  it('is a configuration with every key where its comments are taken away', () => {
    const value: unknown = parse(text.replace(/^#(?! [A-Z"])/gm, ''));
    expect(problem(value)).toBeUndefined();
    const keys = Object.keys(SHAPE.keys).filter((key) => key !== '$schema');
    expect(Object.keys(value as object)).toEqual(keys);
  });
});
