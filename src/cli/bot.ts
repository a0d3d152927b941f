/** `dfopt bot`: reviews pull requests as a GitHub App. */
import type { Store } from '../bot/app.ts';
import { numberOf, QUEUE_OPTIONS, REVIEW_OPTIONS, SERVING_OPTIONS } from './bot-options.ts';
import { lastString, type Arguments, type Command } from './command.ts';
import { UsageError } from './usage.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export const botCommand: Command = {
  name: 'bot',
  operands: '',
  summary: 'Review pull requests as a GitHub App: take webhooks, work them off',
  positionals: {},
  options: { ...SERVING_OPTIONS, ...QUEUE_OPTIONS, ...REVIEW_OPTIONS },
  examples: [
    ['$0 bot --port 8080', 'Serve and work, with the queue in a file'],
    ['$0 bot --redis redis://queue --workers 0', 'Only serve; the queue is in Redis'],
    ['$0 bot --redis redis://queue --no-server', 'Only work; any number of machines may'],
    ['$0 bot --parked', 'What was given up, and why'],
  ],
  details:
    'Keys and secrets come from variables: DFOPT_BOT_APP_ID, DFOPT_BOT_PRIVATE_KEY, DFOPT_BOT_WEBHOOK_SECRET, DFOPT_BOT_ADMIN_TOKEN, DFOPT_BOT_REDIS_URL. With _FILE behind its name, each holds the name of a file instead.',
  job: (argv, io) => {
    const serving = {
      isServing: argv['server'] !== false,
      workers: numberOf(argv, 'workers', { least: 0, most: 64 }),
      port: numberOf(argv, 'port', { least: 0, most: 65_535 }),
      graceMs: numberOf(argv, 'grace', { least: 0, most: 600 }) * 1000,
    };
    const seenMs = numberOf(argv, 'keep', { least: 1, most: 365 }) * DAY_MS;
    if (!serving.isServing && serving.workers === 0) {
      throw new UsageError('with --no-server and --workers 0 there is nothing to do');
    }
    return async () => {
      const [{ readSecrets, SettingsError }, { RETENTION }] = await Promise.all([
        import('../bot/settings.ts'),
        import('../bot/queue/queue.ts'),
      ]);
      const retention = { ...RETENTION, seenMs };
      try {
        const secrets = readSecrets(io.env);
        const store = storeOf(argv, secrets.redisUrl);
        if (argv['parked'] === true || argv['put-back'] !== undefined) {
          const { lookAfterQueue } = await import('./bot-queue.ts');
          return await lookAfterQueue(argv, store, retention, io);
        }
        const { serveBot } = await import('./bot-serve.ts');
        return await serveBot({ ...serving, argv, io, secrets, store, retention });
      } catch (error) {
        if (error instanceof SettingsError) throw new UsageError(error.message);
        throw error;
      }
    };
  },
};

/** @throws UsageError */
function storeOf(argv: Arguments, fromEnvironment: string | undefined): Store {
  const redisUrl = lastString(argv['redis']) ?? fromEnvironment;
  if (redisUrl === undefined) return { file: lastString(argv['queue']) ?? '' };
  // The words are not repeated: a password may be in them.
  if (!/^rediss?:\/\/[^\s/]+/.test(redisUrl) || !URL.canParse(redisUrl)) {
    throw new UsageError('the URL of Redis is none; it looks like redis://localhost:6379');
  }
  return { redisUrl };
}
