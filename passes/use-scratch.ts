/**
 * Puts the last stage of several on nothing at all, where its program asks for nothing.
 * Refuses where its code is not all in view, or asks for what only an image has.
 */
import { imageOf } from '../src/analysis/images.ts';
import { baseImage, fromOf, stageNamed } from '../src/analysis/stages.ts';
import type { CopyInstruction, Dockerfile, Stage } from '../src/dockerfile/model.ts';
import { inPlaceOf } from '../src/dockerfile/parse.ts';
import type { Facts } from '../src/facts/types.ts';
import { movedTo } from '../src/needs/moved.ts';
import { askingOf } from '../src/needs/shell-less.ts';
import { finalStage, PREFER, smallProposal } from '../src/needs/small-base.ts';
import { withoutShell } from '../src/needs/smallest.ts';
import { definePass } from '../src/pass.ts';

export default definePass({
  id: 'use-scratch',
  summary: 'Stand on nothing where a static program asks for nothing.',
  why: 'A program that links nothing and opens no file of the system carries its base for nobody.',
  refuses: [
    'not all code of the program is in view',
    'the code asks for time zones, temporary files, accounts or files of the system',
    'the code checks certificates, and no stage that is copied from has them',
    'an account has a name',
    'the program links libraries, or use-distroless-base refuses',
  ],
  level: 'aggressive',
  improves: ['size', 'security'],
  references: [
    'https://docs.docker.com/build/building/base-images/#create-a-minimal-base-image-using-scratch',
  ],
  options: PREFER,
  run: (file, scope) => {
    const stage = finalStage(file);
    if (!stage) return file;
    const { facts } = scope;
    const asking = askingOf(file, stage, scope);
    // What stands in the way of any image without a shell, use-distroless-base says.
    if (!asking || 'why' in asking || asking.wish.program.kind !== 'static') return file;
    const { wish } = asking;
    const miss = (why: string): Dockerfile => {
      scope.missed(stage.from, `scratch would be smaller, but ${why}`);
      return file;
    };
    if (wish.asks === 'unknown') return miss('not all code of the program is in view');
    if (wish.accounts.length > 0) return miss(`it has no account "${wish.accounts[0]!}"`);
    const asks = new Set(wish.asks);
    const source = asks.delete('certificates') ? certificates(file, stage, facts) : undefined;
    if (wish.asks.has('certificates') && !source) {
      return miss('the program checks certificates, which no stage has that is copied from');
    }
    if (asks.size > 0) return miss(`the program asks for ${[...asks].join(' and ')}`);
    const found = withoutShell({ ...wish, asks }, facts).find(
      ({ row }) => row?.image === 'scratch',
    );
    if (!found) return file;
    const moved = movedTo(file, stage, asking, found, 'scratch', facts);
    if ('why' in moved) return miss(moved.why);
    const proposal = smallProposal(asking, found, moved, stage, scope.options);
    const also = [...(proposal.also ?? []), ...(source ? [source] : [])];
    const copies = source ? '; copies the certificates' : '';
    const message = `${proposal.message}${copies}`;
    return scope.propose(stage.from, { ...proposal, message, also }, file, () => ({
      ...file,
      stages: file.stages.map((each) =>
        each === stage ? withCertificates(moved.stage, source) : each,
      ),
    }));
  },
});

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** A COPY from a stage that has them. */
function certificates(file: Dockerfile, stage: Stage, facts: Facts): CopyInstruction | undefined {
  return stage.instructions.find((each): each is CopyInstruction => {
    const other = each.kind === 'copy' ? stageNamed(fromOf(each), file, stage) : undefined;
    const name = other && baseImage(file, other);
    return name !== undefined && imageOf(name, facts)?.hasCertificates === 'yes';
  });
}

function withCertificates(stage: Stage, source: CopyInstruction | undefined): Stage {
  if (!source) return stage;
  const blank = /^(?:[ \t]*\r?\n)*/.exec(source.lead)![0];
  const origin = { origin: stage.from.origin, eol: stage.from.eol, lead: blank };
  const from = fromOf(source)!;
  const text = `${source.keyword} --from=${from} ${CERTIFICATES} ${CERTIFICATES}`;
  return {
    ...stage,
    instructions: stage.instructions.flatMap((each) =>
      each === source
        ? [
            inPlaceOf({ ...source, ...origin }, text),
            { ...source, lead: source.lead.slice(blank.length) },
          ]
        : [each],
    ),
  };
}
