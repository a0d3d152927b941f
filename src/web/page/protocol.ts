/** What the page and its worker say to each other; plain data that can be cloned. */
import type { Amount } from '../../analysis/amounts.ts';
import type { Diagnostic } from '../../dockerfile/model.ts';
import type { LineKind } from '../../estimate/bill.ts';
import type { ContextRows } from '../../facts/types.ts';
import type { Improvement, Level, Remark } from '../../pass.ts';
import type { FileEdit } from '../../pipeline.ts';
import type { Choices, ContextJson, FactChanges } from '../messages.ts';

/** A job: this text, with these choices. */
export interface RewriteJob {
  readonly text: string;
  readonly choices: Choices;
  /** `2026-11-21` */
  readonly today: string;
}

export type Order =
  | { readonly kind: 'load'; readonly facts: FactChanges }
  /** What is known of the build context from now on; `undefined`: nothing. */
  | { readonly kind: 'context'; readonly context: ContextJson | undefined }
  | { readonly kind: 'rewrite'; readonly number: number; readonly job: RewriteJob };

export interface PassInfo {
  readonly id: string;
  readonly summary: string;
  readonly why: string;
  readonly level: Level;
  readonly improves: readonly Improvement[];
}

export interface BillPart {
  /** Where the instruction stands in the input. */
  readonly line: number;
  readonly kind: LineKind;
  readonly what: string;
  readonly path?: string;
  readonly amount: Amount;
  readonly isUnknown: boolean;
}

export interface Bill {
  readonly total: Amount;
  readonly parts: readonly BillPart[];
}

export interface Sizes {
  readonly before: Bill;
  readonly after: Bill;
  readonly saved: Amount;
}

export interface Outcome {
  readonly input: string;
  readonly output: string;
  readonly files: readonly FileEdit[];
  readonly remarks: readonly Remark[];
  readonly diagnostics: readonly Diagnostic[];
  readonly sizes?: Sizes;
  /** Milliseconds that the rewrite itself took. */
  readonly took: number;
}

/** The core in the page itself; see `worker.ts`. */
export interface PageCore {
  readonly passes: () => readonly PassInfo[];
  /** @throws where it needs what is not there: the worker can load it */
  readonly rewrite: (job: RewriteJob) => Outcome;
}

declare global {
  interface Window {
    /** Where the worker's script ran in the page. */
    dfoptCore?: PageCore;
  }
}

export type Report =
  | {
      readonly kind: 'ready';
      /** Those that edit, in order. */
      readonly passes: readonly PassInfo[];
      /** Which texts of a folder are read. */
      readonly manifests: ContextRows;
    }
  | { readonly kind: 'outcome'; readonly number: number; readonly outcome: Outcome }
  | {
      readonly kind: 'failed';
      /** Of the job, where it was one. */
      readonly number?: number;
      readonly why: string;
      /** Something did not reach the browser; else it is a bug of dfopt's own. */
      readonly isOutside: boolean;
    };
