/** Scripts that a build downloads, and containers start: which programs they call shows nowhere. */
import { baseName, pathInside } from '../analysis/go-paths.ts';
import { matchesAny } from '../analysis/patterns.ts';
import { stateBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import { isCopy } from '../dockerfile/model.ts';
import { copyPlace } from '../analysis/copy-place.ts';
import { ownName } from '../ecosystems/work.ts';
import type { Running } from './running.ts';
import type { RunSteps, StageScope } from './steps.ts';

/** What the address of a script looks like: hosts of sources, and endings. */
const SCRIPT_ADDRESS =
  /^https?:\/\/(raw\.githubusercontent\.com|gist\.\w+\.com|[^/]+\/.*\/raw\/)|^https?:\/\/\S+\.(sh|bash|py|rb|pl|php|js)([?#]\S*)?$/;

/** A file of the image, without a slash in front, that is one; those whose needs are known aside. */
export function fetchedScript(
  runs: readonly RunSteps[],
  { programs }: Pick<Running, 'programs'>,
  { file, stage, context, facts }: StageScope,
): string | undefined {
  const isStarted = (path: string): boolean =>
    programs.has(path) && !matchesAny(facts.development.neutral, baseName(path));
  for (const { call, role } of runs.flatMap(({ steps }) => steps)) {
    if (role.kind !== 'change' || !call || !/^(curl|wget)$/.test(ownName(call))) continue;
    if (!call.args.some((arg) => SCRIPT_ADDRESS.test(arg ?? ''))) continue;
    const written = role.effects.writes.flatMap(({ path }) => plainText(path) ?? []);
    const found = written.map(pathInside).find(isStarted);
    if (found !== undefined) return found;
  }
  for (const each of stage.instructions) {
    if (!isCopy(each)) continue;
    const source = each.sources.find(({ text }) => SCRIPT_ADDRESS.test(text));
    const place = copyPlace(each, stateBefore(file, stage, each, facts), context, 'usual');
    if (!source || !place) continue;
    const found = [place.path, `${place.path}/${baseName(source.text)}`]
      .map(pathInside)
      .find(isStarted);
    if (found !== undefined) return found;
  }
  return undefined;
}
