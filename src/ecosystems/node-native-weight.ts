/** What npm leaves where it compiles a project's own add-on: one with binding.gyp and no script that says otherwise. */
import type { Call } from '../analysis/calls.ts';
import { entriesOf, isWithin } from '../analysis/context.ts';
import { hasEntry, startFindings, tableIn } from './findings.ts';
import type { InstalledProject } from './node-installed.ts';
import { homeOf } from './node-places.ts';
import { inFolder, readQuietly } from './node-projects.ts';
import { isSet } from './node-script-weight.ts';
import type { Weight } from './weight.ts';
import type { WorkScope } from './work.ts';

/**
 * Makefiles, settings and half-made things beside the add-on, and what comes of a byte of C or C++: two
 * add-ons, of 0.5 kB of C and 13 kB of C++ that uses its standard library, counted on 2026-11-21. The
 * add-on has two names in there, and a layer holds hard links once: the first one is 52 kB, not 68.
 */
const BUILT = { bytes: 45_000, ofSources: 16, factor: 5 };

/** Python keeps what it compiled of node-gyp's own code: counted with Python 3.11, the same day. */
const COMPILED_GYP = { bytes: 395_000, low: 0, high: 600_000, basis: 'model' } as const;
const GYP = 'usr/local/lib/node_modules/npm/node_modules/node-gyp/gyp';

export function nativeWeights(
  { root, program }: InstalledProject,
  call: Call,
  scope: WorkScope,
): readonly Weight[] {
  const { files, facts, variable } = scope;
  if (!files || !hasEntry(files, inFolder(root, 'binding.gyp'))) return [];
  if (call.args.some((arg) => /^--ignore-scripts(=true)?$/.test(arg ?? ''))) return [];
  const found = startFindings({ files, folder: root, facts, variable });
  const scripts = tableIn(readQuietly(found, inFolder(root, 'package.json')), 'scripts');
  // Where neither is there npm compiles by itself.
  const own = [scripts['preinstall'], scripts['install']].filter((each) => each !== undefined);
  if (own.length > 0 && !own.some((each) => typeof each === 'string' && /\bnode-gyp\b/.test(each)))
    return [];
  const sources = entriesOf(files)
    .filter(({ path }) => isWithin(path, root) && /\.(c|cc|cpp|cxx|h|hh|hpp)$/.test(path))
    .filter(({ path }) => !path.includes('node_modules/'))
    .reduce((sum, { bytes }) => sum + bytes, 0);
  const bytes = BUILT.bytes + BUILT.ofSources * sources;
  const { headers } = facts.npmScripts;
  const isFetching = headers.bytes > 0 && !headers.offBy?.some((each) => isSet(each, variable));
  return [
    {
      path: inFolder(root, 'build'),
      kind: 'build',
      what: 'the add-on that npm compiles',
      amount: {
        bytes,
        low: bytes / BUILT.factor,
        high: bytes * BUILT.factor,
        basis: 'model',
      },
    },
    ...(program === 'npm'
      ? [{ path: GYP, kind: 'leavings', what: 'node-gyp, compiled', amount: COMPILED_GYP } as const]
      : []),
    ...(isFetching
      ? [
          {
            path: inFolder(homeOf(scope), headers.home),
            kind: 'leavings',
            what: 'the headers of Node.js',
            amount: {
              bytes: headers.bytes,
              low: headers.low,
              high: headers.high,
              basis: 'model',
            },
          } as const,
        ]
      : []),
  ];
}
