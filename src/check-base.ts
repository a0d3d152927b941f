/** Is what a stage asks of its base provided by the one that it stands on now? By rows, without building. */
import { configurationsToCompare } from './analysis/base-configuration.ts';
import type { BuildContext } from './analysis/context.ts';
import { imageOf } from './analysis/images.ts';
import { baseOf, descendants } from './analysis/stages.ts';
import type { Dockerfile } from './dockerfile/model.ts';
import type { Facts } from './facts/types.ts';
import { configurationChange } from './needs/configuration.ts';
import { needsOf } from './needs/needs.ts';
import { hasLostShell, shellFindings } from './needs/shell-findings.ts';
import { provision } from './needs/provide.ts';

export function baseFindings(
  before: Dockerfile,
  after: Dockerfile,
  context: BuildContext | undefined,
  facts: Facts,
): readonly string[] {
  if (before === after || before.stages.length !== after.stages.length) return [];
  return after.stages.flatMap((stage, index) => {
    const old = before.stages[index]!;
    const [was, is] = [baseOf(before, old), baseOf(after, stage)];
    const where = `line ${stage.from.origin[0]!.line}`;
    if (was.kind === 'image' && hasLostShell(before, old, after, stage, facts)) {
      return shellFindings(before, old, after, stage, facts).map((each) => `${where}: ${each}`);
    }
    if (was.kind !== 'image' || is.kind !== 'image') return [];
    const [from, to] = [imageOf(was.image, facts), imageOf(is.image, facts)];
    if (was.image.name === is.image.name && was.image.tag === is.image.tag) return [];
    if (!from || !to)
      return [`${where}: an image of which nothing is known took the place of another`];
    const stages = [stage, ...descendants(after, stage)];
    const libc = to.libc?.kind === 'musl' ? 'musl' : 'glibc';
    const isProgram = (word: string): boolean => from.hasCommand(word) === 'yes';
    const { runtimes } = to;
    const needs = needsOf(stages, { file: after, context, facts, libc, runtimes, isProgram });
    const { missing, unmet } = provision(needs, from, to, facts);
    const change = configurationChange(
      ...configurationsToCompare(was.image, is.image, facts),
      stages,
    );
    return [
      ...missing.map(({ name, need }) => `${where}: ${need.by} needs ${name}`),
      ...unmet.map(({ need, why }) => `${where}: ${need.by}: ${why}`),
      ...(change === undefined ? [] : [`${where}: ${change}`]),
    ];
  });
}
