/** What is in force for a file, and from where each value comes. */
import type { Colors } from 'picocolors/types.js';
import type { PreferredStyle } from '../dockerfile/model.ts';
import type { InForce, Sourced } from '../config/in-force.ts';
import { escapeLine } from './escape.ts';
import { toJson } from './json.ts';

export interface ShownConfiguration {
  /** The Dockerfile. */
  readonly file: string;
  /** `undefined` where there is none. */
  readonly configuration: string | undefined;
  readonly inForce: InForce;
  /** By `.editorconfig`. */
  readonly style: Sourced<PreferredStyle> | undefined;
  /** Who says that the file is not to be rewritten. */
  readonly ignoredBy: string | undefined;
}

export function configurationJson({
  file,
  configuration,
  inForce,
  style,
  ignoredBy,
}: ShownConfiguration): string {
  return toJson({
    file,
    configuration: configuration ?? null,
    ignored: sourced(ignoredBy !== undefined, ignoredBy ?? 'default'),
    ...inForce,
    ...(style && { style }),
  });
}

export function configurationText(shown: ShownConfiguration, colors: Colors): string {
  const { file, configuration = 'no configuration file' } = shown;
  const rows = rowsOf(shown).map((row) => row.map(escapeLine));
  const widths = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]!.length)));
  const lines = rows.map(([key = '', value = '', from = '']) => {
    const padded = `${colors.cyan(key.padEnd(widths[0]!))}  ${value.padEnd(widths[1]!)}`;
    return `  ${padded}  ${colors.dim(from)}`;
  });
  const head = `${colors.bold(escapeLine(file))}  ${escapeLine(configuration)}`;
  return `${[head, ...lines].join('\n')}\n`;
}

/** Of passes, those of which somebody said something. */
function rowsOf({ inForce, style, ignoredBy }: ShownConfiguration): string[][] {
  const { level, builder, frontend, images, passes } = inForce;
  const row = (key: string, { value, from }: Sourced<unknown>): string[] => [
    key,
    wordFor(value),
    from,
  ];
  return [
    row('level', level),
    row('builder', builder),
    ...(frontend ? [row('frontend', frontend)] : []),
    ...(images ? [row('images', { ...images, value: imagesInWords(images.value) })] : []),
    ...passes.flatMap(({ id, off, options }) => [
      ...(off.from === 'default' ? [] : [[id, off.value ? 'off' : 'on', off.from]]),
      ...Object.entries(options)
        .filter(([, { from }]) => from !== 'default')
        .map(([name, option]) => row(`${id}.${name}`, option)),
    ]),
    ...Object.entries(style?.value ?? {}).map(([name, value]) => [
      `style.${name}`,
      JSON.stringify(value),
      style!.from,
    ]),
    ...(ignoredBy === undefined ? [] : [['ignored', 'yes', ignoredBy]]),
  ];
}

function sourced<T>(value: T, from: string): Sourced<T> {
  return { value, from };
}

function imagesInWords(images: NonNullable<InForce['images']>['value']): string {
  if (typeof images === 'string') return images;
  return images.length === 1 ? '1 row' : `${images.length} rows`;
}

function wordFor(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}
