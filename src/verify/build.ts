/** Builds a Dockerfile that is not in the context, under a tag that is removed in the end. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Build } from '../report/verification.ts';
import type { Engine } from './engine.ts';
import type { Order, Say, Source } from './order.ts';

export interface BuildRequest {
  readonly source: Source;
  readonly context: string;
  readonly isCached: boolean;
}

export interface Built extends Build {
  readonly tag: string;
}

export interface Builder {
  /** @throws what the signal says, where it stopped the build */
  readonly build: (request: BuildRequest) => Promise<Built>;
  /** Of all builds, the failed ones too. */
  readonly tags: () => readonly string[];
}

/**
 * @param name of the images; unique to one run of dfopt
 * @param folder for the Dockerfiles
 */
export function builderOf(
  name: string,
  folder: string,
  { buildArgs, network }: Pick<Order, 'buildArgs' | 'network'>,
  engine: Engine,
  signal: AbortSignal,
  say: Say,
): Builder {
  const tags: string[] = [];
  return {
    tags: () => tags,
    build: async ({ source: { text, ignore }, context, isCached }) => {
      signal.throwIfAborted();
      const tag = `${name}:${tags.length + 1}`;
      tags.push(tag);
      // Under its usual name, which the builder's errors show.
      const dockerfile = join(mkdtempSync(join(folder, 'build-')), 'Dockerfile');
      writeFileSync(dockerfile, text);
      if (ignore !== undefined) writeFileSync(`${dockerfile}.dockerignore`, ignore);
      const started = performance.now();
      const outcome = await engine.build(
        { dockerfile, context, tag, buildArgs, network, isCached },
        signal,
        (step) => say({ kind: 'step', step }),
      );
      signal.throwIfAborted();
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      return { seconds, tag, ...outcome };
    },
  };
}

/** A context with nothing in it. */
export function emptyContext(folder: string): string {
  const path = join(folder, 'nothing');
  mkdirSync(path, { recursive: true });
  return path;
}
