/** What `java` is started with: the archives and folders that it reads its classes from. */
import { ownName } from './work.ts';
import type { Call } from '../analysis/calls.ts';
import { hasWildcards, pathInside } from '../analysis/go-paths.ts';

export interface JavaStart {
  /** Paths of the image, without a slash in front; perhaps patterns that a shell fills in. */
  readonly paths: readonly string[];
  /** Folders that are read as a whole: of classes, or of archives as in `lib/*`. */
  readonly folders: readonly string[];
  /** Why not all of them are known: a sentence without a full stop. */
  readonly why: string | undefined;
}

/** Options whose value is the next word, other than those that name classes. */
const VALUES =
  /^(--add-(modules|opens|exports|reads)|--limit-modules|--upgrade-module-path|--source|-m|--module|--enable-native-access)$/;

const CLASSES = /^(-cp|-classpath|--class-path|-p|--module-path)$/;

/** @param variable a value of the environment; `undefined` where nobody knows */
export function javaStart(
  calls: readonly Call[],
  variable: (name: string) => string | undefined,
): JavaStart {
  const start = new Start(variable);
  for (const call of calls) if (ownName(call) === 'java') start.call(call);
  const [first] = calls;
  // Java takes options from the environment as well.
  for (const name of first ? ['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS'] : []) {
    for (const [, agent] of (variable(name) ?? '').matchAll(/-javaagent:([^=\s"']+)/g))
      start.path(first!, agent!);
  }
  return start;
}

class Start implements JavaStart {
  readonly paths: string[] = [];
  readonly folders: string[] = [];
  why: string | undefined;
  private readonly variable: (name: string) => string | undefined;

  constructor(variable: (name: string) => string | undefined) {
    this.variable = variable;
  }

  call(call: Call): void {
    const words = call.command.words.slice(-call.args.length || call.command.words.length);
    const texts = call.args.map((arg, index) => arg ?? this.filled(words[index]?.text ?? ''));
    let classes: string | undefined;
    for (let index = 0; index < texts.length; index++) {
      const text = texts[index];
      // `$JAVA_OPTS` and the like hold options; what follows them is read all the same.
      if (text === undefined || text === '') continue;
      if (text.startsWith('@')) return this.refuse(`java reads its words from ${text.slice(1)}`);
      if (text === '-version' || text === '--version') return;
      // More options may stand between the word and the archive.
      if (text === '-jar') {
        const rest = texts.slice(index + 1);
        return this.archive(
          call,
          rest.find((each) => each?.startsWith('-') !== true),
        );
      }
      if (CLASSES.test(text)) {
        const value = texts[++index];
        if (value === undefined) return this.refuse('nobody knows where java finds its classes');
        if (/^-p|^--mod/.test(text)) this.list(call, value);
        else classes = value;
      } else if (/^(-m|--module)$/.test(text)) {
        if (classes !== undefined) this.list(call, classes);
        return;
      } else if (text.startsWith('--class-path=')) classes = text.slice('--class-path='.length);
      else if (text.startsWith('--module-path=')) this.list(call, text.slice(14));
      else if (text.startsWith('-javaagent:')) this.path(call, /:([^=]+)/.exec(text)![1]!);
      else if (VALUES.test(text)) index++;
      else if (!text.startsWith('-')) {
        if (text.endsWith('.java')) return this.refuse(`java compiles ${text} when it starts`);
        return this.list(call, classes ?? (this.variable('CLASSPATH') || '.'));
      }
    }
    if (classes !== undefined) this.list(call, classes);
    else this.refuse('nobody knows which program java starts');
  }

  private refuse(why: string): void {
    this.why ??= why;
  }

  private archive(call: Call, text: string | undefined): void {
    if (text === undefined) this.refuse('a variable says which archive java starts');
    else this.path(call, text);
  }

  private list(call: Call, text: string): void {
    for (const each of text.split(/[:;]/)) {
      const word = each.trim();
      if (word.endsWith('*')) this.folder(call, word.slice(0, -1));
      else if (/\.(jar|war|zip)$/i.test(word)) this.path(call, word);
      else this.folder(call, word === '' ? '.' : word);
    }
  }

  path({ folder }: Call, text: string): void {
    this.paths.push(placeIn(folder, text));
  }

  private folder({ folder }: Call, text: string): void {
    const path = placeIn(folder, text);
    if (hasWildcards(path)) this.refuse(`a pattern says where java finds its classes`);
    else this.folders.push(path);
  }

  /** A word that a shell expands, with the variables that are known. */
  private filled(text: string): string | undefined {
    let isKnown = true;
    const plain = text.replace(/["']/g, '').replace(/\$\{?(\w+)\}?/g, (_, name: string) => {
      const value = this.variable(name);
      if (value === undefined || value === '') isKnown = false;
      return value ?? '';
    });
    return isKnown && !/[$`\\]/.test(plain) ? plain : undefined;
  }
}

function placeIn(folder: string, text: string): string {
  return pathInside(text.startsWith('/') ? text : `${folder}/${text}`);
}
