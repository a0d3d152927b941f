/** What `mix` leaves in a layer: dependencies, what is compiled of them, the release, and Hex. */
import { sum, times } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { textOf } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { elixirWork } from './elixir-work.ts';
import { amountOf } from './spans.ts';
import type { Weight } from './weight.ts';
import { ownName, type WorkScope } from './work.ts';

export function elixirWeigh(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  if (ownName(call) !== 'mix') return undefined;
  const { elixir } = scope.facts.compiledWeights.others;
  const { folder } = call;
  const tasks = call.args.filter((arg) => arg?.startsWith('-') !== true);
  const [first = ''] = tasks;
  const count = dependencyCount(call, scope);
  const environment = scope.variable('MIX_ENV') || 'dev';
  const all = (span: typeof elixir.dependency) =>
    count === undefined ? undefined : sum(Array.from({ length: count }, () => amountOf(span)));
  const isCompiled = scope.earlier.some(
    (each) =>
      each !== call && ownName(each) === 'mix' && /compile|release/.test(each.args.join(' ')),
  );
  const built: Weight = {
    path: pathInside(`${folder}/_build/${environment}/lib`),
    kind: 'leavings',
    what: 'what is compiled of dependencies',
    amount: all(elixir.built),
  };
  const home = scope.variable('MIX_HOME') || '/root/.mix';
  if (/^local\.(hex|rebar)$/.test(first)) {
    return [
      {
        path: pathInside(home),
        kind: 'leavings',
        what: 'Hex',
        amount: times(amountOf(elixir.hex), 0.5),
      },
    ];
  }
  if (tasks.includes('deps.get')) {
    const path = pathInside(`${folder}/deps`);
    return [
      { path, kind: 'dependencies', what: 'dependencies of Mix', amount: all(elixir.dependency) },
    ];
  }
  if (/^(deps\.compile|compile)$/.test(first)) return isCompiled ? [] : [built];
  if (!tasks.includes('release')) return undefined;
  const work = elixirWork(call, scope);
  const [product] = work && 'makes' in work ? work.makes : [];
  const rel = pathInside(`${folder}/_build/${environment}/rel`);
  const path = product && product.isNamed !== true ? product.path : rel;
  const shipped = all(elixir.built);
  const release: Weight = {
    path,
    kind: 'build',
    what: 'the release',
    amount: shipped ? sum([amountOf(elixir.release), shipped]) : undefined,
  };
  return isCompiled ? [release] : [built, release];
}

/** How many packages the lockfile has. */
function dependencyCount({ folder }: Call, { files }: WorkScope): number | undefined {
  const lock = files && textOf(files, pathInside(`${folder}/mix.lock`));
  return lock?.kind === 'text' ? (lock.text.match(/^\s*"[\w-]+":\s*\{/gm)?.length ?? 0) : undefined;
}
