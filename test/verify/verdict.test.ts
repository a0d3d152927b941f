/** What findings come to, and what a shipped stage stands on. */
import { describe, expect, it } from 'vitest';
import type { ProgramCheck, Sameness } from '../../src/report/verification.ts';
import { baseDockerfile } from '../../src/verify/base.ts';
import { verdictOf } from '../../src/verify/verdict.ts';

const built = { seconds: 1, succeeded: true, steps: [], errors: [] };
const failed = { ...built, succeeded: false };
const builds = { cached: true, before: built, after: built };

function check(sameness: Sameness): ProgramCheck {
  const nothing = { kind: 'nothing', why: '' } as const;
  const seen = { before: nothing, after: nothing };
  return { what: '', sameness, before: '', after: '', details: [], seen };
}

const group = { folder: '/', attribute: 'mode', paths: 1, examples: [] } as const;
const cost = { ...built, layers: [], bytes: 0 };

describe('verdictOf', () => {
  it.each<[string, Parameters<typeof verdictOf>[0], string]>([
    ['nothing found', { builds, program: [check('same'), check('varies')] }, 'same'],
    ['no build before', { builds: { cached: true, before: failed } }, 'error'],
    ['no build after', { builds: { ...builds, after: failed } }, 'different'],
    ['configuration', { builds, configuration: [{ field: 'User', kind: 'counts' }] }, 'different'],
    [
      'configuration that is excused',
      {
        builds,
        configuration: [
          { field: 'Env', kind: 'base' },
          { field: 'User', kind: 'expected' },
        ],
      },
      'same',
    ],
    ['program', { builds, program: [check('different'), check('unknown')] }, 'different'],
    ['a program that never ran', { builds, program: [check('unknown')] }, 'error'],
    [
      'main process',
      {
        builds,
        mainProcess: [{ what: 'user', sameness: 'different', before: '', after: '', details: [] }],
      },
      'different',
    ],
    [
      'main process that was not seen',
      {
        builds,
        mainProcess: [{ what: 'user', sameness: 'not seen', before: '', after: '', details: [] }],
      },
      'same',
    ],
    [
      'modes',
      {
        builds,
        files: { compared: 1, attributes: [{ ...group, kind: 'counts' }], contents: [] },
      },
      'different',
    ],
    [
      'modes of the base, and contents',
      {
        builds,
        files: {
          compared: 1,
          attributes: [{ ...group, kind: 'base' }],
          contents: [{ folder: '/', files: 1, bytes: { before: 1, after: 2 }, examples: [] }],
        },
      },
      'same',
    ],
    [
      'rebuild',
      {
        builds,
        rebuild: { chosen: true, notes: [], before: cost, after: { ...cost, succeeded: false } },
      },
      'different',
    ],
    [
      'a rebuild that fails before too',
      {
        builds,
        rebuild: {
          chosen: true,
          notes: [],
          before: { ...cost, succeeded: false },
          after: { ...cost, succeeded: false },
        },
      },
      'same',
    ],
  ])('%s', (_, findings, verdict) => {
    expect(verdictOf(findings).verdict).toBe(verdict);
  });

  it('names everything that differs', () => {
    const { conclusion } = verdictOf({
      builds,
      configuration: [{ field: 'User', kind: 'counts' }],
      program: [check('different')],
    });
    expect(conclusion).toBe('the images are not the same program: configuration, program');
  });
});

describe('baseDockerfile', () => {
  it.each([
    ['FROM debian:12\nRUN x\n', 'FROM debian:12\n'],
    ['FROM a AS build\nRUN x\nFROM b\nCOPY --from=build / /\n', 'FROM b\n'],
    ['FROM a AS one\nFROM one AS two\nFROM two\n', 'FROM a AS one\n'],
    ['ARG V=12\nARG W\nFROM debian:${V}\nARG X\n', 'ARG V=12\nARG W\nFROM debian:${V}\n'],
    ['# syntax=docker/dockerfile:1\nFROM a\n', '# syntax=docker/dockerfile:1\nFROM a\n'],
    ['FROM scratch\nCOPY a /\n', undefined],
    ['FROM scratch AS s\nFROM s\n', undefined],
    ['RUN x\n', undefined],
  ])('%j', (text, base) => {
    expect(baseDockerfile(text)).toBe(base);
  });
});
