/**
 * Says where a base image gets no more security updates, and since when.
 * Says nothing where nobody tells it the date, or rows know no end.
 */
import { imageOf } from '../src/analysis/images.ts';
import { contextOf } from '../src/analysis/runs.ts';
import { baseOf } from '../src/analysis/stages.ts';
import type { Dockerfile, Stage } from '../src/dockerfile/model.ts';
import type { Image } from '../src/facts/image-types.ts';
import type { Facts } from '../src/facts/types.ts';
import { definePass } from '../src/pass.ts';

export default definePass({
  id: 'avoid-old-bases',
  summary: 'Leave a base image whose distribution or runtime gets no more updates.',
  why: 'From that day on, what is found to be broken stays broken; and where packages have moved to an archive, builds begin to fail.',
  refuses: [
    'nobody says which day it is: the option "today" of the pipeline, which the command line sets',
    'the image is of a release that is still looked after, or rows know nothing of it',
    'the image has no version',
  ],
  level: 'safe',
  isAdvice: true,
  improves: ['security', 'reliability'],
  references: ['https://endoflife.date'],
  run: (file, scope) => {
    const { today, facts } = scope;
    if (today === undefined) return file;
    for (const stage of file.stages) {
      const base = baseOf(file, stage);
      const image = base.kind === 'image' ? imageOf(base.image, facts) : undefined;
      if (!image) continue;
      const [first] = image.endsOfLife
        .filter(({ date }) => date < today)
        .toSorted((a, b) => (a.date < b.date ? -1 : 1));
      if (!first) continue;
      const archive = archiveOf(image, today, facts);
      const fails = archive !== undefined && updates(file, stage, facts) ? `; ${archive}` : '';
      scope.advise(
        stage.from,
        `${first.what} of "${image.name}:${image.tag}" has had no updates since ${first.date}${fails} (${first.source})`,
      );
    }
    return file;
  },
});

/** What is said of the packages of a suite that were moved away by then. */
function archiveOf(
  { distribution, endsOfLife }: Image,
  today: string,
  facts: Facts,
): string | undefined {
  const row = facts.advice.archives.find(
    ({ distribution: id, suites, since }) =>
      id === distribution?.id && suites.includes(distribution.suite) && since <= today,
  );
  const name = endsOfLife.at(-1)?.what ?? 'it';
  return row && `the packages of ${name} ${row.what}`;
}

/** Whether the stage fetches package lists. */
function updates(file: Dockerfile, stage: Stage, facts: Facts): boolean {
  return stage.instructions.some(
    (each) =>
      each.kind === 'run' &&
      contextOf(file, stage, each, facts).calls.some(
        ({ action, manager }) =>
          manager.database !== undefined && (action === 'update' || action === 'install'),
      ),
  );
}
