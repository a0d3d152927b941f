/** What `cp`, `mv` and `install` write where they are given a folder that is there: the files in it. */
import type { Call } from '../analysis/calls.ts';
import { isStandardFolder } from '../analysis/base-folders.ts';
import { baseName } from '../analysis/go-paths.ts';
import { ownName } from '../ecosystems/work.ts';

const VALUED = /^(-[mogS]|--(mode|owner|group|suffix))$/;

/** Options that change what the operands mean. */
const OTHERWISE =
  /^(-[a-zA-Z]*[tTdD]|--(target-directory|no-target-directory|directory|parents)(=.*)?)$/;

/**
 * @param path that it writes by its effects, without a slash in front
 * @returns paths, perhaps patterns; the path itself where it is no folder, or nobody knows
 */
export function copyTargets(call: Call | undefined, path: string): readonly string[] {
  if (!call || !/^(cp|mv|install)$/.test(ownName(call))) return [path];
  const { args } = call;
  if (args.some((arg) => arg === undefined || OTHERWISE.test(arg))) return [path];
  const operands = args.filter(
    (arg, index) => !arg!.startsWith('-') && !VALUED.test(args[index - 1] ?? ''),
  );
  const last = operands.at(-1);
  const names = operands.slice(0, -1).map((each) => baseName(each!.replace(/\/+$/, '')));
  const isFolder =
    names.length > 1 || /(^|\/)\.?$/.test(last ?? '') || isStandardFolder(`/${path}`);
  // The content of a folder, of which nobody sees the names.
  const isContent = names.length === 0 || names.some((name) => /^\.{0,2}$/.test(name));
  if (!isFolder || isContent) return [path];
  return names.map((name) => (path === '' ? name : `${path}/${name}`));
}
