/** Which deliveries are kept; everything else is acknowledged and forgotten. Pure. */
import type { Delivery } from './delivery.ts';
import { taskOf } from './task.ts';

/** What the App must be subscribed to. `push` is for pull requests of the bot's own. */
export const EVENTS: readonly string[] = ['pull_request', 'issue_comment', 'push'];

/** Whether it is one is seen when it is worked on; most comments need not be kept for that. */
const MAY_COMMAND = /^\s*\/dfopt\b/m;

export function isWanted(delivery: Delivery): boolean {
  if (!EVENTS.includes(delivery.event)) return false;
  const task = taskOf(delivery);
  return task !== undefined && (task.kind !== 'command' || MAY_COMMAND.test(task.comment.body));
}
