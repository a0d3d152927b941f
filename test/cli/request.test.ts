import { describe, expect, it } from 'vitest';
import { optimizeOptionsOf } from '../../src/cli/request.ts';
import { UsageError } from '../../src/cli/usage.ts';
import { definePass } from '../../src/pass.ts';
import type { OptimizeOptions } from '../../src/pipeline.ts';

const PASSES = ['paint-wall', 'wash-car'].map((id) =>
  definePass({
    id,
    summary: 's',
    why: 'w',
    refuses: [],
    level: 'safe',
    improves: [],
    references: [],
    options: {
      colors: { default: [], description: 'd' },
      tool: { default: 'brush', description: 'd' },
      twice: { default: false, description: 'd' },
    },
    run: (file) => file,
  }),
);

function options(option: string | readonly string[]): OptimizeOptions['passOptions'] {
  return optimizeOptionsOf({ option }, 'safe', PASSES).passOptions;
}

describe('--option', () => {
  it('has the type of its default; lists grow', () => {
    expect(
      options([
        'paint-wall.colors=red,blue',
        'paint-wall.colors= green',
        'paint-wall.tool=a=b.c,d',
        'wash-car.twice=true',
      ]),
    ).toEqual({
      'paint-wall': { colors: ['red', 'blue', 'green'], tool: 'a=b.c,d' },
      'wash-car': { twice: true },
    });
  });

  it('refuses what it cannot be', () => {
    expect(() => options('wash-car.twice=maybe')).toThrow(UsageError);
    expect(() => options('wash-car.__proto__=x')).toThrow(UsageError);
    expect(() => options('wash-cat.twice=true')).toThrow('did you mean wash-car?');
    expect(() => options('wash-car.color=red')).toThrow('did you mean colors?');
  });
});

describe('passes and edits', () => {
  it('are given once or several times, with commas or without', () => {
    const argv = {
      select: ['wash-car', 'paint-wall,wash-car'],
      skip: ' wash-car ',
      deny: 'a-0,b-1',
    };
    expect(optimizeOptionsOf(argv, 'standard', PASSES)).toEqual({
      level: 'standard',
      builder: { name: 'buildkit' },
      select: ['wash-car', 'paint-wall', 'wash-car'],
      skip: ['wash-car'],
      deny: new Set(['a-0', 'b-1']),
      passOptions: {},
    });
  });
});

describe('--builder and --frontend', () => {
  it('say what builds the result', () => {
    const builder = (argv: Readonly<Record<string, string>>): OptimizeOptions['builder'] =>
      optimizeOptionsOf(argv, 'standard', PASSES).builder;
    expect(builder({ frontend: '1.7' })).toEqual({ name: 'buildkit', frontend: '1.7' });
    expect(builder({ builder: 'kaniko' })).toEqual({ name: 'kaniko' });
  });

  it('refuse what they cannot be', () => {
    const asking = (argv: Readonly<Record<string, string>>) => () =>
      optimizeOptionsOf(argv, 'standard', PASSES);
    expect(asking({ builder: 'kanico' })).toThrow('did you mean kaniko?');
    expect(asking({ frontend: '1' })).toThrow('--frontend is written as 1.5, not "1"');
    expect(asking({ builder: 'buildah', frontend: '1.7' })).toThrow('for BuildKit alone');
  });
});
