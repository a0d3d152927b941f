/** Installs of tools whose lockfiles are not compared with their manifests: uv, pipenv and cargo. */
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { DependencyTool, Facts } from '../facts/types.ts';
import { toolOf, type Project } from './ecosystem.ts';
import { hasEntry, under } from './findings.ts';
import type { Lock } from './answers.ts';
import { assumedLock } from './lock.ts';
import { moduleCall, programCall, readWords } from './words.ts';

/** By tool: the actions that read the lockfile, and options by which they look elsewhere. */
const CALLS = [
  { id: 'uv', actions: /^(sync)$/, elsewhere: ['--directory', '--project', '--script'] },
  { id: 'pipenv', actions: /^(install)$/, elsewhere: ['-r', '--requirements', '-e', '--editable'] },
  { id: 'cargo', actions: /^(build|b|rustc)$/, elsewhere: ['--manifest-path', '-C'] },
] as const;

/** Their programs, and the one that starts them as modules. */
const STARTS = /^(uv|pipenv|cargo|python[\d.]*)$/;

export function assumedLockTool(command: SimpleCommand, facts: Facts): DependencyTool | undefined {
  // Nearly each command is of none of them.
  if (!STARTS.test(programCall(command)?.name ?? '')) return undefined;
  for (const { id, actions, elsewhere } of CALLS) {
    const call = id === 'cargo' ? programCall(command) : moduleCall(command, id);
    if (call?.name !== id) continue;
    const { operands, options } = readWords(call.args, VALUES);
    const isInstall = operands.length === 1 && actions.test(operands[0]!);
    if (isInstall && !elsewhere.some((name) => options.has(name))) return toolOf(facts, id);
  }
  return undefined;
}

/** Options with a value in the next word, of all three. */
const VALUES = [
  '--extra',
  '--group',
  '--no-group',
  '--only-group',
  '--package',
  '-p',
  '--python',
  '--index-url',
  '--link-mode',
  '--categories',
  '--bin',
  '--target',
  '--features',
  '-F',
  '--profile',
  '-j',
  '--jobs',
  '--target-dir',
  '--example',
  '--color',
];

export function assumedLockOf(command: SimpleCommand, project: Project): Lock | undefined {
  const tool = assumedLockTool(command, project.facts);
  const manifest = tool?.manifests[0];
  if (!tool || manifest === undefined) return undefined;
  if (!hasEntry(project.files, under(project.folder, manifest))) return undefined;
  return assumedLock(project, tool, manifest);
}
