/** What commands do, by their rows: files, network, packages, what stays in the shell, how sure. */
import { describe, expect, it } from 'vitest';
import {
  changesBelow,
  createdPaths,
  deletedPaths,
  effectsOf,
  leaks,
  readsBelow,
  usesNetwork,
  type CommandEffects,
  type Place,
  type RunEffects,
} from '../../src/analysis/effects.ts';
import { stateBefore } from '../../src/analysis/state.ts';
import { showText } from '../../src/analysis/values.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import { loadFacts } from '../../src/facts/load.ts';

const facts = loadFacts();

/** The effects of the last RUN; the lines before it say what holds. */
function effects(code: string, before = 'WORKDIR /w'): RunEffects {
  const file = parse(`FROM debian:12\n${before}\nRUN ${code}\n`);
  expect(file.diagnostics.filter((each) => each.severity === 'error')).toEqual([]);
  const [stage] = file.stages;
  const run = stage!.instructions.findLast((each) => each.kind === 'run');
  if (run?.kind !== 'run') throw new Error('there is no RUN');
  return effectsOf(run, stateBefore(file, stage!, run, facts), facts);
}

function shown({ path, isPattern, isGuess }: Place): string {
  return (isGuess ? '?' : '') + showText(path) + (isPattern ? ' (pattern)' : '');
}

/** Reads, writes and deletes in one line each: `r /a`, `w /b`, `d /c`. */
function files({ reads, writes, deletes }: CommandEffects): string[] {
  return [
    ...reads.map((each) => `r ${shown(each)}`),
    ...writes.map((each) => `w ${shown(each)}`),
    ...deletes.map((each) => `d ${shown(each)}`),
  ];
}

function only(code: string, before?: string): CommandEffects {
  const { commands } = effects(code, before);
  expect(commands).toHaveLength(1);
  return commands[0]!;
}

describe('programs', () => {
  it.each<[code: string, files: readonly string[]]>([
    ['echo a b', []],
    ['echo a > b', ['w /w/b']],
    ['echo a >> /b 2>/dev/null', ['w /b']],
    ['cat a < b', ['r /w/b', 'r /w/a']],
    ['cp a /b', ['r /w/a', 'w /b']],
    ['cp -rp a b /c/', ['r /w/a', 'r /w/b', 'w /c']],
    ['cp -t /d a b', ['r /w/a', 'r /w/b', 'w /d']],
    ['cp --target-directory=/d a', ['r /w/a', 'w /d']],
    ['mv a ../b', ['r /w/a', 'w /b', 'd /w/a']],
    ['rm -rf /a b/*', ['d /a', 'd /w/b/* (pattern)']],
    ['rm -- -a', ['d /w/-a']],
    ['mkdir -p -m 700 a/b', ['w /w/a/b']],
    ['ln -s /a', ['w /w/a']],
    ['ln -sf /a/b /c', ['w /c']],
    ['ln /a/b /c', ['r /a/b', 'w /c']],
    ['chmod -x a', ['w /w/a']],
    ['chmod -R 755 /a /b', ['w /a', 'w /b']],
    ['touch a', ['w /w/a']],
    ["sed -i 's/a/b/' c", ['r /w/c', 'w /w/c']],
    ["sed -i.bak -e 's/a/b/' c", ['r /w/c', 'w /w/c']],
    ["sed 's/a/b/' c", ['r /w/c']],
    ['tee -a /a b', ['w /a', 'w /w/b']],
    ['tar xzf a.tgz -C /b', ['r /w/a.tgz', 'w /b']],
    ['tar -xzf a.tgz --strip-components=1', ['r /w/a.tgz', 'w /w']],
    ['tar czf /a.tgz b c', ['r /w/b', 'r /w/c', 'w /a.tgz']],
    ['tar -xJ -C /b', ['w /b']],
    ['unzip -q a.zip -d /b', ['r /w/a.zip', 'w /b']],
    ['gunzip a.gz', ['r /w/a.gz', 'w /w/a* (pattern)', 'd /w/a.gz']],
    ['gzip -k a', ['r /w/a', 'w /w/a* (pattern)']],
    ['dd if=/dev/zero of=/a bs=1k', ['w /a']],
    ['install -d /a /b', ['r /etc/passwd', 'r /etc/group', 'w /a', 'w /b']],
    ['ls /a', ['r /a']],
    ['[ -f /a ]', ['r /a']],
    ['find /a -name b', ['r /a']],
    ['find /a /b -delete', ['r /a', 'r /b', 'd ?/a', 'd ?/b']],
    ['find . -type f -exec rm {} \\;', ['r /w', 'd ?/w']],
    ['find /a -exec cp {} /b \\;', ['r /a', 'r ?/a', 'w /b']],
    ['gcc -o a b.c -I/c', ['r /w/b.c', 'r /w', 'r /c', 'r /usr', 'r /opt', 'w /w/a']],
    ['/bin/rm a', ['d /w/a']],
    ['timeout 5 rm a', ['d /w/a']],
    ['sudo -E rm a', ['d /w/a']],
    ['sh -c "cd /a && rm b"', ['d /a/b']],
    ['command -v rm', []],
    ['env A=b rm c', ['d /w/c']],
  ])('%s', (code, expected) => {
    const { knowledge, ...command } = only(code);
    expect(files({ knowledge, ...command })).toEqual(expected);
    expect(knowledge).toBe('complete');
  });

  it.each<[code: string, network: string, writes: readonly string[]]>([
    ['curl -fsSL https://a.io/b.tgz -o /b', 'yes', ['/b']],
    ['curl -LO https://a.io/b.tgz', 'yes', ['/w/b.tgz']],
    ['curl -s https://a.io', 'yes', []],
    ['wget -q https://a.io/b.tgz?c=d', 'yes', ['/w/b.tgz', '/root/.wget-hsts']],
    ['wget -qO- https://a.io', 'yes', ['/root/.wget-hsts']],
    ['wget -O /b https://a.io', 'yes', ['/b', '/root/.wget-hsts']],
    ['git clone --depth 1 https://a.io/b.git', 'yes', ['/w/b']],
    ['git clone https://a.io/b /c', 'yes', ['/c']],
    ['git -C /c checkout d', 'no', ['/c']],
    ['rm a', 'no', []],
    ['tar xf a', 'no', ['/w']],
  ])('%s: network %s', (code, network, writes) => {
    const command = only(code);
    expect([command.network, command.writes.map(shown)]).toEqual([network, writes]);
  });

  it('says what it does not know', () => {
    expect(only('frobnicate a')).toMatchObject({
      knowledge: 'none',
      because: 'nothing is known of frobnicate',
      network: 'unknown',
    });
    expect(only('./a.sh b')).toMatchObject({ knowledge: 'none' });
    expect(files(only('./a.sh b'))).toEqual(['r /w/a.sh']);
    expect(only('make install')).toMatchObject({
      knowledge: 'partial',
      because: 'a Makefile may do anything',
    });
    expect(only('$A b', 'ARG A')).toMatchObject({
      because: 'the program is a variable',
      program: undefined,
    });
    expect(effects('curl https://a.io | sh').unknown).toEqual(['nobody sees what sh runs']);
  });

  it('does not take a script for the program whose name it has', () => {
    expect(only('./rm a').knowledge).toBe('none');
    expect(only('/opt/x/rm a').knowledge).toBe('none');
  });

  it('knows owners and modes from contents', () => {
    expect(only('chown -R a:b /c').changes).toBe('owner');
    expect(only('chmod 755 /c').changes).toBe('mode');
    expect(only('cp a /c').changes).toBeUndefined();
    expect(only('chmod 755 a > b').changes).toBeUndefined();
  });
});

describe('packages', () => {
  it('know what is installed, by whom, and what is left behind', () => {
    const { commands } = effects('apt-get update && apt-get install -y curl git=1:2');
    expect(commands.map(({ call }) => call?.action)).toEqual(['update', 'install']);
    expect(commands[1]!.call!.operands.map(({ text }) => text)).toEqual(['curl', 'git=1:2']);
    expect(commands[0]!.leaves.map(({ id }) => id)).toEqual(['lists']);
    expect(commands.every(({ network }) => network === 'yes')).toBe(true);
  });

  it('write where packages write, and nowhere else', () => {
    const install = effects('apt-get install -y curl');
    expect(install.isComplete).toBe(true);
    expect(changesBelow(install, '/usr/bin')).toBe('yes');
    expect(changesBelow(install, '/w')).toBe('no');
    expect(readsBelow(install, '/w')).toBe('no');
    expect(readsBelow(effects('apt-get install -y ./a.deb'), '/w')).toBe('yes');
  });

  it('of a project may run what the project says', () => {
    const install = effects('npm ci');
    expect(install.isComplete).toBe(false);
    expect(install.unknown).toEqual(['life cycle scripts may do anything']);
    expect(readsBelow(install, '/w/package.json')).toBe('yes');
    expect(readsBelow(install, '/srv')).toBe('unknown');
    expect(files(only('npm --prefix /p ci'))).toContain('r /p');
    expect(files(only('pip install -r a.txt'))).toContain('r /w/a.txt');
  });
});

describe('variables and folders', () => {
  it.each<[code: string, before: string, deleted: readonly string[]]>([
    ['rm $A/b', 'ENV A=/a', ['/a/b']],
    ['rm "${A}b"', 'ENV A=/a', ['/ab']],
    ['rm ${B:-/d}', 'ENV A=/a', ['/d']],
    ['rm $A', 'ARG A=/a', ['$A']],
    ['rm /x-$A/y', 'ARG A=/a', ['/x-${A}/y']],
    ['rm $A', 'ENV A="/a /b"', ['/a', '/b']],
    ['rm "$A"', 'ENV A="/a /b"', ['/a /b']],
    ["rm '$A'", 'ENV A=/a', ['/$A']],
    ['A=/a; rm $A/b', 'ENV A=/c', ['/a/b']],
    ['A=/a rm $A/b', 'ENV A=/c', ['/c/b']],
    ['export A=/a && rm $A', '', ['/a']],
    ['A=/a && rm ${A%a}b', '', ['/b']],
    ['A=$(x) && rm $A/b', '', ['$(x)/b']],
    ['rm ~/a $HOME/b', '', ['/root/a', '/root/b']],
    ['rm ~/a', 'ENV HOME=/h', ['/h/a']],
    ['rm ~/a', 'USER app', ['?/root/a (pattern)', '?/home/*/a (pattern)']],
    ['cd a && rm b', 'WORKDIR /w', ['/w/a/b']],
    ['cd /a && (cd b && rm c) && rm d', '', ['/a/b/c', '/a/d']],
    ['cd /a; cd ..; rm b', '', ['/b']],
    ['cd /a | true; rm b', 'WORKDIR /w', ['/w/b']],
    ['cd && rm b', '', ['/root/b']],
    ['cd - && rm b', '', ['the folder before/b']],
    ['if x; then cd /a; fi; rm b', 'WORKDIR /w', ['the current folder/b']],
    ['[ -d /a ] && cd /a; rm b', 'WORKDIR /w', ['the current folder/b']],
    ['cd /a || exit 1; rm b', '', ['/a/b']],
    ['for i in a b; do rm /$i; done', '', ['/a', '/b']],
    ['for i in *.c; do rm /x/$i; done', '', ['/x/$i']],
    ['while x; do cd a; rm b; done', 'WORKDIR /w', ['/w/a/b', 'the current folder/a/b']],
    ['f() { rm $A/b; }; A=/a; f', '', ['/a/b']],
    ['rm $PWD/a', 'WORKDIR /w', ['/w/a']],
    ['rm /{a,b}', '', ['/{a,b}']],
    ['rm /{a,b}', 'SHELL ["/bin/bash", "-c"]', ['/a', '/b']],
    ['. ./env && rm $A', 'ENV A=/a', ['$A']],
    ['eval x; rm $A', 'ENV A=/a', ['$A']],
  ])('%s after %j deletes %j', (code, before, deleted) => {
    const { commands } = effects(code, before);
    const places = commands.flatMap(({ deletes }) => deletes.map((each) => shown(each)));
    expect([...new Set(places)].map((each) => each.replace(/\$\{(\w+)\}$/, '$$$1'))).toEqual(
      deleted,
    );
  });

  it('takes defaults of ARG for what usually holds, when asked for that', () => {
    const file = parse('FROM debian:12\nARG A=/a\nRUN rm $A\n');
    const [stage] = file.stages;
    const run = stage!.instructions[1]!;
    if (run.kind !== 'run') throw new Error('there is no RUN');
    const state = stateBefore(file, stage!, run, facts);
    const deleted = (world: 'certain' | 'usual'): string[] =>
      effectsOf(run, state, facts, world).commands[0]!.deletes.map(shown);
    expect([deleted('certain'), deleted('usual')]).toEqual([['${A}'], ['/a']]);
  });
});

describe('certainty', () => {
  const certainties = (code: string): string[] =>
    effects(code)
      .commands.filter(({ program }) => /^[x-z]$/.test(program ?? ''))
      .map(({ program, certainty }) => `${program} ${certainty}`);

  it.each<[code: string, certainties: readonly string[]]>([
    ['x && y', ['x succeeds', 'y succeeds']],
    ['x; y', ['x runs', 'y succeeds']],
    ['set -e; x; y', ['x succeeds', 'y succeeds']],
    ['x || y', ['x runs', 'y may run']],
    ['x || exit 1; y', ['x runs', 'y succeeds']],
    ['x || true && y', ['x runs', 'y succeeds']],
    ['x && y || z', ['x runs', 'y may run', 'z may run']],
    ['x | y', ['x runs', 'y succeeds']],
    ['! x', ['x runs']],
    ['(x; y)', ['x runs', 'y succeeds']],
    ['if x; then y; else z; fi', ['x runs', 'y may run', 'z may run']],
    ['for i in a b; do x; done', ['x runs']],
    ['for i in $(ls); do x; done', ['x may run']],
    ['for i in $A; do x; done', []],
    ['case $A in a) x;; esac; y', ['x may run', 'y succeeds']],
    ['x & y', ['x may run', 'y succeeds']],
    ['exit 0; x', ['x may run']],
    ['[ -f a ] && exit 0; x', ['x may run']],
    ['[ -f a ] || exit 1; x', ['x succeeds']],
    ['[ -f a ] && x; y', ['x may run', 'y succeeds']],
    ['f() { x; }; y', ['y succeeds']],
    ['f() { x; }; f', ['x succeeds']],
    ['echo $(x)', ['x runs']],
  ])('%s', (code, expected) => {
    expect(certainties(code).sort()).toEqual([...expected].sort());
  });
});

describe('leaks', () => {
  it.each<[code: string, kinds: readonly string[]]>([
    ['a && b', []],
    ['cd /a && b', ['folder']],
    ['(cd /a && b)', []],
    ['{ cd /a; }', ['folder']],
    ['cd /a | b', []],
    ['echo $(cd /a)', []],
    ['A=1', ['variable']],
    ['A=1 b', []],
    ['export A=1', ['variable']],
    ['read A', ['variable']],
    ['for i in a; do b; done', ['variable']],
    [': ${A:=b}', ['variable']],
    ['set -e; a', ['option']],
    ['shopt -s a', ['option']],
    ['umask 077', ['mask']],
    ['ulimit -n 9', ['limit']],
    ['alias a=b', ['alias']],
    ['trap a EXIT', ['trap']],
    ['. ./a', ['sourced']],
    ['source a', ['sourced']],
    ['eval a', ['unknown']],
    ['f() { a; }', ['function']],
    ['f() { cd /a; }; f', ['function', 'folder']],
    ['a &', ['background']],
    ['(a &)', ['background']],
    ['a; exit 0', ['end']],
    ['exec a', ['end']],
    ['exec > a', ['redirection']],
    ['if a; then cd b; fi', ['folder']],
    ['unset A', ['variable']],
    ['["rm", "a"]', []],
  ])('%s: %j', (code, kinds) => {
    expect(leaks(effects(code)).map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe('questions', () => {
  it('knows what a RUN leaves and takes away', () => {
    const run = effects('mkdir /a && tar xf x -C /a && rm -rf /a/b /c && touch /c/d && mv /e /f');
    expect(createdPaths(run).places.map(shown)).toEqual(['/a', '/a', '/c/d', '/f']);
    expect(deletedPaths(run).places.map(shown)).toEqual(['/a/b', '/c', '/e']);
    expect(createdPaths(run).isComplete).toBe(true);
    const archive = effects('curl -o /a.tgz https://a.io && tar xf /a.tgz -C /b && rm /a.tgz');
    expect(createdPaths(archive).places.map(shown)).toEqual(['/b']);
    expect(createdPaths(effects('touch /a; x || rm /a')).places.map(shown)).toEqual(['/a']);
  });

  it('leaves out what lies on a mount', () => {
    const run = effects('--mount=type=cache,target=/c touch /c/a /b');
    expect(createdPaths(run).places.map(shown)).toEqual(['/b']);
  });

  it.each([
    ['cat a', '/w', 'yes'],
    ['cat a', '/w/a', 'yes'],
    ['cat a', '/w/b', 'no'],
    ['cat /w/src/a', '/w', 'yes'],
    ['cat *.c', '/w/a.c', 'unknown'],
    ['cat *.c', '/w/a.h', 'no'],
    ['cat *.c', '/w/.c', 'no'],
    ['cat $(date)', '/w', 'unknown'],
    ['cat /x-$(date)', '/w', 'no'],
    ['cat $A', '/w', 'no'],
    ['[ -f a ] && cat b; x=1', '/w/b', 'unknown'],
    ['frobnicate', '/w', 'unknown'],
    ['cat /a', '/ab', 'no'],
  ])('%s reads below %s: %s', (code, path, answer) => {
    expect(readsBelow(effects(code), path)).toBe(answer);
  });

  it('knows whether the network is needed', () => {
    expect(usesNetwork(effects('rm a'))).toBe('no');
    expect(usesNetwork(effects('rm a && curl b'))).toBe('yes');
    expect(usesNetwork(effects('rm a && frobnicate'))).toBe('unknown');
    expect(usesNetwork(effects('--network=none frobnicate'))).toBe('no');
  });

  it('knows nothing of code that it does not understand', () => {
    const run = effects('a', 'SHELL ["powershell", "-Command"]');
    expect(run).toMatchObject({ isComplete: false, network: 'unknown', commands: [] });
    expect(readsBelow(run, '/a')).toBe('unknown');
    expect(leaks(run).map(({ kind }) => kind)).toEqual(['unknown']);
  });

  it('knows an exec form of a program', () => {
    const run = effects('["rm", "-rf", "a", "$B"]');
    expect(deletedPaths(run).places.map(shown)).toEqual(['/w/a', '/w/$B']);
  });
});
