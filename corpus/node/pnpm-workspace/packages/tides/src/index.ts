import { readFileSync } from 'node:fs';

interface Constituent {
  readonly period: number;
  readonly share: number;
}

const table = readFileSync(new URL('../constituents.csv', import.meta.url), 'utf8');

const constituents: readonly Constituent[] = table
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','))
  .map(([, period, share]) => ({ period: Number(period), share: Number(share) }));

/** Metres above the mean, `hours` after the last time that all waves were at their crest. */
export function height(range: number, hours: number): number {
  const waves = constituents.map((c) => c.share * Math.cos((2 * Math.PI * hours) / c.period));
  return (range / 2) * waves.reduce((sum, wave) => sum + wave, 0);
}
