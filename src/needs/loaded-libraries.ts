/** Which libraries of the system code loads while it runs, where its text names all of them. */

export interface LoadedLibrary {
  /** As the linker has it: `magic`. */
  readonly name: string;
  /** By the name without a version, which only the package with its headers has. */
  readonly isLink?: true;
}

/** What a call of ctypes that loads a library is given. */
const LOADING = /\b(?:CDLL|LoadLibrary|PyDLL|dlopen)\s*\(\s*([^,)]*(?:\([^)]*\))?)/g;
const FINDING = /\bfind_library\s*\(\s*([^)]*)\)/g;

/** GeoDjango looks for its libraries by itself, wherever its name stands. */
const GEO_DJANGO = /\bdjango\.contrib\.gis\b/;

/** @returns `undefined` where the code loads others, or nobody can tell */
export function loadedBy(path: string, text: string): readonly LoadedLibrary[] | undefined {
  if (!path.endsWith('.py') || /\bcffi\b|\bffi\.|windll|\bcdll\s*\[/.test(text)) return undefined;
  const found = new Map<string, LoadedLibrary>();
  if (GEO_DJANGO.test(text)) for (const name of ['gdal', 'geos_c']) found.set(name, { name });
  for (const [, argument] of text.matchAll(FINDING)) {
    const name = /^(["'])([\w.+-]+)\1\s*$/.exec(argument!)?.[2];
    if (name === undefined) return undefined;
    found.set(name, { name });
  }
  for (const [, argument] of text.matchAll(LOADING)) {
    const word = argument!.trim();
    if (word === 'None' || /^(ctypes\.)?(util\.)?find_library\s*\(/.test(word)) continue;
    const [, , name, version] = /^(["'])lib([\w+-]+)\.so(\.[\d.]+)?\1$/.exec(word) ?? [];
    const isFound = new RegExp(
      `^\\s*${word.replace(/\W/g, '\\$&')}\\s*=.*find_library\\s*\\(`,
      'm',
    );
    if (name !== undefined)
      found.set(`${name}${version ?? ''}`, {
        name,
        ...(version === undefined && { isLink: true }),
      });
    else if (!/^\w+$/.test(word) || !isFound.test(text)) return undefined;
  }
  return [...found.values()];
}

/**
 * Whether Python code looks for a library with `find_library` and has no other name for it. On musl that asks
 * gcc or ld, which take what packages with headers have; elsewhere it asks ldconfig.
 */
export function seeksLibrary(path: string, text: string): boolean {
  return (
    path.endsWith('.py') &&
    (GEO_DJANGO.test(text) || /\bfind_library\s*\([^)]*\)(?!\s*or\s*["'])/.test(text))
  );
}
