/**
 * Says where a base image floats with every release.
 * Says nothing of stages, of digests, and of names that are filled in.
 */
import { baseOf } from '../src/analysis/stages.ts';
import { globalScope, resolveWord } from '../src/analysis/scope.ts';
import { plainText } from '../src/analysis/values.ts';
import { definePass } from '../src/pass.ts';

export default definePass({
  id: 'pin-base-images',
  summary: 'Name the version of a base image.',
  why: 'Without a version, a build takes whatever is newest that day: it may fail, or make another image, with nothing changed.',
  refuses: [
    'the image has a version or a digest, or is a stage',
    'its name is filled in when the build starts',
  ],
  level: 'safe',
  isAdvice: true,
  improves: ['reliability', 'security'],
  references: ['https://docs.docker.com/build/building/best-practices/#pin-base-image-versions'],
  run: (file, scope) => {
    for (const stage of file.stages) {
      const base = baseOf(file, stage);
      const { image, escape } = stage.from;
      const reference = plainText(resolveWord(globalScope(file), image?.text ?? '', escape).usual);
      if (base.kind !== 'image' || reference?.includes('@') || base.image.tag !== 'latest')
        continue;
      const { name } = base.image;
      // Such as gcr.io/distroless/static-debian12: the name says which it is, and there is no version.
      if (scope.facts.smallImages.images.some((each) => each.image === name)) continue;
      scope.advise(
        stage.from,
        `"${name}" is whatever is newest on the day of the build: write the version that you test with, "${name}:…"`,
      );
    }
    return file;
  },
});
