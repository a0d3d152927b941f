/** Which programs a piece of shell code calls, and what may call more. */
import { describe, expect, it } from 'vitest';
import { callsIn, type Calls } from '../../src/analysis/calls.ts';
import { scriptOf } from '../../src/dockerfile/shell.ts';
import { startedByTools } from '../../src/ecosystems/started.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { contextFrom, treeOf } from '../support/contexts.ts';

const facts = loadFacts();

function callsOf(code: string, tree = ''): Calls {
  const script = scriptOf(code);
  if (script.kind !== 'script') throw new Error(`${code} is not understood`);
  const files = contextFrom(treeOf(tree));
  return callsIn(script, 'app', { files, facts, runs: startedByTools });
}

const programs = (code: string, tree?: string): string[] =>
  callsOf(code, tree).calls.map(({ program }) => program);

describe('callsIn', () => {
  it.each([
    ['curl x | tar x', ['curl', 'tar']],
    ['cd /x && [ -f y ] && export A=b && git pull', ['git']],
    ['sudo -E apt-get update', ['sudo', 'apt-get']],
    ['timeout -k 5 10 wget x', ['timeout', 'wget']],
    ['xargs -0 -n1 php -l', ['xargs', 'php']],
    ["sh -c 'a && b c'", ['sh', 'a', 'b']],
    ["bash -euxo pipefail -c 'a'", ['bash', 'a']],
    ['su node -c "npm ci"', ['su', 'npm']],
    ['find . -name x -exec rm {} \\; -exec chmod 1 {} +', ['find', 'rm', 'chmod']],
    ['exec tini -- node x', ['tini', 'node']],
    ['eval git pull', ['git']],
    ['f() { inner; }; f; g', ['inner', 'g']],
    ['X=$(uname -m) && echo "$(id -u)"', ['uname', 'id']],
    ['if a; then b; else c; fi; for x in 1; do d; done', ['a', 'b', 'c', 'd']],
    ['/usr/bin/env node x', ['/usr/bin/env']],
    ['npx -y tsc -p .', ['npx']],
    ['bundle exec rails s', ['bundle']],
  ])('%s', (code, expected) => {
    expect(programs(code)).toEqual(expected);
  });

  it('reads the scripts of the image that are run, by their interpreters', () => {
    const tree = [
      'app/start.sh:',
      '  #!/bin/bash',
      '  cd /srv && ./inner',
      'srv/inner:',
      '  #!/usr/bin/env python3',
      '  import os',
      'app/lib.sh:',
      '  jq .',
    ].join('\n');
    expect(programs('. ./lib.sh && sh start.sh', tree)).toEqual(['jq', 'sh', './inner', 'python3']);
    expect(callsOf('./start.sh', tree).calls.at(-1)?.by).toBe('inner');
  });

  it.each([
    ['./wait.sh npm start', 'sleep 9\n  exec "$@"', ['./wait.sh', 'sleep', 'npm']],
    [
      'sh wait.sh db -- npm start',
      'nc $1\n  shift 2\n  exec tini "$@"',
      ['sh', 'nc', 'tini', 'npm'],
    ],
    ['./wait.sh db npm', 'shift\n  sh inner.sh "$@"', ['./wait.sh', 'sh', 'npm']],
    ['./wait.sh', 'set -- node "$@"\n  exec "$@"', ['./wait.sh', 'node']],
    ['./wait.sh', '[ -z "$1" ] && set -- node "$@"\n  exec "$@"', ['./wait.sh', 'node']],
    [
      './wait.sh x',
      'try() { until "$@"; do sleep 1; done; }\n  try pg_isready',
      ['./wait.sh', 'sleep', 'pg_isready'],
    ],
    ['sh -c \'exec "$@"\' name npm start', '', ['sh', 'npm']],
  ])('follows what is handed on: %s, %s', (code, text, expected) => {
    const tree = `app/wait.sh:\n  ${text}\napp/inner.sh:\n  exec "\${@}"`;
    expect(callsOf(code, tree)).toMatchObject({
      calls: expected.map((program) => ({ program })),
      doubts: [],
    });
  });

  it('doubts what is left of arguments, and takes what stands behind dashes for a program', () => {
    const tree = 'app/wait.sh:\n  while [ $# -gt 2 ]; do shift; done\n  exec "$@"';
    const { calls, doubts } = callsOf('./wait.sh -t 5 -- npm start', tree);
    expect(calls.map(({ program }) => program)).toEqual(['./wait.sh', 'npm']);
    expect(doubts).toEqual(['wait.sh: what is left of its arguments may be any program']);
  });

  it('follows the scripts of a manifest', () => {
    const tree =
      'app/package.json:\n  { "scripts": { "prebuild": "rimraf x", "build": "tsc && npm run copy", "copy": "cp -r a b" } }';
    expect(programs('npm run build', tree)).toEqual(['npm', 'rimraf', 'tsc', 'npm', 'cp']);
    expect(programs('yarn build', tree)).toEqual(['yarn', 'rimraf', 'tsc', 'npm', 'cp']);
  });

  it('ends where scripts call themselves', () => {
    const tree =
      'app/a.sh:\n  ./a.sh\n  b\napp/package.json:\n  { "scripts": { "x": "npm run x" } }';
    expect(programs('./a.sh; npm run x', tree)).toEqual(['./a.sh', './a.sh', 'b', 'npm', 'npm']);
  });

  it.each([
    ['$TOOL x', '"$TOOL" may be any program'],
    ['curl x | bash', 'a shell reads its commands from elsewhere'],
    ['sh /opt/unknown.sh', 'nobody can see what /opt/unknown.sh calls'],
    ['make install', 'nobody can see what make calls'],
    ['eval "$X"', '"eval" may run anything'],
    ['sh -c "$X"', 'a shell is given code to run'],
  ])('doubts %s', (code, doubt) => {
    expect(callsOf(code).doubts).toEqual([doubt]);
  });

  it('has no doubt of what a script was started with', () => {
    expect(callsOf('exec "$@"').doubts).toEqual([]);
  });
});
