/**
 * Which options the applets of a BusyBox know: `node src/facts/make/busybox.mjs <busybox>` asks the
 * program that is named, as an account that may do nothing, and writes `busybox.json` anew. The
 * options that it asks about are all letters, and the long ones that the tools of this machine tell
 * in their help.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import prettier from 'prettier';

const FILE = new URL('../busybox.json', import.meta.url);

const [, , program] = process.argv;
if (!program) throw new Error('which busybox?');

const rows = JSON.parse(readFileSync(FILE, 'utf8'));
const NOBODY = 65534;
const folder = mkdtempSync(join(tmpdir(), 'busybox-'));

function ask(words) {
  const { stdout, stderr } = spawnSync(program, words, {
    cwd: folder,
    input: '',
    timeout: 2000,
    uid: NOBODY,
    gid: NOBODY,
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`;
}

const UNKNOWN = /invalid option|unrecognized option|unrecognized: |unknown operand|illegal option/;

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'.split('');

/** Where a missing operand is told before the options are looked at: by their usage. */
const BY_USAGE = {
  chmod: 'Rcvf',
  dirname: '',
  dd: '',
  realpath: '',
  printenv: '',
  sleep: '',
  stty: 'aF:g',
  touch: 'chamd:r:t:',
};

/** Options of which the value may be absent. */
const OPTIONAL = { sed: 'i', xargs: 'eil', date: 'I', wget: 'n' };

function shortOptions(applet) {
  if (applet in BY_USAGE) return BY_USAGE[applet];
  return LETTERS.flatMap((letter) => {
    const answer = ask([applet, `-${letter}`]);
    if (UNKNOWN.test(answer)) return [];
    const isValued = /requires an argument/.test(answer) || OPTIONAL[applet]?.includes(letter);
    return [isValued ? `${letter}:` : letter];
  }).join('');
}

function helpOf(applet) {
  const { stdout, stderr } = spawnSync(applet, ['--help'], {
    input: '',
    timeout: 2000,
    encoding: 'utf8',
  });
  return `${stdout ?? ''}${stderr ?? ''}`;
}

function longOptions(applet) {
  const names = new Set([...helpOf(applet).matchAll(/--([a-z][a-z-]+)/g)].map(([, name]) => name));
  const isAsked = !(applet in BY_USAGE) || applet === 'touch';
  return [...names]
    .filter((name) => !/^(help|version)$|-$/.test(name) && isAsked)
    .filter((name) => !UNKNOWN.test(ask([applet, `--${name}`])))
    .sort();
}

/** Words of find, which has no other options. */
const PRIMARIES =
  'amin anewer atime cmin cnewer ctime daystart delete depth empty exec execdir executable false ' +
  'follow fprint fstype gid group ilname iname inum ipath iregex links lname ls maxdepth mindepth ' +
  'mmin mount mtime name newer newermt nogroup noleaf not nouser ok okdir path perm print print0 ' +
  'printf prune quit readable regex regextype samefile size true type uid user wholename writable xdev';

const applets = {};
for (const applet of rows.asked.split(' ')) {
  if (applet === 'find') {
    const known = PRIMARIES.split(' ').filter(
      (word) => !/unrecognized: -/.test(ask(['find', '.', `-${word}`, '1'])),
    );
    applets[applet] = { short: 'HLao', long: known };
    continue;
  }
  const long = longOptions(applet);
  applets[applet] = { short: shortOptions(applet), ...(long.length > 0 && { long }) };
}
const version = /v([\d.]+)/.exec(execFileSync(program, ['--help'], { encoding: 'utf8' }))?.[1];
const text = JSON.stringify({ ...rows, version, applets });
writeFileSync(FILE, await prettier.format(text, { parser: 'json', printWidth: 100 }));
