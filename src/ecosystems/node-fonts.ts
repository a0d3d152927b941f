/** Whether a Node project draws text, for which it takes the fonts of the system. */
import { isWithin, type BuildContext } from '../analysis/context.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import type { Facts } from '../facts/types.ts';
import type { PackageWish } from './work.ts';

const FONTS: PackageWish = {
  what: 'fonts',
  names: (_, manager) => (manager === 'apt' ? ['fontconfig', 'fonts-dejavu-core'] : undefined),
};

/** Text of a picture: in SVG, on a canvas, as libvips takes it. */
const DRAWS = /<text[\s>]|\bfillText\s*\(|\btext\s*:\s*\{\s*text\s*:/;

/**
 * @param names packages of the manifest that stay
 * @param root of the project, of the image
 */
export function fontsOf(
  names: readonly string[],
  root: string,
  files: BuildContext | undefined,
  { development }: Facts,
): readonly PackageWish[] {
  if (!names.some((each) => matchesWhole(development.drawing, each))) return [];
  const draws = [...(files?.texts ?? [])].some(
    ([path, text]) =>
      isWithin(path, root) &&
      !path.includes('node_modules/') &&
      /\.[cm]?[jt]sx?$/.test(path) &&
      DRAWS.test(text),
  );
  return draws ? [FONTS] : [];
}
