/** What an output format of `dfopt rewrite` is: a whole run in, one text out. */
import type { Level, Outcome, PassWords } from '../../pass.ts';
import type { FileReport } from '../file-report.ts';

/** All that a format may speak of. */
export interface RunReport {
  /** In the order in which the files were named or found. */
  readonly reports: readonly FileReport[];
  /** The most daring edits that this run was allowed to make. */
  readonly level: Level;
  /** Also what was offered and refused. */
  readonly verbose: boolean;
  /** Of which remarks a text for people tells; default those that `verbose` says. */
  readonly shows?: ReadonlySet<Outcome>;
  /** No reasons, errors only. */
  readonly quiet: boolean;
  /** All passes: formats that have rules take their texts from here. */
  readonly passes: readonly PassWords[];
  /** Of dfopt. */
  readonly version: string;
}

export type Render = (run: RunReport) => string;

export interface Format {
  /** As `--format` takes it. */
  readonly name: string;
  /** As a sentence calls it. */
  readonly title: string;
  /** What it is for, as a phrase. */
  readonly summary: string;
  /** Errors of files are part of it, so that nothing else has to say them. */
  readonly hasErrors: boolean;
  /** It points at places of the files as they are: senseless once they are changed. */
  readonly hasPlaces: boolean;
  /** It says of each edit by itself how to make it: `FileReport.fixes` is read. */
  readonly hasFixes: boolean;
  readonly load: () => Promise<Render>;
}
