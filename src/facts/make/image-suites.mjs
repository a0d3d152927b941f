/**
 * Releases of distributions: their names, versions, libc and package manager. glibc by `libc6` in lists
 * of packages; musl, and what is newer than those lists, by general knowledge.
 */

const debian = (version, libcVersion) => ({
  id: 'debian',
  version,
  libc: 'glibc',
  libcVersion,
  manager: 'apt',
});
const ubuntu = (version, libcVersion) => ({ ...debian(version, libcVersion), id: 'ubuntu' });
const alpine = (version, libcVersion) => ({
  id: 'alpine',
  version,
  libc: 'musl',
  ...(libcVersion ? { libcVersion } : {}),
  manager: 'apk',
});
const red = (id, version, libcVersion, manager) => ({
  id,
  version,
  libc: 'glibc',
  ...(libcVersion ? { libcVersion } : {}),
  ...(manager ? { manager } : {}),
});

/** Newest last. */
const MUSL = {
  3.1: '1.1.5',
  3.2: '1.1.11',
  3.3: '1.1.12',
  3.4: '1.1.14',
  3.5: '1.1.15',
  3.6: '1.1.16',
  3.7: '1.1.18',
  3.8: '1.1.19',
  3.9: '1.1.20',
  '3.10': '1.1.22',
  3.11: '1.1.24',
  3.12: '1.1.24',
  3.13: '1.2.2',
  3.14: '1.2.2',
  3.15: '1.2.2',
  3.16: '1.2.3',
  3.17: '1.2.3',
  3.18: '1.2.4',
  3.19: '1.2.4',
  '3.20': '1.2.5',
  3.21: '1.2.5',
  3.22: '1.2.5',
  3.23: '1.2.5',
  3.24: '1.2.6',
};

export const SUITES = {
  wheezy: debian('7', '2.13'),
  jessie: debian('8', '2.19'),
  stretch: debian('9', '2.24'),
  buster: debian('10', '2.28'),
  bullseye: debian('11', '2.31'),
  bookworm: { ...debian('12', '2.36'), hasOwnPrograms: true },
  trixie: { ...debian('13', '2.41'), hasOwnPrograms: true },
  forky: debian('14'),
  sid: debian('sid'),
  precise: ubuntu('12.04', '2.15'),
  trusty: ubuntu('14.04', '2.19'),
  xenial: ubuntu('16.04', '2.23'),
  yakkety: ubuntu('16.10', '2.24'),
  zesty: ubuntu('17.04', '2.24'),
  artful: ubuntu('17.10', '2.26'),
  bionic: ubuntu('18.04', '2.27'),
  cosmic: ubuntu('18.10', '2.28'),
  disco: ubuntu('19.04', '2.29'),
  eoan: ubuntu('19.10', '2.30'),
  focal: ubuntu('20.04', '2.31'),
  groovy: ubuntu('20.10', '2.32'),
  hirsute: ubuntu('21.04', '2.33'),
  impish: ubuntu('21.10', '2.34'),
  jammy: ubuntu('22.04', '2.35'),
  kinetic: ubuntu('22.10', '2.36'),
  lunar: ubuntu('23.04', '2.37'),
  mantic: ubuntu('23.10', '2.38'),
  noble: ubuntu('24.04', '2.39'),
  oracular: ubuntu('24.10', '2.40'),
  plucky: ubuntu('25.04', '2.41'),
  questing: ubuntu('25.10', '2.42'),
  resolute: ubuntu('26.04', '2.43'),
  ...Object.fromEntries(
    Object.entries(MUSL)
      .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
      .map(([version, musl]) => [`alpine${version}`, alpine(version, musl)]),
  ),
  centos5: red('centos', '5', '2.5', 'yum'),
  centos6: red('centos', '6', '2.12', 'yum'),
  centos7: red('centos', '7', '2.17', 'yum'),
  centos8: red('centos', '8', '2.28', 'dnf'),
  oraclelinux6: red('ol', '6', '2.12', 'yum'),
  oraclelinux7: red('ol', '7', '2.17', 'yum'),
  oraclelinux8: red('ol', '8', '2.28', 'dnf'),
  oraclelinux9: red('ol', '9', '2.34', 'dnf'),
  al1: red('amzn', '2018.03', '2.17', 'yum'),
  amazonlinux2: red('amzn', '2', '2.26', 'yum'),
  al2: red('amzn', '2', '2.26', 'yum'),
  al2023: red('amzn', '2023', '2.34', 'dnf'),
  rocky8: red('rocky', '8', '2.28', 'dnf'),
  rocky9: red('rocky', '9', '2.34', 'dnf'),
  rocky10: red('rocky', '10', '2.39', 'dnf'),
  oraclelinux10: red('ol', '10', '2.39', 'dnf'),
  ...Object.fromEntries(
    Array.from({ length: 25 }, (_, at) => [
      `fedora${20 + at}`,
      red('fedora', String(20 + at), undefined, at < 2 ? 'yum' : 'dnf'),
    ]),
  ),
  almalinux8: red('almalinux', '8', '2.28', 'dnf'),
  almalinux9: red('almalinux', '9', '2.34', 'dnf'),
  almalinux10: red('almalinux', '10', '2.39', 'dnf'),
};

/** The suite that a tag's end names. */
export function SUITE_IN_TAG(tail) {
  const alpineVersion = /-alpine-?(3\.\d+)/.exec(tail)?.[1];
  if (alpineVersion !== undefined) return `alpine${alpineVersion}`;
  return tail.split('-').find((word) => SUITES[word] !== undefined);
}

/** Products of endoflife.date. */
export const RELEASES = {
  node: { what: 'Node.js', product: 'nodejs' },
  python: { what: 'Python', product: 'python' },
  php: { what: 'PHP', product: 'php' },
  ruby: { what: 'Ruby', product: 'ruby' },
  go: { what: 'Go', product: 'go' },
  java: { what: 'OpenJDK', product: 'eclipse-temurin' },
  dotnet: { what: '.NET', product: 'dotnet' },
  debian: { what: 'Debian', product: 'debian' },
  ubuntu: { what: 'Ubuntu', product: 'ubuntu' },
  alpine: { what: 'Alpine', product: 'alpine-linux' },
  centos: { what: 'CentOS', product: 'centos' },
  amzn: { what: 'Amazon Linux', product: 'amazon-linux' },
};
