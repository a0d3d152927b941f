/** From which folders scripts and pipelines build a Dockerfile that they name. */
import { folderOf } from '../analysis/go-paths.ts';
import { commandsIn, isScript, wordsOf } from './scripts.ts';
import { join, type UseFile } from './use-files.ts';

/** The folders, from the top of the repository; only of commands that name the Dockerfile with its path. */
export function builtFrom(files: readonly UseFile[], dockerfile: string): readonly string[] {
  const found = files.flatMap((file) =>
    [
      ...(isScript(file.path) ? commandsIn(file.text).flatMap(buildOf) : []),
      ...(WORKFLOW.test(file.path) ? actionsIn(file.text) : []),
    ].flatMap((build) => placed(build, file.path, dockerfile) ?? []),
  );
  return [...new Set(found)];
}

/** As it is written. */
interface Build {
  readonly file: string;
  readonly context: string;
}

const WORKFLOW = /(^|\/)\.github\/workflows\/[^/]*\.ya?ml$/;

const OPTIONS_WITH_VALUE =
  /^(-[tom]|--(tag|build-arg|target|platform|label|network|progress|output|cache-from|cache-to|secret|ssh|iidfile|metadata-file|build-context|builder|add-host|allow|annotation|attest|memory|shm-size|ulimit|cgroup-parent|isolation))$/;

/** `docker build -f docker/api.Dockerfile .` and its kin. */
function buildOf(line: string): Build[] {
  const words = wordsOf(line).map((word) => word.replaceAll(/["']/g, ''));
  const verb = words.findIndex((word) => word === 'build');
  const isOwn = words.slice(1, verb).every((word) => /^(buildx|image|builder)$/.test(word));
  if (verb < 1 || !isOwn || words[0] !== 'docker') return [];
  let file: string | undefined;
  const others: string[] = [];
  for (let at = verb + 1; at < words.length; at += 1) {
    const word = words[at]!;
    if (/^(-f|--file)$/.test(word)) file = words[(at += 1)];
    else if (/^(-f|--file)=/.test(word)) file = word.slice(word.indexOf('=') + 1);
    else if (OPTIONS_WITH_VALUE.test(word)) at += 1;
    else if (!word.startsWith('-')) others.push(word);
  }
  const [context, ...more] = others;
  return file !== undefined && context !== undefined && more.length === 0
    ? [{ file, context }]
    : [];
}

/** Of docker/build-push-action, whose paths start at the top. */
function actionsIn(text: string): Build[] {
  const steps = text.split(/^\s*- (?=\w)/m);
  return steps.flatMap((step) => {
    if (!/\buses:\s*docker\/build-push-action\b/.test(step)) return [];
    const [file, context] = ['file', 'context'].map(
      (key) => new RegExp(`^\\s*${key}:\\s*["']?([^\\s"'#]+)`, 'm').exec(step)?.[1],
    );
    return file === undefined ? [] : [{ file, context: context ?? '.' }];
  });
}

/** A folder that a variable of the shell or of make stands for: the one in which it runs. */
const HERE =
  /^(\$PWD|\$\{PWD\}|\$\(CURDIR\)|\$\{CURDIR\}|\$\((shell )?pwd\)|\$\{\{ ?github\.workspace ?\}\})(?=\/|$)/;

/** The context from the top, where it is this Dockerfile that the command names. */
function placed({ file, context }: Build, path: string, dockerfile: string): string | undefined {
  const [own, folder] = [file, context].map((each) => each.replace(HERE, '.'));
  if (folder!.includes('$') || /^[/~-]|:\/\//.test(folder!)) return undefined;
  // Scripts run where they lie, or at the top.
  for (const base of new Set([folderOf(path), ''])) {
    if (WORKFLOW.test(path) && base !== '') continue;
    const end = /\$[^/]*\/([^$]+)$/.exec(own!)?.[1];
    const isIt =
      end === undefined
        ? !own!.includes('$') && join(base, own!) === dockerfile
        : dockerfile === end || dockerfile.endsWith(`/${end}`);
    const found = isIt ? join(base, folder!) : undefined;
    if (found !== undefined && !found.startsWith('..')) return found;
  }
  return undefined;
}
