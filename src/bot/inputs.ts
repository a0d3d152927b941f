/** The inputs of the Action, checked: what is wrong is said with what could have been meant. */
import { nearest } from '../config/nearest.ts';
import { LEVELS, type Level } from '../pass.ts';
import type { BotSettings } from './bot.ts';
import { WorkflowError, type Workflow } from './workflow.ts';

/** Where remarks go. */
const TARGETS = ['suggestions', 'summary', 'check', 'sarif', 'none'] as const;
type Target = (typeof TARGETS)[number];

const FAIL_ON = ['nothing', 'error', 'edit'] as const;
const GROUPINGS = ['each', 'all'] as const;
const SWITCH = ['true', 'false'] as const;

export interface Inputs {
  readonly token: string;
  readonly settings: Omit<BotSettings, 'version'>;
  readonly hasSarif: boolean;
  /** A file to write what the workflow with the right to write needs. */
  readonly handOver?: string;
  /** Such a file, to be read. */
  readonly takeOver?: string;
}

/** @throws a `WorkflowError` */
export function readInputs({ input }: Pick<Workflow, 'input'>): Inputs {
  const token = input('token');
  if (token === '') throw new WorkflowError('token: it is empty');
  const targets = targetsOf(input('comment'));
  const level = choice('level', input('level'), LEVELS);
  const grouping = choice('propose', input('propose'), GROUPINGS);
  const failOn = choice('fail-on', input('fail-on'), FAIL_ON) ?? 'nothing';
  const handOver = input('hand-over');
  const takeOver = input('take-over');
  if (handOver !== '' && takeOver !== '') {
    throw new WorkflowError('hand-over and take-over are for two different workflows');
  }
  const mostOpen = amount('most-open', input('most-open'));
  const leastSaved = amount('least-saved', input('least-saved'));
  return {
    token,
    hasSarif: targets.includes('sarif'),
    ...(handOver !== '' && { handOver }),
    ...(takeOver !== '' && { takeOver }),
    settings: {
      comments: targets.includes('suggestions')
        ? 'suggestions'
        : targets.includes('summary')
          ? 'summary'
          : 'none',
      hasCheck: targets.includes('check'),
      failOn,
      paths: input('paths')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
      ...(level && { level: level satisfies Level }),
      hasDrafts: choice('drafts', input('drafts'), SWITCH) === 'true',
      ...(grouping && {
        propose: {
          grouping,
          ...(mostOpen !== undefined && { mostOpen }),
          ...(leastSaved !== undefined && { leastSaved }),
        },
      }),
    },
  };
}

function targetsOf(text: string): readonly Target[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0) return ['suggestions'];
  const targets = words.map((word) => choice('comment', word, TARGETS)!);
  if (targets.includes('none') && targets.length > 1) {
    throw new WorkflowError('comment: none stands alone');
  }
  return targets;
}

/** @returns `undefined` where nothing is given */
function choice<T extends string>(
  name: string,
  given: string,
  values: readonly T[],
): T | undefined {
  if (given === '') return undefined;
  const value = values.find((each) => each === given);
  if (value !== undefined) return value;
  const meant = nearest(given, values);
  const hint =
    meant === undefined
      ? `there are ${values.join(', ')}`
      : `did you mean ${JSON.stringify(meant)}?`;
  throw new WorkflowError(`${name}: there is no ${JSON.stringify(given)}; ${hint}`);
}

function amount(name: string, given: string): number | undefined {
  if (given === '') return undefined;
  if (/^\d{1,12}$/.test(given)) return Number(given);
  throw new WorkflowError(`${name}: ${JSON.stringify(given)} is no number`);
}
