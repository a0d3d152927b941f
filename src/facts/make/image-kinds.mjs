/**
 * What the images of a repository are, by hand: what images.mjs cannot read from lists of tags, sizes
 * and packages. `kind` is a pattern of the words in a tag without its suite. Sources are keys of SOURCES.
 */
import { DOTNET } from './images/dotnet.mjs';
import { JAVA } from './images/java.mjs';
import { MORE_LANGUAGES } from './images/languages.mjs';
import { SERVERS } from './images/servers.mjs';

import { SYSTEMS } from './images/systems.mjs';

export const SOURCES = {
  dockerfiles:
    'the Dockerfiles of the official images, newest states up to 2026-08-21; packages by lists of images of 2020-10-14, else by the package indices of Debian (up to 2026-09-12) and Ubuntu',
  'dotnet-dockerfiles': 'the Dockerfiles of dotnet/dotnet-docker, newest states up to 2026-08-21',
  distroless: 'the lists of packages in GoogleContainerTools/distroless, 2026-08-21',
  diamol: 'the Dockerfiles of sixeyed/diamol',
  general: 'general knowledge, not looked up again',
  net: 'baselines of the sizes in dotnet/dotnet-docker, tests/performance/ImageSize.nightly.linux.json, up to 2025-05',
  mcr: 'sizes measured by maniSbindra/secure-container-base-image-recommender, 2026-03-23',
  18: 'docker-library/repo-info, 2016-07 to 2018-01',
  20: 'docker-library/repo-info, 2020-10-14',
  26: 'docker-library/repo-info, single pages of 2021 to 2026-09',
  dl: 'computed from the packages that GoogleContainerTools/distroless lists, 2026-08-21',
  lab: 'stand-ins that were built of the same Debian packages as the official images, test/lab, 2026-11-21',
  endoflife: 'endoflife.date, 2026-08-22',
};

const NODE_USER = ['node 1000 1000 /home/node'];

const NODE = {
  runtimes: { node: '{head}' },
  commands: 'node nodejs npm npx',
  users: NODE_USER,
  source: 'dockerfiles',
};

const NODE_WORDS = {
  argon: '4',
  boron: '6',
  carbon: '8',
  dubnium: '10',
  erbium: '12',
  fermium: '14',
  gallium: '16',
  hydrogen: '18',
  iron: '20',
  jod: '22',
  krypton: '24',
};

const PYTHON = {
  runtimes: { python: '{head}' },
  commands:
    'python python{major} python{minor} python-config python{major}-config python{minor}-config pip pip{major} pip{minor} pydoc pydoc{major} idle idle{major}',
  maybeCommands:
    '2to3 2to3-{minor} pydoc{minor} idle{minor} wheel easy_install easy_install-{minor} pyvenv pyvenv-{minor} smtpd.py python{minor}m python{minor}m-config',
  source: 'dockerfiles',
};

const GO = { runtimes: { go: '{head}' }, commands: 'go gofmt', maybeCommands: 'godoc go-wrapper' };

const RUBY = {
  runtimes: { ruby: '{head}' },
  commands: 'ruby gem bundle bundler erb irb rake',
  maybeCommands: 'ri rdoc racc rbs rdbg typeprof syntax_suggest update_rubygems test-unit',
  source: 'dockerfiles',
};

const PHP = {
  runtimes: { php: '{head}' },
  commands:
    'php phpize php-config phar phar.phar pear peardev pecl docker-php-source docker-php-ext-install docker-php-ext-configure docker-php-ext-enable docker-php-entrypoint',
  maybeCommands: 'phpdbg php-cgi',
  source: 'dockerfiles',
};

/** What the purge after the build leaves, because PHP is linked with it. */
const PHP_KEEPS =
  'libargon2-1 libonig5 libsodium23 libsqlite3-0 libxml2 libcurl4 libcurl4t64 libreadline8 libreadline8t64 libssl1.1 libssl3 libssl3t64 zlib1g';

const RUST = {
  runtimes: { rust: '{head}' },
  commands:
    'rustc cargo rustup rustdoc rust-gdb rust-lldb rust-gdbgui cargo-clippy cargo-fmt rustfmt clippy-driver rls cargo-miri rust-analyzer',
  source: 'dockerfiles',
};

/** Its names that move, since 2025-08-12, by those of buildpack-deps: the lists of its own are older. */
const DEBIAN_NOW = {
  stable: 'trixie',
  oldstable: 'bookworm',
  oldoldstable: 'bullseye',
  testing: 'forky',
  unstable: 'sid',
};

const LANGUAGES = [
  {
    names: ['debian'],
    publisher: 'docker',
    family: 'debian',
    hasDays: true,
    suiteByRule: (tag) => DEBIAN_NOW[/^[a-z]+/.exec(tag)?.[0]],
    figures: [
      ['', 'bookworm', '12 - 11576 - 2026-11 lab'],
      ['', 'trixie', '13 - 11928 - 2026-11 lab'],
      ['slim', 'trixie', '13 - 7800 - 2026-11 lab'],
    ],
    kinds: [
      {
        kind: 'slim',
        variant: 'slim',
        commands: 'policy-rc.d',
        source: 'dockerfiles',
        hasLocales: 'no',
        notes: ['It lacks documentation, manual pages and translations; apt leaves them out.'],
      },
      {
        kind: '',
        variant: 'full',
        commands: 'policy-rc.d',
        source: 'dockerfiles',
        hasLocales: 'no',
      },
      { kind: 'backports', variant: 'full', on: 'debian:{suite}', source: 'dockerfiles' },
    ],
  },
  {
    names: ['ubuntu'],
    publisher: 'docker',
    family: 'ubuntu',
    hasDays: true,
    figures: [['', 'noble', '24.04 - 7816 - 2026-08 26']],
    kinds: [
      {
        kind: '',
        variant: 'full',
        commands: 'policy-rc.d',
        source: 'dockerfiles',
        hasLocales: 'no',
      },
    ],
  },
  {
    names: ['alpine'],
    publisher: 'docker',
    family: 'alpine',
    figures: [
      ['', 'alpine3.14', '3.14 - 560 - 2022-08 26'],
      ['', 'alpine3.17', '3.17 - 704 - 2023-01 26'],
      ['', 'alpine3.21', '3.21 - 780 - 2026-09 26'],
      ['', 'alpine3.24', '3.24 - 842 - 2026-09 26'],
    ],
    suiteByRule: (tag) =>
      /^\d+\.\d+/.test(tag)
        ? `alpine${/^\d+\.\d+/.exec(tag)[0]}`
        : { latest: 'alpine3.24', 3: 'alpine3.24' }[tag],
    kinds: [{ kind: '', variant: 'alpine', source: 'dockerfiles', hasLocales: 'no' }],
  },
  {
    names: ['buildpack-deps'],
    publisher: 'docker',
    family: 'buildpack-deps',
    figures: [
      ['curl', 'bookworm', '12 - 16419 - 2026-11 lab'],
      // Without git-lfs, which the stand-in has besides.
      ['scm', 'bookworm', '12 - 34100 - 2026-11 lab'],
      ['', 'bookworm', '12 - 92900 - 2026-11 lab'],
    ],
    kinds: [
      {
        kind: 'curl',
        variant: 'other',
        on: '{distribution}:{suite}',
        installs: 'ca-certificates curl gnupg netbase sq wget tzdata',
        source: 'dockerfiles',
      },
      {
        kind: 'scm',
        variant: 'other',
        on: 'buildpack-deps:{suite}-curl',
        installs: 'git mercurial openssh-client subversion procps',
        source: 'dockerfiles',
      },
      {
        kind: '',
        variant: 'full',
        on: 'buildpack-deps:{suite}-scm',
        installs:
          'autoconf automake bzip2 default-libmysqlclient-dev dpkg-dev file g++ gcc imagemagick libbz2-dev libc6-dev libcurl4-openssl-dev libdb-dev libevent-dev libffi-dev libgdbm-dev libglib2.0-dev libgmp-dev libjpeg-dev libkrb5-dev liblzma-dev libmagickcore-dev libmagickwand-dev libmaxminddb-dev libncurses5-dev libncursesw5-dev libpng-dev libpq-dev libreadline-dev libsqlite3-dev libssl-dev libtool libwebp-dev libxml2-dev libxslt-dev libyaml-dev make patch unzip xz-utils zlib1g-dev',
        source: 'dockerfiles',
      },
    ],
  },
  {
    names: ['node'],
    publisher: 'docker',
    family: 'node',
    words: NODE_WORDS,
    kinds: [
      {
        kind: 'onbuild',
        variant: 'other',
        on: 'node:{head}',
        ...NODE,
        maybeCommands: 'yarn yarnpkg',
      },
      {
        kind: 'alpine',
        variant: 'alpine',
        on: 'alpine:{version}',
        installs: 'libstdc++',
        carries: true,
        ...NODE,
        maybeCommands: 'yarn yarnpkg corepack docker-entrypoint.sh',
      },
      {
        kind: 'slim',
        suites: 'wheezy|jessie',
        variant: 'slim',
        on: 'debian:{suite}',
        ...NODE,
        isOpen: true,
        maybeCommands: 'yarn yarnpkg',
      },
      {
        kind: 'slim',
        variant: 'slim',
        on: 'debian:{suite}-slim',
        ...NODE,
        maybeCommands: 'yarn yarnpkg corepack docker-entrypoint.sh',
      },
      {
        kind: '',
        variant: 'full',
        on: 'buildpack-deps:{suite}',
        ...NODE,
        maybeCommands: 'yarn yarnpkg corepack docker-entrypoint.sh',
      },
    ],
  },
  {
    names: ['python'],
    publisher: 'docker',
    family: 'python',
    kinds: [
      { kind: 'onbuild', variant: 'other', on: 'python:{head}', ...PYTHON },
      {
        kind: 'alpine',
        variant: 'alpine',
        on: 'alpine:{version}',
        installs: 'ca-certificates tzdata',
        carries: true,
        ...PYTHON,
      },
      {
        kind: 'slim',
        variant: 'slim',
        on: 'debian:{suite}-slim',
        installs: 'ca-certificates netbase tzdata',
        keeps:
          'libgdbm6 libncursesw6 libreadline8 libreadline8t64 libsqlite3-0 libssl1.1 libssl3 libssl3t64 libffi7 libffi8',
        maybePackages:
          'libnsl2 libtirpc3 libtirpc3t64 libtirpc-common libgssapi-krb5-2 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 libgdbm6t64',
        ...PYTHON,
      },
      {
        kind: '',
        variant: 'full',
        on: 'buildpack-deps:{suite}',
        installs: 'libbluetooth-dev tk-dev uuid-dev',
        ...PYTHON,
      },
    ],
  },
  {
    names: ['golang'],
    publisher: 'docker',
    family: 'golang',
    kinds: [
      { kind: 'onbuild', variant: 'other', on: 'golang:{head}', ...GO, source: 'dockerfiles' },
      {
        kind: 'alpine',
        variant: 'alpine',
        on: 'alpine:{version}',
        installs: 'ca-certificates',
        carries: true,
        ...GO,
        source: 'dockerfiles',
      },
      {
        kind: '',
        variant: 'full',
        on: 'buildpack-deps:{suite}-scm',
        installs: 'g++ gcc libc6-dev make pkg-config',
        ...GO,
        source: 'dockerfiles',
      },
    ],
  },
  {
    names: ['ruby'],
    publisher: 'docker',
    family: 'ruby',
    kinds: [
      { kind: 'onbuild', variant: 'other', on: 'ruby:{head}', ...RUBY },
      {
        kind: 'alpine',
        variant: 'alpine',
        on: 'alpine:{version}',
        installs: 'ca-certificates',
        ...RUBY,
      },
      {
        kind: 'slim',
        variant: 'slim',
        on: 'debian:{suite}-slim',
        installs: 'ca-certificates',
        keeps:
          'libffi7 libffi8 libgmp10 libssl1.1 libssl3 libssl3t64 libyaml-0-2 libreadline8 libreadline8t64 libncurses6 libgdbm6 libgdbm6t64',
        // Installed up to 2025-01, 2025-03; images of ended versions still have them.
        maybePackages:
          'bzip2 libffi-dev libgmp-dev libssl-dev libyaml-dev procps zlib1g-dev libc6-dev libc-dev-bin libcrypt-dev linux-libc-dev libgmpxx4ldbl libncursesw6 libproc2-0 libprocps8 libprocps7 libnsl-dev libnsl2 libtirpc-dev libtirpc3 libtirpc-common rpcsvc-proto libgdbm6 libgssapi-krb5-2 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0',
        ...RUBY,
        maybeCommands: `${RUBY.maybeCommands} ps free kill pgrep pidof pkill pmap pwdx skill slabtop snice sysctl tload top uptime vmstat w watch pidwait gencat rpcgen bzip2 bunzip2 bzcat bzcmp bzdiff bzegrep bzexe bzfgrep bzgrep bzip2recover bzless bzmore`,
      },
      { kind: '', variant: 'full', on: 'buildpack-deps:{suite}', ...RUBY },
    ],
  },
  {
    names: ['php'],
    publisher: 'docker',
    family: 'php',
    kinds: [
      {
        kind: '(?:cli-)?alpine',
        variant: 'alpine',
        on: 'alpine:{version}',
        installs: 'ca-certificates curl openssl tar xz',
        carries: true,
        ...PHP,
      },
      {
        kind: 'zts-alpine',
        variant: 'alpine',
        on: 'alpine:{version}',
        installs: 'ca-certificates curl openssl tar xz',
        carries: true,
        ...PHP,
      },
      {
        kind: 'fpm-alpine',
        variant: 'alpine',
        on: 'alpine:{version}',
        installs: 'ca-certificates curl openssl tar xz',
        carries: true,
        ...PHP,
        commands: `${PHP.commands} php-fpm`,
      },
      {
        kind: 'apache',
        variant: 'full',
        on: 'debian:{suite}-slim',
        installs:
          'autoconf dpkg-dev file g++ gcc libc-dev make pkg-config re2c ca-certificates curl xz-utils apache2',
        keeps: PHP_KEEPS,
        ...PHP,
        commands: `${PHP.commands} apache2-foreground`,
      },
      {
        kind: 'fpm',
        variant: 'full',
        on: 'debian:{suite}-slim',
        installs:
          'autoconf dpkg-dev file g++ gcc libc-dev make pkg-config re2c ca-certificates curl xz-utils',
        keeps: PHP_KEEPS,
        ...PHP,
        commands: `${PHP.commands} php-fpm`,
      },
      {
        kind: 'zts',
        variant: 'full',
        on: 'debian:{suite}-slim',
        installs:
          'autoconf dpkg-dev file g++ gcc libc-dev make pkg-config re2c ca-certificates curl xz-utils',
        keeps: PHP_KEEPS,
        ...PHP,
      },
      {
        kind: 'cli|',
        variant: 'full',
        on: 'debian:{suite}-slim',
        installs:
          'autoconf dpkg-dev file g++ gcc libc-dev make pkg-config re2c ca-certificates curl xz-utils',
        keeps: PHP_KEEPS,
        ...PHP,
      },
    ],
  },
  {
    names: ['rust'],
    publisher: 'docker',
    family: 'rust',
    kinds: [
      {
        kind: 'alpine',
        variant: 'alpine',
        on: 'alpine:{version}',
        installs: 'ca-certificates gcc musl-dev',
        ...RUST,
      },
      {
        kind: 'slim',
        variant: 'slim',
        on: 'debian:{suite}-slim',
        installs: 'ca-certificates gcc libc6-dev',
        ...RUST,
      },
      { kind: '', variant: 'full', on: 'buildpack-deps:{suite}', ...RUST },
    ],
  },
];

/** @type {readonly { names: string[], [key: string]: any }[]} */
export const REPOSITORIES = [
  ...LANGUAGES,
  ...JAVA,
  ...MORE_LANGUAGES,
  ...SERVERS,
  ...DOTNET,
  ...SYSTEMS,
];
