/**
 * How an image is used, as far as the files beside its Dockerfile and around its context tell: what
 * services, pipelines and people start in its containers, ask of them and take out of them.
 */
import type { BuildContext } from '../analysis/context.ts';
import { baseName, pathInside } from '../analysis/go-paths.ts';
import type { Facts } from '../facts/types.ts';
import { servicesIn } from './compose.ts';
import { developmentIn, hostStarts, type Start } from './host-files.ts';
import { scriptUses } from './scripts.ts';
import { dockerfileAt, useFilesOf } from './use-files.ts';

export type { Start };

export interface Uses {
  /** What containers start in place of what the image says, or besides. */
  readonly starts: readonly Start[];
  /** What tells whether a container is healthy: it runs as long as the container does. */
  readonly probes: readonly Start[];
  /** Files and folders of the image that others take, without a slash in front. */
  readonly taken: readonly string[];
  /** Where it is written that people or pipelines do their work in the image: a sentence. */
  readonly work: string | undefined;
}

/** Options are for what the image starts, and a shell to look around in is there or is not. */
const ALONE = /^['"]?(-|(\/(usr\/)?bin\/)?(ba|da|a|z|k|fi)?sh['"]?( +-\w+| +--login)?['"]?$)/;

const known = new WeakMap<BuildContext, Uses>();

export function usesOf(context: BuildContext, facts: Facts): Uses {
  let uses = known.get(context);
  if (!uses) known.set(context, (uses = readUses(context, facts)));
  return uses;
}

function readUses(context: BuildContext, facts: Facts): Uses {
  const files = useFilesOf(context);
  const dockerfile = dockerfileAt(context);
  const services = servicesIn(files, dockerfile);
  const scripts = scriptUses(files, services);
  const each = (of: 'starts' | 'probes'): Start[] =>
    services.flatMap((service) => service[of].map((text) => ({ path: service.path, text })));
  const shares = services.flatMap((service) => service.shares);
  const names = services.flatMap((service) => service.names);
  const opened = developmentIn(files, dockerfile, names);
  const piped = files.find(
    ({ path, text }) => baseName(path) === 'Jenkinsfile' && /\bdockerfile\s*(true\b|\{)/.test(text),
  );
  return {
    starts: [
      ...each('starts'),
      ...hostStarts(files, dockerfile, facts.work.hostFiles),
      ...scripts.starts,
    ].filter(({ text }) => !ALONE.test(text)),
    probes: each('probes'),
    taken: [...shares, ...scripts.taken].map(pathInside).filter((path) => path !== ''),
    work:
      (piped && `the steps of ${piped.path} run in the image`) ??
      (opened === undefined ? undefined : `people work in it: ${opened}`),
  };
}
