/** Text in; text, remarks and diagnostics out. Pure and synchronous: it runs unchanged in a browser. */
import { passes as allPasses } from '../passes/index.ts';
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
  /** Check after every pass and throw at the first finding, as the tests do. */
  readonly strict?: boolean;
}

export interface Result {
  readonly input: string;
  readonly output: string;
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
    return { input: text, output: text, remarks: [], diagnostics: file.diagnostics };
  }
  const run = new Run(file, facts, options);
  const { after, remarks, diagnostics } = run.guarded();
  return {
    input: text,
    output: print(after),
    remarks,
    diagnostics: [...file.diagnostics, ...diagnostics],
  };
}

interface Outcome {
  readonly after: Dockerfile;
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
      const findings = check(this.file, outcome.after, outcome.remarks);
      if (findings.length === 0) return outcome;
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

  /** Runs the passes; with `careful`, checks after each and names the first culprit in `dropped`. */
  private sweep(passes: readonly Pass[], careful: boolean, dropped: Map<string, string>): Outcome {
    const remarks: Remark[] = [];
    const usedIgnores = new Set<Ignore>();
    let after = this.file;
    for (const pass of passes) {
      const scope = new Scope(
        pass,
        this.options,
        this.facts,
        this.originals,
        this.ignores,
        remarks,
        usedIgnores,
      );
      const count = remarks.length;
      try {
        const next = pass.run(after, scope);
        const applied = remarks.slice(count).some((remark) => remark.outcome === 'applied');
        if ((next !== after) !== applied) {
          throw new Error(
            applied ? 'an applied remark without an edit' : 'an edit without a remark',
          );
        }
        if (careful) {
          const findings = check(this.file, next, remarks);
          if (findings.length > 0) throw new Error(findings.join('; '));
        }
        after = next;
      } catch (error) {
        if (!careful || this.options.strict) throw error;
        dropped.set(pass.id, error instanceof Error ? error.message : String(error));
        return { after: this.file, remarks: [], diagnostics: [] };
      }
    }
    return { after, remarks, diagnostics: this.unusedIgnores(usedIgnores) };
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
  readonly options: PassOptions;
  private readonly pass: Pass;
  private readonly run: OptimizeOptions;
  private readonly originals: ReadonlyMap<string, Instruction>;
  private readonly ignores: readonly Ignore[];
  private readonly remarks: Remark[];
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
  ) {
    this.pass = pass;
    this.run = run;
    this.facts = facts;
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
    const id = this.idOf(subject);
    const because = this.refusal(subject, also, level, id, requires);
    // Made first: an edit that turns out to be impossible leaves no remark behind.
    const result = because === undefined ? apply() : unchanged;
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
    });
    return subject;
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
