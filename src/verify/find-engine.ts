/** Which container engine verify works with: the one that is asked for, or the first that answers. */
import { dockerEngine } from './docker.ts';
import type { Engine, Task } from './engine.ts';
import type { EngineName } from './engine-names.ts';
import { buildahEngine, podmanEngine } from './podman.ts';
import type { ProcessOptions } from './process.ts';

const MAKERS: Readonly<Record<EngineName, (env: ProcessOptions['env']) => Engine>> = {
  docker: dockerEngine,
  podman: podmanEngine,
  buildah: buildahEngine,
};

export type Found =
  | { readonly kind: 'ready'; readonly engine: Engine }
  /** Why there is none, and what to do. */
  | { readonly kind: 'none'; readonly why: string };

/** @param name `undefined`: Docker, or else podman */
export async function findEngine(
  name: EngineName | undefined,
  env: ProcessOptions['env'],
  task: Task = 'build',
): Promise<Found> {
  const names: readonly EngineName[] = name === undefined ? ['docker', 'podman'] : [name];
  const complaints: string[] = [];
  for (const each of names) {
    const engine = MAKERS[each](env);
    const why = await engine.whyUnusable(task);
    if (why === undefined) return { kind: 'ready', engine };
    complaints.push(why);
  }
  return { kind: 'none', why: complaints.join('; ') };
}
