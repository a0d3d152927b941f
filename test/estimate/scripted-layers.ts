/** RUNs of real builds, with what was measured of their layers and what languages say of their calls. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sum, type Amount } from '../../src/analysis/amounts.ts';
import { callsIn } from '../../src/analysis/calls.ts';
import type { BuildContext } from '../../src/analysis/context.ts';
import { filesBefore, imagePath } from '../../src/analysis/image-files.ts';
import { imageOf } from '../../src/analysis/images.ts';
import { baseImage } from '../../src/analysis/stages.ts';
import { stateBefore } from '../../src/analysis/state.ts';
import { plainText } from '../../src/analysis/values.ts';
import type { RunInstruction } from '../../src/dockerfile/model.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import { runBody } from '../../src/dockerfile/shell.ts';
import { php } from '../../src/ecosystems/php.ts';
import { python } from '../../src/ecosystems/python.ts';
import { ruby } from '../../src/ecosystems/ruby.ts';
import { siteWeigh } from '../../src/ecosystems/site-weight.ts';
import type { Weight } from '../../src/ecosystems/weight.ts';
import type { WorkScope } from '../../src/ecosystems/work.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { readContext } from '../../src/sources/read-context.ts';
import { variableAt } from '../../src/needs/made-by.ts';
import { PROJECT } from '../lab/engine.ts';
import { contextFrom, type Tree } from '../support/contexts.ts';

export interface Layer {
  readonly name: string;
  readonly isHeldOut: boolean;
  readonly code: string;
  readonly measured: number;
  /** `undefined` where a call is none of these languages' tools, or its weight is unknown. */
  readonly estimate: Amount | undefined;
}

interface Build {
  readonly name: string;
  readonly isHeldOut: boolean;
  readonly dockerfile: string;
  readonly files: Tree;
  readonly runs: readonly number[];
}

export function builtLayers(): readonly Layer[] {
  const path = join(PROJECT, 'corpus', 'measured-scripted.json');
  const { builds } = JSON.parse(readFileSync(path, 'utf8')) as { builds: readonly Build[] };
  return builds.flatMap(({ name, isHeldOut, dockerfile, files, runs }) =>
    weighed(dockerfile, contextFrom(files)).map(({ code, amount }, index): Layer => ({
      name,
      isHeldOut,
      code,
      measured: runs[index]!,
      estimate: amount,
    })),
  );
}

/** Each RUN with the sum of what its calls leave. */
export function weighed(
  dockerfile: string,
  context: BuildContext,
): readonly { readonly code: string; readonly amount: Amount | undefined }[] {
  return runsOf(dockerfile, context).map(({ code, weights }) => {
    const amounts = weights.flatMap((each) => each?.map(({ amount }) => amount) ?? [undefined]);
    const isKnown = weights.length > 0 && !amounts.includes(undefined);
    return { code, amount: isKnown ? sum(amounts as Amount[]) : undefined };
  });
}

/** All that the calls of a Dockerfile leave. */
export function weightsOf(dockerfile: string, context: BuildContext): readonly Weight[] {
  return runsOf(dockerfile, context).flatMap(({ weights }) =>
    weights.flatMap((each) => each ?? []),
  );
}

function runsOf(
  dockerfile: string,
  context: BuildContext,
): readonly {
  readonly code: string;
  readonly weights: readonly (readonly Weight[] | undefined)[];
}[] {
  const facts = loadFacts();
  const file = parse(dockerfile);
  return file.stages.flatMap((stage) => {
    const base = baseImage(file, stage);
    const image = base && imageOf(base, facts);
    const runs = stage.instructions.filter((each): each is RunInstruction => each.kind === 'run');
    const read = runs.map((run) => {
      const state = stateBefore(file, stage, run, facts);
      const body = runBody(run, state.shell);
      const { files } = filesBefore(file, stage, run, context, facts);
      const its =
        body.kind === 'script'
          ? callsIn(body, imagePath(state, '.'), { files, facts, runs: () => undefined }).calls
          : [];
      return { run, state, body, files, calls: its };
    });
    const all = read.flatMap(({ calls }) => calls);
    return read.map(({ run, state, body, files, calls }) => {
      const weights = calls.map((call) => {
        const commands = body.kind === 'script' ? body.commands : [];
        const scope: WorkScope = {
          files,
          atEnd: undefined,
          image,
          facts,
          variable: (name) => variableAt(name, call, run, state),
          user: plainText(state.user.usual),
          environment: '',
          isShell: true,
          alongside: commands.slice(0, commands.indexOf(call.command)),
          earlier: all.slice(0, all.indexOf(call)),
          later: all.slice(all.indexOf(call) + 1),
          started: [],
        };
        for (const weigh of [siteWeigh, python.weigh!, ruby.weigh!, php.weigh!]) {
          const found = weigh(call, scope);
          if (found) return found;
        }
        return undefined;
      });
      return { code: run.text, weights };
    });
  });
}

/** Cases whose layers were looked at while the estimate was made, or changed it. */
const FITTED = new Set([
  'python/c-extension',
  'python/ctypes-library-of-the-base',
  'python/editable-install',
  'python/pdf-search',
  'python/vendored-framework',
  'python/wheelhouse',
  'php/composer-path-repository',
  'ruby/bundler-path-gems',
]);

interface MeasuredCase {
  readonly layers: {
    readonly before: readonly { readonly by: string; readonly bytes: number }[];
  };
}

/** Layers of the corpus with nothing in them but calls that these languages know. */
export function corpusLayers(): readonly Layer[] {
  const path = join(PROJECT, 'corpus', 'measured.json');
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as {
    cases: Readonly<Record<string, MeasuredCase>>;
  };
  return Object.entries(cases).flatMap(([name, { layers }]) => {
    if (!/^(python|ruby|php|site)\//.test(name)) return [];
    const folder = join(PROJECT, 'corpus', name);
    const { manifests } = loadFacts();
    const read = readContext({ folder, dockerfile: join(folder, 'Dockerfile'), manifests });
    if (read.kind !== 'context') throw new Error(read.why);
    const text = readFileSync(join(folder, 'Dockerfile'), 'utf8');
    return weighed(text, read.context).flatMap(({ code, amount }): Layer[] => {
      const start = code.replace(/\s+/g, ' ').slice(0, 30);
      const layer = layers.before.find(({ by }) => by.replace(/\s+/g, ' ').startsWith(start));
      if (!layer || !amount) return [];
      const isHeldOut = !FITTED.has(name);
      return [{ name, isHeldOut, code, measured: layer.bytes, estimate: amount }];
    });
  });
}
