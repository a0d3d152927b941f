/** Several RUNs into one: when that keeps what they do, and how the result is written. */
import { shellBefore } from './analysis/state.ts';
import { programName } from './analysis/packages.ts';
import type { Dockerfile, RunInstruction, Stage } from './dockerfile/model.ts';
import { commentsAbove, errexit } from './dockerfile/edit.ts';
import { withText } from './dockerfile/parse.ts';
import { printRun, type RunPiece } from './dockerfile/print.ts';
import { runBody, type Script, type SimpleCommand } from './dockerfile/shell.ts';
import type { Style } from './dockerfile/style.ts';

/** Commands that change the shell itself: in a RUN of their own they were forgotten at its end. */
const LEAKS = new Set(
  (
    'cd pushd popd export set unset . source alias unalias umask ulimit trap exec exit return ' +
    'eval shopt readonly declare typeset local let read mapfile readarray getopts shift hash ' +
    'builtin enable'
  ).split(' '),
);

/** Of those, what a command does not see that names what it works on by absolute paths. */
const HARMLESS = /^(|(cd|pushd|popd|export|umask)( .*)?|set( -[eux]+| -[eux]*o pipefail)+)$/;

/** `rm -rf /a /b/*`: it does the same whatever the shell's folder and variables are. */
function isBlindToShell({ words, assignments, redirections }: SimpleCommand): boolean {
  const [program, ...rest] = words;
  return (
    /^(rm|rmdir|mv)$/.test(program?.literal ?? '') &&
    assignments.length + redirections.length === 0 &&
    rest.every(({ text }) => /^(-[\w-]+|\/[\w./*?@%+=:-]*)$/.test(text))
  );
}

function scriptOf(file: Dockerfile, stage: Stage, run: RunInstruction): Script | undefined {
  const body = runBody(run, shellBefore(file, stage, run));
  return body.kind === 'script' ? body : undefined;
}

/** How a RUN's code stands in the joined one. */
type Form = 'plain' | 'subshell';

/** Each RUN's form, or why they cannot become one. */
type Plan = { readonly forms: readonly Form[] } | { readonly refused: string };

/**
 * How RUNs can become one that does the same: each in a shell that knows nothing of the ones before,
 * the next only where the one before succeeded.
 *
 * @param may `plain`: only as they stand, joined by `&&`; `subshell`: in parentheses where the shell
 *   state of one would reach the next, or where `||` and `;` would bind otherwise
 */
export function planJoin(
  file: Dockerfile,
  stage: Stage,
  runs: readonly RunInstruction[],
  may: Form,
): Plan {
  const forms: Form[] = [];
  for (const [index, run] of runs.entries()) {
    const refused = (why: string): Plan => ({ refused: `line ${run.origin[0]!.line}: ${why}` });
    const script = scriptOf(file, stage, run);
    if (!script) return refused('the shell code is not understood');
    if (script.form !== 'shell' || run.heredocs.length > 0) return refused('it is no plain RUN');
    if (flagsOf(run) !== flagsOf(runs[0]!)) return refused('it has flags of its own');
    if (script.chains.length === 0) return refused('it has no command');
    const isBackground =
      script.chains.some((chain) => chain.background) ||
      script.commands.some((command) => command.within.includes('background'));
    if (isBackground) return refused('it runs in the background');
    const isLast = index === runs.length - 1;
    const next = index === runs.length - 2 ? scriptOf(file, stage, runs.at(-1)!) : undefined;
    const isBlind = next?.commands.every((each) => isBlindToShell(each)) ?? false;
    const why =
      whyNotPlain(script, index === 0, isLast, isBlind) ?? loopVariable(script, run, runs, index);
    const tail = run.text.slice(script.chains.at(-1)!.end, run.args.end).trim();
    if (why === undefined) {
      if (!isLast && tail !== '') return refused('something follows its last command');
      forms.push('plain');
      continue;
    }
    if (may === 'plain') return refused(why);
    if (tail !== '' && tail !== ';') return refused('something follows its last command');
    // Left of `&&` the shell ignores `set -e`, inside a subshell as well.
    if (!isLast && errexit(script) !== 'off') {
      return refused('a failing command inside would no longer end the script');
    }
    forms.push('subshell');
  }
  return { forms };
}

/** Why code cannot stand as it is between `&&` and `&&`. */
function whyNotPlain(
  script: Script,
  isFirst: boolean,
  isLast: boolean,
  isNextBlind: boolean,
): string | undefined {
  const [chain, ...others] = script.chains;
  // `a; b && rm`: what is put behind the last command of a list leaves the others alone.
  const isOpenEnded = isFirst && isNextBlind && endsPlainly(script);
  if (others.length > 0 && !isOpenEnded) return 'it is a list of several commands';
  if (!isFirst && chain!.links.some((link) => link.operator === '||')) return 'it has an "||"';
  if (chain!.links.some((link) => link.type === 'function')) return 'it is a function';
  if (isLast) return undefined;
  const isStrict = errexit(script) !== 'off';
  if (isStrict && !endsPlainly(script)) {
    return 'a failing command inside would no longer end the script';
  }
  const leak = script.commands.find(
    (command) =>
      !command.within.includes('subshell') &&
      !command.within.includes('substitution') &&
      (command.words.length === 0 || LEAKS.has(programName(command.words[0]) ?? '')) &&
      !(isNextBlind && HARMLESS.test(command.words.map(({ text }) => text).join(' '))),
  );
  return (
    leak &&
    `"${leak.words[0]?.text ?? leak.assignments[0]?.name ?? 'a redirection'}" would reach the next command`
  );
}

/** No list of commands stands where a failure inside it would have to end the script. */
function endsPlainly({ chains, commands }: Script): boolean {
  const { links, start } = chains.at(-1)!;
  return (
    links.every(({ type, operator }) => /^(simple|pipeline)$/.test(type) && operator !== '||') &&
    commands.every(
      (each) => each.start < start || each.within.every((one) => one === 'pipeline'),
    ) &&
    chains.every((chain) => chain.links.every(({ type }) => type !== 'function'))
  );
}

/** A loop's variable that a later RUN reads. */
function loopVariable(
  script: Script,
  run: RunInstruction,
  runs: readonly RunInstruction[],
  index: number,
): string | undefined {
  const code = run.text.slice(script.start, script.end);
  const later = runs.slice(index + 1).map((each) => each.argsText);
  for (const [, name] of code.matchAll(/\b(?:for|select)\s+([A-Za-z_]\w*)/g)) {
    const isRead = later.some((text) => new RegExp(`\\b${name}\\b`).test(text));
    if (isRead) return `"${name}" would reach the next command`;
  }
  return undefined;
}

/** Why the RUNs cannot become one as they stand, or `undefined` where they can. */
export function whyNotJoin(
  file: Dockerfile,
  stage: Stage,
  runs: readonly RunInstruction[],
): string | undefined {
  const plan = planJoin(file, stage, runs, 'plain');
  return 'refused' in plan ? plan.refused : undefined;
}

/** The builder flags as written. */
function flagsOf(run: RunInstruction): string {
  return run.flags.map(({ start, end }) => run.text.slice(start, end)).join(' ');
}

/** Comments that tools read: they work only above an instruction. */
const TOOL_COMMENT = /^#\s*(dfopt|hadolint|check|syntax|escape|trivy|checkov|kics|renovate)\b/i;

/**
 * One RUN in the place of several that `planJoin` lets through. The comments of the first two
 * stand above it, those of the others above their part.
 *
 * @param commentsInside the first of the RUNs whose comments stand above their part
 */
export function joinRuns(
  file: Dockerfile,
  stage: Stage,
  runs: readonly RunInstruction[],
  style: Style,
  forms: readonly Form[] = runs.map(() => 'plain'),
  commentsInside = 2,
): RunInstruction {
  const [first] = runs;
  const last = runs.at(-1)!;
  const above: string[] = [];
  const pieces = runs.map((run, index): RunPiece => {
    const isSubshell = forms[index] === 'subshell';
    const isCut = isSubshell || index < runs.length - 1;
    const end = isCut ? scriptOf(file, stage, run)!.chains.at(-1)!.end : run.args.end;
    const code = run.text.slice(run.args.start, end);
    const comments = index === 0 ? [] : commentsAbove(run);
    const inside = index >= commentsInside && !comments.some((line) => TOOL_COMMENT.test(line));
    if (!inside) above.push(...comments);
    return { code: isSubshell ? `(${code})` : code, comments: inside ? comments : [] };
  });
  const indentation = first!.lead.slice(first!.lead.lastIndexOf('\n') + 1);
  const head = first!.lead.slice(0, first!.lead.length - indentation.length);
  const joined = withText(first!, printRun(headOf(first!), pieces, first!.escape, style));
  return {
    ...joined,
    lead: head + above.map((line) => indentation + line + style.eol).join('') + indentation,
    origin: runs.flatMap((run) => run.origin),
    eol: last.eol,
  };
}

/** The keyword and the builder flags. */
function headOf(run: RunInstruction): string {
  return [run.keyword, flagsOf(run)].filter((part) => part !== '').join(' ');
}
