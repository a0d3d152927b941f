/** Libraries that a container is told to load by the name that only their packages with headers have. */
import type { Stage } from '../dockerfile/model.ts';

/** `/usr/lib/x86_64-linux-gnu/libgdal.so`: without a version behind it, a link for linkers. */
const LINK = /(?:^|\/)lib([\w+-]+?)\.so(?![\w.])/g;

/** Whether a variable of the image names such a link of the package: `GDAL_LIBRARY_PATH`. */
export function isLinkNamed(packageName: string, { instructions }: Stage): boolean {
  if (!packageName.endsWith('-dev')) return false;
  const values = instructions.flatMap((each) =>
    each.kind === 'env' ? each.pairs.map(({ value }) => (value ?? '').replaceAll(/["']/g, '')) : [],
  );
  const stems = values.flatMap((value) => [...value.matchAll(LINK)].map(([, name]) => name!));
  // libgeos_c.so is in libgeos-dev.
  return stems.some((stem) => packageName.includes(stem.replace(/[_-].*$/, '').toLowerCase()));
}
