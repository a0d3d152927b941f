/** Edits that change the build context with the Dockerfile, and what is decided by it. */
import { describe, expect, it } from 'vitest';
import { withPatterns } from '../src/analysis/dockerignore.ts';
import { isSent, withIgnore, type BuildContext } from '../src/analysis/context.ts';
import { splice } from '../src/dockerfile/edit.ts';
import { mapStages, type Dockerfile, type RunInstruction } from '../src/dockerfile/model.ts';
import { loadFacts } from '../src/facts/load.ts';
import { definePass, type Pass, type Proposal } from '../src/pass.ts';
import { optimize, type OptimizeOptions, type Result } from '../src/pipeline.ts';
import { contextFrom } from './support/contexts.ts';

const facts = loadFacts();
const TEXT = 'FROM a\nCOPY . .\nRUN old\n';
const CONTEXT = contextFrom({ Dockerfile: TEXT, 'node_modules/a': 1, src: 2 });

function make(id: string, run: Pass['run']): Pass {
  return definePass({
    id,
    summary: `${id}.`,
    why: 'A test asks for it.',
    refuses: [],
    level: 'safe',
    improves: ['size'],
    references: [],
    run,
  });
}

/** The file with each `RUN old` handed to `change`. */
function mapOld(file: Dockerfile, change: (run: RunInstruction) => RunInstruction): Dockerfile {
  return mapStages(file, (stage) =>
    stage.instructions.map((each) =>
      each.kind === 'run' && each.argsText === 'old' ? change(each) : each,
    ),
  );
}

function rename(run: RunInstruction, to: string): RunInstruction {
  return splice(run, [{ ...run.args, insert: to }]);
}

function ignoring(context: BuildContext | undefined, pattern: string): string {
  return withPatterns(context?.ignore?.text ?? '', [pattern]);
}

/** Renames the RUN and ignores the pattern, in one edit. */
function linked(id: string, pattern: string, more: Partial<Proposal> = {}): Pass {
  return make(id, (file, scope) =>
    mapOld(file, (run) => {
      const ignore = ignoring(scope.context, pattern);
      const proposal = { level: 'safe' as const, message: 'both', ignore, ...more };
      return scope.propose(run, proposal, run, () => rename(run, 'new'));
    }),
  );
}

/** Ignores the pattern and leaves the Dockerfile as it is. */
function onlyIgnoring(id: string, pattern: string): Pass {
  return make(id, (file, scope) => {
    const run = file.stages[0]!.instructions.at(-1)!;
    if (scope.context && !isSent(scope.context, pattern)) return file;
    const ignore = ignoring(scope.context, pattern);
    scope.propose(run, { level: 'safe', message: `ignore ${pattern}`, ignore }, file, () => file);
    return file;
  });
}

function runPasses(passes: readonly Pass[], more: OptimizeOptions = {}): Result {
  return optimize(TEXT, facts, { context: CONTEXT, passes, strict: true, ...more });
}

describe('an edit of the ignore file', () => {
  it('is a second file of the result', () => {
    const { output, files, remarks } = runPasses([linked('one', 'node_modules')]);
    expect(output).toBe('FROM a\nCOPY . .\nRUN new\n');
    expect(files).toEqual([{ path: '.dockerignore', before: undefined, after: 'node_modules\n' }]);
    expect(remarks[0]).toMatchObject({ outcome: 'applied', files: ['.dockerignore'] });
  });

  it('falls with the rest of its edit', () => {
    const { id } = runPasses([linked('one', 'node_modules')]).remarks[0]!;
    for (const more of [{ deny: new Set([id]) }, { skip: ['one'] }]) {
      const denied = runPasses([linked('one', 'node_modules')], more);
      expect(denied).toMatchObject({ output: TEXT, files: [] });
      expect(denied.remarks[0]).toMatchObject({ outcome: 'offered', files: ['.dockerignore'] });
    }
    const strict = linked('one', 'node_modules', { level: 'aggressive' });
    expect(runPasses([strict])).toMatchObject({ output: TEXT, files: [] });
  });

  it('may stand alone', () => {
    const { output, files } = runPasses([onlyIgnoring('one', 'node_modules')]);
    expect(output).toBe(TEXT);
    expect(files).toHaveLength(1);
  });

  it('is seen by later passes, and by a second run', () => {
    const passes = [onlyIgnoring('one', 'node_modules'), onlyIgnoring('two', 'node_modules')];
    const first = runPasses(passes);
    expect(first.remarks.map((each) => each.pass)).toEqual(['one']);
    const context = withIgnore(CONTEXT, first.files[0]!.after);
    expect(runPasses(passes, { context })).toMatchObject({ files: [], remarks: [] });
  });

  it('adds to those before it', () => {
    const ignored = { ...CONTEXT, ignore: { path: 'Dockerfile.dockerignore', text: 'x\n' } };
    const passes = [onlyIgnoring('one', 'node_modules'), linked('two', 'dist')];
    expect(runPasses(passes, { context: ignored }).files).toEqual([
      { path: 'Dockerfile.dockerignore', before: 'x\n', after: 'x\nnode_modules\ndist\n' },
    ]);
  });

  it('can be what another edit requires', () => {
    const second = make('two', (file, scope) =>
      mapOld(file, (run) => {
        const requires = scope.remarks.filter((each) => each.pass === 'one').map(({ id }) => id);
        const proposal = { level: 'safe' as const, message: 'needs it', requires };
        return scope.propose(run, proposal, run, () => rename(run, 'new'));
      }),
    );
    const third = make('three', (file, scope) =>
      mapOld(file, (run) => {
        const requires = scope.remarks.filter((each) => each.pass === 'two').map(({ id }) => id);
        const proposal = { level: 'safe' as const, message: 'needs that', requires };
        return scope.propose(run, proposal, run, () => rename(run, 'newer'));
      }),
    );
    const passes = [onlyIgnoring('one', 'node_modules'), second, third];
    const both = runPasses(passes.slice(0, 2));
    expect(both).toMatchObject({ output: 'FROM a\nCOPY . .\nRUN new\n' });
    const deny = new Set([both.remarks[0]!.id]);
    const denied = runPasses(passes, { deny });
    expect(denied).toMatchObject({ output: TEXT, files: [] });
    expect(denied.remarks.map(({ because }) => because)).toEqual([
      'denied',
      'requires',
      'requires',
    ]);
  });
});

describe('without a context', () => {
  it('offers an edit of the ignore file', () => {
    const result = optimize(TEXT, facts, { passes: [linked('one', 'x')], strict: true });
    expect(result).toMatchObject({ output: TEXT, files: [] });
    expect(result.remarks[0]).toMatchObject({
      outcome: 'offered',
      because: 'context',
      files: ['.dockerignore'],
    });
  });

  it('offers what rests on one', () => {
    const pass = make('one', (file, scope) =>
      mapOld(file, (run) => {
        const proposal = { level: 'safe' as const, message: 'look', needsContext: true };
        return scope.propose(run, proposal, run, () => rename(run, 'new'));
      }),
    );
    const result = optimize(TEXT, facts, { passes: [pass], strict: true });
    expect(result.remarks[0]).toMatchObject({ outcome: 'offered', because: 'context' });
    expect(runPasses([pass]).output).toContain('RUN new');
  });
});

describe('the gate', () => {
  it.each<[string, string, string]>([
    ['hides what is copied', '*', 'COPY . would find nothing'],
    ['writes what is no pattern', '[', 'line 1 of .dockerignore: "[" is no pattern'],
  ])('undoes a pass that %s', (_, pattern, finding) => {
    const text = 'FROM a\nCOPY src node_modules /x/\nRUN old\n';
    const options = { context: CONTEXT, passes: [linked('bad', pattern), linked('good', 'x')] };
    const found = finding.replace('COPY .', 'COPY src');
    const result = optimize(text, facts, options);
    expect(result.files).toEqual([{ path: '.dockerignore', before: undefined, after: 'x\n' }]);
    expect(result.diagnostics[0]!.message).toContain(`the edits of bad did not pass`);
    expect(result.diagnostics[0]!.message).toContain(found);
    expect(() => optimize(text, facts, { ...options, strict: true })).toThrow(found);
  });

  it('undoes a pass that takes lines away', () => {
    const context = { ...CONTEXT, ignore: { path: '.dockerignore', text: 'a\nb\n' } };
    const pass = linked('bad', '', { ignore: 'b\n' });
    const result = optimize(TEXT, facts, { context, passes: [pass] });
    expect(result).toMatchObject({ output: TEXT, files: [] });
    expect(result.diagnostics[0]!.message).toContain('.dockerignore lost a line');
  });
});
