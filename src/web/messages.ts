/** What the server of `dfopt review --web` and its page say to each other; both may import it. */
import { makeContext, type BuildContext, type UseTexts } from '../analysis/context.ts';
import type { BuilderName } from '../builder.ts';
import type { Diagnostic, PreferredStyle } from '../dockerfile/model.ts';
import type { ObservedImage } from '../facts/observed.ts';
import type { Facts } from '../facts/types.ts';
import type { Level, PassOptions } from '../pass.ts';
import type { FileEdit, OptimizeOptions } from '../pipeline.ts';

/** The header in which the page shows that it was opened by the URL that dfopt printed. */
export const TOKEN_HEADER = 'x-dfopt-token';

/** What a person can choose; JSON. */
export interface Choices {
  readonly level: Level;
  readonly builder: BuilderName;
  /** The oldest Dockerfile frontend that is counted on, as `1.5`. */
  readonly frontend?: string;
  /** Passes that are off. */
  readonly skip: readonly string[];
  /** Ids of edits that are not wanted. */
  readonly deny: readonly string[];
  readonly passOptions: Readonly<Record<string, PassOptions>>;
  readonly style?: PreferredStyle;
}

export interface SessionFile {
  readonly id: number;
  /** As its user would type it. */
  readonly name: string;
}

/** `GET /api/session` */
export interface Session {
  readonly files: readonly SessionFile[];
  readonly choices: Choices;
  /** `2026-11-21` */
  readonly today: string;
  readonly facts: FactChanges;
}

/** Facts that differ from those that dfopt ships: rows of the user's own, answers of registries. */
export interface FactChanges {
  readonly images?: Facts['images'];
  readonly observedImages?: readonly (readonly [string, ObservedImageJson])[];
}

/** Maps as lists of their entries. */
export type ObservedImageJson = Omit<ObservedImage, 'configuration'> & {
  readonly configuration: Omit<ObservedImage['configuration'], 'env' | 'labels'> & {
    readonly env: readonly (readonly [string, string])[];
    readonly labels: readonly (readonly [string, string])[];
  };
};

/** `GET /api/files/<id>`: one file, read anew. */
export interface OpenedFile {
  readonly id: number;
  readonly name: string;
  /** Changes with every byte of the file and of the ignore file in force. */
  readonly version: string;
  readonly text: string;
  readonly context?: ContextJson;
  /** What must be known of the build context and of the base images. */
  readonly diagnostics: readonly Diagnostic[];
}

/** `POST /api/files/<id>`: write what these choices make of the file. */
export interface WriteRequest {
  readonly version: string;
  readonly choices: Choices;
  /** What the page shows: the server writes what it computes itself, and only where both agree. */
  readonly output: string;
  readonly files: readonly FileEdit[];
}

export interface Written {
  /** The names of the files that were written, as their user would type them. */
  readonly names: readonly string[];
}

/** Every answer that is no success. */
export interface Refusal {
  /** A sentence without a full stop. */
  readonly error: string;
}

type Texts = readonly (readonly [string, string])[];

export type ContextJson = Omit<BuildContext, 'texts' | 'unread' | 'uses'> & {
  readonly texts: Texts;
  readonly unread: Texts;
  readonly uses?: Omit<UseTexts, 'texts'> & { readonly texts: Texts };
};

export function contextJson({ uses, ...context }: BuildContext): ContextJson {
  return {
    ...context,
    texts: [...context.texts],
    unread: [...context.unread],
    ...(uses && { uses: { ...uses, texts: [...uses.texts] } }),
  };
}

export function contextOf({ texts, unread, uses, ...rest }: ContextJson): BuildContext {
  return makeContext({
    ...rest,
    // JSON leaves out what is undefined.
    dockerfile: rest.dockerfile,
    ignore: rest.ignore,
    texts: new Map(texts),
    unread: new Map(unread),
    ...(uses && { uses: { ...uses, texts: new Map(uses.texts) } }),
  });
}

export function factChanges(facts: Facts, shipped: Facts): FactChanges {
  return {
    ...(facts.images !== shipped.images && { images: facts.images }),
    ...(facts.observedImages && {
      observedImages: [...facts.observedImages].map(
        ([name, image]) => [name, observedJson(image)] as const,
      ),
    }),
  };
}

function observedJson(image: ObservedImage): ObservedImageJson {
  const { env, labels, ...rest } = image.configuration;
  return { ...image, configuration: { ...rest, env: [...env], labels: [...labels] } };
}

export function withFactChanges(shipped: Facts, { images, observedImages }: FactChanges): Facts {
  const changes: Partial<Facts> = {
    ...(images && { images }),
    ...(observedImages && {
      observedImages: new Map(
        observedImages.map(([name, image]) => {
          const { env, labels, ...rest } = image.configuration;
          const configuration = { ...rest, env: new Map(env), labels: new Map(labels) };
          return [name, { ...image, configuration }];
        }),
      ),
    }),
  };
  // In front of what is shipped: a copy would read all of that, which may have to be loaded.
  return Object.setPrototypeOf(changes, shipped) as Facts;
}

/** The same on both sides, so that the server writes what the page shows. */
export function optionsOf(
  { level, builder, frontend, skip, deny, passOptions, style }: Choices,
  context: BuildContext | undefined,
  today: string,
): OptimizeOptions {
  return {
    level,
    builder: { name: builder, ...(frontend !== undefined && { frontend }) },
    skip,
    deny: new Set(deny),
    passOptions,
    today,
    ...(style && { style }),
    ...(context && { context }),
  };
}
