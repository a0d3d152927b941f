/**
 * Answers about calls, kept together with what was looked at to find them. A stage is asked about many
 * times: with and without what a container runs, before and after edits of other instructions, for one
 * base and another; and most answers look at little of that.
 */
import { callKey, commandKey } from '../analysis/call-keys.ts';
import type { Call } from '../analysis/calls.ts';
import type { BuildContext } from '../analysis/context.ts';
import type { WorkScope } from './work.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

type Answering<T> = (call: Call, scope: WorkScope) => T;

type Field = 'atEnd' | 'image' | 'environment' | 'alongside' | 'earlier' | 'later' | 'started';

/** What an answer looked at. */
interface Looked {
  readonly fields: Set<Field>;
  readonly variables: Map<string, string | undefined>;
}

interface Known<T> {
  readonly call: Call;
  readonly scope: WorkScope;
  readonly looked: Looked;
  readonly answer: T;
}

/**
 * The same answers, each found once for all calls that say the same among the same files, in scopes that
 * are alike in what the answer looks at.
 *
 * @param isOfPlace whether an answer is good only where the call itself stands
 */
export function remembering<T>(
  answering: Answering<T>,
  isOfPlace: (answer: T) => boolean = () => false,
): Answering<T> {
  const byFiles = new RunMemory<BuildContext, Map<string, Known<T>[]>>();
  return (call, scope) => {
    // Files go with a Dockerfile; without them nothing would ever be forgotten.
    if (!scope.files) return answering(call, scope);
    let byCall = byFiles.get(scope.files);
    if (!byCall) byFiles.set(scope.files, (byCall = new Map<string, Known<T>[]>()));
    const key = callKey(call);
    let all = byCall.get(key);
    if (!all) byCall.set(key, (all = []));
    const asked = all.find(
      (each) => (each.call === call || !isOfPlace(each.answer)) && isAlike(each, scope),
    );
    if (asked) return asked.answer;
    const looked: Looked = { fields: new Set(), variables: new Map() };
    const answer = answering(call, watched(scope, looked));
    all.push({ call, scope, looked, answer });
    return answer;
  };
}

function isAlike({ scope: one, looked }: Known<unknown>, other: WorkScope): boolean {
  if (one.facts !== other.facts || one.user !== other.user) return false;
  if (one.isShell !== other.isShell) return false;
  for (const field of looked.fields) if (!isSame(field, one, other)) return false;
  if (one.variable === other.variable) return true;
  for (const [name, value] of looked.variables) if (other.variable(name) !== value) return false;
  return true;
}

function isSame(field: Field, one: WorkScope, other: WorkScope): boolean {
  if (one[field] === other[field]) return true;
  switch (field) {
    case 'atEnd':
    case 'image':
    case 'environment':
      return false;
    case 'alongside':
      return isSameList(one.alongside, other.alongside, commandKey);
    case 'earlier':
    case 'later':
    case 'started':
      return isSameList(one[field], other[field], callKey);
  }
}

function isSameList<T>(
  one: readonly T[],
  other: readonly T[],
  keyOf: (each: T) => string,
): boolean {
  return (
    one.length === other.length &&
    one.every((each, index) => {
      const its = other[index]!;
      return each === its || keyOf(each) === keyOf(its);
    })
  );
}

/**
 * The scope, noting what is asked of it; also what is asked later, by functions in an answer. Properties
 * of its own, so that a copy of it looks at everything.
 */
function watched(scope: WorkScope, { fields, variables }: Looked): WorkScope {
  const { files, facts, user, isShell } = scope;
  return {
    files,
    facts,
    user,
    isShell,
    variable: (name) => {
      const known = variables.get(name);
      if (known !== undefined) return known;
      const value = scope.variable(name);
      variables.set(name, value);
      return value;
    },
    get atEnd() {
      fields.add('atEnd');
      return scope.atEnd;
    },
    get image() {
      fields.add('image');
      return scope.image;
    },
    get environment() {
      fields.add('environment');
      return scope.environment;
    },
    get alongside() {
      fields.add('alongside');
      return scope.alongside;
    },
    get earlier() {
      fields.add('earlier');
      return scope.earlier;
    },
    get later() {
      fields.add('later');
      return scope.later;
    },
    get started() {
      fields.add('started');
      return scope.started;
    },
  };
}
