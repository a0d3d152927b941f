/** What the file system's refusals mean, in words. */

export const BELOW_A_FILE = 'a part of its path is not a folder';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'there is such a file already',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links lead in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'there is no such file',
  ENOSPC: 'the disk is full',
  ENOTDIR: BELOW_A_FILE,
  ENXIO: 'it is not a regular file',
  EPERM: 'no permission',
  EROFS: 'it is on a read-only file system',
  ERR_INVALID_ARG_VALUE: 'its name is not valid',
};

/** @throws the error itself where it does not come from the file system: that is a bug. */
export function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) throw error;
  return REASONS[code] ?? `the system says ${code}`;
}
