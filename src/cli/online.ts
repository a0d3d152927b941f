/** `--online`: what registries say of base images, where the user wants it asked. */
import { homedir } from 'node:os';
import manifest from '../../package.json' with { type: 'json' };
import { observedDownload, observedKey } from '../analysis/observed.ts';
import { baseOf } from '../analysis/stages.ts';
import type { Diagnostic, Origin } from '../dockerfile/model.ts';
import { parse } from '../dockerfile/parse.ts';
import type { ObservedImage } from '../facts/observed.ts';
import type { Facts } from '../facts/types.ts';
import { countOf, megabytes } from '../report/units.ts';
import type { Looked } from '../sources/registry.ts';
import { platformText } from '../sources/registry/platform.ts';
import type { Io } from './io.ts';
import type { Online } from './online-options.ts';

export interface LookedUp {
  /** With what was found out, which goes before the rows. */
  readonly facts: Facts;
  /** For the bases of a Dockerfile that nothing could be found out about. */
  readonly warningsOf: (text: string) => readonly Diagnostic[];
  /** What was found out, a line for each image; not yet escaped. */
  readonly lines: readonly string[];
  /** What is wrong on this machine; not yet escaped. */
  readonly problems: readonly string[];
}

/**
 * Asks for the bases of all these Dockerfiles, once for each. What cannot be found out is a warning,
 * and rows stand in.
 */
export async function lookUpBases(
  texts: readonly string[],
  online: Online,
  facts: Facts,
  io: Io,
): Promise<LookedUp> {
  const references = texts.flatMap((text) => {
    try {
      return basesOf(text).map(({ reference }) => reference);
    } catch {
      // A bug that one file brings to light is told when it is that file's turn.
      return [];
    }
  });
  const { looked, problems } = await lookUpImages(references, online, io);
  const observedImages = new Map<string, ObservedImage>();
  for (const [reference, each] of looked) {
    if (each.kind === 'image') observedImages.set(reference, each.image);
  }
  return {
    facts: { ...facts, observedImages },
    warningsOf: (text) => basesOf(text).flatMap((base) => warningFor(base, looked)),
    lines: [...observedImages].map(([reference, image]) => lineOf(reference, image)),
    problems,
  };
}

export interface LookUps {
  readonly looked: ReadonlyMap<string, Looked>;
  readonly problems: readonly string[];
}

/** Asks registries for images, as a command's arguments and environment say. */
export async function lookUpImages(
  references: readonly string[],
  { platform, insecure }: Online,
  { env }: Io,
): Promise<LookUps> {
  if (references.length === 0) return { looked: new Map(), problems: [] };
  const { registriesOf } = await import('../sources/registry.ts');
  const home = env['HOME'] || homedir();
  const registries = registriesOf({ env, home, platform, insecure, version: manifest.version });
  try {
    const looked = await registries.lookUp(references);
    return { looked, problems: registries.problems() };
  } finally {
    await registries.close();
  }
}

interface BaseReference {
  readonly reference: string;
  readonly origin: Origin;
}

function basesOf(text: string): BaseReference[] {
  const file = parse(text);
  return file.stages.flatMap((stage) => {
    const base = baseOf(file, stage);
    if (base.kind !== 'image') return [];
    return [{ reference: observedKey(base.image), origin: stage.from.origin[0]! }];
  });
}

function warningFor(
  { reference, origin }: BaseReference,
  looked: ReadonlyMap<string, Looked>,
): Diagnostic[] {
  const found = looked.get(reference);
  if (found?.kind !== 'failure') return [];
  return [
    {
      severity: 'warning',
      line: origin.line,
      column: origin.column,
      message: `${reference} was not looked up: ${found.why}`,
      advice: `${found.advice}; until then dfopt goes by what it knows itself`,
    },
  ];
}

function lineOf(reference: string, image: ObservedImage): string {
  const { platform, isOtherPlatform, layers, digest } = image;
  const other = isOtherPlatform ? ' (the only one there is)' : '';
  const download = megabytes(observedDownload(image).bytes).trim();
  return `${reference} for ${platformText(platform)}${other}: ${countOf(layers.length, 'layer')}, ${download} to download, ${digest}`;
}
