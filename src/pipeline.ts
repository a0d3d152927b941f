/** Text in; text, remarks and diagnostics out. Pure and synchronous: it runs unchanged in a browser. */
import { passes as allPasses } from '../passes/index.ts';
import { withIgnore, type BuildContext } from './analysis/context.ts';
import { ignoreFindings } from './analysis/ignore-edits.ts';
import { DEFAULT_BUILDER, type Builder } from './builder.ts';
import { baseFindings } from './check-base.ts';
import { check } from './check.ts';
import {
  instructionsOf,
  type Diagnostic,
  type Dockerfile,
  type Instruction,
  type Origin,
} from './dockerfile/model.ts';
import { parse } from './dockerfile/parse.ts';
import { print } from './dockerfile/print.ts';
import type { Facts } from './facts/types.ts';
import { ignoresOf, type Ignore } from './ignore.ts';
import {
  DEFAULT_LEVEL,
  isAllowed,
  type Level,
  type NotAllowed,
  type Pass,
  type PassOptions,
  type PassScope,
  type Proposal,
  type Remark,
} from './pass.ts';

export interface OptimizeOptions {
  /** What is known of the build context; default nothing. */
  readonly context?: BuildContext;
  /** What will build the result; default BuildKit, as Docker Engine 23.0 has it. */
  readonly builder?: Builder;
  /** The most daring edits that may be made; default `standard`. */
  readonly level?: Level;
  /** Only these passes; default all. */
  readonly select?: readonly string[];
  /** Not these passes. */
  readonly skip?: readonly string[];
  /** Ids of remarks whose edit the user does not want. */
  readonly deny?: ReadonlySet<string>;
  /** Options of passes, by pass id. */
  readonly passOptions?: Readonly<Record<string, PassOptions>>;
  /** The passes to run, in order; default all of dfopt's. */
  readonly passes?: readonly Pass[];
  /**
   * The day of today as `2026-11-21`: what was supported until then no longer is. Default nothing, and
   * nothing is said of the age of images.
   */
  readonly today?: string;
  /** Check after every pass and throw at the first finding, as the tests do. */
  readonly strict?: boolean;
}

/** A file beside the Dockerfile. */
export interface FileEdit {
  /** From the top of the build context, with `/` between folders. */
  readonly path: string;
  /** `undefined` where there is no such file yet. */
  readonly before: string | undefined;
  readonly after: string;
}

export interface Result {
  readonly input: string;
  readonly output: string;
  /** What must change together with the Dockerfile. */
  readonly files: readonly FileEdit[];
  readonly remarks: readonly Remark[];
  /** Problems of the input, ignore comments without effect, and bugs of dfopt that were caught. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Rewrites a Dockerfile. Never throws for bad input: a file with diagnostics of severity `error` or
 * `left-alone` comes back as it was.
 */
export function optimize(text: string, facts: Facts, options: OptimizeOptions = {}): Result {
  const file = parse(text);
  if (file.diagnostics.some((each) => each.severity !== 'warning')) {
    return { input: text, output: text, files: [], remarks: [], diagnostics: file.diagnostics };
  }
  const run = new Run(file, facts, options);
  const { after, context, remarks, diagnostics } = run.guarded();
  return {
    input: text,
    output: print(after),
    files: fileEdits(options.context, context),
    remarks,
    diagnostics: [...file.diagnostics, ...diagnostics],
  };
}

function fileEdits(before: BuildContext | undefined, after: BuildContext | undefined): FileEdit[] {
  const ignore = after?.ignore;
  if (!ignore || ignore.text === before?.ignore?.text) return [];
  return [{ path: ignore.path, before: before?.ignore?.text, after: ignore.text }];
}

interface Outcome {
  readonly after: Dockerfile;
  readonly context: BuildContext | undefined;
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
    this.originals = new Map(instructionsOf(file).map((each) => [place(each.origin[0]!), each]));
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
      ...baseFindings(this.file, after, context, this.facts),
      ...ignoreFindings(after, this.options.context, context),
    ];
  }

  /** Runs the passes; with `careful`, checks after each and names the first culprit in `dropped`. */
  private sweep(passes: readonly Pass[], careful: boolean, dropped: Map<string, string>): Outcome {
    const remarks: Remark[] = [];
    const usedIgnores = new Set<Ignore>();
    let after = this.file;
    let context = this.options.context;
    for (const pass of passes) {
      const scope = new Scope(
        pass,
        this.options,
        this.facts,
        this.originals,
        this.ignores,
        remarks,
        usedIgnores,
        context,
      );
      const count = remarks.length;
      try {
        const next = pass.run(after, scope);
        const applied = remarks.slice(count).some((remark) => remark.outcome === 'applied');
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
        context = scope.context;
      } catch (error) {
        if (!careful || this.options.strict) throw error;
        dropped.set(pass.id, error instanceof Error ? error.message : String(error));
        return { after: this.file, context: this.options.context, remarks: [], diagnostics: [] };
      }
    }
    return { after, context, remarks, diagnostics: this.unusedIgnores(usedIgnores) };
  }

  private unusedIgnores(used: ReadonlySet<Ignore>): Diagnostic[] {
    const known = new Set(allPasses.map((pass) => pass.id));
    return this.ignores
      .filter((ignore) => ignore.own && !used.has(ignore))
      .map((ignore) => {
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

function place(origin: Origin): string {
  return `${origin.line}:${origin.column}`;
}

/** What a pass is handed: permissions, options, and the place where its remarks go. */
class Scope implements PassScope {
  readonly facts: Facts;
  readonly builder: Builder;
  readonly options: PassOptions;
  readonly today: string | undefined;
  context: BuildContext | undefined;
  readonly remarks: Remark[];
  private readonly pass: Pass;
  private readonly run: OptimizeOptions;
  private readonly originals: ReadonlyMap<string, Instruction>;
  private readonly ignores: readonly Ignore[];
  private readonly usedIgnores: Set<Ignore>;
  private readonly ordinals = new Map<string, number>();

  constructor(
    pass: Pass,
    run: OptimizeOptions,
    facts: Facts,
    originals: ReadonlyMap<string, Instruction>,
    ignores: readonly Ignore[],
    remarks: Remark[],
    usedIgnores: Set<Ignore>,
    context: BuildContext | undefined,
  ) {
    this.context = context;
    this.pass = pass;
    this.run = run;
    this.facts = facts;
    this.builder = run.builder ?? DEFAULT_BUILDER;
    this.today = run.today;
    this.originals = originals;
    this.ignores = ignores;
    this.remarks = remarks;
    this.usedIgnores = usedIgnores;
    const defaults = Object.entries(pass.options ?? {}).map(([name, option]) => [
      name,
      option.default,
    ]);
    this.options = {
      ...(Object.fromEntries(defaults) as PassOptions),
      ...run.passOptions?.[pass.id],
    };
  }

  propose<T>(subject: Instruction, proposal: Proposal, unchanged: T, apply: () => T): T {
    const { level, message, assumptions = [], requires = [], also = [] } = proposal;
    const { changes = [], indifferentTo = [] } = proposal;
    const id = this.idOf(subject);
    const { needsContext = false, ignore } = proposal;
    const because =
      this.refusal(subject, also, level, id, requires) ??
      (!this.context && (needsContext || ignore !== undefined) ? 'context' : undefined);
    // Made first: an edit that turns out to be impossible leaves no remark behind.
    const result = because === undefined ? apply() : unchanged;
    const files = ignore === undefined ? [] : [this.context?.ignore?.path ?? '.dockerignore'];
    if (because === undefined && ignore !== undefined) {
      this.context = withIgnore(this.context!, ignore);
    }
    this.remarks.push({
      id,
      pass: this.pass.id,
      outcome: because === undefined ? 'applied' : 'offered',
      level,
      origin: subject.origin[0]!,
      origins: [subject, ...also].flatMap((each) => each.origin),
      message,
      assumptions,
      requires,
      changes,
      ...(proposal.newBase !== undefined && { newBase: proposal.newBase }),
      indifferentTo,
      files,
      ...(because !== undefined && { because }),
    });
    return result;
  }

  missed<T extends Instruction>(subject: T, reason: string): T {
    if (!this.isOn()) return subject;
    this.remarks.push({
      id: this.idOf(subject),
      pass: this.pass.id,
      outcome: 'missed',
      level: this.pass.level,
      origin: subject.origin[0]!,
      origins: subject.origin,
      message: reason,
      assumptions: [],
      requires: [],
      changes: [],
      indifferentTo: [],
      files: [],
    });
    return subject;
  }

  advise(subject: Instruction, message: string): void {
    const id = this.idOf(subject);
    // What the author switched off is no advice any more.
    if (this.refusal(subject, [], this.pass.level, id, []) !== undefined) return;
    this.remarks.push({
      id,
      pass: this.pass.id,
      outcome: 'advice',
      level: this.pass.level,
      origin: subject.origin[0]!,
      origins: subject.origin,
      message,
      assumptions: [],
      requires: [],
      changes: [],
      indifferentTo: [],
      files: [],
    });
  }

  private isOn(): boolean {
    const { select, skip } = this.run;
    return (select === undefined || select.includes(this.pass.id)) && !skip?.includes(this.pass.id);
  }

  private refusal(
    subject: Instruction,
    also: readonly Instruction[],
    level: Level,
    id: string,
    requires: readonly string[],
  ): NotAllowed | undefined {
    const origins = [subject, ...also].flatMap((each) => each.origin).map(place);
    const ignore = this.ignores.find(
      (each) =>
        each.passes.includes(this.pass.id) &&
        (each.instruction === undefined || origins.includes(place(each.instruction.origin[0]!))),
    );
    if (ignore) {
      this.usedIgnores.add(ignore);
      return 'ignored';
    }
    if (!this.isOn()) return 'off';
    if (this.run.deny?.has(id)) return 'denied';
    if (!isAllowed(level, this.run.level ?? DEFAULT_LEVEL)) return 'level';
    const missing = requires.some(
      (other) => !this.remarks.some((each) => each.id === other && each.outcome === 'applied'),
    );
    return missing ? 'requires' : undefined;
  }

  /** By the text that the instruction had in the input: what other passes do does not matter. */
  private idOf(subject: Instruction): string {
    const original = this.originals.get(place(subject.origin[0]!));
    const text = `${this.pass.id}\n${original?.text ?? subject.text}`;
    const name = hash(text);
    const ordinal = this.ordinals.get(name) ?? 0;
    this.ordinals.set(name, ordinal + 1);
    return `${name}-${ordinal}`;
  }
}

/** Ten letters and digits of a 53-bit hash (cyrb53); ids are names, not secrets. */
function hash(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36).padStart(11, '0').slice(-10);
}
