/**
 * What becomes of one Dockerfile: read with its build context, rewritten, or found in the cache. In the
 * thread of the command line or in another one; what goes back and forth is plain data.
 */
import { mayRead, type Source } from '../analysis/context-place.ts';
import type { BuildContext } from '../analysis/context.ts';
import type { BuiltImage } from '../estimate/built-image.ts';
import type { Diagnostic } from '../dockerfile/model.ts';
import { loadManifests } from '../facts/load-manifests.ts';
import type { ObservedImage } from '../facts/observed.ts';
import type { Facts } from '../facts/types.ts';
import type { OptimizeOptions, Result } from '../pipeline.ts';
import { fixesOf } from '../report/fixes.ts';
import type { Folders } from '../sources/folders.ts';
import { readDockerfile, type Read, type Seen } from '../sources/read-file.ts';
import { keyOf, type ResultCache } from '../sources/result-cache.ts';
import { bugReport } from './bug-report.ts';
import {
  contextFolders,
  type Found,
  type IgnoreEdits,
  type NamedContexts,
} from './context-folders.ts';
import { recordOf, type IgnoreFile, type SingleFixes } from './result-record.ts';

/** What all files of a run have in common. */
export interface Common {
  /** The folder of the build context, absolute; `undefined`: that of each file. */
  readonly folder: string | undefined;
  /** One text is handed out, so that edits of other files are not made. */
  readonly isFilter: boolean;
  /** Each edit is wanted by itself, too. */
  readonly hasFixes: boolean;
  /** Sizes are looked at. */
  readonly isPriced: boolean;
  /** Edits are shown pass by pass. */
  readonly isStepwise: boolean;
  /** Where exceptions happened is told. */
  readonly isDebugging: boolean;
  /** Rows about images of the user's own, for all files and for some. */
  readonly rows: { readonly all?: unknown; readonly some: readonly unknown[] };
  /** What registries said. */
  readonly observed?: {
    readonly images: ReadonlyMap<string, ObservedImage>;
    readonly npmSizes: Facts['npmSizes']['observed'];
  };
  readonly builtImage?: BuiltImage;
  /** Where results are kept, and for which program they are good; missing: nowhere. */
  readonly cache?: { readonly folder: string; readonly identity: string };
}

/** One file. */
export interface Task {
  /** Absolute. */
  readonly path: string;
  /** The text lies in the folder of that path. */
  readonly isPlaced: boolean;
  /** Its text, where that does not come from the file. */
  readonly given?: Read;
  readonly options: OptimizeOptions;
  /** Which of the rows for some files are for this one. */
  readonly rows?: number;
}

export type Answer =
  | { readonly kind: 'failed'; readonly failure: string; readonly trace?: string }
  | {
      readonly kind: 'done';
      readonly input: string;
      /** By `recordOf`. */
      readonly record: string;
      /** Of the build context. */
      readonly diagnostics: readonly Diagnostic[];
      readonly seen?: Seen;
      /** Missing where there is no build context. */
      readonly ignore?: IgnorePlace;
    };

/** The ignore file of a build context. */
export interface IgnorePlace extends IgnoreFile {
  /** On the disk. */
  readonly place: string;
  /** Its text is that of an edit, not that of the disk. */
  readonly isEdited: boolean;
  /** As it was read; missing where there is none. */
  readonly seen?: Seen;
}

/** An answer that the cache has, or that needs none. It is read when it is asked for. */
export interface Known {
  /** Missing where there is no build context. */
  readonly ignore?: IgnorePlace;
  /** `undefined` where the cache is broken there. */
  readonly answer: () => Answer | undefined;
}

export interface FileRewriter {
  /**
   * Never rejects.
   *
   * @param isLikely the cache has it, most likely: then it is looked up without reading its files
   */
  readonly rewrite: (task: Task, edits: IgnoreEdits, isLikely?: boolean) => Promise<Answer>;
  /** What is known without computing anything. */
  readonly lookUp: (task: Task) => Known | undefined;
  /** Files of build contexts may have changed. */
  readonly forget: () => void;
}

type Text = Extract<Read, { kind: 'text' }>;

export interface Around {
  /** Of the folder that the run has in common; missing: nothing is kept. */
  readonly cache?: Pick<ResultCache, 'has' | 'read' | 'write'>;
  /** As this run listed them; missing: as they are when they are looked at. */
  readonly folders?: Folders;
}

export function fileRewriter(common: Common, { cache, folders: listed }: Around): FileRewriter {
  const { folder, isFilter, hasFixes, isPriced, isStepwise } = common;
  let named: NamedContexts | undefined;
  const folders = contextFolders(folder, loadManifests(), () => named, listed);
  // All that is the same for each file of the run.
  const shared = JSON.stringify(
    [
      common.cache?.identity,
      process.version,
      isFilter,
      hasFixes,
      isPriced,
      isStepwise,
      common.rows.all,
      common.observed,
    ],
    plain,
  );
  const sourceKey = (text: string): string => keyOf(['sources', common.cache!.identity, text]);

  const knownSources = (text: string): readonly Source[] | undefined => {
    if (!mayRead(text)) return [];
    const known = cache?.read(sourceKey(text));
    return known === undefined ? undefined : (JSON.parse(known) as Source[]);
  };
  const sourcesOf = async (text: string): Promise<readonly Source[]> => {
    const known = knownSources(text);
    if (known) return known;
    const { contextSources } = await import('./context-sources.ts');
    const sources = contextSources(text);
    cache?.write(sourceKey(text), JSON.stringify(sources));
    return sources;
  };
  const find = (task: Task, sources: readonly Source[], edits?: IgnoreEdits): Found =>
    folders.of(task.isPlaced ? task.path : undefined, sources, edits);
  const isElsewhere = (task: Task, sources: readonly Source[]): boolean =>
    task.isPlaced && folders.mayBeElsewhere(task.path, sources);
  /** `optimize` is a function of these and of nothing else. */
  const resultKey = (
    task: Task,
    text: string,
    { context }: Found,
    files = context ? filesKey(context) : '',
  ): string => {
    const rows = task.rows === undefined ? undefined : common.rows.some[task.rows];
    const own = JSON.stringify([rows, task.options, context?.dockerfile, context?.ignore], plain);
    return keyOf(['result', shared, own, text, files]);
  };
  /** Under it the key of the same files with their texts: who knows that need not read them. */
  const stampKey = ({ context, stamp }: Found): string | undefined => {
    if (!context || !stamp?.isSettled) return undefined;
    // A folder that is moved takes its files along as they are, and who names it changes none.
    const place = JSON.stringify([context.uses?.at, context.uses?.isAsked]);
    return keyOf(['stamp', common.cache!.identity, place, listOf(context), stamp.text]);
  };
  const noteStamp = (found: Found): void => {
    const key = stampKey(found);
    if (key !== undefined && cache!.read(key) === undefined)
      cache!.write(key, filesKey(found.context!));
  };
  /** By the times of the files alone. */
  const fromStamp = (task: Task, source: Text, sources: readonly Source[]): Known | undefined => {
    const found = folders.stampOf(task.isPlaced ? task.path : undefined, sources);
    const key = stampKey(found);
    const files = key === undefined ? undefined : cache!.read(key);
    if (files === undefined) return undefined;
    return knownBy(resultKey(task, source.text, found, files), source, found);
  };
  const knownBy = (key: string, source: Text, found: Found): Known | undefined => {
    if (!cache!.has(key)) return undefined;
    const about = aboutOf(source, found);
    return {
      ...(about.ignore && { ignore: about.ignore }),
      answer: () => {
        const record = cache!.read(key);
        return record === undefined ? undefined : { ...about, record };
      },
    };
  };

  const rewrite = async (task: Task, edits: IgnoreEdits): Promise<Answer> => {
    const source = task.given ?? readDockerfile(task.path);
    if (source.kind === 'refused') return { kind: 'failed', failure: source.why };
    const { text } = source;
    const sources = await sourcesOf(text);
    if (isElsewhere(task, sources)) {
      named ??= (await import('../uses/build-context.ts')).contextsNamed;
    }
    const found = find(task, sources, edits);
    const key = cache && resultKey(task, text, found);
    if (cache) noteStamp(found);
    const known = key === undefined ? undefined : cache!.read(key);
    if (known !== undefined) return { ...aboutOf(source, found, edits), record: known };
    const record = await computed(task, text, found, common);
    if (key !== undefined) cache!.write(key, record);
    return { ...aboutOf(source, found, edits), record };
  };
  const lookUp = (task: Task): Known | undefined => {
    if (!cache) return undefined;
    try {
      const source = task.given ?? readDockerfile(task.path);
      if (source.kind === 'refused') {
        const failed = { kind: 'failed', failure: source.why } as const;
        return { answer: () => failed };
      }
      const sources = knownSources(source.text);
      // Whoever reads the files around it is loaded when it is that file's turn.
      if (!sources || (!named && isElsewhere(task, sources))) return undefined;
      const stamped = fromStamp(task, source, sources);
      if (stamped) return stamped;
      const found = find(task, sources);
      const known = knownBy(resultKey(task, source.text, found), source, found);
      if (known) noteStamp(found);
      return known;
    } catch {
      // It is told when it is that file's turn.
      return undefined;
    }
  };
  return {
    rewrite: async (task, edits, isLikely = false) => {
      try {
        const known = isLikely && edits.size === 0 ? lookUp(task)?.answer() : undefined;
        return known ?? (await rewrite(task, edits));
      } catch (error) {
        // A bug that one file brings to light does not stop the others.
        const trace = common.isDebugging ? { trace: bugReport(error, true) } : {};
        return { kind: 'failed', failure: bugReport(error, false), ...trace };
      }
    },
    lookUp,
    forget: folders.forget,
  };
}

interface KnownFiles extends Pick<BuildContext, 'texts' | 'unread' | 'gaps' | 'uses'> {
  readonly key: string;
}

/** By the entries: Dockerfiles may share a context that is large. */
const filesKeys = new WeakMap<BuildContext['entries'], KnownFiles>();

function listOf({ entries, gaps }: BuildContext): string {
  return JSON.stringify([entries, gaps]);
}

/** Stands for everything that is known of the files of a context. */
function filesKey({ entries, texts, unread, gaps, uses }: BuildContext): string {
  const known = filesKeys.get(entries);
  const isSame = known?.texts === texts && known.unread === unread && known.gaps === gaps;
  if (isSame && known.uses === uses) return known.key;
  const rest = JSON.stringify([entries, [...unread], gaps, uses?.at, uses?.isAsked, texts.size]);
  const key = keyOf([rest, ...[...texts, ...(uses?.texts ?? [])].flat()]);
  filesKeys.set(entries, { texts, unread, gaps, ...(uses && { uses }), key });
  return key;
}

/** For keys: what JSON does not know is spelled out. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Set) return ['set', ...value];
  if (value instanceof Map) return ['map', ...value];
  if (typeof value === 'function') throw new Error('an option that is code is in no key');
  return value;
}

/** All of an answer but the result. */
function aboutOf(
  { text, seen }: Text,
  { context, at, ignoreSeen, diagnostics }: Found,
  edits?: IgnoreEdits,
): Omit<Extract<Answer, { kind: 'done' }>, 'record'> {
  const path = context?.ignore?.path ?? '.dockerignore';
  const place = at(path);
  const ignore = {
    path,
    place,
    before: context?.ignore?.text,
    isEdited: edits?.has(place) === true,
    ...(ignoreSeen && { seen: ignoreSeen }),
  };
  return {
    kind: 'done',
    input: text,
    diagnostics,
    ...(seen && { seen }),
    ...(context && { ignore }),
  };
}

async function computed(
  task: Task,
  text: string,
  { context }: Found,
  common: Common,
): Promise<string> {
  const [{ optimize }, facts] = await Promise.all([
    import('../pipeline.ts'),
    factsFor(task, common),
  ]);
  const { options } = task;
  const { builtImage } = common;
  const again = (deny: readonly string[], isPriced = common.isPriced): Result =>
    optimize(text, facts, {
      ...options,
      ...(context && { context }),
      ...(builtImage && { builtImage }),
      isPriced,
      isStepwise: common.isStepwise,
      deny: new Set([...(options.deny ?? []), ...deny]),
    });
  const result = common.isFilter ? ofDockerfileAlone(again) : again([]);
  const fixes: SingleFixes | undefined = common.hasFixes
    ? fixesOf(result, (deny) => again(deny, false))
    : undefined;
  return recordOf(result, fixes);
}

/** A filter hands out one text: edits that need another file are not made. */
function ofDockerfileAlone(optimizeWithout: (deny: readonly string[]) => Result): Result {
  const deny: string[] = [];
  for (;;) {
    const result = optimizeWithout(deny);
    if (result.files.length === 0) return result;
    const before = deny.length;
    deny.push(
      ...result.remarks.flatMap(({ id, files, outcome }) =>
        files.length > 0 && outcome === 'applied' ? [id] : [],
      ),
    );
    if (deny.length === before) throw new Error('a file changes without a remark');
  }
}

/** All that a file needs of the program and of its rows, before there is one. */
export function loadAhead(): void {
  const loaded = [
    import('./context-sources.ts'),
    import('../pipeline.ts'),
    import('../facts/own-images.ts'),
    import('../facts/load.ts').then(({ loadFacts }) => loadFacts()),
  ];
  // What cannot be loaded is told when it is a file's turn.
  void Promise.allSettled(loaded);
}

/** By the run, and in it by the rows for some files; rows for all are the ones without a number. */
const factsOfRuns = new WeakMap<Common, Map<number | undefined, Facts>>();

async function factsFor({ rows }: Task, common: Common): Promise<Facts> {
  const known = factsOfRuns.get(common) ?? new Map<number | undefined, Facts>();
  factsOfRuns.set(common, known);
  const before = known.get(rows);
  if (before) return before;
  const [{ loadFacts }, { withOwnImages }] = await Promise.all([
    import('../facts/load.ts'),
    import('../facts/own-images.ts'),
  ]);
  const withRows = (value: unknown, facts: Facts): Facts => {
    if (value === undefined) return facts;
    const own = withOwnImages(value, facts);
    // They were looked at before.
    if (own.kind === 'problem') throw new Error(own.why);
    return own.facts;
  };
  const { observed } = common;
  const shipped = withRows(common.rows.all, loadFacts());
  const all = observed
    ? {
        ...shipped,
        observedImages: observed.images,
        ...(observed.npmSizes && {
          npmSizes: { ...shipped.npmSizes, observed: observed.npmSizes },
        }),
      }
    : shipped;
  const facts = rows === undefined ? all : withRows(common.rows.some[rows], all);
  known.set(rows, facts);
  return facts;
}
