/** What a pass is handed: permissions, options, and the place where its remarks go. */
import { foundOnce } from './dockerfile/found-once.ts';
import { withIgnore, type BuildContext } from './analysis/context.ts';
import { DEFAULT_BUILDER, type Builder } from './builder.ts';
import { placeOf } from './dockerfile/place.ts';
import type { Instruction, PreferredStyle } from './dockerfile/model.ts';
import type { BuiltImage } from './estimate/built-image.ts';
import type { Facts } from './facts/types.ts';
import type { Ignore } from './ignore.ts';
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
  readonly context?: BuildContext | undefined;
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
  /** Ids of remarks: these edits and no others; default all. */
  readonly take?: ReadonlySet<string>;
  /** Options of passes, by pass id. */
  readonly passOptions?: Readonly<Record<string, PassOptions>>;
  /** The passes to run, in order; default all of dfopt's. */
  readonly passes?: readonly Pass[];
  /**
   * The day of today as `2026-11-21`: what was supported until then no longer is. Default nothing, and
   * nothing is said of the age of images.
   */
  readonly today?: string;
  /** Say what the image weighs before and after, and what each edit saves; default no. */
  readonly isPriced?: boolean;
  /** Keep the text as each pass leaves it, for reports that go pass by pass; default no. */
  readonly isStepwise?: boolean;
  /** An image that was built from the Dockerfile: its layers take the place of estimates. */
  readonly builtImage?: BuiltImage;
  /** How new lines are written where the file does not show it; default four blanks, 80 columns, line feeds. */
  readonly style?: PreferredStyle;
  /** Check after every pass and throw at the first finding, as the tests do. */
  readonly strict?: boolean;
}

const NONE: PassOptions = {};

const defaults = new WeakMap<Pass, PassOptions>();

function optionsOf(pass: Pass, given: PassOptions | undefined): PassOptions {
  let own = defaults.get(pass);
  if (!own) {
    const all = Object.entries(pass.options ?? {}).map(([name, option]) => [name, option.default]);
    defaults.set(pass, (own = Object.fromEntries(all) as PassOptions));
  }
  return given ? { ...own, ...given } : own;
}

/** One for all passes of a sweep, each of which it is told before it runs. */
export class Scope implements PassScope {
  readonly facts: Facts;
  readonly builder: Builder;
  readonly today: string | undefined;
  readonly remarks: Remark[] = [];
  readonly usedIgnores = new Set<Ignore>();
  options: PassOptions = NONE;
  context: BuildContext | undefined;
  private pass!: Pass;
  private readonly run: OptimizeOptions;
  private readonly originals: ReadonlyMap<string, Instruction>;
  private readonly ignores: readonly Ignore[];
  // Most passes say nothing.
  private ordinals: Map<string, number> | undefined = undefined;

  constructor(
    run: OptimizeOptions,
    facts: Facts,
    originals: ReadonlyMap<string, Instruction>,
    ignores: readonly Ignore[],
  ) {
    this.context = run.context;
    this.run = run;
    this.facts = facts;
    this.builder = run.builder ?? DEFAULT_BUILDER;
    this.today = run.today;
    this.originals = originals;
    this.ignores = ignores;
  }

  /** For what is asked and said from here on. */
  enter(pass: Pass): void {
    const given = this.run.passOptions?.[pass.id];
    this.pass = pass;
    this.options = pass.options || given ? optionsOf(pass, given) : NONE;
    this.ordinals = undefined;
  }

  propose<T>(subject: Instruction, proposal: Proposal, unchanged: T, apply: () => T): T {
    const { level, message, assumptions = [], requires = [], also = [] } = proposal;
    const { changes = [], indifferentTo = [], newBase, splits, narrows, thins } = proposal;
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
      origins:
        also.length === 0 ? subject.origin : [subject, ...also].flatMap((each) => each.origin),
      message,
      assumptions,
      requires,
      changes,
      // Most edits are none of these.
      ...((newBase ?? splits ?? narrows ?? thins) !== undefined && {
        ...(newBase !== undefined && { newBase }),
        ...(splits !== undefined && { splits }),
        ...(narrows && { narrows }),
        ...(thins && { thins }),
      }),
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
    const origins = (): string[] => [subject, ...also].flatMap(({ origin }) => origin.map(placeOf));
    const ignore = this.ignores.find(
      (each) =>
        each.passes.includes(this.pass.id) &&
        (each.instruction === undefined ||
          origins().includes(placeOf(each.instruction.origin[0]!))),
    );
    if (ignore) {
      this.usedIgnores.add(ignore);
      return 'ignored';
    }
    if (!this.isOn()) return 'off';
    if (this.run.deny?.has(id) || this.run.take?.has(id) === false) return 'denied';
    if (!isAllowed(level, this.run.level ?? DEFAULT_LEVEL)) return 'level';
    const missing = requires.some(
      (other) => !this.remarks.some((each) => each.id === other && each.outcome === 'applied'),
    );
    return missing ? 'requires' : undefined;
  }

  /** By the text that the instruction had in the input: what other passes do does not matter. */
  private idOf(subject: Instruction): string {
    const original = this.originals.get(placeOf(subject.origin[0]!));
    const text = `${this.pass.id}\n${original?.text ?? subject.text}`;
    const name = nameOf(text);
    this.ordinals ??= new Map<string, number>();
    const ordinal = this.ordinals.get(name) ?? 0;
    this.ordinals.set(name, ordinal + 1);
    return `${name}-${ordinal}`;
  }
}

/** A monorepo's Dockerfiles have many lines in common. */
const nameOf = foundOnce(1024, hash);

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
