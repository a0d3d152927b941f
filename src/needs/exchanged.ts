/** Which stages hand compiled files to one another, so that they need the same libc and libraries. */
import { callsIn, callsOfProgram, type Call } from '../analysis/calls.ts';
import { isWithin } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { filesBefore, imagePath } from '../analysis/image-files.ts';
import { baseImage, baseOf, fromOf, stageNamed } from '../analysis/stages.ts';
import { imageOf } from '../analysis/images.ts';
import { withKnownWords } from '../analysis/known-words.ts';
import { matchesAny, matchesWhole, rowsOfProgram } from '../analysis/patterns.ts';
import { resolveWord, stateBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import type { CopyInstruction, Dockerfile, RunInstruction, Stage } from '../dockerfile/model.ts';
import { runBody } from '../dockerfile/shell.ts';
import { binaryOf } from '../ecosystems/binaries.ts';
import { startedByTools } from '../ecosystems/started.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import { installCallOf } from './install-calls.ts';
import { variableAt, type Making } from './made-by.ts';

export interface Exchange {
  readonly from: Stage;
  readonly to: Stage;
  /** The line of the first COPY between them. */
  readonly line: number;
  /** What compiles in the stage that gives: `cargo`. */
  readonly program: string;
  /** Whether it surely links the libc. */
  readonly isLinked: boolean;
}

/**
 * Pairs of stages of which one copies from the other what was compiled there and links libraries.
 *
 * @param matters whether anybody wants to know it of two stages
 */
export function exchangesIn(
  making: Making,
  matters: (from: Stage, to: Stage) => boolean,
): readonly Exchange[] {
  const { file } = making;
  return file.stages.flatMap((to) => {
    const found = new Map<Stage, Exchange>();
    const others = new Set<Stage>();
    for (const each of to.instructions) {
      const from = each.kind === 'copy' ? stageNamed(fromOf(each), file, to) : undefined;
      if (each.kind !== 'copy' || !from || found.has(from) || others.has(from)) continue;
      if (!matters(from, to)) {
        others.add(from);
        continue;
      }
      const compiled = compiledIn(from, each, to, making);
      if (compiled) found.set(from, { from, to, line: each.origin[0]!.line, ...compiled });
    }
    return [...found.values()];
  });
}

type Compiled = Pick<Exchange, 'program' | 'isLinked'>;

/** What is compiled in the stage, or in one below it, of what is copied. */
function compiledIn(
  stage: Stage,
  copy: CopyInstruction,
  to: Stage,
  making: Making,
): Compiled | undefined {
  const { file, facts } = making;
  const state = stateBefore(file, to, copy, facts);
  const paths = copy.sources.map(({ text }) =>
    pathInside(plainText(resolveWord(state, text, copy.escape).usual) ?? ''),
  );
  for (const each of stage.instructions) {
    if (each.kind !== 'run') continue;
    const found = compiledBy(each, paths, stage, to, making);
    if (found) return found;
  }
  const below = baseOf(file, stage);
  return below.kind === 'stage' ? compiledIn(below.stage, copy, to, making) : undefined;
}

function compiledBy(
  run: RunInstruction,
  paths: readonly string[],
  stage: Stage,
  to: Stage,
  { file, context, facts }: Making,
): Compiled | undefined {
  const state = stateBefore(file, stage, run, facts);
  const body = runBody(run, state.shell);
  if (body.kind === 'opaque') return undefined;
  const files = context && filesBefore(file, stage, run, context, facts).files;
  const scope = { files, facts, runs: startedByTools };
  const folder = imagePath(state, '.');
  const { calls } =
    body.kind === 'script'
      ? callsIn(body, folder, scope)
      : callsOfProgram(body.argv, folder, scope);
  const image = imageBelow(file, stage, facts);
  const other = imageBelow(file, to, facts);
  for (const call of withKnownWords(calls, run, state)) {
    const variable = (each: string): string | undefined => variableAt(each, call, run, state);
    const binary = binaryOf(call, { files, image, facts, installs: run.text, variable });
    const { program } = call;
    if (binary) {
      if (binary.linkage.kind === 'static') continue;
      return { program, isLinked: binary.linkage.kind === 'dynamic' };
    }
    // Packages of a language count where what was installed is copied to where the language is.
    if (installCallOf(call)) {
      const isSame = [...(image?.runtimes.keys() ?? [])].some((id) => other?.runtimes.has(id));
      const isCopied = paths.some(
        (path) => INSTALLED.test(path) || path === call.folder || isWithin(call.folder, path),
      );
      if (isSame && isCopied) return { program, isLinked: false };
    } else if (isCompiler(call, facts) && hasCompiler(stage, image)) {
      return { program, isLinked: false };
    }
  }
  return undefined;
}

/** Folders in which packages of languages lie. */
const INSTALLED =
  /(^|\/)(node_modules|site-packages|dist-packages|vendor|bundle|\.?venv|env|install|gems|usr\/local)(\/|$)/;

function imageBelow(file: Dockerfile, stage: Stage, facts: Facts): Image | undefined {
  const name = baseImage(file, stage);
  return name && imageOf(name, facts);
}

/** Whether C code can be compiled in a stage: with what its base brings, or with what is installed. */
function hasCompiler({ instructions }: Stage, image: Image | undefined): boolean {
  const isInstalled = instructions.some(
    ({ kind, text }) =>
      kind === 'run' &&
      /\b(install|add)\b[^&;|]*\s(gcc|g\+\+|clang|build-essential|build-base|alpine-sdk)(-[\d.]+)?(\s|$)/.test(
        text,
      ),
  );
  return isInstalled || image?.hasCommand('gcc') === 'yes';
}

function isCompiler(call: Call, { programs }: Facts): boolean {
  const name = call.program.slice(call.program.lastIndexOf('/') + 1);
  if (/^(go|cargo)$/.test(name)) return false;
  if (matchesAny(programs.compilers, name)) return true;
  const words = call.args.join(' ');
  return rowsOfProgram(programs.builders, name).some(
    (row) => row.words === undefined || matchesWhole(row.words, words),
  );
}
