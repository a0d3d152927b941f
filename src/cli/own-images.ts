/** `--images`: rows about images of the user's own, read from a file. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { withOwnImages } from '../facts/own-images.ts';
import type { Facts } from '../facts/types.ts';
import { whyNot } from '../sources/why-not.ts';
import { lastString, type Arguments } from './command.ts';
import type { Io } from './io.ts';
import { UsageError } from './usage.ts';

export const IMAGES_OPTION = {
  images: {
    type: 'string',
    requiresArg: true,
    describe: 'A JSON file with rows about images of your own',
  },
} as const;

/** @throws UsageError where the file cannot be read or is not of the form. */
export function factsWithImages(argv: Arguments, facts: Facts, io: Io): Facts {
  const rows = ownRows(argv, io);
  if (rows === undefined) return facts;
  const own = withOwnImages(rows, facts);
  if (own.kind === 'problem') throw new UsageError(`${lastString(argv['images'])}: ${own.why}`);
  return own.facts;
}

/**
 * The rows that `--images` names, as they are written.
 *
 * @throws UsageError where the file cannot be read
 */
export function ownRows(argv: Arguments, io: Io): unknown {
  const path = lastString(argv['images']);
  return path === undefined ? undefined : readJson(path, io);
}

/** @throws UsageError */
export function readJson(path: string, io: Io): unknown {
  let text: string;
  try {
    text = readFileSync(resolve(io.cwd, path), 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${whyNot(error)}`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`${path} is no JSON: ${(error as Error).message}`);
  }
}
