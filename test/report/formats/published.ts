/**
 * Schemas of other people's formats, for tests. Those here are written by hand after the standards: the
 * part that dfopt uses, and stricter, as nothing else may be there. With PUBLISHED_SCHEMAS, a folder
 * with sarif-schema-2.1.0.json (oasis-tcs/sarif-spec, sarif-2.1/schema) and DiagnosticResult.json
 * (reviewdog/reviewdog, proto/rdf/jsonschema), the published ones are asked as well.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

const PUBLISHED = process.env['PUBLISHED_SCHEMAS'];

/** What is wrong with a value by each of the schemas; empty where it is right. */
export function schemaProblems(value: unknown, own: object, published: string): readonly string[] {
  const schemas = [own, ...(PUBLISHED === undefined ? [] : [read(join(PUBLISHED, published))])];
  return schemas.flatMap((schema) => {
    const validate = compile(schema);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  });
}

function compile(schema: object): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, strict: false });
  formats.default(ajv);
  return ajv.compile(schema);
}

/** The published ones are of draft 4, whose names for itself ajv does not know. */
function read(path: string): object {
  const {
    $schema: _schema,
    id: _id,
    ...rest
  } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  return rest;
}

const TEXT = { type: 'string', minLength: 1 };
const LINE = { type: 'integer', minimum: 1 };

function object(
  properties: Readonly<Record<string, unknown>>,
  required: readonly string[] = Object.keys(properties),
): object {
  return { type: 'object', properties, required, additionalProperties: false };
}

function list(items: unknown, minItems = 0): object {
  return { type: 'array', items, minItems };
}

const message = object({ text: TEXT });

/** SARIF 2.1.0, 3.4: a name from the top of the repository is relative to a base. */
const artifactLocation = object(
  {
    uri: { type: 'string', format: 'uri-reference', minLength: 1 },
    uriBaseId: { const: '%SRCROOT%' },
  },
  ['uri'],
);

const region = object({ startLine: LINE, startColumn: LINE, endLine: LINE, endColumn: LINE }, [
  'startLine',
  'startColumn',
  'endLine',
]);

/** 3.55 to 3.57: none of the lists may be empty. */
const fix = object({
  description: message,
  artifactChanges: list(
    object({
      artifactLocation,
      replacements: list(
        object({ deletedRegion: region, insertedContent: object({ text: TEXT }) }, [
          'deletedRegion',
        ]),
        1,
      ),
    }),
    1,
  ),
});

/** 3.27.9: what is no failure has no level. */
const kindAndLevel = {
  if: { properties: { kind: { const: 'fail' } } },
  // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
  then: { properties: { level: { enum: ['error', 'warning', 'note'] } } },
  else: { properties: { level: { const: 'none' } } },
};

const result = {
  ...object(
    {
      ruleId: TEXT,
      ruleIndex: { type: 'integer', minimum: 0 },
      kind: { enum: ['fail', 'informational'] },
      level: { enum: ['error', 'warning', 'note', 'none'] },
      message,
      locations: list(
        object({ physicalLocation: object({ artifactLocation, region }, ['artifactLocation']) }),
        1,
      ),
      partialFingerprints: { type: 'object', minProperties: 1, additionalProperties: TEXT },
      fixes: list(fix, 1),
      properties: { type: 'object' },
    },
    ['ruleId', 'ruleIndex', 'kind', 'level', 'message', 'locations', 'partialFingerprints'],
  ),
  ...kindAndLevel,
};

const rule = object(
  {
    id: TEXT,
    shortDescription: message,
    fullDescription: message,
    help: message,
    helpUri: { type: 'string', format: 'uri' },
    defaultConfiguration: object({ level: { enum: ['warning'] } }),
    properties: object({ tags: { ...list(TEXT), uniqueItems: true }, dfoptLevel: TEXT }),
  },
  ['id', 'shortDescription'],
);

export const SARIF = object({
  $schema: { type: 'string', format: 'uri' },
  version: { const: '2.1.0' },
  runs: list(
    object({
      tool: object({
        driver: object({
          name: { const: 'dfopt' },
          version: TEXT,
          semanticVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+' },
          rules: { ...list(rule), uniqueItems: true },
        }),
      }),
      columnKind: { const: 'utf16CodeUnits' },
      newlineSequences: { const: ['\r\n', '\n'] },
      invocations: list(object({ executionSuccessful: { type: 'boolean' } }), 1),
      results: list(result),
    }),
    1,
  ),
});

const position = object({ line: LINE });
const range = object({ start: position, end: position });

/** Reviewdog's DiagnosticResult, of which dfopt uses ranges of whole lines only. */
export const RDJSON = object({
  source: object({ name: { const: 'dfopt' } }),
  diagnostics: list(
    object(
      {
        message: TEXT,
        location: object({ path: TEXT, range }, ['path']),
        severity: { enum: ['ERROR', 'WARNING', 'INFO'] },
        code: object({ value: TEXT, url: { type: 'string', format: 'uri' } }, ['value']),
        suggestions: { ...list(object({ range, text: { type: 'string' } }), 1), maxItems: 1 },
      },
      ['message', 'location', 'severity', 'code'],
    ),
  ),
});
