/**
 * Installs packages without their generated documentation.
 * Refuses where the author or the base image decided, or the tool may be too old for the flag.
 */
import { mapPackageRuns } from '../src/analysis/runs.ts';
import { definePass } from '../src/pass.ts';
import { proposeFlags } from '../src/propose-flags.ts';

export default definePass({
  id: 'skip-package-docs',
  summary: 'Install packages without generating their documentation.',
  why: 'Nobody reads it in a container, and generating it takes longer than the install.',
  refuses: [
    'a word, a variable, a configuration file or the base image already decides',
    'the tool in the image is too old for the flag; where its age is not known, it is offered',
  ],
  level: 'safe',
  improves: ['size', 'rebuild'],
  references: ['https://guides.rubygems.org/command-reference/#gem-install'],
  run: (file, scope) =>
    mapPackageRuns(file, scope.facts, 'shipped stages', (run, context) =>
      proposeFlags(run, context, 'docs', scope),
    ),
});
