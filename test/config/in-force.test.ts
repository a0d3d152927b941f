/** Which of several words counts, and is it told who said it? */
import { describe, expect, it } from 'vitest';
import { passes } from '../../passes/index.ts';
import {
  inForce,
  layersOf,
  optionsInForce,
  type InForce,
  type Layer,
} from '../../src/config/in-force.ts';
import type { Configuration, Settings } from '../../src/config/keys.ts';

const words = (settings: Settings): Layer => ({ settings, from: (key) => `--${key}` });

function force(configuration: Configuration, name = 'Dockerfile', given: Settings = {}): InForce {
  const resolved = inForce([...layersOf(configuration, name, 'c.json'), words(given)], passes);
  if (resolved.kind === 'problem') throw new Error(resolved.why);
  return resolved.inForce;
}

function off(found: InForce, id: string): unknown {
  return found.passes.find((pass) => pass.id === id)?.off;
}

const LAYERED: Configuration = {
  level: 'safe',
  overrides: [
    { files: ['services/'], level: 'standard' },
    { files: ['*.prod'], level: 'aggressive' },
  ],
};

describe('in force', () => {
  it('is the default where nobody says anything', () => {
    const found = force({});
    expect(found.level).toEqual({ value: 'standard', from: 'default' });
    expect(optionsInForce(found)).toEqual({
      level: 'standard',
      builder: { name: 'buildkit' },
      skip: [],
      passOptions: {},
    });
  });

  it.each([
    ['Dockerfile', 'safe', 'c.json'],
    ['services/a/Dockerfile', 'standard', 'c.json: overrides[0]'],
    ['services/a/Dockerfile.prod', 'aggressive', 'c.json: overrides[1]'],
    ['other/services', 'safe', 'c.json'],
  ])('is the last override that names %s', (name, value, from) => {
    expect(force(LAYERED, name).level).toEqual({ value, from });
  });

  it('is the word of the command line above all', () => {
    const found = force(LAYERED, 'a.prod', { level: 'standard' });
    expect(found.level).toEqual({ value: 'standard', from: '--level' });
  });

  it('is the later word about a pass', () => {
    const configuration: Configuration = {
      skip: ['merge-runs', 'mount-caches'],
      passes: { 'use-scratch': { off: true } },
      overrides: [{ files: ['a'], passes: { 'merge-runs': { off: false } } }],
    };
    expect(off(force(configuration), 'merge-runs')).toEqual({ value: true, from: 'c.json' });
    const found = force(configuration, 'a', { select: ['use-scratch', 'merge-runs'] });
    expect(off(found, 'use-scratch')).toEqual({ value: false, from: '--select' });
    expect(off(found, 'mount-caches')).toEqual({ value: true, from: '--select' });
    expect(off(force(configuration, 'a'), 'merge-runs')).toEqual({
      value: false,
      from: 'c.json: overrides[0]',
    });
    expect(optionsInForce(force(configuration, 'a')).skip).toEqual(
      passes.map(({ id }) => id).filter((id) => id === 'mount-caches' || id === 'use-scratch'),
    );
  });

  it('are options by their names', () => {
    const configuration: Configuration = {
      passes: { 'pin-suite': { options: { all: true, digests: true } } },
      overrides: [{ files: ['a'], passes: { 'pin-suite': { options: { all: false } } } }],
    };
    expect(optionsInForce(force(configuration, 'a')).passOptions).toEqual({
      'pin-suite': { all: false, digests: true },
    });
  });

  it('is no frontend where a later word names another builder', () => {
    const configuration: Configuration = {
      frontend: '1.5',
      overrides: [{ files: ['a'], builder: 'kaniko' }],
    };
    expect(optionsInForce(force(configuration)).builder).toEqual({
      name: 'buildkit',
      frontend: '1.5',
    });
    expect(optionsInForce(force(configuration, 'a')).builder).toEqual({ name: 'kaniko' });
  });

  it('cannot be a frontend of what has none', () => {
    const layers = layersOf({ builder: 'kaniko', frontend: '1.5' }, 'a', 'c.json');
    expect(inForce(layers, passes)).toEqual({
      kind: 'problem',
      why: 'c.json: frontend is for BuildKit alone, and the builder is kaniko (c.json)',
    });
  });
});
