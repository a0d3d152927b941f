/** The one list of output formats: what the command line, completion and documentation read. */
import type { Format } from './format.ts';

/** Loaded one by one: most runs need none but the first. */
export const FORMATS = [
  {
    name: 'text',
    title: 'text',
    summary: 'for people: the diff, and why',
    hasErrors: true,
    hasPlaces: false,
    hasFixes: false,
    load: async () => (await import('./text.ts')).text,
  },
  {
    name: 'json',
    title: 'JSON',
    summary: 'for programs: everything, by a published schema',
    hasErrors: true,
    hasPlaces: false,
    hasFixes: false,
    load: async () => (await import('./json.ts')).json,
  },
  {
    name: 'diff',
    title: 'a diff',
    summary: 'for git apply: the change and nothing else',
    hasErrors: false,
    hasPlaces: false,
    hasFixes: false,
    load: async () => (await import('./diff.ts')).diff,
  },
  {
    name: 'markdown',
    title: 'Markdown',
    summary: 'for the text of a pull request',
    hasErrors: true,
    hasPlaces: false,
    hasFixes: false,
    load: async () => (await import('./markdown.ts')).markdown,
  },
  {
    name: 'html',
    title: 'HTML',
    summary: 'for a browser: one page that needs nothing else',
    hasErrors: true,
    hasPlaces: false,
    hasFixes: false,
    load: async () => (await import('./html.ts')).html,
  },
  {
    name: 'sarif',
    title: 'SARIF',
    summary: 'for code scanning and editors, with fixes',
    hasErrors: true,
    hasPlaces: true,
    hasFixes: true,
    load: async () => (await import('./sarif.ts')).sarif,
  },
  {
    name: 'rdjson',
    title: 'rdjson',
    summary: 'for reviewdog, with suggestions',
    hasErrors: true,
    hasPlaces: true,
    hasFixes: true,
    load: async () => (await import('./rdjson.ts')).rdjson,
  },
  {
    name: 'github',
    title: 'workflow commands',
    summary: 'for GitHub Actions: annotations',
    hasErrors: true,
    hasPlaces: true,
    hasFixes: false,
    load: async () => (await import('./github.ts')).github,
  },
  {
    name: 'gitlab',
    title: 'a code quality report',
    summary: 'for GitLab: code quality of a merge request',
    hasErrors: true,
    hasPlaces: true,
    hasFixes: false,
    load: async () => (await import('./gitlab.ts')).gitlab,
  },
] as const satisfies readonly Format[];

export type FormatName = (typeof FORMATS)[number]['name'];

export function formatOf(name: FormatName): Format {
  return FORMATS.find((format) => format.name === name)!;
}
