/** How the keys of a configuration file are described: one table that is read in several ways. */

export type Shape =
  /** One of these words; `noun` says what they are. */
  | { readonly kind: 'choice'; readonly noun: string; readonly values: readonly string[] }
  /** A text; where it has a form, an example of it. */
  | { readonly kind: 'text'; readonly pattern?: RegExp; readonly example?: string }
  | { readonly kind: 'switch' }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'either'; readonly of: readonly Shape[] }
  /** An object of which this table says nothing: what is in it is checked where it is used. */
  | { readonly kind: 'open' }
  /** No other keys than these; `noun` says what they are. */
  | {
      readonly kind: 'object';
      readonly noun: string;
      readonly keys: Readonly<Record<string, Key>>;
      readonly required?: readonly string[];
    };

export interface Key {
  readonly shape: Shape;
  /** A sentence or two. */
  readonly description: string;
}

export type PathPart = string | number;

/** What may stand at a path; `undefined` where the table has no such place. */
export function shapeAt(shape: Shape, path: readonly PathPart[]): Shape | undefined {
  const [part, ...rest] = path;
  if (part === undefined) return shape;
  if (shape.kind === 'list') return shapeAt(shape.of, rest);
  if (shape.kind === 'either') {
    return shape.of.map((each) => shapeAt(each, path)).find((each) => each !== undefined);
  }
  if (shape.kind !== 'object' || !Object.hasOwn(shape.keys, part)) return undefined;
  return shapeAt(shape.keys[part]!.shape, rest);
}

/** In words for a message: `a list of texts`. */
export function shapeInWords(shape: Shape): string {
  switch (shape.kind) {
    case 'choice':
      return `one of ${shape.values.join(', ')}`;
    case 'text':
      return shape.example === undefined ? 'a text' : `a text such as "${shape.example}"`;
    case 'switch':
      return 'true or false';
    case 'list':
      return `a list of ${manyInWords(shape.of)}`;
    case 'either':
      return shape.of.map(shapeInWords).join(' or ');
    case 'open':
    case 'object':
      return 'an object with keys';
  }
}

function manyInWords(shape: Shape): string {
  if (shape.kind === 'choice') return `names of a ${shape.noun}`;
  return shape.kind === 'text' ? 'texts' : 'objects';
}
