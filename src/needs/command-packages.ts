/** Which packages of a distribution have a program. */
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';

/** The usual one first; `undefined` where no row tells. */
export function commandPackages(
  name: string,
  { distribution, packageManager }: Image,
  { commandPackages: { commands } }: Facts,
): readonly string[] | undefined {
  const row = commands.find(({ command }) => command === name);
  if (!row) return undefined;
  if (packageManager === 'apt') {
    return row.debianBySuite?.[distribution?.suite ?? ''] ?? nonEmpty(row.debian);
  }
  if (packageManager === 'apk') return nonEmpty(row.alpine);
  return packageManager === 'dnf' ? nonEmpty(row.fedora) : undefined;
}

function nonEmpty(names: readonly string[]): readonly string[] | undefined {
  return names.length > 0 ? names : undefined;
}

/** The programs that a package brings, as far as rows name them. */
export function installedCommands(name: string, image: Image, facts: Facts): readonly string[] {
  return facts.commandPackages.commands.flatMap(({ command }) =>
    commandPackages(command, image, facts)?.includes(name) === true ? [command] : [],
  );
}
