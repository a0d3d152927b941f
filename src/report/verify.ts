/** What building and running an image before and after showed: as data, as text, as JSON. */
import type { Colors } from 'picocolors/types.js';
import { escapeLine } from './escape.ts';
import { toJson } from './json.ts';

/** One value of the image configuration that is not the same. */
export interface Difference {
  /** As the engine calls it: `Env`, `Cmd`, `User`. */
  readonly field: string;
  /** The variable, label, port or volume, where the field has several. */
  readonly key?: string;
  /** Missing: the image does not set it. */
  readonly before?: string;
  readonly after?: string;
}

export interface Build {
  readonly seconds: number;
  readonly succeeded: boolean;
  /** The last lines that the builder wrote, where it failed. */
  readonly errors: readonly string[];
}

/**
 * `varies`: the image before differs from itself from run to run, so that only the status says
 * something. `unknown`: the image before does not run either, so that nothing could be compared.
 */
export type Sameness = 'same' | 'different' | 'varies' | 'unknown';

export interface ProgramCheck {
  readonly what: string;
  readonly sameness: Sameness;
  /** What happened, in a few words. */
  readonly before: string;
  readonly after: string;
  readonly details: readonly string[];
}

export interface Layer {
  readonly bytes: number;
  readonly createdBy: string;
}

/** Files below one folder, at most two levels deep, that only one of the images has. */
export interface FileGroup {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
}

export interface ImageSize {
  /** As the engine counts them. */
  readonly bytes: number;
  /** From the base upwards, without those that add nothing. */
  readonly layers: readonly Layer[];
  /** Largest first. */
  readonly onlyHere: readonly FileGroup[];
}

export interface Pair<T> {
  readonly before: T;
  readonly after: T;
}

export type Verdict = 'same' | 'different' | 'error';

export interface Verification {
  readonly file: string;
  /** The file that it is compared with; missing: what dfopt made of it. */
  readonly against?: string;
  readonly verdict: Verdict;
  /** Why the verdict is what it is. */
  readonly conclusion: string;
  readonly builds?: {
    /** The builder could take steps from its cache, so that the seconds say little. */
    readonly cached: boolean;
    readonly before: Build;
    readonly after?: Build;
  };
  readonly configuration?: readonly Difference[];
  readonly program?: readonly ProgramCheck[];
  readonly size?: Pair<ImageSize>;
}

export function verificationJson(verification: Verification): string {
  return toJson(verification);
}

const MARKS: Readonly<Record<Sameness, string>> = {
  same: '✓',
  different: '✗',
  varies: '~',
  unknown: '?',
};

/** Lines of a report for a person; nothing in them acts on a terminal. */
export function verificationLines(verification: Verification, colors: Colors): string[] {
  const { file, against, builds, configuration, program, size } = verification;
  return [
    colors.bold(
      `${escapeLine(file)} and ${against === undefined ? 'what dfopt makes of it' : escapeLine(against)}`,
    ),
    ...(builds ? buildLines(builds, colors) : []),
    ...(configuration ? configurationLines(configuration, colors) : []),
    ...(program ? programLines(program, colors) : []),
    ...(size ? sizeLines(size, colors) : []),
    verdictLine(verification, colors),
  ];
}

function verdictLine({ verdict, conclusion }: Verification, colors: Colors): string {
  const paint = verdict === 'same' ? colors.green : colors.red;
  return colors.bold(paint(`${verdict}: ${escapeLine(conclusion)}`));
}

function buildLines(builds: NonNullable<Verification['builds']>, colors: Colors): string[] {
  const line = (which: string, build: Build): string[] => {
    const took = `${build.seconds.toFixed(1)} s`;
    const mark = build.succeeded ? colors.green(MARKS.same) : colors.red(MARKS.different);
    return [
      `  ${mark} ${which.padEnd(6)} ${build.succeeded ? took : `does not build (${took})`}`,
      ...build.errors.map((error) => `      ${colors.dim(escapeLine(error))}`),
    ];
  };
  return [
    builds.cached ? 'Build (steps may come from the cache)' : 'Build (without the cache)',
    ...line('before', builds.before),
    ...(builds.after ? line('after', builds.after) : []),
  ];
}

function configurationLines(differences: readonly Difference[], colors: Colors): string[] {
  if (differences.length === 0) return ['Configuration', `  ${colors.green(MARKS.same)} the same`];
  return [
    'Configuration',
    ...differences.map(({ field, key, before, after }) => {
      const name = key === undefined ? field : `${field} ${key}`;
      const change = `${escapeLine(before ?? 'not set')} → ${escapeLine(after ?? 'not set')}`;
      return `  ${colors.red(MARKS.different)} ${escapeLine(name)}: ${change}`;
    }),
  ];
}

function programLines(checks: readonly ProgramCheck[], colors: Colors): string[] {
  const paints = {
    same: colors.green,
    different: colors.red,
    varies: colors.yellow,
    unknown: colors.yellow,
  };
  return [
    'Program',
    ...checks.flatMap(({ what, sameness, before, after, details }) => {
      const mark = paints[sameness](MARKS[sameness]);
      const seen = before === after ? before : `${before} → ${after}`;
      return [
        `  ${mark} ${escapeLine(what)}: ${escapeLine(seen)}`,
        ...details.map((detail) => `      ${colors.dim(escapeLine(detail))}`),
      ];
    }),
  ];
}

/** More folders than this are counted together: the rest is small. */
const SHOWN_FOLDERS = 12;

/** A layer's command may be pages long; its beginning names it. */
const SHOWN_COMMAND = 70;

function sizeLines({ before, after }: Pair<ImageSize>, colors: Colors): string[] {
  const change = after.bytes - before.bytes;
  const paint = change > 0 ? colors.red : colors.green;
  const common = commonLayers(before.layers, after.layers);
  return [
    'Size',
    `  before ${megabytes(before.bytes)}`,
    `  after  ${megabytes(after.bytes)}  ${paint(changeOf(before.bytes, after.bytes))}`,
    ...commonLines(before.layers.slice(0, common)),
    ...layerLines('Layers only before', before.layers.slice(common), colors),
    ...layerLines('Layers only after', after.layers.slice(common), colors),
    ...fileLines('Files only before', before.onlyHere, colors),
    ...fileLines('Files only after', after.onlyHere, colors),
  ];
}

/** `-14.20 MB (-10.6 %)` */
export function changeOf(before: number, after: number): string {
  const change = after - before;
  const sign = change > 0 ? '+' : '';
  const percent = before === 0 ? '' : ` (${sign}${((change / before) * 100).toFixed(1)} %)`;
  return `${sign}${megabytes(change).trim()}${percent}`;
}

/** How many layers, from the base upwards, are made by the same commands and equally large. */
function commonLayers(before: readonly Layer[], after: readonly Layer[]): number {
  const at = before.findIndex(
    ({ bytes, createdBy }, index) =>
      bytes !== after[index]?.bytes || createdBy !== after[index].createdBy,
  );
  return at < 0 ? before.length : at;
}

function commonLines(layers: readonly Layer[]): string[] {
  if (layers.length === 0) return [];
  const bytes = layers.reduce((sum, layer) => sum + layer.bytes, 0);
  const count = layers.length === 1 ? '1 layer' : `${layers.length} layers`;
  return ['Layers of both', `  ${megabytes(bytes)}  in ${count}`];
}

function layerLines(title: string, layers: readonly Layer[], colors: Colors): string[] {
  if (layers.length === 0) return [];
  return [
    title,
    ...layers.map(({ bytes, createdBy }) => {
      const command = createdBy.replace(/\s+/g, ' ').trim();
      const cut = command.length > SHOWN_COMMAND;
      const shown = escapeLine(cut ? `${command.slice(0, SHOWN_COMMAND - 1)}…` : command);
      return `  ${megabytes(bytes)}  ${colors.dim(shown === '' ? '(not recorded)' : shown)}`;
    }),
  ];
}

function fileLines(title: string, groups: readonly FileGroup[], colors: Colors): string[] {
  if (groups.length === 0) return [];
  const rest = groups.slice(SHOWN_FOLDERS);
  const bytes = rest.reduce((sum, group) => sum + group.bytes, 0);
  return [
    title,
    ...groups.slice(0, SHOWN_FOLDERS).map(fileLine(colors)),
    ...(rest.length === 0 ? [] : [`  ${megabytes(bytes)}  in ${rest.length} more folders`]),
  ];
}

function fileLine(colors: Colors): (group: FileGroup) => string {
  return ({ folder, files, bytes }) => {
    const count = colors.dim(`${files} ${files === 1 ? 'file' : 'files'}`);
    return `  ${megabytes(bytes)}  ${escapeLine(folder)}  ${count}`;
  };
}

/** MB = 10⁶ bytes, as image sizes are given everywhere. */
function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(2).padStart(8)} MB`;
}
