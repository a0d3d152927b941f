import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const FILE = 'guests.jsonl';

export const sign = (name) => appendFileSync(FILE, JSON.stringify({ name }) + '\n');

export function all() {
  if (!existsSync(FILE)) return [];
  const lines = readFileSync(FILE, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}
