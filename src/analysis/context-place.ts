/** Whether the folder in which a Dockerfile lies can be its build context; without reading Dockerfiles. */
import type { Diagnostic } from '../dockerfile/model.ts';
import { gapsOf, type BuildContext } from './context.ts';

/** Cheap, and right when it says no: most base images' Dockerfiles need no folder to be read. */
export function mayRead(text: string): boolean {
  return /^[ \t]*(copy|add)\b/im.test(text) || text.includes('--mount');
}

/** What a Dockerfile names of its context. */
export interface Source {
  readonly path: string;
  readonly line: number;
  /** Without wildcards and variables, so that it must be there. */
  readonly isPlain: boolean;
}

/** @param folder as its user would type it from where the Dockerfile lies */
export function builtElsewhere(line: number, folder: string): Diagnostic {
  return {
    severity: 'warning',
    line,
    column: 1,
    message: `the build context is not this folder but, it seems, ${folder}`,
    advice: 'name it with --context; without one, some edits are only offered',
  };
}

/** @param folder as its user would type it from where the Dockerfile lies */
export function takenFor(folder: string): Diagnostic {
  return {
    severity: 'warning',
    line: 1,
    column: 1,
    message: `the build context is taken to be ${folder}: files around it build the Dockerfile from there`,
    advice: 'name another one with --context',
  };
}

export function unknownContext(why: string): Diagnostic {
  return {
    severity: 'warning',
    line: 1,
    column: 1,
    message: `nothing is known of the build context: ${why}`,
    advice: 'some edits are only offered',
  };
}

/** What the user must know of it. */
export function gapWarnings(context: BuildContext): Diagnostic[] {
  const [gap, ...others] = gapsOf(context);
  if (!gap) return [];
  const place = gap.path === '' ? 'the build context' : gap.path;
  const rest = others.length === 0 ? '' : `, and ${others.length} more places`;
  return [
    {
      severity: 'warning',
      line: 1,
      column: 1,
      message: `${place} ${gap.why}${rest}`,
      advice:
        'what the build context holds there is taken for unknown; .dockerignore can leave it out',
    },
  ];
}
