/** Several RUNs into one: when that keeps what they do, and how the result is written. */
import { stateBefore } from './analysis/state.ts';
import { programName } from './analysis/packages.ts';
import type { Dockerfile, RunInstruction, Stage } from './dockerfile/model.ts';
import { withText } from './dockerfile/parse.ts';
import { printRun, type RunPiece } from './dockerfile/print.ts';
import { runBody, type Script } from './dockerfile/shell.ts';
import type { Style } from './dockerfile/style.ts';

/** Commands that change the shell itself: in a RUN of their own they were forgotten at its end. */
const LEAKS = new Set(
  (
    'cd pushd popd export set unset . source alias unalias umask ulimit trap exec exit return ' +
    'eval shopt readonly declare typeset local let getopts shift hash builtin enable'
  ).split(' '),
);

function scriptOf(file: Dockerfile, stage: Stage, run: RunInstruction): Script | undefined {
  const body = runBody(run, stateBefore(file, stage, run).shell);
  return body.kind === 'script' ? body : undefined;
}

/** Why the RUNs cannot become one, or `undefined` where they can. */
export function whyNotJoin(
  file: Dockerfile,
  stage: Stage,
  runs: readonly RunInstruction[],
): string | undefined {
  for (const [index, run] of runs.entries()) {
    const script = scriptOf(file, stage, run);
    const line = `line ${run.origin[0]!.line}`;
    if (!script) return `${line}: the shell code is not understood`;
    if (script.form !== 'shell' || run.heredocs.length > 0) return `${line}: it is no plain RUN`;
    if (run.flags.length > 0) return `${line}: it has flags of its own`;
    const [chain] = script.chains;
    if (!chain || script.chains.length > 1) return `${line}: it is a list of several commands`;
    if (chain.background) return `${line}: it runs in the background`;
    if (chain.links.some((link) => link.operator === '||')) return `${line}: it has an "||"`;
    const tail = run.text.slice(chain.end, run.args.end);
    if (index < runs.length - 1 && tail.trim() !== '') {
      return `${line}: something follows its last command`;
    }
    if (chain.links.some((link) => link.type === 'function')) return `${line}: it is a function`;
    if (index === runs.length - 1) continue;
    const strict = script.options.has('e') || script.options.has('errexit');
    if (strict && chain.links.some((link) => link.type === 'compound')) {
      return `${line}: a failing command inside would no longer end the script`;
    }
    const leak = script.commands.find(
      (command) =>
        !command.within.includes('subshell') &&
        !command.within.includes('substitution') &&
        (command.words.length === 0 || LEAKS.has(programName(command.words[0]) ?? '')),
    );
    if (leak) {
      return `${line}: "${leak.words[0]?.text ?? leak.assignments[0]?.name ?? 'a redirection'}" would reach the next command`;
    }
  }
  return undefined;
}

/** Comments that tools read: they work only above an instruction. */
const TOOL_COMMENT = /^#\s*(dfopt|hadolint|check|syntax|escape|trivy|checkov|kics|renovate)\b/i;

/**
 * One RUN in the place of several that `whyNotJoin` lets through. The comments of the first two
 * stand above it, those of the others above their part.
 */
export function joinRuns(
  file: Dockerfile,
  stage: Stage,
  runs: readonly RunInstruction[],
  style: Style,
): RunInstruction {
  const [first] = runs;
  const last = runs.at(-1)!;
  const above: string[] = [];
  const pieces = runs.map((run, index): RunPiece => {
    const end = index < runs.length - 1 ? scriptOf(file, stage, run)!.chains[0]!.end : run.args.end;
    const comments = index === 0 ? [] : commentsAbove(run);
    const inside = index > 1 && !comments.some((line) => TOOL_COMMENT.test(line));
    if (!inside) above.push(...comments);
    return { code: run.text.slice(run.args.start, end), comments: inside ? comments : [] };
  });
  const indentation = first!.lead.slice(first!.lead.lastIndexOf('\n') + 1);
  const head = first!.lead.slice(0, first!.lead.length - indentation.length);
  const joined = withText(first!, printRun(first!.keyword, pieces, first!.escape, style));
  return {
    ...joined,
    lead: head + above.map((line) => indentation + line + style.eol).join('') + indentation,
    origin: runs.flatMap((run) => run.origin),
    eol: last.eol,
  };
}

function commentsAbove(run: RunInstruction): string[] {
  return run.lead
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('#'));
}
