/** Which programs the source code of an application starts, as far as its text names them. */
import { loadedBy, seeksLibrary, type LoadedLibrary } from './loaded-libraries.ts';
import type { BuildContext } from '../analysis/context.ts';
import { matchesPart } from '../analysis/patterns.ts';
import type { Facts } from '../facts/types.ts';
import type { Need } from './need.ts';
import { byText } from './by-path.ts';
import { codeFilesIn, type CodeFile } from './code-files.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

export interface Started {
  readonly program: string;
  /** The file. */
  readonly by: string;
}

export interface Loaded extends LoadedLibrary {
  /** The file. */
  readonly by: string;
}

export interface StartedPrograms {
  readonly programs: readonly Started[];
  /** Files that start programs and name none that is known, or any that they are told. */
  readonly unclear: readonly string[];
  /** Libraries that code loads by names that stand in its text. */
  readonly libraries: readonly Loaded[];
  /** Files that load other libraries of the system. */
  readonly loading: readonly string[];
  /** Files of Python that look for libraries; see `seeksLibrary`. */
  readonly seeking: readonly string[];
  /** Files of which the text is not known. */
  readonly unread: readonly string[];
  /** Files that name the certificates of the system. */
  readonly certified: readonly string[];
}

/** The first word of a text in quotes, with or without a folder of the system in front. */
const QUOTED = /["'`](?:sudo )?(?:\/(?:usr\/)?(?:local\/)?s?bin\/)?([a-zA-Z][\w.+-]*)(?=["'`\s])/g;

/** A text in quotes, on one line. */
const LITERAL = /(["'`])((?:(?!\1)[^\\\n]|\\.)*)\1/g;

/** What joins the commands of a line of shell code. */
const JOINTS = /\|\|?|&&|;/;

/** Commands of the shell itself with which a line may begin. */
const OF_SHELL = /^(cd|set|export|echo|test|exec)$/;

/** What the files say, whatever the programs of the image are called. */
interface Code extends Pick<
  StartedPrograms,
  'libraries' | 'loading' | 'seeking' | 'unread' | 'certified'
> {
  readonly starting: readonly Starting[];
}

/** A file that starts programs. */
interface Starting {
  readonly path: string;
  /** The words in quotes that begin like a name. */
  readonly words: readonly string[];
  /** The same of lines of shell code: what begins each of their commands. */
  readonly lines: readonly (readonly string[])[];
  /** It names a program by its place. */
  readonly isNamed: boolean;
  /** It starts whatever it is told. */
  readonly isOpen: boolean;
}

const known = new RunMemory<BuildContext, { readonly facts: Facts; readonly code: Code }>();

/** The same files are asked about for several bases, and again by the gate. */
function codeOf(files: BuildContext, facts: Facts): Code {
  const last = known.get(files);
  if (last?.facts === facts) return last.code;
  const code = readCode(files, facts);
  known.set(files, { facts, code });
  return code;
}

/**
 * @param files those that are in the image, by their paths there
 * @param isProgram whether a word may be the name of a program of the system
 */
export function startedPrograms(
  files: BuildContext,
  isProgram: (word: string) => boolean,
  facts: Facts,
): StartedPrograms {
  const { starting, ...others } = codeOf(files, facts);
  const found: Started[] = [];
  const unclear: string[] = [];
  for (const { path, words, lines, isNamed, isOpen } of starting) {
    const own = words.filter(isProgram);
    const joined = lines.flatMap(([first = '', ...rest]) =>
      OF_SHELL.test(first) || isProgram(first) ? rest.filter(isProgram) : [],
    );
    const named = [...new Set([...own, ...joined])];
    if (isOpen || (named.length === 0 && !isNamed)) unclear.push(path);
    for (const program of named) found.push({ program, by: path });
  }
  return { programs: found, unclear, ...others };
}

/** What a program asks that code starts, of which nobody sees all that it is told. */
export function startedNeeds(name: string, by: string, { programs }: Facts): readonly Need[] {
  const who = { when: 'run', by } as const;
  const isReader = programs.certificateReaders.includes(name);
  return [
    { kind: 'command', name, ...who },
    ...(isReader ? [{ kind: 'certificates', ...who } as const] : []),
  ];
}

function readCode(files: BuildContext, facts: Facts): Code {
  const starting: Starting[] = [];
  const loading: string[] = [];
  const seeking: string[] = [];
  const libraries: Loaded[] = [];
  const unread: string[] = [];
  const certified: string[] = [];
  for (const { path, spawner, loader } of codeFilesIn(files, facts)) {
    if (!spawner) continue;
    const text = files.texts.get(path);
    if (text === undefined) {
      unread.push(path);
      continue;
    }
    const said = saidIn(path, text, { spawner, loader }, facts);
    if (said.isCertified) certified.push(path);
    if (said.libraries) libraries.push(...said.libraries.map((each) => ({ ...each, by: path })));
    if (said.isLoading) loading.push(path);
    if (said.isSeeking) seeking.push(path);
    if (said.starting) starting.push({ path, ...said.starting });
  }
  return { starting, libraries, loading, seeking, unread, certified };
}

type Rows = Pick<CodeFile, 'spawner' | 'loader'>;

/** What one text says in its language. */
interface Said extends Rows {
  /** Of the file's name: `.py`. */
  readonly ending: string;
  readonly isCertified: boolean;
  readonly libraries: readonly LoadedLibrary[] | undefined;
  readonly isLoading: boolean;
  readonly isSeeking: boolean;
  readonly starting: Omit<Starting, 'path'> | undefined;
}

// Most texts lie in several images of a file, and in many Dockerfiles' images.
const ofTexts = byText((_text, _facts: Facts): { said: Said | undefined } => ({ said: undefined }));

function saidIn(path: string, text: string, { spawner, loader }: Rows, facts: Facts): Said {
  const kept = ofTexts(text, facts);
  const ending = path.slice(path.lastIndexOf('.'));
  let { said } = kept;
  if (said?.ending !== ending || said.spawner !== spawner || said.loader !== loader) {
    kept.said = said = readText(text, ending, { spawner, loader }, facts);
  }
  return said;
}

function readText(
  text: string,
  ending: string,
  { spawner, loader }: Rows,
  { programs }: Facts,
): Said {
  const isLoader = loader !== undefined && matchesPart(loader.code, text);
  const libraries = isLoader ? loadedBy(ending, text) : undefined;
  const isStarting = spawner !== undefined && matchesPart(spawner.code, text);
  return {
    spawner,
    loader,
    ending,
    isCertified: matchesPart(programs.certificateNames, text),
    libraries,
    isLoading: isLoader && !libraries,
    isSeeking: isLoader && seeksLibrary(ending, text),
    starting: isStarting ? startingIn(text, ending === '.go') : undefined,
  };
}

function startingIn(text: string, isGo: boolean): Omit<Starting, 'path'> {
  const code = isGo ? text.replace(GO_NAMES, '') : text;
  const words = new Set([...code.matchAll(QUOTED)].map((match) => match[1]!));
  return {
    words: [...words],
    lines: linesIn(code),
    isNamed: isGo && GO_PATH.test(code),
    isOpen: isGo && startsAnything(code),
  };
}

/** The first words of the commands of each line of shell code that stands in quotes. */
function linesIn(code: string): readonly (readonly string[])[] {
  return [...code.matchAll(LITERAL)].flatMap(([, , text]) => {
    if (!JOINTS.test(text!)) return [];
    const words = text!
      .split(JOINTS)
      .map(
        (each) =>
          /^\s*(?:sudo )?(?:\/(?:[\w.]+\/)+)?([a-zA-Z][\w.+-]*)(?=\s|$)/.exec(each)?.[1] ?? '',
      );
    return words.length > 1 ? [words] : [];
  });
}

/** What is imported, and what fields are called elsewhere: `json:"uptime"` starts nothing. */
const GO_NAMES = /^import\s*\([^)]*\)|^import\s+(?:\w+\s+)?"[^"]*"|`[^`\n]*:"[^`\n]*`/gm;

const GO_STARTS =
  /\bexec\.Command(?:Context\(\s*[\w.]+(?:\([^()]*\))?\s*,|\()\s*([A-Za-z_]\w*)([.[])/g;

/** It starts a program of the system by its place. */
const GO_PATH = /\bexec\.Command(?:Context\([^,]*,|\()\s*"\/(usr|s?bin)\//;

/** It starts what some value of another name says: a task that it was sent, a setting. */
function startsAnything(code: string): boolean {
  return [...code.matchAll(GO_STARTS)].some(([, root]) => {
    if (root === 'os') return false;
    // Words of a text that stands there.
    return !new RegExp(`\\b${root}\\b[^=\\n]*=[^\\n]*["\`]`).test(code);
  });
}
