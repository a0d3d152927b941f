/** The variables that the builder knows at one point: global ARGs before FROM, then ENV and ARG. */
import type { Dockerfile, PairsInstruction } from '../dockerfile/model.ts';
import { isLiteral, substitute } from './substitute.ts';
import {
  EMPTY,
  plainText,
  UNSET,
  unknownReading,
  unknownVariable,
  WORLDS,
  type Reading,
  type Value,
  type Variable,
  type World,
} from './values.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

/** Variables by name, and whether there may be others. */
export interface Scope {
  readonly variables: ReadonlyMap<string, Variable>;
  /** Whether a name that is not listed may be set all the same. */
  readonly isOpen: Readonly<Record<World, boolean>>;
}

const CLOSED: Scope['isOpen'] = { certain: false, usual: false };

/**
 * ARGs that BuildKit sets by itself: outside of stages, and inside once an ARG names them. What they
 * hold depends on where the build runs.
 */
const PLATFORM_ARGUMENTS = [
  'BUILDPLATFORM',
  'BUILDOS',
  'BUILDARCH',
  'BUILDVARIANT',
  'TARGETPLATFORM',
  'TARGETOS',
  'TARGETARCH',
  'TARGETVARIANT',
];

/** Those that only newer frontends set. */
const NEWER_PLATFORM_ARGUMENTS = ['BUILDOSVERSION', 'TARGETOSVERSION', 'TARGETSTAGE'];

/** ARGs that RUN sees without being declared, where the build is given them. */
export const PROXY_ARGUMENTS: ReadonlySet<string> = new Set(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]),
);

/** The variable of this name, where there may be one. */
export function variableIn({ variables, isOpen }: Scope, name: string): Variable {
  const variable = variables.get(name);
  if (variable) return variable;
  if (!isOpen.certain && !isOpen.usual) return UNSET_VARIABLE;
  const unknown = unknownReading(name);
  return {
    certain: isOpen.certain ? unknown : UNSET,
    usual: isOpen.usual ? unknown : UNSET,
  };
}

const UNSET_VARIABLE: Variable = { certain: UNSET, usual: UNSET };

/** The same as one world has it. */
export function readingOf({ variables, isOpen }: Scope, name: string, world: World): Reading {
  return variables.get(name)?.[world] ?? (isOpen[world] ? unknownReading(name) : UNSET);
}

/** What a word of an instruction stands for; a gap where the builder would refuse it. */
export function resolveWord(scope: Scope, word: string, escape = '\\'): Value {
  // Most words say all by themselves.
  if (isLiteral(word)) {
    const text = word === '' ? EMPTY : [word];
    return { certain: text, usual: text };
  }
  const inWorld = (world: World): Value[World] => {
    const result = substitute(word, (name) => readingOf(scope, name, world), { escape });
    return 'text' in result ? result.text : [{ unknown: word }];
  };
  const certain = inWorld('certain');
  // Most variables are known.
  const isPlain = certain.every((part) => typeof part === 'string');
  return { certain, usual: isPlain ? certain : inWorld('usual') };
}

/** What every file has. */
const PLATFORM: Scope = {
  isOpen: CLOSED,
  variables: new Map([
    ...PLATFORM_ARGUMENTS.map((name): [string, Variable] => {
      const reading: Reading = { isSet: true, text: [{ unknown: `\${${name}}` }] };
      return [name, { certain: reading, usual: reading }];
    }),
    ...NEWER_PLATFORM_ARGUMENTS.map((name): [string, Variable] => [name, unknownVariable(name)]),
  ]),
};

// By the instructions themselves: edits of stages leave them as they are.
const globals = new RunMemory<Dockerfile['globals'], Scope>();

/** The scope in which FROM is read: platform ARGs, and what stands before the first FROM. */
export function globalScope(file: Dockerfile): Scope {
  if (file.globals.length === 0) return PLATFORM;
  let scope = globals.get(file.globals);
  if (!scope) {
    scope = PLATFORM;
    for (const each of file.globals) {
      if (each.kind === 'arg') scope = withGlobalArguments(scope, each);
    }
    globals.set(file.globals, scope);
  }
  return scope;
}

/** One after the other: a default may name an ARG of the same instruction. */
function withGlobalArguments(scope: Scope, { pairs, escape }: PairsInstruction): Scope {
  let current = scope;
  for (const { name, value } of pairs) {
    const before = variableIn(current, name).usual;
    const usual: Reading =
      value === undefined
        ? before
        : { isSet: true, text: resolveWord(current, value, escape).usual };
    current = withVariable(current, name, overridable(name, usual));
  }
  return current;
}

/** ARG in a stage: its default, the global of that name, or nothing new. */
export function withArguments(
  scope: Scope,
  { pairs, escape }: PairsInstruction,
  global: Scope,
): Scope {
  let current: Scope = { variables: scope.variables, isOpen: scope.isOpen };
  for (const { name, value } of pairs) {
    const inherited = global.variables.get(name)?.usual;
    const usual: Reading =
      value !== undefined
        ? { isSet: true, text: resolveWord(current, value, escape).usual }
        : inherited && inherited.isSet !== false
          ? inherited
          : variableIn(current, name).usual;
    current = withVariable(current, name, overridable(name, usual));
  }
  return current;
}

/** ENV: all of its words are read with what held before it. */
export function withEnvironment(
  scope: Scope,
  before: Scope,
  { pairs, escape }: PairsInstruction,
): Scope {
  let current: Scope = { variables: scope.variables, isOpen: scope.isOpen };
  for (const { name, value = '' } of pairs) {
    const text = resolveWord(before, value, escape);
    const written = resolveWord(before, name, escape);
    for (const world of WORLDS) {
      const plain = plainText(written[world]);
      current =
        plain === undefined
          ? forgetting(current, world)
          : withReading(current, plain, world, { isSet: true, text: text[world] });
    }
  }
  return current;
}

/** Every variable may be anything: after an ENV of which nobody knows the name, say. */
export function forgetting({ variables, isOpen }: Scope, world: World): Scope {
  const forgotten = [...variables].map(
    ([name, variable]) => [name, { ...variable, [world]: unknownVariable(name)[world] }] as const,
  );
  return { variables: new Map(forgotten), isOpen: { ...isOpen, [world]: true } };
}

function withReading(scope: Scope, name: string, world: World, reading: Reading): Scope {
  return withVariable(scope, name, { ...variableIn(scope, name), [world]: reading });
}

function withVariable(scope: Scope, name: string, variable: Variable): Scope {
  return { ...scope, variables: new Map(scope.variables).set(name, variable) };
}

/** What an ARG usually holds; `--build-arg` may say otherwise. */
function overridable(name: string, usual: Reading): Variable {
  const isSet = usual.isSet === true ? true : 'unknown';
  return { certain: { isSet, text: [{ unknown: `\${${name}}` }] }, usual };
}
