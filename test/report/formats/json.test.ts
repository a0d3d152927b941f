import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import schema from '../../../schemas/report-1.json' with { type: 'json' };
import { json } from '../../../src/report/formats/json.ts';
import { CONTROL, corpusReport, ERRORS, FAILED, hostileReport, runOf } from './support.ts';

/** Readers shall not mind new properties; this test shall, as the schema is where they are explained. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, strict(each)]);
  return {
    ...(Object.fromEntries(entries) as object),
    ...('properties' in value && 'type' in value && { additionalProperties: false }),
  };
}

const compile = (each: unknown): ValidateFunction =>
  new Ajv2020({ allErrors: true }).compile(each as object);
const asPublished = compile(schema);
const asMeant = compile(strict(schema));

describe('JSON', () => {
  it.each([
    ['rewritten applications', [corpusReport('node/express-server', 'aggressive')]],
    ['a divided stage', [corpusReport('java/fat-jar'), corpusReport('node/cli-tool')]],
    ['files with errors', [ERRORS, FAILED]],
    ['hostile text', [hostileReport()]],
    ['no file', []],
  ])('of %s is what the schema says', (_, reports) => {
    const text = json(runOf(reports));
    const value: unknown = JSON.parse(text);
    expect(asPublished(value), JSON.stringify(asPublished.errors)).toBe(true);
    expect(asMeant(value), JSON.stringify(asMeant.errors)).toBe(true);
    expect(text).not.toMatch(CONTROL);
    expect(value).toMatchObject({ version: 1, files: reports.map(({ file }) => ({ file })) });
  });

  it('would not pass with another version, or a remark without its outcome', () => {
    const value = JSON.parse(json(runOf([corpusReport('node/express-server')]))) as {
      version: number;
      files: { remarks: Record<string, unknown>[] }[];
    };
    expect(asPublished({ ...value, version: 2 })).toBe(false);
    delete value.files[0]!.remarks[0]!['outcome'];
    expect(asPublished(value)).toBe(false);
  });
});
