/** What is wrong with an archive of an image, and how much of one is read at most. */

/** Its message is for the user; thrown inside of this folder only, where streams meet. */
export class ArchiveProblem extends Error {
  /** Nothing else of the archive is worth reading. */
  readonly isFinal: boolean;

  constructor(message: string, isFinal = false) {
    super(message);
    this.isFinal = isFinal;
  }
}

export interface Limits {
  /** Of all layers together, unpacked. */
  readonly bytes: number;
  /** Files, folders and links in all layers together. */
  readonly entries: number;
  /** Files in the archive itself. */
  readonly members: number;
  /** Of one JSON text. */
  readonly documentBytes: number;
  /** Of all JSON texts together: they are kept until the archive was read. */
  readonly documentsBytes: number;
  /** Of a long name or of extended attributes in a tar archive: they are kept, too. */
  readonly headerBytes: number;
  /** Packed bytes may become so many times as many, after the first `freeBytes`. */
  readonly ratio: number;
  readonly freeBytes: number;
}

/**
 * Far above what images have (the largest known ones hold a hundred gigabytes and a few million files),
 * and low enough that a hostile one ends within minutes and without filling memory. gzip makes at most
 * 1030 of one byte; real layers come to 20, and swap files and sparse databases stay below `freeBytes`.
 */
export const LIMITS: Limits = {
  bytes: 300_000_000_000,
  entries: 20_000_000,
  members: 100_000,
  documentBytes: 4 * 1024 * 1024,
  documentsBytes: 64 * 1024 * 1024,
  headerBytes: 1024 * 1024,
  ratio: 250,
  freeBytes: 2_000_000_000,
};

/** What was unpacked so far, of all layers. */
export interface Spent {
  bytes: number;
  entries: number;
}

export function spend(spent: Spent, limits: Limits, bytes: number, entries: number): void {
  spent.bytes += bytes;
  spent.entries += entries;
  if (spent.bytes > limits.bytes) {
    throw new ArchiveProblem(
      `its layers have more than ${limits.bytes} bytes, which is more than dfopt reads`,
      true,
    );
  }
  if (spent.entries > limits.entries) {
    throw new ArchiveProblem(
      `its layers have more than ${limits.entries} files, which is more than dfopt reads`,
      true,
    );
  }
}
