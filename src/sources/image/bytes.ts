/** A stream of bytes that is read piece by piece, with never more than one piece in memory. */
import { ArchiveProblem } from './problem.ts';

const NONE = new Uint8Array();

export class Bytes {
  private readonly source: AsyncIterator<Uint8Array>;
  private left: Uint8Array = NONE;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** The next piece of at most so many bytes; `undefined` at the end. */
  async next(most: number): Promise<Uint8Array | undefined> {
    while (this.left.length === 0) {
      const { done, value } = await this.source.next();
      if (done) return undefined;
      this.left = value;
    }
    const piece = this.left.subarray(0, most);
    this.left = this.left.subarray(piece.length);
    return piece;
  }

  /**
   * Exactly so many; `undefined` where there are none at all.
   * @throws ArchiveProblem where it ends in between
   */
  async take(count: number): Promise<Uint8Array | undefined> {
    if (this.left.length >= count) {
      const piece = this.left.subarray(0, count);
      this.left = this.left.subarray(count);
      return piece;
    }
    const pieces: Uint8Array[] = [];
    let have = 0;
    while (have < count) {
      const piece = await this.next(count - have);
      if (!piece) {
        if (have === 0) return undefined;
        throw endsTooEarly();
      }
      pieces.push(piece);
      have += piece.length;
    }
    return Buffer.concat(pieces);
  }

  /** The first bytes, which stay to be read; fewer where it is shorter. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.left.length < count) {
      const { done, value } = await this.source.next();
      if (done) break;
      this.left = this.left.length === 0 ? value : Buffer.concat([this.left, value]);
    }
    return this.left.subarray(0, count);
  }

  /** @throws ArchiveProblem where there are fewer */
  async skip(count: number): Promise<void> {
    let left = count;
    if (this.left.length >= left) {
      this.left = this.left.subarray(left);
      return;
    }
    while (left > 0) {
      const piece = await this.next(left);
      if (!piece) throw endsTooEarly();
      left -= piece.length;
    }
  }

  /** All that is left. */
  async *rest(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = await this.next(Infinity);
      if (!piece) return;
      yield piece;
    }
  }

  /** Nobody wants the rest. */
  async close(): Promise<void> {
    this.left = NONE;
    await this.source.return?.();
  }
}

export function endsTooEarly(): ArchiveProblem {
  return new ArchiveProblem('it ends too early: was it cut off while it was copied?');
}
