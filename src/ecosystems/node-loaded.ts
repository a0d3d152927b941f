/** Packages for development that a Node program uses without naming them in its code. */
import { textOf, type BuildContext } from '../analysis/context.ts';
import { matchesAny, matchesPart, matchesWhole } from '../analysis/patterns.ts';
import type { Facts } from '../facts/types.ts';
import type { Development, Mentions } from './answers.ts';
import { tableIn, type Table } from './findings.ts';

type Used = Mentions['used'];

/** `npm run x`, in a shell or as `spawn('npm', ['run', 'x'])` has it. */
const RUNS =
  /\b(?:npm|pnpm|yarn|bun)\b['"`,\s[\]]+(?:run(?:-script)?['"`,\s]+)?(?:-s['"`,\s]+)?([\w:.-]+)/g;

/** Where the code starts a script of the manifest: what that script would miss. */
export function usedByScripts(
  path: string,
  text: string,
  development: Development,
  { manifest, facts }: { readonly manifest: Table | undefined; readonly facts: Facts },
): string | undefined {
  const row = facts.programs.spawners.find((each) => matchesWhole(each.files, path));
  if (!row || !matchesPart(row.code, text)) return undefined;
  const scripts = tableIn(manifest, 'scripts');
  const all = [text];
  const seen = new Set<string>();
  for (const [index, each] of all.entries()) {
    const name = index === 0 ? undefined : programIn(each, development);
    if (name !== undefined) return name;
    for (const [, script] of each.matchAll(RUNS)) {
      for (const one of [`pre${script!}`, script!, `post${script!}`]) {
        const value = scripts[one];
        if (typeof value !== 'string' || seen.has(one)) continue;
        seen.add(one);
        all.push(value);
      }
    }
  }
  return undefined;
}

/** The package of which a text has the name, or that of a program, as a word. */
function programIn(text: string, { programs, direct }: Development): string | undefined {
  for (const word of text.split(/[\s'"`=&|;(),[\]]+/)) {
    const name = word.replace(/^(.*\/)?node_modules\/(\.bin\/)?/, '');
    const found = programs.get(name) ?? (direct.has(name) ? name : undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Loaders = Facts['development']['loaders'];

const patterns = new WeakMap<Loaders, readonly string[]>();

/** One list, so that it is compiled once. */
function loadersIn(rows: Loaders): readonly string[] {
  let all = patterns.get(rows);
  if (!all) patterns.set(rows, (all = rows.map(({ packages }) => packages)));
  return all;
}

/** What a package that stays loads by a name that settings have, or that it knows itself. */
export function usedByPackages({ direct, kept }: Development, { development }: Facts): Used {
  // Few packages are any of these; of those there are hundreds.
  const loaders = loadersIn(development.loaders);
  const able = [...kept].filter((each) => matchesAny(loaders, each));
  for (const row of able.length > 0 ? development.loaders : []) {
    const loader = able.find((each) => matchesWhole(row.packages, each));
    if (loader === undefined) continue;
    const isThere = [...kept].some((each) => matchesWhole(row.load, each));
    if (row.isOneEnough === true && isThere) continue;
    const name = [...direct].find((each) => matchesWhole(row.load, each));
    if (name !== undefined) return { path: loader, name };
  }
  return undefined;
}

const DATA = /\.(json5?|ya?ml|toml|txt|ini|conf|env|list)$/;

/** A package that is all of a text in quotes, of a line, or of what stands behind a colon or a dash. */
function nameIn(text: string, names: ReadonlySet<string>): string | undefined {
  const words = text.matchAll(/"([^"\n]*)"|'([^'\n]*)'|^(?:[\s-]|[\w.-]+[:=])*([^\s'"]+)\s*$/gm);
  for (const [, one, other, line] of words) {
    const word = (one ?? other ?? line ?? '').replace(/^(\.\/)?node_modules\/(\.bin\/)?/, '');
    const name = /^(@[\w.-]+\/)?[\w.-]+/.exec(word)?.[0];
    if (name !== undefined && names.has(name)) return name;
  }
  return undefined;
}

/** What settings say that a program of the container is told to read: `pm2-runtime process.json`. */
export function usedBySettings(
  path: string,
  { programs, direct }: Development,
  files: BuildContext,
): string | undefined {
  const text = DATA.test(path) ? textOf(files, path) : undefined;
  if (text?.kind !== 'text') return undefined;
  return nameIn(text.text, new Set([...direct, ...programs.keys()]));
}
