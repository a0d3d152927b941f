/** The packages of Go's standard library, as rows have them, and what they import. */
import type { GoWeights } from '../facts/compiled-weight-types.ts';

/** In bytes. */
export interface GoPackage {
  /** In the build cache. */
  readonly archive: number;
  /** What a program has of it; `kept` where the linker leaves no method out. */
  readonly linked: number;
  readonly kept: number;
}

export interface GoStandard {
  readonly has: (path: string) => boolean;
  /**
   * The packages with all that they import, and what every program has.
   *
   * @param usesC whether C code of the standard library is compiled
   */
  readonly closure: (paths: readonly string[], usesC: boolean) => ReadonlyMap<string, GoPackage>;
}

const UNIT = 100;

const known = new WeakMap<GoWeights, GoStandard>();

export function goStandard(weights: GoWeights): GoStandard {
  let found = known.get(weights);
  if (!found) known.set(weights, (found = read(weights)));
  return found;
}

/** So many closures are kept. */
const MOST = 64;

/** With one of these a program is linked with the libc, where C code is compiled at all. */
const NEEDS_LIBC = ['net', 'os/user', 'plugin'];

function read({ names, rows, linkedShare }: GoWeights): GoStandard {
  const all = names.split(' ');
  const lines = rows.split('\n');
  const places = new Map(all.map((name, place) => [name, place]));
  const packages = lines.map((line): GoPackage => {
    const [archive = 0, linked, kept] = line
      .split(',', 1)[0]!
      .split('-')
      .map((each) => (each === '' ? undefined : Number.parseInt(each, 36) * UNIT));
    // Of what was seen in one kind of program alone, the other kind has as much more or less.
    const ratio = linkedShare.kept / linkedShare.usual;
    const usual = linked ?? (kept === undefined ? archive * linkedShare.usual : kept / ratio);
    return { archive, linked: usual, kept: kept ?? usual * ratio };
  });
  const imports = lines.map((line) => {
    const words = line.split(',')[1] ?? '';
    return words === '' ? [] : words.split(' ').map((each) => Number.parseInt(each, 36));
  });
  // Most programs of one maker import much the same.
  const closures = new Map<string, ReadonlyMap<string, GoPackage>>();
  return {
    has: (path) => places.has(path),
    closure: (paths, usesC) => {
      const key = `${usesC}\0${paths.join('\0')}`;
      const last = closures.get(key);
      if (last) return last;
      const found = new Map<string, GoPackage>();
      if (closures.size >= MOST) closures.clear();
      closures.set(key, found);
      const queue = ['runtime', ...paths].flatMap((path) => places.get(path) ?? []);
      for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
        const name = all[place]!;
        if (found.has(name)) continue;
        found.set(name, packages[place]!);
        queue.push(...imports[place]!);
        const libc = places.get('runtime/cgo');
        if (usesC && libc !== undefined && NEEDS_LIBC.includes(name)) queue.push(libc);
      }
      return found;
    },
  };
}
