/** Packages of which rows know that neither they nor what they bring along runs code when installed. */
import type { Dependency } from '../ecosystems/dependency.ts';
import type { PlainPackages } from '../facts/needs-types.ts';

export function isPlainPackage(
  { name, version, range }: Pick<Dependency, 'name' | 'version' | 'range'>,
  { npm }: PlainPackages,
): boolean {
  const row = Object.hasOwn(npm, name) ? npm[name]! : undefined;
  if (!row) return false;
  const written = version ?? range;
  // The newest one is meant: a row whose releases are all plain will do.
  if (written === undefined || /^(latest|\*|x)?$/.test(written)) return row.isPlainThroughout;
  const [, major, minor] =
    /^[\^~=v]?\s*(\d+)(?:\.(\d+))?(?:\.[\dx*][\w.+-]*)?$/.exec(written) ?? [];
  if (major === undefined) return false;
  return row.releases.includes(major === '0' ? `0.${minor ?? '0'}` : major);
}
