/** What a registry asks for in `WWW-Authenticate`, by RFC 9110. Pure. */

export interface Challenge {
  /** `bearer`, `basic`, in lower case. */
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** A registry has one or two; more is nonsense. */
const MOST_CHALLENGES = 8;
const MOST_LETTERS = 8192;

const SCHEME = /\s*,*\s*([\w!#$%&'*+.^`|~-]+)(?=[ \t]|,|$)/y;
const PARAMETER =
  /[ \t]*,*[ \t]*([\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y;

/** @param header all headers of that name, joined by commas */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  const text = header.slice(0, MOST_LETTERS);
  let at = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  while (challenges.length < MOST_CHALLENGES) {
    const scheme = next(SCHEME)?.[1];
    if (scheme === undefined) return challenges;
    const parameters = new Map<string, string>();
    for (let match = next(PARAMETER); match; match = next(PARAMETER)) {
      const [, name = '', inQuotes, bare = ''] = match;
      parameters.set(name.toLowerCase(), inQuotes?.replaceAll(/\\(.)/g, '$1') ?? bare);
    }
    challenges.push({ scheme: scheme.toLowerCase(), parameters });
  }
  return challenges;
}
