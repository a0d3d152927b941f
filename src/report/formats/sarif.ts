/**
 * SARIF 2.1.0 (OASIS Standard, with Errata 01): results with places, rules made of the passes, and a
 * fix for each edit that can be made by itself.
 */
import type { PassWords } from '../../pass.ts';
import { hasErrors, type OtherFile } from '../file-report.ts';
import { toJson } from '../json.ts';
import { findingsOf, OTHER_RULES, type Finding, type Severity } from './findings.ts';
import type { RunReport } from './format.ts';
import { lineEdits, linesOf, withoutMark, type LineEdit } from './line-edits.ts';

const SCHEMA =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

const LEVELS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  note: 'note',
};

/** Texts of the rules that are no passes. */
const OTHER_TEXTS: Readonly<Record<string, string>> = {
  [OTHER_RULES.error]: 'The builder rejects this file.',
  [OTHER_RULES['left-alone']]: 'dfopt does not edit such a file.',
  [OTHER_RULES.warning]: 'Something about this file is not as it should be.',
  [OTHER_RULES.failure]: 'The file could not be read, rewritten or written.',
};

export function sarif(run: RunReport): string {
  const findings = findingsOf(run);
  const ids = [...new Set(findings.map(({ rule }) => rule))];
  const passes = new Map(run.passes.map((pass) => [pass.id, pass]));
  return toJson({
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'dfopt',
            version: run.version,
            semanticVersion: run.version,
            rules: ids.map((id) => ruleOf(id, passes.get(id))),
          },
        },
        columnKind: 'utf16CodeUnits',
        newlineSequences: ['\r\n', '\n'],
        invocations: [{ executionSuccessful: !run.reports.some(hasErrors) }],
        results: findings.map((finding) => resultOf(finding, ids.indexOf(finding.rule))),
      },
    ],
  });
}

function ruleOf(id: string, pass: PassWords | undefined): unknown {
  if (!pass) {
    return { id, shortDescription: { text: OTHER_TEXTS[id] ?? id } };
  }
  const { summary, why, refuses, references, level, isAdvice, improves } = pass;
  const rest = [
    ...(refuses.length === 0
      ? []
      : [[isAdvice ? 'It says nothing where' : 'It refuses when', ...refuses].join('\n- ')]),
    `To switch it off: "# dfopt-ignore ${id}: reason" above an instruction.`,
  ];
  const [uri] = references;
  return {
    id,
    shortDescription: { text: plain(summary) },
    fullDescription: { text: plain(why) },
    help: { text: plain([why, ...rest].join('\n\n')) },
    ...(uri !== undefined && { helpUri: uri }),
    defaultConfiguration: { level: 'warning' },
    properties: { tags: [...improves], dfoptLevel: isAdvice ? 'advice' : level },
  };
}

function resultOf(finding: Finding, ruleIndex: number): unknown {
  const { rule, severity, path, place, message, fingerprint, remark } = finding;
  const region = place && {
    startLine: place.line,
    startColumn: place.column,
    endLine: place.endLine,
  };
  const isReason = remark?.outcome === 'missed';
  const changes = finding.fix.flatMap(artifactChange);
  return {
    ruleId: rule,
    ruleIndex,
    // What was refused is no fault of the file.
    ...(isReason
      ? { kind: 'informational', level: 'none' }
      : { kind: 'fail', level: LEVELS[severity] }),
    message: { text: plain(message) },
    locations: [
      { physicalLocation: { artifactLocation: artifact(path), ...(region && { region }) } },
    ],
    partialFingerprints: { 'dfopt/v1': fingerprint },
    ...(changes.length > 0 && {
      fixes: [
        { description: { text: plain(remark?.message ?? message) }, artifactChanges: changes },
      ],
    }),
    ...(remark && {
      properties: {
        outcome: remark.outcome,
        dfoptLevel: remark.level,
        remark: remark.id,
        assumptions: remark.assumptions,
        ...(remark.saved && { savedBytes: remark.saved.bytes }),
      },
    }),
  };
}

/** None where nothing changes: SARIF has no empty lists here. */
function artifactChange({ diffName, before, after }: OtherFile): unknown[] {
  const text = withoutMark(before ?? '');
  const lines = linesOf(text);
  const replacements = lineEdits(text, withoutMark(after)).map((edit) => replacement(edit, lines));
  return replacements.length === 0 ? [] : [{ artifactLocation: artifact(diffName), replacements }];
}

function replacement({ start, count, text }: LineEdit, lines: readonly string[]): unknown {
  const last = lines[start + count - 2] ?? '';
  // To column 1 of the line behind, as line ends go too; behind the last one there may be no line.
  const end =
    count > 0 && !last.endsWith('\n')
      ? { endLine: start + count - 1, endColumn: last.length + 1 }
      : { endLine: start + count, endColumn: 1 };
  return {
    deletedRegion: { startLine: start, startColumn: 1, ...end },
    ...(text !== '' && { insertedContent: { text } }),
  };
}

/** A relative name is one from the top of the repository, which the reader knows. */
function artifact(path: string): unknown {
  const uri = path.split('/').map(segment).join('/');
  return path.startsWith('/') ? { uri } : { uri, uriBaseId: '%SRCROOT%' };
}

/** A lone surrogate, as in a name that is no Unicode, has no bytes to encode. */
function segment(name: string): string {
  return encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\ufffd'));
}

/** SARIF's plain text: braces stand for arguments and `[text](place)` for a link unless it is told. */
function plain(text: string): string {
  return text.replaceAll('{', '{{').replaceAll('}', '}}').replaceAll('](', '] (');
}
