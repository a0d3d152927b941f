/** Which files the patterns of a configuration name. */
import ignore from 'ignore';

/**
 * @param patterns as in .gitignore
 * @param name from the folder of the patterns, with `/` between folders and no `..`
 */
export function areNamed(patterns: readonly string[], name: string): boolean {
  return ignore({ ignorecase: false })
    .add([...patterns])
    .ignores(name);
}
