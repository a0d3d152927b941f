/** Sizes as a picture: how the edits lead from one size to the other, and what is left. */
import type { Bill, BilledInstruction } from '../../estimate/bill.ts';
import type { Estimate } from '../../estimate/saving.ts';
import type { Remark } from '../../pass.ts';
import { changeText, headline, roughly, totalText, whatOf, WORTH_SAYING } from '../size.ts';
import { countOf } from '../units.ts';
import { htmlText } from './html-text.ts';

/** Units of a bar's own: as wide as there is room. */
const WIDTH = 1000;

/** Of a bill; what is smaller is counted together. */
const SHOWN_LINES = 8;

interface Bar {
  readonly label: string;
  readonly value: string;
  readonly from: number;
  readonly to: number;
  readonly kind: 'whole' | 'less' | 'more';
}

export function sizePicture(estimate: Estimate, applied: readonly Remark[]): string {
  const { before, after } = estimate;
  return `<figure class="sizes"><figcaption>Estimated size of the image: ${htmlText(headline(estimate))}</figcaption>
${bars('What each edit changes', steps(estimate, applied))}
${bars('What is left', parts(after))}
<p class="note">Before ${htmlText(totalText(before))}, after ${htmlText(totalText(after))}: uncompressed layers, with the range in which nine of ten lie.</p>
</figure>`;
}

/** From the old size to the new one, edit by edit; what the remarks save adds up to the whole. */
function steps({ before, after }: Estimate, applied: readonly Remark[]): readonly Bar[] {
  const start = before.total.bytes;
  const whole = (label: string, bytes: number): Bar => ({
    label,
    value: roughly(bytes),
    from: 0,
    to: bytes,
    kind: 'whole',
  });
  const all: Bar[] = [whole('before', start)];
  let level = start;
  const small: number[] = [];
  for (const { saved, pass, origin } of applied) {
    if (!saved) continue;
    if (Math.abs(saved.bytes) < WORTH_SAYING) {
      small.push(saved.bytes);
      continue;
    }
    all.push(step(`${pass}, line ${origin.line}`, changeText(saved), level, level - saved.bytes));
    level -= saved.bytes;
  }
  const rest = small.reduce((one, other) => one + other, 0);
  if (rest !== 0) all.push(step(countOf(small.length, 'smaller edit'), '', level, level - rest));
  return [...all, whole('after', after.total.bytes)];
}

function step(label: string, value: string, from: number, to: number): Bar {
  return { label, value, from, to, kind: to > from ? 'more' : 'less' };
}

function parts({ lines }: Bill<BilledInstruction>): readonly Bar[] {
  const sorted = lines
    .filter(({ amount }) => amount.bytes > 0)
    .toSorted((one, other) => other.amount.bytes - one.amount.bytes);
  const large = sorted.filter(({ amount }) => amount.bytes >= WORTH_SAYING);
  const count = Math.min(SHOWN_LINES, large.length === 0 ? sorted.length : large.length);
  const rest = sorted.slice(count);
  const bytes = rest.reduce((all, { amount }) => all + amount.bytes, 0);
  const bar = (label: string, size: number, isUnknown = false): Bar => ({
    label,
    value: isUnknown ? 'unknown' : roughly(size),
    from: 0,
    to: size,
    kind: 'whole',
  });
  return [
    ...sorted.slice(0, count).map((line) => bar(whatOf(line), line.amount.bytes, line.isUnknown)),
    ...(rest.length === 0 ? [] : [bar(countOf(rest.length, 'smaller part'), bytes)]),
  ];
}

/** A table, so that the picture can be read by who does not see it. */
function bars(title: string, all: readonly Bar[]): string {
  const most = Math.max(1, ...all.flatMap(({ from, to }) => [from, to]));
  const rows = all.map(({ label, value, from, to, kind }) => {
    const x = Math.round((Math.max(0, Math.min(from, to)) / most) * WIDTH);
    const width = Math.max(2, Math.round((Math.abs(to - from) / most) * WIDTH));
    const picture = `<svg viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="${kind}" x="${Math.min(x, WIDTH - 2)}" y="0" width="${width}" height="10"/></svg>`;
    return `<tr><th scope="row">${htmlText(label)}</th><td class="value">${htmlText(value)}</td><td class="bar">${picture}</td></tr>`;
  });
  return `<table class="bars"><caption>${title}</caption>\n${rows.join('\n')}</table>`;
}
