/**
 * Puts a last stage that only takes what others built on an image that runs it, instead of one that
 * builds. Refuses where the program, or what it needs, does not show.
 */
import { imageOf } from '../src/analysis/images.ts';
import { baseOf } from '../src/analysis/stages.ts';
import type { Dockerfile, Stage } from '../src/dockerfile/model.ts';
import { finalStage } from '../src/needs/small-base.ts';
import { readsContext } from '../src/needs/explain.ts';
import { definePass, type PassScope } from '../src/pass.ts';
import { chooseBase } from '../src/shipping/base.ts';
import { onBase } from '../src/shipping/on-base.ts';
import { takenBy } from '../src/shipping/taken.ts';
import { sizesOf } from '../src/shipping/words.ts';
import type { StageScope } from '../src/shipping/steps.ts';

export default definePass({
  id: 'use-runtime-base',
  summary: 'Stand on an image that runs the program, where another stage has built it.',
  why: 'A last stage on the image of the compiler ships the compiler after all.',
  refuses: [
    'a variable or a digest chooses the base',
    'the stage builds something itself',
    'the program, or what it needs, does not show',
    'no smaller image of the publisher provides what is needed',
  ],
  level: 'standard',
  improves: ['size', 'security'],
  references: ['https://docs.docker.com/build/building/multi-stage/'],
  run: (file, scope) => {
    const stage = finalStage(file);
    const base = stage && baseOf(file, stage);
    const image = base?.kind === 'image' ? imageOf(base.image, scope.facts) : undefined;
    if (!stage || !image || image.os === 'windows' || image.variant !== 'full') return file;
    const stageScope = { file, stage, image, context: scope.context, facts: scope.facts };
    const taken = takenBy(stageScope);
    if (!taken) return file;
    const miss = (why: string): Dockerfile => {
      scope.missed(stage.from, why);
      return file;
    };
    if (/[$@]/.test(stage.from.image?.text ?? '')) {
      const isVariable = stage.from.image!.text.includes('$');
      return miss(`${isVariable ? 'a variable' : 'a digest'} chooses the base`);
    }
    if ('why' in taken) return miss(taken.why);
    const draft = { file, build: stage, shipped: stage };
    const chosen = chooseBase(draft, taken, stageScope);
    if ('why' in chosen) return miss(chosen.why);
    if (chosen.image === image) return file;
    const moved = onBase(draft, chosen, stageScope);
    if ('why' in moved) return miss(moved.why);
    return proposed(file, stage, moved, chosen, stageScope, scope);
  },
});

function proposed(
  file: Dockerfile,
  stage: Stage,
  moved: Stage,
  chosen: Exclude<ReturnType<typeof chooseBase>, { readonly why: string }>,
  { image }: StageScope,
  scope: PassScope,
): Dockerfile {
  const { assumptions, packages } = chosen;
  const added = packages.length > 0 ? `; adds ${packages.map(({ name }) => name).join(', ')}` : '';
  return scope.propose(
    stage.from,
    {
      level: assumptions.length > 0 ? 'aggressive' : 'standard',
      message: `stand on ${chosen.reference}${sizesOf(image, chosen.image)}${added}`,
      assumptions,
      changes: ['Env', 'WorkingDir'],
      indifferentTo: ['Env'],
      needsContext: readsContext([stage]),
      newBase: moved.from.image!.text,
      also: stage.instructions,
    },
    file,
    () => ({ ...file, stages: file.stages.map((each) => (each === stage ? moved : each)) }),
  );
}
