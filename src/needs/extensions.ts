/** What extensions of PHP ask for that the tools of its official images compile. */
import { plainName, type Call } from '../analysis/calls.ts';
import { dependency } from '../ecosystems/dependency.ts';
import type { NativePackage } from '../facts/needs-types.ts';
import { nativeNeeds, NOTHING, type NativeNeeds, type NativeScope } from './native.ts';
import type { Doubt, Need, NeedBase } from './need.ts';

/** @param name of a program, without its folder */
export function mayCompileExtensions(name: string): boolean {
  return name === 'pecl' || name.startsWith('docker-php-ext-');
}

/** `undefined` for a call that compiles none, or whose extensions are not written there. */
export function extensionNeeds(
  call: Call,
  scope: NativeScope,
  who: NeedBase,
): NativeNeeds | undefined {
  const program = plainName(call.program).replace(/^.*\//, '');
  if (/^docker-php-ext-(enable|configure)$/.test(program)) return NOTHING;
  const isPecl = program === 'pecl' && call.args[0] === 'install';
  if (program !== 'docker-php-ext-install' && !isPecl) return undefined;
  const names = operandsOf(call, isPecl ? 1 : 0);
  if (!names) return undefined;
  const needs: Need[] = [];
  const doubts: Doubt[] = [];
  for (const name of names) {
    const by = `${name} (${who.by})`;
    const found = nativeNeeds(dependency(name, { isDevelopment: false }), 'packagist', scope, {
      ...who,
      by,
    });
    // What has a name on Debian too is in the steps already, as far as it is asked for.
    const isOnlyThere = rowOf(name)?.build?.debian === undefined;
    needs.push(
      ...found.needs.filter((need) =>
        isOfKit(need) ? isPecl : need.kind !== 'packages' || isOnlyThere,
      ),
    );
    doubts.push(...found.doubts);
    if (found.needs.length === 0 && !rowOf(name)) {
      doubts.push({ ...who, by, why: `the extension ${name} is not known`, of: 'libraries' });
    }
  }
  return { needs, doubts };

  // The tool of the image brings what it compiles with, and takes it away again.
  function isOfKit(need: Need): boolean {
    if (need.kind === 'command') return true;
    return need.kind === 'packages' && need.names('', 'apk')?.includes('autoconf') === true;
  }

  function rowOf(name: string): NativePackage | undefined {
    return scope.facts.nativePackages.packages.find(
      (row) => row.ecosystem === 'php' && row.names.includes(name),
    );
  }
}

/** Names of extensions without their versions; `undefined` where one of them is not written there. */
function operandsOf({ args, command }: Call, skipped: number): readonly string[] | undefined {
  // `-j$(nproc)` has a value that nobody knows, and that does not matter.
  const jobs = command.words.filter(({ text }) => /^-j["'$`]/.test(text)).length;
  const unknown = args.filter((each, index) => each === undefined && args[index - 1] !== '-j');
  if (unknown.length > jobs) return undefined;
  return args.slice(skipped).flatMap((arg, index, all) => {
    if (arg === undefined || arg.startsWith('-') || all[index - 1] === '-j') return [];
    return [arg.replace(/-\d.*$/, '').toLowerCase()];
  });
}
