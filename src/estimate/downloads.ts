/**
 * How many bytes do downloads, clones and unpacked archives put into a layer, before anybody has run them?
 *
 * By the address alone: rows name what people download most, with the range over the versions in use.
 * An address that no row knows is unknown.
 */
import type { Amount } from '../analysis/amounts.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import type { DownloadRow } from '../facts/size-types.ts';
import type { Facts } from '../facts/types.ts';

type Known = Pick<Facts, 'downloads'>;

export interface Download {
  /** For people: `Go`. */
  readonly what: string;
  /** As it is downloaded; `undefined` where nobody knows. */
  readonly amount: Amount | undefined;
  /** When it is unpacked; `undefined` for what is no archive, or of which nothing is known. */
  readonly unpacked: Amount | undefined;
}

/** @param url as written; variables in it stay as they are */
export function downloadOf(url: string, { downloads }: Known): Download | undefined {
  if (!/^(https?|ftp):\/\//.test(url)) return undefined;
  const row = downloads.rows.find((each) => matchesWhole(each.url, url));
  if (!row) return undefined;
  const amount = amountOf(row);
  const unpacked = row.unpacked === 1 ? undefined : unpackedBy(amount, row.unpacked);
  return { what: row.what, amount, unpacked };
}

function amountOf({ bytes, low, high }: DownloadRow): Amount {
  return { bytes, low, high, basis: 'catalogue' };
}

/** How far the ratio of one version may be off from that of another. */
const RATIO_RANGE = 0.3;

function unpackedBy({ bytes, low, high }: Amount, ratio: number): Amount {
  return {
    bytes: bytes * ratio,
    low: low * ratio * (1 - RATIO_RANGE),
    high: high * ratio * (1 + RATIO_RANGE),
    basis: 'model',
  };
}

/**
 * What an archive grows to.
 *
 * @param name of the file, or its address
 * @param amount its bytes, measured or not
 * @returns `undefined` where the name is that of no archive
 */
export function unpackedArchive(
  name: string,
  amount: Amount,
  { downloads }: Known,
): Amount | undefined {
  const own = name.replace(/[?#].*$/, '').toLowerCase();
  const row = downloads.archives.find((each) => matchesWhole(each.name, own));
  if (!row) return undefined;
  return {
    bytes: amount.bytes * row.unpacked,
    low: amount.low * row.low,
    high: amount.high * row.high,
    basis: 'model',
  };
}

/**
 * A repository with its history: quantiles 0.05, 0.5 and 0.95 of what Dockerfiles clone, by general
 * knowledge, not measured.
 */
const CLONE: Amount = { bytes: 12_000_000, low: 100_000, high: 600_000_000, basis: 'model' };

/** The same without history. */
const SHALLOW: Amount = { bytes: 5_000_000, low: 50_000, high: 180_000_000, basis: 'model' };

export interface Fetched {
  readonly what: string;
  /** Where it comes to lie, as the command writes it; `undefined` where it goes down a pipe. */
  readonly path: string | undefined;
  /** `undefined` where nobody knows how much it is. */
  readonly amount: Amount | undefined;
}

type Args = readonly (string | undefined)[];

/** Whether it is one of the programs that `fetchedBy` knows. */
export function fetches(program: string): boolean {
  return FETCHING.has(program);
}

const FETCHING: ReadonlySet<string> = new Set('curl wget git tar bsdtar unzip'.split(' '));

/**
 * What a call of curl, wget, git, tar or unzip writes; paths as they stand in the command, `.` for the
 * folder in which it runs.
 *
 * @param texts of all words, with what is not literal as it is written: addresses mostly hold a version
 * @param sizeOf bytes of a file that an earlier call has left, by its path
 * @returns `undefined` for any other call
 */
export function fetchedBy(
  program: string,
  args: Args,
  texts: readonly string[],
  facts: Known,
  sizeOf: (path: string) => Amount | undefined = () => undefined,
): readonly Fetched[] | undefined {
  switch (program) {
    case 'curl':
      return curled(args, texts, facts);
    case 'wget':
      return wgot(args, texts, facts);
    case 'git':
      return args.includes('clone') ? [cloned(args, texts)] : undefined;
    case 'tar':
    case 'bsdtar':
      return untarred(args, texts, facts, sizeOf);
    case 'unzip':
      return unzipped(args, facts, sizeOf);
    default:
      return undefined;
  }
}

function isAddress(text: string): boolean {
  return /^["']?(https?|ftp):\/\//.test(text);
}

function plain(text: string): string {
  return text.replace(/^["']|["']$/g, '');
}

function lastPart(url: string): string {
  return url
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '')
    .replace(/^.*\//, '');
}

function fetched(url: string, path: string | undefined, facts: Known): Fetched {
  const found = downloadOf(url, facts);
  return { what: found?.what ?? lastPart(url), path, amount: found?.amount };
}

/** The word behind an option, or in one with it; only a short one may end a cluster: `-fsSLo x`. */
function valueOf(
  texts: readonly string[],
  short: string,
  ...long: readonly string[]
): string | undefined {
  for (const [index, text] of texts.entries()) {
    const isCluster = new RegExp(`^-[a-zA-Z#]*${short}$`).test(text) && !text.startsWith('--');
    if (isCluster || long.includes(text)) {
      const next = texts[index + 1];
      return next === undefined ? undefined : plain(next);
    }
    const name = long.find((each) => text.startsWith(`${each}=`));
    if (name !== undefined) return plain(text.slice(name.length + 1));
  }
  return undefined;
}

function curled(args: Args, texts: readonly string[], facts: Known): readonly Fetched[] {
  const output = valueOf(texts, 'o', '--output');
  const isNamed = args.some(
    (arg) => arg === '--remote-name' || /^-[a-zA-Z#]*O[a-zA-Z#]*$/.test(arg ?? ''),
  );
  return texts.filter(isAddress).map((text) => {
    const url = plain(text);
    const path = output ?? (isNamed ? lastPart(url) : undefined);
    return fetched(url, path === '-' || path === '/dev/null' ? undefined : path, facts);
  });
}

function wgot(args: Args, texts: readonly string[], facts: Known): readonly Fetched[] {
  const output = valueOf(texts, 'O', '--output-document') ?? attached(args);
  const folder = valueOf(texts, 'P', '--directory-prefix');
  return texts.filter(isAddress).map((text) => {
    const url = plain(text);
    if (output === '-' || output === '/dev/null') return fetched(url, undefined, facts);
    const name = output ?? lastPart(url);
    return fetched(url, folder === undefined ? name : `${folder}/${name}`, facts);
  });
}

/** `-qO-`, `-O/tmp/x`. */
function attached(args: Args): string | undefined {
  for (const arg of args) {
    const found = /^-[a-zA-Z]*O(.+)$/.exec(arg ?? '')?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

function cloned(args: Args, texts: readonly string[]): Fetched {
  const isShallow = args.some((arg) => /^--(depth|shallow-since)(=|$)/.test(arg ?? ''));
  const at = texts.findIndex((text) => /^["']?([a-z+]+:\/\/|[\w.-]+@[\w.-]+:)/.test(text));
  const url = at < 0 ? undefined : plain(texts[at]!);
  const own = at < 0 ? undefined : texts[at + 1];
  const name = url === undefined ? undefined : lastPart(url).replace(/\.git$/, '');
  const path = own === undefined || own.startsWith('-') ? name : plain(own);
  return {
    what: `a clone of ${name ?? 'a repository'}`,
    path,
    amount: isShallow ? SHALLOW : CLONE,
  };
}

function untarred(
  args: Args,
  texts: readonly string[],
  facts: Known,
  sizeOf: (path: string) => Amount | undefined,
): readonly Fetched[] | undefined {
  const mode = args.find((arg) => arg !== undefined && /^-?[a-zA-Z]+$/.test(arg)) ?? '';
  const isOut = /^-?[a-wyzA-Z]*x/.test(mode) || args.includes('--extract');
  if (!isOut) return undefined;
  const file = valueOf(texts, 'f', '--file') ?? (/^[a-z]*f$/.test(mode) ? args[1] : undefined);
  const folder = valueOf(texts, 'C', '--directory') ?? '.';
  if (file === undefined || file === '-') {
    return [{ what: 'what comes out of a pipe', path: folder, amount: undefined }];
  }
  return [unpackedFile(file, folder, facts, sizeOf)];
}

function unzipped(
  args: Args,
  facts: Known,
  sizeOf: (path: string) => Amount | undefined,
): readonly Fetched[] {
  const at = args.indexOf('-d');
  const folder = at < 0 ? '.' : args[at + 1];
  const file = args.find(
    (arg, index) => arg?.startsWith('-') === false && (at < 0 || index !== at + 1),
  );
  return [unpackedFile(file ?? '?', folder, facts, sizeOf)];
}

function unpackedFile(
  file: string,
  folder: string | undefined,
  facts: Known,
  sizeOf: (path: string) => Amount | undefined,
): Fetched {
  const size = sizeOf(file);
  return {
    what: `what ${lastPart(file)} unpacks to`,
    path: folder,
    amount: size && unpackedArchive(file, size, facts),
  };
}
