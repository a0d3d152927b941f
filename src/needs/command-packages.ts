/** Which packages of a distribution have a program. */
import type { Image } from '../facts/image-types.ts';
import type { CommandPackage } from '../facts/needs-types.ts';
import type { Facts } from '../facts/types.ts';

/** The usual one first; `undefined` where no row tells. */
export function commandPackages(
  name: string,
  { distribution, packageManager }: Image,
  facts: Facts,
): readonly string[] | undefined {
  const row = commandRow(name, facts);
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

type Rows = Facts['commandPackages'];

const indexes = new WeakMap<Rows, ReadonlyMap<string, CommandPackage>>();

/** What is known of a program by its name. */
export function commandRow(
  name: string,
  { commandPackages: rows }: Facts,
): CommandPackage | undefined {
  let index = indexes.get(rows);
  if (!index) {
    index = new Map(rows.commands.map((row) => [row.command, row]));
    indexes.set(rows, index);
  }
  return index.get(name);
}

const brought = new WeakMap<Rows, Map<string, ReadonlyMap<string, readonly string[]>>>();

/** The programs that a package brings, as far as rows name them. */
export function installedCommands(name: string, image: Image, facts: Facts): readonly string[] {
  const rows = facts.commandPackages;
  let byImage = brought.get(rows);
  if (!byImage) {
    brought.set(rows, (byImage = new Map<string, ReadonlyMap<string, readonly string[]>>()));
  }
  // Nothing else of an image is asked.
  const kind = `${image.packageManager} ${image.distribution?.suite ?? ''}`;
  let commands = byImage.get(kind);
  if (!commands) byImage.set(kind, (commands = commandsByPackage(image, facts)));
  return commands.get(name) ?? [];
}

function commandsByPackage(image: Image, facts: Facts): ReadonlyMap<string, readonly string[]> {
  const commands = new Map<string, string[]>();
  for (const { command } of facts.commandPackages.commands) {
    for (const name of new Set(commandPackages(command, image, facts))) {
      commands.set(name, [...(commands.get(name) ?? []), command]);
    }
  }
  return commands;
}
