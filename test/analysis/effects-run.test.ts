/**
 * Shell code is run in a scratch folder, and what happened is compared with what was foretold: no file
 * changes where nothing was said to change, what was said to run did, and nothing stays in the shell
 * that was not said to.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  deletedPaths,
  effectsOf,
  leaks,
  type LeakKind,
  type RunEffects,
} from '../../src/analysis/effects.ts';
import { placesMeet, plainPlace } from '../../src/analysis/places.ts';
import { stateBefore } from '../../src/analysis/state.ts';
import { plainText } from '../../src/analysis/values.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import { loadFacts } from '../../src/facts/load.ts';

const facts = loadFacts();
const RUNS = Number(process.env['RUNS'] ?? 60);
const settings = { seed: Number(process.env['SEED'] ?? 20261121), numRuns: RUNS };

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'dfopt-effects-')));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Where every script starts, and what is there. */
const ROOT = join(scratch, 'root');
const FOLDERS = ['a/sub/deep', 'b', 'home', 'out', 'old'];
const FILES = [
  'a/f.txt',
  'a/sub/g.c',
  'a/sub/h.c',
  'b/i.txt',
  'j.txt',
  'k.c',
  'home/l',
  'old/m.txt',
];

function freshRoot(): void {
  rmSync(ROOT, { recursive: true, force: true });
  for (const folder of FOLDERS) mkdirSync(join(ROOT, folder), { recursive: true });
  for (const file of FILES) writeFileSync(join(ROOT, file), `${file}\nx\na\n`);
  writeFileSync(join(ROOT, 'pack.tgz'), pack());
}

let packed: Buffer | undefined;

/** An archive of one folder with a file in it. */
function pack(): Buffer {
  packed ??= spawnSync('tar', ['-cz', '-C', join(ROOT, 'b'), '.']).stdout;
  return packed;
}

type Snapshot = ReadonlyMap<string, string>;

function snapshot(): Snapshot {
  const seen = new Map<string, string>();
  const visit = (path: string): void => {
    const stat = lstatSync(path);
    const mode = `${stat.mode} ${stat.isDirectory() ? '' : stat.mtimeMs}`;
    const content = stat.isSymbolicLink()
      ? readlinkSync(path)
      : stat.isFile()
        ? readFileSync(path, 'latin1')
        : '';
    seen.set(path, `${mode} ${content}`);
    if (stat.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
  };
  visit(ROOT);
  return seen;
}

function changed(before: Snapshot, after: Snapshot): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
}

function foretold(code: string, shell: string): RunEffects {
  const text = [
    'FROM scratch',
    `SHELL ["${shell}", "-c"]`,
    `ENV PATH=${process.env['PATH']!} HOME=${ROOT}/home V=${ROOT}/a W=sub`,
    `WORKDIR ${ROOT}`,
    `RUN <<"END"\n${code}\nEND\n`,
  ].join('\n');
  const file = parse(text);
  const [stage] = file.stages;
  const run = stage!.instructions.at(-1)!;
  if (run.kind !== 'run') throw new Error('there is no RUN');
  return effectsOf(run, stateBefore(file, stage!, run, facts), facts);
}

function execute(code: string, shell: string): number | null {
  const env = { PATH: process.env['PATH']!, HOME: `${ROOT}/home`, V: `${ROOT}/a`, W: 'sub' };
  return spawnSync(shell, ['-c', code], { cwd: ROOT, env, stdio: 'ignore', timeout: 10_000 })
    .status;
}

/** Harmless commands with paths of all kinds; none of them fails for want of a file. */
function scripts(): fc.Arbitrary<string> {
  const path = fc.constantFrom(
    'j.txt',
    'k.c',
    'a',
    'a/f.txt',
    '$V/f.txt',
    '"$V"/$W/g.c',
    '${V}/${W}',
    '${V%/*}/b',
    '${NOPE:-b}/i.txt',
    '~/l',
    '$HOME',
    '"$PWD"/j.txt',
    '*.c',
    'a/sub/*.c',
    'a/sub/[gh].c',
    './b/../k.c',
    '$X',
    '$(echo j.txt)',
    `'b'/i.txt`,
  );
  const target = fc.constantFrom(
    'out/n',
    'out',
    '"$V"/new',
    '$V/$W/o',
    '~/p',
    'q',
    '../root/out/r',
    '${X:-out}/s',
    '${X:=out}',
  );
  const command = fc.oneof(
    path.map((from) => `rm -rf ${from}`),
    fc.tuple(path, target).map(([from, to]) => `cp -r ${from} ${to}`),
    fc.tuple(path, target).map(([from, to]) => `mv ${from} ${to}`),
    target.map((to) => `mkdir -p ${to}/deeper`),
    target.map((to) => `touch ${to}`),
    target.map((to) => `echo text > ${to}`),
    target.map((to) => `echo text >> ${to}`),
    // Links are not followed, so that nothing may be written through one.
    path.map((from) => `ln -sf ${from} old/`),
    path.map((from) => `sed -i s/x/y/ ${from}`),
    path.map((from) => `chmod -R a-x ${from}`),
    fc.tuple(path, target).map(([from, to]) => `tar czf ${to}.tgz ${from}`),
    target.map((to) => `mkdir -p ${to} && tar xzf pack.tgz -C ${to}`),
    fc.constantFrom('tar xf pack.tgz', 'tar -xzvf pack.tgz --strip-components=1'),
    fc.tuple(path, target).map(([from, to]) => `cat ${from} | tee ${to} > /dev/null`),
    path.map((from) => `gzip -f ${from}`),
    path.map((from) => `gzip -k ${from}; gunzip -f *.gz`),
    fc.tuple(path, target).map(([from, to]) => `sort -o ${to} ${from}`),
    fc.tuple(path, target).map(([from, to]) => `dd if=${from} of=${to} 2>/dev/null`),
    fc.tuple(path, target).map(([from, to]) => `install -D -m 600 ${from} ${to}`),
    path.map((from) => `find ${from} -name '*.c' -delete`),
    path.map((from) => `find ${from} -type f -exec sed -i s/x/z/ {} +`),
    fc.tuple(path, target).map(([from, to]) => `sh -c 'cp ${from.replaceAll("'", '')} ${to}'`),
    path.map((from) => `ls ${from} | xargs rm -f`),
    fc.constantFrom(
      'patch -p0 < /dev/null',
      'split -l 1 j.txt',
      'truncate -s 0 k.c',
      'rmdir a/sub/deep',
    ),
    fc.constantFrom(
      'X=b',
      'export X=a/sub',
      'X=$V',
      'unset W',
      'V=b W=q',
      'cd a',
      'cd "$V"',
      'cd',
      'cd $V/$W',
      'cd ..',
      `cd ${ROOT}`,
      'umask 077',
      'set -u',
      'X=$(echo b)',
      'read X < j.txt',
      ': ${Y:=b}',
      'alias e=echo',
      'pushd a',
    ),
    fc.constantFrom(
      'true',
      'false',
      '[ -d a ]',
      '[ -e nothing ]',
      'pwd > PWD',
      'touch MARK',
      'touch MARK',
      'touch MARK',
    ),
  );
  const { list } = fc.letrec<{ list: string; chain: string; link: string }>((tie) => ({
    list: fc.array(tie('chain'), { minLength: 1, maxLength: 3 }).map((all) => all.join('\n')),
    chain: fc
      .array(fc.tuple(fc.constantFrom(' && ', ' && ', ' && ', ' || '), tie('link')), {
        minLength: 1,
        maxLength: 3,
      })
      .map((all) =>
        all.map(([operator, link], at) => (at === 0 ? link : operator + link)).join(''),
      ),
    link: fc.oneof(
      { maxDepth: 2 },
      { weight: 12, arbitrary: command },
      { weight: 1, arbitrary: tie('list').map((inner) => `(${inner})`) },
      { weight: 1, arbitrary: tie('list').map((inner) => `{ ${inner}\n}`) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(command, tie('list'), tie('list'))
          .map(([question, yes, no]) => `if ${question}; then ${yes}\nelse ${no}\nfi`),
      },
      { weight: 1, arbitrary: tie('list').map((inner) => `for X in b a/sub; do ${inner}\ndone`) },
      { weight: 1, arbitrary: tie('list').map((inner) => `for X in *; do ${inner}\ndone`) },
      {
        weight: 1,
        arbitrary: tie('list').map(
          (inner) => `i=0; while [ $i -lt 2 ]; do i=$((i+1)); ${inner}\ndone`,
        ),
      },
      { weight: 1, arbitrary: tie('list').map((inner) => `case $W in sub) ${inner}\n;; esac`) },
      { weight: 1, arbitrary: tie('list').map((inner) => `f() { ${inner}\n}; f`) },
      { weight: 1, arbitrary: fc.tuple(command, command).map((both) => both.join(' | ')) },
      { weight: 1, arbitrary: command.map((each) => `! ${each}`) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('exit 0', 'exit 3', '[ -d a ] || exit 1', 'false || exit 0'),
      },
    ),
  }));
  return fc.tuple(fc.constantFrom('', '', 'set -e\n'), list).map(([strict, body]) => {
    let count = 0;
    return `${strict}${body}`.replace(/MARK|PWD(?= |$|\n)/g, (word) =>
      word === 'MARK' ? `${ROOT}/old/mark${count++}` : `${ROOT}/old/pwd${count++}`,
    );
  });
}

const PROBE = join(scratch, 'probe');

/** What the shell looks like: folder, mask, options, names of variables. */
const LOOK = `{ pwd; umask; set +o; } > ${PROBE} 2>&1; set > ${PROBE}.set`;

/** Lines of a look; names of variables that are not the shell's own. */
function look(): { folder: string; mask: string; options: string; names: Set<string> } {
  const [folder, mask, ...options] = readFileSync(PROBE, 'utf8').split('\n');
  const names = readFileSync(`${PROBE}.set`, 'utf8').match(/^\w+(?==)/gm) ?? [];
  const own =
    /^(_|PPID|OPTIND|IFS|PS\d|OLDPWD|PWD|BASH\w*|PIPESTATUS|RANDOM|SECONDS|LINENO|FUNCNAME|UID|EUID|i|f)$/;
  return {
    folder: folder!,
    mask: mask!,
    options: options.join('\n'),
    names: new Set(names.filter((name) => !own.test(name))),
  };
}

const COVERS: readonly LeakKind[] = ['unknown', 'sourced', 'end'];

describe.each(['/bin/sh', '/bin/bash'])('under %s', (shell) => {
  const samples = fc.sample(scripts(), settings);

  it('no file changes where nothing was said to change', () => {
    const wrong: string[] = [];
    let told = 0;
    for (const code of samples) {
      const effects = foretold(code, shell);
      if (!effects.isComplete) continue;
      told++;
      freshRoot();
      const before = snapshot();
      const status = execute(code, shell);
      const after = snapshot();
      const places = effects.commands.flatMap(({ writes, deletes }) => [...writes, ...deletes]);
      const surprises = changed(before, after).filter((path) =>
        places.every((place) => placesMeet(place, plainPlace(path)) === 'no'),
      );
      if (surprises.length > 0) wrong.push(`${code}\n→ ${surprises.join(' ')}`);
      if (status !== 0) continue;
      wrong.push(...broken(code, effects));
    }
    expect(told).toBeGreaterThan(RUNS / 4);
    expect(wrong.sort((a, b) => a.length - b.length).slice(0, 3)).toEqual([]);
  });

  it('nothing stays in the shell that was not said to', () => {
    freshRoot();
    execute(LOOK, shell);
    const fresh = look();
    const wrong: string[] = [];
    for (const code of samples) {
      freshRoot();
      rmSync(PROBE, { force: true });
      execute(`${code}\n${LOOK}`, shell);
      if (!existsSync(PROBE)) continue;
      const now = look();
      const kinds = leaks(foretold(code, shell)).map(({ kind }) => kind);
      if (kinds.some((kind) => COVERS.includes(kind))) continue;
      const names = [...now.names].some((name) => !fresh.names.has(name));
      const found: [LeakKind, boolean][] = [
        ['folder', now.folder !== fresh.folder],
        ['mask', now.mask !== fresh.mask],
        ['option', now.options !== fresh.options],
        ['variable', names],
      ];
      for (const [kind, isThere] of found) {
        if (isThere && !kinds.includes(kind)) wrong.push(`${code}\n→ ${kind}`);
      }
    }
    expect(wrong.sort((a, b) => a.length - b.length).slice(0, 3)).toEqual([]);
  });
});

/** What was said of a run that succeeded, and is not so. */
function broken(code: string, effects: RunEffects): string[] {
  const wrong: string[] = [];
  for (const { writes, certainty, program, command, folder, knowledge } of effects.commands) {
    const [place] = writes;
    const path = place && plainText(place.path);
    if (knowledge !== 'complete' || path === undefined) continue;
    if (program === 'touch' && /\/old\/mark\d+$/.test(path) && certainty === 'succeeds') {
      if (!existsSync(path)) wrong.push(`${code}\n→ ${path} was to be made`);
    }
    const told = plainText(folder);
    if (
      program === 'pwd' &&
      command?.redirections.length === 1 &&
      told !== undefined &&
      existsSync(path)
    ) {
      const was = readFileSync(path, 'utf8').trim();
      if (was !== told) wrong.push(`${code}\n→ in ${was}, not in ${told}`);
    }
  }
  const { commands } = effects;
  const gone = new Set(
    deletedPaths({
      ...effects,
      commands: commands.filter(
        ({ program, certainty }) => program === 'rm' && certainty === 'succeeds',
      ),
    }).places,
  );
  for (const [index, { deletes }] of commands.entries()) {
    const later = commands.slice(index + 1).flatMap((each) => [...each.writes, ...each.reads]);
    for (const place of deletes) {
      const path = plainText(place.path);
      if (!gone.has(place) || path === undefined || place.isPattern) continue;
      if (later.some((each) => placesMeet(each, place) !== 'no')) continue;
      if (existsSync(path)) wrong.push(`${code}\n→ ${path} is still there`);
    }
  }
  return wrong;
}
