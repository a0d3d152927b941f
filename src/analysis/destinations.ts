/** Where a COPY or ADD writes, as far as that is known before the build. */
import type { CopyInstruction } from '../dockerfile/model.ts';
import { entryAt, type BuildContext } from './context.ts';
import { resolvePath } from './paths.ts';
import { resolveWord, type State } from './state.ts';
import { plainText, WORLDS } from './values.ts';

/** Names that people give to files and not to folders; compared without case. */
const FILE_NAME =
  /\.(sh|bash|py|pl|rb|js|cjs|mjs|ts|json|ya?ml|toml|ini|cfg|conf|cnf|properties|env|txt|md|xml|html?|php|sql|jar|war|key|pem|crt|csv|service|lock|go|c|h|rs|java|exe|so|ps1|bat|template|tmpl|j2)$/i;

/** The paths that a COPY may write to, one for each world; `undefined` where not known. */
export function destinationsOf(copy: CopyInstruction, state: State): (string | undefined)[] {
  const word = resolveWord(state, copy.destination?.text ?? '', copy.escape);
  return WORLDS.map((world) => plainText(resolvePath(state.workdir[world], word[world])));
}

/** Where something copied comes to lie. */
export interface Target {
  readonly path: string;
  /** It may be a folder whose files spread over what is there. */
  readonly isSpread: boolean;
}

/** Every place that a COPY may write to; `undefined` for one that is not known. */
export function targetsOf(
  copy: CopyInstruction,
  state: State,
  context?: BuildContext,
): (Target | undefined)[] {
  const isFiles = bringsFilesOnly(copy, context);
  const names = copy.sources.map(({ text }) => text.slice(text.lastIndexOf('/') + 1));
  const written = copy.destination?.text ?? '';
  const isFolder = /(^|\/)\.?$/.test(written) || names.length > 1;
  return destinationsOf(copy, state).flatMap((path): (Target | undefined)[] => {
    if (path === undefined) return [undefined];
    // A name that is filled in, or matches several.
    if (!isFiles || names.some((name) => /[*?[$]|^<</.test(name))) {
      return [{ path, isSpread: true }];
    }
    const inside = names.map((name) => ({
      path: `${path === '/' ? '' : path}/${name}`,
      isSpread: false,
    }));
    if (isFolder) return inside;
    const own = { path, isSpread: false };
    // Under a name like that of a file there is no folder.
    return FILE_NAME.test(path) || path.endsWith(`/${names[0]}`) ? [own] : [own, ...inside];
  });
}

/**
 * Whether a COPY may write into one of the folders.
 *
 * @param context tells files from folders; without it names do
 */
export function mayReach(
  copy: CopyInstruction,
  state: State,
  folders: readonly string[],
  context?: BuildContext,
): boolean {
  return destinationsOf(copy, state).some((path) => {
    if (path === undefined) return true;
    return folders.some((folder) => {
      if (isBelow(path, folder)) return true;
      // What is copied to a folder above lands there under names of its own.
      return isBelow(folder, path) && !bringsFilesOnly(copy, context);
    });
  });
}

/** Whether a path is a folder or lies in it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`);
}

/** Whether all that it copies are single files, which lie in the destination itself. */
export function bringsFilesOnly(copy: CopyInstruction, context: BuildContext | undefined): boolean {
  const isForeign = copy.flags.some(({ name }) => name === 'from');
  return copy.sources.every(({ text }) => {
    if (text.startsWith('<<')) return true;
    const path = text.replace(/^(\.?\/)+/, '');
    const entry = context && !isForeign ? entryAt(context, path) : undefined;
    return entry ? entry.kind === 'file' && !isUnpacked(copy, path) : FILE_NAME.test(path);
  });
}

/** ADD unpacks what looks like an archive. */
function isUnpacked({ kind }: CopyInstruction, path: string): boolean {
  return kind === 'add' && /\.(tar|tgz|tbz2?|txz|gz|bz2|xz|zst)$/i.test(path);
}
