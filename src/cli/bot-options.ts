/** The options of `dfopt bot`, and what they mean. */
import { LEVELS } from '../pass.ts';
import { LOG_LEVELS } from '../bot/log-levels.ts';
import { lastString, type Arguments } from './command.ts';
import { UsageError } from './usage.ts';

export const SERVING_OPTIONS = {
  host: {
    type: 'string',
    requiresArg: true,
    default: '127.0.0.1',
    describe: 'Address to listen on',
  },
  port: { type: 'string', requiresArg: true, default: '8080', describe: 'Port to listen on' },
  server: {
    type: 'boolean',
    default: true,
    describe: 'Take webhooks; --no-server: only work off what another process takes',
  },
  workers: {
    type: 'string',
    requiresArg: true,
    default: '2',
    describe: 'Jobs worked on at the same time; 0: only take webhooks',
  },
  queue: {
    type: 'string',
    requiresArg: true,
    default: 'dfopt-bot.sqlite',
    describe: 'The file of the queue, on a local disk; processes of one machine may share it',
  },
  redis: {
    type: 'string',
    requiresArg: true,
    describe: 'The queue in Redis instead, for several machines: redis[s]://[user:password@]host',
  },
  keep: {
    type: 'string',
    requiresArg: true,
    default: '8',
    describe: 'Days for which ids of finished deliveries are kept, so that none is worked on twice',
  },
  grace: {
    type: 'string',
    requiresArg: true,
    default: '8',
    describe: 'Seconds that jobs under way have once it is told to stop; then they are handed back',
  },
  'log-level': {
    choices: LOG_LEVELS,
    default: 'info',
    requiresArg: true,
    describe: 'How much is logged',
  },
} as const;

export const QUEUE_OPTIONS = {
  parked: { type: 'boolean', describe: 'Only list the jobs that were given up, with the reason' },
  'put-back': {
    type: 'string',
    requiresArg: true,
    describe: 'Only put a parked job back into the queue: its id, or all',
  },
} as const;

export const COMMENTS = ['suggestions', 'summary', 'none'] as const;
export const FAIL_ON = ['nothing', 'error', 'edit'] as const;
export const PROPOSALS = ['each', 'all'] as const;

export const REVIEW_OPTIONS = {
  'api-url': {
    type: 'string',
    requiresArg: true,
    defaultDescription: 'GITHUB_API_URL, else https://api.github.com',
    describe: 'The API of GitHub',
  },
  level: {
    choices: LEVELS,
    requiresArg: true,
    describe: 'How much an edit may assume; wins over configuration files',
  },
  paths: { type: 'string', requiresArg: true, describe: 'Only these Dockerfiles: pattern,pattern' },
  comments: {
    choices: COMMENTS,
    requiresArg: true,
    default: 'suggestions',
    describe: 'What is said on a pull request',
  },
  check: { type: 'boolean', default: true, describe: 'Conclude a check run; or --no-check' },
  'fail-on': {
    choices: FAIL_ON,
    requiresArg: true,
    default: 'nothing',
    describe: 'What makes the check fail: a Dockerfile with errors, or also any edit to make',
  },
  drafts: { type: 'boolean', describe: 'Review drafts, too' },
  propose: {
    choices: PROPOSALS,
    requiresArg: true,
    describe: 'Open pull requests for default branches, one for each Dockerfile or one for all',
  },
  'propose-most': {
    type: 'string',
    requiresArg: true,
    default: '5',
    describe: 'With --propose: how many may be open in a repository',
  },
  'propose-every': {
    type: 'string',
    requiresArg: true,
    default: '24',
    describe:
      'With --propose: hours between two looks at all repositories; pushes are looked at, too',
  },
} as const;

/** @throws UsageError */
export function numberOf(
  argv: Arguments,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const word = lastString(argv[name]) ?? '';
  const number = /^\d{1,7}$/.test(word) ? Number(word) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`--${name} is a number from ${least} to ${most}, not "${word}"`);
}
