/** What is shown while images are built: on a terminal and elsewhere. */
import { describe, expect, it } from 'vitest';
import { displayOn, liveDisplay, type Display } from '../../src/cli/progress.ts';
import type { Output } from '../../src/cli/io.ts';

function recorder(isTTY: boolean, columns = 60): Output & { text: () => string } {
  let text = '';
  return {
    isTTY,
    columns,
    write: (more) => (text += more),
    text: () => text,
  };
}

/** What a person sees in the end: the cursor goes up, the screen is emptied below. */
function screenOf(text: string): string[] {
  const lines: string[] = [''];
  // oxlint-disable-next-line no-control-regex -- what moves the cursor
  for (const part of text.split(/(\r?\u001b\[\d*[AJ]|\r|\n)/)) {
    // oxlint-disable-next-line no-control-regex -- what moves the cursor
    const up = /\u001b\[(\d+)A/.exec(part)?.[1];
    if (up !== undefined) lines.splice(lines.length - 1 - Number(up), Infinity, '');
    else if (part === '\n') lines.push('');
    // oxlint-disable-next-line no-control-regex -- what empties the screen
    else if (part === '\r' || /\u001b\[J/.test(part)) lines[lines.length - 1] = '';
    else lines[lines.length - 1] += part;
  }
  return lines;
}

function build({ say }: Display): void {
  say({ kind: 'phase', text: 'building before' });
  say({ kind: 'step', step: { name: '[build 1/2] FROM a', cached: false } });
  say({ kind: 'step', step: { name: '[build 1/2] FROM a', cached: true } });
  say({ kind: 'step', step: { name: '[build 2/2] RUN make', cached: false } });
  say({ kind: 'step', step: { name: '[stage-1 1/2] RUN \u001b[31mx', cached: false } });
  say({ kind: 'step', step: { name: '[build 2/2] RUN make', cached: false, seconds: 12.3 } });
}

describe('elsewhere', () => {
  it('is one line for each thing', () => {
    const output = recorder(false);
    const display = displayOn(output);
    build(display);
    display.say({ kind: 'warning', text: 'left behind: \u009bx' });
    display.end();
    expect(output.text().split('\n')).toEqual([
      'building before',
      '  [build 1/2] FROM a',
      '  [build 1/2] FROM a: from the cache',
      '  [build 2/2] RUN make',
      '  [stage-1 1/2] RUN \\u001b[31mx',
      '  [build 2/2] RUN make: 12.3 s',
      'left behind: \\u009bx',
      '',
    ]);
  });
});

describe('on a terminal', () => {
  it('is one line for each stage, rewritten in place', () => {
    const output = recorder(true);
    let now = 0;
    const display = liveDisplay(output, () => now);
    build(display);
    expect(screenOf(output.text())).toEqual([
      'building before',
      '  [build 2/2] RUN make  12.3 s',
      '  [stage-1 1/2] RUN \\u001b[31mx  0 s',
      '',
    ]);
    now = 7000;
    display.say({ kind: 'step', step: { name: '[stage-1 2/2] RUN y', cached: false } });
    now = 9000;
    display.say({ kind: 'step', step: { name: 'exporting to image', cached: false } });
    expect(screenOf(output.text()).slice(1)).toEqual([
      '  [build 2/2] RUN make  12.3 s',
      '  [stage-1 2/2] RUN y  2 s',
      '  exporting to image  0 s',
      '',
    ]);
    display.say({ kind: 'phase', text: 'comparing' });
    expect(screenOf(output.text())).toEqual(['building before', 'comparing', '']);
    display.end();
    expect(screenOf(output.text())).toEqual(['building before', 'comparing', '']);
  });

  it('never writes a line longer than the terminal', () => {
    const output = recorder(true, 30);
    const display = liveDisplay(output, () => 0);
    display.say({ kind: 'step', step: { name: `[1/2] RUN ${'x'.repeat(200)}`, cached: false } });
    display.end();
    // oxlint-disable-next-line no-control-regex -- what moves the cursor
    const written = output.text().split(/\n|\r|\u001b\[\w+/);
    expect(Math.max(...written.map(({ length }) => length))).toBeLessThan(30);
  });

  it('never goes further up than it wrote', () => {
    const output = recorder(true);
    const display = liveDisplay(output, () => 0);
    for (let stage = 0; stage < 40; stage++) {
      display.say({ kind: 'step', step: { name: `[s${stage} 1/1] RUN x`, cached: false } });
    }
    display.end();
    // oxlint-disable-next-line no-control-regex -- what moves the cursor
    const ups = [...output.text().matchAll(/\u001b\[(\d+)A/g)].map(([, up]) => Number(up));
    expect(Math.max(...ups)).toBe(10);
  });
});
