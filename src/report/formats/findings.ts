/** A run as a list of findings with places: what formats for review tools are made of. */
import { instructionsOf, type Diagnostic } from '../../dockerfile/model.ts';
import { parse } from '../../dockerfile/parse.ts';
import { placeOf } from '../../dockerfile/place.ts';
import type { Outcome, PassWords, Remark } from '../../pass.ts';
import type { FileReport, OtherFile } from '../file-report.ts';
import { changeText } from '../size.ts';
import { isOfInterest, whyOffered } from '../remarks.ts';
import type { RunReport } from './format.ts';
import { shortHash } from './sha256.ts';

export type Severity = 'error' | 'warning' | 'note';

export interface Place {
  /** 1-based; columns count UTF-16 code units. */
  readonly line: number;
  readonly column: number;
  /** The last line of the instruction. */
  readonly endLine: number;
}

export interface Finding {
  /** The id of a pass, or one of `OTHER_RULES`. */
  readonly rule: string;
  readonly pass?: PassWords;
  readonly severity: Severity;
  /** From the top of the repository, as in a diff. */
  readonly path: string;
  /** Missing: it is about the whole file. */
  readonly place?: Place;
  /** One line for people; text of the file in it is as it stands there. */
  readonly message: string;
  /** 32 hexadecimal digits: the same finding in another run has the same, another one has not. */
  readonly fingerprint: string;
  readonly remark?: Remark;
  /** The files that change where this edit alone is made; empty where that is not known. */
  readonly fix: readonly OtherFile[];
}

/** What is found besides what passes say. */
export const OTHER_RULES: Readonly<Record<Diagnostic['severity'] | 'failure', string>> = {
  error: 'invalid-dockerfile',
  'left-alone': 'left-alone',
  warning: 'input-warning',
  failure: 'unreadable-file',
};

const SEVERITIES: Readonly<Record<Outcome | Diagnostic['severity'], Severity>> = {
  applied: 'warning',
  advice: 'warning',
  offered: 'note',
  missed: 'note',
  error: 'error',
  'left-alone': 'note',
  warning: 'warning',
};

/** In the order of the files, and in each by line: errors, edits and advice; verbose: all else. */
export function findingsOf({ reports, verbose, quiet, passes }: RunReport): readonly Finding[] {
  const byId = new Map(passes.map((pass) => [pass.id, pass]));
  return reports.flatMap((report) => {
    const { result, diffName: path, failure } = report;
    const remarks = quiet ? [] : (result?.remarks ?? []).filter((each) => isShown(each, verbose));
    const diagnostics = (result?.diagnostics ?? []).filter(
      ({ severity }) => severity === 'error' || !quiet,
    );
    const ends = endsOf(report);
    const found = [
      ...diagnostics.map((each) => ofDiagnostic(each, path)),
      ...remarks.map((remark) => ofRemark(remark, report, ends, byId.get(remark.pass))),
    ].toSorted((one, other) => (one.place?.line ?? 0) - (other.place?.line ?? 0));
    return failure === undefined ? found : [ofFailure(failure, path), ...found];
  });
}

function isShown(remark: Remark, verbose: boolean): boolean {
  if (remark.outcome === 'applied' || remark.outcome === 'advice') return true;
  return verbose && isOfInterest(remark);
}

/** The last lines of the instructions of a file, by where they begin. */
function endsOf({ result }: FileReport): ReadonlyMap<string, number> {
  if (!result || result.remarks.length === 0) return new Map();
  return new Map(
    instructionsOf(parse(result.input)).map(({ origin, text }) => {
      const lines = text.replace(/\n$/, '').split('\n').length;
      return [placeOf(origin[0]!), origin[0]!.line + lines - 1];
    }),
  );
}

function ofRemark(
  remark: Remark,
  { diffName: path, fixes }: FileReport,
  ends: ReadonlyMap<string, number>,
  pass: PassWords | undefined,
): Finding {
  const { origin, id } = remark;
  return {
    rule: remark.pass,
    ...(pass && { pass }),
    severity: SEVERITIES[remark.outcome],
    path,
    place: { ...origin, endLine: ends.get(placeOf(origin)) ?? origin.line },
    message: remarkText(remark),
    fingerprint: shortHash(`${path}\0${id}`),
    remark,
    fix: fixes?.get(id) ?? [],
  };
}

const BEGINNINGS: Readonly<Record<Outcome, string>> = {
  applied: '',
  advice: '',
  offered: 'offered: ',
  missed: 'not done: ',
};

/** What is done, then what it saves, rests on and needs. */
export function remarkText(remark: Remark): string {
  const change = remark.saved ? changeText(remark.saved) : '';
  const parts = [
    ...(change === '' ? [] : [change]),
    ...remark.assumptions.map((assumption) => `assumes: ${assumption}`),
    ...(remark.files.length === 0 ? [] : [`changes ${remark.files.join(', ')} too`]),
    ...whyOffered(remark),
  ];
  const notes = parts.length === 0 ? '' : ` (${parts.join('; ')})`;
  return `${BEGINNINGS[remark.outcome]}${remark.message}${notes}`;
}

function ofDiagnostic({ severity, line, column, message, advice }: Diagnostic, path: string) {
  const text = `${message} (${advice})`;
  return {
    rule: OTHER_RULES[severity],
    severity: SEVERITIES[severity],
    path,
    place: { line, column, endLine: line },
    message: text,
    // The parser says the same of one place only once.
    fingerprint: shortHash(`${path}\0${severity}\0${line}:${column}\0${text}`),
    fix: [],
  };
}

function ofFailure(failure: string, path: string): Finding {
  return {
    rule: OTHER_RULES.failure,
    severity: 'error',
    path,
    message: failure,
    fingerprint: shortHash(`${path}\0failure\0${failure}`),
    fix: [],
  };
}
