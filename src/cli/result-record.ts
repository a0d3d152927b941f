/**
 * The result of one file as a text, to go to another thread or into a cache. It names no file: which
 * ones change is known where it is read.
 */
import type { Bill, BilledInstruction } from '../estimate/bill.ts';
import type { Estimate } from '../estimate/saving.ts';
import type { FileEdit, Result } from '../pipeline.ts';

/** By the id of an edit: the result where that one is made without the others. */
export type SingleFixes = ReadonlyMap<string, Pick<Result, 'output' | 'files'>>;

/** The ignore file in force: the one file that may change together with a Dockerfile. */
export type IgnoreFile = Pick<FileEdit, 'path' | 'before'>;

/** What the Dockerfile and the ignore file become; missing where they stay as they are. */
interface Outcome {
  readonly output?: string;
  readonly ignore?: string;
}

interface Stored extends Outcome {
  /** All else of a result that its report reads. */
  readonly rest: Omit<Result, 'input' | 'output' | 'files'>;
  readonly fixes?: readonly (readonly [id: string, outcome: Outcome])[];
}

export function recordOf(result: Result, fixes: SingleFixes | undefined): string {
  const { input, output, files, estimate, ...rest } = result;
  const stored: Stored = {
    ...outcomeOf({ output, files }, input),
    rest: { ...rest, estimate: estimate && withoutTrees(estimate) },
    ...(fixes && { fixes: [...fixes].map(([id, each]) => [id, outcomeOf(each, input)] as const) }),
  };
  return JSON.stringify(stored);
}

function outcomeOf({ output, files }: Pick<Result, 'output' | 'files'>, input: string): Outcome {
  if (files.length > 1) throw new Error('more than the ignore file changes beside a Dockerfile');
  return {
    ...(output !== input && { output }),
    ...(files[0] && { ignore: files[0].after }),
  };
}

/** Instructions are whole trees. */
function withoutTrees({ before, after, ...rest }: Estimate): Estimate {
  return { ...rest, before: plainBill(before), after: plainBill(after) };
}

function plainBill({ lines, ...rest }: Bill<BilledInstruction>): Bill<BilledInstruction> {
  return {
    ...rest,
    lines: lines.map(({ instruction: { origin, keyword }, ...line }) => ({
      ...line,
      instruction: { origin, keyword },
    })),
  };
}

/**
 * @param record of the same text and ignore file
 * @throws where it is no record: nobody but dfopt writes them
 */
export function resultOf(
  record: string,
  input: string,
  ignore: IgnoreFile,
): { readonly result: Result; readonly fixes?: SingleFixes } {
  const { rest, fixes, ...outcome } = JSON.parse(record) as Stored;
  const steps = rest.steps?.map((step) => ({
    ...step,
    files: step.files.map(({ after }) => ({ ...ignore, after })),
  }));
  const filesOf = ({
    output = input,
    ignore: after,
  }: Outcome): Pick<Result, 'output' | 'files'> => ({
    output,
    files: after === undefined ? [] : [{ ...ignore, after }],
  });
  return {
    result: {
      ...rest,
      input,
      ...filesOf(outcome),
      estimate: rest.estimate,
      ...(steps && { steps }),
    },
    ...(fixes && { fixes: new Map(fixes.map(([id, each]) => [id, filesOf(each)])) }),
  };
}
