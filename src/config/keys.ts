/** The keys of a configuration file, and what each means. Everything else is made of this table. */
import { BUILDERS, FRONTEND_VERSION, type BuilderName } from '../builder.ts';
import { LEVELS, type Level, type PassWords, type PassOption } from '../pass.ts';
import type { Key, Shape } from './shape.ts';

/** What may be said for all files and for some of them. */
export interface Settings {
  readonly level?: Level;
  readonly select?: readonly string[];
  readonly skip?: readonly string[];
  readonly passes?: Readonly<Record<string, PassSettings>>;
  readonly builder?: BuilderName;
  readonly frontend?: string;
  /** Rows about images, or the path of a JSON file with them from the folder of the configuration. */
  readonly images?: string | readonly object[];
}

export interface PassSettings {
  readonly off?: boolean;
  readonly options?: Readonly<Record<string, string | boolean | readonly string[]>>;
}

export interface Override extends Settings {
  /** Patterns as in .gitignore, from the folder of the configuration. */
  readonly files: readonly string[];
}

export interface Configuration extends Settings {
  /** Patterns as in .gitignore, from the folder of the configuration. */
  readonly ignore?: readonly string[];
  readonly overrides?: readonly Override[];
}

const PATTERNS: Shape = { kind: 'list', of: { kind: 'text' } };

/** @param passes those that there are, with their options */
export function configurationShape(
  passes: readonly PassWords[],
): Shape & { readonly kind: 'object' } {
  const settings = settingKeys(passes);
  return {
    kind: 'object',
    noun: 'key',
    keys: {
      $schema: {
        shape: { kind: 'text' },
        description: 'Where the schema of this file is, for editors.',
      },
      ...settings,
      ignore: {
        shape: PATTERNS,
        description:
          'Files that are not rewritten: patterns as in .gitignore, from the folder of this file.',
      },
      overrides: {
        shape: { kind: 'list', of: override(settings) },
        description:
          'Other values for some files. Where several say something, the last one counts.',
      },
    },
  };
}

function override(settings: Readonly<Record<string, Key>>): Shape {
  return {
    kind: 'object',
    noun: 'key of an override',
    required: ['files'],
    keys: {
      files: {
        shape: PATTERNS,
        description: 'For which files: patterns as in .gitignore, from the folder of this file.',
      },
      ...settings,
    },
  };
}

function settingKeys(passes: readonly PassWords[]): Readonly<Record<string, Key>> {
  const ids: Shape = {
    kind: 'list',
    of: { kind: 'choice', noun: 'pass', values: passes.map(({ id }) => id) },
  };
  return {
    level: {
      shape: { kind: 'choice', noun: 'level', values: LEVELS },
      description: 'How much an edit may assume.',
    },
    select: { shape: ids, description: 'Only these passes.' },
    skip: { shape: ids, description: 'Not these passes.' },
    passes: {
      shape: { kind: 'object', noun: 'pass', keys: Object.fromEntries(passes.map(passKey)) },
      description: 'Single passes: whether they are off, and their options.',
    },
    builder: {
      shape: { kind: 'choice', noun: 'builder', values: BUILDERS },
      description: 'What builds the result, and so what it may be written in.',
    },
    frontend: {
      shape: { kind: 'text', pattern: FRONTEND_VERSION, example: '1.5' },
      description: 'The oldest docker/dockerfile that BuildKit may have.',
    },
    images: {
      shape: {
        kind: 'either',
        of: [{ kind: 'text' }, { kind: 'list', of: { kind: 'open' } }],
      },
      description:
        'Rows about images of your own, as --images has them: a list of them, or the path of the JSON file from the folder of this file.',
    },
  };
}

function passKey({ id, summary, options = {} }: PassWords): [string, Key] {
  const keys = {
    off: { shape: { kind: 'switch' } as const, description: 'The pass makes no edits.' },
    options: {
      shape: {
        kind: 'object',
        noun: `option of ${id}`,
        keys: Object.fromEntries(Object.entries(options).map(optionKey)),
      } as const,
      description: 'Its options, as dfopt explain shows them.',
    },
  };
  return [id, { shape: { kind: 'object', noun: 'key of a pass', keys }, description: summary }];
}

function optionKey([name, { default: standard, description }]: [string, PassOption]): [
  string,
  Key,
] {
  if (typeof standard === 'string') return [name, { shape: { kind: 'text' }, description }];
  const shape: Shape =
    typeof standard === 'boolean' ? { kind: 'switch' } : { kind: 'list', of: { kind: 'text' } };
  return [name, { shape, description }];
}
