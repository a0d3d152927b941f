/** What must hold for every input, tried on random ones. A seed makes a failure repeatable. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instructionsOf } from '../src/dockerfile/model.ts';
import { parse } from '../src/dockerfile/parse.ts';
import { print } from '../src/dockerfile/print.ts';
import { runBody } from '../src/dockerfile/shell.ts';
import { loadFacts } from '../src/facts/load.ts';
import { LEVELS } from '../src/pass.ts';
import { optimize } from '../src/pipeline.ts';
import { dockerfileText, nastyText, packageCall, shellText } from './support/arbitrary.ts';
import { editedRuns, unclaimedChanges } from './support/same.ts';
import { brokenSyntax, shellCode, shellRuns, type Rewrite } from './support/shell.ts';
import { runAll, type Step } from './support/stubs.ts';

const facts = loadFacts();
const SEED = Number(process.env['SEED'] ?? 20261121);
const RUNS = Number(process.env['RUNS'] ?? 200);
const settings = { seed: SEED, numRuns: RUNS };
const level = fc.constantFrom(...LEVELS);

describe('text', () => {
  it('comes out of the model as it went in', () => {
    const anyText = fc.oneof(dockerfileText, nastyText, fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(anyText, (text) => {
        expect(print(parse(text))).toBe(text);
      }),
      { ...settings, numRuns: 3 * RUNS },
    );
  });

  it('has problems with a place inside the file', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        fc.pre(!/\r(?!\n)/.test(text));
        const lines = text.split('\n');
        for (const { line, column, advice } of parse(text).diagnostics) {
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
          expect(advice).not.toBe('');
        }
      }),
      settings,
    );
  });

  it('never makes the optimizer throw, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(nastyText, dockerfileText), level, (text, limit) => {
        const { output, diagnostics } = optimize(text, facts, { level: limit });
        expect(diagnostics.filter((each) => each.message.startsWith('a bug in dfopt'))).toEqual([]);
        if (parse(text).diagnostics.some((each) => each.severity !== 'warning')) {
          expect(output).toBe(text);
        }
      }),
      settings,
    );
  });
});

describe('shell code', () => {
  it('has words, commands and chains that are slices of the text', () => {
    fc.assert(
      fc.property(shellText, (code) => {
        for (const { run, shell } of shellRuns(parse(`FROM a\nRUN ${code}\n`))) {
          const body = runBody(run, shell);
          if (body.kind !== 'script') continue;
          for (const command of body.commands) {
            if (!command.editable) continue;
            expect(run.text.slice(command.start, command.end).trim()).not.toBe('');
            for (const word of command.words) {
              if (word.text.includes('\n')) continue;
              expect(run.text.slice(word.start, word.end)).toBe(word.text);
            }
          }
        }
      }),
      settings,
    );
  });

  it('has calls of package managers that are found wherever they stand', () => {
    fc.assert(
      fc.property(packageCall, (call) => {
        const { output } = optimize(
          `FROM python:3.12\nRUN ${call} pip install x\nRUN pip install flask\n`,
          facts,
        );
        expect(output).toContain('RUN pip install --no-cache-dir flask');
      }),
      { ...settings, numRuns: 50 },
    );
  });
});

describe('a rewrite', () => {
  it('passes the check, reads back, changes nothing unclaimed, and nothing more when run again', () => {
    fc.assert(
      fc.property(dockerfileText, level, (text, limit) => {
        const options = { level: limit, strict: true };
        const { output, remarks } = optimize(text, facts, options);
        if (output === text) return;
        expect(unclaimedChanges(text, output, remarks)).toEqual([]);
        expect(optimize(output, facts, options).output).toBe(output);
        // What belongs to the image and to its build stands in both stages.
        if (remarks.some(({ outcome, splits }) => outcome === 'applied' && splits)) return;
        // Another base may lack packages, which are installed in a RUN of their own.
        const bases = remarks.filter(
          ({ outcome, newBase }) => outcome === 'applied' && newBase !== undefined,
        );
        expect(instructionsOf(parse(output)).length).toBeLessThanOrEqual(
          instructionsOf(parse(text)).length + bases.length,
        );
      }),
      settings,
    );
  });

  it('keeps shell code acceptable to the shells', () => {
    const rewrites = fc
      .sample(dockerfileText, { ...settings, numRuns: RUNS / 2 })
      .flatMap((text, index): Rewrite[] => {
        const { output, remarks } = optimize(text, facts, { level: 'aggressive' });
        return output === text
          ? []
          : editedRuns(`${index}: ${text}\n→\n${output}`, text, output, remarks);
      });
    expect(rewrites.length).toBeGreaterThan(RUNS / 16);
    expect(brokenSyntax(rewrites)).toEqual([]);
  });
});

/** Harmless code in which each command has a name of its own, so that any of them can be told to fail. */
function namedScripts(): fc.Arbitrary<{ readonly text: string; readonly fail: readonly string[] }> {
  const command = fc.constantFrom(
    'apt-get update',
    'apt-get update',
    'apt-get install -y NAME',
    'apt-get install NAME',
    'sudo apt-get install -y NAME',
    'apk update',
    'apk add NAME',
    'apk add --update NAME',
    'npm install NAME',
    'npm ci NAME',
    'pip install NAME',
    'dnf install -y NAME',
    'gem install NAME',
    'composer install NAME',
    'tool NAME',
    'tool NAME',
    'true',
    'false',
    'cd /tmp',
    'export STATE=NAME',
    'STATE=NAME',
    '[ -n "$STATE" ]',
  );
  const { list } = fc.letrec<{ list: string; chain: string; link: string }>((tie) => ({
    list: fc.array(tie('chain'), { minLength: 1, maxLength: 2 }).map((all) => all.join('; ')),
    chain: fc
      .array(fc.tuple(fc.constantFrom(' && ', ' && ', ' \\\n  && ', ' || '), tie('link')), {
        minLength: 1,
        maxLength: 3,
      })
      .map((all) =>
        all.map(([operator, link], index) => (index === 0 ? link : operator + link)).join(''),
      ),
    link: fc.oneof(
      { maxDepth: 2 },
      { weight: 12, arbitrary: command },
      { weight: 1, arbitrary: tie('list').map((inner) => `(${inner})`) },
      { weight: 1, arbitrary: tie('list').map((inner) => `{ ${inner}; }`) },
      {
        weight: 1,
        arbitrary: tie('list').map((inner) => `if tool NAME; then ${inner}; else ${inner}; fi`),
      },
      { weight: 1, arbitrary: tie('list').map((inner) => `for i in 1 2; do ${inner}; done`) },
      { weight: 1, arbitrary: command.map((each) => `! ${each}`) },
    ),
  }));
  const strict = fc
    .tuple(fc.constantFrom('set -e; ', 'set -ex && '), list)
    .map((parts) => parts.join(''));
  const code = fc.oneof({ weight: 2, arbitrary: list }, { weight: 1, arbitrary: strict });
  const step = fc.oneof(
    { weight: 6, arbitrary: code.map((each) => `RUN ${each}`) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'RUN apt-get update',
        'RUN apk update',
        'RUN apt-get install -y NAME',
      ),
    },
    {
      weight: 1,
      arbitrary: list.map(
        (each) =>
          `RUN ${JSON.stringify(['/bin/sh', '-c', each.replaceAll('\\\n', '').replaceAll('"', '')])}`,
      ),
    },
    { weight: 1, arbitrary: code.map((each) => `RUN <<EOF\n${each.replaceAll('; ', '\n')}\nEOF`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(list, list)
        .map(
          ([one, two]) =>
            `SHELL ["/bin/sh", "-e", "-c"]\nRUN ${one}\nRUN ${two}\nSHELL ["/bin/sh", "-c"]`,
        ),
    },
    { weight: 1, arbitrary: fc.constantFrom('ENV A=b', '# a comment') },
  );
  return fc
    .tuple(
      fc.array(step, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(11), { maxLength: 3 }),
      fc.boolean(),
    )
    .map(([lines, failing, isUpdateFailing]) => {
      let count = 0;
      const body = lines.join('\n').replace(/NAME/g, () => `n${count++}`);
      // An `apk update` that no install reads is taken away, and its failure with it.
      const isUpdateKept = isUpdateFailing && !body.includes('apk update');
      return {
        text: `FROM python:3.12\n${body}\n`,
        fail: [...failing.map((each) => `n${each}`), ...(isUpdateKept ? ['update'] : [])],
      };
    });
}

/** Words and calls that a rewrite may add or take away without changing what the RUN is for. */
const ADDED_WORDS =
  / (-y|--no-install-recommends|--no-cache-dir|--no-cache|--update|--no-document)(?= )/g;
const CLEAN_UP = /^(rm -rf |npm cache clean|dnf clean all|composer clear-cache|apk update)/;

function normal(log: readonly string[]): string[] {
  return log.filter((line) => !CLEAN_UP.test(line)).map((line) => line.replace(ADDED_WORDS, ''));
}

function steps(text: string): Step[] {
  return shellRuns(parse(text)).map(({ run, shell }) => ({
    code: shellCode(run) ?? '',
    options: run.command.form === 'exec' ? '-c' : shell.slice(1).join(' '),
  }));
}

/** They fetch lists elsewhere: that is what they are for. */
const FETCHING = ['update-before-install', 'drop-repeated-update'];

it.each([
  ['as it is by default', {}, FETCHING],
  ['merged wherever that can be', { 'merge-runs': { all: true } }, FETCHING],
  ['that fetches its own lists', {}, []],
] as const)(
  'a RUN %s calls the same programs in the same order and ends the same way',
  (_, passOptions, skip) => {
    const isFetching = skip.length === 0;
    const samples = fc.sample(namedScripts(), settings);
    const pairs = samples.flatMap(({ text, fail: all }) => {
      const fail = isFetching ? all.filter((each) => each !== 'update') : all;
      const { output } = optimize(text, facts, { level: 'aggressive', passOptions, skip });
      return output === text
        ? []
        : [{ text, output, fail, before: steps(text), after: steps(output) }];
    });
    expect(pairs.length).toBeGreaterThan(RUNS / 4);
    const outcomes = runAll(pairs);
    const different = outcomes.flatMap(({ before, after }, index) => {
      const normalLog = (log: readonly string[]): string[] =>
        normal(log).filter((line) => !isFetching || !/\bapt-get update\b/.test(line));
      const was = [before.status, ...normalLog(before.log)].join('\n');
      const is = [after.status, ...normalLog(after.log)].join('\n');
      const { text, output, fail } = pairs[index]!;
      return was === is
        ? []
        : [`${text}→\n${output}failing: ${fail.join(' ')}\n${was}\n→\n${is}\n`];
    });
    expect(different.sort((a, b) => a.length - b.length).slice(0, 3)).toEqual([]);
  },
);
