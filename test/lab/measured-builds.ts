/**
 * Builds of compiled languages that were measured (corpus/measured-builds.json, and the corpus itself as
 * corpus/measured.json has it), and what the languages say of each.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sum, type Amount } from '../../src/analysis/amounts.ts';
import { callsIn, type Call } from '../../src/analysis/calls.ts';
import { makeContext, type BuildContext } from '../../src/analysis/context.ts';
import { filesAtEnd, filesBefore, imagePath } from '../../src/analysis/image-files.ts';
import { imageOf } from '../../src/analysis/images.ts';
import { baseImage } from '../../src/analysis/stages.ts';
import { stateBefore } from '../../src/analysis/state.ts';
import { plainText } from '../../src/analysis/values.ts';
import { contextsOf } from '../../src/cli/contexts.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import type { Dockerfile, RunInstruction, Stage } from '../../src/dockerfile/model.ts';
import { runBody } from '../../src/dockerfile/shell.ts';
import { weigh } from '../../src/ecosystems/index.ts';
import { startedByTools } from '../../src/ecosystems/started.ts';
import type { Weight } from '../../src/ecosystems/weight.ts';
import type { WorkScope } from '../../src/ecosystems/work.ts';
import type { Facts } from '../../src/facts/types.ts';
import { variableAt } from '../../src/needs/made-by.ts';
import { PROJECT } from './engine.ts';

/** A build as it came out, in bytes of the layer of its last RUN. */
export interface MeasuredBuild {
  /** `go/hello`. */
  readonly name: string;
  /** Held back: no figure was fitted on it. */
  readonly isHeld: boolean;
  /** The one file of the layer that was measured; absent: all of it. */
  readonly part?: string;
  readonly dockerfile: string;
  /** The build context: the text of each file. */
  readonly files: Readonly<Record<string, string>>;
  readonly bytes: number;
  /** Of the layer, without a slash in front: what is larger than 1 % of it. */
  readonly paths: Readonly<Record<string, number>>;
}

export interface Compared {
  readonly name: string;
  readonly isHeld: boolean;
  readonly bytes: number;
  /** `undefined` where nobody knows. */
  readonly estimate: Amount | undefined;
  readonly weights: readonly Weight[];
}

export function readMeasured(): readonly MeasuredBuild[] {
  const path = join(PROJECT, 'corpus', 'measured-builds.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { builds: MeasuredBuild[] }).builds;
}

/** What the languages say of each RUN of a stage. */
export function weightsOf(
  text: string,
  context: BuildContext,
  facts: Facts,
  stageAt = -1,
): readonly { readonly run: RunInstruction; readonly weights: readonly Weight[] }[] {
  const file = parse(text);
  const stage = file.stages.at(stageAt)!;
  const runs = stage.instructions.filter((each): each is RunInstruction => each.kind === 'run');
  const read = runs.map((run) => ({ run, calls: callsOf(run, file, stage, context, facts) }));
  const all = read.flatMap(({ calls }) => calls);
  const atEnd = filesAtEnd(file, stage, context, facts).files;
  const name = baseImage(file, stage);
  const image = name && imageOf(name, facts);
  return read.map(({ run, calls }) => {
    const state = stateBefore(file, stage, run, facts);
    const { files } = filesBefore(file, stage, run, context, facts);
    const scopeOf = (call: Call): WorkScope => ({
      files,
      atEnd,
      image,
      facts,
      variable: (variable) => variableAt(variable, call, run, state),
      user: plainText(state.user.usual),
      environment: '',
      isShell: true,
      alongside: [],
      earlier: all.slice(0, all.indexOf(call)),
      later: all.slice(all.indexOf(call) + 1),
      started: [],
    });
    return { run, weights: calls.flatMap((call) => weigh(call, scopeOf(call)) ?? []) };
  });
}

function callsOf(
  run: RunInstruction,
  file: Dockerfile,
  stage: Stage,
  context: BuildContext,
  facts: Facts,
): readonly Call[] {
  const state = stateBefore(file, stage, run, facts);
  const body = runBody(run, state.shell);
  if (body.kind !== 'script') return [];
  const { files } = filesBefore(file, stage, run, context, facts);
  return callsIn(body, imagePath(state, '.'), { files, facts, runs: startedByTools }).calls;
}

export function totalOf(weights: readonly Weight[]): Amount | undefined {
  const known = weights.flatMap(({ amount }) => (amount ? [amount] : []));
  return weights.length === 0 || known.length < weights.length ? undefined : sum(known);
}

/** By which share of what was measured the estimate is too high. */
export function deviationOf({ bytes, estimate }: Compared): number {
  return estimate ? estimate.bytes / bytes - 1 : Number.NaN;
}

/**
 * Layers of the corpus that RUNs of compiled languages made: the case, and how its RUN begins. Not those
 * whose base stands in for one with another release of the language.
 */
const IN_CORPUS: readonly (readonly [name: string, run: string, isHeld: boolean])[] = [
  ['c/cmake-shared-library', 'cmake -S', true],
  ['c/cmake-shared-library', 'cmake --build', true],
  ['c/cmake-shared-library', 'cmake --install', true],
  ['c/make-static', 'make', true],
  ['cpp/header-only', 'g++', false],
  ['go/cgo', 'go vet', true],
  ['go/cgo', 'go install', true],
  ['go/embed', 'CGO_ENABLED=0 go build', false],
  ['go/server-with-page', 'go build', false],
  ['go/time-zones', 'gofmt', true],
  ['go/tls-client', 'go build', false],
  ['java/fat-jar', 'mvn', false],
  ['java/javac-single-jar', 'javac', true],
  ['java/javac-single-jar', 'jar', true],
  ['java/maven-server', 'mvn', false],
  ['rust/weather-stations', 'cargo build', false],
  ['rust/weather-stations', 'cargo test', false],
];

interface Layer {
  readonly by: string;
  readonly bytes: number;
}

interface Lab {
  readonly cases: Readonly<Record<string, { readonly layers: { readonly before: Layer[] } }>>;
}

/** The layers of {@link IN_CORPUS}, beside what the languages say. */
export function compareCorpus(facts: Facts): readonly Compared[] {
  const { cases } = JSON.parse(
    readFileSync(join(PROJECT, 'corpus', 'measured.json'), 'utf8'),
  ) as Lab;
  return IN_CORPUS.map(([name, start, isHeld]) => {
    const path = join(PROJECT, 'corpus', name, 'Dockerfile');
    const text = readFileSync(path, 'utf8');
    const { context } = contextsOf(undefined, facts.manifests).of(path, text);
    const found = weightsOf(text, context!, facts).find(({ run }) =>
      run.argsText.trim().startsWith(start),
    );
    const layer = cases[name]!.layers.before.find(({ by }) => {
      // It is cut off behind some words.
      const code = /^run (?:\|\d+ .*?\/bin\/sh -c )?(.+)$/is.exec(by)?.[1] ?? '?';
      return code.startsWith(start) || start.startsWith(code);
    });
    if (!found || !layer) throw new Error(`${name} has no "${start}" that was measured`);
    const { weights } = found;
    return {
      name: `${name}: ${start}`,
      isHeld,
      bytes: layer.bytes,
      estimate: totalOf(weights),
      weights,
    };
  });
}

/** The layer of each build beside what the languages say. */
export function compareBuilds(facts: Facts): readonly Compared[] {
  return readMeasured().map(({ name, isHeld, part, dockerfile, files, bytes }) => {
    const context = makeContext({
      entries: Object.entries(files).map(([path, text]) => ({
        path,
        kind: 'file' as const,
        bytes: Buffer.byteLength(text),
        isExecutable: false,
      })),
      texts: new Map(Object.entries(files)),
    });
    const all = weightsOf(dockerfile, context, facts).at(-1)!.weights;
    const weights = part === undefined ? all : all.filter(({ path }) => path === part);
    return { name, isHeld, bytes, estimate: totalOf(weights), weights };
  });
}
