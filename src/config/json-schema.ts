/** The JSON Schema of configuration files, for editors: schemas/config-1.json, by `npm run docs`. */
import type { Shape } from './shape.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** @param shape from `configurationShape` */
export function configurationSchema(shape: Shape): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A configuration file of dfopt, version 1',
    ...schemaOf(shape),
  };
}

function schemaOf(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case 'choice':
      return { enum: shape.values };
    case 'text':
      return { type: 'string', ...(shape.pattern && { pattern: shape.pattern.source }) };
    case 'switch':
      return { type: 'boolean' };
    case 'list':
      return { type: 'array', items: schemaOf(shape.of) };
    case 'either':
      return { anyOf: shape.of.map(schemaOf) };
    case 'open':
      return { type: 'object' };
    case 'object': {
      const properties = Object.entries(shape.keys).map(([name, key]) => [
        name,
        { description: key.description, ...schemaOf(key.shape) },
      ]);
      return {
        type: 'object',
        ...(shape.required && { required: shape.required }),
        additionalProperties: false,
        properties: Object.fromEntries(properties) as JsonSchema,
      };
    }
  }
}
