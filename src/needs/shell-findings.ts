/** Does a stage that lost the shell of its base still start, as the user and in the folder that it did? */
import { baseName } from '../analysis/go-paths.ts';
import { imageOf } from '../analysis/images.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { baseOf, imageName } from '../analysis/stages.ts';
import { stateAfter } from '../analysis/state.ts';
import { showText } from '../analysis/values.ts';
import type { Dockerfile, Stage } from '../dockerfile/model.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import { userOf } from './moved.ts';

function imageBelow(file: Dockerfile, stage: Stage, facts: Facts): Image | undefined {
  const text = stage.from.image?.text ?? '';
  if (text.toLowerCase() === 'scratch') return imageOf(imageName('scratch'), facts);
  const base = baseOf(file, stage);
  return base.kind === 'image' ? imageOf(base.image, facts) : undefined;
}

export function hasLostShell(
  before: Dockerfile,
  was: Stage,
  after: Dockerfile,
  is: Stage,
  facts: Facts,
): boolean {
  if (was.from.text === is.from.text) return false;
  const old = imageBelow(before, was, facts);
  return old?.hasShell !== 'no' && imageBelow(after, is, facts)?.hasShell === 'no';
}

export function shellFindings(
  before: Dockerfile,
  was: Stage,
  after: Dockerfile,
  is: Stage,
  facts: Facts,
): readonly string[] {
  const image = imageBelow(after, is, facts)!;
  const found: string[] = [];
  for (const each of is.instructions) {
    const line = `line ${each.origin[0]!.line}`;
    if (each.kind === 'run' || each.kind === 'shell' || each.kind === 'onbuild') {
      found.push(`${line} needs a shell, which ${image.name} has not`);
    }
    if (each.kind === 'cmd' || each.kind === 'entrypoint' || each.kind === 'healthcheck') {
      if (each.command?.form === 'shell') found.push(`${line} is started by a shell`);
    }
  }
  const row = facts.smallImages.images.find((each) => each.image === image.name);
  if (!row) return [...found, `${image.name} is no image that a stage may move to`];
  const end = stateAfter(after, is, facts);
  const old = stateAfter(before, was, facts);
  if (showText(end.workdir.usual) !== showText(old.workdir.usual)) found.push('another WORKDIR');
  if (userOf(end.user) !== userOf(old.user)) found.push('another USER');
  const [account = ''] = showText(end.user.usual).split(':');
  const isKnown = image.distribution !== undefined && facts.smallImages.accounts.includes(account);
  const isSet = is.instructions.some(({ kind }) => kind === 'user');
  if (isSet && !isKnown && !/^\d+$/.test(account)) found.push(`it has no account ${account}`);
  const entry = is.instructions.findLast(({ kind }) => kind === 'entrypoint');
  if (row.runtime && entry?.kind === 'entrypoint' && entry.command.form === 'exec') {
    const [word = ''] = entry.command.exec;
    if (!matchesWhole(row.runtime.calls, baseName(word))) found.push(`it has no ${word}`);
  }
  return found;
}
