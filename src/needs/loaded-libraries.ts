/** Which libraries of the system code loads while it runs, where its text names all of them. */

/** What a call of ctypes that loads a library is given. */
const LOADING = /\b(?:CDLL|LoadLibrary|PyDLL|dlopen)\s*\(\s*([^,)]*(?:\([^)]*\))?)/g;
const FINDING = /\bfind_library\s*\(\s*([^)]*)\)/g;

/** @returns names as the linker has them; `undefined` where the code loads others, or nobody can tell */
export function loadedBy(path: string, text: string): readonly string[] | undefined {
  if (!path.endsWith('.py') || /\bcffi\b|\bffi\.|windll|\bcdll\s*\[/.test(text)) return undefined;
  const found: string[] = [];
  for (const [, argument] of text.matchAll(FINDING)) {
    const name = /^(["'])([\w.+-]+)\1\s*$/.exec(argument!)?.[2];
    if (name === undefined) return undefined;
    found.push(name);
  }
  for (const [, argument] of text.matchAll(LOADING)) {
    const word = argument!.trim();
    if (word === 'None' || /^(ctypes\.)?(util\.)?find_library\s*\(/.test(word)) continue;
    const name = /^(["'])(?:lib)([\w+-]+)\.so(?:\.[\d.]+)?\1$/.exec(word)?.[2];
    const isFound = new RegExp(
      `^\\s*${word.replace(/\W/g, '\\$&')}\\s*=.*find_library\\s*\\(`,
      'm',
    );
    if (name !== undefined) found.push(name);
    else if (!/^\w+$/.test(word) || !isFound.test(text)) return undefined;
  }
  return [...new Set(found)];
}
