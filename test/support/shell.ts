/** What the shells say about the code of RUNs, asked in one process for any number of scripts. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SHELL } from '../../src/dockerfile/shell.ts';
import { parseHeredocWord } from '../../src/dockerfile/lexer.ts';
import type { Dockerfile, RunInstruction } from '../../src/dockerfile/model.ts';

export type ShellName = 'bash' | 'dash';

/** For each code whether the shell's own parser (`-n`) accepts it. Equal codes are asked once. */
export function acceptedBy(shell: ShellName, codes: readonly string[]): boolean[] {
  const unique = [...new Set(codes)];
  if (unique.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'dfopt-shell-'));
  try {
    for (const [index, code] of unique.entries()) writeFileSync(join(folder, `${index}.sh`), code);
    const loop = `i=0; while [ $i -lt $2 ]; do
      if "$1" -n "$i.sh" 2>/dev/null; then echo 1; else echo 0; fi; i=$((i+1)); done > verdicts`;
    execFileSync('bash', ['-c', loop, 'loop', shell, String(unique.length)], { cwd: folder });
    const verdicts = readFileSync(join(folder, 'verdicts'), 'utf8').split('\n');
    const accepted = new Map(unique.map((code, index) => [code, verdicts[index] === '1']));
    return codes.map((code) => accepted.get(code)!);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A pair of codes; the second must be accepted by every shell that accepts the first. */
export interface Rewrite {
  readonly name: string;
  readonly before: readonly string[];
  readonly after: string;
}

/** The names of rewrites that a shell accepted before and no longer does. */
export function brokenSyntax(rewrites: readonly Rewrite[]): string[] {
  const broken = new Set<string>();
  for (const shell of ['bash', 'dash'] as const) {
    const codes = rewrites.flatMap(({ before, after }) => [...before, after]);
    const verdicts = acceptedBy(shell, codes);
    let at = 0;
    for (const { name, before } of rewrites) {
      const were = verdicts.slice(at, at + before.length).every(Boolean);
      at += before.length;
      if (were && !verdicts[at]) broken.add(`${name} (${shell})`);
      at++;
    }
  }
  return [...broken];
}

/** The code that the builder hands to the shell; `undefined` where no shell is asked. */
export function shellCode(run: RunInstruction): string | undefined {
  if (run.command.form === 'exec') {
    const flag = run.command.exec.findIndex((word, index) => index > 0 && /^-[a-z]*c$/.test(word));
    return flag > 0 && run.command.exec[0]!.endsWith('sh') ? run.command.exec[flag + 1] : undefined;
  }
  const bodies = run.heredocs.map((heredoc) => {
    const body = run.text.slice(heredoc.body.start, heredoc.body.end);
    return heredoc.chomp ? body.replace(/^\t+/gm, '') : body;
  });
  if (run.heredocs.length === 1 && parseHeredocWord(run.argsText)) return bodies[0];
  const heredocs = run.heredocs.map((heredoc, index) => `${bodies[index]}${heredoc.name}\n`);
  return [run.argsText, ...heredocs].join('\n');
}

/** Each RUN of a file that a POSIX shell reads, with that shell. */
export function shellRuns(file: Dockerfile): { run: RunInstruction; shell: readonly string[] }[] {
  return file.stages.flatMap((stage) => {
    let shell = DEFAULT_SHELL;
    return stage.instructions.flatMap((instruction) => {
      if (instruction.kind === 'shell') shell = instruction.shell;
      return instruction.kind === 'run' ? [{ run: instruction, shell }] : [];
    });
  });
}
