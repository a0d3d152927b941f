/** What it takes to put stages on an image of another distribution, or why that cannot be. */
import { fromOf, stageNamed } from '../../analysis/stages.ts';
import { configurationsToCompare } from '../../analysis/base-configuration.ts';
import type { BuildContext } from '../../analysis/context.ts';
import { entriesOf } from '../../analysis/context.ts';
import { filesAtEnd, imagePath } from '../../analysis/image-files.ts';
import { heldBefore } from '../../analysis/state.ts';
import type { Dockerfile, Instruction, Stage } from '../../dockerfile/model.ts';
import type { Image } from '../../facts/image-types.ts';
import type { Facts } from '../../facts/types.ts';
import { byText } from '../by-path.ts';
import { commandRow } from '../command-packages.ts';
import { addPackages } from '../add-packages.ts';
import { configurationChange } from '../configuration.ts';
import { madeBy } from '../made-by.ts';
import type { Doubt, Need, Needs } from '../need.ts';
import { needsOf } from '../needs.ts';
import { provision, type Provision } from '../provide.ts';
import { crossed, crossingOf, type CrossingScope, type NotCrossed } from './crossing.ts';
import { isPortable, misplaced } from './foreign.ts';
import { toolNeeds } from './tools.ts';

export interface Solved {
  readonly file: Dockerfile;
  readonly stage: Stage;
  readonly touched: readonly Instruction[];
  readonly provides: Provision;
  /** What is assumed beside what another libc always means. */
  readonly assumptions: readonly string[];
}

export interface Question {
  readonly file: Dockerfile;
  /** The one on the image first, then those on top of it. */
  readonly stages: readonly Stage[];
  readonly from: Image;
  readonly context: BuildContext;
  readonly facts: Facts;
}

export function solve(question: Question, to: Image): Solved | NotCrossed {
  const { file, stages, from, context, facts } = question;
  const change = configurationChange(...configurationsToCompare(from, to, facts), stages);
  if (change !== undefined) return { why: change };
  const crossing = crossingOf(from, to, facts)!;
  const scope: CrossingScope = { file, context, facts, crossing, from, to };
  const found = crossed(stages, scope);
  if ('why' in found) return found;
  const now = found.file.stages.filter(({ index }) => stages.some((each) => each.index === index));
  const isProgram = (word: string): boolean => from.hasCommand(word) === 'yes';
  const libc = to.libc?.kind === 'musl' ? 'musl' : 'glibc';
  const needScope = {
    file: found.file,
    context,
    facts,
    libc,
    runtimes: to.runtimes,
    isProgram,
  } as const;
  const plain = needsOf(now, needScope);
  const more = [
    ...toolNeeds(plain, facts),
    ...broughtAlong(plain, found.installed, to, facts),
    ...shellNeeds(question),
    ...loginShells(now),
    ...zoneNeeds(question, to),
  ];
  const needs: Needs = { ...plain, needs: [...plain.needs, ...more] };
  for (const { call, who } of needs.called) {
    const why = misplaced(call.program, from, crossing);
    if (why !== undefined) return { why: `${who.by} ${why}` };
  }
  const { ownPython } = crossing;
  const pip = needs.called.find(
    ({ call: { program, args } }) =>
      /(^|\/)pip[\d.]*$/.test(program) && args[0] === 'install' && !args.includes(ownPython.flag),
  );
  const isOlder = !ownPython.suites.includes(from.distribution?.suite ?? '');
  if (pip && isOlder && !to.runtimes.has('python'))
    return { why: `${pip.who.by}: ${ownPython.why}` };
  const provides = provision(needs, from, to, facts);
  const [unmet] = [...provides.unmet, ...provides.unknown];
  if (unmet) return { why: `${unmet.need.by} needs more: ${unmet.why}` };
  const doubts = needs.doubts.filter((each) => !isSettled(each, question, scope));
  const hard = doubts.find((each) => !isLight(each));
  if (hard) return { why: `${hard.by}: ${hard.why}` };
  const weight = provides.missing.reduce((sum, { name }) => sum + (crossing.sizes[name] ?? 0), 0);
  if (to.size!.bytes + weight * 1e6 >= from.size!.bytes) {
    const heaviest = provides.missing.find(({ name }) => crossing.sizes[name] !== undefined)!;
    return {
      why: `${heaviest.need.by} would need ${heaviest.name}, which weighs more than is saved`,
    };
  }
  const instructions = withPackages(found.file, found.stage, provides, to, facts);
  if ('why' in instructions) return instructions;
  const stage = { ...found.stage, instructions };
  const inStage = stages[0]!.instructions.filter(
    (each) => !instructions.includes(each) && !found.touched.includes(each),
  );
  return {
    file: {
      ...found.file,
      stages: found.file.stages.map((each) => (each === found.stage ? stage : each)),
    },
    stage,
    touched: [...found.touched, ...inStage],
    provides,
    assumptions: assumptionsOf(
      doubts,
      from,
      to,
      found.installed.size > 0 || provides.missing.length > 0,
    ),
  };
}

function withPackages(
  file: Dockerfile,
  stage: Stage,
  { missing }: Provision,
  to: Image,
  facts: Facts,
): readonly Instruction[] | NotCrossed {
  if (missing.length === 0) return stage.instructions;
  const lines = missing.flatMap(({ need }) => Number(/^line (\d+)$/.exec(need.by)?.[1] ?? []));
  const names = missing.map(({ name }) => name);
  return addPackages(
    file,
    stage,
    { names, manager: to.packageManager ?? '', lines: new Set(lines) },
    facts,
  );
}

/** Programs that are called and that came with a package there, or only because it recommends theirs. */
function broughtAlong(
  needs: Needs,
  installed: ReadonlySet<string>,
  to: Image,
  facts: Facts,
): readonly Need[] {
  const { names, packages } = facts.recommends;
  const there = new Set(
    [...installed].flatMap((name) => [
      name,
      ...(Object.hasOwn(packages, name) ? packages[name]!.map((index) => names[index]!) : []),
    ]),
  );
  return needs.needs.flatMap((need): readonly Need[] => {
    if (need.kind !== 'command' || to.hasCommand(need.name) === 'yes') return [];
    const row = commandRow(need.name, facts);
    const isBrought = row?.debian.some((name) => there.has(name)) === true;
    const [first] = row?.alpine ?? [];
    if (!row || !isBrought || first === undefined || first === 'busybox') return [];
    if (row.alpine.some((name) => needs.installed.includes(name))) return [];
    const { when, by } = need;
    return [{ kind: 'packages', what: need.name, names: () => [first], when, by }];
  });
}

/** Shells of scripts that lie in the image, whether anybody is seen to call them or not. */
function shellNeeds({ file, stages, context, facts }: Question): readonly Need[] {
  const needs: Need[] = [];
  for (const stage of stages) {
    const { files } = filesAtEnd(file, stage, context, facts);
    for (const { path } of entriesOf(files)) {
      const text = files.texts.get(path);
      if (text?.startsWith('#!') !== true) continue;
      const name = /^#!\s*(?:\/usr\/bin\/env\s+|\S*\/)((?:ba|z|k)sh)\b/.exec(text)?.[1];
      if (name !== undefined) needs.push({ kind: 'command', name, when: 'run', by: path });
    }
  }
  return needs;
}

/** Shells that accounts are given. */
function loginShells(stages: readonly Stage[]): readonly Need[] {
  return stages.flatMap(({ instructions }) =>
    instructions.flatMap(({ kind, logical, origin }): readonly Need[] => {
      const found =
        kind === 'run' ? /\s(?:-s|--shell)[ =]\/bin\/((?:ba|z|k)sh)\b/.exec(logical.text) : null;
      if (!found) return [];
      return [{ kind: 'command', name: found[1]!, when: 'run', by: `line ${origin[0]!.line}` }];
    }),
  );
}

/** One of them is in each text that asks: they are found faster than by the pattern. */
const ZONES = ['zoneinfo', 'ZoneInfo', 'date_default_timezone_set', 'TZInfo'];

const namesZone = byText(
  (text, words: readonly string[]) =>
    words.some((word) => text.includes(word)) &&
    /\bzoneinfo\b|\bZoneInfo\b|date_default_timezone_set|TZInfo/.test(text),
);

/** Time zones, where anything asks for one by its name. */
function zoneNeeds({ file, stages, from, context, facts }: Question, to: Image): readonly Need[] {
  if (from.hasTimeZones === 'no' || to.hasTimeZones === 'yes') return [];
  const asks = stages
    .flatMap(({ instructions }) => instructions)
    .find(({ logical }) => /\bTZ\b|zoneinfo|\/etc\/(localtime|timezone)/.test(logical.text));
  const reader = (): string | undefined => {
    const { files } = filesAtEnd(file, stages.at(-1)!, context, facts);
    for (const [path, text] of files.texts) if (namesZone(text, ZONES)) return path;
    return undefined;
  };
  const by = asks ? `line ${asks.origin[0]!.line}` : reader();
  if (by === undefined) return [];
  return [{ kind: 'packages', what: 'time zones', names: () => ['tzdata'], when: 'run', by }];
}

/** What a program starts that its text does not name, and packages that nobody knows: mostly nothing. */
function isLight({ of, when, why }: Doubt): boolean {
  if (UNSEEN.test(why)) return false;
  return of === 'packages' || (of === 'programs' && when === 'run');
}

const NOTHING_SAID = 'nothing says what a container of it runs';

/** A program that is no script, of which nobody is seen to make it. */
const UNSEEN = /^(?:\S+: )?nobody can see what (\S+) calls$/;

/** Of another stage's steps, or of what runs on both. */
function isSettled(
  { by, of, when, why }: Doubt,
  question: Question,
  { crossing, from, to }: CrossingScope,
): boolean {
  const line = Number(/^line (\d+)$/.exec(by)?.[1] ?? Number.NaN);
  const { file, stages, context, facts } = question;
  const owner = file.stages.find(({ instructions }) =>
    instructions.some(({ origin }) => origin.some((each) => each.line === line)),
  );
  const isOther = owner !== undefined && !stages.includes(owner);
  if (of === 'programs' && when === 'build') return isOther;
  // Then both run what their rows say, which is the same.
  if (why === NOTHING_SAID) return from.family === to.family;
  const program = UNSEEN.exec(why)?.[1];
  if (program?.startsWith('/') === true) {
    const made = madeBy(program.slice(1), stages.at(-1)!, { file, context, facts });
    return 'linkage' in made && made.linkage.kind === 'static';
  }
  const image = /^what comes from (\S+) /.exec(why)?.[1];
  if (image !== undefined) return isPortable(image, crossing);
  if (!isOther || from.libc?.kind === to.libc?.kind) return false;
  return stages.every((stage) =>
    stage.instructions.every((copy) => {
      if (copy.kind !== 'copy' || stageNamed(fromOf(copy), file, stage) !== owner) return true;
      const state = heldBefore(file, stage, copy, facts);
      const target = imagePath(state, copy.destination?.text ?? '', copy.escape);
      const isFolder = /\/$|(^|\/)\.$/.test(copy.destination?.text ?? '');
      return copy.sources.every(({ text }) => {
        if (
          /\.(jar|war|phar|html|css|js|json|conf|ya?ml)$|^\/etc\/(ssl|passwd|group)|^\/usr\/share\/(zoneinfo|ca-certificates)/.test(
            text,
          )
        )
          return true;
        const path = isFolder ? `${target}/${text.replace(/^.*\//, '')}` : target;
        const made = madeBy(path.replace(/^\//, ''), stage, { file, context, facts });
        return 'linkage' in made && made.linkage.kind === 'static';
      });
    }),
  );
}

const MOST = 3;

function assumptionsOf(
  doubts: readonly Doubt[],
  from: Image,
  to: Image,
  installs: boolean,
): readonly string[] {
  const all = [
    ...new Set(doubts.map(({ by, why }) => `${by} needs nothing that ${to.tag} lacks (${why})`)),
  ];
  const zones = from.hasTimeZones === 'yes' && to.hasTimeZones !== 'yes';
  return [
    `musl instead of glibc: nothing relies on glibc's locales, name service or large stacks${zones ? ', or on time zones that are not named here' : ''}`,
    "busybox shell and tools: scripts ask nothing of them but what Debian's and they have in common",
    ...(installs
      ? [
          `the versions of packages that ${to.distribution?.id} ${to.distribution?.version ?? ''} has will do`,
        ]
      : []),
    ...all.slice(0, MOST),
    ...(all.length > MOST ? [`the same of ${all.length - MOST} more`] : []),
  ];
}
