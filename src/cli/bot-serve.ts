/** `dfopt bot` at work: what it is given becomes a handler, a queue, a server, workers. */
import manifest from '../../package.json' with { type: 'json' };
import { passes } from '../../passes/index.ts';
import { runApp, type Store } from '../bot/app.ts';
import { DEFAULT_SETTINGS, type BotSettings } from '../bot/bot.ts';
import { Parked, type Handle } from '../bot/delivery.ts';
import { handlerOf } from '../bot/handle.ts';
import { LOG_LEVELS } from '../bot/log-levels.ts';
import { makeLog, type Log } from '../bot/log.ts';
import { appOf, type App } from '../bot/octokit.ts';
import type { Retention } from '../bot/queue/queue.ts';
import { scheduleOf } from '../bot/schedule.ts';
import { demand, type Secrets } from '../bot/settings.ts';
import { loadFacts } from '../facts/load.ts';
import { LEVELS } from '../pass.ts';
import { COMMENTS, FAIL_ON, numberOf, PROPOSALS } from './bot-options.ts';
import { lastString, words, type Arguments } from './command.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import { oneOf, UsageError } from './usage.ts';

export interface Serving {
  readonly argv: Arguments;
  readonly io: Io;
  readonly secrets: Secrets;
  readonly store: Store;
  readonly retention: Retention;
  readonly isServing: boolean;
  readonly workers: number;
  readonly port: number;
  readonly graceMs: number;
}

const HOUR_MS = 60 * 60 * 1000;

/**
 * Runs until SIGTERM or SIGINT; a second one ends it at once.
 * @throws UsageError, SettingsError
 */
export async function serveBot(serving: Serving): Promise<ExitCode> {
  const { argv, io, secrets, store, retention, isServing, workers, port, graceMs } = serving;
  const settings = settingsOf(argv);
  const everyHours = numberOf(argv, 'propose-every', { least: 1, most: 24 * 30 });
  const { webhookSecret, adminToken } = secrets;
  if (isServing) demand(secrets, ['webhookSecret'], 'a server of webhooks');
  const log = makeLog({
    level: oneOf('level of the log', lastString(argv['log-level']) ?? 'info', LOG_LEVELS),
    secrets: [
      ...Object.entries(secrets).flatMap(([name, value]) => (name === 'appId' ? [] : [value])),
      ...('redisUrl' in store ? passwordOf(store.redisUrl) : []),
    ],
  });
  // Who only serves needs no key, and whoever breaks in there finds none.
  const needsApp = workers > 0 || settings.propose !== undefined;
  const app = needsApp ? appWith(secrets, apiOf(argv, io)) : undefined;
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(EXIT.error);
    stop.abort();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
  try {
    await runApp(
      {
        store,
        retention,
        workers,
        graceMs,
        log,
        handle: app ? handleWith(app, settings, log) : never,
        ...(isServing && {
          server: {
            host: lastString(argv['host']) ?? '',
            port,
            ...(webhookSecret !== undefined && { webhookSecret }),
            ...(adminToken !== undefined && { adminToken }),
          },
        }),
        ...(app && settings.propose && { schedule: scheduleOf(app, everyHours * HOUR_MS) }),
      },
      stop.signal,
    );
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  } finally {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, onSignal);
  }
  return EXIT.ok;
}

function handleWith(app: App, settings: BotSettings, log: Log): Handle {
  return handlerOf({
    bot: {
      settings,
      facts: loadFacts(),
      passes,
      today: () => new Date().toISOString().slice(0, 10),
      tell: (message) => log.info(message),
    },
    clientFor: ({ installation }, signal) => {
      if (installation === undefined) {
        throw new Parked(
          'the webhook is of no installation: set it in the App, not in the repository',
        );
      }
      return app.installation(installation, signal);
    },
  });
}

function appWith(secrets: Secrets, baseUrl: string | undefined): App {
  const { appId, privateKey } = demand(secrets, ['appId', 'privateKey'], 'a worker');
  return appOf(appId, privateKey, {
    userAgent: `dfopt/${manifest.version}`,
    ...(baseUrl !== undefined && { baseUrl }),
  });
}

function apiOf(argv: Arguments, io: Io): string | undefined {
  const url = lastString(argv['api-url']) ?? io.env['GITHUB_API_URL'];
  if (url === undefined || url === '') return undefined;
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw new UsageError(`--api-url is no URL: "${url}"; GitHub's own is https://api.github.com`);
  }
  return url.replace(/\/+$/, '');
}

function settingsOf(argv: Arguments): BotSettings {
  const word = (name: string): string | undefined => lastString(argv[name]);
  const [level, comments, failOn, propose] = ['level', 'comments', 'fail-on', 'propose'].map(word);
  const mostOpen = numberOf(argv, 'propose-most', { least: 1, most: 100 });
  return {
    ...DEFAULT_SETTINGS,
    version: manifest.version,
    paths: words(argv['paths']),
    hasCheck: argv['check'] !== false,
    hasDrafts: argv['drafts'] === true,
    ...(comments !== undefined && { comments: oneOf('kind of comments', comments, COMMENTS) }),
    ...(failOn !== undefined && { failOn: oneOf('outcome to fail on', failOn, FAIL_ON) }),
    ...(level !== undefined && { level: oneOf('level', level, LEVELS) }),
    ...(propose !== undefined && {
      propose: { grouping: oneOf('way to propose', propose, PROPOSALS), mostOpen },
    }),
  };
}

/** As it stands in the URL, and as Redis gets it. */
function passwordOf(url: string): readonly string[] {
  const { password } = new URL(url);
  return [url, password, decodeURIComponent(password)];
}

/** There are no workers. */
function never(): Promise<void> {
  return Promise.reject(new Error('a job in a process without workers'));
}
