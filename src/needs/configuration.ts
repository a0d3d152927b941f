/** Whether two images of one family say the same of themselves. */
import type { BaseConfiguration } from '../analysis/base-configuration.ts';
import type { Stage } from '../dockerfile/model.ts';

type Field =
  'workdir' | 'user' | 'stopSignal' | 'entrypoint' | 'cmd' | 'shell' | 'volumes' | 'onbuild';

const FIELDS: readonly Field[] = [
  'workdir',
  'user',
  'stopSignal',
  'entrypoint',
  'cmd',
  'shell',
  'volumes',
  'onbuild',
];

/**
 * In what the second differs so that it matters: a sentence without a full stop; or nothing. What
 * rows leave open for both, since it changed over time, changed in both at once.
 *
 * @param stages what stands on the image: a field that the last of them sets is not the image's
 */
export function configurationChange(
  from: BaseConfiguration | undefined,
  to: BaseConfiguration | undefined,
  stages: readonly Stage[],
): string | undefined {
  if (!from || !to) return 'the configuration of one of the images is not known';
  const own = ownFields(stages.at(-1));
  for (const field of FIELDS) {
    if (own.has(field) || from[field] === to[field]) continue;
    if (textOf(from[field]) !== textOf(to[field])) return `the images differ in ${NAMES[field]}`;
  }
  for (const [name, value] of from.env) {
    if (!to.env.has(name)) return `the other image does not set ${name}`;
    if (to.env.get(name) !== value) return `the images set ${name} to different values`;
  }
  return undefined;
}

const NAMES: Readonly<Record<Field, string>> = {
  workdir: 'WORKDIR',
  user: 'USER',
  stopSignal: 'STOPSIGNAL',
  entrypoint: 'ENTRYPOINT',
  cmd: 'CMD',
  shell: 'SHELL',
  volumes: 'VOLUME',
  onbuild: 'ONBUILD',
};

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join('\0') : value;
}

/** A CMD of the image has no effect either where the stage has an ENTRYPOINT. */
function ownFields(stage: Stage | undefined): ReadonlySet<Field> {
  const own = new Set<Field>();
  for (const { kind } of stage?.instructions ?? []) {
    if (kind === 'entrypoint') own.add('entrypoint').add('cmd');
    else if (kind === 'cmd') own.add('cmd');
    else if (kind === 'stopsignal') own.add('stopSignal');
  }
  return own;
}
