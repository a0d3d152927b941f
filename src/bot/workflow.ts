/**
 * What GitHub hands an Action and takes from it: inputs and the event in, messages, outputs and the
 * summary out. The package of GitHub's own for this is six times as large as all else of the client.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { data } from '../report/formats/github.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Workflow {
  /** Without blanks around it; empty where nobody gave it. */
  readonly input: (name: string) => string;
  /** Name of the event: `pull_request`, `schedule`, … */
  readonly event: string;
  readonly payload: unknown;
  /** `owner/name` of the repository that the workflow runs in. */
  readonly repository: string;
  readonly apiUrl: string;
  /** Of the commit and the branch that the workflow runs for. */
  readonly sha: string;
  readonly ref: string;
  readonly output: (name: string, value: string) => void;
  /** Markdown, added to the summary of the job. */
  readonly summarize: (markdown: string) => void;
  readonly say: (kind: 'debug' | 'notice' | 'warning' | 'error', message: string) => void;
  /** The runner shows stars instead, wherever it is printed. */
  readonly hide: (secret: string) => void;
}

/** What is wrong with inputs or the event, for whoever wrote the workflow. */
export class WorkflowError extends Error {}

/** Events of GitHub have up to 25 MB. */
const MOST_EVENT_BYTES = 30_000_000;

/** The runner refuses more, with all that was in it. */
const MOST_SUMMARY = 1_000_000;

/** @throws a `WorkflowError` where it is not a runner that starts this */
export function workflowOf(environment: Environment, write: (text: string) => void): Workflow {
  const demand = (name: string): string => {
    const value = environment[name];
    if (!value)
      throw new WorkflowError(`${name} is not set: this is an Action for GitHub's runners`);
    return value;
  };
  const append = (variable: string, text: string): void => {
    const file = environment[variable];
    if (file) appendFileSync(file, text);
  };
  return {
    input: (name) => (environment[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim(),
    event: demand('GITHUB_EVENT_NAME'),
    payload: readEvent(demand('GITHUB_EVENT_PATH')),
    repository: demand('GITHUB_REPOSITORY'),
    apiUrl: environment['GITHUB_API_URL'] || 'https://api.github.com',
    sha: environment['GITHUB_SHA'] ?? '',
    ref: environment['GITHUB_REF'] ?? '',
    output: (name, value) => {
      // A word that nobody can guess, so that no value ends itself early.
      const end = `end-${randomUUID()}`;
      append('GITHUB_OUTPUT', `${name}<<${end}\n${value}\n${end}\n`);
    },
    summarize: (markdown) =>
      append(
        'GITHUB_STEP_SUMMARY',
        Buffer.byteLength(markdown) <= MOST_SUMMARY
          ? `${markdown}\n`
          : 'The summary would be too long.\n',
      ),
    say: (kind, message) => write(`::${kind}::${data(message)}\n`),
    hide: (secret) => {
      if (secret !== '') write(`::add-mask::${data(secret)}\n`);
    },
  };
}

function readEvent(path: string): unknown {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MOST_EVENT_BYTES) throw new Error('it is too large');
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new WorkflowError(`the event cannot be read: ${(error as Error).message}`);
  }
}
