/**
 * Puts the last stage of several on an image that has nothing but what its program needs.
 * Refuses where a shell, a package or an account is needed, and where nobody can see what the program links.
 */
import { movedTo } from '../src/needs/moved.ts';
import { askingOf } from '../src/needs/shell-less.ts';
import { finalStage, PREFER, smallProposal } from '../src/needs/small-base.ts';
import { whyNone, withoutShell } from '../src/needs/smallest.ts';
import { definePass } from '../src/pass.ts';

export default definePass({
  id: 'use-distroless-base',
  summary: 'Stand on an image that has the program, what it links, and no shell.',
  why: 'A program that was built in another stage needs neither the shell nor the package manager of its base: they are bytes to carry, and tools for whoever breaks in.',
  refuses: [
    'the stage has a SHELL, an ONBUILD, or a RUN that does more than install certificates or time zones',
    'CMD, ENTRYPOINT or HEALTHCHECK is started by a shell, or calls a program of the base',
    'nobody can see how the program was made, or it links more than the image has',
    'the image that builds the program has a newer libc than any such image',
    'an account has a name that the image does not know',
    'the base sets something that would be lost: another WORKDIR or USER, STOPSIGNAL, VOLUME',
    'the code of a runtime starts other programs, needs packages, or lies where the runtime does not look',
    'a variable or a digest chooses the base',
    'use-scratch makes, or offers, more than that',
  ],
  level: 'aggressive',
  improves: ['size', 'security'],
  references: ['https://github.com/GoogleContainerTools/distroless'],
  options: PREFER,
  run: (file, scope) => {
    const stage = finalStage(file);
    if (!stage) return file;
    const { facts } = scope;
    const asking = askingOf(file, stage, scope);
    if (!asking) return file;
    const isScratch = scope.remarks.some(
      ({ pass, outcome, because, origin }) =>
        pass === 'use-scratch' &&
        outcome === 'offered' &&
        because === 'level' &&
        origin === stage.from.origin[0],
    );
    if (isScratch) return file;
    if ('why' in asking) {
      scope.missed(stage.from, asking.why);
      return file;
    }
    const found = withoutShell(asking.wish, facts).find(({ row }) => row?.image !== 'scratch');
    if (!found?.row) {
      scope.missed(stage.from, whyNone(asking.wish, facts));
      return file;
    }
    if (found.image.size && asking.image.size && found.image.size.low >= asking.image.size.high) {
      scope.missed(stage.from, `${found.row.image} is no smaller`);
      return file;
    }
    const moved = movedTo(file, stage, asking, found, found.row.image, facts);
    if ('why' in moved) {
      scope.missed(stage.from, moved.why);
      return file;
    }
    const proposal = smallProposal(asking, found, moved, stage, scope.options);
    return scope.propose(stage.from, proposal, file, () => ({
      ...file,
      stages: file.stages.map((each) => (each === stage ? moved.stage : each)),
    }));
  },
});
