/** What a gem asks of the system that was built from the project itself: as its gemspec and extconf.rb say. */
import { entriesOf, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';

export interface LocalGem {
  /** It is compiled, with nothing but the libc and Ruby itself. */
  readonly isCompiled: boolean;
}

/** Code of an extconf.rb that looks for libraries of the system. */
const LOOKS_FOR_LIBRARIES =
  /\b(have_library|find_library|pkg_config|dir_config|have_framework|try_link|append_ldflags|find_executable|system|exec|require_relative|load)\b|\$(libs|LDFLAGS|LIBRUBYARG|LOCAL_LIBS)|`/;

/**
 * @param operand as `gem install` names it: `pkg/shuffle-1.0.0.gem`
 * @param folder in which that runs, without a slash in front
 * @returns nothing where no gemspec is there, or what it says is not known to be all
 */
export function localGem(
  operand: string,
  folder: string,
  files: BuildContext | undefined,
): LocalGem | undefined {
  const name = /^(.+?)-[\d*][^/]*\.gem$/.exec(baseName(operand))?.[1];
  if (name === undefined || !files) return undefined;
  const path = entriesOf(files)
    .map((each) => each.path)
    .find((each) => isWithin(each, folder) && baseName(each) === `${name}.gemspec`);
  const text = path === undefined ? undefined : textOf(files, path);
  if (path === undefined || text?.kind !== 'text') return undefined;
  const code = text.text.replace(/^\s*#.*$/gm, '');
  if (/\badd_(runtime_)?dependency\b|\beval\b|\bsystem\b/.test(code)) return undefined;
  const written = /\.extensions\s*(?:=|<<|\+=)\s*(.+)/.exec(code)?.[1];
  if (written === undefined) return { isCompiled: false };
  const listed = [...written.matchAll(/([\w./-]+\.rb)/g)].map((match) => match[1]!);
  const makers = listed.map((each) => textOf(files, pathInside(`${folderOf(path)}/${each}`)));
  const isPlain =
    makers.length > 0 &&
    makers.every((each) => each.kind === 'text' && !LOOKS_FOR_LIBRARIES.test(each.text));
  return isPlain ? { isCompiled: true } : undefined;
}
