/** Do the imports point one way, and does the core keep its hands off the world? */
import { readFileSync, readdirSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The rooms of the house in the order of the arrows: each may import those above and itself. */
const ROOMS: readonly (readonly [room: string, pattern: RegExp])[] = [
  ['dockerfile', /^src\/dockerfile\//],
  ['facts', /^src\/facts\/(?!load(-manifests)?\.ts$)/],
  ['analysis', /^src\/analysis\//],
  ['ecosystems', /^src\/ecosystems\//],
  // What passes are written with; they see one another, and passes see them.
  [
    'for passes',
    /^src\/(pass|builder|join|propose-flags|ignore)\.ts$|^src\/(split|needs|layers|installs|shipping|uses)\//,
  ],
  // A bill asks languages what their tools leave behind, and reads steps as passes do.
  ['estimate', /^src\/estimate\//],
  ['passes', /^passes\//],
  ['check', /^src\/check(-[a-z]+)?\.ts$/],
  ['pipeline', /^src\/(pipeline|pass-scope|pass-places)\.ts$/],
  ['configuration', /^src\/config\//],
  ['report', /^src\/report\//],
  // Edges do not import one another upwards, but all of them may be used by cli, bot and index.
  ['facts at the edge', /^src\/facts\/load(-manifests)?\.ts$/],
  ['sources', /^src\/sources\//],
  ['verify', /^src\/verify\//],
  ['edges', /^src\/(cli|bot|web|lsp)\/|^src\/index\.ts$/],
];

/** Where `node:` modules and packages that need them may be imported. */
const EDGES =
  /^src\/(cli|sources|verify|web)\/|^src\/bot\/(action(-run)?|app|inputs|log|metrics|octokit(-[a-z]+)?|schedule|server|settings|worker|workflow)\.ts$|^src\/bot\/queue\/|^src\/lsp\/server\.ts$|^src\/facts\/load(-manifests)?\.ts$|^src\/facts\/make\//;

/** What speaks to GitHub over the network, or keeps and counts what came from it. */
const FOR_BOT_EDGES = /^(@octokit\/|@actions\/|better-sqlite3|bullmq|pino|prom-client)/;

const FOR_TEXT_ONLY = /^(dockerfile-ast|unbash|prettier)(\/|$)/;

interface Module {
  readonly path: string;
  /** Paths of the project, or names of packages. */
  readonly imports: readonly string[];
}

function modules(): Module[] {
  return ['src', 'passes'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
      .map((path) => ({ path, imports: importsOf(path) })),
  );
}

function importsOf(path: string): string[] {
  const code = readFileSync(join(ROOT, path), 'utf8');
  const statements =
    /^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...code.matchAll(statements)].map((match) => {
    const target = (match[1] ?? match[2] ?? match[3])!;
    return target.startsWith('.') ? posix.join(posix.dirname(path), target) : target;
  });
}

function roomOf(path: string): number {
  return ROOMS.findIndex(([, pattern]) => pattern.test(path));
}

const all = modules();

it('finds the imports', () => {
  const pipeline = all.find(({ path }) => path === 'src/pipeline.ts');
  expect(pipeline?.imports).toContain('passes/index.ts');
  expect(pipeline?.imports).toContain('src/dockerfile/model.ts');
  const parse = all.find(({ path }) => path === 'src/dockerfile/second-opinion.ts');
  expect(parse?.imports).toContain('dockerfile-ast');
});

it('knows the room of every module', () => {
  const lost = all.filter(({ path }) => roomOf(path) < 0 && !EDGES.test(path));
  expect(lost.map(({ path }) => path)).toEqual([]);
});

it('has no arrow against the direction', () => {
  const wrong = all.flatMap(({ path, imports }) =>
    imports
      .filter((target) => target.endsWith('.ts') && roomOf(target) > roomOf(path))
      .map((target) => `${path} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

it('has no pass that imports another', () => {
  const wrong = all.filter(
    ({ path, imports }) =>
      path.startsWith('passes/') &&
      path !== 'passes/index.ts' &&
      imports.some((target) => target.startsWith('passes/')),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('keeps the file system, the network and processes out of the core', () => {
  const wrong = all.flatMap(({ path, imports }) => {
    const builtins = EDGES.test(path) ? [] : imports.filter((target) => isBuiltin(target));
    return builtins.map((target) => `${path} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

function isBuiltin(target: string): boolean {
  return /^(node:.*|fs|path|os|url|http|https|net|child_process|crypto|util|buffer|process|stream|events|worker_threads)(\/.*)?$/.test(
    target,
  );
}

it('keeps globals of Node out of the core', () => {
  const wrong = all.filter(({ path }) => {
    if (EDGES.test(path)) return false;
    const code = readFileSync(join(ROOT, path), 'utf8').replace(
      /\/\*[^]*?\*\/|\/\/.*|(['"`])(?:\\.|(?!\1)[^\\])*\1/g,
      '',
    );
    return /\b(process|Buffer|require|__dirname|console|Date\.now|new Date|Math\.random|performance)\b[.(]?/.test(
      code,
    );
  });
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('keeps the network out of what the bot decides', () => {
  const bot = all.filter(({ path }) => path.startsWith('src/bot/'));
  const wrong = bot.flatMap(({ path, imports }) =>
    EDGES.test(path)
      ? []
      : imports
          .filter(
            (target) =>
              FOR_BOT_EDGES.test(target) || (target.startsWith('src/bot/') && EDGES.test(target)),
          )
          .map((target) => `${path} imports ${target}`),
  );
  expect(wrong).toEqual([]);
  for (const name of ['review', 'propose', 'commands', 'handle']) {
    expect(EDGES.test(bot.find(({ path }) => path === `src/bot/${name}.ts`)!.path)).toBe(false);
  }
});

it('reads and prints text in one room only', () => {
  const wrong = all.flatMap(({ path, imports }) =>
    path.startsWith('src/dockerfile/')
      ? []
      : imports
          .filter((target) => FOR_TEXT_ONLY.test(target))
          .map((target) => `${path} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

it('loads fact rows at the edge only', () => {
  const wrong = all.filter(
    ({ path, imports }) =>
      !/^src\/facts\/load(-manifests)?\.ts$/.test(path) &&
      imports.some((target) => /^src\/facts\/.*\.json$/.test(target)),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('goes in no circles', () => {
  const graph = new Map(
    all.map(({ path, imports }) => [path, imports.filter((each) => each.endsWith('.ts'))]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      circles.push([...way.slice(way.indexOf(path)), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  expect(circles).toEqual([]);
});

it('keeps the page to what browsers have', () => {
  const pages = all.filter(({ path }) => path.startsWith('src/web/page/'));
  expect(pages.length).toBeGreaterThan(5);
  const wrong = pages.flatMap(({ path, imports }) =>
    imports
      .filter(
        (target) => isBuiltin(target) || /^src\/(cli|sources|verify|bot|facts\/load)/.test(target),
      )
      .map((target) => `${path} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

it('exports nothing by default but passes', () => {
  const wrong = all.filter(({ path }) => {
    const isPass = path.startsWith('passes/') && path !== 'passes/index.ts';
    return /^export default/m.test(readFileSync(join(ROOT, path), 'utf8')) !== isPass;
  });
  expect(wrong.map(({ path }) => path)).toEqual([]);
});
