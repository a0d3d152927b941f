/** A run as the text of a pull request: sizes, edits with their reasons, the diff folded. */
import type { Remark } from '../../pass.ts';
import { diffsOf, hasChanged, hasErrors, type FileReport } from '../file-report.ts';
import { changeText, headline } from '../size.ts';
import { isOfInterest, whyOffered } from '../remarks.ts';
import { countOf } from '../units.ts';
import type { RunReport } from './format.ts';
import { markdownCode, markdownFence, markdownText } from './markdown-text.ts';

/**
 * Characters that GitHub takes for the text of a pull request; GitLab takes a million. Less, as some
 * are counted twice.
 */
const MOST = 60_000;

/** What is left out where all of it would be too long, in this order. */
const CUTS: readonly Cut[] = [
  { hasDiff: true, hasTables: true },
  { hasDiff: false, hasTables: true },
  { hasDiff: false, hasTables: false },
];

interface Cut {
  readonly hasDiff: boolean;
  readonly hasTables: boolean;
}

export function markdown(run: RunReport): string {
  for (const cut of CUTS) {
    const text = page(run, cut);
    if (text.length <= MOST) return text;
  }
  return shortened(page(run, CUTS.at(-1)!));
}

function shortened(text: string): string {
  const end = text.lastIndexOf('\n', MOST);
  const left = text.slice(end).split(/^### /m).length - 1;
  return `${text.slice(0, end)}\n\nThis text would be too long: ${countOf(left, 'file')} more.\n`;
}

function page(run: RunReport, cut: Cut): string {
  const { reports } = run;
  const shown = reports.filter(
    (each) => hasChanged(each) || hasErrors(each) || saysMore(each, run),
  );
  const parts = [
    `## ${title(reports)}`,
    ...shown.flatMap((report) => fileParts(report, run, cut)),
    ...muteParts(shown, run),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function saysMore(report: FileReport, { quiet, verbose }: RunReport): boolean {
  return !quiet && verbose && (report.result?.remarks ?? []).some(isOfInterest);
}

function title(reports: readonly FileReport[]): string {
  const changed = reports.filter(hasChanged).length;
  const wrong = reports.filter(hasErrors).length;
  const errors = wrong === 0 ? '' : `, ${countOf(wrong, 'file')} with errors`;
  if (changed === 0) return `dfopt: nothing to change${errors}`;
  const isWritten = reports.some(({ written }) => written);
  const sizes = reports.filter(hasChanged).map(sizeOf);
  const only = changed === 1 && sizes[0] !== '' ? `: ${sizes[0]}` : '';
  return `dfopt: ${countOf(changed, 'Dockerfile')} ${isWritten ? 'rewritten' : 'to rewrite'}${only}${errors}`;
}

function sizeOf({ result }: FileReport): string {
  return result?.estimate ? headline(result.estimate) : '';
}

function fileParts(report: FileReport, run: RunReport, cut: Cut): string[] {
  const { file, result, failure } = report;
  const remarks = run.quiet ? [] : (result?.remarks ?? []).filter(isOfInterest);
  const of = (outcome: Remark['outcome']): readonly Remark[] =>
    remarks
      .filter((each) => each.outcome === outcome)
      .toSorted((one, other) => one.origin.line - other.origin.line);
  const size = hasChanged(report) ? sizeOf(report) : '';
  const applied = of('applied');
  const diffs = cut.hasDiff ? diffsOf(report) : [];
  return [
    `### ${markdownCode(file)}${size === '' ? '' : `: ${size}`}`,
    ...(failure === undefined ? [] : [`**Error:** ${markdownText(failure)}`]),
    findingList(report, run),
    cut.hasTables ? editTable(applied) : counted(applied, 'edit'),
    ...(cut.hasTables
      ? [
          listOf('Offered, not made', of('offered')),
          run.verbose ? listOf('Refused', of('missed')) : '',
          listOf('For a person to look at', of('advice')),
        ]
      : []),
    ...(diffs.length === 0 ? [] : [folded('The diff', markdownFence('diff', diffs.join('')))]),
    !cut.hasDiff && hasChanged(report) ? 'The diff would be too long for this text.' : '',
  ];
}

function counted(remarks: readonly Remark[], noun: string): string {
  return remarks.length === 0 ? '' : countOf(remarks.length, noun);
}

function findingList({ result }: FileReport, { quiet }: RunReport): string {
  return (result?.diagnostics ?? [])
    .filter(({ severity }) => severity === 'error' || !quiet)
    .map(({ severity, line, message, advice }) => {
      const word = severity === 'error' ? '**Error**' : 'Note';
      return `- ${word}, line ${line}: ${markdownText(message)} (${markdownText(advice)})`;
    })
    .join('\n');
}

function editTable(remarks: readonly Remark[]): string {
  if (remarks.length === 0) return '';
  const rows = remarks.map((remark) => {
    const { origin, pass, message, level, assumptions, files, saved } = remark;
    const also = files.length === 0 ? '' : `; changes ${files.map(markdownCode).join(', ')} too`;
    return [
      `${origin.line}`,
      markdownCode(pass),
      markdownText(message) + also,
      saved ? changeText(saved) : '',
      level,
      assumptions.map(markdownText).join('; '),
    ];
  });
  const head = ['line', 'pass', 'what and why', 'size', 'level', 'assumes'];
  const lines = [head, ['--:', '---', '---', '--:', '---', '---'], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function listOf(what: string, remarks: readonly Remark[]): string {
  if (remarks.length === 0) return '';
  const lines = remarks.map((remark) => {
    const notes = [...remark.assumptions.map((each) => `assumes: ${each}`), ...whyOffered(remark)];
    const behind = notes.length === 0 ? '' : ` (${notes.map(markdownText).join('; ')})`;
    return `- line ${remark.origin.line}, ${markdownCode(remark.pass)}: ${markdownText(remark.message)}${behind}`;
  });
  return folded(`${what}: ${remarks.length}`, lines.join('\n'));
}

function folded(summary: string, inside: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${inside}\n\n</details>`;
}

/** With a pass of this run as the example. */
function muteParts(reports: readonly FileReport[], { quiet }: RunReport): string[] {
  const remarks = reports.flatMap(({ result }) => result?.remarks ?? []);
  const example = remarks.find(({ outcome }) => outcome === 'applied') ?? remarks[0];
  if (quiet || !example) return [];
  const fence = markdownFence('dockerfile', `# dfopt-ignore ${example.pass}: the reason`);
  const text = `Above an instruction, this keeps a pass from it; \`dfopt-ignore-file\` keeps it from the whole file. \`dfopt explain ${example.pass}\` says what the pass does and when it refuses, \`--deny ${example.id}\` refuses this one edit.`;
  return [folded('How to mute a pass', `${fence}\n\n${text}`)];
}
