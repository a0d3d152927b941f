/** Which packages have the libraries that a compiler links, by what its call and the stage's installs say. */
import type { BuildContext } from '../analysis/context.ts';
import { sharedLibraries } from '../analysis/system-packages.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import { headersOf, packagesOf } from './c-libraries.ts';

/** Where a compiler is called. */
export interface CompilerScope {
  /** By paths of the image; `undefined` where nothing is known of the build context. */
  readonly files: BuildContext | undefined;
  /** A variable's value, empty where it is not set; `undefined` where nobody knows. */
  readonly variable: (name: string) => string | undefined;
  readonly image: Image | undefined;
  /** All that the stage installed before, as written; nothing where only what is made counts. */
  readonly installs?: string;
  readonly facts: Facts;
}

/** Packages with a library that is linked by its name; `undefined` where its headers come from elsewhere. */
export function libraryOf(
  name: string,
  { image, installs = '', facts }: CompilerScope,
): readonly string[] | undefined {
  if (!image) return undefined;
  const header = headersOf(name);
  if (header === '') return [];
  const isThere =
    image.hasPackage(header) === 'yes' ||
    headersIn(installs).some((each) => each === header || HEADER_OF[each] === header);
  return isThere ? packagesOf(name, image, facts) : undefined;
}

/** Other names of packages with headers. */
const HEADER_OF: Readonly<Record<string, string>> = {
  'libncurses5-dev': 'libncurses-dev',
  'libncursesw5-dev': 'libncurses-dev',
  'libcurl4-gnutls-dev': '',
  'libmariadb-dev': 'default-libmysqlclient-dev',
};

/** Packages with headers that the stage installs, those of the compiler left out. */
export function headersIn(installs: string): readonly string[] {
  const named = [...installs.matchAll(/(?<![\w./=-])([a-z0-9][a-z0-9.+-]*-dev)(?![\w/-])/g)];
  return named
    .map(([, name]) => name!)
    .filter((name) => !/^(libc6?|musl|linux-libc)-dev$/.test(name));
}

/** What may be linked with the headers that are installed; or why that is not known. */
export function librariesOfHeaders({
  installs = '',
  image,
  facts,
}: CompilerScope): readonly string[] | string {
  const libraries: string[] = [];
  for (const each of headersIn(installs)) {
    const found = sharedLibraries(each, image?.distribution?.suite ?? '', facts);
    if (!found) return `nobody knows which libraries ${each} stands for`;
    // Headers of C++ bring the compiler's sanitizers along, which nothing links by itself.
    libraries.push(...found.filter((name) => !/^lib([atl]|ub|hwa)san\d+$|^libitm\d+$/.test(name)));
  }
  return libraries;
}

/** Libraries of the headers that a stage installs on a base without any; `undefined` where there are others. */
export function onlyHeaders(scope: CompilerScope): readonly string[] | undefined {
  if (
    scope.image?.hasPackage('zlib1g-dev') !== 'no' ||
    headersIn(scope.installs ?? '').length === 0
  ) {
    return undefined;
  }
  const found = librariesOfHeaders(scope);
  return typeof found === 'string' ? undefined : found;
}
