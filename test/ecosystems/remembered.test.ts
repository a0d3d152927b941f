/** An answer about a call counts for as long as what it looked at is the same, and no longer. */
import { describe, expect, it } from 'vitest';
import { callsIn, type Call } from '../../src/analysis/calls.ts';
import { makeContext } from '../../src/analysis/context.ts';
import { scriptOf, type Script } from '../../src/dockerfile/shell.ts';
import { remembering } from '../../src/ecosystems/remembered.ts';
import type { WorkScope } from '../../src/ecosystems/work.ts';
import { loadFacts } from '../../src/facts/load.ts';

const facts = loadFacts();
const files = makeContext({ entries: [] });

function callsOf(code: string): readonly Call[] {
  return callsIn(scriptOf(code) as Script, 'app', { files, facts, runs: () => undefined }).calls;
}

function scopeOf(parts: Partial<WorkScope> = {}): WorkScope {
  return {
    files,
    atEnd: undefined,
    image: undefined,
    facts,
    variable: () => '',
    user: '',
    environment: '',
    isShell: true,
    alongside: [],
    earlier: [],
    later: [],
    started: [],
    ...parts,
  };
}

/** How often the answer was looked for. */
function counted<T>(
  answer: (call: Call, scope: WorkScope) => T,
  isOfPlace?: (answer: T) => boolean,
): { readonly ask: (call: Call, scope: WorkScope) => T; readonly times: () => number } {
  let times = 0;
  const ask = remembering((call, scope) => {
    times += 1;
    return answer(call, scope);
  }, isOfPlace);
  return { ask, times: () => times };
}

const [install] = callsOf('npm ci');
const [start] = callsOf('node main.js');

describe('an answer that looks at nothing but the call', () => {
  it('counts whatever is around it', () => {
    const { ask, times } = counted(({ program }) => program);
    ask(install!, scopeOf());
    expect(ask(install!, scopeOf({ started: [start!], later: [start!] }))).toBe('npm');
    expect(times()).toBe(1);
  });

  it('counts for a call that says the same elsewhere', () => {
    const { ask, times } = counted(({ args }) => args.join(' '));
    ask(install!, scopeOf());
    expect(ask(callsOf('    npm ci')[0]!, scopeOf())).toBe('ci');
    expect(times()).toBe(1);
  });

  it('does not count for another call, other files or another user', () => {
    const { ask, times } = counted(({ args }) => args.join(' '));
    ask(install!, scopeOf());
    expect(ask(callsOf('npm ci --omit=dev')[0]!, scopeOf())).toBe('ci --omit=dev');
    ask(install!, scopeOf({ files: makeContext({ entries: [] }) }));
    ask(install!, scopeOf({ user: 'node' }));
    expect(times()).toBe(4);
  });

  it('counts only where the call stands if it says so', () => {
    const { ask, times } = counted(
      ({ command }) => command.start,
      () => true,
    );
    ask(install!, scopeOf());
    expect(ask(callsOf('    npm ci')[0]!, scopeOf())).toBe(4);
    ask(install!, scopeOf());
    expect(times()).toBe(2);
  });
});

describe('an answer that looks around', () => {
  it('counts for a list of calls that say the same', () => {
    const { ask, times } = counted((_, { later }) => later.length);
    ask(install!, scopeOf({ later: [start!] }));
    expect(ask(install!, scopeOf({ later: [callsOf('  node main.js')[0]!] }))).toBe(1);
    expect(times()).toBe(1);
    expect(ask(install!, scopeOf())).toBe(0);
    expect(ask(install!, scopeOf({ later: callsOf('node other.js') }))).toBe(1);
    expect(times()).toBe(3);
  });

  it('is asked again where a variable has another value', () => {
    const { ask, times } = counted((_, { variable }) => variable('HOME'));
    ask(install!, scopeOf({ variable: () => '/root' }));
    ask(install!, scopeOf({ variable: (name) => (name === 'HOME' ? '/root' : 'x') }));
    expect(times()).toBe(1);
    expect(ask(install!, scopeOf({ variable: () => '/home/me' }))).toBe('/home/me');
  });

  it('looks at all of it where it makes a copy of the scope', () => {
    const { ask, times } = counted((_, scope) => ({ ...scope }).started.length);
    ask(install!, scopeOf());
    expect(ask(install!, scopeOf({ started: [start!] }))).toBe(1);
    ask(install!, scopeOf({ atEnd: files }));
    expect(times()).toBe(3);
  });

  it('notes what functions in it look at later', () => {
    const { ask, times } = counted((_, scope) => () => scope.started.length);
    expect(ask(install!, scopeOf())()).toBe(0);
    expect(ask(install!, scopeOf({ started: [start!] }))()).toBe(1);
    expect(times()).toBe(2);
  });
});

it('remembers nothing where nothing is known of the files', () => {
  const { ask, times } = counted(() => 1);
  ask(install!, scopeOf({ files: undefined }));
  ask(install!, scopeOf({ files: undefined }));
  expect(times()).toBe(2);
});
