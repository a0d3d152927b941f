/** What a container of a stage starts, where that shows: a program that a compiler made, or a runtime with code. */
import type { BuildContext } from '../analysis/context.ts';
import { baseConfiguration } from '../analysis/base-configuration.ts';
import { baseName, pathInside } from '../analysis/go-paths.ts';
import { imagePath } from '../analysis/image-files.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { heldBefore, stateAfter, variableIn, type Held } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import {
  isCopy,
  type CommandInstruction,
  type CopyInstruction,
  type Dockerfile,
  type HealthcheckInstruction,
  type Stage,
} from '../dockerfile/model.ts';
import type { Image } from '../facts/image-types.ts';
import type { SmallRuntime } from '../facts/small-types.ts';
import type { Facts } from '../facts/types.ts';
import { copiedFrom, madeBy, type Made } from './made-by.ts';

export interface StartScope {
  readonly file: Dockerfile;
  readonly stage: Stage;
  /** Below the stage. */
  readonly image: Image;
  readonly context: BuildContext | undefined;
  readonly facts: Facts;
}

/** `command`: the instruction whose first word is the program. */
export interface Started {
  readonly command: CommandInstruction;
  readonly argv: readonly string[];
  readonly what:
    | { readonly kind: 'binary'; readonly path: string; readonly made: Made }
    | { readonly kind: 'runtime'; readonly id: string; readonly version: string };
}

/** Or why it does not show: a sentence without a full stop. */
export function startedIn(scope: StartScope): Started | { readonly why: string } {
  const { stage, image, facts } = scope;
  const last = (kind: 'cmd' | 'entrypoint'): CommandInstruction | undefined =>
    stage.instructions.findLast((each): each is CommandInstruction => each.kind === kind);
  const [entry, cmd] = [last('entrypoint'), last('cmd')];
  const command = entry ?? cmd;
  if (!command) return { why: 'the stage does not say what it starts' };
  for (const each of [entry, cmd]) {
    if (each?.command.form === 'shell') {
      return { why: `${each.keyword.toUpperCase()} is started by a shell` };
    }
  }
  if (!entry && !passesOn(image, facts)) {
    return { why: `the ENTRYPOINT of ${image.name}:${image.tag} may do something of its own` };
  }
  const argv = command.command.form === 'exec' ? command.command.exec : [];
  const [word] = argv;
  if (word === undefined || word === '') return { why: 'no program is named' };
  if (/[$]/.test(word)) return { why: `no shell fills in "${word}"` };
  const paths = pathsOf(word, scope);
  if (paths === undefined) return { why: 'the PATH of the base is not known' };
  const runtime = runtimeOf(word, image, facts);
  if (runtime === 'floating') return { why: `nobody knows the version of "${word}"` };
  const copies = copiesOf(scope);
  const path = paths.find((each) => isCopied(each, copies));
  if (path === undefined && runtime)
    return { command, argv, what: { kind: 'runtime', ...runtime } };
  if (path === undefined) return { why: `"${word}" is a program of the base` };
  const made = madeBy(path, stage, scope);
  if ('why' in made) return { why: made.why };
  const check = checkedBy(stage);
  const checked = check && pathsOf(check, scope)?.find((each) => isCopied(each, copies));
  if (check !== undefined && checked !== path) return { why: `HEALTHCHECK calls "${check}"` };
  return { command, argv, what: { kind: 'binary', path, made } };
}

/** The last HEALTHCHECK's program; a text that is no program where a shell starts it. */
export function checkedBy(stage: Stage): string | undefined {
  const check = stage.instructions.findLast(
    (each): each is HealthcheckInstruction => each.kind === 'healthcheck',
  );
  if (!check?.command) return undefined;
  return check.command.form === 'exec' ? (check.command.exec[0] ?? '') : 'a shell';
}

/** Whether what CMD says is what runs. */
function passesOn({ name, tag }: Image, facts: Facts): boolean {
  const entrypoint = baseConfiguration({ name, tag }, facts)?.entrypoint;
  if (!entrypoint) return false;
  if (entrypoint.length === 0) return true;
  return facts.smallImages.passOn.some(
    (row) =>
      matchesWhole(row.images, `${name}:${tag}`) &&
      row.entrypoint.join('\0') === entrypoint.join('\0'),
  );
}

/** Where the program may lie, without slashes in front. */
function pathsOf(word: string, { file, stage, facts }: StartScope): readonly string[] | undefined {
  const end = stateAfter(file, stage, facts);
  if (word.startsWith('/')) return [pathInside(word)];
  if (word.includes('/')) {
    const folder = plainText(end.workdir.usual);
    return folder === undefined ? undefined : [pathInside(`${folder}/${word}`)];
  }
  const path = plainText(variableIn(end.image, 'PATH').usual.text);
  return path?.split(':').map((folder) => pathInside(`${folder}/${word}`));
}

interface Copied {
  readonly copy: CopyInstruction;
  readonly state: Held;
  /** A path of the image. */
  readonly target: string;
}

function copiesOf({ file, stage, facts }: StartScope): readonly Copied[] {
  const copies: Copied[] = [];
  for (const copy of stage.instructions) {
    if (!isCopy(copy)) continue;
    const state = heldBefore(file, stage, copy, facts);
    const target = imagePath(state, copy.destination?.text ?? '', copy.escape);
    copies.push({ copy, state, target });
  }
  return copies;
}

function isCopied(path: string, copies: readonly Copied[]): boolean {
  return copies.some(({ copy, state, target }) => {
    // Of a folder, nobody knows what is in it: the program's own name, or all of a folder of programs.
    if (path !== target && target !== '' && !path.startsWith(`${target}/`)) return false;
    const names = copy.sources.map((source) => baseName(source.text));
    const isOwn = path === target || names.includes(baseName(path)) || !/(^|\/)s?bin$/.test(target);
    return isOwn && copiedFrom(copy, path, state) !== undefined;
  });
}

function runtimeOf(
  word: string,
  image: Image,
  { smallImages }: Facts,
): { readonly id: string; readonly version: string } | 'floating' | undefined {
  const name = baseName(word);
  let row: SmallRuntime | undefined;
  for (const { runtime } of image.runtimes.size > 0 ? smallImages.images : []) {
    if (!runtime || !image.runtimes.has(runtime.id) || !matchesWhole(runtime.calls, name)) continue;
    row = runtime;
    break;
  }
  if (!row) return undefined;
  const version = image.runtimes.get(row.id);
  return version === undefined ? 'floating' : { id: row.id, version };
}
