/**
 * JSON and YAML of a project's files, parsed once: many questions are asked of one lockfile, which may
 * have a hundred thousand lines. Nobody may change what comes out of here.
 */
import { parse } from 'yaml';

/** A run looks at few files at a time; more would only be kept for nothing. */
const MOST = 24;

/** @throws SyntaxError */
export const parseJson = remembered((text) => JSON.parse(text.replace(/^\ufeff/, '')) as unknown);

/** @throws YAMLParseError */
export const parseYaml = remembered((text) => parse(text, { logLevel: 'error' }) as unknown);

function remembered(read: (text: string) => unknown): (text: string) => unknown {
  const known = new Map<string, unknown>();
  return (text) => {
    if (known.has(text)) return known.get(text);
    const value = read(text);
    const oldest = known.keys().next();
    if (known.size >= MOST && oldest.done === false) known.delete(oldest.value);
    known.set(text, value);
    return value;
  };
}
