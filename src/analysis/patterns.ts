/** Patterns of fact rows as regular expressions, compiled once. */

const compiled = new Map<string, RegExp>();

function regex(source: string): RegExp {
  let pattern = compiled.get(source);
  if (!pattern) compiled.set(source, (pattern = new RegExp(source)));
  return pattern;
}

/** Whether the whole text matches the pattern. */
export function matchesWhole(pattern: string, text: string): boolean {
  return regex(`^(?:${pattern})$`).test(text);
}

export function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => matchesWhole(pattern, text));
}

/** Whether the pattern occurs anywhere in the text. */
export function occursIn(pattern: string, text: string): boolean {
  return regex(pattern).test(text);
}
