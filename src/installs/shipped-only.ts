/**
 * Whether an install of a shipped stage may leave out what is for development only: nothing that
 * runs behind it, at the build or in a container, may need it, and no source may load it.
 */
import { callsIn, callsOfProgram, plainName, type Call, type Calls } from '../analysis/calls.ts';
import type { BuildContext } from '../analysis/context.ts';
import { ageOnImage } from '../analysis/flags.ts';
import { baseName, folderOf } from '../analysis/go-paths.ts';
import { filesAtEnd, filesBefore, imagePath } from '../analysis/image-files.ts';
import { packageCommand } from '../analysis/packages.ts';
import { matchesAny, matchesWhole } from '../analysis/patterns.ts';
import { baseOf, descendants, shippedStages } from '../analysis/stages.ts';
import { stateBefore } from '../analysis/state.ts';
import { insertAfterWord, type Splice } from '../dockerfile/edit.ts';
import {
  instructionsOf,
  type Instruction,
  type RunInstruction,
  type Stage,
} from '../dockerfile/model.ts';
import { runBody, scriptOf } from '../dockerfile/shell.ts';
import { developmentOf, mentionsOf } from '../ecosystems/index.ts';
import type { Development } from '../ecosystems/answers.ts';
import { startedByTools, startedWithPackages } from '../ecosystems/started.ts';
import type { ShippedOnly } from '../facts/types.ts';
import { execOf, lineage, lineOf, shellTextOf } from './container-command.ts';
import { usesOf } from '../uses/uses.ts';
import {
  addsPackages,
  isAnySet,
  projectCommands,
  type ProjectCommand,
  type RunPlace,
} from './project-installs.ts';

export type ShippedInstall =
  | {
      readonly kind: 'edit';
      readonly splice: Splice;
      /** The flag. */
      readonly add: string;
      /** The packages that the manifest names. */
      readonly names: readonly string[];
      readonly assumptions: readonly string[];
    }
  | { readonly kind: 'refused'; readonly why: string };

/** What is to be said of the installs of a RUN; nothing where there is nothing to leave out. */
export function shippedInstalls(place: RunPlace): readonly ShippedInstall[] {
  if (!shippedStages(place.file).has(place.stage.index)) return [];
  return projectCommands(place).flatMap((each) => {
    const development = developmentOf(each.command, each.project);
    const shippedOnly = development?.tool.shippedOnly;
    if (!shippedOnly || isSettled(each, development, shippedOnly)) return [];
    return shippedInstall(each, development, shippedOnly);
  });
}

function isSettled(
  each: ProjectCommand,
  { settings }: Development,
  { settledBy, settledByEnv, settledIn }: ShippedOnly,
): boolean {
  return (
    each.command.words.some((word) => matchesAny(settledBy, word.text)) ||
    isAnySet(each, settledByEnv) ||
    settledIn.some(({ file, pattern }) =>
      new RegExp(`^\\s*(?:${pattern})`, 'm').test(settings.get(file) ?? ''),
    )
  );
}

function shippedInstall(
  each: ProjectCommand,
  development: Development,
  row: ShippedOnly,
): ShippedInstall {
  const { place, script, command } = each;
  const uses = new Uses(each, development);
  const why = uses.why();
  if (why !== undefined) return { kind: 'refused', why };
  const assumptions = [...uses.assumptions];
  let { add } = row;
  if (row.old) {
    const ageRow = place.facts.toolAges.find(({ flag }) => flag === row.old!.age)!;
    const age = ageOnImage(place.file, place.stage, ageRow);
    if (age === 'old') ({ add } = row.old);
    if (age === 'unknown') assumptions.push(`the image has ${ageRow.since} or newer`);
  }
  const call = packageCommand(command, place.facts);
  const word = call?.actionWord ?? call?.program.at(-1) ?? command.words[0]!;
  const splice = insertAfterWord(script, word, add);
  return { kind: 'edit', splice, add, names: [...development.direct], assumptions };
}

/** Gathers who may need the packages, until one surely does. */
class Uses {
  readonly assumptions: string[] = [];
  private readonly each: ProjectCommand;
  private readonly development: Development;
  private found: string | undefined;

  constructor(each: ProjectCommand, development: Development) {
    this.each = each;
    this.development = development;
  }

  why(): string | undefined {
    const { place } = this.each;
    const { file, stage } = place;
    this.otherStages(stage);
    this.generators();
    this.ownScripts();
    const upper = descendants(file, stage);
    const start = stage.instructions.indexOf(place.run);
    for (const each of [stage, ...upper]) {
      for (const [index, instruction] of each.instructions.entries()) {
        if (instruction.kind === 'env') this.words(instruction.argsText, lineOf(instruction));
        if (each === stage && index < start) continue;
        if (instruction.kind === 'run') this.run(each, instruction);
      }
    }
    const ends = [stage, ...upper].filter(
      (each) =>
        each.index === file.stages.length - 1 ||
        !upper.some((other) => standsOn(other, each, this.each)),
    );
    for (const each of ends) this.container(each);
    for (const { path, text } of usesOf(place.context, place.facts).starts)
      this.started(path, text);
    if (this.found === undefined) this.sources();
    return this.found;
  }

  private use(why: string): void {
    this.found ??= why;
  }

  private assume(what: string): void {
    if (!this.assumptions.includes(what)) this.assumptions.push(what);
  }

  /** What copies out of the stage may want all of it. */
  private otherStages({ index, from }: Stage): void {
    const names = [String(index), ...(from.stageName === undefined ? [] : [from.stageName])];
    for (const instruction of instructionsOf(this.each.place.file)) {
      if (!('flags' in instruction)) continue;
      const takes = instruction.flags.some(({ name, value = '' }) => {
        const source = name === 'from' ? value : /(?:^|,)from=([^,]*)/.exec(value)?.[1];
        return source !== undefined && names.includes(source.toLowerCase());
      });
      if (takes) this.use(`${lineOf(instruction)} copies from this stage`);
    }
  }

  private generators(): void {
    const { direct, kept } = this.development;
    for (const row of this.each.place.facts.development.generators) {
      if (!kept.has(row.package) || !direct.has(row.with)) continue;
      this.use(`${row.package} needs ${row.with}, which is for development only: it ${row.why}`);
    }
  }

  /** Scripts of the project that the install itself runs. */
  private ownScripts(): void {
    const { project } = this.each;
    for (const { name, text, folder } of this.development.scripts) {
      const script = scriptOf(text);
      const by = `the ${name} script`;
      if (script.kind !== 'script') {
        this.use(`${by} is not understood`);
        continue;
      }
      const isSpared = (call: Call): boolean =>
        call.by === '' &&
        script.chains[call.command.chain]?.links[call.command.link + 1]?.operator === '||';
      const calls = callsIn(script, folder, this.scope(project.files));
      this.calls(
        { calls: calls.calls.filter((call) => !isSpared(call)), doubts: calls.doubts },
        by,
        'install',
      );
    }
  }

  private scope(files: BuildContext): Parameters<typeof callsIn>[2] {
    return { files, facts: this.each.place.facts, runs: startedWithPackages };
  }

  private run(stage: Stage, run: RunInstruction): void {
    const { place, command } = this.each;
    const { file, context, facts } = place;
    const state = stateBefore(file, stage, run, facts);
    const body = runBody(run, state.shell);
    const by = lineOf(run);
    if (body.kind === 'opaque') return this.use(`${by} is not understood`);
    const { files } = filesBefore(file, stage, run, context, facts);
    const folder = imagePath(state, '.');
    const scope = this.scope(files);
    const found =
      body.kind === 'script'
        ? callsIn(body, folder, scope)
        : callsOfProgram(body.argv, folder, scope);
    const { calls } = found;
    if (run !== place.run) return this.calls(found, by, 'build');
    // Behind the install, and behind the scripts that it runs itself.
    const at = calls.findLastIndex((call) => call.command === command);
    const next = calls.findIndex((call, index) => index > at && call.by === '');
    this.calls({ calls: next < 0 ? [] : calls.slice(next), doubts: found.doubts }, by, 'build');
  }

  /** What a container of a stage's image runs. */
  private container(stage: Stage): void {
    const { file, context, facts } = this.each.place;
    const all = lineage(file, stage);
    const last = (kind: Instruction['kind']): Instruction | undefined =>
      all.findLast((each) => each.kind === kind);
    const cmd = last('cmd');
    const entrypoint = last('entrypoint');
    if (!cmd && !entrypoint) {
      return this.use('nothing says what a container of the image runs');
    }
    const { files } = filesAtEnd(file, stage, context, facts);
    const end = stage.instructions.at(-1);
    const folder = end ? imagePath(stateBefore(file, stage, end, facts), '.') : '';
    const place =
      end?.kind === 'workdir'
        ? imagePath(stateBefore(file, stage, end, facts), end.argsText)
        : folder;
    const texts = [entrypoint, cmd, last('healthcheck')];
    const argv = [entrypoint, cmd].map((each) => execOf(each));
    if (argv[0] && argv[1]) this.program([...argv[0], ...argv[1]], place, files, entrypoint!);
    for (const instruction of texts) {
      if (!instruction) continue;
      const exec = execOf(instruction);
      if (exec) {
        // Words behind another program are none of their own, unless that is a script that runs them.
        const isBehind = instruction === cmd && argv[0] !== undefined;
        const isRun = /(\.sh|entrypoint[\w.-]*)$/.test(argv[0]?.[0] ?? '');
        if (!isBehind || isRun) this.program(exec, place, files, instruction);
        continue;
      }
      const text = shellTextOf(instruction);
      if (text === undefined) continue;
      const script = scriptOf(text);
      const by = lineOf(instruction);
      if (script.kind === 'script')
        this.calls(callsIn(script, place, this.scope(files)), by, 'run');
      else this.use(`${by} is not understood`);
    }
  }

  /** Code that somebody starts a container with, in place of what the image says. */
  private started(path: string, text: string): void {
    const { file, stage, context, facts } = this.each.place;
    const script = scriptOf(text);
    if (script.kind !== 'script') return this.use(`${path} starts it with "${text}"`);
    // From the folder of the manifest, as far as anybody can see.
    const folder = folderOf(this.development.manifest);
    const { files } = filesAtEnd(file, stage, context, facts);
    this.calls(callsIn(script, folder, this.scope(files)), path, 'run');
  }

  private program(
    argv: readonly string[],
    folder: string,
    files: BuildContext,
    instruction: Instruction,
  ): void {
    this.calls(callsOfProgram(argv, folder, this.scope(files)), lineOf(instruction), 'run');
  }

  private calls({ calls, doubts }: Calls, by: string, when: 'install' | 'build' | 'run'): void {
    for (const doubt of doubts) {
      // An entrypoint that runs its arguments runs CMD.
      if (/"\$\{?@\}?"|\$@|\$\*/.test(doubt)) continue;
      if (when === 'run') this.assume(`${by} needs none of it: ${doubt}`);
      else this.use(`${by} may need it: ${doubt}`);
    }
    for (const call of calls) this.call(call, call.by === '' ? by : `${by} (${call.by})`, when);
  }

  private call(call: Call, by: string, when: 'install' | 'build' | 'run'): void {
    const { facts } = this.each.place;
    const { programs, keptPrograms, knowsPrograms, tool } = this.development;
    const name = baseName(plainName(call.program));
    const isBinary = /(^|\/)node_modules\/\.bin\//.test(call.program);
    const manager = packageCommand(call.command, facts);
    const isManager =
      manager !== undefined && manager.program.some(({ text }) => text === call.program);
    if (isManager && !isOfTool(manager.manager.id, tool.manifests, facts)) return;
    const development = programs.get(name);
    if (development !== undefined && (isBinary || !call.program.includes('/'))) {
      return this.use(usedAt(by, development, when));
    }
    const row = facts.development.tools.find((each) => matchesWhole(each.program, name));
    if (row) {
      const words = call.args.map((word) => word ?? '').join(' ');
      const isOdd = row.unless !== undefined && matchesWhole(row.unless, words);
      if (isOdd || (!matchesWhole(row.words, words) && !this.startsScripts(call))) {
        return this.use(`${by} runs "${name} ${words}", which may need them`);
      }
      if (addsAgain(this.each, this.development, call)) {
        this.use(`${by} installs into the same folder`);
      }
      return;
    }
    for (const word of [call.program, ...call.args]) this.words(word ?? '', by);
    if (matchesAny(facts.development.neutral, name)) return;
    const known = facts.commands.programs.find((each) => matchesAny(each.programs, name));
    const isPlain = known?.cases.every((one) => one.may === undefined);
    if ((isPlain || SHELLS.test(name)) && !keptPrograms.has(name)) return;
    // Scripts of the image are followed; what is no script is a program of its own.
    if (call.program.includes('/') && !isBinary) return;
    const shown = [name, ...call.args.slice(0, 1)].join(' ').trim();
    if (known || keptPrograms.has(name) || !knowsPrograms || when !== 'run') {
      this.use(`${by} runs "${shown}", which may need them`);
    } else this.assume(`"${shown}" needs none of it`);
  }

  /** `npm run x`, `yarn build`: scripts of the manifest or programs, which are followed. */
  private startsScripts(call: Call): boolean {
    const started = startedByTools(call, this.scope(this.each.project.files));
    return started !== undefined && (started.scripts.length > 0 || started.skips !== undefined);
  }

  /** A package named in a word: `-r ts-node/register`. */
  private words(text: string, by: string): void {
    for (const name of this.development.direct) {
      const at = text.indexOf(name);
      if (at < 0) continue;
      const [before, behind] = [text[at - 1] ?? ' ', text[at + name.length] ?? ' '];
      if (/[\s=:,/'"]/.test(before) && /[\s=:,/'"@]/.test(behind)) {
        this.use(`${by} names ${name}, which is for development only`);
      }
    }
  }

  private sources(): void {
    const { image, place } = this.each;
    const supply = image.supplies.get(this.development.manifest);
    if (!supply) return this.use('the manifest does not come from the build context');
    const folder = folderOf(supply.path);
    const { used, unread } = mentionsOf(this.development, place.context, folder, place.facts);
    if (used) return this.use(`${used.path} uses ${used.name}, which is for development only`);
    const gap = place.context.gaps.find(({ path }) => !/(^|\/)(node_modules|\.git)$/.test(path));
    if (gap) this.assume(`nothing in ${gap.path || 'the build context'} uses it`);
    if (unread.length > 0) {
      this.assume(
        `${unread[0]!}${unread.length > 1 ? ` and ${unread.length - 1} more` : ''}, which was not read, uses none of it`,
      );
    }
  }
}

const SHELLS = /^(sh|bash|dash|ash|zsh)$/;

function usedAt(by: string, name: string, when: 'install' | 'build' | 'run'): string {
  if (when === 'install') return `${by}, which the install runs, needs ${name}`;
  if (when === 'run') return `${by} starts ${name}`;
  return `${by} uses ${name} in the same stage: several stages would leave it behind`;
}

function standsOn(other: Stage, stage: Stage, { place }: ProjectCommand): boolean {
  const base = baseOf(place.file, other);
  return base.kind === 'stage' && base.stage.index === stage.index;
}

function isOfTool(
  manager: string,
  manifests: readonly string[],
  facts: RunPlace['facts'],
): boolean {
  return facts.manifests.files.some(
    (row) =>
      row.managers.includes(manager) && manifests.some((name) => matchesAny([row.path], name)),
  );
}

/** Another install behind this one, which would put everything back. */
function addsAgain(each: ProjectCommand, { tool, manifest }: Development, call: Call): boolean {
  const ran = each.behind().find(({ effects }) => effects.command === call.command);
  const { facts } = each.place;
  const action = packageCommand(call.command, facts)?.action;
  return (
    ran !== undefined && action !== 'remove' && addsPackages(ran, tool, [folderOf(manifest)], facts)
  );
}
