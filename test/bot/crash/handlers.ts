/** What the bot under test does with a delivery. */
import { passes } from '../../../passes/index.ts';
import { DEFAULT_SETTINGS } from '../../../src/bot/bot.ts';
import { Parked, RetryLater, type Handle } from '../../../src/bot/delivery.ts';
import { GitHubFailure } from '../../../src/bot/github.ts';
import { handlerOf as realHandlerOf } from '../../../src/bot/handle.ts';
import { appOf, type App } from '../../../src/bot/octokit.ts';
import { loadFacts } from '../../../src/facts/load.ts';
import { REQUEST_MS, type Handler } from './configuration.ts';

export function handlerOf(
  handler: Handler,
  api: string,
  { appId, privateKey }: { readonly appId: string; readonly privateKey: string },
): Handle {
  const app = appOf(appId, privateKey, {
    baseUrl: api,
    timeout: REQUEST_MS,
    retryUnit: 5,
    isPaced: false,
  });
  if (handler === 'comment') return commentHandler(app);
  return realHandlerOf({
    bot: {
      settings: { ...DEFAULT_SETTINGS, version: '0.0.0' },
      facts: loadFacts(),
      passes,
      today: () => '2026-11-21',
      tell: () => undefined,
    },
    clientFor: ({ installation = 0 }, signal) => app.installation(installation, signal),
  });
}

/** Leaves one comment for each delivery, and finds it when it is called again. */
function commentHandler(app: App): Handle {
  return async (delivery, signal) => {
    const { id, installation, repository, payload } = delivery;
    if (installation === undefined || repository === undefined) throw new Parked('of no use');
    const [owner = '', name = ''] = repository.split('/');
    const { number } = (payload as { pull_request: { number: number } }).pull_request;
    const github = app.installation(installation, signal);
    try {
      const comments = await github.comments({ owner, name }, number);
      if (comments.some(({ body }) => body.includes(marker(id)))) return;
      await github.createComment({ owner, name }, number, `Seen. ${marker(id)}`);
    } catch (error) {
      if (error instanceof GitHubFailure && error.kind === 'limited') {
        throw new RetryLater(error.retryAfter ?? 1_000, error.message);
      }
      throw error;
    }
  };
}

/** Of the one comment that belongs to a delivery. */
export function marker(id: string): string {
  return `<!-- delivery ${id} -->`;
}
