/**
 * Keeps out of the build context what a COPY of a whole folder would take in for nothing.
 * Refuses where something shows that the build or the program needs it.
 */
import { bytesBelow } from '../src/analysis/context.ts';
import { copiedBy, readsOf } from '../src/analysis/copied.ts';
import { withPatterns } from '../src/analysis/dockerignore.ts';
import { builderFiles, unwantedIn, type Unwanted } from '../src/analysis/unwanted.ts';
import { instructionsOf, type Dockerfile, type Instruction } from '../src/dockerfile/model.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'write-dockerignore',
  summary: 'Keep out of the build context what an image is none the better for.',
  why: 'A COPY of a whole folder takes in the history of the sources and the dependencies of the machine it is built on: the image grows, every commit invalidates the cache, and modules for another system lie over those that the image installed.',
  refuses: [
    'the Dockerfile, another one of the same context, or the sources seem to read it',
    'nothing in the Dockerfile installs the dependencies that would be kept out',
    'nothing is known of the build context: then nothing is done',
  ],
  level: 'standard',
  improves: ['size', 'rebuild', 'reliability'],
  references: ['https://docs.docker.com/build/concepts/context/#dockerignore-files'],
  run: (file, scope) => {
    if (!scope.context) return file;
    let current = file;
    for (const unwanted of unwantedIn(file, scope.context, scope.facts)) {
      current = keptOut(current, unwanted, scope);
    }
    return current;
  },
});

function keptOut(file: Dockerfile, unwanted: Unwanted, scope: PassScope): Dockerfile {
  const { context } = scope;
  const { pattern, what, entries, doubts } = unwanted;
  const copy = context && copyOf(file, entries[0]!.path, scope);
  if (!copy) return file;
  if (doubts.length > 0) {
    scope.missed(copy, `${pattern} holds ${what}, but ${doubts.join(', and ')}`);
    return file;
  }
  const own = builderFiles(file, context);
  const bytes = entries.reduce((sum, { path }) => sum + bytesBelow(context, path), 0);
  const size = bytes >= SHOWN_BYTES ? `, ${(bytes / 1_000_000).toFixed(1)} MB` : '';
  return scope.propose(
    copy,
    {
      level: 'standard',
      message: `keep ${pattern} out of the build context: ${what}${size}`,
      needsContext: true,
      // Alone they are not worth an edit.
      ignore: withPatterns(context.ignore?.text ?? '', [pattern, ...own]),
    },
    file,
    () => file,
  );
}

/** Less is not worth a figure. */
const SHOWN_BYTES = 50_000;

/** The first instruction that takes it in. */
function copyOf(file: Dockerfile, path: string, { context }: PassScope): Instruction | undefined {
  return instructionsOf(file).find((each) => {
    const reads = readsOf(each);
    return (reads?.sources ?? []).some((source) =>
      copiedBy(context!, source, reads).entries.some(({ entry }) => entry.path === path),
    );
  });
}
