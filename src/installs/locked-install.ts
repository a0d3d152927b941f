/** Whether an install may be told to follow its lockfile to the letter, and what is edited for that. */
import { ageOnImage } from '../analysis/flags.ts';
import { entryAt, gapsOf, isSent, isWithin, makeContext } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import { packageCommand, wrapperLength } from '../analysis/packages.ts';
import { matchesAny } from '../analysis/patterns.ts';
import { instructionsBefore } from '../analysis/stages.ts';
import { resolveWord, stateBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import { insertAfterWord, replaceWord, type Splice } from '../dockerfile/edit.ts';
import {
  mapStages,
  type CopyInstruction,
  type Dockerfile,
  type RunInstruction,
  type Stage,
} from '../dockerfile/model.ts';
import { withText } from '../dockerfile/parse.ts';
import type { ShellWord } from '../dockerfile/shell.ts';
import { lockOf, lockToolOf } from '../ecosystems/index.ts';
import type { Lock, NeededAge } from '../ecosystems/answers.ts';
import type { DependencyTool, Facts, FrozenInstall } from '../facts/types.ts';
import {
  addsPackages,
  isAnySet,
  projectCommands,
  type ProjectCommand,
  type RunPlace,
} from './project-installs.ts';

export type LockedInstall =
  | {
      readonly kind: 'edit';
      /** In the RUN. */
      readonly splice: Splice;
      /** For a remark: `npm ci`, `yarn install --frozen-lockfile`. */
      readonly shown: string;
      /** The lockfile's name. */
      readonly lock: string;
      readonly assumptions: readonly string[];
      /** The COPY that must bring the lockfile as well: as it is, and as it must be. */
      readonly copy?: { readonly from: CopyInstruction; readonly to: CopyInstruction };
    }
  | { readonly kind: 'refused'; readonly why: string };

/** What is to be said of the installs of a RUN; nothing of those that follow their lockfile. */
export function lockedInstalls(place: RunPlace): readonly LockedInstall[] {
  return projectCommands(place).flatMap((each) => {
    const lock = lockOf(each.command, each.project);
    return lock ? (lockedInstall(each, lock) ?? []) : [];
  });
}

function lockedInstall(each: ProjectCommand, lock: Lock): LockedInstall | undefined {
  if (lock.kind === 'refused') return undefined;
  const { frozen } = lock.tool;
  if (!frozen || isSettled(each, frozen)) return undefined;
  if (lock.kind === 'absent') return withLockCopied(each, lock, frozen);
  const { verdict, path } = lock;
  const name = baseName(path);
  if (verdict.kind === 'differs') return refused(`${name} ${verdict.why}`);
  const why = whyNot(each, lock.tool, frozen, lock.writes) ?? changedBefore(each, lock);
  if (why !== undefined) return refused(why);
  const assumptions: string[] = [...verdict.assumptions];
  for (const needed of verdict.ages) {
    const age = ageOf(each, needed);
    if (age.kind === 'refused') return refused(`${name}: ${age.why}`);
    if (age.kind === 'assumed') assumptions.push(age.what);
  }
  return { kind: 'edit', ...edited(each, frozen), lock: name, assumptions };
}

function refused(why: string): LockedInstall {
  return { kind: 'refused', why };
}

function isSettled(each: ProjectCommand, { settledBy, settledByEnv }: FrozenInstall): boolean {
  const isWritten = each.command.words.some((word) => matchesAny(settledBy, word.text));
  return isWritten || isAnySet(each, settledByEnv);
}

/** The words behind the program. */
function argsOf({ command, place }: ProjectCommand): {
  readonly action: ShellWord | undefined;
  readonly program: ShellWord;
  readonly args: readonly ShellWord[];
} {
  const call = packageCommand(command, place.facts);
  if (call) return { action: call.actionWord, program: call.program.at(-1)!, args: call.args };
  const words = command.words.slice(wrapperLength(command.words));
  const args = words.slice(1);
  return { action: args.find(({ text }) => !text.startsWith('-')), program: words[0]!, args };
}

function whyNot(
  each: ProjectCommand,
  tool: DependencyTool,
  frozen: FrozenInstall,
  writes: readonly string[],
): string | undefined {
  const { action, args } = argsOf(each);
  if (frozen.action !== undefined && !action) return 'it names no action';
  const { command, place, script } = each;
  const { links } = script.chains[command.chain]!;
  if (links[command.link]?.operator === '||' || links[command.link + 1]?.operator === '||') {
    return 'what happens where the install fails is written behind it';
  }
  const odd = frozen.keeps
    ? args.find((word) => word !== action && !isKept(args, word, frozen.keeps!))
    : undefined;
  if (odd) return `it is not known what ${odd.text} would do then`;
  const adding = [...each.before(), ...each.behind()].find((other) =>
    addsPackages(other, tool, writes.map(folderOf), place.facts),
  );
  if (!frozen.startsAnew || !adding) return frozen.startsAnew ? inTheWay(each, writes) : undefined;
  const line = adding.instruction.origin[0]!.line;
  return adding.instruction === place.run
    ? 'another command of the RUN installs into the same folder'
    : `line ${line} installs into the same folder`;
}

/** The value of an option is not looked at. */
function isKept(args: readonly ShellWord[], word: ShellWord, keeps: readonly string[]): boolean {
  const before = args[args.indexOf(word) - 1];
  const isValue =
    before !== undefined && /^--?[a-z-]+$/i.test(before.text) && !word.text.startsWith('-');
  return (
    matchesAny(keeps, word.text) ||
    (isValue && matchesAny(keeps, `${before.text}=`)) ||
    (isValue && matchesAny(keeps, before.text) && !/^(?:-s|-q|-d+)$/.test(before.text))
  );
}

/** What lies where the install would delete all that is there. */
function inTheWay({ image, place }: ProjectCommand, writes: readonly string[]): string | undefined {
  for (const write of writes) {
    const copied = [...image.supplies].find(([path]) => isWithin(path, write));
    if (copied) {
      return `it would delete /${write}, which line ${copied[1].copy.origin[0]!.line} copies`;
    }
    const gap = gapsOf(image.files).find(({ path }) => isWithin(path, write));
    if (gap) return `it would delete /${write}, which ${gap.why}`;
    const mount = place.run.flags.find(({ name, value }) => {
      if (name !== 'mount') return false;
      const target = /(?:^|,)(?:target|dst|destination)=([^,]*)/.exec(value ?? '')?.[1] ?? '';
      return target.includes('$') || isWithin(pathInside(target), write);
    });
    if (mount) return `a mount lies over /${write}, which it would delete`;
  }
  return undefined;
}

/** A command before the install that changes the manifest or the lockfile, or may. */
function changedBefore(
  each: ProjectCommand,
  lock: Lock & { readonly kind: 'locked' },
): string | undefined {
  const names = [baseName(lock.path), ...lock.tool.manifests];
  const changing = each
    .before()
    .find(
      ({ effects: { command } }) =>
        command?.words.some(({ text }) => names.some((name) => mentions(text, name))) ||
        (/\b(npm|yarn|pnpm) (version|pkg|init|import|config set|set) /.test(
          `${command?.words.map(({ text }) => text).join(' ') ?? ''} `,
        ) &&
          !/registry|cache|strict-ssl|timeout|retr|fund|audit|progress|loglevel|unsafe-perm|version /.test(
            command?.words.map(({ text }) => text).join(' ') ?? '',
          )),
    );
  if (!changing) return undefined;
  return `line ${changing.instruction.origin[0]!.line} may change ${names.join(' or ')} before it`;
}

/** `rm package*.json`, `sed -i s/x/y/ /app/package.json`. */
function mentions(word: string, name: string): boolean {
  const last = word.slice(word.lastIndexOf('/') + 1);
  if (last === name) return true;
  if (!/[*?]/.test(last)) return false;
  const pattern = last
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${pattern}$`).test(name);
}

type Age =
  | { readonly kind: 'shown' }
  | { readonly kind: 'assumed'; readonly what: string }
  | { readonly kind: 'refused'; readonly why: string };

function ageOf({ place }: ProjectCommand, needed: NeededAge): Age {
  const row = place.facts.toolAges.find(({ flag }) => flag === needed.row);
  if (!row) throw new Error(`no row says how old ${needed.row} is`);
  const age = ageOnImage(place.file, place.stage, row);
  if (age === needed.age) return { kind: 'shown' };
  const than = needed.age === 'new' ? 'has' : 'has nothing as new as';
  if (age === 'unknown')
    return {
      kind: 'assumed',
      what: `the image ${than} ${row.since}${needed.age === 'new' ? ' or newer' : ''}`,
    };
  return {
    kind: 'refused',
    why:
      needed.age === 'new'
        ? `its format is for ${row.since} and newer, and the image has an older one`
        : `its format is older than ${row.since}, and what the image has would add to it`,
  };
}

function edited(each: ProjectCommand, frozen: FrozenInstall): { splice: Splice; shown: string } {
  const { action, program } = argsOf(each);
  const name = baseName(program.text);
  if (frozen.action !== undefined) {
    return {
      splice: replaceWord(each.script, action!, frozen.action),
      shown: `${name} ${frozen.action}`,
    };
  }
  const last = action ?? program;
  return {
    splice: insertAfterWord(each.script, last, frozen.add!),
    shown: [name, ...(action ? [action.text] : []), frozen.add!].join(' '),
  };
}

/** The lockfile lies in the build context, and nothing has copied it: the same COPY brings it. */
function withLockCopied(
  each: ProjectCommand,
  { manifest, folder }: Lock & { readonly kind: 'absent' },
  frozen: FrozenInstall,
): LockedInstall | undefined {
  const { place, image } = each;
  const { context, facts, stage } = place;
  const supply = image.supplies.get(manifest);
  if (!supply || baseName(supply.path) !== baseName(manifest)) return undefined;
  const path = frozen.locks
    .map((name) => pathInside(`${folderOf(supply.path)}/${name}`))
    .find((candidate) => entryAt(context, candidate)?.kind === 'file');
  if (path === undefined) return undefined;
  if (!isSent(context, path)) {
    return refused(`${context.ignore?.path ?? '.dockerignore'} keeps ${path} out of the image`);
  }
  const from = supply.copy;
  if (!stage.instructions.includes(from)) return undefined;
  const to = copyWith(each, from, supply.path, baseName(path), folder);
  if (!to) return refused(`line ${from.origin[0]!.line} does not copy ${path}`);
  const changed = mapStages(place.file, (one) =>
    one === stage
      ? stage.instructions.with(stage.instructions.indexOf(from), to)
      : one.instructions,
  );
  const next = projectCommands({
    file: changed,
    stage: changed.stages[stage.index]!,
    run: place.run,
    context,
    facts,
  });
  const same = next.find(({ command }) => command.start === each.command.start);
  const lock = same && lockOf(same.command, same.project);
  if (!same || lock?.kind !== 'locked') return undefined;
  const found = lockedInstall(same, lock);
  if (found?.kind !== 'edit') return found;
  const assumption = `the versions of ${found.lock} are meant: so far the image takes the newest that ${baseName(manifest)} allows`;
  return { ...found, assumptions: [assumption, ...found.assumptions], copy: { from, to } };
}

/** The COPY with one more file of the folder of a file that it copies. */
function copyWith(
  { place }: ProjectCommand,
  copy: CopyInstruction,
  path: string,
  name: string,
  folder: string,
): CopyInstruction | undefined {
  const before = stateBefore(place.file, place.stage, copy, place.facts);
  const isJson = copy.argsText.trimStart().startsWith('[');
  const source = copy.sources.find(
    ({ text }) =>
      pathInside(plainText(resolveWord(before, text, copy.escape).usual) ?? '') === path,
  );
  const { destination } = copy;
  if (isJson || !source || !destination || /["'$\\]/.test(source.text + destination.text))
    return undefined;
  const prefix = source.text.slice(0, source.text.length - baseName(source.text).length);
  const isFolder = /(^|\/)\.?$/.test(destination.text);
  // Copied under its own name, so that the destination is its folder.
  if (
    !isFolder &&
    baseName(destination.text) === baseName(path) &&
    baseName(folder) !== baseName(path)
  )
    return undefined;
  const end = isFolder ? '' : '/';
  return withText(
    copy,
    `${copy.text.slice(0, source.end)} ${prefix}${name}${copy.text.slice(source.end, destination.end)}${end}${copy.text.slice(destination.end)}`,
  );
}

/** Where nothing is known of the build context: what most projects with such a COPY could do. */
export function likelyLockedInstall(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  facts: Facts,
): { readonly lock: string; readonly shown: string } | undefined {
  const copied = instructionsBefore(file, stage, run).flatMap((each) =>
    (each.kind === 'copy' || each.kind === 'add') && !each.flags.some(({ name }) => name === 'from')
      ? each.sources.map(({ text }) => text)
      : [],
  );
  for (const each of projectCommands({ file, stage, run, context: NOTHING, facts })) {
    const tool = lockToolOf(each.command, facts);
    const frozen = tool?.frozen;
    if (!tool || !frozen || isSettled(each, frozen)) continue;
    // What a folder brings may be anything.
    const lock = frozen.locks.findLast((name) => copied.some((text) => mentions(text, name)));
    if (lock === undefined || whyNot(each, tool, frozen, []) !== undefined) continue;
    return { lock, shown: edited(each, frozen).shown };
  }
  return undefined;
}

const NOTHING = makeContext({ entries: [] });
