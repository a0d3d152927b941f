/** A Dockerfile in the address of the page, only where its user asks for it; it reaches no server. */

const KEY = '#file=';

/** More text than this makes an address that many programs cut off. */
const MOST_LETTERS = 64_000;

/** As large as dfopt takes a Dockerfile. */
const MOST_BYTES = 1024 * 1024;

/** @returns `undefined` where the text is too long for an address. */
export async function sharedAddress(text: string): Promise<string | undefined> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const word = letters.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  if (word.length > MOST_LETTERS) return undefined;
  return `${location.origin}${location.pathname}${KEY}${word}`;
}

/** The text in the address; `undefined` where there is none, or none that can be read. */
export async function sharedText(hash: string): Promise<string | undefined> {
  if (!hash.startsWith(KEY) || hash.length > MOST_LETTERS + KEY.length) return undefined;
  try {
    const letters = atob(hash.slice(KEY.length).replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return await readAtMost(stream, MOST_BYTES);
  } catch {
    // Somebody's address was cut off, or is something else.
    return undefined;
  }
}

/** A few letters can unpack to gigabytes. */
async function readAtMost(
  stream: ReadableStream<Uint8Array>,
  most: number,
): Promise<string | undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const reader = stream.getReader();
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > most) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}
