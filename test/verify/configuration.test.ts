/** Which differences of two configurations there are, and which of them count. */
import { describe, expect, it } from 'vitest';
import { differencesOf, excuse } from '../../src/verify/configuration.ts';

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
      { field: 'Env', key: 'B', before: '2', after: '3', kind: 'counts' },
      { field: 'Env', key: 'C', after: '', kind: 'counts' },
      { field: 'Cmd', before: '["x"]', after: '["x","y"]', kind: 'counts' },
      { field: 'ExposedPorts', key: '80/tcp', after: '{}', kind: 'counts' },
      { field: 'Labels', key: 'a', before: '1', kind: 'counts' },
    ]);
  });
});

describe('excuse', () => {
  const go = { Env: ['PATH=/go/bin:/usr/bin', 'GOPATH=/go'], Cmd: ['bash'], Labels: { by: 'go' } };
  const slim = { Env: ['PATH=/usr/bin'] };
  const kinds = (
    before: Record<string, unknown>,
    after: Record<string, unknown>,
  ): Record<string, string> =>
    Object.fromEntries(
      excuse(differencesOf(before, after), [], { before: go, after: slim }).map((each) => [
        `${each.field} ${each.key ?? ''}`.trim(),
        each.kind,
      ]),
    );

  it('excuses variables and labels that only the bases set', () => {
    expect(kinds(go, slim)).toEqual({
      'Env GOPATH': 'base',
      'Env PATH': 'base',
      'Labels by': 'base',
      // Whoever set it, it is what the container runs.
      Cmd: 'counts',
    });
  });

  it('counts what an author set', () => {
    const own = { Env: ['PATH=/usr/bin', 'GOPATH=/mine', 'MODE=x'] };
    expect(kinds(own, slim)).toEqual({ 'Env GOPATH': 'counts', 'Env MODE': 'counts' });
    expect(kinds(go, { Env: ['PATH=/usr/bin', 'GOPATH=/other'] })).toMatchObject({
      'Env GOPATH': 'counts',
    });
  });

  it('looks at the folders that an author put into PATH', () => {
    const before = { Env: ['PATH=/app/bin:/go/bin:/usr/bin'] };
    expect(kinds(before, { Env: ['PATH=/app/bin:/usr/bin'] })).toEqual({ 'Env PATH': 'base' });
    expect(kinds(before, { Env: ['PATH=/usr/bin'] })).toEqual({ 'Env PATH': 'counts' });
    expect(kinds(before, { Env: ['PATH=/else:/usr/bin'] })).toEqual({ 'Env PATH': 'counts' });
  });

  it('counts all where the bases are not known', () => {
    const found = excuse(differencesOf(go, slim), [], undefined);
    expect(found.map(({ kind }) => kind)).toEqual(['counts', 'counts', 'counts', 'counts']);
  });

  it('excuses what is expected, and no more', () => {
    const before = { Env: ['A=1', 'B=1'], User: 'x' };
    const after = { Env: ['A=2', 'B=2'] };
    const expected = [{ field: 'Env', key: 'A' }, { field: 'User' }];
    expect(excuse(differencesOf(before, after), expected, undefined)).toMatchObject([
      { key: 'A', kind: 'expected' },
      { key: 'B', kind: 'counts' },
      { field: 'User', kind: 'expected' },
    ]);
  });
});
