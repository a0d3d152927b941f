/** The run as a whole: who decides, what is recorded, and what happens when a pass goes wrong. */
import { describe, expect, it } from 'vitest';
import { passes as allPasses } from '../passes/index.ts';
import { makeContext } from '../src/analysis/context.ts';
import { splice } from '../src/dockerfile/edit.ts';
import {
  mapStages,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
} from '../src/dockerfile/model.ts';
import { withText } from '../src/dockerfile/parse.ts';
import { loadFacts } from '../src/facts/load.ts';
import type { Facts } from '../src/facts/types.ts';
import { definePass, type Level, type Pass, type PassScope, type Remark } from '../src/pass.ts';
import { optimize, type OptimizeOptions, type Result } from '../src/pipeline.ts';

const facts = loadFacts();

const FILE = `FROM debian:bookworm
RUN apt-get update && apt-get install nano
RUN pip install flask
RUN pip install flask
`;

function applied(result: Result): Remark[] {
  return result.remarks.filter((each) => each.outcome === 'applied');
}

function ids(result: Result): string[] {
  return result.remarks.map((each) => each.id);
}

function passesOf(remarks: readonly Remark[]): string[] {
  return [...new Set(remarks.map((each) => each.pass))];
}

/** A pass made for one test. */
function make(id: string, run: Pass['run'], level: Level = 'safe'): Pass {
  return definePass({
    id,
    summary: `${id}.`,
    why: 'A test asks for it.',
    refuses: [],
    level,
    improves: ['size'],
    references: [],
    run,
  });
}

/** The file with each RUN changed. */
function mapRuns(file: Dockerfile, change: (run: RunInstruction) => Instruction): Dockerfile {
  return mapStages(file, (stage) =>
    stage.instructions.map((each) => (each.kind === 'run' ? change(each) : each)),
  );
}

function rename(run: RunInstruction, to: string): RunInstruction {
  return splice(run, [{ ...run.args, insert: to }]);
}

/** Proposes to put `x` into the place of the RUN's code. */
function proposing(id: string, insert: string, level: Level = 'safe'): Pass {
  return make(id, (file, scope) =>
    mapRuns(file, (run) =>
      run.argsText.includes(insert)
        ? run
        : scope.propose(run, { level, message: `write ${insert}` }, run, () => rename(run, insert)),
    ),
  );
}

function runPasses(text: string, passes: readonly Pass[], options: OptimizeOptions = {}): Result {
  return optimize(text, facts, { passes, ...options });
}

describe('ids of remarks', () => {
  it('are different, and the same in every run', () => {
    const first = optimize(FILE, facts);
    expect(new Set(ids(first)).size).toBe(first.remarks.length);
    expect(ids(optimize(FILE, facts))).toEqual(ids(first));
  });

  it('stay when other parts of the file change', () => {
    const moved = FILE.replace('FROM', '# a comment\n\nARG A=1\nFROM').replace(
      'RUN pip',
      'ENV B=2\nRUN pip',
    );
    const [before, after] = [optimize(FILE, facts), optimize(moved, facts)];
    expect(ids(after)).toEqual(ids(before));
    expect(after.remarks[0]!.origin.line).not.toBe(before.remarks[0]!.origin.line);
  });

  it('tell two equal instructions apart by their order', () => {
    const remarks = applied(optimize(FILE, facts)).filter(
      (each) => each.pass === 'skip-package-cache',
    );
    expect(remarks.map((each) => each.id.slice(0, -1))).toEqual([
      remarks[0]!.id.slice(0, -1),
      remarks[0]!.id.slice(0, -1),
    ]);
    expect(remarks.map((each) => each.id.at(-1))).toEqual(['0', '1']);
  });

  it('do not depend on what other passes do', () => {
    const all = optimize(FILE, facts);
    const [some] = optimize(FILE, facts, {
      skip: ['assume-yes', 'skip-recommended-packages'],
    }).remarks.filter((each) => each.pass === 'remove-package-lists');
    expect(ids(all)).toContain(some!.id);
  });
});

describe('deny', () => {
  it('offers each edit that is denied, and leaves its text as it was', () => {
    for (const { id, pass } of applied(optimize(FILE, facts))) {
      const result = optimize(FILE, facts, { deny: new Set([id]), strict: true });
      expect(result.remarks.find((each) => each.id === id)).toMatchObject({
        pass,
        outcome: 'offered',
        because: 'denied',
      });
    }
  });

  it('leaves the file as it was where all edits are denied', () => {
    const deny = new Set(ids(optimize(FILE, facts)));
    const result = optimize(FILE, facts, { deny, strict: true });
    expect(result.output).toBe(FILE);
    expect(passesOf(result.remarks)).not.toEqual([]);
  });

  it('takes one of two equal instructions', () => {
    const [first] = optimize(FILE, facts).remarks.filter(
      (each) => each.pass === 'skip-package-cache',
    );
    const { output } = optimize(FILE, facts, { deny: new Set([first!.id]) });
    expect(output).toMatch(/RUN pip install flask\nRUN pip install --no-cache-dir flask\n$/);
  });

  it('takes an edit along that requires a denied one', () => {
    const second = make('second', (file, scope) =>
      mapRuns(file, (each) => {
        if (each.text.endsWith('!')) return each;
        const requires = [firstId];
        const proposal = { level: 'safe' as const, message: 'add one', requires };
        return scope.propose(each, proposal, each, () => withText(each, `${each.text}!`));
      }),
    );
    const text = 'FROM a\nRUN b\n';
    let firstId = runPasses(text, [proposing('first', 'x')]).remarks[0]!.id;
    const chain = [proposing('first', 'x'), second];
    expect(runPasses(text, chain, { strict: true }).output).toBe('FROM a\nRUN x!\n');
    const denied = runPasses(text, chain, { deny: new Set([firstId]), strict: true });
    expect(denied.output).toBe(text);
    expect(denied.remarks.map((each) => each.because)).toEqual(['denied', 'requires']);
    firstId = 'nothing has this id';
    expect(runPasses(text, chain).remarks[1]).toMatchObject({
      outcome: 'offered',
      because: 'requires',
    });
  });
});

describe('levels, select and skip', () => {
  const three = [
    proposing('a', '1', 'safe'),
    proposing('b', '2', 'standard'),
    proposing('c', '3', 'aggressive'),
  ];
  const outcomes = (options: OptimizeOptions): string[] =>
    runPasses('FROM a\nRUN b\n', three, options).remarks.map(
      (each) => each.because ?? each.outcome,
    );

  it('makes what the level allows, and standard without one', () => {
    expect(outcomes({ level: 'safe' })).toEqual(['applied', 'level', 'level']);
    expect(outcomes({})).toEqual(['applied', 'applied', 'level']);
    expect(outcomes({ level: 'aggressive' })).toEqual(['applied', 'applied', 'applied']);
  });

  it('runs what is selected and not skipped', () => {
    expect(outcomes({ select: ['b'] })).toEqual(['off', 'applied', 'off']);
    expect(outcomes({ skip: ['b'] })).toEqual(['applied', 'off', 'level']);
    expect(outcomes({ select: ['a', 'b'], skip: ['b'] })).toEqual(['applied', 'off', 'off']);
  });

  it('records no refusal of a pass that is off', () => {
    const refusing = make('refusing', (file, scope) =>
      mapRuns(file, (each) => scope.missed(each, 'no')),
    );
    expect(runPasses('FROM a\nRUN b\n', [refusing]).remarks).toMatchObject([
      { outcome: 'missed', message: 'no' },
    ]);
    expect(runPasses('FROM a\nRUN b\n', [refusing], { skip: ['refusing'] }).remarks).toEqual([]);
  });

  it('never does more at a lower level', () => {
    const text = `${FILE}RUN yarn\nRUN apt-get update && apt-get install -y a-package-of-our-own\n`;
    const counts = (['safe', 'standard', 'aggressive'] as const).map(
      (level) => applied(optimize(text, facts, { level, strict: true })).length,
    );
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(
      optimize(text, facts, { level: 'safe' }).remarks.every(
        (each) => each.outcome !== 'applied' || each.level === 'safe',
      ),
    ).toBe(true);
  });
});

describe('options of passes', () => {
  it('are handed in with their defaults filled in', () => {
    const seen: unknown[] = [];
    const pass: Pass = {
      ...make('curious', (file, scope: PassScope) => {
        seen.push(scope.options);
        return file;
      }),
      options: {
        one: { default: true, description: 'One.' },
        two: { default: ['a'], description: 'Two.' },
      },
    };
    runPasses('FROM a\n', [pass], { passOptions: { curious: { two: ['b'] } } });
    expect(seen).toEqual([{ one: true, two: ['b'] }]);
  });
});

describe('ignore comments', () => {
  const install = 'RUN pip install flask\n';
  const remark = (text: string, rows: Partial<Facts> = {}): Remark =>
    optimize(text, { ...facts, ...rows }).remarks.find(
      (each) => each.pass === 'skip-package-cache',
    )!;

  it.each([
    [
      'for an instruction',
      `FROM python:3.12\n# dfopt-ignore skip-package-cache: measured\n${install}`,
    ],
    [
      'with several ids',
      `FROM python:3.12\n# dfopt-ignore assume-yes, skip-package-cache\n${install}`,
    ],
    ['for the file', `# dfopt-ignore-file skip-package-cache\nFROM python:3.12\n${install}`],
    [
      'among other comments',
      `FROM python:3.12\n# one\n  # dfopt-ignore skip-package-cache\n# two\n\n${install}`,
    ],
    ['of hadolint', `FROM python:3.12\n# hadolint ignore=DL3042\n${install}`],
    ['of hadolint, several', `FROM python:3.12\n# hadolint ignore=DL3006,DL3042\n${install}`],
    ['of hadolint, for the file', `# hadolint global ignore=DL3042\nFROM python:3.12\n${install}`],
    [
      'with CRLF',
      `FROM python:3.12\r\n# dfopt-ignore skip-package-cache: why\r\nRUN pip install flask\r\n`,
    ],
  ])('switch a pass off %s', (_, text) => {
    expect(remark(text)).toMatchObject({ outcome: 'offered', because: 'ignored' });
  });

  it('switch a pass off by a directive of the builder that skips a check on the same matter', () => {
    const rules = [{ tool: 'buildkit' as const, rule: 'PipCache', passes: ['skip-package-cache'] }];
    const text = `# check=skip=Other,PipCache\nFROM python:3.12\n${install}`;
    expect(remark(text, { rules })).toMatchObject({ outcome: 'offered', because: 'ignored' });
    expect(remark(text)).toMatchObject({ outcome: 'applied' });
  });

  it.each([
    [
      'above another instruction',
      `FROM python:3.12\n# dfopt-ignore skip-package-cache\nRUN true\n${install}`,
    ],
    ['of another rule', `FROM python:3.12\n# hadolint ignore=DL3008\n${install}`],
    [
      'inside an instruction',
      `FROM python:3.12\nRUN true \\\n# dfopt-ignore skip-package-cache\n && pip install flask\n`,
    ],
  ])('do nothing %s', (_, text) => {
    expect(remark(text)).toMatchObject({ outcome: 'applied' });
  });

  it('are reported when they suppress nothing', () => {
    const text = `FROM python:3.12\n\n# dfopt-ignore skip-package-cache: old\nRUN true\n`;
    expect(optimize(text, facts).diagnostics).toMatchObject([
      { severity: 'warning', line: 3, message: 'this dfopt-ignore suppresses nothing' },
    ]);
  });

  it('are reported when no pass has the name', () => {
    const text = `FROM python:3.12\n# dfopt-ignore skip-pakcage-cache\n${install}`;
    const { diagnostics, output } = optimize(text, facts);
    expect(diagnostics).toMatchObject([{ severity: 'warning', line: 2 }]);
    expect(diagnostics[0]!.message).toContain('"skip-pakcage-cache"');
    expect(output).toContain('--no-cache-dir');
  });

  it('are not reported when they do something, nor when they are another tool’s', () => {
    const text = `FROM python:3.12\n# dfopt-ignore skip-package-cache\n${install}# hadolint ignore=DL3009\nRUN true\n`;
    expect(optimize(text, facts).diagnostics).toEqual([]);
  });
});

describe('a pass that goes wrong is dropped and reported, and the rest stands', () => {
  const good = proposing('good', 'good');
  const text = 'FROM a\nRUN b\nCOPY c d\n';
  const claim = (file: Dockerfile, scope: PassScope, apply: () => Dockerfile): Dockerfile => {
    const subject = file.stages[0]!.instructions[0]!;
    return scope.propose(subject, { level: 'safe', message: 'go wrong' }, file, apply);
  };
  const first = (file: Dockerfile, instructions: readonly Instruction[]): Dockerfile => ({
    ...file,
    stages: [{ ...file.stages[0]!, instructions }],
  });
  const bad: readonly (readonly [string, Pass['run']])[] = [
    ['edits without a remark', (file) => mapRuns(file, (each) => rename(each, 'bad'))],
    ['remarks without an edit', (file, scope) => claim(file, scope, () => file)],
    [
      'throws',
      () => {
        throw new Error('oops');
      },
    ],
    [
      'throws while it applies',
      (file, scope) =>
        claim(file, scope, () => {
          throw new Error('oops');
        }),
    ],
    [
      'loses an instruction',
      (file, scope) =>
        claim(file, scope, () => first(file, file.stages[0]!.instructions.slice(0, 1))),
    ],
    [
      'changes what it does not claim',
      (file, scope) =>
        claim(file, scope, () =>
          first(file, [
            ...file.stages[0]!.instructions.slice(0, 1),
            withText(file.stages[0]!.instructions[1]!, 'COPY x y'),
          ]),
        ),
    ],
    [
      'writes what does not read back',
      (file, scope) =>
        claim(file, scope, () => mapRuns(file, (each) => ({ ...each, text: 'RUN b\nRNU c' }))),
    ],
    [
      'breaks the shell code',
      (file, scope) => claim(file, scope, () => mapRuns(file, (each) => rename(each, 'b && && c'))),
    ],
    [
      'changes FROM',
      (file, scope) =>
        claim(file, scope, () => ({
          ...file,
          stages: [{ ...file.stages[0]!, from: withText(file.stages[0]!.from, 'FROM z') }],
        })),
    ],
    [
      'doubles instructions',
      (file, scope) =>
        claim(file, scope, () =>
          first(file, [...file.stages[0]!.instructions, ...file.stages[0]!.instructions]),
        ),
    ],
    [
      'loses the final newline',
      (file, scope) =>
        claim(file, scope, () =>
          first(
            file,
            file.stages[0]!.instructions.map((each) => ({ ...each, eol: '' })),
          ),
        ),
    ],
  ];

  it.each(bad)('%s', (_, go) => {
    const culprit = make('culprit', go);
    const result = runPasses(text, [good, proposing('better', 'better'), culprit]);
    expect(result.output).toBe('FROM a\nRUN better\nCOPY c d\n');
    expect(passesOf(result.remarks)).toEqual(['good', 'better']);
    expect(result.diagnostics).toMatchObject([{ severity: 'warning' }]);
    expect(result.diagnostics[0]!.message).toContain('culprit');
    expect(() => runPasses(text, [good, culprit], { strict: true })).toThrow();
  });

  it('moves instructions that it does not claim', () => {
    const longer = 'FROM a\nRUN b\nCOPY c d\nENV e=f\n';
    const culprit = make('culprit', (file, scope) =>
      claim(file, scope, () => first(file, file.stages[0]!.instructions.toReversed())),
    );
    const result = runPasses(longer, [culprit, good]);
    expect(result.output).toBe('FROM a\nRUN good\nCOPY c d\nENV e=f\n');
    expect(result.diagnostics[0]!.message).toContain('changed places');
  });

  describe('that claims all that it touches, and changes what the program is', () => {
    const whole = 'FROM a\nUSER me\nWORKDIR /w\nENV E=1\nRUN b\nCOPY c d\nEXPOSE 80\nCMD ["x"]\n';
    const claimAll =
      (change: (all: readonly Instruction[]) => readonly Instruction[]): Pass['run'] =>
      (file, scope) => {
        const { instructions } = file.stages[0]!;
        const proposal = { level: 'safe' as const, message: 'go wrong', also: instructions };
        return scope.propose(instructions[0]!, proposal, file, () =>
          first(file, change(instructions)),
        );
      };
    const without =
      (kind: Instruction['kind']): ((all: readonly Instruction[]) => readonly Instruction[]) =>
      (all) =>
        all.filter((each) => each.kind !== kind);
    const rewritten =
      (
        kind: Instruction['kind'],
        line: string,
      ): ((all: readonly Instruction[]) => readonly Instruction[]) =>
      (all) =>
        all.map((each) => (each.kind === kind ? withText(each, line) : each));
    const cases: readonly (readonly [string, Pass['run'], string])[] = [
      ['loses an ENV', claimAll(without('env')), 'Env changed'],
      ['loses a USER', claimAll(without('user')), 'User changed'],
      ['loses a WORKDIR', claimAll(without('workdir')), 'WorkingDir changed'],
      ['loses an EXPOSE', claimAll(without('expose')), 'ExposedPorts changed'],
      ['changes the CMD', claimAll(rewritten('cmd', 'CMD ["y"]')), 'Cmd changed'],
      [
        'copies to another place',
        claimAll(rewritten('copy', 'COPY c /e')),
        'would see another state',
      ],
      [
        'moves a WORKDIR across USER',
        claimAll(([user, workdir, ...rest]) => [workdir!, user!, ...rest]),
        'would see another state',
      ],
      [
        'moves a RUN above an ENV',
        claimAll(([user, workdir, env, run, ...rest]) => [user!, workdir!, run!, env!, ...rest]),
        'would see another state',
      ],
    ];

    it.each(cases)('%s', (_, go, finding) => {
      const result = runPasses(whole, [make('culprit', go), good]);
      expect(result.output).toBe(whole.replace('RUN b', 'RUN good'));
      expect(result.diagnostics[0]!.message).toContain(finding);
    });

    it('and lets a change of the configuration through that is meant', () => {
      const meant = make('meant', (file, scope) => {
        const cmd = file.stages[0]!.instructions.at(-1)!;
        const proposal = { level: 'safe', message: 'mean it', changes: ['Cmd'] } as const;
        return scope.propose(cmd, proposal, file, () =>
          first(file, rewritten('cmd', 'CMD ["y"]')(file.stages[0]!.instructions)),
        );
      });
      expect(runPasses(whole, [meant]).output).toBe(whole.replace('"x"', '"y"'));
    });
  });

  it('also where it comes first', () => {
    const result = runPasses(text, [make('culprit', bad[0]![1]), good]);
    expect(result.output).toBe('FROM a\nRUN good\nCOPY c d\n');
    expect(passesOf(result.remarks)).toEqual(['good']);
  });

  it('finds several culprits, wherever they stand', () => {
    const culprits = bad.map(([, go], index) => make(`culprit-${index}`, go));
    const mixed = [...culprits.slice(0, 2), good, ...culprits.slice(2)];
    const result = runPasses(text, mixed);
    expect(result.output).toBe('FROM a\nRUN good\nCOPY c d\n');
    expect(result.diagnostics).toHaveLength(culprits.length);
  });

  it('hands back the input where nothing is left', () => {
    const result = runPasses(text, [make('culprit', bad[0]![1])]);
    expect(result).toMatchObject({ output: text, remarks: [] });
  });
});

describe('what comes back', () => {
  it('is the input where the file has errors or is left alone', () => {
    for (const text of [
      '',
      'hello\n',
      'FROM a\nRNU pip install flask\n',
      '# syntax=x/y\nFROM python:3\nRUN pip install flask\n',
    ]) {
      const result = optimize(text, facts, { level: 'aggressive' });
      expect(result).toMatchObject({ input: text, output: text, remarks: [] });
      expect(result.diagnostics).not.toEqual([]);
    }
  });

  it('is the same object of text where nothing changed', () => {
    const text = 'FROM a:1\nRUN b\n';
    expect(optimize(text, facts)).toEqual({
      input: text,
      output: text,
      files: [],
      remarks: [],
      diagnostics: [],
    });
  });

  it('can be written to JSON and read again', () => {
    const result = optimize(FILE, facts, { level: 'aggressive' });
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('does not depend on runs before', () => {
    const first = optimize(FILE, facts);
    optimize(FILE.replace('debian', 'ubuntu'), facts, { level: 'aggressive' });
    expect(optimize(FILE, facts)).toEqual(first);
  });
});

describe('the passes', () => {
  it('have ids that are a verb and its object, one level each, and say what they do and why', () => {
    for (const pass of allPasses) {
      expect(pass.id).toMatch(/^[a-z]+(-[a-z0-9]+)+$/);
      expect(pass.summary).toMatch(/^[A-Z].*\.$/);
      expect(pass.why).toMatch(/^[A-Z].*\.$/);
      expect(pass.refuses.length).toBeGreaterThan(0);
      for (const refusal of pass.refuses) expect(refusal).not.toMatch(/\.$/);
      for (const reference of pass.references) expect(reference).toMatch(/^https:\/\//);
    }
    expect(new Set(allPasses.map((pass) => pass.id)).size).toBe(allPasses.length);
  });

  it('make no edit below the level that they declare', () => {
    const order = ['safe', 'standard', 'aggressive'];
    const text = `${FILE}RUN yarn\nRUN gem install x && npm ci\n`;
    for (const remark of optimize(text, facts, { level: 'aggressive' }).remarks) {
      const pass = allPasses.find((each) => each.id === remark.pass)!;
      expect(order.indexOf(remark.level), remark.pass).toBeGreaterThanOrEqual(
        order.indexOf('safe'),
      );
      if (remark.outcome === 'applied') expect(pass.improves.length).toBeGreaterThan(0);
    }
  });
});

it('credits what is saved to the pass that is about size, where two edit the same instruction', () => {
  const context = makeContext({
    entries: ['package.json', 'server.js'].map((path) => ({
      path,
      kind: 'file' as const,
      bytes: 90,
      isExecutable: false,
    })),
    texts: new Map([['package.json', '{ "dependencies": { "gm": "1.25.1" } }']]),
  });
  const { remarks } = optimize(
    'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN apt-get update && apt-get install -y graphicsmagick\nCMD ["node", "server.js"]\n',
    loadFacts(),
    { context, isPriced: true },
  );
  const saved = (pass: string): number =>
    remarks
      .filter((each) => each.pass === pass && each.outcome === 'applied')
      .reduce((sum, each) => sum + (each.saved?.bytes ?? 0), 0);
  expect(saved('remove-package-lists')).toBeGreaterThan(10_000_000);
  expect(Math.abs(saved('split-dependency-install'))).toBeLessThan(1000);
});
