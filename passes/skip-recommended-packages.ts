/**
 * Keeps recommended packages out of an install, and names those that the program needs.
 * Refuses (offers) where the packages' recommendations are not known, or may be needed.
 */
import { firstOf } from '../src/analysis/listing.ts';
import {
  flagSplices,
  missingFlag,
  toolAge,
  toolAgeRow,
  type FlagEdit,
} from '../src/analysis/flags.ts';
import { lossWithoutRecommended, type Loss } from '../src/analysis/recommended.ts';
import type { PackageCommand } from '../src/analysis/packages.ts';
import { mapPackageRuns, type RunContext } from '../src/analysis/runs.ts';
import { insertOperands, splice } from '../src/dockerfile/edit.ts';
import type { RunInstruction } from '../src/dockerfile/model.ts';
import { definePass, type PassScope, type Proposal } from '../src/pass.ts';

export default definePass({
  id: 'skip-recommended-packages',
  summary: 'Install without recommended packages; name the ones that are needed.',
  why: 'Package managers add packages that are only recommended. Most images never use them, and they are often larger than what was asked for.',
  refuses: [
    'a word, a variable or a configuration file already decides',
    'the recommended packages of what is installed are not known, or may be needed: then it is offered at level aggressive',
    'nothing would be left out',
  ],
  level: 'standard',
  improves: ['size'],
  references: [
    'https://docs.docker.com/build/building/best-practices/#apt-get',
    'https://manpages.debian.org/bookworm/apt/apt-get.8.en.html',
  ],
  options: {
    keep: { default: [], description: 'Packages to name whenever they would be left out.' },
  },
  run: (file, scope) =>
    mapPackageRuns(file, scope.facts, 'shipped stages', (run, context) => {
      const { body } = context;
      if (body.kind !== 'script') return run;
      const named = new Set<string>();
      const edits = context.calls.flatMap((call) => editFor(run, call, context, named, scope));
      if (edits.length === 0) return run;
      return scope.propose(run, proposalFor(edits, context, scope), run, () =>
        splice(
          run,
          edits.flatMap(({ call, flag, loss }) => [
            ...flagSplices(body, call, flag),
            ...(loss.keep.length === 0
              ? []
              : [insertOperands(run, body, call.operands, loss.keep)]),
          ]),
        ),
      );
    }),
});

interface Edit extends FlagEdit {
  readonly loss: Loss;
}

function editFor(
  run: RunInstruction,
  call: PackageCommand,
  context: RunContext,
  named: Set<string>,
  scope: PassScope,
): Edit[] {
  const flag = missingFlag(run, call, 'recommends', context.state);
  // A call that is given its packages by `xargs` or a file names none.
  if (!flag || call.operands.length === 0) return [];
  const { keep } = scope.options;
  const alsoKeep = Array.isArray(keep) ? (keep as readonly string[]) : [];
  const all = lossWithoutRecommended(run, call, context, alsoKeep, scope.facts);
  // An earlier install of the same RUN may name it already.
  const loss = { ...all, keep: all.keep.filter((name) => !named.has(name)) };
  for (const name of loss.keep) named.add(name);
  return isNothing(loss) ? [] : [{ call, flag, loss }];
}

/** Of a list in a remark. */
const MOST_SHOWN = 6;

/** As many packages as people add by hand beside the flag. */
const MOST_NAMED = 3;

function isNothing(loss: Loss): boolean {
  return [loss.left, loss.keep, loss.doubtful, loss.unknown].every((each) => each.length === 0);
}

function proposalFor(edits: readonly Edit[], context: RunContext, scope: PassScope): Proposal {
  const { call, flag } = edits[0]!;
  const all = (pick: (loss: Loss) => readonly string[]): string[] => [
    ...new Set(edits.flatMap(({ loss }) => pick(loss))),
  ];
  const left = all((loss) => loss.left);
  const keep = all((loss) => loss.keep);
  const doubtful = all((loss) => loss.doubtful);
  const unknown = all((loss) => loss.unknown);
  const gone = [...doubtful, ...left];
  const age = toolAge(context.file, context.stage, call, flag, scope.facts);
  const row = toolAgeRow(call, flag, scope.facts);
  const message = [
    `add ${flag.add}`,
    gone.length > 0 ? `may leave out ${firstOf(gone, MOST_SHOWN)}` : '',
    keep.length > 0 ? `keeps ${firstOf(keep, MOST_SHOWN)} by name` : '',
  ].filter((part) => part !== '');
  const assumptions = [
    ...(age === 'new' || !row ? [] : [`the image is like ${row.since} or newer`]),
    // More than a few names by hand is more than an author would accept unasked.
    ...(keep.length > MOST_NAMED ? ['so many names are wanted'] : []),
    ...(doubtful.length > 0 ? [`nothing needs ${firstOf(doubtful, MOST_SHOWN)}`] : []),
    ...(unknown.length > 0
      ? [`nothing needs what is recommended by ${firstOf(unknown, MOST_SHOWN)}`]
      : []),
  ];
  const level = assumptions.length > 0 ? 'aggressive' : 'standard';
  return { level, message: message.join('; '), assumptions };
}
