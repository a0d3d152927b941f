/** The text of one file, within a limit; no link is followed and no pipe is waited for. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { readBytes } from './read-bytes.ts';
import { whyNot } from './why-not.ts';

export type TextRead =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unread'; readonly why: string };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @param limit in bytes */
export function readText(path: string, limit: number): TextRead {
  try {
    // Neither followed nor waited for, should it have become a link or a pipe.
    const file = openSync(
      path,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    try {
      const stats = fstatSync(file);
      if (!stats.isFile() || stats.size > limit) return { kind: 'unread', why: 'has changed' };
      return { kind: 'text', text: utf8.decode(readBytes(file, stats.size)) };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof TypeError) return { kind: 'unread', why: 'is not valid UTF-8' };
    return { kind: 'unread', why: `cannot be read: ${whyNot(error)}` };
  }
}
