/** Whether a package of npm is for the platform of an image: linux on x64. */
import { textsOf, type Table } from './findings.ts';

/** What is not known is glibc: so are most images. */
export type NodeLibc = 'glibc' | 'musl';

/** By what the lockfile says of the package. */
export function isForPlatform(entry: Table, libc: NodeLibc): boolean {
  const { os, cpu, libc: own } = entry;
  return allows(os, 'linux') && allows(cpu, 'x64') && allows(own, libc);
}

function allows(value: unknown, own: string): boolean {
  if (value === undefined) return true;
  const list = textsOf(value);
  if (list.includes(`!${own}`)) return false;
  const wanted = list.filter((each) => !each.startsWith('!'));
  return wanted.length === 0 || wanted.includes(own) || wanted.includes('any');
}

const SYSTEM =
  /(?<=[-/._])(linux|linuxmusl|darwin|win32|windows|freebsd|openbsd|netbsd|sunos|solaris|aix|android|openharmony)(?=[-._]|$)/;
const PROCESSOR =
  /(?<=[-._])(x64|x86_64|amd64|64|arm64|aarch64|armhf|armv[67]l?|arm|ia32|x86|i686|32|ppc64|ppc64le|s390x|riscv64|riscv64gc|loong64|mips64el|mips64le|mipsel|universal)(?=[-._]|$)/;
const OURS = /^(x64|x86_64|amd64|64)$/;

/** Packages that say so in their manifests alone. */
const OTHERS = new Set([
  'fsevents',
  'dmg-license',
  'appdmg',
  'macos-alias',
  'iconv-corefoundation',
]);

/** Where the lockfile is silent, by the name: `@esbuild/darwin-arm64`. */
export function isForPlatformByName(name: string): boolean {
  if (OTHERS.has(name)) return false;
  // Hundreds of names are asked about, and hardly one has the name of a processor in it.
  if (!/\d|arm|mipsel|universal/.test(name)) return true;
  if (/[-/]wasm32(-|$)/.test(name)) return false;
  const system = SYSTEM.exec(name)?.[1];
  if (system === undefined) return true;
  const processor = PROCESSOR.exec(name)?.[1];
  if (processor === undefined) return true;
  return system.startsWith('linux') && OURS.test(processor);
}
