/**
 * Requests and answers held against GitHub's own description of its API (`openapi.json`, made by
 * `scripts/github-openapi.mjs`). It cannot know of states, permissions or diffs: the rest of the fake does.
 */
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { Route } from './http.ts';
import whole from './openapi.json' with { type: 'json' };

type Schema = Readonly<Record<string, unknown>>;

interface Operation {
  readonly parameters: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: Body & { readonly required: boolean };
  readonly responses: Readonly<Record<string, Body>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Body {
  readonly content?: { readonly 'application/json': { readonly schema: Schema } };
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly schemas: Readonly<Record<string, Schema>>;
  };
}

export interface Checker {
  /** What is wrong with a request; nothing where all is right. */
  readonly ofRequest: (route: Route, query: URLSearchParams, body: unknown) => readonly string[];
  /** What the fake itself answers in another shape than GitHub; fields may be missing. */
  readonly ofAnswer: (route: Route, status: number, body: unknown) => readonly string[];
}

const COMBINATORS = ['allOf', 'anyOf', 'oneOf'];

const map = (value: unknown, change: (schema: Schema) => Schema, isNames = false): unknown => {
  if (Array.isArray(value)) return value.map((item) => map(item, change));
  if (value === null || typeof value !== 'object') return value;
  const own = isNames ? (value as Schema) : change(value as Schema);
  return Object.fromEntries(
    Object.entries(own).map(([key, inner]) => [
      key,
      map(inner, change, !isNames && key === 'properties'),
    ]),
  );
};

/** `nullable` beside a list of values, a combinator or a reference, where JSON Schema ignores it. */
const orNull = (schema: Schema): Schema => {
  const { nullable, ...rest } = schema;
  if (nullable !== true) return schema;
  const allowed = schema['enum'];
  if (Array.isArray(allowed)) return { ...schema, enum: [...new Set<unknown>([...allowed, null])] };
  if (schema['type'] !== undefined) return schema;
  return { anyOf: [rest, { type: 'null' }] };
};

/** GitHub takes fields that it does not know, and does nothing with them: a slip of the pen. */
const closed = (schema: Schema): Schema => {
  const isOpen =
    schema['properties'] === undefined ||
    schema['additionalProperties'] !== undefined ||
    COMBINATORS.some((key) => schema[key] !== undefined);
  return isOpen ? schema : { ...schema, additionalProperties: false };
};

/** The fake sends the fields that clients read, not all that GitHub sends. */
const partial = (schema: Schema): Schema => {
  const rest = Object.entries(schema).filter(([key]) => key !== 'required');
  return Object.fromEntries(rest.map(([key, own]) => [key === 'oneOf' ? 'anyOf' : key, own]));
};

const problemsOf = (validate: ValidateFunction, value: unknown): readonly string[] => {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath || 'body'} ${message ?? 'is wrong'} ${JSON.stringify(params)}`,
  );
};

/** GitHub sends null for comments that are outdated and forks that are gone; it does not say so. */
const UNDESCRIBED = /\/(line|position) must be integer|\/head\/repo must be object/;

let shared: Checker | undefined;

/** One for all fakes of a process: schemas are compiled when they are first asked for. */
export const checker = (): Checker => (shared ??= makeChecker());

const makeChecker = (): Checker => {
  const description = whole as unknown as Description;
  const engine = (change: (schema: Schema) => Schema, coerceTypes: boolean): Ajv => {
    const ajv = new Ajv({
      strict: false,
      allErrors: true,
      coerceTypes,
      validateFormats: true,
      inlineRefs: false,
      code: { optimize: false },
    });
    formats.default(ajv);
    ajv.addFormat('repo.nwo', /^[\w.-]+\/[\w.-]+$/);
    const components = map(description.components, (own) => change(orNull(own))) as object;
    return ajv.addSchema({ $id: 'github', components });
  };
  const requests = engine(closed, false);
  const queries = engine((schema) => schema, true);
  const answers = engine(partial, false);
  const compiled = new Map<string, ValidateFunction>();
  const compile = (
    ajv: Ajv,
    key: string,
    schema: () => Schema,
    change: (schema: Schema) => Schema,
  ): ValidateFunction => {
    const known = compiled.get(key);
    if (known) return known;
    // References inside point at the description, which has a name of its own here.
    const own = map(schema(), (at) => {
      const { $ref } = at;
      return change(orNull(typeof $ref === 'string' ? { ...at, $ref: `github${$ref}` } : at));
    });
    const validate = ajv.compile(own as Schema);
    compiled.set(key, validate);
    return validate;
  };
  const operationOf = ({ method, path }: Route): Operation | undefined =>
    description.paths[path]?.[method.toLowerCase()];
  const parameterOf = (own: Operation['parameters'][number]): Parameter | undefined =>
    '$ref' in own ? description.components.parameters[own.$ref.split('/').at(-1)!] : own;

  const querySchema = (operation: Operation): Schema => {
    const parameters = operation.parameters
      .map(parameterOf)
      .filter((own) => own !== undefined)
      .filter((own) => own.in === 'query');
    return {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
      required: parameters.filter(({ required }) => required).map(({ name }) => name),
    };
  };

  return {
    ofRequest: (route, query, body) => {
      const operation = operationOf(route);
      if (!operation) return [];
      const key = `${route.method} ${route.path}`;
      const asked = compile(
        queries,
        `? ${key}`,
        () => querySchema(operation),
        (own) => own,
      );
      const problems = problemsOf(asked, Object.fromEntries(query)).map((own) => `query ${own}`);
      const { requestBody } = operation;
      const schema = requestBody?.content?.['application/json'].schema;
      if (body === undefined) {
        return requestBody?.required === true ? [...problems, 'a body is required'] : problems;
      }
      if (!schema) return route.method === 'GET' ? problems : [...problems, 'it takes no body'];
      const validate = compile(requests, key, () => schema, closed);
      return [...problems, ...problemsOf(validate, body)];
    },
    ofAnswer: (route, status, body) => {
      const operation = operationOf(route);
      if (!operation || status >= 300 || Buffer.isBuffer(body)) return [];
      const response = operation.responses[String(status)];
      if (!response) return [`GitHub answers no ${status}`];
      const schema = response.content?.['application/json'].schema;
      if (!schema) return body === undefined ? [] : ['GitHub answers without a body'];
      const key = `${status} ${route.method} ${route.path}`;
      const validate = compile(answers, key, () => schema, partial);
      return problemsOf(validate, body).filter((problem) => !UNDESCRIBED.test(problem));
    },
  };
};
