/** What a container starts and no step brings or makes: it comes when it is started, or never. */
import { plainName, type Call } from '../analysis/calls.ts';
import { entryAt, gapsOf, isWithin } from '../analysis/context.ts';
import { baseName, hasWildcards, pathInside } from '../analysis/go-paths.ts';
import type { ImageFiles } from '../analysis/image-files.ts';
import { fromOf } from '../analysis/stages.ts';
import { isCopy } from '../dockerfile/model.ts';
import { ownName } from '../ecosystems/work.ts';
import type { Made } from './carried.ts';
import type { CopyScope } from './copy-fates.ts';

/** @param of what is started by its path, or what an interpreter is told to run */
export function fromOutside(
  { scope: { stage }, runs, running }: Pick<CopyScope, 'scope' | 'runs' | 'running'>,
  { files }: ImageFiles,
  made: readonly Made[],
  of: 'programs' | 'scripts',
): string | undefined {
  const isForeign = stage.instructions.some(
    (each) => isCopy(each) && (fromOf(each) !== undefined || each.keyword.toUpperCase() === 'ADD'),
  );
  const isOwn = stage.instructions.some(({ kind }) => kind === 'cmd' || kind === 'entrypoint');
  if (!isOwn || isForeign || gapsOf(files).length > 0) return undefined;
  return running.calls
    .flatMap((call) => (of === 'programs' ? programOf(call) : scriptOf(call)) ?? [])
    .find(
      (path) =>
        !hasWildcards(path) &&
        ['', '.js', '/index.js'].every((ending) => entryAt(files, path + ending) === undefined) &&
        !made.some((each) => isWithin(path, each.path)) &&
        !path.startsWith('docker-entrypoint') &&
        runs.every(({ run }) => !run.text.includes(baseName(path))),
    );
}

const SCRIPT = /\.(sh|rb|py|[cm]?js|php)$|-?entrypoint$/;

function programOf({ program, by, folder }: Call): string | undefined {
  const isPath = by === '' && program.includes('/') && plainName(program) === program;
  return isPath && SCRIPT.test(program) ? at(folder, program) : undefined;
}

const INTERPRETERS = /^(node|nodejs|python[\d.]*|ruby|php|(ba)?sh)$/;

/** What an interpreter is told to run: a shell script may look first whether it is there. */
function scriptOf(call: Call): string | undefined {
  const { args, by, folder } = call;
  if (!INTERPRETERS.test(ownName(call)) || /\.(ba)?sh$|entrypoint/.test(by)) return undefined;
  const script = args[0] === '-u' ? args[1] : args[0];
  const isScript = script !== undefined && !script.startsWith('-') && SCRIPT.test(script);
  return isScript ? at(folder, script) : undefined;
}

function at(folder: string, path: string): string {
  return pathInside(path.startsWith('/') ? path : `${folder}/${path}`);
}
