/** Crates that `cargo install` fetches: the programs that they are, and the libraries that those link. */
import type { Facts } from '../facts/types.ts';

type Args = readonly (string | undefined)[];

/** The crate that is fetched; `undefined` for any other call, and for sources that lie somewhere. */
export function fetchedCrate(args: Args): string | undefined {
  const words = args.filter((arg) => arg?.startsWith('-') === false);
  const isElsewhere = args.some((arg) => /^--(path|git)\b/.test(arg ?? ''));
  return words[0] === 'install' && !isElsewhere ? words[1]?.replace(/@.*$/, '') : undefined;
}

/** The names of its programs: those of rows, or its own without what marks it as a program. */
export function programsOfCrate(crate: string, { work }: Facts): readonly string[] {
  const row = work.fetchedCrates.find((each) => each.crate === crate);
  return row?.programs ?? [crate, crate.replace(/[-_]cli$/, ''), crate.replace(/^cargo-/, '')];
}

/** The crates of it that link libraries of the system; `undefined` where nobody has looked. */
export function linkedByCrate(
  crate: string,
  args: Args,
  { work }: Facts,
): readonly string[] | undefined {
  const row = work.fetchedCrates.find((each) => each.crate === crate);
  if (!row) return undefined;
  const named = args.flatMap((arg, index) => {
    const before = args[index - 1] ?? '';
    if (/^(--features|-F)$/.test(before)) return (arg ?? '?').split(/[\s,]+/);
    return arg?.startsWith('--features=') === true
      ? arg.slice('--features='.length).split(/[\s,]+/)
      : [];
  });
  if (named.includes('?')) return undefined;
  const isAll = args.includes('--all-features');
  const usual = args.includes('--no-default-features') ? [] : (row.usual ?? []);
  const links = Object.entries(row.links ?? {});
  return links.flatMap(([feature, linked]) =>
    isAll || [...usual, ...named].includes(feature) ? [linked] : [],
  );
}
