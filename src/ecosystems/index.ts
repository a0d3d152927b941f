/** The languages whose installs dfopt knows. */
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { Facts } from '../facts/types.ts';
import { dotnet } from './dotnet.ts';
import type { Ecosystem, Install, Project } from './ecosystem.ts';
import { elixir } from './elixir.ts';
import { go } from './go.ts';
import { java } from './java.ts';
import { node } from './node.ts';
import { php } from './php.ts';
import { python } from './python.ts';
import { ruby } from './ruby.ts';
import { rust } from './rust.ts';

const ECOSYSTEMS: readonly Ecosystem[] = [node, python, go, ruby, php, java, dotnet, elixir, rust];

/** What an install of a project's dependencies does; `undefined` for any other command. */
export function installOf(command: SimpleCommand, project: Project): Install | undefined {
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
