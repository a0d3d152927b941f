/** The languages whose installs dfopt knows. */
import type { Call } from '../analysis/calls.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { DependencyTool, Facts } from '../facts/types.ts';
import { assumedLockOf, assumedLockTool } from './assumed-locks.ts';
import { cWeigh } from './c-weight.ts';
import { cWork } from './c-work.ts';
import { compiledWork } from './compiled-work.ts';
import { dotnet } from './dotnet.ts';
import type { Ecosystem, Install, Project } from './ecosystem.ts';
import { elixir } from './elixir.ts';
import { go } from './go.ts';
import { java } from './java.ts';
import { node } from './node.ts';
import type { Development, Lock } from './answers.ts';
import { nodeMentions } from './node-mentions.ts';
import { php } from './php.ts';
import { python } from './python.ts';
import { remembering } from './remembered.ts';
import { ruby } from './ruby.ts';
import { rust } from './rust.ts';
import { siteWeigh } from './site-weight.ts';
import { siteWork } from './site-work.ts';
import type { Weigh } from './weight.ts';
import { workByRows, type WorkAnswer, type WorkScope } from './work.ts';

const ECOSYSTEMS: readonly Ecosystem[] = [node, python, go, ruby, php, java, dotnet, elixir, rust];

/** Programs that most RUNs call, and that no tool of a language is. */
const OF_SYSTEM = new Set(
  (
    'mkdir rmdir rm ln touch echo printf cat tee cp mv sed find grep chmod chown chgrp true test ' +
    'useradd adduser usermod groupadd addgroup ldconfig locale-gen curl wget tar unzip git'
  ).split(' '),
);

/** What an install of a project's dependencies does; `undefined` for any other command. */
export function installOf(command: SimpleCommand, project: Project): Install | undefined {
  if (OF_SYSTEM.has(command.words[0]?.literal ?? '')) return undefined;
  for (const ecosystem of ECOSYSTEMS) {
    const install = ecosystem.install(command, project);
    if (install) return install;
  }
  return undefined;
}

/** Sources of a COPY that bring what an install reads in most projects. */
export function usualManifests(
  command: SimpleCommand,
  facts: Facts,
): readonly string[] | undefined {
  for (const ecosystem of ECOSYSTEMS) {
    const usual = ecosystem.usual(command, facts);
    if (usual) return usual;
  }
  return undefined;
}

/** Whether anything may be found of its lockfile, or of what it puts in place for development. */
export function mayInstall(command: SimpleCommand, facts: Facts): boolean {
  for (const ecosystem of ECOSYSTEMS) {
    if (ecosystem.mayInstall?.(command, facts) === true) return true;
  }
  return assumedLockTool(command, facts) !== undefined;
}

/** What an install finds of its lockfile; `undefined` where that decides nothing. */
export function lockOf(command: SimpleCommand, project: Project): Lock | undefined {
  for (const ecosystem of ECOSYSTEMS) {
    const lock = ecosystem.lock?.(command, project);
    if (lock) return lock;
  }
  return assumedLockOf(command, project);
}

/** Where nothing is known of the project: the tool that most projects with such a command use. */
export function lockToolOf(command: SimpleCommand, facts: Facts): DependencyTool | undefined {
  for (const ecosystem of ECOSYSTEMS) {
    const tool = ecosystem.lockTool?.(command, facts);
    if (tool) return tool;
  }
  return assumedLockTool(command, facts);
}

/** What an install puts in place for development only. */
export function developmentOf(command: SimpleCommand, project: Project): Development | undefined {
  for (const ecosystem of ECOSYSTEMS) {
    const development = ecosystem.development?.(command, project);
    if (development) return development;
  }
  return undefined;
}

function isOfSystem({ program, command }: Call): boolean {
  return OF_SYSTEM.has(program) && command.words[0]?.literal === program;
}

const workOfTool = remembering(
  (call: Call, scope: WorkScope): WorkAnswer | undefined => {
    const pages = siteWork(call, scope);
    if (pages) return pages;
    for (const ecosystem of ECOSYSTEMS) {
      const work = ecosystem.work?.(call, scope);
      if (work) return work;
    }
    return compiledWork(call, scope) ?? cWork(call, scope) ?? workByRows(call, scope);
  },
  // It says where in the instruction's text to write.
  (answer) => answer !== undefined && 'redirects' in answer,
);

/** What a command of a build makes; `undefined` where nobody knows it for one. */
export function workOf(call: Call, scope: WorkScope): WorkAnswer | undefined {
  return isOfSystem(call) ? undefined : workOfTool(call, scope);
}

const weighTool: Weigh = remembering((call, scope) => {
  const pages = siteWeigh(call, scope);
  if (pages) return pages;
  for (const ecosystem of ECOSYSTEMS) {
    const found = ecosystem.weigh?.(call, scope);
    if (found) return found;
  }
  return cWeigh(call, scope);
});

/** What a command of a build leaves in its layer, in bytes; `undefined` where nobody knows. */
export const weigh: Weigh = (call, scope) =>
  isOfSystem(call) ? undefined : weighTool(call, scope);

/** What a command that takes away leaves of what lay there; `undefined` for any other. */
export const restOf: Weigh = (call, scope) => {
  if (isOfSystem(call)) return undefined;
  for (const restOfOne of RESTS) {
    const rest = restOfOne(call, scope);
    if (rest) return rest;
  }
  return undefined;
};

// Hardly a language takes away, and each command is asked about.
const RESTS = ECOSYSTEMS.flatMap(({ rest }) => rest ?? []);

/** What the sources of a project say of packages that are for development only. */
export const mentionsOf = nodeMentions;
