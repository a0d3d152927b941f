#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { count } from '../lib/count.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    top: { type: 'string', short: 'n', default: '5' },
    text: { type: 'string', short: 't' },
  },
});

if (values.help) {
  console.log('usage: wordfreq [-n number] [-t text | file]');
  process.exit(0);
}

let text = values.text;
if (text === undefined) {
  if (positionals.length !== 1) {
    console.error('wordfreq: one file, or --text');
    process.exit(2);
  }
  text = readFileSync(positionals[0], 'utf8');
}

for (const [word, times] of count(text).slice(0, Number(values.top))) {
  console.log(`${String(times).padStart(4)} ${pc.bold(word)}`);
}
