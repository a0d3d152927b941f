/** Libraries that a container is told to load by the name that only their packages with headers have. */
import type { BuildContext } from '../analysis/context.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { Stage } from '../dockerfile/model.ts';

/** `/usr/lib/x86_64-linux-gnu/libgdal.so`: without a version behind it, a link for linkers. */
const LINK = /(?:^|\/)lib([\w+-]+?)\.so(?![\w.])/g;

/** The same where code, or what sets variables, has it as a path of the system, or hands it to a loader. */
const LINK_IN_TEXT = /(?:\/usr\/\S*\/|\/lib\/|\bCDLL\(["'])lib([\w+-]+?)\.so(?=["'\s]|$)/gm;

/** Whether a variable of the image, or code that is not for the build, names such a link of the package. */
export function isLinkNamed(
  packageName: string,
  { instructions }: Stage,
  context: BuildContext | undefined,
): boolean {
  if (!packageName.endsWith('-dev')) return false;
  const values = instructions.flatMap((each) =>
    each.kind === 'env' ? each.pairs.map(({ value }) => (value ?? '').replaceAll(/["']/g, '')) : [],
  );
  const stems = values.flatMap((value) => [...value.matchAll(LINK)].map(([, name]) => name!));
  return [...stems, ...(context ? linksIn(context) : [])].some((stem) => {
    // libgeos_c.so is in libgeos-dev.
    const name = stem.replace(/[_-].*$/, '').toLowerCase();
    return packageName.startsWith(`lib${name}-`) || (name.length > 2 && packageName.includes(name));
  });
}

const found = new RunMemory<BuildContext, readonly string[]>();

/** Compilers name libraries in other ways; a script that links one of its own names a folder of its own. */
function linksIn(context: BuildContext): readonly string[] {
  let links = found.get(context);
  if (!links) {
    const texts = [...context.texts, ...(context.uses?.texts ?? [])];
    links = texts.flatMap(([path, text]) =>
      OF_CONTAINERS.test(path) && text.includes('.so')
        ? [...text.matchAll(LINK_IN_TEXT)].map(([, name]) => name!)
        : [],
    );
    found.set(context, links);
  }
  return links;
}

/** What a container reads or is started with: scripts, code that is not compiled, variables. */
const OF_CONTAINERS =
  /(\.(py|rb|php|[cm]?js|ts|sh|env|ya?ml|toml|ini|cfg|conf|json|properties)|(^|\/)\.env[^/]*)$/;
