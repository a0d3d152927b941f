/** What the passes that take the shell away have in common: which stage, at which level, in which words. */
import { fromOf } from '../analysis/stages.ts';
import { baseName } from '../analysis/go-paths.ts';
import type { Dockerfile, Stage } from '../dockerfile/model.ts';
import type { Bytes } from '../facts/image-types.ts';
import type { ConfigurationField, PassOption, PassOptions, Proposal } from '../pass.ts';
import { readsContext } from './explain.ts';
import type { Moved } from './moved.ts';
import type { Asking } from './shell-less.ts';
import type { Candidate } from './smallest.ts';

/** The last of several stages, where it takes files from another one. */
export function finalStage({ stages }: Dockerfile): Stage | undefined {
  if (stages.length < 2) return undefined;
  const last = stages.at(-1);
  const copies = last?.instructions.some(
    (each) => each.kind === 'copy' && fromOf(each) !== undefined,
  );
  return copies === true ? last : undefined;
}

export const PREFER: Readonly<Record<'prefer', PassOption>> = {
  prefer: {
    default: false,
    description:
      'It is known and wished that the image has no shell: where nothing else is assumed, the edit is of level standard',
  },
};

/** The proposal for a stage that moves to an image without a shell. */
export function smallProposal(
  { image: from, started, needless }: Asking,
  { image }: Candidate,
  { stage, assumptions }: Moved,
  was: Stage,
  options: PassOptions,
): Proposal & { readonly newBase: string } {
  const isWished = options['prefer'] === true;
  const all = isWished ? assumptions : ['nobody needs a shell in the container', ...assumptions];
  const { what, command } = started;
  const shows =
    what.kind === 'binary' && what.made.linkage.kind === 'static'
      ? `; ${baseName(what.path)} is static: ${what.made.linkage.why}`
      : '';
  const fields: ConfigurationField[] = ['Env', 'User', 'WorkingDir'];
  const changed = stage.instructions.filter((each) => !was.instructions.includes(each));
  if (changed.some((each) => each.kind === 'cmd')) fields.push('Cmd');
  if (changed.some((each) => each.kind === 'entrypoint')) fields.push('Entrypoint');
  return {
    level: all.length > 0 ? 'aggressive' : 'standard',
    message: `stand on ${image.name}${sizes(from.size, image.size)}${shows}`,
    assumptions: all,
    needsContext: what.kind === 'runtime' && readsContext([was]),
    changes: fields,
    also: [...needless, ...(changed.length > 0 ? [command] : [])],
    newBase: stage.from.image!.text,
  };
}

function sizes(from: Bytes | undefined, to: Bytes | undefined): string {
  const [was, is] = [from, to].map((size) => size && `${Math.round(size.bytes / 1e6)} MB`);
  if (is === undefined) return ', whose size is not known';
  return was === undefined ? ` (${is})` : `: ${was} becomes ${is}`;
}
