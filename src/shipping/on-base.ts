/** A stage on the base that was chosen for it, with the packages and variables that it then lacks. */
import type { Draft } from './asked.ts';
import { baseConfiguration } from '../analysis/base-configuration.ts';
import { isSameAnywhere } from '../analysis/same-anywhere.ts';
import { stateBefore } from '../analysis/state.ts';
import { isCopy, type Dockerfile, type Stage } from '../dockerfile/model.ts';
import { inPlaceOf, withText } from '../dockerfile/parse.ts';
import { keywordIn, styleOf } from '../dockerfile/style.ts';
import { addPackages } from '../needs/add-packages.ts';
import type { Chosen } from './base.ts';
import type { Facts } from '../facts/types.ts';
import type { StageScope } from './steps.ts';

/** The shipped stage on its base, with the packages and variables that it lacks. */
export function onBase(
  { file, shipped }: Draft,
  { reference, packages, variables, image }: Chosen,
  scope: StageScope,
): Stage | { readonly why: string } {
  const { facts } = scope;
  const { from } = shipped;
  const word = from.image!;
  const text = `${from.text.slice(0, word.start)}${reference}${from.text.slice(word.end)}`;
  const on: Stage = { ...shipped, from: withText(from, text) };
  const named = { ...file, stages: file.stages.map((each) => (each === shipped ? on : each)) };
  let { instructions } = on;
  const folder = baseConfiguration(scope.image, facts)?.workdir ?? '';
  const isOther = folder !== (baseConfiguration(image, facts)?.workdir ?? '');
  if (isOther && mindsFolder(named, on, facts)) {
    // The base may let everybody write there; a folder that WORKDIR makes is root's alone.
    if (on.instructions.some(({ kind }) => kind === 'user')) {
      return { why: `nobody knows who may write to ${folder}, the WORKDIR of the base` };
    }
    const keyword = keywordIn(file, 'WORKDIR');
    const made = inPlaceOf(
      { ...instructions[0]!, lead: '', origin: from.origin, eol: styleOf(file).eol },
      `${keyword} ${folder || '/'}`,
    );
    instructions = [made, ...instructions];
  }
  if (packages.length > 0) {
    const names = packages.map(({ name }) => name);
    const added = addPackages(
      named,
      { ...on, instructions },
      { names, manager: image.packageManager ?? '', lines: new Set() },
      facts,
    );
    if ('why' in added) return added;
    instructions = added;
  }
  if (variables.length > 0) {
    const [first] = instructions;
    const keyword = keywordIn(file, 'ENV');
    const pairs = variables.map(
      ([name, value]) => `${name}=${/^[\w./:,@%+-]+$/.test(value) ? value : JSON.stringify(value)}`,
    );
    const { eol } = styleOf(file);
    const isOfServer = variables.some(
      ([name, value]) => name === 'ASPNETCORE_URLS' && value === '',
    );
    const lead = isOfServer
      ? `# Empty as in the image of the build: the program says where it listens.${eol}`
      : '';
    const made = inPlaceOf(
      { ...first!, lead, origin: from.origin, eol },
      `${keyword} ${pairs.join(' ')}`,
    );
    instructions = [made, ...instructions];
  }
  return instructions === on.instructions ? on : { ...on, instructions };
}

/** Whether something happens in the folder that the base gives. */
function mindsFolder(file: Dockerfile, stage: Stage, facts: Facts): boolean {
  const { instructions } = stage;
  const first = instructions.findIndex(({ kind }) => kind === 'workdir');
  if (first < 0) return true;
  return instructions.slice(0, first).some((each) => {
    if (isCopy(each)) return !/^["']?\//.test(each.destination?.text ?? '');
    return (
      each.kind === 'run' && !isSameAnywhere(each, stateBefore(file, stage, each, facts), facts)
    );
  });
}
