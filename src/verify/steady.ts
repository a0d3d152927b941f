/** What differs between two images, less what differs between two runs of the same image. */

/** By what differs (`stdout`, `status`), in words for people. */
export type Differences = ReadonlyMap<string, string>;

export interface Judged {
  readonly sameness: 'same' | 'different' | 'varies';
  readonly details: readonly string[];
}

/**
 * @param again the differences of the image before from itself; asked for where there is something
 * to be explained
 */
export async function judge(
  found: Differences,
  again: () => Promise<Differences>,
): Promise<Judged> {
  if (found.size === 0) return { sameness: 'same', details: [] };
  const varying = await again();
  const steady = [...found].filter(([what]) => !varying.has(what)).map(([, text]) => text);
  const left = [...found.keys()].filter((what) => varying.has(what));
  return {
    sameness: steady.length > 0 ? 'different' : 'varies',
    details: [
      ...steady,
      ...left.map((what) => `${what}: differs from run to run of the same image, so not compared`),
    ],
  };
}
