/** Cases with a build context: how their blocks are read, and what UPDATE=1 writes. */
import { describe, expect, it } from 'vitest';
import { withPatterns } from '../src/analysis/dockerignore.ts';
import { textOf } from '../src/analysis/context.ts';
import { loadFacts } from '../src/facts/load.ts';
import { definePass, type Pass } from '../src/pass.ts';
import { blockOf, casesOf, ignoreAfter, runCase, secondRun, updated } from './support/cases.ts';
import { contextFrom, treeOf } from './support/contexts.ts';
import { optimize } from '../src/pipeline.ts';

describe('treeOf', () => {
  it('reads sizes, modes, links, folders, gaps and texts', () => {
    const lines = [
      'src/app.js 1200',
      'bin/start 3.5kB executable',
      'my file 2MB',
      'plain',
      'current -> releases/7',
      'empty/',
      'node_modules/ …',
      'package.json:',
      '  { "a": 1,',
      '',
      '    "b": 2 }',
      '',
      'bin/install executable:',
      '  echo done',
    ];
    expect(treeOf(lines.join('\n'))).toEqual({
      'src/app.js': { bytes: 1200, isExecutable: false },
      'bin/start': { bytes: 3500, isExecutable: true },
      'my file': { bytes: 2_000_000, isExecutable: false },
      plain: { bytes: 0, isExecutable: false },
      current: { target: 'releases/7' },
      'empty/': {},
      'node_modules/': { unknown: 'was not read' },
      'package.json': { text: '{ "a": 1,\n\n  "b": 2 }\n', isExecutable: false },
      'bin/install': { text: 'echo done\n', isExecutable: true },
    });
  });

  it('rejects what means nothing', () => {
    expect(() => treeOf('  text without a file')).toThrow('the text of which file?');
    expect(() => treeOf('a 1\na 2')).toThrow('"a" is there twice');
  });
});

describe('contextFrom', () => {
  it('makes a context of it', () => {
    const context = contextFrom(treeOf('a:\n  é\nb/c -> ../a\nd/ …\n.dockerignore:\n  x\n'));
    expect(context.entries.map(({ path, kind, bytes }) => `${path} ${kind} ${bytes}`)).toEqual([
      '.dockerignore file 2',
      'a file 3',
      'b folder 0',
      'b/c link 0',
      'd folder 0',
    ]);
    expect(textOf(context, 'b/c')).toEqual({ kind: 'text', text: 'é\n' });
    expect(context).toMatchObject({
      dockerfile: undefined,
      ignore: { path: '.dockerignore', text: 'x\n' },
      gaps: [{ path: 'd', why: 'was not read' }],
    });
  });
});

/** Ignores what is sent of the build context and larger than 100 bytes. */
const pass: Pass = definePass({
  id: 'ignore-large',
  summary: 'One.',
  why: 'A test asks for it.',
  refuses: [],
  level: 'safe',
  improves: ['size'],
  references: [],
  run: (file, scope) => {
    const { context } = scope;
    const copy = file.stages[0]!.instructions[0]!;
    if (!context) {
      scope.missed(copy, 'no context');
      return file;
    }
    const large = context.entries.filter(({ bytes }) => bytes > 100).map(({ path }) => path);
    const known = context.ignore?.text ?? '';
    const missing = large.filter((path) => !known.includes(path));
    if (missing.length === 0) return file;
    const ignore = withPatterns(known, missing);
    const proposal = { level: 'safe' as const, message: `ignore ${missing.join()}`, ignore };
    return scope.propose(copy, proposal, file, () => file);
  },
});

const fence = '```';
const block = (info: string, ...lines: readonly string[]): string =>
  [`${fence}${info}`, ...lines, fence, ''].join('\n');

const BEFORE = block('dockerfile before', 'FROM a', 'COPY . .');
const CASE = `## One\n\n${BEFORE}\n${block('context', 'big 200', 'small 3')}`;
const FACTS = loadFacts();

describe('a case with a context', () => {
  const run = (markdown: string) => {
    const [one] = casesOf(markdown);
    return { one: one!, run: runCase(one!, pass, [pass], FACTS) };
  };
  // The pass is none of dfopt's own.
  const optionsOf = (markdown: string) => ({ ...run(markdown).run.options, passes: [pass] });

  it('hands it to the pass, with the Dockerfile in it', () => {
    const { context } = optionsOf(CASE);
    expect(context?.entries.map(({ path }) => path)).toEqual(['Dockerfile', 'big', 'small']);
    expect(context?.dockerfile).toBe('Dockerfile');
    expect(optionsOf(`## One\n\n${BEFORE}`).context).toBeUndefined();
  });

  it('is written with what comes out, in the order in which one reads it', () => {
    const { one } = run(CASE);
    const options = optionsOf(CASE);
    const result = optimize('FROM a\nCOPY . .\n', FACTS, options);
    expect(ignoreAfter(result)).toBe('big\n');
    const done = { options, result, remarks: 'applied safe 2: ignore big\n' };
    const written = updated(CASE, new Map([[one, done]]));
    expect(written.endsWith('\n')).toBe(true);
    const [again] = casesOf(written);
    expect(again!.blocks.map(({ info }) => info)).toEqual([
      'dockerfile before',
      'context',
      'dockerignore after',
      'remarks',
    ]);
    expect(blockOf(again!, 'dockerignore after')).toBe('big\n');
    expect(updated(written, new Map([[again!, done]]))).toBe(written);
    const second = optimize(result.output, FACTS, secondRun(done));
    expect(second.files).toEqual([]);
    const unchanged = { options, result: second, remarks: '' };
    expect(
      blockOf(casesOf(updated(written, new Map([[again!, unchanged]])))[0]!, 'dockerignore after'),
    ).toBeUndefined();
  });

  it('has no block of a name that nobody knows', () => {
    expect(() => run(`${CASE}\n${block('contex', 'a')}`)).toThrow('no block is called "contex"');
  });
});
