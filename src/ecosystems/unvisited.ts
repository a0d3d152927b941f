/** Whether a container has no use for the packages of a project, because another project is what runs. */
import { gapsOf, isWithin } from '../analysis/context.ts';
import { under } from './findings.ts';
import { ownName, type WorkScope } from './work.ts';

const RUNTIMES = /^(node|nodejs|npm|yarn|yarnpkg|pnpm|bun)$/;

/** Programs that handle files and load no package. */
const OF_FILES = /^(cp|mv|ln|chown|chmod|mkdir|rm|ls|echo|test|cat|sed|envsubst|exec|\[)$/;

/** Whether nothing that runs lies in the folder of the project, and no code elsewhere speaks of it. */
export function isUnvisited(root: string, scope: WorkScope): boolean {
  const { started, atEnd, variable } = scope;
  if (root === '' || !atEnd || gapsOf(atEnd).length > 0 || started.length === 0) return false;
  if ((variable('NODE_PATH') ?? '?') !== '') return false;
  // Servers of pages may send files of packages.
  if (!started.some((each) => RUNTIMES.test(ownName(each)))) return false;
  const isVisited = started.some(({ program, args, folder }) => {
    if (isWithin(folder, root)) return true;
    if (OF_FILES.test(program)) return false;
    if (args.includes(undefined)) return true;
    const words = [program, ...args.map((arg) => arg!)];
    return words
      .flatMap((word) => word.split('='))
      .some((word) => isWithin(under(folder, word), root));
  });
  if (isVisited || isPutElsewhere(root, scope)) return false;
  const last = root.slice(root.lastIndexOf('/') + 1);
  const name = last.replace(/\W/g, '\\$&');
  const mention = new RegExp(`[/'"\`]${name}(?=[/'"\`])|\\b(cd|prefix|cwd)[= ]+(\\./)?${name}\\b`);
  return ![...atEnd.texts].some(
    ([path, text]) =>
      !isWithin(path, root) &&
      /\.([cm]?[jt]sx?|json|sh)$|(^|\/)[^./]+$/.test(path) &&
      text.includes(last) &&
      mention.test(text),
  );
}

/** Whether the build puts packages into other folders as well: by a link, a copy or a move. */
function isPutElsewhere(root: string, { earlier, later, alongside }: WorkScope): boolean {
  const calls = [...earlier, ...later];
  const commands = [...calls.map(({ command }) => command), ...alongside];
  const isNamed = commands.some(
    ({ words }) =>
      PUTTING.test(words[0]?.literal ?? '') && words.some(({ text }) => /node_modules/.test(text)),
  );
  return (
    isNamed ||
    calls.some(
      (call) =>
        PUTTING.test(ownName(call)) &&
        call.args.some((arg) => arg !== undefined && isWithin(root, under(call.folder, arg))),
    )
  );
}

const PUTTING = /^(ln|cp|mv|rsync|tar|install)$/;
