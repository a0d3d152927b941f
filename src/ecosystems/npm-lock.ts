/**
 * Whether package-lock.json is in sync with the manifests, as `npm ci` sees it: it builds the tree
 * that the manifests ask for on top of what is locked, and refuses where anything would be added or
 * changed. Here less is let through: specifications must also be the same to the letter.
 */
import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import { isTable, tableIn, textIn, textsOf, type Table } from './findings.ts';
import type { LockVerdict, NeededAge } from './answers.ts';
import { differs, inSync, shown } from './lock.ts';
import { npmEntries, type LockedManifest } from './locked.ts';

interface Asked {
  readonly lock: Table;
  /** The one beside the lockfile first. */
  readonly manifests: readonly LockedManifest[];
  /** Those of its workspaces, which are installed though nothing asks for them. */
  readonly members: readonly LockedManifest[];
  /** `--legacy-peer-deps`: what others ask their users to have does not count. */
  readonly ignoresPeers: boolean;
}

const FIELDS = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
] as const;

/** npm 5 and 6 read the tree of the first format, npm 7 and newer that of the later ones. */
const READS_PACKAGES: NeededAge = { row: 'npm.packages', age: 'new' };
const READS_TREE: NeededAge = { row: 'npm.packages', age: 'old' };
const HAS_CI: NeededAge = { row: 'npm.ci', age: 'new' };
const HAS_OVERRIDES: NeededAge = { row: 'npm.overrides', age: 'new' };

export function npmLockVerdict(asked: Asked): LockVerdict {
  const version = asked.lock['lockfileVersion'] ?? 1;
  if (version === 1) {
    const why = whyTreeDiffers(asked);
    return why === undefined ? inSync([HAS_CI, READS_TREE]) : differs(why);
  }
  if (version !== 2 && version !== 3) return differs('has a format that is not known');
  const found = new Packages(asked).verdict();
  if (found.kind === 'differs') return found;
  const isForAll = version === 2 && whyTreeDiffers(asked) === undefined && found.ages.length === 0;
  return inSync([isForAll ? HAS_CI : READS_PACKAGES, ...found.ages], found.assumptions);
}

type EdgeKind = 'plain' | 'optional' | 'peer' | 'optional peer' | 'workspace';

interface Edge {
  readonly name: string;
  readonly spec: string;
  readonly kind: EdgeKind;
}

/** The format of npm 7 and newer: packages by the folders in which they lie. */
class Packages {
  private readonly asked: Asked;
  private readonly packages: Table;
  private readonly overrides = new Map<string, string>();
  private readonly assumptions: string[] = [];
  private usesOverrides = false;

  constructor(asked: Asked) {
    this.asked = asked;
    this.packages = tableIn(asked.lock, 'packages');
  }

  verdict(): LockVerdict {
    const why = this.whyManifestsDiffer() ?? this.readOverrides() ?? this.whyBroken();
    if (why !== undefined) return differs(why);
    return inSync(this.usesOverrides ? [HAS_OVERRIDES] : [], this.assumptions);
  }

  private entry(path: string): Table | undefined {
    const entry = Object.hasOwn(this.packages, path) ? this.packages[path] : undefined;
    return isTable(entry) ? entry : undefined;
  }

  private whyManifestsDiffer(): string | undefined {
    const { manifests } = this.asked;
    for (const { folder, manifest } of manifests) {
      const entry = this.entry(folder);
      if (!entry) return folder === '' ? 'does not describe the project' : `has no ${folder}`;
      const why = whySpecsDiffer(entry, manifest);
      if (why !== undefined) return folder === '' ? why : `${why} in ${folder}`;
      if (folder !== '' && entry['version'] !== manifest['version']) {
        return `has another version of ${folder}`;
      }
    }
    // Folders that are linked must be there: what they ask for is installed as well.
    for (const { path, at } of npmEntries(this.asked.lock)) {
      if (path === '' || (at >= 0 && isInstalled(path))) continue;
      if (!manifests.some(({ folder }) => folder === path)) {
        return `has the folder ${path}, which is not there before the install`;
      }
    }
    return undefined;
  }

  private readOverrides(): string | undefined {
    const { manifest } = this.asked.manifests[0]!;
    for (const [name, spec] of Object.entries(tableIn(manifest, 'overrides'))) {
      const own = this.overrideSpec(`$${name}`, manifest);
      if (own !== undefined && typeof spec === 'string' && spec !== own && spec !== `$${name}`) {
        return `cannot hold the override of ${name}, which the project asks for itself`;
      }
      const plain = typeof spec === 'string' ? this.overrideSpec(spec, manifest) : undefined;
      if (plain === undefined || /.@/.test(name)) {
        this.assumptions.push('the lockfile was written with the overrides of package.json');
      } else this.overrides.set(name, plain);
    }
    return undefined;
  }

  /** `$name`: what the project itself asks for. */
  private overrideSpec(spec: string, manifest: Table): string | undefined {
    if (!spec.startsWith('$')) return spec;
    return FIELDS.map((field) => textIn(manifest, field, spec.slice(1))).find(
      (each) => each !== undefined,
    );
  }

  private whyBroken(): string | undefined {
    const tops = this.asked.manifests.map(({ folder }) => folder);
    const seen = new Set(tops);
    const queue = [...tops];
    for (const path of queue) {
      const entry = this.entry(path)!;
      // What is inside is for a lockfile of its own.
      if (entry['hasShrinkwrap'] === true) continue;
      const isTop = !isInstalled(path);
      for (const edge of this.edgesOf(entry, path)) {
        const place = this.resolve(edge.name, path);
        if (place === undefined) {
          if (edge.kind === 'optional peer') continue;
          return `has no ${edge.name}@${edge.spec}${this.askedBy(path)}`;
        }
        const isOwn = place === `${path}/node_modules/${edge.name}`;
        if (edge.kind.endsWith('peer') && isOwn && !isTop) {
          return `has a ${edge.name} inside ${path}, which needs it from outside`;
        }
        const target = this.targetOf(place);
        if (!target) return `has no folder for ${edge.name}`;
        if (edge.kind === 'workspace' && `file:${target.path}` !== edge.spec) {
          return `has another folder for ${edge.name}`;
        }
        if (!this.isMet(edge, target.entry, path, entry)) {
          const version = textIn(target.entry, 'version') ?? 'no version';
          return `has ${edge.name} ${version}, not ${edge.spec}${this.askedBy(path)}`;
        }
        if (!seen.has(target.path)) {
          seen.add(target.path);
          queue.push(target.path);
        }
      }
    }
    return undefined;
  }

  private askedBy(path: string): string {
    return path === '' ? '' : `, which ${path.replace(/^.*node_modules\//, '')} needs`;
  }

  private edgesOf(entry: Table, path: string): Edge[] {
    const edges = new Map<string, Edge>();
    const add = (field: string, kind: (name: string) => EdgeKind): void => {
      for (const [name, spec] of Object.entries(tableIn(entry, field))) {
        if (typeof spec === 'string') edges.set(name, { name, spec, kind: kind(name) });
      }
    };
    const isTop = !isInstalled(path);
    if (!this.asked.ignoresPeers) {
      const about = tableIn(entry, 'peerDependenciesMeta');
      add('peerDependencies', (name) =>
        tableIn(about, name)['optional'] === true ? 'optional peer' : 'peer',
      );
    }
    add('dependencies', () => 'plain');
    add('optionalDependencies', () => 'optional');
    if (isTop) add('devDependencies', () => 'plain');
    for (const { folder, manifest } of path === '' ? this.asked.members : []) {
      const name = textIn(manifest, 'name') ?? folder.slice(folder.lastIndexOf('/') + 1);
      edges.set(name, { name, spec: `file:${folder}`, kind: 'workspace' });
    }
    const bundled = isTop ? [] : textsOf(entry['bundleDependencies']);
    for (const name of bundled) edges.delete(name);
    return [...edges.values()];
  }

  /** Where the program in a folder finds a package of the name. */
  private resolve(name: string, from: string): string | undefined {
    for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
      if (folder !== 'node_modules' && !folder.endsWith('/node_modules')) {
        const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
        if (this.entry(path)) return path;
      }
      if (folder === '') return undefined;
    }
  }

  /** The package at a place, behind its link. */
  private targetOf(place: string): { readonly path: string; readonly entry: Table } | undefined {
    const entry = this.entry(place)!;
    if (entry['link'] !== true) return { path: place, entry };
    const path = textIn(entry, 'resolved') ?? '';
    const target = this.entry(path);
    return target && { path, entry: target };
  }

  private isMet(edge: Edge, target: Table, from: string, entry: Table): boolean {
    const override = from === '' ? undefined : this.overrides.get(edge.name);
    const isMet = isSatisfied(edge.spec, target);
    if (override === undefined || entry['inBundle'] === true) return isMet;
    // npm before 8.3 knows nothing of overrides.
    if (!isMet) this.usesOverrides = true;
    return isSatisfied(override, target);
  }
}

/** Not the project itself, and none of the folders of which it consists. */
function isInstalled(path: string): boolean {
  return path.startsWith('node_modules/') || path.includes('/node_modules/');
}

/** The first difference between what two tables ask for. */
function whySpecsDiffer(entry: Table, manifest: Table): string | undefined {
  for (const field of FIELDS) {
    const [locked, asked] = [specsOf(entry, field), specsOf(manifest, field)];
    for (const name of new Set([...Object.keys(asked), ...Object.keys(locked)])) {
      if (locked[name] === asked[name]) continue;
      if (locked[name] === undefined) return `does not know ${name} among the ${field}`;
      if (asked[name] === undefined) {
        return `still has ${name} among the ${field}`;
      }
      return `was made for ${name} ${shown(locked[name])}, not ${shown(asked[name])}`;
    }
  }
  return undefined;
}

/** What is optional is no more than that, wherever else it stands. */
function specsOf(table: Table, field: (typeof FIELDS)[number]): Table {
  const specs = tableIn(table, field);
  if (field !== 'dependencies') return specs;
  const optional = tableIn(table, 'optionalDependencies');
  return Object.fromEntries(
    Object.entries(specs).filter(([name]) => !Object.hasOwn(optional, name)),
  );
}

/** Whether a locked package is what was asked for, by its version or by where it comes from. */
function isSatisfied(wanted: string, target: Table): boolean {
  const plain = wanted.trim();
  const alias = plain.startsWith('npm:') && /^npm:(?:@[^/]+\/)?[^@]+(?:@(.*))?$/.exec(plain);
  const spec = alias ? (alias[1] ?? '') : plain;
  if (spec === '' || spec === '*') return true;
  const version = textIn(target, 'version');
  const isMet = isInRange(version, spec);
  if (isMet !== undefined) return isMet;
  // Paths, repositories and addresses: the specification is the same as when it was locked.
  if (/[:/]/.test(spec)) return true;
  // A tag is asked again where the lockfile does not say what it was.
  return /^https?:/.test(textIn(target, 'resolved') ?? '');
}

/** By range and version: lockfiles of one repository have the most of them in common. */
const ranges = new Map<string, Map<string | undefined, boolean> | undefined>();

/** So many ranges are kept, each with the versions that were asked about. */
const MOST = 2_000;

/** @returns `undefined` where it is no range */
function isInRange(version: string | undefined, spec: string): boolean | undefined {
  let byVersion = ranges.get(spec);
  if (!byVersion) {
    if (ranges.has(spec)) return undefined;
    if (ranges.size >= MOST) ranges.clear();
    byVersion = validRange(spec, true) === null ? undefined : new Map<string, boolean>();
    ranges.set(spec, byVersion);
    if (!byVersion) return undefined;
  }
  let isIn = byVersion.get(version);
  if (isIn === undefined) {
    if (byVersion.size >= MOST_VERSIONS) byVersion.clear();
    byVersion.set(version, (isIn = version !== undefined && satisfies(version, spec, true)));
  }
  return isIn;
}

const MOST_VERSIONS = 50;

/** The format of npm 5 and 6: packages inside packages. */
function whyTreeDiffers({ lock, manifests }: Asked): string | undefined {
  if (manifests.length > 1) return 'has a format that knows no workspaces';
  const top = tableIn(lock, 'dependencies');
  const { manifest } = manifests[0]!;
  for (const field of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    for (const [name, spec] of Object.entries(tableIn(manifest, field))) {
      const why = whyUnlocked(name, spec, [top]);
      if (why !== undefined) return why;
    }
  }
  return whyInside(top, []);
}

function whyInside(packages: Table, above: readonly Table[]): string | undefined {
  for (const entry of Object.values(packages)) {
    if (!isTable(entry) || entry['bundled'] === true) continue;
    const own = tableIn(entry, 'dependencies');
    for (const [name, spec] of Object.entries(tableIn(entry, 'requires'))) {
      const why = whyUnlocked(name, spec, [own, packages, ...above]);
      if (why !== undefined) return why;
    }
    const why = whyInside(own, [packages, ...above]);
    if (why !== undefined) return why;
  }
  return undefined;
}

function whyUnlocked(name: string, spec: unknown, scopes: readonly Table[]): string | undefined {
  const scope = scopes.find((each) => isTable(each[name]));
  if (!scope || typeof spec !== 'string') return `has no ${name}`;
  const version = textIn(scope, name, 'version') ?? '';
  const isPlain = satisfies(version, '*', { loose: true, includePrerelease: true });
  // Addresses are compared to the letter by npm, and ranges with what stands there.
  const isMet = isPlain ? isSatisfied(spec, { version, resolved: 'https:' }) : /[:/]/.test(spec);
  return isMet ? undefined : `has ${name} ${version}, not ${spec}`;
}
