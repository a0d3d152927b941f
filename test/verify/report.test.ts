/** The report: complete, readable, and nothing in it acts on a terminal. */
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { changeOf } from '../../src/report/units.ts';
import { verificationJson, type Seen, type Verification } from '../../src/report/verification.ts';
import { verificationLines } from '../../src/report/verify.ts';

it.each([
  [100_000_000, 75_500_000, '-24.50 MB (-24.5 %)'],
  [10_000_000, 10_500_000, '+0.50 MB (+5.0 %)'],
  [10, 10, '0.00 MB (0.0 %)'],
  [0, 1_000_000, '+1.00 MB'],
])('changeOf %d → %d', (before, after, text) => {
  expect(changeOf(before, after)).toBe(text);
});

const EVIL = 'a\u001b[31m\u202e\u009b\nb';

const excerpt = { text: EVIL, bytes: 5 };
const answer: Seen = {
  kind: 'answer',
  status: 200,
  contentType: EVIL,
  headers: { [EVIL]: EVIL },
  body: excerpt,
};
const steps = [
  { name: EVIL, cached: false, seconds: 5 },
  { name: 'quick', cached: false, seconds: 0.1 },
  { name: 'slow', cached: false, seconds: 60 },
  { name: 'kept', cached: true },
  { name: 'broken', cached: false },
];
const groups = Array.from({ length: 14 }, (_, index) => ({
  folder: `/${EVIL}${index}`,
  files: 1,
  bytes: 1_000_000,
}));

const verification: Verification = {
  file: EVIL,
  against: EVIL,
  engine: { name: 'docker', version: EVIL },
  verdict: 'different',
  conclusion: EVIL,
  builds: {
    cached: true,
    before: { seconds: 65.25, succeeded: true, steps, errors: [] },
    after: { seconds: 2, succeeded: false, steps, errors: [EVIL] },
  },
  configuration: [
    { field: 'Env', key: EVIL, before: EVIL, after: EVIL, kind: 'counts' },
    { field: 'User', kind: 'expected' },
    { field: 'Env', key: 'GOPATH', before: EVIL, kind: 'base' },
  ],
  program: [
    {
      what: EVIL,
      sameness: 'different',
      before: EVIL,
      after: 'x',
      details: [EVIL],
      seen: {
        before: answer,
        after: { kind: 'ended', status: 0, stdout: excerpt, stderr: excerpt },
      },
    },
  ],
  mainProcess: [{ what: 'user', sameness: 'not seen', before: EVIL, after: EVIL, details: [EVIL] }],
  files: {
    compared: 3,
    attributes: [
      {
        folder: EVIL,
        attribute: 'owner',
        paths: 2,
        examples: [{ path: EVIL, before: EVIL, after: EVIL }],
        kind: 'counts',
      },
      {
        folder: '/base',
        attribute: 'mode',
        paths: 1,
        examples: [{ path: '/base/x', before: '755', after: '644' }],
        kind: 'base',
      },
    ],
    contents: [
      { folder: EVIL, files: 1, bytes: { before: 1, after: 2_000_000 }, examples: [EVIL] },
    ],
  },
  size: {
    before: {
      bytes: 117_000_000,
      compressed: 50_000_000,
      layers: [{ bytes: 17_000_000, createdBy: EVIL.repeat(40), compressed: 5_000_000 }],
      onlyHere: groups,
    },
    after: {
      bytes: 100_000_000,
      compressed: 45_000_000,
      layers: [{ bytes: 1, createdBy: '' }],
      onlyHere: [],
    },
  },
  rebuild: {
    file: EVIL,
    chosen: true,
    notes: [EVIL],
    before: {
      succeeded: true,
      seconds: 60,
      steps,
      layers: [
        { bytes: 2_000_000, createdBy: EVIL },
        { bytes: 1, createdBy: 'x' },
      ],
      bytes: 2_000_001,
      errors: [],
    },
    after: { succeeded: false, seconds: 2, steps: [], layers: [], bytes: 0, errors: [EVIL] },
  },
};

describe('the report', () => {
  // oxlint-disable-next-line no-control-regex -- these must not be in it
  const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
  const plain = picocolors.createColors(false);
  const lines = (isVerbose = false): string[] => verificationLines(verification, plain, isVerbose);

  it('holds nothing that a terminal acts on', () => {
    for (const line of lines(true)) {
      expect(line).not.toMatch(acting);
      expect(line).not.toContain('\n');
    }
    const json = verificationJson(verification);
    expect(json).not.toMatch(acting);
    expect(JSON.parse(json)).toEqual(verification);
  });

  it('shows sizes, the change and the folders', () => {
    const text = lines().join('\n');
    expect(text).toContain('before   117.00 MB    50.00 MB by gzip');
    expect(text).toContain(
      'after    100.00 MB    45.00 MB by gzip  -17.00 MB (-14.5 %), by gzip -5.00 MB (-10.0 %)',
    );
    expect(text).toContain('2.00 MB  in 2 more folders');
    expect(text).toContain('(not recorded)');
    expect(text).toContain('after  does not build (2.0 s)');
  });

  it('shows the slowest steps, or all', () => {
    const shown = (isVerbose: boolean): string[] =>
      lines(isVerbose)
        .filter((line) => /^ +(\S+ s|cached|no end) {2}/.test(line))
        .map((line) => line.trim().replace(/\s+/g, ' '))
        .slice(0, 5);
    expect(shown(false).slice(0, 2)).toEqual(['60.0 s slow', expect.stringContaining('5.0 s a')]);
    expect(shown(true)).toEqual([
      expect.stringContaining('5.0 s a'),
      '0.1 s quick',
      '60.0 s slow',
      'cached kept',
      'no end broken',
    ]);
  });

  it('keeps apart what counts, what was expected and what is of the base', () => {
    const text = lines().join('\n');
    expect(text).toMatch(
      /✗ Env a[^]*expected to change\n {4}~ User: not set[^]*only the base images set[^\n]*\n {4}~ Env GOPATH/,
    );
    expect(text).toMatch(/✗ owner of 2 paths[^]*the base images bring\n {2}~ mode of 1 path/);
    expect(text).toContain('2 new layers, 2.00 MB');
  });

  it('does not show what was seen', () => {
    const json = JSON.parse(verificationJson(verification)) as Verification;
    expect(json.program?.[0]?.seen.before).toEqual(answer);
    expect(lines(true).join('\n')).not.toContain('status');
  });
});
