/** Reads a GraphQL document: operations, fragments, fields with arguments and variables; no more. */

export interface Field {
  readonly name: string;
  /** What the answer calls it. */
  readonly alias: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly fields: readonly Field[];
}

export interface Operation {
  readonly kind: 'query' | 'mutation';
  readonly fields: readonly Field[];
}

const TOKEN = /\s+|,|#[^\n]*|"(?:\\.|[^"\\])*"|\.\.\.|[!$():=@[\]{|}&]|-?\d+(?:\.\d+)?|\w+/gy;

const tokensOf = (text: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) throw new Error(`Parse error on "${text.slice(at, at + 10)}"`);
    if (!/^[\s,#]/.test(token)) tokens.push(token);
  }
  return tokens;
};

/** @throws Error where it is no document that this reads */
export const parseDocument = (
  text: string,
  variables: Readonly<Record<string, unknown>>,
): Operation => {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = (): string => tokens[at] ?? '';
  const next = (): string => {
    const token = tokens[at++];
    if (token === undefined) throw new Error('Parse error: unexpected end of document');
    return token;
  };
  const expect = (wanted: string): void => {
    const token = next();
    if (token !== wanted) throw new Error(`Parse error on "${token}": expected "${wanted}"`);
  };
  const isNext = (token: string): boolean => {
    if (peek() !== token) return false;
    at++;
    return true;
  };

  const value = (): unknown => {
    const token = next();
    if (token === '$') return variables[next()];
    if (token.startsWith('"')) return JSON.parse(token);
    if (/^-?\d/.test(token)) return Number(token);
    if (token === 'true' || token === 'false') return token === 'true';
    if (token === 'null') return null;
    if (token === '[') {
      const items: unknown[] = [];
      while (!isNext(']')) items.push(value());
      return items;
    }
    if (token === '{') return pairs('}');
    // An enum's value is a word.
    return token;
  };
  const pairs = (end: string): Record<string, unknown> => {
    const found: Record<string, unknown> = {};
    while (!isNext(end)) {
      const name = next();
      expect(':');
      found[name] = value();
    }
    return found;
  };
  const bodies = new Map<string, readonly Field[]>();
  const waiting: { readonly into: Field[]; readonly name: string }[] = [];
  const selection = (): Field[] => {
    expect('{');
    const fields: Field[] = [];
    while (!isNext('}')) {
      if (isNext('...')) {
        if (isNext('on')) next();
        else if (peek() !== '{') {
          waiting.push({ into: fields, name: next() });
          continue;
        }
        fields.push(...selection());
        continue;
      }
      const alias = next();
      const name = isNext(':') ? next() : alias;
      const args = isNext('(') ? pairs(')') : {};
      fields.push({ name, alias, args, fields: peek() === '{' ? selection() : [] });
    }
    return fields;
  };
  let operation: Operation | undefined;
  while (at < tokens.length) {
    if (isNext('fragment')) {
      const name = next();
      expect('on');
      next();
      bodies.set(name, selection());
      continue;
    }
    const kind = peek() === '{' ? 'query' : next();
    if (kind !== 'query' && kind !== 'mutation') throw new Error(`Parse error on "${kind}"`);
    while (peek() !== '{' || tokens[at - 1] === '=') next();
    operation = { kind, fields: selection() };
  }
  for (const { into, name } of waiting) into.push(...(bodies.get(name) ?? []));
  if (!operation) throw new Error('A query attribute must be specified and must be a string.');
  return operation;
};
