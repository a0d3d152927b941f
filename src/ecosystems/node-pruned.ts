/** What `npm prune`, and a second install that leaves packages out, leave of those that lie in a project. */
import type { Call } from '../analysis/calls.ts';
import { inFolder } from './node-projects.ts';
import { isThinned, productionModules } from './node-weight.ts';
import type { Weight } from './weight.ts';
import { ownName, wordsOf, type WorkScope } from './work.ts';

/** @returns `undefined` for a call that takes nothing away */
export function nodeRest(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const isPrune = /^(npm|pnpm)$/.test(ownName(call)) && /^prune\b/.test(wordsOf(call));
  const omits = isPrune
    ? /--(omit[= ]dev|production|prod|only[= ]prod)\b/.test(wordsOf(call)) ||
      scope.variable('NODE_ENV') === 'production'
    : isThinned(call, scope);
  const amount = omits ? productionModules(call.folder, scope) : undefined;
  if (!amount) return undefined;
  const path = inFolder(call.folder, 'node_modules');
  return [{ path, kind: 'dependencies', what: 'packages for production', amount }];
}
