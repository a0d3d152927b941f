/** Options that more than one command has, so that they mean and read the same everywhere. */
import { BUILDERS, DEFAULT_BUILDER } from '../builder.ts';
import { DEFAULT_LEVEL, LEVELS } from '../pass.ts';

/** Which edits a rewrite may make. */
export const REWRITE_OPTIONS = {
  level: {
    choices: LEVELS,
    defaultDescription: DEFAULT_LEVEL,
    requiresArg: true,
    describe: 'How much an edit may assume',
  },
  builder: {
    choices: BUILDERS,
    defaultDescription: DEFAULT_BUILDER.name,
    requiresArg: true,
    describe: 'What builds the result, and so what it may be written in',
  },
  frontend: {
    type: 'string',
    requiresArg: true,
    describe: 'The oldest docker/dockerfile that BuildKit may have, as 1.5',
  },
  select: { type: 'string', requiresArg: true, describe: 'Only these passes: id,id' },
  skip: { type: 'string', requiresArg: true, describe: 'Not these passes: id,id' },
  option: { type: 'string', requiresArg: true, describe: 'An option of a pass: pass.name=value' },
  deny: {
    type: 'string',
    requiresArg: true,
    describe: 'Not these edits: ids, as rewrite --verbose shows them',
  },
} as const;

/** Where the files lie that a Dockerfile copies. */
export const CONTEXT_OPTION = {
  context: {
    type: 'string',
    requiresArg: true,
    describe: 'The build context; none: the folder of the file',
  },
} as const;

/** Of images for several platforms. */
export const PLATFORM_OPTION = {
  platform: {
    type: 'string',
    requiresArg: true,
    describe: 'With --online or --image: for which one, such as linux/arm64; none: linux/amd64',
  },
} as const;

/** Whether registries are asked, and for what. */
export const ONLINE_OPTIONS = {
  online: { type: 'boolean', describe: 'Ask registries what the base images say of themselves' },
  ...PLATFORM_OPTION,
  'insecure-registry': {
    type: 'string',
    requiresArg: true,
    describe: 'With --online: HOST[:PORT] that may be asked without TLS; may be repeated',
  },
} as const;

export const FORMAT_OPTION = {
  format: {
    choices: ['text', 'json'],
    default: 'text',
    requiresArg: true,
    describe: 'For people or for programs',
  },
} as const;
