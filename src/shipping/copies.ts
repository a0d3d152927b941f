/** What the shipped image needs of what a COPY brings from the build context. */
import { contextTree } from '../analysis/context-tree.ts';
import { entriesIn, isSent, isWithin, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, hasWildcards, matchPath, pathInside } from '../analysis/go-paths.ts';
import { imagePath, type ImageFiles } from '../analysis/image-files.ts';
import { matchesAny } from '../analysis/patterns.ts';
import { stateBefore } from '../analysis/state.ts';
import type { CopyInstruction } from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { Facts } from '../facts/types.ts';
import { byPath } from '../needs/by-path.ts';
import { isReadByCode } from './read-code.ts';
import type { Running } from './running.ts';
import type { RunSteps, StageScope } from './steps.ts';

/**
 * Which files only a build reads, by their paths in the context, and in the image: what is copied to
 * where no build looks for it is meant for the program.
 */
export type InputTest = (path: string, place?: string) => boolean;

/**
 * @param ecosystems whose builds make what the program is; none where sources run as they are
 * @param running where its start and its variables name places of the image
 */
export function inputTest(
  ecosystems: ReadonlySet<string>,
  context: BuildContext,
  facts: Facts,
  running?: Pick<Running, 'named' | 'said'>,
): InputTest {
  const isOf = (ecosystem: string): boolean =>
    ecosystems.has(ecosystem) || (ecosystems.has('c') && isCalledByMake(ecosystem, context));
  const { isInput, isShown } = looksIn(inputsOf(facts.work.inputs, isOf), context, facts);
  const named = [...(running?.named ?? []), ...(running?.said ?? [])];
  const places = new Set(named);
  // A folder that is named is so with all that lies in it, where but for that none of it would be there.
  // Nor would be what lies beside a script that a container starts.
  const folders = named
    .map((each) => (/\.(sh|bash)$/.test(each) && isInput(each) ? folderOf(each) : each))
    .filter((each) => isInput(`${each}/?`));
  return (path, place = path) =>
    ((isInput(path) && isInput(place)) || isShown(path)) &&
    !places.has(place) &&
    !folders.some((each) => isWithin(place, each));
}

/** What paths of the context look like by themselves, whatever runs. */
interface Looks {
  readonly patterns: readonly string[];
  readonly facts: Facts;
  readonly isInput: (path: string) => boolean;
  /** A README shows it. */
  readonly isShown: (path: string) => boolean;
}

// Files of one project have files of the same names beside them, and the patterns are long.
const isOneOf = byPath((path, patterns: readonly string[]) => matchesAny(patterns, path));

const looks = new RunMemory<BuildContext, Looks[]>();

/** @param patterns of files that builds read: one list for the same */
function looksIn(patterns: readonly string[], context: BuildContext, facts: Facts): Looks {
  let all = looks.get(context);
  if (!all) looks.set(context, (all = []));
  for (const each of all) if (each.patterns === patterns && each.facts === facts) return each;
  const found = newLooks(patterns, context, facts);
  all.push(found);
  return found;
}

function newLooks(patterns: readonly string[], context: BuildContext, facts: Facts): Looks {
  // What protoc makes names what it was made of.
  let texts: readonly string[] | undefined;
  const isMentioned = (path: string): boolean => {
    texts ??= [...context.texts].flatMap(([each, text]) =>
      isOneOf(each, patterns) && !/\.pb(\.\w+)?\.(go|rs|cc|h)$|[._]pb\.\w+$/.test(each)
        ? [text]
        : [],
    );
    return texts.some((text) => names(text, baseName(path)));
  };
  const looksAsInput = (path: string): boolean => {
    // What Git keeps for itself is no part of a program, and not there wherever people build.
    if (/(^|\/)\.git(\/|$)/.test(path)) return true;
    if (isOneOf(path, patterns)) return !isReadByCode(path, context, facts);
    return isOneOf(path, facts.work.papers) && !isMentioned(path);
  };
  const answers = new Map<string, boolean>();
  const isInput = (path: string): boolean => {
    let answer = answers.get(path);
    if (answer === undefined) answers.set(path, (answer = looksAsInput(path)));
    return answer;
  };
  const isShown = (path: string): boolean =>
    isPictureOf(path, context) &&
    !hasPages(context) &&
    ![...context.texts].some(([each, text]) => !README.test(each) && text.includes(path));
  return { patterns, facts, isInput, isShown };
}

type Inputs = Facts['work']['inputs'];

const inputPatterns = new WeakMap<Inputs, Map<string, readonly string[]>>();

/** Patterns of files that builds of some ecosystems read: one list for the same, so that it is compiled once. */
function inputsOf(rows: Inputs, isOf: (ecosystem: string) => boolean): readonly string[] {
  const own = rows.filter(({ ecosystem }) => isOf(ecosystem));
  const key = own.map(({ ecosystem }) => ecosystem).join(' ');
  let byKey = inputPatterns.get(rows);
  if (!byKey) inputPatterns.set(rows, (byKey = new Map<string, readonly string[]>()));
  let patterns = byKey.get(key);
  if (!patterns) byKey.set(key, (patterns = own.flatMap(({ files }) => files)));
  return patterns;
}

const README = /(^|\/)readme(\.\w+)?$/i;

/** Whether it lies at the top for a README to show it. */
function isPictureOf(path: string, { texts, uses }: BuildContext): boolean {
  return (
    /^[^/]+\.(png|jpe?g|gif|svg|webp)$/i.test(path) &&
    [...texts, ...(uses?.texts ?? [])].some(
      ([each, text]) => README.test(each) && text.includes(path),
    )
  );
}

/** Whether there is what could show a picture, and of which nobody has read the text. */
function hasPages({ entries, texts }: BuildContext): boolean {
  return entries.some(
    ({ path }) =>
      /\.(x?html?|css|s[ac]ss|less|t?mpl|tpl|hbs|ejs|pug|jinja2?|jsp|svg)$/i.test(path) &&
      !texts.has(path),
  );
}

/** Ecosystems whose builds make closed programs: those do not read what they were made of. */
export function closedEcosystems(runs: readonly RunSteps[], { work }: Facts): ReadonlySet<string> {
  const works = runs.flatMap(({ steps }) =>
    steps.flatMap(({ role }) => (role.kind === 'work' ? [role.work] : [])),
  );
  return new Set(
    works
      .filter(({ ecosystem }) => work.inputs.some((row) => row.ecosystem === ecosystem))
      .filter(
        ({ links, runsOn, makes }) =>
          links !== undefined || runsOn !== undefined || makes.some(({ isNamed }) => isNamed),
      )
      .map(({ ecosystem }) => ecosystem),
  );
}

/** Whether a text has the name of a file as a word of its own, as code has it: quoted, or in a path. */
export function names(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + name.length] ?? ' '];
    if (/["'`/\s=(,]/.test(before) && /["'`\s),;:]/.test(after)) return true;
  }
  return false;
}

/** Whether a Makefile calls the compiler of another language: what it makes is closed as well. */
function isCalledByMake(ecosystem: string, { texts }: BuildContext): boolean {
  const program = { go: 'go', rust: 'cargo' }[ecosystem];
  if (program === undefined) return false;
  return [...texts].some(
    ([path, text]) =>
      /(^|\/)(GNUm|M|m)akefile$/.test(path) &&
      new RegExp(`\\b${program}\\s+(build|install)\\b`).test(text),
  );
}

/** COPYs that bring what is no input: the same one, fewer sources, or none. */
export type Narrowed =
  | { readonly kind: 'same' }
  | { readonly kind: 'none' }
  /** By folder of the image below the destination, empty for the destination itself. */
  | { readonly kind: 'some'; readonly parts: readonly NarrowedPart[] }
  | { readonly kind: 'unknown' };

export interface NarrowedPart {
  readonly sources: readonly string[];
  /** Where they go, relative to the destination; a name where one folder is copied. */
  readonly into: string;
}

/** @param over paths of the context that the build writes over */
export function narrowed(
  copy: CopyInstruction,
  image: ImageFiles,
  scope: StageScope,
  isInput: InputTest,
  over: ReadonlySet<string> = new Set(),
): Narrowed {
  const { file, stage, context, facts } = scope;
  if (!context) return { kind: 'unknown' };
  const written = image.written.get(copy);
  if (!written || copy.flags.some(({ name }) => name === 'parents' || name === 'exclude')) {
    return { kind: written ? 'same' : 'unknown' };
  }
  const state = stateBefore(file, stage, copy, facts);
  const target = imagePath(state, copy.destination?.text ?? '', copy.escape);
  const isFile = (path: string): boolean =>
    contextTree(context.entries).byPath.get(path)?.entry.kind !== 'folder';
  const files = [...written].filter(([, path]) => isFile(path));
  const brought = new Set(files.map(([, path]) => path));
  const inputs = files.filter(([place, path]) => over.has(path) || isInput(path, place));
  const left = new Set(inputs.map(([, path]) => path));
  if (inputs.length === 0) return { kind: 'same' };
  // The folder of the context whose content lands in the destination.
  const tops = new Set(
    files.flatMap(([place, path]) => {
      const below = target === '' ? place : place.slice(target.length + 1);
      return path === below
        ? ['']
        : path.endsWith(`/${below}`)
          ? [path.slice(0, -below.length - 1)]
          : ['?'];
    }),
  );
  const [top] = tops;
  const isOne = tops.size === 1 && top !== undefined && top !== '?';
  const wanted = settingsWanted(inputs, files, isOne ? top : '', scope, copy);
  if (wanted === 'some file') return { kind: 'same' };
  const open = servedFolders(context).map(folderOf);
  if (isOne && open.includes(top)) return { kind: 'same' };
  if (inputs.length === files.length && wanted.length === 0) return { kind: 'none' };
  if (!isOne) return { kind: 'same' };
  const parts: NarrowedPart[] = [];
  const own: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of entriesIn(context, folder)) {
      if (!isSent(context, entry.path)) continue;
      if (entry.kind !== 'folder') {
        if (left.has(entry.path) || !brought.has(entry.path)) continue;
        if (folder === top) own.push(entry.path);
        else addTo(parts, folder.slice(top === '' ? 0 : top.length + 1), entry.path);
        continue;
      }
      const inside = files.filter(([, path]) => path.startsWith(`${entry.path}/`));
      const kept = inside.filter(([, path]) => !left.has(path));
      if (kept.length === 0) continue;
      const below = top === '' ? entry.path : entry.path.slice(top.length + 1);
      const isPaper = ([, path]: readonly [string, string]): boolean =>
        matchesAny(facts.work.papers, path) &&
        kept.some(([, each]) => each.startsWith(`${folderOf(path)}/`));
      // A readme in a folder is no reason to name all else that lies in it; one file is named.
      const isWhole =
        kept.length === inside.length ||
        (kept.length > 1 && inside.every((each) => !left.has(each[1]) || isPaper(each)));
      if (isWhole || open.includes(entry.path)) parts.push({ sources: [entry.path], into: below });
      else walk(entry.path);
    }
  };
  walk(top);
  const beside = wanted.map((name) => (top === '' ? name : `${top}/${name}`));
  // One of the sources is surely there: else some builders would complain.
  if (beside.length > 0) own.push(...(own.length > 0 ? [] : firstOf(inputs, top, over)));
  const named = own.filter((path) => !beside.some((each) => path.startsWith(each)));
  const patterns = beside.map((path) => `${path}*`);
  const sources = [...named, ...patterns];
  const all = [...(sources.length > 0 ? [{ sources, into: '' }] : []), ...parts];
  const words = all.flatMap((part) => part.sources).filter((word) => !patterns.includes(word));
  // A list that long, or with blanks in it, nobody wants to read.
  if (words.length > MOST || words.some((word) => /[\s"'$\\*?[\]#]/.test(word))) {
    return { kind: 'same' };
  }
  if (all.length === 0) return { kind: 'none' };
  return { kind: 'some', parts: all.map((part) => withFilledIn(part, context)) };
}

/** A file at the top of what is copied, for company: the shorter, the better. */
function firstOf(
  inputs: readonly (readonly [string, string])[],
  top: string,
  over: ReadonlySet<string>,
): readonly string[] {
  return inputs
    .map(([, path]) => path)
    .filter((path) => folderOf(path) === top && !over.has(path) && !/[\s"'$\\*?[\]#]/.test(path))
    .toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .slice(0, 1);
}

/**
 * Names of files that the program reads where it starts, and that are not there today: whoever builds
 * with one beside the Dockerfile has it in the image.
 */
function settingsWanted(
  inputs: readonly (readonly [string, string])[],
  files: readonly (readonly [string, string])[],
  top: string,
  { context, facts }: StageScope,
  copy: CopyInstruction,
): readonly string[] | 'some file' {
  const paths = new Set(inputs.map(([, path]) => path));
  const texts = [...context!.texts].filter(([path]) => paths.has(path));
  const rows = facts.work.settings.filter((row) =>
    texts.some(([, text]) => mentionOf(row).test(text)),
  );
  const isThere = (name: string): boolean => files.some(([, path]) => baseName(path) === name);
  const others = files.filter(([, path]) => !paths.has(path)).map(([, path]) => baseName(path));
  const isOpen = rows.some(({ file }) => file === undefined);
  const code = texts.filter(([path]) => !matchesAny(facts.work.papers, path));
  const readsKeys = code.some(([, text]) => CREDENTIALS.test(text));
  // Who keeps an example of it tells people to make their own.
  const examples = inputs.flatMap(([, path]) =>
    folderOf(path) === top ? (filledIn(baseName(path)) ?? []) : [],
  );
  const kept = ignoredByGit(context!).filter(
    (name) =>
      examples.includes(name) ||
      code.some(([, text]) => names(text, name)) ||
      (readsKeys && /\.(json|pem|key|crt|p12)$/.test(name)),
  );
  // A file that is not there may come by a folder or a pattern, not by the name of another.
  const folders = copy.sources.flatMap(({ text }) =>
    hasWildcards(text) ? [] : [pathInside(text)],
  );
  const isWhole = folders.some(
    (each) => each === top || files.some(([, path]) => isWithin(path, each) && path !== each),
  );
  const mayBring = (name: string): boolean =>
    isWhole || copy.sources.some(({ text }) => matchPath(baseName(text), name) !== false);
  if (isOpen && isWhole && !others.some((name) => SETTINGS.test(name))) return 'some file';
  return [...new Set([...rows.flatMap(({ file }) => file ?? []), ...kept])].filter(
    (name) =>
      !isThere(name) &&
      mayBring(name) &&
      isSent(context!, top === '' ? name : `${top}/${name}`) &&
      !others.some((other) => filledIn(other) === name),
  );
}

const mentions = new WeakMap<Setting, RegExp>();

type Setting = Facts['work']['settings'][number];

function mentionOf(row: Setting): RegExp {
  let pattern = mentions.get(row);
  if (!pattern) mentions.set(row, (pattern = new RegExp(row.mention)));
  return pattern;
}

/** Files at the top that Git is told to leave out, each by its own name, and that hold settings or data. */
function ignoredByGit({ texts }: BuildContext): readonly string[] {
  const lines = (texts.get('.gitignore') ?? '').split('\n').map((line) => line.trim());
  return lines.flatMap((line) => {
    const name = line.replace(/^\//, '');
    return /^[\w.-]*\.(json|ya?ml|toml|env|ini|properties|conf|cfg|xml|db|sqlite3?|txt|csv|pem|key|crt)$/.test(
      name,
    )
      ? [name]
      : [];
  });
}

/** Code that sends what lies in a folder, or reads it when it starts. */
const SERVES =
  /\b(http\.Dir|FileServer|Static(FS|File)?|ServeDir|ServeFile|NewFilesystem|StaticFiles|Files::new|fs::dir|ParseGlob|LoadHTMLGlob)\b[^"'`\n]*["'`](?:\/[\w:/-]*["'`]\s*,[^"'`\n]*["'`])?\.?\/?([\w.-]+(?:\/[\w.-]+)*)/g;

/**
 * Folders that the code serves, or reads settings in, that Git is told to leave out and that are not there
 * today: whoever builds on a machine where they are has them in the image.
 */
function servedFolders(context: BuildContext): readonly string[] {
  let folders = served.get(context);
  if (!folders) served.set(context, (folders = findServed(context)));
  return folders;
}

const served = new RunMemory<BuildContext, readonly string[]>();

function findServed(context: BuildContext): readonly string[] {
  const code = [...context.texts].flatMap(([path, text]) =>
    /\.(go|rs|java|kt|cs|fs|c|cc|cpp|cxx|h|hpp|swift|hs|nim|zig|cr|d)$/.test(path) ? [text] : [],
  );
  const all = new Set(code.flatMap((text) => [...text.matchAll(SERVES)].map((match) => match[3]!)));
  const isServed = (path: string): boolean =>
    [...all].some((each) => path === each || path.endsWith(`/${each}`));
  const isOpened = (path: string): boolean =>
    !HALF_MADE.test(baseName(path)) &&
    code.some((text) =>
      ['"', "'", '`', '"./', '`./'].some((mark) => text.includes(`${mark}${path}/`)),
    );
  const ignored = [...context.texts].flatMap(([path, text]) =>
    baseName(path) === '.gitignore' ? ignoredFolders(folderOf(path), text) : [],
  );
  return ignored.filter(
    (path) => !contextTree(context.entries).byPath.has(path) && (isServed(path) || isOpened(path)),
  );
}

/** Folders that Git leaves out because they are made again, or fill while a program runs. */
const HALF_MADE =
  /^(node_modules|vendor|target|dist|build|out|output|bin|obj|te?mp|logs?|coverage|cover|release|debug|generated|gen|test[-_]?\w*|db|uploads?|downloads?|storage|volumes?|backups?|attachments?|screenshots?|\..*|\w*cache)$/i;

function ignoredFolders(folder: string, text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const name = line.trim().replace(/^\/|\/$/g, '');
    const isPlain = /^[\w.-]+(\/[\w.-]+)*$/.test(name);
    return isPlain ? [folder === '' ? name : `${folder}/${name}`] : [];
  });
}

const SETTINGS = /\.(json|ya?ml|toml|env|ini|properties|hcl|conf|cfg)\b|^\.env/;

/** Code that reads a file of keys of which often only a variable has the name. */
const CREDENTIALS =
  /\b(WithCredentialsFile|CredentialsFile|credentials_file|GOOGLE_APPLICATION_CREDENTIALS|GoogleCredentials\.fromStream|LoadX509KeyPair)\b/;

/** Names of files that one copies and fills in: `.env.example`, `EXAMPLE_config.json`. */
const TEMPLATE =
  /^(?:(?<before>.+?)[._-](?:example|sample|template|dist|default)s?|(?:example|sample)[._-](?<behind>.+\..+))$/i;

/** What a template becomes when somebody fills it in; `undefined` for other files. */
function filledIn(name: string): string | undefined {
  const { before, behind } = TEMPLATE.exec(name)?.groups ?? {};
  const { stem, ending } = MARKED.exec(name)?.groups ?? {};
  return before ?? behind ?? (stem === undefined ? undefined : `${stem}${ending}`);
}

/** `credentials_example.yaml`, `config.sample.json`. */
const MARKED =
  /^(?<stem>.+?)[._-](?:example|sample|template|dist|default)(?<ending>\.(?:json|ya?ml|toml|env|ini|properties|conf|cfg|xml))$/i;

/** A template stands for the file beside it that only those have who filled it in. */
function withFilledIn(part: NarrowedPart, context: BuildContext): NarrowedPart {
  const tree = contextTree(context.entries);
  return {
    ...part,
    sources: part.sources.map((path) => {
      const own = filledIn(baseName(path));
      const folder = folderOf(path);
      const there = [folder, own].filter((each) => each !== '').join('/');
      if (own === undefined || tree.byPath.has(there) || !isSent(context, there)) return path;
      const stem = MARKED.exec(baseName(path))?.groups;
      const pattern = stem
        ? `${stem['stem']}*${stem['ending']}`
        : baseName(path).startsWith(own)
          ? `${own}*`
          : `*${own}`;
      return [folder, pattern].filter((each) => each !== '').join('/');
    }),
  };
}

/** More than that is a longer list than the folder is worth. */
export const MOST = 8;

function addTo(parts: NarrowedPart[], into: string, path: string): void {
  const at = parts.findIndex(
    (each) => each.into === into && folderOf(each.sources[0]!) === folderOf(path),
  );
  if (at < 0) parts.push({ sources: [path], into: `${into}/` });
  else parts[at] = { ...parts[at]!, sources: [...parts[at]!.sources, path] };
}
