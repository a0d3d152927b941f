/** What a pass is, what it is handed, and the remarks that record what it did and did not do. */
import type { Amount } from './analysis/amounts.ts';
import type { BuildContext } from './analysis/context.ts';
import type { Builder } from './builder.ts';
import type { Dockerfile, Instruction, Origin } from './dockerfile/model.ts';
import type { Facts } from './facts/types.ts';

/** How much an edit may assume. The same words everywhere, least daring first. */
export const LEVELS = ['safe', 'standard', 'aggressive'] as const;
export type Level = (typeof LEVELS)[number];

/** Leaves nothing behind that the file does not show to be useless. */
export const DEFAULT_LEVEL: Level = 'standard';

export type Improvement = 'size' | 'rebuild' | 'layers' | 'security' | 'reliability';

/**
 * `applied`: made. `offered`: could be made, but was not allowed. `missed`: refused, with a reason.
 * `advice`: no edit at all; what a person should look at, and what to do instead.
 */
export const OUTCOMES = ['applied', 'offered', 'missed', 'advice'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why an edit was offered and not made; `context`: nothing is known of the build context. */
export type NotAllowed = 'level' | 'off' | 'denied' | 'ignored' | 'requires' | 'context';

/** A field of the image configuration, as Docker calls it. */
export type ConfigurationField =
  | 'Cmd'
  | 'Entrypoint'
  | 'Env'
  | 'ExposedPorts'
  | 'Healthcheck'
  | 'Labels'
  | 'OnBuild'
  | 'Shell'
  | 'StopSignal'
  | 'User'
  | 'Volumes'
  | 'WorkingDir';

/** What surrounds a command. */
export type Surrounding = 'Env' | 'WorkingDir';

/** The record of one edit that a pass made, offers or refused. Everything else stands on it. */
export interface Remark {
  /** Stable across runs and unrelated edits: pass, the instruction's original text, an ordinal. */
  readonly id: string;
  readonly pass: string;
  readonly outcome: Outcome;
  readonly level: Level;
  /** Where the instruction stands in the input. */
  readonly origin: Origin;
  /** All the instructions of the input that the edit touches. */
  readonly origins: readonly Origin[];
  /** What is done, or for a missed one why not; a sentence without a full stop. */
  readonly message: string;
  /** What must be true for the edit to be right, where the file does not show it. */
  readonly assumptions: readonly string[];
  /** Ids of edits without which this one makes no sense; it falls with them. */
  readonly requires: readonly string[];
  /** Fields of the image configuration that the edit means to change; mostly none. */
  readonly changes: readonly ConfigurationField[];
  /** What the commands of the edit run in, and what they do not look at. */
  readonly indifferentTo: readonly Surrounding[];
  /** The image on which a stage stands afterwards, where the edit is about that. */
  readonly newBase?: string;
  /** The name of the stage that a stage gives its build to, where the edit divides it. */
  readonly splits?: string;
  /** COPYs of the edit bring less than the folder that they named. */
  readonly narrows?: true;
  /** It puts a RUN behind a build that makes less of what is copied out of it. */
  readonly thins?: true;
  /** Files beside the Dockerfile that it changes, from the top of the build context. */
  readonly files: readonly string[];
  /** Only with the outcome `offered`. */
  readonly because?: NotAllowed;
  /**
   * What the shipped image is smaller by, on top of the edits before it; negative where it grows. Only
   * of applied ones, and where somebody asked for sizes.
   */
  readonly saved?: Amount;
}

/** An edit that a pass would like to make. */
export interface Proposal {
  readonly level: Level;
  readonly message: string;
  readonly assumptions?: readonly string[];
  /** Remarks of edits that this one needs. */
  readonly requires?: readonly string[];
  /** Fields of the image configuration that it means to change; all others must stay. */
  readonly changes?: readonly ConfigurationField[];
  /** The image on which the stage of the subject, a FROM, shall stand. */
  readonly newBase?: string;
  /** The name of the new stage in front, which gets the build of the subject's stage. */
  readonly splits?: string;
  /** COPYs that it touches bring less of the folder that they named, to where it came to lie. */
  readonly narrows?: true;
  /** It puts a RUN behind the last one of a stage, which makes less of what others copy out of it. */
  readonly thins?: true;
  /** What may be another one where the commands come to stand, as they do not look at it. */
  readonly indifferentTo?: readonly Surrounding[];
  /** Other instructions that the edit touches or removes. */
  readonly also?: readonly Instruction[];
  /** It is right only by what the build context holds: without a context it is offered. */
  readonly needsContext?: boolean;
  /** What the .dockerignore in force shall say: made with the edit or not at all. */
  readonly ignore?: string;
}

export type PassOptions = Readonly<Record<string, string | boolean | readonly string[]>>;

export interface PassScope {
  readonly facts: Facts;
  /** What will build the file: ask `supports` of builder.ts before writing what not all know. */
  readonly builder: Builder;
  /** The pass's own options, defaults filled in. */
  readonly options: PassOptions;
  /** As the edits so far leave it; `undefined` where nothing is known of it. */
  readonly context: BuildContext | undefined;
  /** The day on which the file is looked at, `2026-11-21`; `undefined` where nobody says. */
  readonly today: string | undefined;
  /** What was decided so far, in order: there a pass finds the edits that one of its own requires. */
  readonly remarks: readonly Remark[];
  /**
   * Asks permission and records in one. Returns what `apply` makes where the edit is allowed,
   * and `unchanged` where it is not.
   */
  propose<T>(subject: Instruction, proposal: Proposal, unchanged: T, apply: () => T): T;
  /** Records a refusal and returns the instruction. */
  missed<T extends Instruction>(subject: T, reason: string): T;
  /** Records what no pass can do for the author: what is wrong and what to do, never a secret. */
  advise(subject: Instruction, message: string): void;
}

export interface PassOption {
  readonly default: string | boolean | readonly string[];
  readonly description: string;
}

export interface Pass {
  /** The file's name: a verb and its object. */
  readonly id: string;
  /** One sentence: what it does. */
  readonly summary: string;
  /** One sentence or two: why that is right. */
  readonly why: string;
  /** When it refuses, one sentence each. */
  readonly refuses: readonly string[];
  /** The level of its ordinary edits; one that rests on an assumption is proposed at aggressive. */
  readonly level: Level;
  /** It changes nothing: all its remarks are advice. */
  readonly isAdvice?: true;
  readonly improves: readonly Improvement[];
  readonly references: readonly string[];
  readonly options?: Readonly<Record<string, PassOption>>;
  readonly run: (file: Dockerfile, scope: PassScope) => Dockerfile;
}

/** What is said of a pass, without what it does. */
export type PassWords = Omit<Pass, 'run'>;

export function definePass(pass: Pass): Pass {
  return pass;
}

export function isAllowed(level: Level, limit: Level): boolean {
  return LEVELS.indexOf(level) <= LEVELS.indexOf(limit);
}
