/** What `dotnet` leaves in a layer: what it publishes, what it makes on the way, and NuGet's packages. */
import { plus, sum, times, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { entriesOf, isWithin } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { cacheFolder } from './cache-folders.ts';
import { dotnetWork } from './dotnet-work.ts';
import { amountOf } from './spans.ts';
import type { Weight } from './weight.ts';
import { ownName, wordsOf, type WorkScope } from './work.ts';

export function dotnetWeigh(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  if (ownName(call) !== 'dotnet') return undefined;
  const [verb] = call.args;
  if (!/^(restore|build|publish|test|pack)$/.test(verb ?? '')) {
    return /^(--\S+|clean|new|dev-certs|nuget)$/.test(verb ?? '') ? [] : undefined;
  }
  const { dotnet } = scope.facts.compiledWeights.others;
  const names = packagesOf(call, scope);
  const each = names?.map(() => amountOf(dotnet.package));
  const earlier = scope.earlier.filter((other) => other !== call && ownName(other) === 'dotnet');
  const packages: Weight = {
    path: cacheFolder('nuget', scope),
    kind: 'leavings',
    what: names ? `${names.length} packages of NuGet with what they need` : 'packages of NuGet',
    amount: each && sum([amountOf(dotnet.restore), ...each]),
  };
  const isRestored = earlier.some(({ args }) => /^(restore|build|publish)$/.test(args[0] ?? ''));
  const found: Weight[] = isRestored ? [] : [packages];
  if (verb === 'restore') return found;
  const isBuilt = earlier.some(({ args }) => args[0] === 'build');
  if (!isBuilt) {
    const path = pathInside(`${call.folder}/obj`);
    found.push({
      path,
      kind: 'leavings',
      what: 'half-made assemblies',
      amount: amountOf(dotnet.intermediate),
    });
  }
  const work = dotnetWork(call, scope);
  const [product] = work && 'makes' in work ? work.makes : [];
  const isAlone =
    /(^| )(-r|--runtime|--self-contained|-a|--arch)( |=|$)/.test(wordsOf(call)) &&
    !/--self-contained[= ]false|--no-self-contained/.test(wordsOf(call));
  // What is published of packages is about half of what NuGet unpacks for all platforms.
  const bundled: readonly Amount[] = (each ?? []).map((amount) => times(amount, 0.4));
  found.push({
    path: product?.path ?? pathInside(`${call.folder}/bin`),
    kind: 'build',
    what: 'assemblies',
    amount:
      names || isAlone
        ? plus(amountOf(isAlone ? dotnet.selfContained : dotnet.output), sum(bundled))
        : undefined,
  });
  return found;
}

/** Names of packages in the projects; `undefined` where none is seen. */
function packagesOf({ folder }: Call, { files }: WorkScope): readonly string[] | undefined {
  const projects = files
    ? entriesOf(files).filter(
        ({ path }) => /\.(cs|fs|vb)proj$/.test(path) && isWithin(path, folder),
      )
    : [];
  const texts = projects.flatMap(({ path }) => files!.texts.get(path) ?? []);
  if (texts.length === 0) return undefined;
  const names = texts.flatMap((text) =>
    [...text.matchAll(/<PackageReference\s[^>]*?Include="([^"]+)"/g)].map(([, name]) => name!),
  );
  return [...new Set(names)];
}
