/** How large both images are, layer by layer, and how their files differ, as text. */
import type { Colors } from 'picocolors/types.js';
import { escapeLine } from './escape.ts';
import { changeOf, countOf, megabytes } from './units.ts';
import type {
  AttributeGroup,
  FileComparison,
  FileGroup,
  ImageSize,
  Layer,
  Pair,
} from './verification.ts';

/** More groups than this are counted together: the rest is small. */
const SHOWN_GROUPS = 12;

/** Of the paths of a group, unless all are asked for. */
const SHOWN_EXAMPLES = 2;

/** A layer's command may be pages long; its beginning names it. */
const SHOWN_COMMAND = 70;

export function fileLines(
  { compared, attributes, contents }: FileComparison,
  colors: Colors,
  isVerbose: boolean,
): string[] {
  const shown = (kind: AttributeGroup['kind']): string[] =>
    attributes
      .filter((group) => group.kind === kind)
      .flatMap((group) => attributeLines(group, colors, isVerbose));
  const [counting, ofBase] = [shown('counts'), shown('base')];
  return [
    `Files of both (${countOf(compared, 'path')})`,
    ...(counting.length === 0 ? [`  ${colors.green('✓')} same owners and modes`] : counting),
    ...(ofBase.length === 0 ? [] : ['  but for what the base images bring', ...ofBase]),
    ...(contents.length === 0
      ? []
      : ['  with other contents, which may differ from build to build']),
    ...contents.slice(0, SHOWN_GROUPS).map(({ folder, files, bytes, examples }) => {
      const names = examples.slice(0, isVerbose ? undefined : 1).join(' ');
      const count = colors.dim(`${countOf(files, 'file')}, such as ${escapeLine(names)}`);
      return `  ${megabytes(bytes.after)}  ${escapeLine(folder)}  ${count}`;
    }),
    ...restLine(contents.slice(SHOWN_GROUPS).map(({ bytes }) => bytes.after)),
  ];
}

function attributeLines(
  { folder, attribute, paths, examples, kind }: AttributeGroup,
  colors: Colors,
  isVerbose: boolean,
): string[] {
  const mark = kind === 'counts' ? colors.red('✗') : colors.yellow('~');
  return [
    `  ${mark} ${attribute} of ${countOf(paths, 'path')} in ${escapeLine(folder)}`,
    ...examples
      .slice(0, isVerbose ? undefined : SHOWN_EXAMPLES)
      .map(({ path, before, after }) =>
        colors.dim(`      ${escapeLine(`${path}: ${before} → ${after}`)}`),
      ),
  ];
}

export function sizeLines({ before, after }: Pair<ImageSize>, colors: Colors): string[] {
  const paint = after.bytes > before.bytes ? colors.red : colors.green;
  const common = commonLayers(before.layers, after.layers);
  const packed =
    before.compressed === undefined || after.compressed === undefined
      ? ''
      : `, by gzip ${changeOf(before.compressed, after.compressed)}`;
  return [
    'Size',
    `  before ${columnsOf(before)}`,
    `  after  ${columnsOf(after)}  ${paint(`${changeOf(before.bytes, after.bytes)}${packed}`)}`,
    ...commonLines(before.layers.slice(0, common)),
    ...layerLines('Layers only before', before.layers.slice(common), colors),
    ...layerLines('Layers only after', after.layers.slice(common), colors),
    ...groupLines('Files only before', before.onlyHere, colors),
    ...groupLines('Files only after', after.onlyHere, colors),
  ];
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
  const sizes = columnsOf({
    bytes: sum(layers.map(({ bytes }) => bytes)),
    ...(layers.every(({ compressed }) => compressed !== undefined) && {
      compressed: sum(layers.map(({ compressed = 0 }) => compressed)),
    }),
  });
  return ['Layers of both', `  ${sizes}  in ${countOf(layers.length, 'layer')}`];
}

function columnsOf({ bytes, compressed }: Pick<ImageSize, 'bytes' | 'compressed'>): string {
  return compressed === undefined
    ? megabytes(bytes)
    : `${megabytes(bytes)} ${megabytes(compressed)} by gzip`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function layerLines(title: string, layers: readonly Layer[], colors: Colors): string[] {
  if (layers.length === 0) return [];
  return [
    title,
    ...layers.map((layer) => {
      const command = layer.createdBy.replace(/\s+/g, ' ').trim();
      const isCut = command.length > SHOWN_COMMAND;
      const shown = escapeLine(isCut ? `${command.slice(0, SHOWN_COMMAND - 1)}…` : command);
      return `  ${columnsOf(layer)}  ${colors.dim(shown === '' ? '(not recorded)' : shown)}`;
    }),
  ];
}

function groupLines(title: string, groups: readonly FileGroup[], colors: Colors): string[] {
  if (groups.length === 0) return [];
  return [
    title,
    ...groups.slice(0, SHOWN_GROUPS).map(({ folder, files, bytes }) => {
      const count = colors.dim(countOf(files, 'file'));
      return `  ${megabytes(bytes)}  ${escapeLine(folder)}  ${count}`;
    }),
    ...restLine(groups.slice(SHOWN_GROUPS).map(({ bytes }) => bytes)),
  ];
}

function restLine(bytes: readonly number[]): string[] {
  if (bytes.length === 0) return [];
  return [`  ${megabytes(sum(bytes))}  in ${countOf(bytes.length, 'more folder')}`];
}
