/**
 * What a run says of a file, from the cache. It is a function of the answer for the file, of names, and of
 * how it is to be shown; where nothing has changed, to make it takes longer than all else.
 */
import type { Result } from '../pipeline.ts';
import type { FileReport } from '../report/file-report.ts';
import { keyOf, type ResultCache } from '../sources/result-cache.ts';
import { colorsFor } from './colors.ts';
import type { Io, Output } from './io.ts';
import { isShownLater, show, type Showing } from './rewrite-show.ts';
import type { Answer } from './rewrite-file.ts';
import { widthFor } from './width.ts';

/** What is said of a file, and what is counted of it in the end. */
export interface Shown {
  readonly stdout: string;
  readonly stderr: string;
  readonly report: FileReport;
}

/** In the cache: what the answer has, too, is left out, and what no total needs. */
interface Kept extends Pick<Shown, 'stdout' | 'stderr'> {
  readonly rest: Omit<FileReport, 'result'>;
  readonly result: Omit<Result, 'input' | 'output' | 'estimate' | 'steps'>;
  /** Where it is not the input. */
  readonly output?: string;
}

type Done = Extract<Answer, { kind: 'done' }>;

export interface ShownBefore {
  /**
   * @param names under which the file and its ignore file are shown, and what else is told of the file
   * @param make its report, where it was not shown before
   */
  readonly of: (answer: Done, names: readonly unknown[], make: () => FileReport) => Shown;
}

/** Whether files are shown one by one, for eyes or for a pipe, and nothing is made of them besides. */
export function isShownAtOnce({ request }: Pick<Showing, 'request'>): boolean {
  const { list, write, stdinName } = request;
  return !isShownLater(request) && !list && !write && stdinName === undefined;
}

/** @param identity of the program */
export function shownBefore(
  cache: Pick<ResultCache, 'read' | 'write'>,
  identity: string,
  showing: Showing,
): ShownBefore {
  const how = JSON.stringify([identity, viewOf(showing)]);
  return {
    of: (answer, names, make) => {
      const { input, record, diagnostics, ignore } = answer;
      const rest = JSON.stringify([names, diagnostics, ignore?.path, ignore?.before]);
      const key = keyOf(['shown', how, rest, input, record]);
      const text = cache.read(key);
      if (text !== undefined) return shownOf(JSON.parse(text) as Kept, input);
      const made = shownNow(make(), showing);
      const { result } = made.report;
      // What could not be shown is tried again.
      if (result) cache.write(key, JSON.stringify(keptOf(made, result)));
      return made;
    },
  };
}

/** All that `show` looks at, besides the report. Width and colours of the view are those of stderr. */
function viewOf({ request: { outputs, color }, io, view }: Showing): unknown {
  const { colors, shows, ...rest } = view;
  return [
    { ...rest, outputs, color, shows: [...shows], isColored: colors.isColorSupported },
    [io.stdout.isTTY === true, io.stderr.isTTY === true],
    [widthFor(io.stdout, io), colorsFor(io.stdout, io, color).isColorSupported],
  ];
}

function shownNow(report: FileReport, showing: Showing): Shown {
  const { io } = showing;
  const said = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr'): Output => ({
    ...(io[name].isTTY !== undefined && { isTTY: io[name].isTTY }),
    ...(io[name].columns !== undefined && { columns: io[name].columns }),
    write: (text) => void (said[name] += text),
  });
  const recording: Io = { ...io, stdout: into('stdout'), stderr: into('stderr') };
  show(report, { ...showing, io: recording });
  return { ...said, report: forTotals(report) };
}

/** What was shown is only counted in the end: the rest of many results would fill the memory. */
export function forTotals(report: FileReport): FileReport {
  if (!report.result) return report;
  const { steps: _steps, ...result } = report.result;
  return { ...report, result: { ...result, estimate: undefined } };
}

function keptOf({ stdout, stderr, report }: Shown, result: Result): Kept {
  const { result: _result, ...rest } = report;
  const { input, output, estimate: _estimate, steps: _steps, ...others } = result;
  return { stdout, stderr, rest, result: others, ...(output !== input && { output }) };
}

function shownOf({ stdout, stderr, rest, result, output }: Kept, input: string): Shown {
  const whole = { ...result, estimate: undefined, input, output: output ?? input };
  return { stdout, stderr, report: { ...rest, result: whole } };
}
