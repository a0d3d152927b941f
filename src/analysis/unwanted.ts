/** What a build context holds that no image is the better for, and what may need it all the same. */
import { instructionsOf, type Dockerfile } from '../dockerfile/model.ts';
import { runBody } from '../dockerfile/shell.ts';
import type { Facts, ProjectFolder } from '../facts/types.ts';
import { entriesOf, isSent, isWithin, type BuildContext, type ContextEntry } from './context.ts';
import { copiedBy, readsOf } from './copied.ts';
import { packageCommands } from './packages.ts';
import { matchesWhole } from './patterns.ts';
import { stateBefore } from './state.ts';

export interface Unwanted {
  /** A line for .dockerignore. */
  readonly pattern: string;
  /** For a remark: "the history of the sources". */
  readonly what: string;
  /** All of them, outermost folders only. */
  readonly entries: readonly ContextEntry[];
  /** Why the build may need it; empty where nothing shows that. */
  readonly doubts: readonly string[];
}

/** The folders of the context that an instruction takes as a whole. */
export function wholeFolders(file: Dockerfile, context: BuildContext): readonly string[] {
  return instructionsOf(file).flatMap((instruction) => {
    const reads = readsOf(instruction);
    return (reads?.sources ?? []).flatMap((source) => {
      const { matches, entries } = copiedBy(context, source, reads);
      return matches.filter((match) => entries.length > 1 || match === '');
    });
  });
}

/** What is copied with them and belongs in .dockerignore. */
export function unwantedIn(
  file: Dockerfile,
  context: BuildContext,
  facts: Facts,
): readonly Unwanted[] {
  const folders = wholeFolders(file, context);
  const isCopied = ({ path }: ContextEntry): boolean =>
    folders.some((folder) => isWithin(path, folder));
  const byRow = new Map<ProjectFolder, ContextEntry[]>();
  let last: ContextEntry | undefined;
  for (const entry of entriesOf(context)) {
    // What lies inside goes with it.
    if (entry.kind !== 'folder' || (last && isWithin(entry.path, last.path))) continue;
    const row = rowOf(nameOf(entry), facts.manifests.folders);
    if (!row || !isCopied(entry)) continue;
    last = entry;
    byRow.set(row, [...(byRow.get(row) ?? []), entry]);
  }
  return [...byRow].flatMap(([row, entries]) => {
    const names = [...new Set(entries.map(nameOf))];
    return names.map((name): Unwanted => {
      const own = entries.filter((entry) => nameOf(entry) === name);
      const isDeep = own.some(({ path }) => path !== name);
      return {
        pattern: isDeep ? `**/${name}` : name,
        what: WHAT[row.role],
        entries: own,
        doubts: doubtsOf(row, name, file, context, facts),
      };
    });
  });
}

const byNames = new WeakMap<readonly ProjectFolder[], Map<string, ProjectFolder | undefined>>();

/** So many names of folders are kept; most are those of every project. */
const MOST_NAMES = 256;

function rowOf(name: string, rows: readonly ProjectFolder[]): ProjectFolder | undefined {
  let byName = byNames.get(rows);
  if (!byName) byNames.set(rows, (byName = new Map<string, ProjectFolder | undefined>()));
  if (!byName.has(name)) {
    if (byName.size >= MOST_NAMES) byName.clear();
    byName.set(
      name,
      rows.find((each) => matchesWhole(each.name, name)),
    );
  }
  return byName.get(name);
}

const WHAT: Readonly<Record<ProjectFolder['role'], string>> = {
  dependencies: 'dependencies of this machine, which the image installs for itself',
  cache: 'a cache of this machine',
  history: 'the history of the sources',
};

function nameOf({ path }: ContextEntry): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * The files that only the builder reads, where they are copied: a change of them need not change a
 * layer. The .dockerignore counts before it is there.
 */
export function builderFiles(file: Dockerfile, context: BuildContext): readonly string[] {
  const folders = wholeFolders(file, context);
  return [context.dockerfile, context.ignore?.path ?? '.dockerignore'].filter(
    (path): path is string =>
      path !== undefined &&
      isSent(context, path) &&
      !path.startsWith('../') &&
      folders.some((folder) => isWithin(path, folder)),
  );
}

/** Texts by which sources or builds show that they ask the version control. */
const ASKS_HISTORY =
  /\bgit[ '",]+(describe|rev-parse|log|show|tag|ls-files|branch|submodule|status|diff|config)\b|setuptools[_-]scm|hatch-vcs|versioningit|versioneer|\bpbr\b|git-commit-id|gradle-git|\bvergen\b|git-rev-sync|gitversion|git2rs/i;

function doubtsOf(
  row: ProjectFolder,
  name: string,
  file: Dockerfile,
  context: BuildContext,
  facts: Facts,
): string[] {
  const named = instructionsOf(file).find((each) => mentions(each.argsText, name));
  if (named) return [`line ${named.origin[0]!.line} names it`];
  const other = [...context.texts].find(
    ([path, text]) =>
      path !== context.dockerfile &&
      /(^|[/.])(Docker|Container)file/i.test(path) &&
      mentions(text, name),
  );
  if (other) return [`${other[0]}, which has the same build context, names it`];
  if (row.role === 'history') return historyDoubts(file, context);
  if (row.role !== 'dependencies') return [];
  return installs(file, row.ecosystem, facts) ? [] : ['nothing in the Dockerfile installs them'];
}

function mentions(text: string, name: string): boolean {
  const at = text.indexOf(name);
  if (at < 0) return false;
  return text.split(/[\s"'`;&|()<>=,:[\]/\\]+/).includes(name);
}

function historyDoubts(file: Dockerfile, context: BuildContext): string[] {
  const run = instructionsOf(file).find(
    (each) => each.kind === 'run' && ASKS_HISTORY.test(each.text),
  );
  if (run) return [`line ${run.origin[0]!.line} asks it`];
  const asking = [...context.texts].find(([, text]) => ASKS_HISTORY.test(text));
  return asking ? [`${asking[0]} seems to ask it`] : [];
}

/** Whether some stage installs the dependencies of a project of this kind. */
function installs(file: Dockerfile, ecosystem: string, facts: Facts): boolean {
  const managers = new Set(
    facts.manifests.files.flatMap((row) => (row.ecosystem === ecosystem ? row.managers : [])),
  );
  return file.stages.some((stage) =>
    stage.instructions.some((each) => {
      if (each.kind !== 'run') return false;
      const calls = packageCommands(
        runBody(each, stateBefore(file, stage, each, facts).shell),
        facts,
      );
      return calls.some(
        ({ manager, action, args }) =>
          action === 'install' &&
          managers.has(manager.id) &&
          !args.some(({ text }) => /^(-g|--global|global)$/.test(text)),
      );
    }),
  );
}
