/**
 * Puts the shipped image on its sibling of another, smaller distribution. Refuses, mostly in silence,
 * where something has no equal there or was made for the libc that is left.
 */
import { imageOf } from '../src/analysis/images.ts';
import { baseOf, descendants, shippedStages } from '../src/analysis/stages.ts';
import type { Dockerfile, Stage } from '../src/dockerfile/model.ts';
import type { Image } from '../src/facts/image-types.ts';
import { solve, type Solved } from '../src/needs/crossing/solve.ts';
import { targetsOf } from '../src/needs/crossing/targets.ts';
import { messageOf } from '../src/needs/explain.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'use-alpine-base',
  summary: 'Stand on the Alpine image of the same program.',
  why: 'Alpine has a small libc and one program for all the tools: images on it are a fraction of those on Debian. It is another system, so nobody but the author can say that it will do.',
  refuses: [
    'a variable or a digest chooses the base, or nothing is known of the build context',
    'a package has no known name there, a version or an archive of its own, or keeps its files elsewhere',
    'a step or a script calls what only Debian has',
    'an account cannot be made, or is not there',
    'something was made for the libc that is left: a package, a download, a file, another stage',
    'what must be compiled there weighs more than is saved',
    'the images say different things of themselves',
  ],
  level: 'aggressive',
  improves: ['size', 'security'],
  references: [
    'https://wiki.musl-libc.org/functional-differences-from-glibc.html',
    'https://www.busybox.net/downloads/BusyBox.html',
  ],
  run: (file, scope) => {
    const shipped = shippedStages(file);
    const stage = file.stages.find(({ index }) => shipped.has(index));
    const base = stage && baseOf(file, stage);
    const from = base?.kind === 'image' ? imageOf(base.image, scope.facts) : undefined;
    if (!stage || !from || from.os === 'windows') return file;
    const targets = targetsOf(from, scope.facts);
    const refuse = (why: string): Dockerfile => {
      const [target] = targets;
      // Who uses the other distribution in the same file wants to know; others did not ask.
      if (target && isInUse(target, file, scope)) {
        scope.missed(stage.from, `${target.name}:${target.tag} would be smaller, but ${why}`);
      }
      return file;
    };
    const { context } = scope;
    if (!context) return refuse('nothing is known of the build context');
    if (/[$@]/.test(stage.from.image?.text ?? '')) {
      return refuse('a variable or a digest chooses the base');
    }
    let reason: string | undefined;
    const stages = [stage, ...descendants(file, stage)];
    for (const to of targets) {
      const found = solve({ file, stages, from, context, facts: scope.facts }, to);
      if (!('why' in found)) return proposed(file, stage, found, { from, to }, scope);
      reason ??= found.why;
    }
    return reason === undefined ? file : refuse(reason);
  },
});

/** Whether a stage of the file stands on the target's distribution already. */
function isInUse(target: Image, file: Dockerfile, { facts }: PassScope): boolean {
  return file.stages.some((each) => {
    const base = baseOf(file, each);
    const image = base.kind === 'image' ? imageOf(base.image, facts) : undefined;
    return image?.distribution?.id === target.distribution?.id;
  });
}

function proposed(
  file: Dockerfile,
  stage: Stage,
  found: Solved,
  { from, to }: { readonly from: Image; readonly to: Image },
  scope: PassScope,
): Dockerfile {
  return scope.propose(
    stage.from,
    {
      level: 'aggressive',
      message: messageOf(from, to, found.provides),
      assumptions: found.assumptions,
      needsContext: true,
      also: found.touched,
      newBase: found.stage.from.image!.text,
    },
    file,
    () => found.file,
  );
}
