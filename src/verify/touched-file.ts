/** Which file of a build context stands for "somebody changed the source"? */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext, ContextEntry } from '../analysis/context.ts';
import { copiedBy, readsOf } from '../analysis/copied.ts';
import { instructionsOf } from '../dockerfile/model.ts';
import { parse } from '../dockerfile/parse.ts';

/** Larger ones are data or made by a program. */
const MOST_BYTES = 200_000;

const SOURCE_CODE =
  /\.([cm]?[jt]sx?|vue|svelte|py|go|rs|java|kt|kts|scala|groovy|c|cc|cpp|cxx|h|hh|hpp|cs|fs|vb|rb|php|pl|pm|ex|exs|erl|hs|ml|swift|dart|lua|r|jl|clj|sh|bash|html?|css|scss|less)$/i;

/** What installs dependencies or steers a build: its change is another question. */
const NO_SOURCE = [
  /(^|\/)(docker|container)file[^/]*$|\.(docker|container)file$|(^|\/)(docker-)?compose[^/]*\.ya?ml$/i,
  /(^|\/)[^/]*(lock|\.lock\.json|\.sum|-lock\.(json|ya?ml))$/i,
  /(^|\/)(package|npm-shrinkwrap|composer|bower|lerna|turbo|nx|tsconfig[^/]*|deno)\.jsonc?$/i,
  /(^|\/)(pnpm-workspace\.yaml|go\.(mod|work)|pom\.xml|build\.sbt|mix\.exs|rebar\.config)$/i,
  /(^|\/)[^/]*\.(gradle|gradle\.kts|csproj|fsproj|vbproj|sln|props|targets|gemspec|cabal)$/i,
  /(^|\/)(cargo\.toml|pyproject\.toml|setup\.(py|cfg)|pipfile|gemfile|rakefile|[^/]*requirements[^/]*\.txt)$/i,
  /(^|\/)(makefile|cmakelists\.txt|meson\.build|configure(\.ac)?|[^/]*\.mk)$/i,
  // Settings of tools, and files made by tools.
  /(^|\/)[^/]*\.config\.[cm]?[jt]s$|(^|\/)(gulpfile|gruntfile)\.[cm]?js$|\.min\.(js|css)$|\.d\.ts$/i,
  /(^|\/)\.|(^|\/)(node_modules|vendor|dist|build|target|coverage|third_party)\//,
];

/** Programs are mostly built without them. */
const TESTS = /(^|\/)(tests?|__tests__|specs?|e2e|examples?|docs?)\/|[._-](test|spec)\.\w+$/i;

/**
 * The largest text file that is source code and that a build copies; else another text file.
 * @param folder where the context lies
 * @param context what the builder sees of it
 * @param dockerfile the text of the one before
 */
export function fileToTouch(
  folder: string,
  context: BuildContext,
  dockerfile: string,
): string | undefined {
  const candidates = copiedFiles(context, dockerfile)
    .filter(({ path, bytes }) => {
      const isSource = !NO_SOURCE.some((pattern) => pattern.test(path));
      return isSource && bytes > 0 && bytes <= MOST_BYTES;
    })
    .toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
  const choices = [
    candidates.filter(({ path }) => SOURCE_CODE.test(path) && !TESTS.test(path)),
    candidates.filter(({ path }) => SOURCE_CODE.test(path)),
    candidates,
  ];
  for (const choice of choices) {
    const found = choice.find(({ path }) => isText(join(folder, path)));
    if (found) return found.path;
  }
  return undefined;
}

/** What only a variable tells is not known. */
function copiedFiles(context: BuildContext, dockerfile: string): ContextEntry[] {
  return instructionsOf(parse(dockerfile)).flatMap((instruction) => {
    const reads = readsOf(instruction);
    const sources = reads?.sources.filter((source) => !source.includes('$')) ?? [];
    return sources
      .flatMap((source) => copiedBy(context, source, reads).entries)
      .map(({ entry }) => entry)
      .filter(({ kind }) => kind === 'file');
  });
}

/** Enough to tell text from what is none. */
const LOOKED_AT_BYTES = 8192;

function isText(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(LOOKED_AT_BYTES);
    const length = readSync(file, buffer, 0, LOOKED_AT_BYTES, 0);
    return !buffer.subarray(0, length).includes(0);
  } finally {
    closeSync(file);
  }
}
