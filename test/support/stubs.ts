/**
 * Runs the RUNs of files with package managers that only write down what they were asked, and fail
 * when told to: what happened, in which order, and how it ended. Nothing else can be called.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The code of each RUN, with the options of the shell that reads it. */
export interface Step {
  readonly code: string;
  readonly options: string;
}

export interface Outcome {
  readonly status: string;
  readonly log: readonly string[];
}

export const PROGRAMS = [
  'apt-get',
  'apk',
  'npm',
  'pip',
  'dnf',
  'gem',
  'composer',
  'tool',
  'rm',
] as const;

/** Writes down its words and the folder; fails where one of its words is in $FAIL. */
const STUB = `#!/bin/sh
echo "\${0##*/} $* [$PWD] [$STATE]" >> "$LOG"
for word in "$@"; do case " $FAIL " in *" $word "*) exit 3 ;; esac; done
exit 0
`;

const SUDO = `#!/bin/sh
while [ "$1" = -E ]; do shift; done
exec "$@"
`;

const DRIVER = `
PATH=$1
i=0
while [ -d "$i" ]; do
  export FAIL="$(</dev/null; IFS= read -r line < "$i/fail"; echo "$line")"
  for side in before after; do
    export LOG="$PWD/$i/$side.log"
    : > "$LOG"
    n=0
    status=0
    while [ -f "$i/$side.$n" ]; do
      IFS= read -r -d '' code < "$i/$side.$n"
      IFS= read -r options < "$i/$side.$n.options"
      (cd / && exec /bin/sh $options "$code") > /dev/null 2>&1 < /dev/null
      status=$?
      [ $status = 0 ] || break
      n=$((n + 1))
    done
    echo $status > "$i/$side.status"
  done
  i=$((i + 1))
done
`;

/** What happens before and after, for each pair of files; `fail` are words that make a stub fail. */
export function runAll(
  pairs: readonly {
    readonly before: readonly Step[];
    readonly after: readonly Step[];
    readonly fail: readonly string[];
  }[],
): { before: Outcome; after: Outcome }[] {
  const folder = mkdtempSync(join(tmpdir(), 'dfopt-stubs-'));
  try {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const name of PROGRAMS) writeFileSync(join(bin, name), STUB);
    writeFileSync(join(bin, 'sudo'), SUDO);
    for (const name of [...PROGRAMS, 'sudo']) chmodSync(join(bin, name), 0o755);
    for (const [index, { before, after, fail }] of pairs.entries()) {
      const place = join(folder, String(index));
      mkdirSync(place);
      writeFileSync(join(place, 'fail'), `${fail.join(' ')}\n`);
      for (const [side, steps] of Object.entries({ before, after })) {
        for (const [nth, { code, options }] of steps.entries()) {
          writeFileSync(join(place, `${side}.${nth}`), `${code}\0`);
          writeFileSync(join(place, `${side}.${nth}.options`), `${options}\n`);
        }
      }
    }
    execFileSync('/bin/bash', ['-c', DRIVER, 'driver', bin], { cwd: folder });
    const outcome = (index: number, side: string): Outcome => ({
      status: readFileSync(join(folder, String(index), `${side}.status`), 'utf8').trim(),
      log: readFileSync(join(folder, String(index), `${side}.log`), 'utf8')
        .split('\n')
        .slice(0, -1),
    });
    return pairs.map((_, index) => ({
      before: outcome(index, 'before'),
      after: outcome(index, 'after'),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
