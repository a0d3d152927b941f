/**
 * `npm run calibrate [-- <case> …] [--bill] [--read-bases]`: the estimate of every case that the lab measured, beside
 * what was measured. Nothing is built, and the sizes of the built bases are not read: what counts are
 * the bytes above the base. With `--bill`, the lines of each bill as well;
 * with `--read-bases`, the lab's engine is asked first which packages its base images hold.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadFacts } from '../../src/facts/load.ts';
import type { Bill } from '../../src/estimate/bill.ts';
import { CORPUS } from './case.ts';
import { labEngine } from './engine.ts';
import { comparedCase, summaryOf, type Compared } from './estimated.ts';
import type { Measured } from './measured.ts';
import { withStandIns, writeStandIns } from './stand-ins.ts';

export async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      bill: { type: 'boolean', default: false },
      'read-bases': { type: 'boolean', default: false },
    },
  });
  if (values['read-bases']) {
    const engine = await labEngine();
    if (!engine) {
      process.stderr.write('The lab’s engine does not run: npm run lab:setup\n');
      return 2;
    }
    process.stdout.write(`${writeStandIns(engine)} base images read\n`);
  }
  const facts = withStandIns(loadFacts());
  const { cases } = JSON.parse(readFileSync(join(CORPUS, 'measured.json'), 'utf8')) as Measured;
  const names = positionals.length > 0 ? positionals : Object.keys(cases);
  const compared = names.flatMap((name) => comparedCase(name, cases[name]!, facts));
  const lines = [
    'MB above the base: measured, estimated, range, deviation; case, half, side',
    ...compared.flatMap((each) => [
      lineOf(each),
      ...(values.bill && each.bill ? billLines(each.bill) : []),
    ]),
    '',
    ...summaryOf(compared),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(2).padStart(9);
}

function lineOf({ name, side, half, measured, estimate, deviation, isCovered }: Compared): string {
  const range = `${mb(estimate.low)} –${mb(estimate.high)}`;
  const percent = `${(deviation * 100).toFixed(1).padStart(8)} %`;
  return `${mb(measured)} ${mb(estimate.bytes)} ${range} ${percent}  ${isCovered ? ' ' : '!'} ${name}, ${half}, ${side}`;
}

function billLines({ lines }: Bill): string[] {
  return lines.map(
    ({ kind, what, amount, isUnknown, path, instruction }) =>
      `        ${mb(amount.bytes)}  ${isUnknown ? 'unknown, ' : ''}${kind}: ${what} (${path === undefined ? 'all over' : `/${path}`}, line ${instruction.origin[0]!.line})`,
  );
}
