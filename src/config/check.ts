/** Whether a value is a configuration, and if not, at which key, and what was probably meant. */
import * as v from 'valibot';
import type { Configuration } from './keys.ts';
import { nearest } from './nearest.ts';
import { shapeAt, shapeInWords, type PathPart, type Shape } from './shape.ts';

export type Checked =
  | { readonly kind: 'configuration'; readonly configuration: Configuration }
  /** `level: "standart": did you mean "standard"?` */
  | { readonly kind: 'problem'; readonly why: string };

/** @param shape from `configurationShape` */
export function checkConfiguration(value: unknown, shape: Shape): Checked {
  const parsed = v.safeParse(schemaOf(shape), value);
  if (!parsed.success) return { kind: 'problem', why: problemOf(parsed.issues[0], shape) };
  // The schema is made of the table, which the types follow.
  return { kind: 'configuration', configuration: parsed.output as Configuration };
}

function schemaOf(shape: Shape): v.GenericSchema {
  switch (shape.kind) {
    case 'choice':
      return v.picklist(shape.values);
    case 'text':
      return shape.pattern ? v.pipe(v.string(), v.regex(shape.pattern)) : v.string();
    case 'switch':
      return v.boolean();
    case 'list':
      return v.array(schemaOf(shape.of));
    case 'either':
      return v.union(shape.of.map(schemaOf));
    case 'open':
      return v.looseObject({});
    case 'object': {
      const entries = Object.entries(shape.keys).map(([name, key]) => {
        const schema = schemaOf(key.shape);
        return [name, shape.required?.includes(name) ? schema : v.exactOptional(schema)] as const;
      });
      // A list without entries would be an object without keys.
      const isNoList = v.check((value) => !Array.isArray(value));
      return v.pipe(v.unknown(), isNoList, v.strictObject(Object.fromEntries(entries)));
    }
  }
}

function problemOf(issue: v.BaseIssue<unknown>, root: Shape): string {
  const path = (issue.path ?? []).map(({ key }) => key as PathPart);
  const place = path.length === 0 ? '' : `${placeOf(path)}: `;
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return `${place}${noSuchKey(path, root)}`;
  }
  const shape = shapeAt(root, path);
  const isMissing = issue.path?.at(-1)?.origin === 'key' && issue.input === undefined;
  if (isMissing) return `${place}it is missing`;
  const given = inWords(issue.input);
  if (!shape) return `${place}${given}: ${issue.message}`;
  if (shape.kind === 'choice' && typeof issue.input === 'string') {
    const meant = nearest(issue.input, shape.values);
    const hint =
      meant === undefined ? `there are ${shape.values.join(', ')}` : `did you mean "${meant}"?`;
    return `${place}${given}: ${hint}`;
  }
  const isUnquoted = shape.kind === 'text' && typeof issue.input === 'number';
  return `${place}${given}: it must be ${shapeInWords(shape)}${isUnquoted ? ', in quotes' : ''}`;
}

function noSuchKey(path: readonly PathPart[], root: Shape): string {
  const outer = shapeAt(root, path.slice(0, -1));
  if (outer?.kind !== 'object') return 'there is no such key';
  const names = Object.keys(outer.keys);
  const meant = nearest(String(path.at(-1)), names);
  if (meant !== undefined) return `there is no such ${outer.noun}; did you mean "${meant}"?`;
  const list = names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;
  return `there is no such ${outer.noun}; ${list}`;
}

/** `overrides[0].passes.use-scratch` */
function placeOf(path: readonly PathPart[]): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${part}`))
    .join('');
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
