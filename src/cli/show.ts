/** `--show`: which remarks a text for people tells of. */
import { OUTCOMES, type Outcome } from '../pass.ts';
import { words, type Arguments } from './command.ts';
import type { Request } from './request.ts';
import { oneOf, UsageError } from './usage.ts';

/** All that `--show` takes. */
export const SHOWN: readonly (Outcome | 'all')[] = [...OUTCOMES, 'all'];

export const SHOW_OPTION = {
  show: {
    type: 'string',
    requiresArg: true,
    defaultDescription: 'applied',
    describe: `Which remarks: ${SHOWN.join(', ')}; may be a list or repeated`,
  },
} as const;

/** @throws UsageError */
export function showsOf(
  argv: Arguments,
  {
    verbose,
    quiet,
    list,
  }: { readonly verbose: boolean; readonly quiet: boolean; readonly list: boolean },
): ReadonlySet<Outcome> {
  if (argv['show'] === undefined) return new Set(verbose ? OUTCOMES : ['applied']);
  if (quiet) throw new UsageError('--quiet and --show exclude each other');
  if (list) throw new UsageError('--list and --show exclude each other');
  const asked = words(argv['show']).map((word) => oneOf('kind of remark', word, SHOWN));
  if (asked.length === 0) throw new UsageError('--show needs a value');
  return new Set(OUTCOMES.filter((each) => asked.includes('all') || asked.includes(each)));
}

/** Edits are shown pass by pass, with their reasons. */
export function isGrouped(request: Request): boolean {
  const { outputs, list, quiet } = request;
  return outputs.stdout === 'text' && !request.write && !list && !quiet;
}

/** Somewhere edits are shown so. */
export function asksForSteps(request: Request): boolean {
  return isGrouped(request) || request.outputs.files.some(({ format }) => format === 'text');
}
