/** Which comments are commands, who may give them, and what they come to. */
import { describe, expect, it } from 'vitest';
import {
  commandIn,
  commandsIn,
  hasWriteAccess,
  stateOf,
  withCommands,
} from '../../src/bot/commands.ts';

describe('a comment', () => {
  it.each([
    ['/dfopt rebase', { kind: 'rebase' }],
    ['/dfopt ignore merge-runs', { kind: 'ignore', pass: 'merge-runs' }],
    ['/dfopt level aggressive', { kind: 'level', level: 'aggressive' }],
    ['Thanks!\r\n\r\n  /dfopt   level\tsafe  \r\nplease', { kind: 'level', level: 'safe' }],
    [
      '```\n/dfopt rebase\n```\n/dfopt ignore use-slim-base',
      { kind: 'ignore', pass: 'use-slim-base' },
    ],
  ])('%j is a command', (body, command) => {
    expect(commandIn(body)).toEqual({ kind: 'command', command });
  });

  it.each([
    '',
    'please /dfopt rebase',
    '> /dfopt rebase',
    '    /dfopt rebase',
    '/dfoptrebase',
    '```\n/dfopt rebase\n```',
    '````md\n```\n/dfopt rebase\n```\n````',
    '~~~\n/dfopt rebase',
    '```\n/dfopt rebase\n``` no end of it\n/dfopt rebase',
    '`/dfopt rebase`',
  ])('%j is none', (body) => {
    expect(commandIn(body)).toBeUndefined();
  });

  it.each([
    ['/dfopt', 'an empty word is no command'],
    ['/dfopt rebase now', '`rebase` stands alone'],
    ['/dfopt ignore', 'takes the id of one pass'],
    ['/dfopt ignore merge-run', 'did you mean `merge-runs`?'],
    ['/dfopt ignore merge-runs use-slim-base', 'takes the id of one pass'],
    ['/dfopt level brave', '`safe`, `standard`, `aggressive`'],
    ['/dfopt level constructor', '`safe`, `standard`, `aggressive`'],
    ['/dfopt toString', 'is no command'],
  ])('%j is answered with what is wrong', (body, why) => {
    expect(commandIn(body)).toEqual({ kind: 'problem', why: expect.stringContaining(why) });
  });

  it('is answered without markup or mentions of its own', () => {
    const found = commandIn('/dfopt @everyone<b>`[x](https://evil.example)');
    const { why } = found as { why: string };
    expect(why).not.toMatch(/@everyone|<b>|\[x\]|https:\/\//);
    const { why: long } = commandIn(`/dfopt ignore ${'x'.repeat(60_000)}`) as { why: string };
    expect(long.length).toBeLessThan(1000);
  });

  it('may hold several, of which only so many are heard', () => {
    const body = '/dfopt ignore merge-runs\n/dfopt rebase\n';
    expect(commandsIn(body)).toHaveLength(2);
    expect(commandIn(body)).toEqual({ kind: 'command', command: { kind: 'rebase' } });
    expect(commandsIn('/dfopt rebase\n'.repeat(5000))).toHaveLength(10);
  });
});

it.each([
  ['admin', true],
  ['maintain', true],
  ['write', true],
  ['triage', false],
  ['read', false],
  ['none', false],
  ['', false],
])('with the permission "%s" somebody may give commands: %s', (permission, isHeard) => {
  expect(hasWriteAccess(permission)).toBe(isHeard);
});

it('asks for what the last of those with write access want', () => {
  const state = stateOf([
    { body: '/dfopt level aggressive', permission: 'admin' },
    { body: '/dfopt ignore merge-runs\n/dfopt ignore merge-runs', permission: 'write' },
    { body: '/dfopt level safe', permission: 'maintain' },
    { body: '/dfopt level aggressive\n/dfopt ignore use-slim-base', permission: 'read' },
    { body: '/dfopt ignore nonsense', permission: 'admin' },
  ]);
  expect(state).toEqual({ ignored: ['merge-runs'], level: 'safe' });
  expect(withCommands({ level: 'standard', skip: ['pin-suite'] }, state)).toEqual({
    level: 'safe',
    skip: ['pin-suite', 'merge-runs'],
  });
  expect(withCommands({}, stateOf([]))).toEqual({});
});
