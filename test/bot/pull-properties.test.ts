/**
 * Random pull requests from webhook to suggestion, over HTTP to a GitHub with its rules: nothing is ever
 * refused, what people get by accepting all suggestions is what dfopt makes of the file, and looking again
 * says nothing. A seed makes a failure repeatable.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { passes } from '../../passes/index.ts';
import { settingsIn } from '../../src/bot/base-configuration.ts';
import type { Bot } from '../../src/bot/bot.ts';
import { dockerfileAt } from '../../src/bot/dockerfiles.ts';
import { markerOf } from '../../src/bot/marker.ts';
import { gitHubOf } from '../../src/bot/octokit.ts';
import { BUDGET, snapshotOf } from '../../src/bot/snapshot.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { LEVELS, type Level } from '../../src/pass.ts';
import { optimize, type OptimizeOptions } from '../../src/pipeline.ts';
import type { FakeGitHub, Pull } from '../github/fake.ts';
import { startHandling } from './handling.ts';
import { pullTriple, type Triple } from './pull-arbitrary.ts';

const facts = loadFacts();
const SEED = Number(process.env['SEED'] ?? 20261121);
const RUNS = Number(process.env['RUNS'] ?? 500);

/** Dockerfiles of one pull request: as many requests for several as for one. */
const TOGETHER = 5;

const NAME = { owner: 'acme', name: 'shop' };

/** What dfopt makes of the file where just these edits are wanted. */
function rewritten(text: string, options: OptimizeOptions, ids: ReadonlySet<string>): string {
  const deny = new Set<string>();
  for (;;) {
    const { output, remarks } = optimize(text, facts, { ...options, isPriced: false, deny });
    const others = remarks.filter(({ outcome, id }) => outcome === 'applied' && !ids.has(id));
    if (others.length === 0) return output;
    for (const { id } of others) deny.add(id);
  }
}

function folderFiles(triples: readonly Triple[], side: 'base' | 'head'): Record<string, string> {
  const files: Record<string, string> = { 'README.md': 'A shop.\n' };
  for (const [at, { head, base, tree }] of triples.entries()) {
    const text = side === 'head' ? head : base;
    if (text !== undefined) files[`f${at}/Dockerfile`] = text;
    for (const [path, content] of Object.entries(tree)) files[`f${at}/${path}`] = content;
  }
  return files;
}

/** As the bot is told, but asked for by somebody else. */
async function optionsAt(
  path: string,
  { fake, pull, level }: { fake: FakeGitHub; pull: Pull; level: Level },
): Promise<OptimizeOptions> {
  const github = gitHubOf(fake.tokenOf('ann'), { baseUrl: fake.url, isPaced: false, retryUnit: 1 });
  const settings = {
    comments: 'none',
    hasCheck: false,
    failOn: 'nothing',
    paths: [],
    level,
    hasDrafts: false,
    version: '0.0.0',
  } as const;
  const bot: Bot = { settings, facts, passes, today: () => '2026-11-21', tell: () => undefined };
  const snapshot = snapshotOf(github, NAME, pull.headSha, { ...BUDGET });
  const found = await dockerfileAt(path, snapshot, await settingsIn(snapshot, bot)(path), bot);
  return found!.options;
}

it(
  `${RUNS} Dockerfiles in pull requests: no request is refused, accept-all is the rewrite, nothing is said twice`,
  { timeout: 30 * 60_000 },
  async () => {
    const triples = fc.sample(pullTriple, { seed: SEED, numRuns: RUNS });
    const seen = { suggestions: 0, whole: 0, partly: 0, none: 0 };
    for (let at = 0; at < triples.length; at += TOGETHER) {
      const some = triples.slice(at, at + TOGETHER);
      const level = LEVELS[(at / TOGETHER) % LEVELS.length]!;
      // oxlint-disable-next-line no-await-in-loop -- one GitHub at a time
      await oneReview(some, level, seen, `SEED=${SEED}, from ${at}`);
    }
    expect(seen.suggestions).toBeGreaterThan(RUNS / 2);
    expect(seen.whole).toBeGreaterThan(RUNS / 20);
    expect(seen.partly).toBeGreaterThan(RUNS / 40);
  },
);

type Seen = Record<'suggestions' | 'whole' | 'partly' | 'none', number>;

async function oneReview(
  triples: readonly Triple[],
  level: Level,
  seen: Seen,
  name: string,
): Promise<void> {
  const bot = await startHandling({ level });
  try {
    const { fake } = bot;
    const repository = await fake.repository('acme/shop', folderFiles(triples, 'base'));
    await bot.work();
    await fake.commit(repository, 'topic', folderFiles(triples, 'head'));
    const pull = fake.pull(repository, { head: 'topic', by: 'ann' });
    const deliveries = await bot.work();
    expect(fake.refusals(), name).toEqual([]);

    fake.forget();
    await bot.handle(deliveries.find(({ event }) => event === 'pull_request')!);
    expect(bot.writes(), name).toEqual([]);

    const reviewed = triples.map(({ head, base }, at) => {
      const path = `f${at}/Dockerfile`;
      const comments = [...pull.reviewComments.values()].filter((each) => each.path === path);
      const ids = comments.flatMap(({ body }) => markerOf('suggestion', body, undefined)!.ids);
      seen.suggestions += comments.length;
      return { path, head, ids: new Set(ids), isChanged: head !== base };
    });
    const expected = await Promise.all(
      reviewed.map(async ({ path, head, ids, isChanged }) => {
        const options = await optionsAt(path, { fake, pull, level });
        const edits = optimize(head, facts, { ...options, isPriced: false }).remarks.filter(
          ({ outcome }) => outcome === 'applied',
        );
        if (isChanged && edits.length > 0) {
          if (edits.every(({ id }) => ids.has(id))) seen.whole++;
          else if (ids.size > 0) seen.partly++;
          else seen.none++;
        }
        return rewritten(head, options, ids);
      }),
    );
    await fake.accept(pull);
    for (const [at, { path }] of reviewed.entries()) {
      expect(fake.read(repository, pull.headSha, path), `${name}: ${path}`).toBe(expected[at]);
    }

    // What GitHub resolved as it took the suggestions does not come back, nor does anything else.
    const comments = pull.reviewComments.size;
    await bot.work();
    const again = [...pull.reviewComments.values()].slice(comments);
    for (const { path, ids } of reviewed) {
      const repeated = again
        .filter((each) => each.path === path)
        .flatMap(({ body }) => markerOf('suggestion', body, undefined)!.ids);
      expect(
        repeated.filter((id) => ids.has(id)),
        `${name}: ${path}`,
      ).toEqual([]);
    }
    expect(fake.refusals(), name).toEqual([]);
  } finally {
    await bot.close();
  }
}
