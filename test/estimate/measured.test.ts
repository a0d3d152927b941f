/** Figures of an image that was built in the place of estimates: which step is which, before and after. */
import { describe, expect, it } from 'vitest';
import { makeContext } from '../../src/analysis/context.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import type { BuiltRow } from '../../src/estimate/built-image.ts';
import { recordedStep } from '../../src/estimate/history.ts';
import { measuredBy, shippedBill } from '../../src/estimate/image-size.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize } from '../../src/pipeline.ts';

const facts = loadFacts();

/** Rows as `text | bytes`, `-` for no text; without bytes there is no layer. */
function rowsOf(text: string): BuiltRow[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [, createdBy = '', bytes] = /^\s*(.*?)(?: \| (\d+))?$/.exec(line)!;
      const row = createdBy === '-' ? '' : createdBy.replaceAll('⏎', '\n');
      return { createdBy: row, bytes: Number(bytes ?? 0), hasLayer: bytes !== undefined };
    });
}

function measured(text: string, history: string) {
  const file = parse(text);
  const scope = { context: undefined, facts };
  const found = measuredBy({ name: 'acme/app:1', rows: rowsOf(history) }, file, scope)!;
  const bill = shippedBill(file, { ...scope, measured: found });
  return { bill, warning: found.warning?.message };
}

/** What is measured, by line of the Dockerfile; nothing else. */
function measuredLines(text: string, history: string): Record<number, number> {
  const sums: Record<number, number> = {};
  for (const { instruction, amount } of measured(text, history).bill.lines) {
    const { line } = instruction.origin[0]!;
    if (amount.basis === 'measured') sums[line] = (sums[line] ?? 0) + amount.bytes;
  }
  return sums;
}

const BASE = `
  /bin/sh -c #(nop) ADD file:5f70bf18a086 in /  | 74000000
  /bin/sh -c #(nop)  CMD ["bash"]
`.trimEnd();

describe('steps of a history', () => {
  it('are found where BuildKit built', () => {
    const text = [
      'FROM debian:12', // 1
      'ARG VERSION',
      'WORKDIR /srv/app',
      'RUN apt-get update \\',
      '    # why',
      '    && apt-get install -y curl', // 4
      'COPY --chown=1:1 a.txt ./src $VERSION/ /app/', // 7
      'COPY ["a b", "/c d/"]', // 8
      'RUN --mount=type=cache,target=/c <<EOF', // 9
      'echo "one"',
      '  make $VERSION',
      'EOF',
      "RUN cat <<EOF > /a && cat <<'X' > /b", // 13
      'one',
      'EOF',
      'two',
      'X',
      'RUN ["make", "all"]', // 18
      'COPY --from=debian:12 --link /bin/sh /x', // 19
      'ADD https://example.org/x /y', // 20
      'ENTRYPOINT ["/x"]',
      '',
    ].join('\n');
    const history = `${BASE}
      ARG VERSION
      WORKDIR /srv/app | 0
      RUN |1 VERSION=a b /bin/sh -c apt-get update     && apt-get install -y curl # buildkit | 101
      COPY --chown=1:1 a.txt ./src 1.2/ /app/ # buildkit | 102
      COPY a b /c d/ # buildkit | 103
      RUN |1 VERSION=a b /bin/sh -c echo "one"⏎  make $VERSION⏎ # buildkit | 104
      RUN |1 VERSION=a b /bin/sh -c cat <<EOF > /a && cat <<'X' > /b⏎one⏎EOF⏎two⏎X # buildkit | 105
      RUN |1 VERSION=a b make all # buildkit | 106
      COPY /bin/sh /x # buildkit | 107
      ADD https://example.org/x /y # buildkit | 108
      ENTRYPOINT ["/x"]`;
    const lines = { 1: 74e6, 4: 101, 7: 102, 8: 103, 9: 104, 13: 105, 18: 106, 19: 107, 20: 108 };
    expect(measuredLines(text, history)).toEqual(lines);
    const { bill, warning } = measured(text, history);
    const bytes = 74e6 + 836;
    expect(bill.total).toEqual({ bytes, low: bytes, high: bytes, basis: 'measured' });
    expect(warning).toBeUndefined();
  });

  it('are found where the classic builder or buildah built', () => {
    const text =
      'FROM debian:12\nARG X=1\nSHELL ["/bin/bash", "-c"]\nRUN make\nCOPY . $X/\nADD a b/\nRUN ["x", "y z"]\nRUN true\n';
    const history = `${BASE}
      /bin/sh -c #(nop)  ARG X=1
      /bin/bash -c #(nop)  SHELL [/bin/bash -c]
      |1 X=1 /bin/bash -c make | 11
      /bin/bash -c #(nop) COPY dir:5f70bf18 in 1/  | 12
      /bin/bash -c #(nop) ADD file:00ec163 in b/  | 13
      |1 X=1 x y z | 14
      |1 X=1 /bin/bash -c true`;
    expect(measuredLines(text, history)).toEqual({ 1: 74e6, 4: 11, 5: 12, 6: 13, 7: 14 });
  });

  it('are found where an old buildah built', () => {
    const text = 'FROM debian:12\nARG X\nRUN ["x", "y z"]\nRUN y\n';
    const history = `${BASE}
      /bin/sh -c #(nop) ARG X
      /bin/sh -c ["x", "y z"] | 14
      |1 X=1 /bin/sh -c y | 15`;
    expect(measuredLines(text, history)).toEqual({ 1: 74e6, 3: 14, 4: 15 });
  });

  it('are told from settings, and from what only looks like them', () => {
    expect(recordedStep('CMD ["RUN x"]')).toBeUndefined();
    expect(recordedStep('')).toBeUndefined();
    expect(recordedStep('/bin/sh -c #(nop)  ENV A=RUN b')).toBeUndefined();
    const echo = 'RUN /bin/sh -c echo "#(nop) COPY x y" # buildkit';
    expect(recordedStep(echo)).toMatchObject({ keyword: 'RUN', isClassic: false });
    expect(recordedStep('/bin/sh -c make')).toMatchObject({ keyword: 'RUN', isClassic: true });
  });

  it('are found through the stages that the last one stands on, and not in others', () => {
    const text =
      'FROM debian:12 AS one\nRUN make\nFROM debian:12 AS other\nRUN make\nFROM one\nRUN make install\n';
    const history = `${BASE}
      RUN /bin/sh -c make # buildkit | 5
      RUN /bin/sh -c make install # buildkit | 6`;
    expect(measuredLines(text, history)).toEqual({ 1: 74e6, 2: 5, 6: 6 });
  });

  it('of the base with the same words stay in the base', () => {
    const text = 'FROM debian:12\nWORKDIR /app\nRUN make\nRUN make test\n';
    const history = `${BASE}
      WORKDIR /app | 0
      RUN /bin/sh -c make # buildkit | 1000
      RUN /bin/sh -c make test # buildkit | 2000
      WORKDIR /app | 0
      RUN /bin/sh -c make # buildkit | 5
      RUN /bin/sh -c make test # buildkit | 6`;
    expect(measuredLines(text, history)).toEqual({ 1: 74_003_000, 3: 5, 4: 6 });
  });

  it('are not guessed by how they end', () => {
    const history = `${BASE}\nRUN /bin/sh -c make && true # buildkit | 5`;
    const { bill, warning } = measured('FROM debian:12\nRUN true\n', history);
    expect(bill.total.basis).not.toBe('measured');
    expect(warning).toBe(
      'no size was taken from the image "acme/app:1": its history has none of the instructions of this Dockerfile',
    );
  });
});

describe('an image that was built from another version', () => {
  const HISTORY = `${BASE}
    RUN /bin/sh -c make one # buildkit | 5
    RUN /bin/sh -c make two # buildkit | 6
    RUN /bin/sh -c make three # buildkit | 7`;

  it('measures what is the same', () => {
    const text = 'FROM debian:12\nRUN make one\nRUN make 2\nRUN make three\n';
    const { bill, warning } = measured(text, HISTORY);
    expect(bill.lines.map(({ amount }) => [amount.bytes, amount.basis])).toEqual([
      [74e6, 'measured'],
      [5, 'measured'],
      [1e6, 'model'],
      [7, 'measured'],
    ]);
    expect(warning).toBe(
      '1 of 3 instructions that make layers are not in the history of the image "acme/app:1", this one first',
    );
  });

  it('does not measure the base where nobody can tell where it ends', () => {
    const text = 'FROM debian:12\nRUN make 1\nRUN make two\nRUN make three\n';
    expect(measuredLines(text, HISTORY)).toEqual({ 3: 6, 4: 7 });
  });

  it('measures what is left where some are gone', () => {
    const text = 'FROM debian:12\nRUN make one\nRUN make three\n';
    expect(measuredLines(text, HISTORY)).toEqual({ 1: 74e6, 2: 5, 3: 7 });
  });
});

describe('layers that cannot be told apart', () => {
  const TEXT = 'FROM debian:12\nRUN make\nCOPY a /b\n';

  it('are one sum where they were squashed', () => {
    const history = `${BASE}
      RUN /bin/sh -c make # buildkit
      COPY a /b # buildkit
      - | 9000000`;
    const { bill, warning } = measured(TEXT, history);
    expect(bill.total).toMatchObject({ bytes: 83e6, basis: 'measured' });
    expect(bill.lines).toHaveLength(3);
    expect(warning).toBeUndefined();
  });

  it('are not used where only some of them are of this Dockerfile', () => {
    const history = `${BASE}\nRUN /bin/sh -c make # buildkit\nCOPY other /b # buildkit\n- | 9000000`;
    expect(measured(TEXT, history).warning).toMatch(/several instructions share one layer/);
  });

  it('are not used without a history', () => {
    const { bill, warning } = measured(TEXT, '- | 74000000\n- | 9000000');
    expect(warning).toMatch(/its history does not say which instruction made which layer/);
    expect(bill.total.basis).not.toBe('measured');
  });
});

it('a layer with several causes is divided as they were estimated', () => {
  const text = 'FROM debian:12\nRUN apt-get update && apt-get install -y curl\n';
  const history = `${BASE}\nRUN /bin/sh -c apt-get update && apt-get install -y curl # buildkit | 30000001`;
  const file = parse(text);
  const estimated = shippedBill(file, { context: undefined, facts }).lines.slice(1);
  const lines = measured(text, history).bill.lines.slice(1);
  expect(estimated.length).toBeGreaterThan(1);
  expect(lines.map(({ what }) => what)).toEqual(estimated.map(({ what }) => what));
  expect(lines.reduce((sum, { amount }) => sum + amount.bytes, 0)).toBe(30_000_001);
  const ratio = (index: number) => lines[index]!.amount.bytes / estimated[index]!.amount.bytes;
  expect(ratio(0)).toBeCloseTo(ratio(1), 3);
});

it('a base without instructions is the whole image', () => {
  expect(measuredLines('FROM debian:12\nCMD ["x"]\n', `${BASE}\nCMD ["x"]`)).toEqual({ 1: 74e6 });
});

it('an image of which nobody can set all beside all is not used', () => {
  const text = `FROM debian:12\n${'RUN make\n'.repeat(1500)}`;
  const history = 'RUN /bin/sh -c make # buildkit | 1\n'.repeat(4000);
  expect(measured(text, history).warning).toMatch(/no size was taken/);
});

describe('after edits', () => {
  const INSTALL = 'RUN apt-get update && apt-get install -y curl';
  const text = `FROM debian:12-slim\n${INSTALL}\nRUN make\nCOPY a /b\nCMD ["curl"]\n`;
  const rows = rowsOf(`${BASE}
    RUN /bin/sh -c apt-get update && apt-get install -y curl # buildkit | 40000000
    RUN /bin/sh -c make # buildkit | 6000000
    COPY a /b # buildkit | 500`);
  const context = makeContext({
    entries: [{ path: 'a', kind: 'file', bytes: 500, isExecutable: false }],
  });
  const result = optimize(text, facts, {
    context,
    builtImage: { name: 'acme/app:1', rows },
    isPriced: true,
    select: ['remove-package-lists'],
  });
  const { before, after, saved } = result.estimate!;

  it('what is the same keeps its figure, what is not its share', () => {
    expect(result.output).toContain('rm -rf /var/lib/apt/lists');
    expect(before.total).toMatchObject({ bytes: 120_000_500, basis: 'measured' });
    const bytesOf = (line: number, bill = after): readonly (number | string)[][] =>
      bill.lines
        .filter(({ instruction }) => instruction.origin[0]!.line === line)
        .map(({ kind, amount }) => [kind, amount.bytes, amount.basis]);
    expect(bytesOf(1)).toEqual([['base', 74e6, 'measured']]);
    expect(bytesOf(3)).toEqual([['build', 6e6, 'measured']]);
    expect(bytesOf(4)).toEqual([['files', 500, 'measured']]);
    const packages = (bill: typeof after) => bytesOf(2, bill).find(([kind]) => kind === 'packages');
    expect(packages(after)![1]).toBe(packages(before)![1]);
    expect(packages(after)![2]).not.toBe('measured');
    const lists = before.lines.find(({ kind }) => kind === 'leavings')!.amount.bytes;
    expect(saved.bytes).toBe(lists);
    expect(after.total.bytes).toBe(before.total.bytes - lists);
  });

  it('what nobody knows is not more than its layer', () => {
    const unseen = 'FROM debian:12-slim\nRUN ./x && apt-get update && apt-get install -y curl\n';
    const image = rowsOf(
      `${BASE}\nRUN /bin/sh -c ./x && apt-get update && apt-get install -y curl # buildkit | 50000000`,
    );
    const { estimate } = optimize(unseen, facts, {
      builtImage: { name: 'x', rows: image },
      isPriced: true,
      select: ['remove-package-lists'],
    });
    const lines = estimate!.after.lines.slice(1);
    expect(lines.length).toBeGreaterThan(1);
    for (const { amount, isUnknown } of lines) {
      expect(isUnknown).toBeUndefined();
      expect(amount.bytes).toBeLessThan(50e6);
      expect(amount.high).toBeLessThanOrEqual(50e6);
    }
    expect(estimate!.after.total.bytes).toBeLessThan(124e6);
  });

  it('savings of the edits add up', () => {
    const all = result.remarks.reduce((sum, remark) => sum + (remark.saved?.bytes ?? 0), 0);
    expect(all).toBe(saved.bytes);
  });

  it('another base is estimated', () => {
    const java = 'FROM node:22\nCOPY a /b\nCMD ["node", "/b"]\n';
    const history = rowsOf('COPY / / # buildkit | 1100000000\nCOPY a /b # buildkit | 500');
    const { estimate, output } = optimize(java, facts, {
      context,
      builtImage: { name: 'x', rows: history },
      isPriced: true,
    });
    expect(output).toContain('FROM node:22-slim');
    expect(estimate!.before.total).toMatchObject({ bytes: 1_100_000_500, basis: 'measured' });
    expect(estimate!.after.lines.map(({ amount }) => amount.basis)).toEqual([
      expect.stringMatching(/catalogue|model/),
      'measured',
    ]);
  });

  it('what another stage copies is corrected as its layer was, within reason', () => {
    const install = 'RUN pip install --no-cache-dir flask requests';
    const built = `FROM python:3.12 AS one\n${install}\n`;
    const packages = '/usr/local/lib/python3.12/site-packages';
    const divided = parse(
      `${built}FROM python:3.12-slim\nCOPY --from=one ${packages} ${packages}\n`,
    );
    const scope = { context: undefined, facts };
    const lineOf = (measuredBytes?: number) => {
      const own = rowsOf(
        `${BASE}\nRUN /bin/sh -c pip install --no-cache-dir flask requests # buildkit | ${measuredBytes}`,
      );
      const found = measuredBytes && measuredBy({ name: 'x', rows: own }, parse(built), scope);
      const { lines } = shippedBill(divided, { ...scope, ...(found && { measured: found }) });
      return lines.find(({ kind }) => kind === 'dependencies')!.amount;
    };
    const plain = lineOf();
    const whole = shippedBill(parse(built), scope)
      .lines.slice(1)
      .reduce((sum, { amount }) => sum + amount.bytes, 0);
    expect(lineOf(whole * 2).bytes / plain.bytes).toBeCloseTo(2, 2);
    expect(lineOf(whole * 2).basis).toBe(plain.basis);
    // So far off, the layer holds something else.
    expect(lineOf(whole * 20)).toEqual(plain);
  });

  it('nothing of the result is another one', () => {
    const plain = optimize(text, facts, { context, select: ['remove-package-lists'] });
    expect(result.output).toBe(plain.output);
    expect(result.diagnostics).toEqual(plain.diagnostics);
  });
});
