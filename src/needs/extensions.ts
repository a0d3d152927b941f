/** What extensions of PHP ask for that the tools of its official images compile. */
import { plainName, type Call } from '../analysis/calls.ts';
import { dependency } from '../ecosystems/dependency.ts';
import type { Asked } from './installs.ts';
import { nativeNeeds } from './native.ts';
import type { Doubt, InstallScope, Need, NeedBase } from './need.ts';

/** `undefined` for a call that compiles none, or whose extensions are not written there. */
export function extensionNeeds(
  call: Call,
  { facts, libc, runtimes }: Pick<InstallScope, 'facts' | 'libc' | 'runtimes'>,
  who: NeedBase,
): Asked | undefined {
  const program = plainName(call.program).replace(/^.*\//, '');
  if (/^docker-php-ext-(enable|configure)$/.test(program)) return { needs: [], doubts: [] };
  const isPecl = program === 'pecl' && call.args[0] === 'install';
  if (program !== 'docker-php-ext-install' && !isPecl) return undefined;
  const names = operandsOf(isPecl ? call.args.slice(1) : call.args);
  if (!names) return undefined;
  const needs: Need[] = [];
  const doubts: Doubt[] = [];
  for (const name of names) {
    const by = `${name} (${who.by})`;
    const found = nativeNeeds(
      dependency(name, { isDevelopment: false }),
      'packagist',
      { facts, libc, runtimes },
      { ...who, by },
    );
    needs.push(...found.needs.filter((need) => isPecl || !isOfKit(need)));
    doubts.push(...found.doubts);
    if (found.needs.length === 0 && !isKnown(name)) {
      doubts.push({ ...who, by, why: `the extension ${name} is not known`, of: 'libraries' });
    }
  }
  return { needs, doubts };

  // The tool of the image brings what it compiles with, and takes it away again.
  function isOfKit(need: Need): boolean {
    if (need.kind === 'command') return true;
    return need.kind === 'packages' && need.names('', 'apk')?.includes('autoconf') === true;
  }

  function isKnown(name: string): boolean {
    return facts.nativePackages.packages.some(
      (row) => row.ecosystem === 'php' && row.names.includes(name),
    );
  }
}

/** Names of extensions without the versions; `-j4` and such left out. */
function operandsOf(args: Call['args']): readonly string[] | undefined {
  const names: string[] = [];
  for (const [index, arg] of args.entries()) {
    const before = args[index - 1];
    // `-j$(nproc)` has a value that nobody knows, and that does not matter.
    if (arg === undefined) {
      if (before === '-j' || args.length === 1) continue;
      return undefined;
    }
    if (arg.startsWith('-') || before === '-j') continue;
    names.push(arg.replace(/-\d.*$/, '').toLowerCase());
  }
  return names;
}
