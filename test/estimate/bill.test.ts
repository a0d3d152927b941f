/** Bills of small Dockerfiles, cause by cause. */
import { describe, expect, it } from 'vitest';
import { sum } from '../../src/analysis/amounts.ts';
import { makeContext, type BuildContext } from '../../src/analysis/context.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import type { Bill } from '../../src/estimate/bill.ts';
import { shippedBill } from '../../src/estimate/image-size.ts';
import { rebuildOf } from '../../src/estimate/rebuild.ts';
import { savedBetween } from '../../src/estimate/saving.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize } from '../../src/pipeline.ts';

const facts = loadFacts();

function contextOf(files: Readonly<Record<string, number>>, ignore?: string): BuildContext {
  const entries = Object.entries(files).map(([path, bytes]) => ({
    path,
    kind: 'file' as const,
    bytes,
    isExecutable: false,
  }));
  return makeContext({
    entries,
    ...(ignore !== undefined && { ignore: { path: '.dockerignore', text: ignore } }),
  });
}

function billOf(text: string, context?: BuildContext): Bill {
  return shippedBill(parse(text), { context, facts });
}

/** Bytes of all lines whose cause holds the word. */
function bytesOf(bill: Bill, word: string): number {
  return bill.lines
    .filter(({ what, kind }) => what.includes(word) || kind === word)
    .reduce((all, { amount }) => all + amount.bytes, 0);
}

const LISTS = 'package lists';

describe('a bill', () => {
  it('adds up to the byte', () => {
    const bill = billOf(
      'FROM debian:bookworm\nRUN apt-get update && apt-get install -y curl git\n',
    );
    expect(bill.total.bytes).toBe(bill.lines.reduce((all, { amount }) => all + amount.bytes, 0));
    expect(bill.total).toEqual(sum(bill.lines.map(({ amount }) => amount)));
  });

  it('counts lists that stay, and no lists that go in the same layer', () => {
    const stays = billOf('FROM debian:bookworm\nRUN apt-get update && apt-get install -y curl\n');
    const goes = billOf(
      'FROM debian:bookworm\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n',
    );
    expect(bytesOf(stays, LISTS)).toBeGreaterThan(15_000_000);
    expect(bytesOf(goes, LISTS)).toBe(0);
    expect(bytesOf(goes, 'packages')).toBe(bytesOf(stays, 'packages'));
  });

  it('takes nothing off for what a later layer deletes', () => {
    const bill = billOf(
      'FROM debian:bookworm\nRUN apt-get update && apt-get install -y curl\nRUN rm -rf /var/lib/apt/lists/*\n',
    );
    expect(bytesOf(bill, LISTS)).toBeGreaterThan(15_000_000);
  });

  it('counts lists once where they are fetched twice', () => {
    const once = billOf('FROM debian:bookworm\nRUN apt-get update\n');
    const twice = billOf('FROM debian:bookworm\nRUN apt-get update\nRUN apt-get update\n');
    expect(bytesOf(twice, LISTS)).toBe(bytesOf(once, LISTS));
  });

  it('takes packages off that the same RUN removes with what they brought', () => {
    const bill = billOf(
      'FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends gcc \\\n && apt-get purge -y --auto-remove gcc && rm -rf /var/lib/apt/lists/*\n',
    );
    expect(bytesOf(bill, 'packages')).toBeLessThan(5_000_000);
  });

  it('reads the names of packages out of variables', () => {
    const bill = billOf(
      'FROM debian:bookworm-slim\nARG TOOL=git\nRUN apt-get update && apt-get install -y --no-install-recommends $TOOL\n',
    );
    const named = billOf(
      'FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends git\n',
    );
    expect(bytesOf(bill, 'packages')).toBe(bytesOf(named, 'packages'));
  });

  it('counts what is copied, without what is ignored', () => {
    const files = { 'app.py': 3000, 'data/big.bin': 5_000_000, 'notes.md': 700 };
    const all = billOf('FROM scratch\nCOPY . /app\n', contextOf(files));
    const some = billOf('FROM scratch\nCOPY . /app\n', contextOf(files, 'data\n*.md\n'));
    expect(all.total).toEqual({
      bytes: 5_003_700,
      low: 5_003_700,
      high: 5_003_700,
      basis: 'measured',
    });
    expect(some.total.bytes).toBe(3000);
  });

  it('counts files once more whose owners a later layer changes, and not those of the same layer', () => {
    const files = { 'app.py': 3000, 'data/big.bin': 5_000_000 };
    const later = billOf(
      'FROM debian:bookworm-slim\nCOPY . /app\nRUN chown -R nobody /app\n',
      contextOf(files),
    );
    const some = billOf(
      'FROM debian:bookworm-slim\nCOPY . /app\nRUN chown -R nobody /app/data\n',
      contextOf(files),
    );
    expect(bytesOf(later, 'copies')).toBe(5_003_000);
    expect(bytesOf(some, 'copies')).toBe(5_000_000);
    expect(
      bytesOf(billOf('FROM scratch\nCOPY --chown=1 . /app\n', contextOf(files)), 'copies'),
    ).toBe(0);
  });

  it('ships of another stage what is copied out of it, and nothing else', () => {
    const bill = billOf(
      'FROM debian:bookworm AS build\nCOPY . /src\nRUN apt-get update && apt-get install -y gcc\nFROM scratch\nCOPY --from=build /src/pages /pages\n',
      contextOf({ 'pages/a.html': 4000, 'pages/b.html': 1000, 'main.c': 90_000 }),
    );
    expect(bill.total.bytes).toBe(5000);
  });

  it('ships packages for production alone where a second install left the others out', () => {
    const context = makeContext({
      entries: ['package.json', 'yarn.lock'].map((path) => ({
        path,
        kind: 'file' as const,
        bytes: 300,
        isExecutable: false,
      })),
      texts: new Map([
        [
          'package.json',
          '{ "dependencies": { "ms": "2.1.3" }, "devDependencies": { "typescript": "5.4.5" } }',
        ],
        [
          'yarn.lock',
          '# yarn lockfile v1\n\n\nms@2.1.3:\n  version "2.1.3"\n\ntypescript@5.4.5:\n  version "5.4.5"\n',
        ],
      ]),
    });
    const bytes = (second: string): number =>
      bytesOf(
        billOf(
          `FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN yarn install --frozen-lockfile\n${second}FROM scratch\nCOPY --from=build /app/node_modules /app/node_modules\n`,
          context,
        ),
        'dependencies',
      );
    expect(bytes('')).toBeGreaterThan(20_000_000);
    expect(bytes('RUN yarn install --production\n')).toBeLessThan(100_000);
  });

  it('takes what a script of their own makes of sources and packages for a part of them', () => {
    const bytes = (more: Readonly<Record<string, number>>): number =>
      billOf(
        'FROM node:22 AS build\nWORKDIR /site\nCOPY . .\nRUN node build.js\nFROM scratch\nCOPY --from=build /site/public /public\n',
        contextOf({ 'build.js': 1000, 'posts/a.md': 3000, ...more }),
      ).total.bytes;
    expect(bytes({})).toBe(2000);
    expect(bytes({ 'posts/b.md': 4000 })).toBe(4000);
    expect(bytes({ 'films/a.mp4': 900_000_000 })).toBe(5_000_000);
  });

  it('takes what is put far from all sources for a part of the code', () => {
    const context = contextOf({ 'src/a.c': 40_000, 'CMakeLists.txt': 100, 'doc/a.pdf': 3_000_000 });
    const bill = billOf(
      'FROM debian:bookworm AS build\nWORKDIR /src\nCOPY . .\nRUN ./make-all\n\nFROM scratch\nCOPY --from=build /opt/all /opt/all\n',
      context,
    );
    expect(bill.total.bytes).toBe(20_000);
    expect(bill.total.high).toBeGreaterThan(5_000_000);
  });

  it('puts nothing once more where a new folder gets other modes', () => {
    const text = (more: string): string =>
      `FROM node:22-slim\nWORKDIR /app\nCOPY package.json .\nRUN npm install express@4\nRUN ${more}chmod -R 777 node_modules/.cache\n`;
    const context = makeContext({
      entries: [{ path: 'package.json', kind: 'file', bytes: 2, isExecutable: false }],
      texts: new Map([['package.json', '{}']]),
    });
    expect(bytesOf(billOf(text(''), context), 'copies')).toBeGreaterThan(0);
    expect(bytesOf(billOf(text('mkdir -p node_modules/.cache && '), context), 'copies')).toBe(0);
  });

  it('leaves out what is written into a mount', () => {
    const text = (mount: string): string =>
      `FROM node:22-slim\nWORKDIR /app\nCOPY . .\nRUN ${mount}npm ci\n`;
    const context = makeContext({
      entries: [
        { path: 'package.json', kind: 'file', bytes: 90, isExecutable: false },
        { path: 'package-lock.json', kind: 'file', bytes: 400, isExecutable: false },
      ],
      texts: new Map([
        ['package.json', '{"name":"a","version":"1.0.0","dependencies":{"express":"4.21.2"}}'],
        [
          'package-lock.json',
          JSON.stringify({
            name: 'a',
            version: '1.0.0',
            lockfileVersion: 3,
            packages: {
              '': { name: 'a', version: '1.0.0', dependencies: { express: '4.21.2' } },
              'node_modules/express': { version: '4.21.2' },
            },
          }),
        ],
      ]),
    });
    const plain = billOf(text(''), context);
    const mounted = billOf(text('--mount=type=cache,target=/root/.npm '), context);
    expect(bytesOf(plain, 'download cache')).toBeGreaterThan(0);
    expect(bytesOf(mounted, 'download cache')).toBe(0);
    expect(bytesOf(mounted, 'dependencies')).toBe(bytesOf(plain, 'dependencies'));
  });

  it('says of what it does not know, and widens the range', () => {
    const bill = billOf('FROM registry.example/own:1\nRUN ./prepare\n');
    expect(bill.lines.map(({ isUnknown }) => isUnknown)).toEqual([true, true]);
    expect(bill.total.high - bill.total.low).toBeGreaterThan(500_000_000);
  });

  it('weighs nothing for settings, checks and folders', () => {
    const bill = billOf('FROM scratch\nWORKDIR /a\nENV A=1\nUSER 1\nEXPOSE 80\nCMD ["/x"]\n');
    expect(bill.total.bytes).toBe(0);
  });
});

describe('what is saved', () => {
  const TEXT =
    'FROM debian:bookworm\nRUN apt-get update && apt-get install -y curl\nCOPY . /app\nRUN chown -R nobody /app\nUSER nobody\nCMD ["/app/run.sh"]\n';
  const context = contextOf({ 'run.sh': 40, 'pages/big.html': 3_000_000 });

  it('is what the edits save together, to the byte', () => {
    const { estimate, remarks } = optimize(TEXT, facts, { context, isPriced: true });
    const saved = remarks.flatMap(({ saved: each }) => each?.bytes ?? []);
    expect(saved.length).toBeGreaterThan(1);
    expect(saved.reduce((all, each) => all + each, 0)).toBe(
      estimate!.before.total.bytes - estimate!.after.total.bytes,
    );
    expect(estimate!.saved.bytes).toBe(estimate!.before.total.bytes - estimate!.after.total.bytes);
  });

  it('has a range that does not count what both have alike', () => {
    const { estimate } = optimize(TEXT.replace('debian:bookworm', 'node:14-buster'), facts, {
      context,
      isPriced: true,
      select: ['remove-package-lists'],
    });
    const { before, saved } = estimate!;
    const lists = before.lines.find(({ what }) => what.includes(LISTS))!;
    expect(saved.bytes).toBe(lists.amount.bytes);
    expect(saved.high - saved.low).toBeCloseTo(lists.amount.high - lists.amount.low, -1);
    expect(before.total.high - before.total.low).toBeGreaterThan(saved.high - saved.low);
  });

  it('is negative where an image grows', () => {
    const saved = savedBetween(billOf('FROM scratch\n'), billOf('FROM debian:bookworm-slim\n'));
    expect(saved.bytes).toBeLessThan(-70_000_000);
    expect(saved.low).toBeLessThan(saved.high);
  });

  it('is not asked of who does not want to know', () => {
    const { estimate, remarks } = optimize(TEXT, facts, { context });
    expect(estimate).toBeUndefined();
    expect(remarks.every(({ saved }) => saved === undefined)).toBe(true);
  });
});

describe('a change of the sources', () => {
  const context = contextOf({ 'package.json': 90, 'src/index.js': 5000, 'src/page.html': 1000 });
  const cost = (text: string): number | undefined => {
    const file = parse(text);
    const bill = shippedBill(file, { context, facts });
    return rebuildOf(file, bill, { context, facts })?.bytes.bytes;
  };

  it('makes anew what stands behind the copy of the sources', () => {
    const late = cost('FROM node:22\nRUN apt-get update\nCOPY . .\n');
    const early = cost('FROM node:22\nCOPY . .\nRUN apt-get update\n');
    expect(late).toBe(6090);
    expect(early).toBeGreaterThan(15_000_000);
  });

  it('leaves layers before it and manifests alone', () => {
    expect(cost('FROM node:22\nCOPY package.json .\n')).toBe(0);
  });

  it('follows the sources through another stage', () => {
    expect(
      cost('FROM node:22 AS build\nCOPY src /src\nFROM scratch\nCOPY --from=build /src /src\n'),
    ).toBe(6000);
  });
});
