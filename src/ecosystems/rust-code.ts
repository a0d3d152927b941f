/** What code in Rust reads of its own build when it runs, beside the program itself. */
import type { BuildContext } from '../analysis/context.ts';
import { baseName } from '../analysis/go-paths.ts';

/** Why the program needs more of the build than itself: a sentence without a full stop. */
export function whyReadsBuild({ texts }: BuildContext): string | undefined {
  const code = [...texts].filter(
    ([path]) =>
      path.endsWith('.rs') && baseName(path) !== 'build.rs' && !/(^|\/)target\//.test(path),
  );
  const reader = code.find(([, text]) =>
    text.replaceAll(COMPILED_IN, '').includes('env!("OUT_DIR")'),
  );
  if (reader) return `/${reader[0]} may read what a build script writes`;
  const makesLibraries = [...texts].some(
    ([path, text]) => baseName(path) === 'Cargo.toml' && MAKES_LIBRARY.test(text),
  );
  const loader = makesLibraries ? code.find(([, text]) => LOADS.test(text)) : undefined;
  return loader && `/${loader[0]} may load libraries that Cargo makes beside the program`;
}

/** Macros such as `include_bytes!` read it while the program is compiled. */
const COMPILED_IN = /\w+!\s*[([{]\s*(?:[\w.]+\s*[,=]\s*)?concat!\s*\(\s*env!\("OUT_DIR"\)/g;

const MAKES_LIBRARY = /^\s*crate-type\s*=\s*\[[^\]]*"c?dylib"/m;

const LOADS = /\blibloading::|\bLibrary::new\b|\bdlopen\w*::/;
