/**
 * Images that others built and measured (corpus/measured-outside.json), and what the estimate says of
 * each. The texts of their Dockerfiles are not part of this project: a folder is given that holds them,
 * as `<owner>+<repository>.Dockerfile`. Of the build contexts nothing is known.
 *
 * Each estimate is made with the rows about images as they held on the day of the build; `--now` takes
 * those of today. `--only <cause>` takes the images in which something of that cause ships.
 *
 * The figures of the estimate were looked at beside set 1; set 2 is only measured against, so that its
 * error is the one that an image never seen is to be expected to have.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from '../../src/dockerfile/parse.ts';
import type { Bill } from '../../src/estimate/bill.ts';
import { shippedBill } from '../../src/estimate/image-size.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { escapeLines } from '../../src/report/escape.ts';
import { quantile } from './apt-measured.ts';
import { PROJECT } from './engine.ts';
import { imagesOn } from './images-on.ts';
import { rankCorrelation } from './ranks.ts';

interface OutsideImage {
  readonly set: 1 | 2;
  readonly repository: string;
  readonly path: string;
  readonly commit?: string;
  /** The day of the build. */
  readonly date: string;
  readonly base: string;
  /** As `docker image inspect` said it. */
  readonly bytes: number;
  /** What ships beside the base: `apt`, `pip`, `context`. */
  readonly causes: readonly string[];
  /** What the builder sent, in bytes. */
  readonly context?: number;
}

interface Compared {
  readonly image: OutsideImage;
  readonly bill: Bill;
  /** By which share the estimate is too high. */
  readonly deviation: number;
  readonly isCovered: boolean;
}

/** Of fewer images an order says nothing. */
const RANKED = 5;
/** How many of the worst are shown with their bills. */
const SHOWN = 20;

function readOutside(): readonly OutsideImage[] {
  const file = join(PROJECT, 'corpus', 'measured-outside.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { images: OutsideImage[] }).images;
}

export function main(argv: readonly string[]): number {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      dockerfiles: { type: 'string' },
      now: { type: 'boolean' },
      only: { type: 'string' },
    },
  });
  if (values.dockerfiles === undefined) {
    process.stderr.write('Where are the Dockerfiles? --dockerfiles <folder>\n');
    return 2;
  }
  const { dockerfiles, only, now } = values;
  const images = readOutside().filter((each) => only === undefined || each.causes.includes(only));
  const compared = images.flatMap((image) => {
    const file = join(dockerfiles, `${image.repository.replace('/', '+')}.Dockerfile`);
    return existsSync(file) ? [compare(image, readFileSync(file, 'utf8'), now === true)] : [];
  });
  for (const set of [1, 2] as const) {
    const ofSet = compared.filter(({ image }) => image.set === set);
    if (ofSet.length > 0) {
      print(set, ofSet, images.filter((image) => image.set === set).length);
    }
  }
  return compared.length > 0 ? 0 : 1;
}

function compare(image: OutsideImage, text: string, isNow: boolean): Compared {
  const facts = loadFacts();
  const then = isNow ? facts : { ...facts, images: imagesOn(facts.images, image.date) };
  const bill = shippedBill(parse(text), { context: undefined, facts: then });
  const { bytes, low, high } = bill.total;
  return {
    image,
    bill,
    deviation: bytes / image.bytes - 1,
    isCovered: low <= image.bytes && image.bytes <= high,
  };
}

const mb = (bytes: number): string => (bytes / 1e6).toFixed(1).padStart(8);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const write = (line: string): void => void process.stdout.write(`${escapeLines(line)}\n`);

function print(set: number, compared: readonly Compared[], count: number): void {
  write(`Set ${set}: estimated, measured, too high by (MB), deviation, outside its range`);
  for (const { image, bill, deviation, isCovered } of compared) {
    const { bytes } = bill.total;
    write(
      `${image.repository.padEnd(34)}${mb(bytes)}${mb(image.bytes)}${mb(bytes - image.bytes)}${percent(deviation).padStart(10)}${isCovered ? '' : '  outside'}`,
    );
  }
  write(`Set ${set}: ${errorOf(compared)} (of ${count})`);
  const causes = new Set(compared.flatMap(({ image }) => image.causes));
  for (const cause of [...causes].toSorted()) {
    const ofCause = compared.filter(({ image }) => image.causes.includes(cause));
    write(`  ${cause}: ${errorOf(ofCause)}`);
  }
  const worst = compared.toSorted((a, b) => Math.abs(b.deviation) - Math.abs(a.deviation));
  for (const { image, bill, deviation } of worst.slice(0, SHOWN)) {
    write(`\n${image.repository}: ${mb(image.bytes).trim()} MB measured, ${percent(deviation)}`);
    for (const { kind, what, amount, isUnknown } of bill.lines) {
      write(`  ${mb(amount.bytes)}  ${kind}  ${what}${isUnknown ? '  (unknown)' : ''}`);
    }
  }
  write('');
}

function errorOf(compared: readonly Compared[]): string {
  const errors = compared.map(({ deviation }) => Math.abs(deviation));
  const covered = compared.filter(({ isCovered }) => isCovered).length / compared.length;
  const ranks = rankCorrelation(
    compared.map(({ bill }) => bill.total.bytes),
    compared.map(({ image }) => image.bytes),
  );
  const order = compared.length < RANKED ? '' : `rank correlation ${ranks.toFixed(2)}, `;
  return `${compared.length} images, absolute error median ${percent(quantile(errors, 0.5))}, 90th percentile ${percent(quantile(errors, 0.9))}, ${order}in the range ${percent(covered)}`;
}
