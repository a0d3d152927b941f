/**
 * A fake GitHub with pull requests, the webhooks that they caused, and what must stand on them once
 * all of these were worked off: each comment once.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  startGitHub,
  type App,
  type FakeGitHub,
  type FakeOptions,
  type Pull,
} from '../../github/fake.ts';
import type { TroubleOptions } from '../../github/trouble.ts';
import type { Handler } from './configuration.ts';
import { marker } from './handlers.ts';
import type { Post } from './sender.ts';

export const SECRET = 'a secret of the webhook under test';

export interface SiteOptions {
  readonly deliveries: number;
  readonly handler: Handler;
  /** Deliveries of one pull request: it is opened, then pushed to. */
  readonly each: number;
  readonly trouble: TroubleOptions;
  readonly limits?: FakeOptions['limits'];
  readonly now?: () => number;
}

export interface Verdict {
  /** Comments that are not there. */
  readonly lost: readonly string[];
  /** Comments that are there again. */
  readonly duplicated: readonly string[];
  /** How many the bot left. */
  readonly comments: number;
  /** Requests that GitHub would not take. */
  readonly refusals: readonly string[];
}

export interface Site {
  readonly url: string;
  readonly app: App;
  readonly pulls: readonly Pull[];
  readonly posts: readonly Post[];
  readonly verdict: () => Verdict;
  readonly close: () => Promise<void>;
}

/** What the README tells operators to give the App, and no more. */
const PERMISSIONS = {
  metadata: 'read',
  contents: 'read',
  pull_requests: 'write',
  issues: 'write',
  checks: 'write',
} as const;

const ACCOUNTS = 5;

/** Pull requests in one repository. */
const PULLS = 20;

const MANIFEST = `${JSON.stringify({ name: 'shop', version: '1.0.0', main: 'server.js' }, null, 2)}\n`;

const BASE = {
  Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY . .\nCMD ["node", "server.js"]\n',
  'package.json': MANIFEST,
  'server.js':
    "require('node:http').createServer((_, response) => response.end('ok')).listen(8080);\n",
};

/**
 * What a push makes of the Dockerfile: something that dfopt has a word to say about, and that no other
 * pull request has, as two commits that are made of the same in the same second are the same.
 */
function dockerfile(pull: number, push: number): string {
  return [
    'FROM node:22',
    'WORKDIR /app',
    'RUN apt-get update && apt-get install -y tini',
    `ENV PULL=${pull} PUSH=${push}`,
    'COPY . .',
    'CMD ["node", "server.js"]',
    '',
  ].join('\n');
}

export async function newSite(options: SiteOptions): Promise<Site> {
  const github = await startGitHub({
    keepRequests: 1_000,
    ...(options.limits && { limits: options.limits }),
    ...(options.now && { now: options.now }),
  });
  const sink = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(202).end());
  });
  await new Promise<void>((resolve) => {
    sink.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
  const app = github.app('dfopt', { permissions: PERMISSIONS, webhook: { url, secret: SECRET } });
  const pulls = await makePulls(github, app, options);
  await github.settled();
  // From here on the webhooks that are there are sent by somebody else, and those of the bot's own deeds by nobody.
  delete app.webhook;
  sink.close();
  sink.closeAllConnections();
  const posts = github.deliveries
    .filter(({ event }) => event === 'pull_request')
    .map(({ id, event, body }) => ({ id, event, body }));
  github.forget();
  github.trouble(options.trouble);
  return {
    url: github.url,
    app,
    pulls,
    posts,
    verdict: () => ({
      ...(options.handler === 'comment'
        ? commentVerdict(pulls, posts, app)
        : realVerdict(pulls, app)),
      refusals: github
        .refusals()
        .map(
          ({ method, path, status, message }) => `${method} ${path}: ${status} ${message ?? ''}`,
        ),
    }),
    close: () => github.close(),
  };
}

async function makePulls(
  github: FakeGitHub,
  app: App,
  { deliveries, each }: SiteOptions,
): Promise<readonly Pull[]> {
  const pulls: Pull[] = [];
  for (let account = 0; account < ACCOUNTS; account += 1) github.install(app, `acme-${account}`);
  const count = Math.ceil(deliveries / each);
  for (let made = 0; made < count; made += PULLS) {
    const index = made / PULLS;
    const repository = await github.repository(`acme-${index % ACCOUNTS}/app-${index}`, BASE);
    for (let number = made; number < Math.min(count, made + PULLS); number += 1) {
      const head = `topic-${number}`;
      await github.commit(repository, head, { Dockerfile: dockerfile(number, 0) });
      const pull = github.pull(repository, { head, by: 'ann' });
      pulls.push(pull);
      const pushes = Math.min(each, deliveries - number * each) - 1;
      for (let push = 1; push <= pushes; push += 1) {
        await github.commit(repository, head, { Dockerfile: dockerfile(number, push) });
      }
    }
  }
  return pulls;
}

function commentVerdict(
  pulls: readonly Pull[],
  posts: readonly Post[],
  app: App,
): Omit<Verdict, 'refusals'> {
  const bodies = pulls.flatMap((pull) =>
    [...pull.issue.comments.values()]
      .filter(({ author }) => author === app.bot)
      .map(({ body }) => body),
  );
  const times = new Map<string, number>();
  for (const body of bodies) times.set(body, (times.get(body) ?? 0) + 1);
  const count = (id: string): number => times.get(`Seen. ${marker(id)}`) ?? 0;
  return {
    lost: posts.filter(({ id }) => count(id) === 0).map(({ id }) => id),
    duplicated: posts.filter(({ id }) => count(id) > 1).map(({ id }) => id),
    comments: bodies.length,
  };
}

/** All pull requests ask for the same: each must have what any other has, and no comment twice. */
function realVerdict(pulls: readonly Pull[], app: App): Omit<Verdict, 'refusals'> {
  const saidOn = (pull: Pull): readonly string[] => [
    ...[...pull.reviewComments.values()]
      .filter(({ author }) => author === app.bot)
      .map(({ path, originalLine, body }) => `${path}:${originalLine} ${shortened(body)}`),
    ...[...pull.reviews.values()]
      .filter(({ author, body }) => author === app.bot && body !== '')
      .map(({ body }) => `review ${shortened(body)}`),
    ...[...pull.issue.comments.values()]
      .filter(({ author }) => author === app.bot)
      .map(({ body }) => `comment ${shortened(body)}`),
    ...(pull.repository.checksOf.get(pull.headSha) ?? [])
      .filter(({ status }) => status === 'completed')
      .map(({ name, conclusion }) => `check ${name} ${conclusion}`),
  ];
  const all = new Set(pulls.flatMap(saidOn));
  const lost: string[] = [];
  const duplicated: string[] = [];
  let comments = 0;
  for (const pull of pulls) {
    const said = saidOn(pull);
    comments += said.length;
    const name = `${pull.repository.fullName}#${pull.number}`;
    for (const each of all) {
      const times = said.filter((one) => one === each).length;
      if (times === 0) lost.push(`${name}: ${each}`);
      if (times > 1) duplicated.push(`${name}: ${times} times ${each}`);
    }
  }
  if (all.size === 0) lost.push('the bot said nothing at all');
  return { lost, duplicated, comments };
}

/** Without markers, ids and commits, which differ; the first line says which it is. */
function shortened(body: string): string {
  return body
    .replace(/<!--[^]*?-->/g, '')
    .trim()
    .split('\n')[0]!
    .replace(/\b[0-9a-f]{7,40}\b/g, 'SHA')
    .slice(0, 100);
}
