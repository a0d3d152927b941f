/** RUNs that make less of what a build has put in place, before it is shipped: `npm prune`. */
import { isWithin } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { descendants, fromOf, stageNamed } from '../analysis/stages.ts';
import { resolveWord, stateBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import {
  isCopy,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
  type Stage,
} from '../dockerfile/model.ts';
import { inPlaceOf } from '../dockerfile/parse.ts';
import type { BuildingScope } from './building.ts';
import type { Thinning } from '../ecosystems/work.ts';
import type { RunSteps } from './steps.ts';

export interface FoundThinning {
  readonly thinning: Thinning;
  /** What it makes less of: paths of the image, without a slash in front. */
  readonly paths: readonly string[];
  /** The install. */
  readonly run: RunInstruction;
}

/**
 * One for each folder.
 *
 * @param isShipped whether what lies at a path of the image is shipped
 */
export function thinningsIn(
  runs: readonly RunSteps[],
  isShipped: (path: string) => boolean,
): readonly FoundThinning[] {
  const found = runs.flatMap(({ run, steps }) =>
    steps.flatMap(({ role }): FoundThinning[] => {
      if (role.kind !== 'work' || role.work.thins === undefined) return [];
      const { makes, thins } = role.work;
      if (!makes.some(({ path }) => isShipped(path))) return [];
      const paths = makes.filter(({ of }) => of === 'dependencies').map(({ path }) => path);
      return [{ thinning: thins, paths, run }];
    }),
  );
  return found.filter(
    (each, index) =>
      found.findIndex(({ thinning }) => thinning.folder === each.thinning.folder) === index,
  );
}

/** @param folder in which it is called, without a slash in front */
export function thinningCode({ command, folder: own }: Thinning, folder: string): string {
  return own === folder ? command : `cd /${own} && ${command}`;
}

/** A RUN that can be put behind the last one of a stage. */
export interface ThinningRun {
  readonly found: FoundThinning;
  readonly stage: Stage;
  readonly behind: RunInstruction;
  readonly made: Instruction;
}

/**
 * @returns why it cannot be, a sentence without a full stop, where something else reads what would be thinned
 */
export function thinningRun(
  found: FoundThinning,
  stage: Stage,
  shipped: Stage,
  { file, context, facts }: BuildingScope,
): ThinningRun | { readonly why: string } {
  const reader = readerOf(found, stage, shipped, { file, context, facts });
  if (reader !== undefined) return { why: `${reader} with its packages for development` };
  const behind = stage.instructions.findLast((each): each is RunInstruction => each.kind === 'run');
  if (!behind) return { why: 'the stage runs nothing' };
  const [then, now] = [found.run, behind].map((run) => stateBefore(file, stage, run, facts));
  const isSame =
    plainText(then!.user.usual) === plainText(now!.user.usual) &&
    then!.shell.join(' ') === now!.shell.join(' ');
  if (!isSame) return { why: 'the last step of the build runs as somebody else' };
  // Those of a cache or a secret do no harm; others may hide what is to be changed.
  const isOdd = behind.flags.some(
    ({ name, value }) => name !== 'mount' || !/(^|,)type=(cache|secret|ssh)(,|$)/.test(value ?? ''),
  );
  if (isOdd) return { why: 'the last step of the build mounts something' };
  const folder = pathInside(plainText(now!.workdir.usual) ?? '?');
  const flags = behind.flags.map(({ start, end }) => `${behind.text.slice(start, end)} `).join('');
  const text = `${behind.keyword} ${flags}${thinningCode(found.thinning, folder)}`;
  const eol = behind.eol === '' ? stage.from.eol : behind.eol;
  return { found, stage, behind, made: inPlaceOf({ ...behind, lead: '', eol }, text) };
}

/** Who else reads what would be thinned: the beginning of a sentence. */
export function readerOf(
  { paths }: FoundThinning,
  stage: Stage,
  shipped: Stage,
  { file, context, facts }: BuildingScope,
): string | undefined {
  const [above] = descendants(file, stage);
  if (above) return `${nameOf(above)} stands on the stage`;
  for (const other of file.stages) {
    for (const each of other.instructions) {
      const mounts = each.flags.some(({ name, value }) => {
        const from = /(?:^|,)from=([^,]*)/.exec(value ?? '')?.[1];
        return name === 'mount' && stageNamed(from, file, other) === stage;
      });
      if (mounts) return `${nameOf(other)} mounts the stage`;
      if (other === shipped || !isCopy(each) || stageNamed(fromOf(each), file, other) !== stage) {
        continue;
      }
      const state = stateBefore(file, other, each, facts);
      const reads = each.sources.some(({ text }) => {
        const path = plainText(resolveWord(state, text, each.escape).usual);
        const inside = pathInside((path ?? '').replace(/[*?[].*$/, ''));
        return paths.some((one) => isWithin(one, inside) || isWithin(inside, one));
      });
      if (reads) return `${nameOf(other)} copies from the stage`;
    }
  }
  const name = stage.from.stageName;
  if (name === undefined) return undefined;
  const target = new RegExp(
    `\\btarget["']?\\s*[:= ]\\s*["']?${name.replace(/\W/g, '\\$&')}\\b`,
    'i',
  );
  const [path] = [...context.texts].find(([, text]) => target.test(text)) ?? [];
  return path === undefined ? undefined : `${path} builds the stage by itself`;
}

function nameOf({ from, index }: Stage): string {
  return from.stageName === undefined ? `stage ${index}` : `the stage ${from.stageName}`;
}

/** The file with the RUN in its stage. */
export function withThinning(file: Dockerfile, { stage, behind, made }: ThinningRun): Dockerfile {
  return {
    ...file,
    stages: file.stages.map((each) =>
      each.index === stage.index
        ? {
            ...each,
            instructions: each.instructions.flatMap((one) =>
              one === behind ? [one, made] : [one],
            ),
          }
        : each,
    ),
  };
}
