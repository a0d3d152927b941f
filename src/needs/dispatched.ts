/** What programs such as cron and supervisord start, which their own files say. */
import { callsIn, type Calls } from '../analysis/calls.ts';
import { entriesOf, type BuildContext } from '../analysis/context.ts';
import { matchesAny } from '../analysis/patterns.ts';
import { scriptOf } from '../dockerfile/shell.ts';
import { timed } from '../ecosystems/schedules.ts';
import { startedByTools } from '../ecosystems/started.ts';
import type { Facts } from '../facts/types.ts';

/** Files that such programs read, by their places in the image, or their names. */
const SETTINGS =
  /(^|\/)(supervisord?[\w.-]*\.(conf|ini)|crontabs?([._-][\w-]+)?)$|^etc\/(cron\.d|supervisor\/conf\.d|supervisor\.d)\/[^/]+$|^var\/spool\/cron\//;

const COMMAND = /^\s*command\s*=\s*(\S.*)$/;

/**
 * The code that files of the image tell them to start; `undefined` where no such file was read, or one
 * was not.
 */
function dispatched(files: BuildContext): readonly string[] | undefined {
  const texts: string[] = [];
  for (const { path, kind } of entriesOf(files)) {
    if (kind !== 'file' || !SETTINGS.test(path)) continue;
    const text = files.texts.get(path);
    if (text === undefined) return undefined;
    for (const line of text.split(/\r?\n/)) {
      if (/^\s*[#;]/.test(line)) continue;
      const code = COMMAND.exec(line)?.[1] ?? timed(line);
      if (code !== undefined) texts.push(code.replace(/%\(ENV_(\w+)\)s/g, '$$$1'));
    }
  }
  return texts.length === 0 ? undefined : texts;
}

/** The calls of that code, each from the top of the image; or why nobody knows them. */
export function dispatchedCalls(
  files: BuildContext | undefined,
  facts: Facts,
): readonly Calls[] | string {
  const texts = files && dispatched(files);
  if (!texts) return 'it starts what its settings say, which nobody has read';
  const found: Calls[] = [];
  for (const text of texts) {
    const script = scriptOf(text);
    if (script.kind !== 'script') return 'its settings are not understood';
    const { calls, doubts } = callsIn(script, '', { files, facts, runs: startedByTools });
    const isOther = (program: string): boolean => !matchesAny(facts.programs.dispatchers, program);
    found.push({ calls: calls.filter(({ program }) => isOther(program)), doubts });
  }
  return found;
}
