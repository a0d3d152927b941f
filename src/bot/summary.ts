/**
 * The one comment with the whole of a review: sizes on top, a table of all edits, what was offered, the
 * diff folded and cut where it is too long, how to make the edits and how to get rid of them.
 */
import { DEFAULT_BUILDER } from '../builder.ts';
import { DEFAULT_LEVEL, type Remark } from '../pass.ts';
import { diffsOf, hasChanged, hasErrors } from '../report/file-report.ts';
import { markdownFence } from '../report/formats/markdown-text.ts';
import { changeText } from '../report/size.ts';
import { isOfInterest, whyOffered } from '../report/remarks.ts';
import { countOf } from '../report/units.ts';
import { bytesOf, code, folded, prose, remarkLine, shellWord } from './markdown.ts';
import { editsOf, folderOf, isToBeTold, sizeOf, type Reviewed } from './reviewed.ts';

/** How much of everything there is room for; what is further down is left out first. */
interface Detail {
  readonly hasTables: boolean;
  readonly hasLists: boolean;
}

const DETAILS: readonly Detail[] = [
  { hasTables: true, hasLists: true },
  { hasTables: true, hasLists: false },
  { hasTables: false, hasLists: false },
];

/** Less than this of a diff helps nobody. */
const LEAST_DIFF = 1000;

/**
 * @param files in the order of the pull request
 * @param hasSuggestions edits are suggested on lines, besides
 * @param most bytes of the whole
 * @returns the empty string where there is nothing to say
 */
export function summaryOf(
  files: readonly Reviewed[],
  hasSuggestions: boolean,
  most: number,
): string {
  const told = files.filter(isToBeTold);
  if (told.length === 0) return '';
  const tail = [applyPart(told), mutePart(told)].filter((part) => part !== '').join('\n\n');
  const room = most - bytesOf(tail) - RESERVE;
  for (const detail of DETAILS) {
    const heads = told.map((file) => filePart(file, hasSuggestions, detail));
    const used = bytesOf([title(told), ...heads].join('\n\n'));
    if (used > room) continue;
    return assembled(title(told), heads, diffParts(told, room - used), tail);
  }
  return shortened(told, room, tail);
}

/** For what separates the parts. */
const RESERVE = 500;

function assembled(
  head: string,
  parts: readonly string[],
  diffs: readonly string[],
  tail: string,
): string {
  const bodies = parts.map((part, at) => [part, diffs[at] ?? ''].filter((each) => each !== ''));
  return `${[head, ...bodies.flat(), tail].filter((each) => each !== '').join('\n\n')}\n`;
}

/** As many files as there is room for. */
function shortened(told: readonly Reviewed[], room: number, tail: string): string {
  const parts: string[] = [];
  let used = bytesOf(title(told));
  for (const file of told) {
    const part = `- ${code(file.path)}: ${countOf(editsOf(file).length, 'edit')}`;
    used += bytesOf(part) + 1;
    if (used > room - RESERVE) break;
    parts.push(part);
  }
  const left = told.length - parts.length;
  const rest = left === 0 ? [] : [`- ${countOf(left, 'file')} more`];
  return assembled(title(told), [[...parts, ...rest].join('\n')], [], tail);
}

function title(told: readonly Reviewed[]): string {
  const changed = told.filter(({ report }) => hasChanged(report));
  const wrong = told.filter(({ report }) => hasErrors(report)).length;
  const errors = wrong === 0 ? [] : [`${countOf(wrong, 'file')} with errors`];
  const sizes = changed.map(sizeOf).filter((size) => size !== '');
  const first =
    changed.length === 1 && sizes[0] !== undefined
      ? [sizes[0]]
      : changed.length > 0
        ? [`${countOf(changed.length, 'Dockerfile')} could be better`]
        : [];
  return `## dfopt: ${[...first, ...errors].join(', ')}`;
}

function filePart(file: Reviewed, hasSuggestions: boolean, detail: Detail): string {
  const { path, report } = file;
  const size = sizeOf(file);
  const remarks = (report.result?.remarks ?? [])
    .filter((each) => isOfInterest(each) && each.because !== 'denied')
    .toSorted((one, other) => one.origin.line - other.origin.line);
  const of = (outcome: Remark['outcome']): readonly Remark[] =>
    remarks.filter((each) => each.outcome === outcome);
  const edits = of('applied');
  const parts = [
    `### ${code(path)}${size === '' ? '' : `: ${size}`}`,
    report.failure === undefined ? '' : `**Error:** ${prose(report.failure)}`,
    findingList(file),
    edits.length === 0 ? '' : placesText(file, hasSuggestions),
    detail.hasTables ? editTable(edits, file, hasSuggestions) : '',
    ...(detail.hasLists
      ? [offered(of('offered')), listed('For a person to look at', of('advice'))]
      : []),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function findingList({ report }: Reviewed): string {
  return (report.result?.diagnostics ?? [])
    .map(({ severity, line, message, advice }) => {
      const word = severity === 'error' ? '**Error**' : 'Note';
      return `- ${word}, line ${line}: ${prose(message)} (${prose(advice)})`;
    })
    .slice(0, MOST_FINDINGS)
    .join('\n');
}

const MOST_FINDINGS = 20;

function placesText(file: Reviewed, hasSuggestions: boolean): string {
  const { suggestions, dismissed } = file;
  const count = editsOf(file).length;
  const placed = suggestions.flatMap(({ remarks }) => remarks).length;
  const gone = dismissed.length === 0 ? '' : ` ${countOf(dismissed.length, 'edit')} dismissed.`;
  if (!hasSuggestions) return `${countOf(count, 'edit')}.${gone}`;
  if (placed === count) return `${countOf(count, 'edit')}, suggested on the lines.${gone}`;
  if (placed === 0) return `${countOf(count, 'edit')}, in the diff below.${gone}`;
  return `${countOf(count, 'edit')}: ${placed} suggested on the lines, all in the diff below.${gone}`;
}

function editTable(
  edits: readonly Remark[],
  { reasons }: Reviewed,
  hasSuggestions: boolean,
): string {
  if (edits.length === 0) return '';
  const hasReasons = hasSuggestions && edits.some(({ id }) => reasons.has(id));
  const rows = edits.map((remark) => {
    const { origin, pass, message, level, assumptions, files, saved, id } = remark;
    const also = files.length === 0 ? '' : `; changes ${files.map(code).join(', ')} too`;
    const why = reasons.get(id);
    return [
      `${origin.line}`,
      code(pass),
      prose(message) + also,
      saved ? changeText(saved) : '',
      level,
      assumptions.map(prose).join('; '),
      ...(hasReasons ? [why === undefined ? 'yes' : `no: ${prose(why)}`] : []),
    ];
  });
  const head = ['line', 'pass', 'what and why', 'size', 'level', 'assumes'];
  const rule = ['--:', '---', '---', '--:', '---', '---'];
  const lines = [
    hasReasons ? [...head, 'suggested'] : head,
    hasReasons ? [...rule, '---'] : rule,
    ...rows,
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function offered(remarks: readonly Remark[]): string {
  const lines = remarks.map((remark) => {
    const notes = whyOffered(remark).map(prose).join('; ');
    return `- line ${remark.origin.line}, ${remarkLine(remark)}${notes === '' ? '' : `; ${notes}`}`;
  });
  return lines.length === 0 ? '' : folded(`Offered, not made: ${lines.length}`, lines.join('\n'));
}

function listed(what: string, remarks: readonly Remark[]): string {
  const lines = remarks.map(
    ({ origin, pass, message }) => `- line ${origin.line}, ${code(pass)}: ${prose(message)}`,
  );
  return lines.length === 0 ? '' : folded(`${what}: ${lines.length}`, lines.join('\n'));
}

/** Of each file its diff, whole where there is room, else its beginning. */
function diffParts(told: readonly Reviewed[], room: number): readonly string[] {
  let left = room;
  return told.map((file) => {
    const diff = diffsOf(file.report).join('');
    if (diff === '') return '';
    const whole = folded('The diff', markdownFence('diff', diff));
    const part = bytesOf(whole) + 2 <= left ? whole : cutDiff(diff, left);
    left -= bytesOf(part) + 2;
    return part;
  });
}

function cutDiff(diff: string, room: number): string {
  const kept: string[] = [];
  const frame = bytesOf(cutPart('')) + 2;
  let left = room - frame;
  for (const line of diff.split('\n')) {
    // What a terminal would act on is written as six characters, and a fence may grow with the text.
    left -= 6 * bytesOf(line) + 1;
    if (left < 0) break;
    kept.push(line);
  }
  const text = kept.join('\n');
  return bytesOf(text) < LEAST_DIFF ? TOO_LONG : cutPart(text);
}

const TOO_LONG = 'The diff is too long for a comment.';

function cutPart(text: string): string {
  return `${folded('The diff, as far as there is room', markdownFence('diff', text))}\n\n${TOO_LONG}`;
}

function applyPart(told: readonly Reviewed[]): string {
  const commands = told.filter(({ report }) => hasChanged(report)).map(commandFor);
  if (commands.length === 0) return '';
  const shown = commands.slice(0, MOST_COMMANDS);
  const rest = commands.length > shown.length ? ['# … and so on for the other files'] : [];
  const block = markdownFence('sh', [...shown, ...rest].join('\n'));
  return folded(
    'How to make all edits at once',
    `In a clone, at the top of the branch:\n\n${block}`,
  );
}

const MOST_COMMANDS = 20;

function commandFor({ path, options, contextFolder, dismissed }: Reviewed): string {
  const { level = DEFAULT_LEVEL, builder = DEFAULT_BUILDER, skip = [] } = options;
  const context = contextFolder === '' ? '.' : contextFolder.replace(/\/$/, '');
  const flags = [
    ...(level === DEFAULT_LEVEL ? [] : ['--level', level]),
    ...(builder.name === DEFAULT_BUILDER.name ? [] : ['--builder', builder.name]),
    ...(skip.length === 0 ? [] : ['--skip', skip.join(',')]),
    ...(contextFolder === folderOf(path) ? [] : ['--context', shellWord(context)]),
    ...(dismissed.length === 0 ? [] : ['--deny', dismissed.join(',')]),
  ];
  return ['dfopt rewrite --write', ...flags, shellWord(path)].join(' ');
}

/** With a pass of these files as the example. */
function mutePart(told: readonly Reviewed[]): string {
  const example = told.flatMap(editsOf)[0];
  if (!example) return '';
  const { pass } = example;
  const fence = markdownFence('dockerfile', `# dfopt-ignore ${pass}: the reason`);
  const text = [
    'Above an instruction, this keeps a pass from it; `dfopt-ignore-file` keeps it from the whole file.',
    `For this pull request alone, who has write access comments \`/dfopt ignore ${pass}\`; \`/dfopt level safe\` asks for another level.`,
    'A suggestion that somebody resolves, hides or deletes is not made again.',
  ].join(' ');
  return folded('How to mute a pass', `${fence}\n\n${text}`);
}
