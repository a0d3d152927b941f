/** From which folder a Dockerfile is built, where that is written down. */
import { builtElsewhere } from '../analysis/context-place.ts';
import type { BuildContext } from '../analysis/context.ts';
import { folderOf } from '../analysis/go-paths.ts';
import type { Diagnostic } from '../dockerfile/model.ts';
import { builtFrom } from './build-commands.ts';
import { contextsIn } from './compose.ts';
import { dockerfileAt, useFilesOf, type UseFile } from './use-files.ts';

/** The folders from which Compose, scripts and pipelines build a Dockerfile, from the top of the repository. */
export function contextsNamed(files: readonly UseFile[], dockerfile: string): readonly string[] {
  return [...new Set([...contextsIn(files, dockerfile), ...builtFrom(files, dockerfile)])];
}

/** What people must know where it is built from other folders than the one that was read. */
export function contextElsewhere(context: BuildContext): Diagnostic | undefined {
  const { uses, dockerfile } = context;
  if (!uses || uses.isAsked === true || dockerfile === undefined) return undefined;
  const place = dockerfileAt(context);
  const folders = contextsNamed(useFilesOf(context), place);
  const [first] = folders;
  if (first === undefined || folders.includes(uses.at)) return undefined;
  return builtElsewhere(1, between(folderOf(place), first));
}

/** A folder as one types it in another one; both from the top. */
function between(from: string, to: string): string {
  const parts = (path: string): string[] => (path === '' ? [] : path.split('/'));
  const [own, other] = [parts(from), parts(to)];
  let same = 0;
  while (same < own.length && own[same] === other[same]) same += 1;
  return [...own.slice(same).map(() => '..'), ...other.slice(same)].join('/') || '.';
}
