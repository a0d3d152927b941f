/** What a shell knows while it runs the code of a RUN: its folder, its variables, its functions. */
import type { ShellList } from '../dockerfile/shell.ts';
import { HOME_FOLDER } from './paths.ts';
import { PROXY_ARGUMENTS } from './scope.ts';
import { readingOf, type State } from './state.ts';
import { plainText, unknownReading, type Reading, type Text, type World } from './values.ts';

export interface ShellState {
  readonly folder: Text;
  /** What the code itself has set so far. */
  readonly variables: ReadonlyMap<string, Reading>;
  /** Set from outside: ENV, ARG and what the builder gives. */
  readonly outside: (name: string) => Reading;
  readonly home: (user: string) => Text;
  readonly functions: ReadonlyMap<string, ShellList>;
  readonly isStrict: boolean | 'unknown';
  /** Whether `exit` has run: `unknown` where it depends. */
  readonly hasEnded: boolean | 'unknown';
}

/** Variables that shells and the builder set by themselves. */
const RUN_TIME_VARIABLES =
  /^(HOSTNAME|OLDPWD|PWD|IFS|OPT(IND|ARG|ERR)|PPID|E?UID|GROUPS|RANDOM|SECONDS|LINENO|SHLVL|SHELL|TERM|BASH\w*|MACHTYPE|HOSTTYPE|OSTYPE|PS\d|REPLY|DIRSTACK|PIPESTATUS|_|[@*#?$!-]|\d+)$/;

/** What a shell finds when it starts. */
export interface Outside extends Pick<ShellState, 'folder' | 'outside'> {
  /** Of who runs it. */
  readonly ownHome: Text;
}

export function outsideOf(state: State, world: World): Outside {
  const ownHome = homeOf(state, world);
  return {
    folder: state.workdir[world],
    ownHome,
    outside: (name) => {
      const reading = readingOf(state, name, world);
      if (reading.isSet !== false) return reading;
      if (name === 'HOME') return { isSet: true, text: ownHome };
      const isUnknown = RUN_TIME_VARIABLES.test(name) || PROXY_ARGUMENTS.has(name);
      return isUnknown ? unknownReading(name) : reading;
    },
  };
}

/** What a run of shell code found when it started, as far as it looked. */
export interface Found extends Omit<Outside, 'outside'> {
  readonly readings: Map<string, Reading>;
}

/** The same, noting which variables are asked for. */
export function noting(outside: Outside, readings: Map<string, Reading>): Outside {
  return {
    ...outside,
    outside: (name) => {
      const reading = outside.outside(name);
      readings.set(name, reading);
      return reading;
    },
  };
}

/** Whether shell code would find here what it found there. */
export function isFoundIn({ folder, ownHome, readings }: Found, other: Outside): boolean {
  return (
    isSameText(folder, other.folder) &&
    isSameText(ownHome, other.ownHome) &&
    [...readings].every(([name, reading]) => isSameReading(reading, other.outside(name)))
  );
}

export function shellStateOf(
  { folder, ownHome, outside }: Outside,
  options: ReadonlySet<string>,
): ShellState {
  return {
    folder,
    variables: new Map(),
    home: (user) => (user === '' ? ownHome : [{ unknown: `~${user}` }]),
    outside,
    functions: new Map(),
    isStrict: options.has('e') || options.has('errexit'),
    hasEnded: false,
  };
}

/** The home folder of who runs RUN: root's is /root in every image that has an account of that name. */
function homeOf(state: State, world: World): Text {
  const set = readingOf(state, 'HOME', world);
  if (set.isSet === true && plainText(set.text) !== undefined) return set.text;
  const user = plainText(state.user[world])?.replace(/:.*$/, '');
  return user === '' || user === 'root' || user === '0' ? ['/root'] : [HOME_FOLDER];
}

export function readVariable(shell: ShellState, name: string): Reading {
  if (name === 'PWD') return { isSet: true, text: shell.folder };
  return shell.variables.get(name) ?? shell.outside(name);
}

export function withShellVariable(shell: ShellState, name: string, reading: Reading): ShellState {
  return { ...shell, variables: new Map(shell.variables).set(name, reading) };
}

/** What can be said when either of the two may be how things are. */
export function eitherShell(one: ShellState, other: ShellState): ShellState {
  if (one === other) return one;
  const variables = new Map<string, Reading>();
  for (const name of new Set([...one.variables.keys(), ...other.variables.keys()])) {
    const first = readVariable(one, name);
    const second = readVariable(other, name);
    variables.set(
      name,
      isSameReading(first, second)
        ? first
        : {
            isSet: first.isSet === second.isSet ? first.isSet : 'unknown',
            text: [{ unknown: `$${name}` }],
          },
    );
  }
  return {
    ...one,
    variables,
    folder: isSameText(one.folder, other.folder) ? one.folder : [{ unknown: 'the current folder' }],
    functions: new Map([...one.functions, ...other.functions]),
    isStrict: one.isStrict === other.isStrict ? one.isStrict : 'unknown',
    hasEnded: one.hasEnded === other.hasEnded ? one.hasEnded : 'unknown',
  };
}

function isSameReading(one: Reading, other: Reading): boolean {
  return one === other || (one.isSet === other.isSet && isSameText(one.text, other.text));
}

/** The same text, or the same gaps in the same text: of one variable that nobody changed. */
function isSameText(one: Text, other: Text): boolean {
  return (
    one.length === other.length &&
    one.every((part, index) => {
      const its = other[index]!;
      return typeof part === 'string' || typeof its === 'string'
        ? part === its
        : part.unknown === its.unknown;
    })
  );
}
