/** A run as one page that needs nothing else: no script, no font, no image, nothing from elsewhere. */
import type { Outcome, PassWords, Remark } from '../../pass.ts';
import { hasChanged, hasErrors, type FileReport } from '../file-report.ts';
import { changeText } from '../size.ts';
import { isOfInterest, whyOffered } from '../remarks.ts';
import { countOf } from '../units.ts';
import type { RunReport } from './format.ts';
import { sideBySide } from './html-diff.ts';
import { sizePicture } from './html-size.ts';
import { STYLE } from './html-style.ts';
import { htmlText } from './html-text.ts';
import { base64, sha256 } from './sha256.ts';

export function html(run: RunReport): string {
  const { reports, version } = run;
  const shown = reports.map((report, index) => ({ report, id: `f${index + 1}` }));
  const title = titleOf(reports);
  const contents =
    shown.length < 2
      ? ''
      : `<nav aria-label="Files"><ul>${shown.map(({ report, id }) => `<li><a href="#${id}">${htmlText(report.file)}</a>: ${stateOf(report)}</li>`).join('\n')}</ul></nav>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">To the report</a>
<header><h1>${title}</h1></header>
<main id="main" tabindex="-1">
${contents}
${shown.map(({ report, id }) => section(report, id, run)).join('\n')}
</main>
<footer><p class="note">dfopt ${htmlText(version)}</p></footer>
</body>
</html>
`;
}

/** Whatever may have come into the page from a file, it cannot do or load anything. */
function policy(): string {
  const hash = base64(sha256(STYLE));
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

function titleOf(reports: readonly FileReport[]): string {
  const changed = reports.filter(hasChanged);
  const isWritten = changed.some(({ written }) => written);
  const counts = `${countOf(changed.length, 'Dockerfile')} ${isWritten ? 'rewritten' : 'to rewrite'}`;
  return `dfopt: ${changed.length === 0 ? 'nothing to change' : counts}`;
}

function stateOf(report: FileReport): string {
  if (hasErrors(report)) return 'errors';
  const edits = (report.result?.remarks ?? []).filter(({ outcome }) => outcome === 'applied');
  return hasChanged(report) ? countOf(edits.length, 'edit') : 'unchanged';
}

function section(report: FileReport, id: string, run: RunReport): string {
  const { file, result, failure, others } = report;
  const remarks = run.quiet ? [] : (result?.remarks ?? []).filter(isOfInterest);
  const of = (outcome: Outcome): readonly Remark[] =>
    remarks
      .filter((remark) => remark.outcome === outcome)
      .toSorted((one, other) => one.origin.line - other.origin.line);
  const changed = hasChanged(report);
  const picture = changed && result?.estimate ? sizePicture(result.estimate, result.remarks) : '';
  const own =
    result && result.output !== result.input
      ? sideBySide(file, id, result.input, result.output)
      : undefined;
  const rest = others.map(
    (other, index) =>
      sideBySide(other.file, `${id}o${index + 1}`, other.before ?? '', other.after).html,
  );
  const diffs = [...(own ? [own.html] : []), ...rest];
  const cards = (all: readonly Remark[]): string => cardList(all, run.passes, id, own?.lines);
  return [
    `<section aria-labelledby="${id}"><h2 id="${id}">${htmlText(file)}</h2>`,
    ...(failure === undefined ? [] : [`<p class="error">Error: ${htmlText(failure)}</p>`]),
    findings(report, run.quiet),
    changed ? '' : '<p>Nothing changes.</p>',
    picture,
    of('applied').length === 0 ? '' : `<h3>Edits</h3>${cards(of('applied'))}`,
    diffs.length === 0 ? '' : `<h3>Before and after</h3>${diffs.join('\n')}`,
    folded('Offered, not made', of('offered'), cards),
    folded('For a person to look at', of('advice'), cards),
    run.verbose ? folded('Refused', of('missed'), cards) : '',
    '</section>',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function findings({ result }: FileReport, quiet: boolean): string {
  const shown = (result?.diagnostics ?? []).filter(
    ({ severity }) => severity === 'error' || !quiet,
  );
  if (shown.length === 0) return '';
  const lines = shown.map(({ severity, line, column, message, advice }) => {
    const word = severity === 'error' ? '<strong class="error">Error</strong>' : 'Note';
    return `<li>${word}, line ${line}, column ${column}: ${htmlText(message)} (${htmlText(advice)})</li>`;
  });
  return `<ul>${lines.join('\n')}</ul>`;
}

function folded(
  title: string,
  remarks: readonly Remark[],
  cards: (remarks: readonly Remark[]) => string,
): string {
  if (remarks.length === 0) return '';
  return `<details><summary>${title}: ${remarks.length}</summary>${cards(remarks)}</details>`;
}

const WORDS: Readonly<Record<Outcome, string>> = {
  applied: 'edit',
  offered: 'offered',
  missed: 'refused',
  advice: 'advice',
};

function cardList(
  remarks: readonly Remark[],
  passes: readonly PassWords[],
  id: string,
  lines: ReadonlySet<number> | undefined,
): string {
  const cards = remarks.map((remark) => {
    const { outcome, message, pass, level, saved, origin, assumptions, files } = remark;
    const change = saved ? changeText(saved) : '';
    const line = `line ${origin.line}`;
    const facts = [
      WORDS[outcome],
      `<code>${htmlText(pass)}</code>`,
      lines?.has(origin.line) ? `<a href="#${id}-${origin.line}">${line}</a>` : line,
      ...(outcome === 'advice' ? [] : [`level ${level}`]),
      ...(change === '' ? [] : [`<strong>${htmlText(change)}</strong>`]),
    ];
    const notes = [
      ...assumptions.map((each) => `Assumes: ${each}`),
      ...(files.length === 0 ? [] : [`Changes ${files.join(', ')} too`]),
      ...whyOffered(remark),
    ];
    const more = reasons(
      remark,
      passes.find((each) => each.id === pass),
    );
    return `<li class="${outcome}"><h4>${htmlText(message)}</h4>
<p class="meta">${facts.join(' · ')}</p>
${notes.map((note) => `<p>${htmlText(note)}</p>`).join('\n')}${more}</li>`;
  });
  return `<ul class="cards">${cards.join('\n')}</ul>`;
}

function reasons({ id, pass, outcome }: Remark, known: PassWords | undefined): string {
  const why = known ? `<p>${htmlText(known.why)}</p>` : '';
  const links = (known?.references ?? [])
    .filter((url) => url.startsWith('https://'))
    .map((url) => `<li><a href="${htmlText(url)}">${htmlText(url)}</a></li>`);
  const mute = [
    ...(outcome === 'applied' ? [`<code>--deny ${htmlText(id)}</code> refuses this one.`] : []),
    `<code># dfopt-ignore ${htmlText(pass)}: reason</code> above the instruction keeps the pass from it.`,
  ];
  const list = links.length === 0 ? '' : `<ul>${links.join('')}</ul>`;
  return `<details><summary>Why, and how to mute it</summary>${why}<p>${mute.join(' ')}</p>${list}</details>`;
}
