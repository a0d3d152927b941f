/** Where programs of BusyBox do not do what those of GNU did: then the others are needed. */
import { plainName, type Call } from '../../analysis/calls.ts';
import { matchesWhole } from '../../analysis/patterns.ts';
import type { Applet } from '../../facts/crossing-types.ts';
import type { Facts } from '../../facts/types.ts';
import { commandRow } from '../command-packages.ts';
import type { Need, Needs } from '../need.ts';

/** The packages with the programs that are called with what BusyBox does not know. */
export function toolNeeds({ called }: Needs, facts: Facts): readonly Need[] {
  return called.flatMap(({ call, who }): readonly Need[] => {
    const name = plainName(call.program);
    const why = unknownUse(name, call.args, facts);
    if (why === undefined) return [];
    const row = commandRow(name, facts);
    const other = row?.alpine.find((each) => each !== 'busybox');
    return [
      {
        kind: 'packages',
        what: `${name} of GNU`,
        names: () => (other === undefined ? undefined : [other]),
        ...who,
      },
    ];
  });
}

/** An option or a word that the applet does not know as it was meant. */
export function unknownUse(
  name: string,
  args: Call['args'],
  { busyBox }: Pick<Facts, 'busyBox'>,
): string | undefined {
  const { applets, words } = busyBox;
  const applet = Object.hasOwn(applets, name) ? applets[name] : undefined;
  if (!applet) return undefined;
  const text = args.map((each) => each ?? '…').join(' ');
  const row = words.find((each) => each.applet === name && matchesWhole(each.words, text));
  return row?.why ?? unknownOption(name, args, applet);
}

function unknownOption(name: string, args: Call['args'], applet: Applet): string | undefined {
  // Its words are no options of getopt's kind; some of tar's and ps's come without a dash.
  const isFind = name === 'find';
  for (let at = 0; at < args.length; at++) {
    const arg = args[at];
    if (arg === '--') return undefined;
    const isBundle = name === 'tar' && at === 0 && arg !== undefined && /^[a-zA-Z]+$/.test(arg);
    if (isBundle) {
      const unknown = arg.split('').find((letter) => !has(applet, letter));
      if (unknown !== undefined) return unknown;
      continue;
    }
    if (arg === undefined || !/^-./.test(arg)) {
      // Behind it stand the words of the program that is started.
      if (/^(xargs|env|timeout)$/.test(name)) return undefined;
      continue;
    }
    if (isFind) {
      if (/^-(exec|execdir|ok)$/.test(arg)) {
        const end = args.findIndex((each, index) => index > at && (each === ';' || each === '+'));
        if (!applet.long?.includes(arg.slice(1))) return arg;
        at = end < 0 ? args.length : end;
      } else if (!/^-[\d.]/.test(arg) && !isKnownWord(arg, applet)) {
        // A value may begin with a dash: `-perm -4000`, `-mtime -1`, `-size -1k`.
        if (!/^-(perm|size|mtime|mmin|newer|user|group|name)$/.test(args[at - 1] ?? '')) return arg;
      }
      continue;
    }
    if (arg.startsWith('--')) {
      const option = arg.slice(2).replace(/=.*$/s, '');
      if (!applet.long?.includes(option)) return arg;
      continue;
    }
    // `chmod -x` takes a mode away.
    if (name === 'chmod' && /^-[rwxXst]+$/.test(arg)) continue;
    for (let index = 1; index < arg.length; index++) {
      const letter = arg[index]!;
      if (!has(applet, letter)) return `-${letter}`;
      if (!isValued(applet, letter)) continue;
      if (index === arg.length - 1 && !isOptionalValue(name, letter)) at++;
      break;
    }
  }
  return undefined;
}

function isKnownWord(arg: string, applet: Applet): boolean {
  const word = arg.slice(1);
  return applet.long?.includes(word) === true || (word.length === 1 && has(applet, word));
}

function has({ short }: Applet, letter: string): boolean {
  return letter !== ':' && short.includes(letter);
}

function isValued({ short }: Applet, letter: string): boolean {
  return short.includes(`${letter}:`);
}

/** `sed -i`, `xargs -i`, `date -I`: their value is in the same word or absent. */
function isOptionalValue(name: string, letter: string): boolean {
  return /^(sed i|xargs [eil]|date I|wget n)$/.test(`${name} ${letter}`);
}
