/** The parts of verify that need no engine. */
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import {
  changeOf,
  verificationJson,
  verificationLines,
  type Verification,
} from '../../src/report/verify.ts';
import { splitWords } from '../../src/verify/argv.ts';
import { differencesOf } from '../../src/verify/configuration.ts';
import { onlyIn } from '../../src/verify/files.ts';
import { firstDifference } from '../../src/verify/program.ts';
import { differencesOfAnswers, type Answer } from '../../src/verify/request.ts';
import { dfopt, folderWith } from '../cli/support.ts';

describe('splitWords', () => {
  it.each([
    ['node --version', ['node', '--version']],
    ["sh -c 'echo  $HOME; id'", ['sh', '-c', 'echo  $HOME; id']],
    [String.raw`a "b \"c\" \d" e\ f`, ['a', String.raw`b "c" \d`, 'e f']],
    [`x'y'"z"`, ['xyz']],
    [`a '' ""`, ['a', '', '']],
    ['  ', []],
    ['a\n\tb', ['a', 'b']],
    ['$(id) `id` && *', ['$(id)', '`id`', '&&', '*']],
  ])('%j', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  it.each(["a 'b", 'a "b', 'a\\', "'", '"\\"'])('refuses %j', (text) => {
    expect(splitWords(text)).toBeUndefined();
  });
});

describe('differencesOf', () => {
  const full = {
    Env: ['A=1', 'B=x=y'],
    Cmd: ['node', 'a.js'],
    Entrypoint: ['/e'],
    WorkingDir: '/app',
    User: 'app',
    ExposedPorts: { '80/tcp': {} },
    Volumes: { '/data': {} },
    Labels: { a: 'b' },
    Healthcheck: { Test: ['CMD', 'true'] },
    StopSignal: 'SIGINT',
    Shell: ['/bin/bash', '-c'],
    OnBuild: ['RUN x'],
  };

  it('finds none between equals', () => {
    expect(differencesOf(full, { ...full, Env: ['B=x=y', 'A=1'], Hostname: 'x' })).toEqual([]);
  });

  it('takes absent, null and empty for the same', () => {
    const empty = { Cmd: null, Entrypoint: [], Volumes: {}, Labels: null, User: '', Env: null };
    expect(differencesOf(empty, { WorkingDir: '/' })).toEqual([]);
  });

  it.each(Object.keys(full))('names %s where it is missing', (field) => {
    const found = differencesOf(full, { ...full, [field]: null });
    expect(found.map((each) => each.field)).toContain(field);
    expect(found.every((each) => each.field === field && each.after === undefined)).toBe(true);
  });

  it('names variables, labels and ports one by one', () => {
    const before = { Env: ['A=1', 'B=2'], Labels: { a: '1' }, Cmd: ['x'] };
    const after = { Env: ['A=1', 'B=3', 'C='], ExposedPorts: { '80/tcp': {} }, Cmd: ['x', 'y'] };
    expect(differencesOf(before, after)).toEqual([
      { field: 'Env', key: 'B', before: '2', after: '3' },
      { field: 'Env', key: 'C', after: '' },
      { field: 'Cmd', before: '["x"]', after: '["x","y"]' },
      { field: 'ExposedPorts', key: '80/tcp', after: '{}' },
      { field: 'Labels', key: 'a', before: '1' },
    ]);
  });
});

it('onlyIn counts by the two upper folders, largest first', () => {
  const here = new Map([
    ['usr/share/doc/a', 5],
    ['usr/share/man/b', 7],
    ['etc/passwd', 1],
    ['etc/c', 100],
    ['top', 2],
  ]);
  expect(onlyIn(here, new Map([['etc/passwd', 9]]))).toEqual([
    { folder: '/etc', files: 1, bytes: 100 },
    { folder: '/usr/share', files: 2, bytes: 12 },
    { folder: '/', files: 1, bytes: 2 },
  ]);
});

it.each([
  ['a\nb\n', 'a\nc\n', 'stdout, line 2: "b" → "c"'],
  ['a\n', 'a\nb', 'stdout, line 2: "" → "b"'],
  ['a', 'a\nb', 'stdout, line 2: nothing → "b"'],
  ['a', 'a', 'stdout differs far behind'],
])('firstDifference %#', (before, after, text) => {
  expect(firstDifference('stdout', before, after)).toBe(text);
});

it('differencesOfAnswers names what differs', () => {
  const answer: Answer = { kind: 'answer', status: 200, contentType: 'a/b', bytes: 1, hash: 'x' };
  expect(differencesOfAnswers(answer, answer)).toEqual([]);
  expect(
    differencesOfAnswers(answer, { ...answer, status: 500, contentType: 'c/d', hash: 'y' }),
  ).toEqual(['status: 200 → 500', 'content type: a/b → c/d', 'the body differs']);
  expect(differencesOfAnswers(answer, { kind: 'none', why: 'it ended' })).toEqual([
    'after: it ended',
  ]);
});

it.each([
  [100_000_000, 75_500_000, '-24.50 MB (-24.5 %)'],
  [10_000_000, 10_500_000, '+0.50 MB (+5.0 %)'],
  [10, 10, '0.00 MB (0.0 %)'],
  [0, 1_000_000, '+1.00 MB'],
])('changeOf %d → %d', (before, after, text) => {
  expect(changeOf(before, after)).toBe(text);
});

const EVIL = 'a\u001b[31m\u202e\u009b\nb';

const verification: Verification = {
  file: EVIL,
  against: EVIL,
  verdict: 'different',
  conclusion: EVIL,
  builds: {
    cached: true,
    before: { seconds: 1.25, succeeded: true, errors: [] },
    after: { seconds: 2, succeeded: false, errors: [EVIL] },
  },
  configuration: [{ field: 'Env', key: EVIL, before: EVIL, after: EVIL }, { field: 'User' }],
  program: [{ what: EVIL, sameness: 'different', before: EVIL, after: 'x', details: [EVIL] }],
  size: {
    before: {
      bytes: 117_000_000,
      layers: [{ bytes: 17_000_000, createdBy: EVIL.repeat(40) }],
      onlyHere: Array.from({ length: 14 }, (_, index) => ({
        folder: `/${EVIL}${index}`,
        files: 1,
        bytes: 1_000_000,
      })),
    },
    after: { bytes: 100_000_000, layers: [{ bytes: 1, createdBy: '' }], onlyHere: [] },
  },
};

describe('the report', () => {
  // oxlint-disable-next-line no-control-regex -- these must not be in it
  const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

  it('holds nothing that a terminal acts on', () => {
    const lines = verificationLines(verification, picocolors.createColors(false));
    expect(lines.join('\n')).not.toMatch(acting);
    expect(lines.some((line) => line.includes('\n'))).toBe(false);
    const json = verificationJson(verification);
    expect(json).not.toMatch(acting);
    expect(JSON.parse(json)).toEqual(verification);
  });

  it('shows sizes, the change and the folders', () => {
    const text = verificationLines(verification, picocolors.createColors(false)).join('\n');
    expect(text).toContain('before   117.00 MB');
    expect(text).toContain('after    100.00 MB  -17.00 MB (-14.5 %)');
    expect(text).toContain('2.00 MB  in 2 more folders');
    expect(text).toContain('(not recorded)');
    expect(text).toContain('after  does not build (2.0 s)');
  });
});

describe('dfopt verify without an engine', () => {
  const cwd = (): string =>
    folderWith({ Dockerfile: 'FROM debian:12\nRUN apt-get install curl\n' });

  it.each([
    [['--timeout', 'x'], '--timeout is a number of seconds'],
    [['--timeout', '0'], '--timeout is a number of seconds'],
    [['--request', 'x/y'], '--request is written PORT/PATH'],
    [['--request', '70000/'], '--request is written PORT/PATH'],
    [['--request', '80/a b'], '--request is written PORT/PATH'],
    [['--run', "a 'b"], 'a quote is open'],
    [['--run', ' '], 'is no command'],
    [['--against', 'none'], 'none: cannot be read'],
    [['--context', 'none'], 'none: is not a folder'],
    [['none'], 'none: cannot be read'],
  ])('refuses %j', async (args, message) => {
    const { status, stdout, stderr } = await dfopt(['verify', ...args], { cwd: cwd() });
    expect(stderr).toContain(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  it('says what to install', async () => {
    const { status, stderr } = await dfopt(['verify'], { cwd: cwd(), env: { PATH: '/nowhere' } });
    expect(stderr).toContain('there is no docker command: install Docker Engine');
    expect(status).toBe(2);
  });

  it('builds nothing where the rewrite changes nothing', async () => {
    const folder = folderWith({ Dockerfile: 'FROM debian:12\n' });
    const { status, stdout } = await dfopt(['verify', '--format', 'json'], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'same', file: 'Dockerfile' });
    expect(status).toBe(0);
  });

  it('refuses a Dockerfile with errors', async () => {
    const folder = folderWith({ Dockerfile: 'FROM debian:12\nCOPY onlyone\n' });
    const { status, stderr } = await dfopt(['verify'], { cwd: folder });
    expect(stderr).toContain('Dockerfile cannot be rewritten');
    expect(status).toBe(2);
  });
});
