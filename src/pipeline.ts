/** Text in; text, remarks and diagnostics out. Pure and synchronous: it runs unchanged in a browser. */
import { passes as allPasses } from '../passes/index.ts';
import type { Amount } from './analysis/amounts.ts';
import type { BuildContext } from './analysis/context.ts';
import { ignoreFindings } from './analysis/ignore-edits.ts';
import { baseFindings } from './check-base.ts';
import { narrowedFindings } from './check-narrowed.ts';
import { placeOf } from './dockerfile/place.ts';
import { check } from './check.ts';
import {
  instructionsOf,
  type Diagnostic,
  type Dockerfile,
  type Instruction,
} from './dockerfile/model.ts';
import { parse } from './dockerfile/parse.ts';
import { print } from './dockerfile/print.ts';
import { forgetLastRun } from './dockerfile/run-memory.ts';
import { measuredBy, shippedBill } from './estimate/image-size.ts';
import { rebuildOf } from './estimate/rebuild.ts';
import { estimateOf, savedByEach, type Estimate } from './estimate/saving.ts';
import type { Facts } from './facts/types.ts';
import { ignoresOf, type Ignore } from './ignore.ts';
import type { Pass, Remark } from './pass.ts';
import { Scope, type OptimizeOptions } from './pass-scope.ts';
import { placesOf, type EditPlaces } from './pass-places.ts';
import { contextElsewhere } from './uses/build-context.ts';

export type { OptimizeOptions } from './pass-scope.ts';

/** A file beside the Dockerfile. */
export interface FileEdit {
  /** From the top of the build context, with `/` between folders. */
  readonly path: string;
  /** `undefined` where there is no such file yet. */
  readonly before: string | undefined;
  readonly after: string;
}

/** The files as one pass left them. */
export interface Step {
  /** Its id. */
  readonly pass: string;
  readonly output: string;
  /** What had changed by then beside the Dockerfile, each against the file as it was at first. */
  readonly files: readonly FileEdit[];
  /** The edits that it made. */
  readonly edits: readonly EditPlaces[];
}

export interface Result {
  readonly input: string;
  readonly output: string;
  /** What must change together with the Dockerfile. */
  readonly files: readonly FileEdit[];
  /** In pipeline order; what the applied ones save adds up to the whole. */
  readonly remarks: readonly Remark[];
  /** What the shipped image weighs before and after; `undefined` where nobody asked, or nothing changes. */
  readonly estimate: Estimate | undefined;
  /** Problems of the input, ignore comments without effect, and bugs of dfopt that were caught. */
  readonly diagnostics: readonly Diagnostic[];
  /** Of the passes that made an edit, in order; only where somebody asked for steps. */
  readonly steps?: readonly Step[];
}

/**
 * Rewrites a Dockerfile. Never throws for bad input: a file with diagnostics of severity `error` or
 * `left-alone` comes back as it was.
 */
export function optimize(text: string, facts: Facts, given: OptimizeOptions = {}): Result {
  forgetLastRun();
  const elsewhere = given.context && contextElsewhere(given.context);
  // Of another folder nothing may be concluded.
  const options: OptimizeOptions = elsewhere ? { ...given, context: undefined } : given;
  const { style } = options;
  const file: Dockerfile = { ...parse(text), ...(style && { preferred: style }) };
  if (file.diagnostics.some((each) => each.severity !== 'warning')) {
    const { diagnostics } = file;
    const estimate = undefined;
    return { input: text, output: text, files: [], remarks: [], estimate, diagnostics };
  }
  const run = new Run(file, facts, options);
  const outcome = run.guarded();
  const { after, context, diagnostics } = outcome;
  const { remarks, estimate, warnings } = options.isPriced
    ? priced(file, outcome, facts, options)
    : { remarks: outcome.remarks, estimate: undefined, warnings: [] };
  return {
    input: text,
    output: print(after),
    files: fileEdits(options.context, context),
    remarks,
    estimate,
    diagnostics: [
      ...file.diagnostics,
      ...(elsewhere ? [elsewhere] : []),
      ...diagnostics,
      ...warnings,
    ],
    ...(options.isStepwise && { steps: stepsOf(file, outcome, options.context) }),
  };
}

function stepsOf(file: Dockerfile, { steps }: Outcome, context: BuildContext | undefined): Step[] {
  return steps.map(({ pass, after, context: edited, remarks }, index) => ({
    pass,
    output: print(after),
    files: fileEdits(context, edited),
    edits: placesOf(steps[index - 1]?.after ?? file, after, remarks),
  }));
}

/** Steps that can be told apart by the instructions that they touch, or of which one alone is about size. */
function groupsOf(steps: readonly PassStep[]): readonly (readonly PassStep[])[] {
  const groups: PassStep[][] = [];
  let touched = new Set<string>();
  for (const step of steps) {
    const own = step.remarks.flatMap(({ origins }) => origins.map(placeOf));
    const group = groups.at(-1);
    // What another base lacks shows where packages are installed.
    const isAlone = [step, ...(group ?? [])].some(({ remarks }) =>
      remarks.some(({ newBase, splits }) => newBase !== undefined || splits !== undefined),
    );
    if (group && !isAlone && (!step.isForSize || !own.some((place) => touched.has(place))))
      group.push(step);
    else {
      groups.push([step]);
      touched = new Set();
    }
    if (step.isForSize) for (const place of own) touched.add(place);
  }
  return groups;
}

/** The estimate of the whole, and of each edit what it saves on top of those before it. */
function priced(
  file: Dockerfile,
  { steps, remarks, after, context: edited }: Outcome,
  facts: Facts,
  { context, builtImage }: OptimizeOptions,
): Pick<Result, 'remarks' | 'estimate'> & { readonly warnings: readonly Diagnostic[] } {
  // Where nothing changes, nobody compares; `dfopt size` tells of one file.
  if (steps.length === 0 && !builtImage) return { remarks, estimate: undefined, warnings: [] };
  const measured = builtImage && measuredBy(builtImage, file, { context, facts });
  const before = shippedBill(file, { context, facts, measured });
  const saved = new Map<Remark, Amount>();
  let last = before;
  // A bill takes time: one is enough for edits that touch different instructions.
  for (const group of groupsOf(steps)) {
    const edits = group.flatMap((step) => step.remarks);
    const end = group.at(-1)!;
    const next = shippedBill(end.after, { context: end.context, facts, measured });
    const asked = group.flatMap((step) =>
      step.remarks.map(({ origins }) => ({ origins, isForSize: step.isForSize })),
    );
    const each = savedByEach(last, next, asked);
    for (const [place, remark] of edits.entries()) saved.set(remark, each[place]!);
    last = next;
  }
  return {
    remarks: remarks.map((remark) => {
      const bytes = saved.get(remark);
      return bytes ? Object.assign({ ...remark }, { saved: bytes }) : remark;
    }),
    estimate: estimateOf(
      { bill: before, rebuild: rebuildOf(file, before, { context, facts }) },
      { bill: last, rebuild: rebuildOf(after, last, { context: edited, facts }) },
    ),
    warnings: measured?.warning ? [measured.warning] : [],
  };
}

function fileEdits(before: BuildContext | undefined, after: BuildContext | undefined): FileEdit[] {
  const ignore = after?.ignore;
  if (!ignore || ignore.text === before?.ignore?.text) return [];
  return [{ path: ignore.path, before: before?.ignore?.text, after: ignore.text }];
}

/** What one pass made of the file. */
interface PassStep {
  readonly pass: string;
  readonly after: Dockerfile;
  readonly context: BuildContext | undefined;
  /** Those of the edits that were made. */
  readonly remarks: readonly Remark[];
  /** Its edits are there to make images smaller. */
  readonly isForSize: boolean;
}

interface Outcome {
  readonly after: Dockerfile;
  readonly context: BuildContext | undefined;
  /** Of the passes that made an edit, in order. */
  readonly steps: readonly PassStep[];
  readonly remarks: readonly Remark[];
  readonly diagnostics: readonly Diagnostic[];
}

/** One run over one file: the passes in order, and the gate behind them. */
class Run {
  private readonly file: Dockerfile;
  private readonly facts: Facts;
  private readonly options: OptimizeOptions;
  private readonly originals: ReadonlyMap<string, Instruction>;
  private readonly ignores: readonly Ignore[];

  constructor(file: Dockerfile, facts: Facts, options: OptimizeOptions) {
    this.file = file;
    this.facts = facts;
    this.options = options;
    const originals = new Map<string, Instruction>();
    for (const each of instructionsOf(file)) originals.set(placeOf(each.origin[0]!), each);
    this.originals = originals;
    this.ignores = ignoresOf(file, facts);
  }

  /** All passes, then the gate; where that fails, the culprit is found, dropped and reported. */
  guarded(): Outcome {
    const dropped = new Map<string, string>();
    const passes = this.options.passes ?? allPasses;
    if (this.options.strict) return this.sweep(passes, true, dropped);
    try {
      const outcome = this.sweep(passes, false, dropped);
      if (this.findings(outcome.after, outcome.context, outcome.remarks).length === 0) {
        return outcome;
      }
    } catch {
      // The replay below finds out which pass threw.
    }
    for (;;) {
      const kept = passes.filter((pass) => !dropped.has(pass.id));
      const known = dropped.size;
      const outcome = this.sweep(kept, true, dropped);
      if (dropped.size > known) continue;
      const diagnostics = [...dropped].map(([id, finding]) => bug(id, finding));
      return { ...outcome, diagnostics: [...outcome.diagnostics, ...diagnostics] };
    }
  }

  private findings(
    after: Dockerfile,
    context: BuildContext | undefined,
    remarks: readonly Remark[],
  ): readonly string[] {
    return [
      ...check(this.file, after, remarks, this.facts),
      ...baseFindings(this.file, after, context, this.facts, remarks),
      ...narrowedFindings(this.file, after, context, this.facts, remarks),
      ...ignoreFindings(after, this.options.context, context),
    ];
  }

  /** Runs the passes; with `careful`, checks after each and names the first culprit in `dropped`. */
  private sweep(passes: readonly Pass[], careful: boolean, dropped: Map<string, string>): Outcome {
    const scope = new Scope(this.options, this.facts, this.originals, this.ignores);
    const { remarks } = scope;
    const steps: PassStep[] = [];
    let after = this.file;
    for (const pass of passes) {
      const { context } = scope;
      const count = remarks.length;
      scope.enter(pass);
      try {
        const next = pass.run(after, scope);
        const made =
          remarks.length === count
            ? []
            : remarks.slice(count).filter(({ outcome }) => outcome === 'applied');
        const applied = made.length > 0;
        if ((next !== after || scope.context !== context) !== applied) {
          throw new Error(
            applied ? 'an applied remark without an edit' : 'an edit without a remark',
          );
        }
        if (careful) {
          const findings = this.findings(next, scope.context, remarks);
          if (findings.length > 0) throw new Error(findings.join('; '));
        }
        after = next;
        if (applied) {
          const isForSize = pass.improves.includes('size');
          steps.push({ pass: pass.id, after, context: scope.context, remarks: made, isForSize });
        }
      } catch (error) {
        if (!careful || this.options.strict) throw error;
        dropped.set(pass.id, error instanceof Error ? error.message : String(error));
        const { file, options } = this;
        return { after: file, context: options.context, steps: [], remarks: [], diagnostics: [] };
      }
    }
    const diagnostics = this.unusedIgnores(scope.usedIgnores);
    return { after, context: scope.context, steps, remarks, diagnostics };
  }

  private unusedIgnores(used: ReadonlySet<Ignore>): Diagnostic[] {
    const idle = this.ignores.filter((ignore) => ignore.own && !used.has(ignore));
    if (idle.length === 0) return [];
    const known = new Set(allPasses.map((pass) => pass.id));
    return idle.map((ignore) => {
      const unknown = ignore.passes.filter((id) => !known.has(id));
      return {
        severity: 'warning' as const,
        ...ignore.origin,
        message:
          unknown.length > 0
            ? `no pass is called ${unknown.map((id) => `"${id}"`).join(' or ')}`
            : 'this dfopt-ignore suppresses nothing',
        advice: unknown.length > 0 ? 'see dfopt passes' : 'remove it',
      };
    });
  }
}

function bug(pass: string, finding: string): Diagnostic {
  return {
    severity: 'warning',
    line: 1,
    column: 1,
    message: `a bug in dfopt: the edits of ${pass} did not pass the check and were undone (${finding})`,
    advice: 'please report it with this file',
  };
}
