/** One process of the bot under test, told by a variable what it is; it ends by SIGTERM, or by worse. */
import { runApp } from '../../../src/bot/app.ts';
import { makeLog } from '../../../src/bot/log.ts';
import { CONFIGURATION, type BotConfiguration } from './configuration.ts';
import { handlerOf } from './handlers.ts';

const configuration = JSON.parse(process.env[CONFIGURATION] ?? '') as BotConfiguration;
const { appId, privateKey, secret } = configuration.app;
const log = makeLog({ level: configuration.logLevel, secrets: [privateKey, secret] });
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

await runApp(
  {
    store: configuration.store,
    ...(configuration.port !== undefined && {
      server: { host: '127.0.0.1', port: configuration.port, webhookSecret: secret },
    }),
    workers: configuration.workers,
    handle: handlerOf(configuration.handler, configuration.api, { appId, privateKey }),
    log,
    rules: configuration.rules,
    graceMs: 5_000,
  },
  stop.signal,
);
