/** Is what a stage asks of its base provided by the one that it stands on now? By rows, without building. */
import { configurationsToCompare } from './analysis/base-configuration.ts';
import type { BuildContext } from './analysis/context.ts';
import { imageOf } from './analysis/images.ts';
import { baseOf, descendants } from './analysis/stages.ts';
import { counterparts, shippedFindings, splitStage } from './check-split.ts';
import { stateAfter } from './analysis/state.ts';
import { showText } from './analysis/values.ts';
import type { Dockerfile, Stage } from './dockerfile/model.ts';
import type { Image } from './facts/image-types.ts';
import type { Facts } from './facts/types.ts';
import { configurationChange } from './needs/configuration.ts';
import { needsOf } from './needs/needs.ts';
import { hasLostShell, shellFindings } from './needs/shell-findings.ts';
import { provision } from './needs/provide.ts';
import type { Remark } from './pass.ts';
import { configured, lostAccount } from './shipping/configured.ts';

export function baseFindings(
  before: Dockerfile,
  after: Dockerfile,
  context: BuildContext | undefined,
  facts: Facts,
  remarks: readonly Remark[],
): readonly string[] {
  if (before === after) return [];
  const split = splitStage(before, after, remarks);
  const originals = counterparts(before, after, split);
  return after.stages.flatMap((stage, index) => {
    if (stage === split?.shipped) return shippedFindings(split, before, after, context, facts);
    const old = originals[index];
    if (!old) return [];
    const [was, is] = [baseOf(before, old), baseOf(after, stage)];
    const where = `line ${stage.from.origin[0]!.line}`;
    if (was.kind === 'image' && hasLostShell(before, old, after, stage, facts)) {
      return shellFindings(before, old, after, stage, facts).map((each) => `${where}: ${each}`);
    }
    if (was.kind !== 'image' || is.kind !== 'image') return [];
    if (was.image.name === is.image.name && was.image.tag === is.image.tag) return [];
    const [from, to] = [imageOf(was.image, facts), imageOf(is.image, facts)];
    if (!from || !to)
      return [`${where}: an image of which nothing is known took the place of another`];
    const stages = [stage, ...descendants(after, stage)];
    const libc = to.libc?.kind === 'musl' ? 'musl' : 'glibc';
    const isProgram = (word: string): boolean => from.hasCommand(word) === 'yes';
    const { runtimes } = to;
    const needs = needsOf(stages, { file: after, context, facts, libc, runtimes, isProgram });
    const { missing, unmet } = provision(needs, from, to, facts);
    const change =
      from.family === to.family
        ? configurationChange(...configurationsToCompare(was.image, is.image, facts), stages)
        : otherFamily(before, old, after, stage, from, to, context, facts);
    return [
      ...missing.map(({ name, need }) => `${where}: ${need.by} needs ${name}`),
      ...unmet.map(({ need, why }) => `${where}: ${need.by}: ${why}`),
      ...(change === undefined ? [] : [`${where}: ${change}`]),
    ];
  });
}

/** The same asked of images for different things: what nothing reads of the old one may go. */
function otherFamily(
  before: Dockerfile,
  old: Stage,
  after: Dockerfile,
  stage: Stage,
  from: Image,
  to: Image,
  context: BuildContext | undefined,
  facts: Facts,
): string | undefined {
  const scope = { file: before, stage: old, image: from, context, facts };
  const found = configured(to, stage, scope);
  if ('why' in found) return found.why;
  const account = lostAccount(to, stage);
  if (account !== undefined) return `there is no account "${account}"`;
  const folder = (file: Dockerfile, of: Stage): string =>
    showText(stateAfter(file, of, facts).workdir.usual);
  return folder(before, old) === folder(after, stage) ? undefined : 'the WORKDIR is another';
}
