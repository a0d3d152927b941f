/** What `install(…)` commands of CMake put where, as far as that shows. */
import { isWithin, type BuildContext } from '../analysis/context.ts';
import { textsBelow } from './c-libraries.ts';

/**
 * @param folder of the image, with the sources
 * @param root the prefix, without a slash in front
 * @returns paths without a slash in front; `elsewhere` where something goes outside of the prefix
 */
export function cmakeInstalls(
  folder: string,
  files: BuildContext | undefined,
  root: string,
): readonly string[] | 'elsewhere' | 'unknown' {
  const texts = files
    ? [...files.texts].flatMap(([path, text]) =>
        isWithin(path, folder) && /(^|\/)CMakeLists\.txt$|\.cmake$/.test(path)
          ? [text.replaceAll(/(^|\s)#[^\n]*/g, '$1')]
          : [],
      )
    : [];
  if (texts.length === 0) return 'unknown';
  const all = texts.join('\n');
  const commands = [...all.matchAll(/\binstall\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)/gi)].map(
    ([, words]) => words!.trim().split(/\s+/),
  );
  if (commands.length === 0) return 'unknown';
  if (
    commands.some((words) =>
      words.some((word, at) => words[at - 1] === 'DESTINATION' && /^"?\//.test(word)),
    )
  ) {
    return 'elsewhere';
  }
  const paths: string[] = [];
  for (const [kind, ...words] of commands) {
    if (kind?.toUpperCase() !== 'TARGETS') return 'unknown';
    const end = words.findIndex((word) => /^[A-Z_]+$/.test(word));
    const names = end < 0 ? words : words.slice(0, end);
    const place = words[words.indexOf('DESTINATION') + 1];
    const bin = words.includes('DESTINATION') ? place : 'bin';
    if (bin === undefined || /[$"]/.test(bin.replace('${CMAKE_INSTALL_BINDIR}', '')))
      return 'unknown';
    for (const name of names) {
      if (!new RegExp(`\\badd_executable\\s*\\(\\s*${escaped(name)}\\s`).test(all))
        return 'unknown';
      paths.push(`${root}/${bin.replace('${CMAKE_INSTALL_BINDIR}', 'bin')}/${nameOf(name, all)}`);
    }
  }
  return paths;
}

function nameOf(target: string, text: string): string {
  const properties = new RegExp(
    `set_target_properties\\s*\\(\\s*${escaped(target)}\\s[^)]*\\bOUTPUT_NAME\\s+"?([\\w.-]+)`,
  ).exec(text);
  return properties?.[1] ?? target;
}

function escaped(text: string): string {
  return text.replaceAll(/[^\w]/g, '\\$&');
}

/** Programs and libraries that build files of CMake and Meson name. */
export function targetsOf(source: string, files: BuildContext | undefined): readonly string[] {
  const texts = textsBelow(source, files).join('\n');
  const found = [
    ...texts.matchAll(/\badd_executable\s*\(\s*([\w.+-]+)\s(?!\s*(IMPORTED|ALIAS))/gi),
    ...texts.matchAll(/\bexecutable\s*\(\s*'([^']+)'/g),
  ];
  const isShared = /\bBUILD_SHARED_LIBS\s+(ON|TRUE|1)/.test(texts);
  const libraries = texts.matchAll(
    /\badd_library\s*\(\s*([\w.+-]+)\s+(?!IMPORTED|ALIAS|INTERFACE|OBJECT)(SHARED|MODULE|STATIC)?/gi,
  );
  return [
    ...new Set([
      ...found.map(([, name]) => name!),
      ...[...libraries].map(([, name, kind]) =>
        /SHARED|MODULE/i.test(kind ?? (isShared ? 'SHARED' : ''))
          ? `lib${name!}.so`
          : `lib${name!}.a`,
      ),
    ]),
  ];
}
