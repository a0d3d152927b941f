/** What is in force for one file, of everything that was said, and who said it. */
import { DEFAULT_BUILDER, type BuilderName } from '../builder.ts';
import { DEFAULT_LEVEL, type Level, type PassWords } from '../pass.ts';
import type { OptimizeOptions } from '../pipeline.ts';
import type { Configuration, Settings } from './keys.ts';
import { areNamed } from './patterns.ts';

/** Settings of one origin. */
export interface Layer {
  readonly settings: Settings;
  /** Where a value of this key was written, in words: `dfopt.config.json: overrides[0]`, `--level`. */
  readonly from: (key: keyof Settings | 'option') => string;
}

export interface Sourced<T> {
  readonly value: T;
  readonly from: string;
}

type OptionValue = string | boolean | readonly string[];

export interface PassInForce {
  readonly id: string;
  readonly off: Sourced<boolean>;
  readonly options: Readonly<Record<string, Sourced<OptionValue>>>;
}

export interface InForce {
  readonly level: Sourced<Level>;
  readonly builder: Sourced<BuilderName>;
  readonly frontend?: Sourced<string>;
  /** All that there are, in their order. */
  readonly passes: readonly PassInForce[];
  readonly images?: Sourced<NonNullable<Settings['images']>>;
}

export type Resolved =
  | { readonly kind: 'in force'; readonly inForce: InForce }
  | { readonly kind: 'problem'; readonly why: string };

const DEFAULT = 'default';

/**
 * The top level of a configuration, and the overrides that name the file.
 *
 * @param name of the Dockerfile, from the folder of the configuration
 * @param from the configuration's name
 */
export function layersOf(configuration: Configuration, name: string, from: string): Layer[] {
  const overrides = (configuration.overrides ?? []).flatMap((settings, at) =>
    areNamed(settings.files, name) ? [{ settings, from: () => `${from}: overrides[${at}]` }] : [],
  );
  return [{ settings: configuration, from: () => from }, ...overrides];
}

/** @param layers the weakest first */
export function inForce(layers: readonly Layer[], passes: readonly PassWords[]): Resolved {
  const last = <K extends keyof Settings>(
    key: K,
  ): (Sourced<NonNullable<Settings[K]>> & { readonly at: number }) | undefined => {
    const at = layers.findLastIndex(({ settings }) => settings[key] !== undefined);
    const layer = layers[at];
    return layer && { value: layer.settings[key]!, from: layer.from(key), at };
  };
  const builder = last('builder') ?? { value: DEFAULT_BUILDER.name, from: DEFAULT, at: -1 };
  const frontend = last('frontend');
  const hasFrontend = builder.value === 'buildkit';
  // A frontend falls with the builder that it was named for.
  if (frontend && !hasFrontend && frontend.at >= builder.at) {
    const why = `frontend is for BuildKit alone, and the builder is ${builder.value} (${builder.from})`;
    return { kind: 'problem', why: `${frontend.from}: ${why}` };
  }
  const level = last('level') ?? { value: DEFAULT_LEVEL, from: DEFAULT };
  const images = last('images');
  return {
    kind: 'in force',
    inForce: {
      level: plain(level),
      builder: plain(builder),
      ...(frontend && hasFrontend && { frontend: plain(frontend) }),
      passes: passes.map((pass) => passInForce(pass, layers)),
      ...(images && { images: plain(images) }),
    },
  };
}

function plain<T>({ value, from }: Sourced<T>): Sourced<T> {
  return { value, from };
}

/** A later word about a pass wins: what was skipped above may be selected below. */
function passInForce(
  { id, options: known = {} }: PassWords,
  layers: readonly Layer[],
): PassInForce {
  let off: Sourced<boolean> = { value: false, from: DEFAULT };
  const options: Record<string, Sourced<OptionValue>> = {};
  for (const [name, { default: value }] of Object.entries(known)) {
    options[name] = { value, from: DEFAULT };
  }
  for (const { settings, from } of layers) {
    const { select, skip } = settings;
    if (select) off = { value: !select.includes(id), from: from('select') };
    if (skip?.includes(id)) off = { value: true, from: from('skip') };
    const own = settings.passes?.[id];
    if (own?.off !== undefined) off = { value: own.off, from: from('passes') };
    for (const [name, value] of Object.entries(own?.options ?? {})) {
      options[name] = { value, from: from('option') };
    }
  }
  return { id, off, options };
}

/** What a run is told. */
export function optionsInForce(
  force: InForce,
): Required<Pick<OptimizeOptions, 'level' | 'builder' | 'skip' | 'passOptions'>> {
  const { level, builder, frontend, passes } = force;
  const passOptions = passes.flatMap(({ id, options }) => {
    const given = Object.entries(options).filter(([, { from }]) => from !== DEFAULT);
    if (given.length === 0) return [];
    return [[id, Object.fromEntries(given.map(([name, { value }]) => [name, value]))] as const];
  });
  return {
    level: level.value,
    builder: { name: builder.value, ...(frontend && { frontend: frontend.value }) },
    skip: passes.flatMap(({ id, off }) => (off.value ? [id] : [])),
    passOptions: Object.fromEntries(passOptions),
  };
}
