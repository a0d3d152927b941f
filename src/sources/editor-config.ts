/** What an `.editorconfig` above a file says about how it is written. */
import { dirname } from 'node:path';
import type { Props, Visited } from 'editorconfig';
import type { PreferredStyle } from '../dockerfile/model.ts';
import { foldersOnce, type Folders } from './folders.ts';

export interface FoundStyle {
  readonly style: PreferredStyle;
  /** Absolute paths of the files that were read, the nearest last. */
  readonly files: readonly string[];
}

/** No line of a Dockerfile is as long. */
const UNLIMITED = 100_000;

/**
 * @param path of the file, absolute
 * @returns `undefined` where nothing is said of it; a file that cannot be read says nothing
 */
export async function styleAbove(
  path: string,
  folders: Folders = foldersOnce(),
): Promise<FoundStyle | undefined> {
  // The parser is a WebAssembly module: most people have no use for it.
  if (folders.nearest(dirname(path), ['.editorconfig']) === undefined) return undefined;
  const { parse } = await import('editorconfig');
  const visited: Visited[] = [];
  const props = await parse(path, { files: visited });
  const style = styleIn(props);
  if (Object.keys(style).length === 0) return undefined;
  return { style, files: [...new Set(visited.map(({ fileName }) => fileName))] };
}

function styleIn(props: Props): PreferredStyle {
  const { indent_style: kind, indent_size: size, max_line_length: width, end_of_line: end } = props;
  const spaces = size === 'tab' ? props.tab_width : size;
  const indent =
    kind === 'tab'
      ? '\t'
      : typeof spaces === 'number' && spaces > 0
        ? ' '.repeat(spaces)
        : undefined;
  return {
    ...(indent !== undefined && { indent }),
    ...(typeof width === 'number' && width > 0 && { width }),
    ...(width === 'off' && { width: UNLIMITED }),
    ...(end === 'lf' && { eol: '\n' as const }),
    ...(end === 'crlf' && { eol: '\r\n' as const }),
  };
}
