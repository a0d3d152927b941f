/**
 * Says where a Dockerfile gives away a secret. Never says the secret.
 * Says nothing of values that are filled in, and of names that only sound like it.
 */
import { secretArgument, secretFiles, secretIn, secretsSetBy } from '../src/analysis/secrets.ts';
import { shippedStages } from '../src/analysis/stages.ts';
import type { Instruction, Stage } from '../src/dockerfile/model.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'keep-secrets-out',
  summary: 'Keep passwords, tokens and keys out of the image.',
  why: 'Whoever can pull an image reads its variables, its files and the history of how it was built, also what a later layer deletes.',
  refuses: [
    'the value is filled in, is a switch or a path, or the name only sounds like a secret',
    'an ARG that is named like a secret is read by no RUN and no ENV',
    'the file is copied into a stage that is not shipped, or is public by its name or its text',
  ],
  level: 'safe',
  isAdvice: true,
  improves: ['security'],
  references: [
    'https://docs.docker.com/build/building/secrets/',
    'https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/',
  ],
  run: (file, scope) => {
    const shipped = shippedStages(file);
    for (const stage of file.stages) {
      for (const each of stage.instructions) {
        const message = adviceOn(each, stage, shipped.has(stage.index), scope);
        if (message !== undefined) scope.advise(each, message);
      }
    }
    return file;
  },
});

const INSTEAD =
  'hand it to the RUN that needs it by --mount=type=secret, or to the container when it starts';

function adviceOn(
  each: Instruction,
  stage: Stage,
  isShipped: boolean,
  { facts: { advice }, context }: PassScope,
): string | undefined {
  const form = secretIn(each, advice);
  if (form !== undefined) return `${each.keyword} holds ${form}: revoke it, and ${INSTEAD}`;
  if (each.kind === 'env' || each.kind === 'arg') {
    const names = secretsSetBy(each, advice);
    if (names.length > 0) {
      return `${each.keyword} sets ${names.join(', ')} for everyone who has the image: ${INSTEAD}`;
    }
  }
  if (each.kind === 'arg') {
    const argument = secretArgument(stage, each, advice);
    if (argument) {
      const line = argument.by.origin[0]!.line;
      return `the history of the image keeps what ${argument.name} is given, as line ${line} reads it: use RUN --mount=type=secret`;
    }
  }
  if ((each.kind === 'copy' || each.kind === 'add') && isShipped) {
    const paths = secretFiles(each, context, advice);
    if (paths.length > 0) {
      const [first, ...rest] = paths;
      const more = rest.length === 0 ? '' : ` and ${rest.length} more`;
      return `it copies ${first!}${more} into the image: list such files in .dockerignore, and hand them to the RUN that needs them by --mount=type=secret, or to the container`;
    }
  }
  return undefined;
}
