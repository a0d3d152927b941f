/** What programs start that read lists of commands: schedules of cron, and files of processes. */
import type { Call, CallScope, Started } from '../analysis/calls.ts';
import { textOf } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';

/** Where cron finds its schedules, without a slash in front. */
const SCHEDULES =
  /^(etc\/(cron\.d|crontabs)\/[^/.]+|etc\/crontab|var\/spool\/cron\/(crontabs\/)?[^/.]+)$/;

/** @param name of a program that starts what files list */
export function startedByLists(name: string, call: Call, scope: CallScope): Started | undefined {
  if (/^crond?$/.test(name)) {
    return scope.files && scripts([...scope.files.texts.keys()].filter(isSchedule), timed);
  }
  if (name === 'supercronic') {
    return scripts(
      operands(call).map((path) => placeOf(path, call)),
      timed,
    );
  }
  const at = call.args.findIndex((arg) => /^(-f|--procfile)$/.test(arg ?? ''));
  const file = at < 0 ? 'Procfile' : (call.args[at + 1] ?? '');
  return scripts([placeOf(file, call)], named);

  function scripts(
    paths: readonly string[],
    commandOf: (line: string) => string | undefined,
  ): Started | undefined {
    const found = paths.flatMap((path) => {
      const text = scope.files && textOf(scope.files, path);
      if (text?.kind !== 'text') return [];
      const lines = text.text.split(/\r?\n/).flatMap((line) => commandOf(line) ?? []);
      return lines.map((line, index) => ({ name: `${path} ${index + 1}`, text: line }));
    });
    return found.length > 0 ? { scripts: found } : undefined;
  }
}

function isSchedule(path: string): boolean {
  return SCHEDULES.test(path);
}

function operands({ args }: Call): readonly string[] {
  return args.flatMap((arg) => (arg === undefined || arg.startsWith('-') ? [] : [arg]));
}

function placeOf(path: string, { folder }: Call): string {
  return pathInside(path.startsWith('/') ? path : `${folder}/${path}`);
}

/** The command behind the time, and behind the account that those of the system name. */
export function timed(line: string): string | undefined {
  const rest = /^\s*(?:@\w+|(?:[\d*/,-][\w*/,-]*\s+){4}[\w*/,-]+)\s+(\S.*)$/.exec(line)?.[1];
  return rest?.replace(/^(root|www-data|nobody|node|app|deploy)\s+/, '').replace(/\\%/g, '%');
}

/** `web: gunicorn app:app` */
function named(line: string): string | undefined {
  return /^\s*[\w-]+:\s*(\S.*)$/.exec(line)?.[1];
}
