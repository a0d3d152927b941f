/**
 * What the stages of an image ask of the base below them: programs, packages, certificates. Found in
 * their RUNs, in what the image runs, in the scripts and the source code that lie in it, and in the
 * packages that they install. What nobody can see is told as a doubt.
 */
import { callsIn, callsOfProgram, plainName, type Call, type Calls } from '../analysis/calls.ts';
import type { BuildContext } from '../analysis/context.ts';
import { hasWildcards, pathInside } from '../analysis/go-paths.ts';
import { filesOfImage } from '../analysis/files-of-image.ts';
import {
  filesAtEnd,
  filesBeforeEach,
  imagePath,
  startFolder,
  type ImageFiles,
} from '../analysis/image-files.ts';
import { imageOf } from '../analysis/images.ts';
import { packageCommand, type PackageCommand } from '../analysis/packages.ts';
import { matchesAny, matchesWhole, matchesPart } from '../analysis/patterns.ts';
import { baseImage, baseOf } from '../analysis/stages.ts';
import { heldBefore, heldBeforeEach, resolveWord, type Held } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import type {
  CommandForm,
  CommandInstruction,
  CopyInstruction,
  Dockerfile,
  HealthcheckInstruction,
  Instruction,
  Stage,
} from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import { runBody, scriptOf } from '../dockerfile/shell.ts';
import type { Facts } from '../facts/types.ts';
import { headersOf } from '../ecosystems/c-libraries.ts';
import { sharedLibraries } from '../analysis/system-packages.ts';
import { usesOf } from '../uses/uses.ts';
import { askedBefore, type Around } from './asked-before.ts';
import { compiledLate } from './compiled-late.ts';
import { closedCodeNeeds } from './closed-code.ts';
import { commandRow } from './command-packages.ts';
import { givesOptions, isLocal, isPlainShell, readsCertificates } from './command-words.ts';
import { dispatchedCalls } from './dispatched.ts';
import { extensionNeeds } from './extensions.ts';
import { installCallOf, omitsAgain } from './install-calls.ts';
import { installNeeds } from './installs.ts';
import type { AskedFor, Called, Doubt, Need, NeedBase, Needs } from './need.ts';
import { programRows } from './program-rows.ts';
import { startedByTools } from '../ecosystems/started.ts';
import { startedNeeds, startedPrograms } from './source-code.ts';

export interface NeedScope {
  readonly file: Dockerfile;
  readonly context: BuildContext | undefined;
  readonly facts: Facts;
  /** Of the image in which all this shall run. */
  readonly libc: 'glibc' | 'musl';
  readonly runtimes: ReadonlyMap<string, string | undefined>;
  /** Whether a word may be the name of a program of the base. */
  readonly isProgram: (word: string) => boolean;
}

/** @param stages the one on the base first, then those on top of it; the last one's image is run */
export function needsOf(stages: readonly Stage[], scope: NeedScope): Needs {
  const found = new Collection(scope);
  for (const stage of stages) found.stage(stage);
  const last = stages.at(-1);
  if (last) found.program(last);
  return found;
}

class Collection implements AskedFor {
  readonly needs: Need[] = [];
  readonly doubts: Doubt[] = [];
  readonly installed: string[] = [];
  readonly called: Called[] = [];
  isOfImage = false;
  /** It depends on what the base calls programs. */
  private isOfPrograms = false;
  private readonly scope: NeedScope;
  /** Of the runtimes all that steps look at. */
  private readonly python: string | undefined;

  constructor(scope: NeedScope) {
    this.scope = scope;
    this.python = scope.runtimes.get('python');
  }

  stage(stage: Stage): void {
    const { file, context, facts } = this.scope;
    let states: ReadonlyMap<Instruction, Held> | undefined;
    let files: ((at: number) => ImageFiles) | undefined;
    for (let at = 0; at < stage.instructions.length; at++) {
      const instruction = stage.instructions[at]!;
      this.instruction(instruction);
      if (instruction.kind !== 'run') continue;
      states ??= heldBeforeEach(file, stage, facts);
      if (context) files ??= filesBeforeEach(file, stage, context, facts);
      const around = aroundOf(states.get(instruction)!, files?.(at).files);
      this.remembered(instruction, around, (found) => found.run(instruction, around));
    }
  }

  /** What a container of the image runs. */
  program(stage: Stage): void {
    const { file, facts } = this.scope;
    let entry: CommandInstruction | undefined;
    let cmd: CommandInstruction | undefined;
    let check: HealthcheckInstruction | undefined;
    const variables: Instruction[] = [];
    for (const { instructions } of lineage(file, stage)) {
      for (const each of instructions) {
        if (each.kind === 'entrypoint') entry = each;
        else if (each.kind === 'cmd') cmd = each;
        else if (each.kind === 'healthcheck') check = each;
        else if (each.kind === 'env') variables.push(each);
      }
    }
    if (!entry && !cmd) {
      this.doubt({ when: 'run', by: 'the image' }, 'nothing says what a container of it runs');
    }
    for (const each of [entry, cmd]) {
      if (!each) continue;
      if (each === cmd && entry && givesOptions(cmd)) continue;
      this.runCommand(stage, each, each.command, each.argsText);
      if (isPlainShell(each.command)) {
        this.doubt({ when: 'run', by: line(each) }, 'it starts a shell for people to work in');
      }
    }
    for (const each of variables) {
      if (!this.namesCertificates(each.argsText)) continue;
      this.needs.push({ kind: 'certificates', when: 'run', by: line(each) });
    }
    if (check?.command) {
      const text = check.argsText.replace(/^\s*CMD\s/i, '');
      this.runCommand(stage, check, check.command, text);
    }
    this.around(stage);
    this.sources(filesOfImage(file, stage, this.scope.context ?? EMPTY, facts));
  }

  /** What the files around the image start in its containers besides. */
  private around(stage: Stage): void {
    const { file, context, facts } = this.scope;
    if (!context) return;
    const { starts, probes } = usesOf(context, facts);
    if (starts.length === 0 && probes.length === 0) return;
    const folder = startFolder(file, stage, facts);
    const files = filesOfImage(file, stage, context, facts);
    for (const { path, text } of [...starts, ...probes]) {
      const script = scriptOf(text);
      if (script.kind !== 'script') continue;
      const { calls } = callsIn(script, folder, { files, facts, runs: startedByTools });
      for (const call of calls) this.call(call, { when: 'run', by: path }, files);
    }
  }

  private namesCertificates(text: string): boolean {
    return matchesPart(this.scope.facts.programs.certificateNames, text);
  }

  private sources(files: BuildContext): void {
    const { facts } = this.scope;
    const isInstalled = (word: string): boolean => {
      if (this.installed.length === 0) return false;
      const { debian = [], alpine = [] } = commandRow(word, facts) ?? {};
      return [...debian, ...alpine].some((name) => this.installed.includes(name));
    };
    const isProgram = (word: string): boolean => this.scope.isProgram(word) || isInstalled(word);
    const started = startedPrograms(files, isProgram, facts);
    for (const { program, by } of started.programs) {
      this.needs.push(...startedNeeds(program, by, facts));
    }
    for (const { name, isLink, by } of started.libraries) {
      const header = headersOf(name);
      if (header === '') continue;
      this.needs.push({
        kind: 'packages',
        what: `the library ${name}`,
        when: 'run',
        by,
        names: (suite, manager) => {
          if (manager !== 'apt') return undefined;
          return isLink === true ? [header] : sharedLibraries(header, suite, facts);
        },
      });
    }
    const [seeking] = started.seeking;
    if (seeking !== undefined) {
      this.needs.push({
        kind: 'packages',
        what: 'libraries that it looks for',
        when: 'run',
        by: seeking,
        isSought: true,
        // Which they are is asked elsewhere.
        names: () => [],
      });
    }
    const late = files.texts.size > 0 ? compiledLate(files, facts) : undefined;
    if (late) this.doubt({ when: 'run', by: late.path }, `it ${late.why}`);
    const [certified] = started.certified;
    if (certified !== undefined) {
      this.needs.push({ kind: 'certificates', when: 'run', by: certified });
    }
    const [unclear] = started.unclear;
    if (unclear !== undefined) {
      this.doubt({ when: 'run', by: unclear }, 'it starts programs that its text does not name');
    }
    const [loading] = started.loading;
    if (loading !== undefined) {
      this.doubt({ when: 'run', by: loading }, 'it loads libraries of the system', 'libraries');
    }
    const [unread] = started.unread;
    if (unread !== undefined) {
      this.doubt({ when: 'run', by: unread }, 'its text was not read');
    }
  }

  private doubt(who: NeedBase, why: string, of: Doubt['of'] = 'programs'): void {
    const { when, by, place } = who;
    if (this.hasDoubt(by, why)) return;
    this.doubts.push(place === undefined ? { when, by, why, of } : { when, by, why, of, place });
  }

  private hasDoubt(by: string, why: string): boolean {
    return this.doubts.some((each) => each.by === by && each.why === why);
  }

  /** What it asks by its text alone. */
  private instruction(instruction: Instruction): void {
    const { kind, text } = instruction;
    if (kind !== 'copy' && kind !== 'label' && text.includes('/usr/share/')) {
      const path = DOCUMENTATION.exec(text)?.[0];
      if (path !== undefined) {
        this.needs.push({ kind: 'documentation', path, ...builtBy(instruction) });
      }
    }
    if (kind === 'copy' || kind === 'add') this.copy(instruction, builtBy(instruction));
    else if (kind === 'shell') {
      const [program = ''] = instruction.shell;
      this.needs.push({ kind: 'command', name: plainName(program), ...builtBy(instruction) });
    } else if (kind === 'onbuild') {
      this.doubt(builtBy(instruction), 'what is built on this image is not known');
    } else if (kind === 'unknown') {
      this.doubt(builtBy(instruction), 'the instruction is not known');
    }
  }

  /** What one instruction asks, found once for what it finds around it. */
  private remembered(
    instruction: Instruction,
    around: Around,
    find: (found: Collection) => void,
  ): void {
    const { facts, libc } = this.scope;
    const { python } = this;
    const { folder, shell, files } = around;
    const asked = askedBefore(instruction, { folder, shell, files, facts, libc, python }, () => {
      const own = new Collection(this.scope);
      find(own);
      return own;
    });
    const { needs, doubts, installed, called } = asked;
    this.needs.push(...needs);
    for (const each of doubts) if (!this.hasDoubt(each.by, each.why)) this.doubts.push(each);
    this.installed.push(...installed);
    this.called.push(...called);
  }

  private run(run: Extract<Instruction, { kind: 'run' }>, { folder, shell, files }: Around): void {
    const { facts } = this.scope;
    const body = runBody(run, shell);
    const who = builtBy(run);
    if (body.kind === 'opaque') return this.doubt(who, body.reason);
    if (body.kind === 'script' && body.shell !== 'sh') {
      this.needs.push({ kind: 'command', name: body.shell, ...who });
    }
    const scope = { files, facts, runs: startedByTools };
    const calls =
      body.kind === 'script'
        ? callsIn(body, folder, scope)
        : callsOfProgram(body.argv, folder, scope);
    this.calls(calls, who, files);
  }

  private runCommand(
    stage: Stage,
    instruction: Instruction,
    form: CommandForm,
    text: string,
  ): void {
    const { file, facts } = this.scope;
    const owner = file.stages.find((each) => each.instructions.includes(instruction)) ?? stage;
    const state = heldBefore(file, owner, instruction, facts);
    const files = filesOfImage(file, stage, this.scope.context ?? EMPTY, facts);
    const around = aroundOf(state, this.scope.context ? files : undefined);
    this.remembered(instruction, around, (found) =>
      found.commandIn(line(instruction), form, text, around),
    );
  }

  private commandIn(
    by: string,
    form: CommandForm,
    text: string,
    { folder, shell, files }: Around,
  ): void {
    const who: NeedBase = { when: 'run', by };
    const scope = { files, facts: this.scope.facts, runs: startedByTools };
    if (form.form === 'exec') {
      return this.calls(callsOfProgram(form.exec, folder, scope), who, files);
    }
    const script = scriptOf(text, shell);
    if (script.kind !== 'script') return this.doubt(who, 'its code is not understood');
    this.calls(callsIn(script, folder, scope), who, files);
  }

  private calls(found: Calls, who: NeedBase, files: BuildContext | undefined): void {
    for (const why of found.doubts) this.doubt(who, why);
    for (const call of found.calls) {
      const by = call.by === '' ? who.by : call.by;
      this.call(call, by === who.by ? who : { ...who, by }, files);
    }
  }

  private call(call: Call, who: NeedBase, files: BuildContext | undefined): void {
    const { facts } = this.scope;
    this.called.push({ call, who });
    const name = plainName(call.program);
    const rows = programRows(name, facts);
    // Words that are not known are written as nothing.
    const words = call.args.join(' ');
    if (!name.includes('/')) this.needs.push({ kind: 'command', name, ...who });
    for (const row of rows.calls) {
      if (row.words !== undefined && !matchesWhole(row.words, words)) continue;
      for (const each of row.needs) this.needs.push({ kind: 'command', name: each, ...who });
    }
    const isNamed = who.when === 'run' && this.namesCertificates(words);
    const { certificateReaders } = facts.programs;
    if (
      isNamed ||
      (rows.mayReadCertificates && readsCertificates(name, call, certificateReaders))
    ) {
      this.needs.push({ kind: 'certificates', ...who });
    }
    if (who.when === 'build' && rows.isDownloader) this.download(call, who);
    const extensions =
      rows.mayCompileExtensions &&
      extensionNeeds(call, { facts, libc: this.scope.libc, python: this.python }, who);
    if (extensions) {
      this.isOfImage = true;
      this.needs.push(...extensions.needs);
      for (const each of extensions.doubts) this.doubt(each, each.why, each.of);
      return;
    }
    if (who.when === 'run' && rows.isDispatcher) this.dispatched(who, files);
    if (rows.isCompiler) {
      this.doubt(who, `what "${rows.own}" makes may need libraries of the base`, 'libraries');
    }
    const builder = rows.builders.find(
      (row) => row.words === undefined || matchesWhole(row.words, words),
    );
    if (builder) this.doubt(who, builder.why, 'libraries');
    const manager = packageCommand(call.command, facts);
    // Wrappers such as sudo are calls of the same command.
    if (manager?.manager.database !== undefined && isProgramOf(manager, call)) {
      if (manager.action === 'install') this.system(manager, who);
    }
    const install = rows.mayInstall && who.when === 'build' ? installCallOf(call) : undefined;
    if (!install) return;
    const { libc } = this.scope;
    const { python } = this;
    this.isOfImage = true;
    const found = installNeeds(install, { files, facts, libc, python }, who);
    // Packages of npm lie where the project does; those of others lie with the language.
    const place = install.registry === 'npm' ? { place: install.folder } : {};
    this.needs.push(...found.needs.map((each) => ({ ...each, ...place })));
    for (const each of found.doubts) this.doubt({ ...each, ...place }, each.why, each.of);
  }

  private dispatched(who: NeedBase, files: BuildContext | undefined): void {
    const found = dispatchedCalls(files, this.scope.facts);
    if (typeof found === 'string') return this.doubt(who, found);
    for (const each of found) this.calls(each, who, files);
  }

  private system({ operands }: PackageCommand, who: NeedBase): void {
    const { manualPages } = this.scope.facts.programs;
    for (const { literal } of operands) {
      const name = literal?.replace(/[=/:].*$/, '');
      if (name === undefined || name === '') continue;
      this.installed.push(name);
      if (matchesAny(manualPages.packages, name)) {
        this.needs.push({ kind: 'manual pages', ...who, by: `${name} (${who.by})` });
      }
      if (literal!.includes('/')) this.doubt(who, `${literal!} was not looked into`, 'libraries');
    }
  }

  private download(call: Call, who: NeedBase): void {
    // Wrappers fetch the tool that builds, and no part of what it makes.
    if (/(^|\/)(mvnw|gradlew)$/.test(who.by)) return;
    const { plainDownloads } = this.scope.facts.programs;
    const addresses = call.args.filter((each) => each === undefined || /:\/\/|@/.test(each));
    if (call.args.some((each) => each === '--version' || each === '--help')) return;
    const isPlain = addresses.every(
      (each) =>
        each !== undefined &&
        (isLocal(each) || plainDownloads.some((row) => matchesWhole(row.words, each))),
    );
    const isConfiguration = plainName(call.program) === 'git' && call.args[0] === 'config';
    if (isConfiguration || (isPlain && addresses.length > 0)) return;
    this.doubt(who, 'what it downloads may need libraries of the base', 'libraries');
  }

  private copy(copy: CopyInstruction, who: NeedBase): void {
    const { file, facts } = this.scope;
    const from = copy.flags.find(({ name }) => name === 'from')?.value;
    if (from !== undefined) {
      const stage = file.stages.find(
        (each) => each.from.stageName === from.toLowerCase() || String(each.index) === from,
      );
      if (stage) this.copiedStage(stage, copy, who);
      else if (!facts.programs.plainDownloads.some((row) => matchesWhole(row.words, from)))
        this.doubt(who, `what comes from ${from} may need libraries of the base`, 'libraries');
      return;
    }
    const { plainDownloads } = facts.programs;
    for (const { text } of copy.sources) {
      if (!/^(https?|git|ssh):\/\//.test(text)) continue;
      if (plainDownloads.some((row) => matchesWhole(row.words, text))) continue;
      this.doubt(who, 'what it downloads may need libraries of the base', 'libraries');
    }
  }

  /** What comes from another stage needs what its packages need at run time. */
  private copiedStage(stage: Stage, copy: CopyInstruction, who: NeedBase): void {
    const { file, facts } = this.scope;
    const name = baseImage(file, stage);
    const image = name && imageOf(name, facts);
    const libc = image?.libc?.kind === 'musl' ? 'musl' : 'glibc';
    const inner = this.innerOf(stage, image ? libc : this.scope.libc);
    if (inner.isOfPrograms) this.isOfPrograms = true;
    const owner = file.stages.find((each) => each.instructions.includes(copy)) ?? stage;
    const state = heldBefore(file, owner, copy, facts);
    const paths = copy.sources.map(({ text }) =>
      plainText(resolveWord(state, text, copy.escape).usual),
    );
    const isCopied = ({ place }: NeedBase): boolean =>
      place === undefined ||
      paths.some((each) => each === undefined || holdsPackages(pathInside(each), place));
    for (const each of inner.doubts) {
      // What nobody knows to be pure does not come to another libc by chance.
      const of = each.of === 'packages' && libc !== this.scope.libc ? 'libraries' : each.of;
      if (isCopied(each)) this.doubt({ ...who, by: each.by }, each.why, of);
    }
    const isLeft = (need: Need): boolean =>
      need.kind !== 'libc' &&
      need.isOfDevelopment === true &&
      inner.called.some(({ call }) => omitsAgain(call, need));
    for (const need of inner.needs) {
      if (need.when === 'run' && isCopied(need) && !isLeft(need)) this.needs.push(need);
    }
    const { context, isProgram } = this.scope;
    if (!context) return;
    const { files } = filesAtEnd(file, stage, context, facts);
    this.isOfPrograms = true;
    this.needs.push(...closedCodeNeeds(files, isProgram, facts));
  }

  /** What the steps of another stage ask, found once for all that take files from it. */
  private innerOf(stage: Stage, libc: NeedScope['libc']): Collection {
    const scope: NeedScope = { ...this.scope, libc };
    let all = inners.get(stage);
    if (!all) inners.set(stage, (all = []));
    const asked = all.find(
      ({ scope: one, isOfPrograms }) =>
        one.file === scope.file &&
        one.context === scope.context &&
        one.facts === scope.facts &&
        one.libc === libc &&
        one.runtimes.get('python') === this.python &&
        (!isOfPrograms || one.isProgram === scope.isProgram),
    );
    if (asked) return asked;
    const inner = new Collection(scope);
    for (const each of lineage(scope.file, stage)) inner.stage(each);
    all.push(inner);
    return inner;
  }
}

const inners = new RunMemory<Stage, Collection[]>();

function aroundOf(state: Held, files: BuildContext | undefined): Around {
  let folder = folders.get(state);
  if (folder === undefined) folders.set(state, (folder = imagePath(state, '.')));
  return { folder, shell: state.shell, files };
}

const folders = new RunMemory<Held, string>();

/** Whether the path is, holds, or lies in the folder of a project's packages. */
function holdsPackages(path: string, project: string): boolean {
  const packages = project === '' ? 'node_modules' : `${project}/node_modules`;
  const isAbove = path === '' || `${packages}/`.startsWith(`${path}/`);
  return hasWildcards(path) || isAbove || path.includes('node_modules');
}

/**
 * What dpkg leaves out on Debian's slim images (/etc/dpkg/dpkg.cfg.d/docker, read on bookworm-slim). Who
 * only deletes it misses nothing.
 */
const DOCUMENTATION = /(?<!\brm\s[^&|;]*)\/usr\/share\/(doc|info|man|locale)\/[\w.*$-]+/;

const EMPTY: BuildContext = {
  entries: [],
  texts: new Map(),
  unread: new Map(),
  gaps: [],
  dockerfile: undefined,
  ignore: undefined,
};

function lineage(file: Dockerfile, stage: Stage): readonly Stage[] {
  const base = baseOf(file, stage);
  return base.kind === 'stage' ? [...lineage(file, base.stage), stage] : [stage];
}

function builtBy(instruction: Instruction): NeedBase {
  return { when: 'build', by: line(instruction) };
}

function line(instruction: Instruction): string {
  return `line ${instruction.origin[0]?.line ?? 0}`;
}

/** Whether the call is of the manager itself and not of what starts it. */
function isProgramOf({ program }: PackageCommand, call: Call): boolean {
  return program.some(({ literal }) => literal === call.program);
}
