/** What COPY and ADD put into a layer: files of the build context, of another stage, of elsewhere. */
import { exactly, sum, type Amount } from '../analysis/amounts.ts';
import { contextTree } from '../analysis/context-tree.ts';
import type { BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, hasWildcards, matchPath, pathInside } from '../analysis/go-paths.ts';
import { imagePath, type ImageFiles } from '../analysis/image-files.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { resolveWord, type State } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import type { CopyInstruction } from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { Facts } from '../facts/types.ts';
import { UNKNOWN, type LineKind } from './bill.ts';
import { downloadOf, unpackedArchive } from './downloads.ts';
import { foundAt, holdsPackages, moved, ofFiles, type Item } from './lying.ts';

export interface CopySurroundings {
  readonly state: State;
  readonly context: BuildContext | undefined;
  /** Of the stage in which the COPY stands. */
  readonly image: ImageFiles | undefined;
  readonly facts: Facts;
}

/** What a COPY of the build context, or an ADD, puts into its layer. */
export function copiedItems(
  copy: CopyInstruction,
  { state, context, image, facts }: CopySurroundings,
): readonly Item[] {
  const place = imagePath(state, copy.destination?.text ?? '', copy.escape);
  const items: Item[] = [];
  let own = 0;
  for (const { body } of copy.heredocs) own += body.end - body.start;
  if (own > 0) {
    items.push({ path: place, kind: 'files', what: 'files written here', amount: exactly(own) });
  }
  const outside: string[] = [];
  const archives: string[] = [];
  for (const { text } of copy.sources) {
    const source = plainText(resolveWord(state, text, copy.escape).usual) ?? text;
    if (/[:@]/.test(source) && /^[a-z][a-z+.-]*:\/\/|^git@/i.test(source)) outside.push(source);
    else if (copy.kind === 'add' && /\.(tar|tgz|tbz2?|txz)(\.\w+)?$/i.test(source)) {
      archives.push(source);
    }
  }
  for (const url of outside) items.push(fetched(url, place, facts));
  for (const path of archives) items.push(unpacked(path, place, context, facts));
  const isOfContext = copy.sources.length > outside.length + archives.length;
  if (isOfContext && own === 0) items.push(ofContext(copy, place, context, image));
  return items;
}

function fetched(url: string, path: string, facts: Facts): Item {
  const amount = downloadOf(url, facts)?.amount;
  const name = baseName(url.replace(/[?#].*$/, '')) || url;
  return amount
    ? { path, kind: 'files', what: `the download ${name}`, amount }
    : {
        path,
        kind: 'files',
        what: `the download ${name}`,
        amount: UNKNOWN.download,
        isUnknown: true,
      };
}

function unpacked(
  source: string,
  path: string,
  context: BuildContext | undefined,
  facts: Facts,
): Item {
  const what = `what is in ${source}`;
  const entry = context && contextTree(context.entries).byPath.get(pathInside(source))?.entry;
  const amount =
    entry?.kind === 'file' ? unpackedArchive(source, exactly(entry.bytes), facts) : undefined;
  return amount
    ? { path, kind: 'files', what, amount }
    : { path, kind: 'files', what, amount: UNKNOWN.download, isUnknown: true };
}

function ofContext(
  copy: CopyInstruction,
  path: string,
  context: BuildContext | undefined,
  image: ImageFiles | undefined,
): Item {
  const what = `files of the build context`;
  if (!context || !image) {
    return { path, kind: 'files', what, amount: UNKNOWN.context, isUnknown: true };
  }
  const written = image.written.get(copy) ?? NONE;
  const last = brought.get(written);
  if (last?.context === context && last.item.path === path) return last.item;
  const { byPath } = contextTree(context.entries);
  const files = new Map<string, number>();
  for (const [to, from] of written) {
    const entry = byPath.get(from)?.entry;
    if (entry?.kind === 'file') files.set(to, entry.bytes);
  }
  const item = ofFiles({ path, kind: 'files', what }, files);
  brought.set(written, { context, item });
  return item;
}

const NONE: ReadonlyMap<string, string> = new Map();

interface Brought {
  readonly context: BuildContext;
  readonly item: Item;
}

// By what a COPY writes: that stays as long as nothing before it brings other files.
const brought = new RunMemory<ReadonlyMap<string, string>, Brought>();

/** What a COPY --from another stage of the file puts into its layer. */
export function takenItems(
  copy: CopyInstruction,
  state: State,
  lying: readonly Item[],
  source: string,
  facts: Facts,
): readonly Item[] {
  const text = copy.destination?.text ?? '';
  const place = imagePath(state, text, copy.escape);
  const isFolder = /(^|\/)\.?$/.test(text) || copy.sources.length > 1;
  return copy.sources.flatMap((word): readonly Item[] => {
    const named = plainText(resolveWord(state, word.text, copy.escape).usual) ?? '?';
    const path = pathInside(named.replace(/\/?[^/]*[*?[][^]*$/, '') || named);
    const { items } = foundAt(lying, path);
    const chosen = hasWildcards(named)
      ? items.filter((item) => isNamedBy(pathInside(named), item.path ?? ''))
      : items;
    const what = `/${path} of ${source}`;
    if (chosen.length > 0) {
      const isOne = chosen.length === 1 && chosen[0]!.path === path && chosen[0]!.kind === 'build';
      const to = isFolder && isOne ? pathInside(`${place}/${baseName(path)}`) : place;
      return moved(chosen, path, to);
    }
    const known = facts.downloads.baseFiles.rows.find((row) => matchesWhole(row.path, path));
    if (known) {
      const { bytes, low, high } = known;
      return [
        { path: place, kind: 'files', what, amount: { bytes, low, high, basis: 'catalogue' } },
      ];
    }
    const amount = unknownAmount(path, lying);
    return [{ path: place, kind: 'files', what, amount, isUnknown: true }];
  });
}

const TEXTS =
  /\.(txt|md|json|ya?ml|toml|conf|cfg|ini|sh|sql|csv|xml|html?|css|bin|dat|key|pem|crt)$/i;

/**
 * What a build makes of a few sources, and nobody sees how, is mostly no more than they are; of many
 * it may be anything. What is put where no sources lie is made of the code in all of the stage.
 */
function unknownAmount(path: string, lying: readonly Item[]): Amount {
  if (TEXTS.test(path)) return UNKNOWN.file;
  if (holdsPackages(path)) return UNKNOWN.dependencies;
  const folder = folderOf(path);
  const { items } = folder === '' ? { items: [] } : foundAt(lying, folder);
  const isNear = items.some(({ kind }) => kind === 'files');
  const own = isNear ? items : lying;
  const bytesOf = (wanted: LineKind): number =>
    sum(own.filter(({ kind }) => kind === wanted).map(({ amount }) => amount)).bytes;
  const sources = isNear ? bytesOf('files') : codeIn(own);
  if (sources === 0) return UNKNOWN.path;
  const bytes = sources * OF_SOURCES + bytesOf('dependencies') * OF_PACKAGES;
  if (bytes > UNKNOWN.path.bytes) return UNKNOWN.path;
  return { bytes, low: 0, high: UNKNOWN.path.high, basis: 'model' };
}

function codeIn(items: readonly Item[]): number {
  let all = 0;
  for (const { files, kind } of items) {
    if (kind !== 'files' || !files) continue;
    for (const [path, bytes] of files) if (CODE.test(path)) all += bytes;
  }
  return all;
}

const CODE =
  /\.(c|cc|cpp|cxx|h|hh|hpp|m|mm|go|rs|zig|d|swift|java|kt|scala|groovy|cs|fs|vb|[cm]?[jt]sx?|vue|svelte|py|rb|php|ex|exs|erl|hs|ml|nim|cr|lua|dart|elm|pas|f90)$/i;

/**
 * Made files over the files of the context, and over the packages beside them: guesses. Bundlers for
 * browsers took 1.5 % of their packages in, those for Node.js 20 % (ecosystems/node-build-weight.ts).
 */
const OF_SOURCES = 0.5;
const OF_PACKAGES = 0.1;

/** Whether a pattern names a path or a folder above it. */
function isNamedBy(pattern: string, path: string): boolean {
  const depth = pattern.split('/').length;
  return matchPath(pattern, path.split('/').slice(0, depth).join('/')) === true;
}

/** What a COPY --from an image that is no stage puts into its layer. */
export function foreignItems(
  copy: CopyInstruction,
  state: State,
  image: string,
  size: Amount | undefined,
): readonly Item[] {
  const place = imagePath(state, copy.destination?.text ?? '', copy.escape);
  const path = copy.sources.map(({ text }) => text).join(', ');
  const amount: Amount = size
    ? {
        bytes: Math.min(size.bytes / 4, UNKNOWN.download.bytes),
        low: 0,
        high: size.high,
        basis: 'model',
      }
    : UNKNOWN.download;
  return [{ path: place, kind: 'files', what: `${path} of ${image}`, amount, isUnknown: true }];
}
