/**
 * Divides a stage that builds and ships into a build and a small image with what the build made.
 * Refuses where nobody can see what a step makes, what the program needs, or what the base gives it.
 */
import { pathInside } from '../src/analysis/go-paths.ts';
import { baseOf } from '../src/analysis/stages.ts';
import type { Dockerfile } from '../src/dockerfile/model.ts';
import { firstOf } from '../src/analysis/listing.ts';
import { shippedBill } from '../src/estimate/image-size.ts';
import { savedBetween } from '../src/estimate/saving.ts';
import { readsContext } from '../src/needs/explain.ts';
import { definePass, type PassScope } from '../src/pass.ts';
import { sizesOf } from '../src/shipping/words.ts';
import { splitOf, type Split } from '../src/shipping/split.ts';

export default definePass({
  id: 'split-stages',
  summary: 'Build in one stage and ship another, with what the program needs and nothing else.',
  why: 'A stage that compiles ships its compiler: what a container never opens stays behind in a stage of its own.',
  refuses: [
    'the command needs the tools of the build, or the image is an environment to work in',
    'nobody knows what a command writes, or where what it makes belongs',
    'nothing is known of the base, or a variable or a digest chooses it',
    'an instruction needs the stage as it is, such as ONBUILD',
    'no smaller image of the publisher provides what is needed, and no package is left behind',
    'the images say different things of themselves that matter',
    'something may need more than is seen: then it is offered at level aggressive',
  ],
  level: 'standard',
  improves: ['size', 'security'],
  references: ['https://docs.docker.com/build/building/multi-stage/'],
  run: (file, scope) => {
    const stage = file.stages.at(-1);
    if (!stage) return file;
    const written = stage.from.image?.text ?? '';
    const found = splitOf(file, stage, scope);
    if (!found) return file;
    if ('why' in found) {
      scope.missed(stage.from, found.why);
      return file;
    }
    if (/[$@]/.test(written) && baseOf(file, stage).kind === 'image') {
      const what = written.includes('$') ? 'a variable' : 'a digest';
      scope.missed(stage.from, `${what} chooses the base`);
      return file;
    }
    const isSameBase = found.chosen.image === found.image;
    if (isSameBase && !savesEnough(file, found, scope)) {
      scope.missed(stage.from, 'no smaller image is known, and little would stay behind');
      return file;
    }
    const result = proposed(file, found, scope);
    if (result !== file || isSameBase) return result;
    // What is not known of another base does not matter where it is not changed.
    const same = splitOf(file, stage, scope, 'the old base');
    if (!same || 'why' in same || same.chosen.assumptions.length > 0) return file;
    return savesEnough(file, same, scope) ? proposed(file, same, scope) : file;
  },
});

/** Of an image, in bytes: two stages on one base are worth their lines only from here on. */
const WORTH_A_STAGE = 10_000_000;

function savesEnough(file: Dockerfile, split: Split, { context, facts }: PassScope): boolean {
  const scope = { context, facts };
  const before = shippedBill(file, scope);
  return savedBetween(before, shippedBill(split.file, scope)).bytes >= WORTH_A_STAGE;
}

function proposed(file: Dockerfile, split: Split, scope: PassScope): Dockerfile {
  const stage = file.stages.at(-1)!;
  const { division, chosen } = split;
  const assumptions = chosen.assumptions;
  return scope.propose(
    stage.from,
    {
      level: assumptions.length > 0 ? 'aggressive' : 'standard',
      message: messageOf(split),
      assumptions,
      needsContext: readsContext([stage]) || division.carried.length === 0,
      also: stage.instructions,
      indifferentTo: ['Env'],
      // What only runs the command that it is given, the old base may have had and the new one not.
      changes: split.hasOtherEntrypoint ? ['Entrypoint'] : [],
      ...(split.ignore !== undefined && { ignore: split.ignore }),
      splits: split.build.from.stageName!,
      newBase: split.shipped.from.image!.text,
    },
    file,
    () => split.file,
  );
}

function messageOf({ division, chosen, image, build }: Split): string {
  const shipped = division.carried.map(({ path }) => `/${pathInside(path)}`);
  const what = shipped.length > 0 ? `ship ${firstOf(shipped, 3)}` : 'ship the program';
  const bases =
    chosen.image === image ? '' : ` on ${chosen.reference}${sizesOf(image, chosen.image)}`;
  const behind = division.left.length > 0 ? `; leaves ${firstOf(division.left, 3)}` : '';
  const thinned = division.thinned.map(({ message }) => `; ${message}`).join('');
  const left = `${behind}${thinned}`;
  const added =
    chosen.packages.length > 0
      ? `; adds ${firstOf(
          chosen.packages.map(({ name, by }) => `${name} for ${by}`),
          3,
        )}`
      : '';
  return `build in the stage "${build.from.stageName}", ${what}${bases}${left}${added}`;
}
