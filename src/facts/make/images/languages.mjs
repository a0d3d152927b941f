/** Rows of further languages: what image-kinds.mjs says of the format. */

const DOCKER = { publisher: 'docker', isCoarse: true };
const SOURCE = { source: 'dockerfiles' };
const KNOWN = { source: 'general' };
const ALPINE = { kind: '(?:.*-)?alpine(?:-.*)?', variant: 'alpine', on: 'alpine:{version}' };

/** A language with the usual three kinds. */
function language(
  name,
  runtimes,
  commands,
  {
    full = 'buildpack-deps:{suite}',
    fullInstalls,
    slimInstalls,
    alpineInstalls,
    more = {},
    slimOpen = true,
  } = {},
) {
  const own = { runtimes, commands, isOpen: true, ...KNOWN };
  return {
    names: [name],
    ...DOCKER,
    family: name,
    ...more,
    kinds: [
      { ...ALPINE, installs: alpineInstalls ?? '', ...own },
      {
        kind: '(?:.*-)?slim(?:-.*)?',
        variant: 'slim',
        on: 'debian:{suite}-slim',
        installs: slimInstalls ?? '',
        ...own,
        isOpen: slimOpen,
      },
      {
        kind: '.*',
        variant: 'full',
        on: full,
        ...(fullInstalls ? { installs: fullInstalls } : {}),
        ...own,
        isOpen: false,
      },
    ],
  };
}

const JAVA = 'java keytool';
const JDK = 'java javac jar keytool jcmd jps jstack jmap javadoc jdeps';

export const MORE_LANGUAGES = [
  {
    names: ['perl'],
    ...DOCKER,
    family: 'perl',
    kinds: [
      {
        kind: 'slim(?:-threaded)?',
        variant: 'slim',
        on: 'debian:{suite}-slim',
        installs: '',
        runtimes: { perl: '{head}' },
        commands: 'perl cpan cpanm',
        isOpen: true,
        ...SOURCE,
      },
      {
        kind: '(?:threaded)?',
        variant: 'full',
        on: 'buildpack-deps:{suite}',
        runtimes: { perl: '{head}' },
        commands: 'perl cpan cpanm prove perldoc',
        ...SOURCE,
      },
    ],
  },
  language('erlang', { erlang: '{head}' }, 'erl erlc escript rebar3 rebar', {}),
  {
    ...language('elixir', { elixir: '{head}' }, 'elixir elixirc iex mix erl erlc escript', {}),
  },
  language('haskell', { ghc: '{head}' }, 'ghc ghci cabal stack runghc', { full: 'debian:{suite}' }),
  {
    ...language('swift', { swift: '{head}' }, 'swift swiftc', {}),
    kinds: [
      {
        kind: 'slim',
        variant: 'slim',
        on: 'ubuntu:{suite}',
        runtimes: {},
        isOpen: true,
        notes: ['The libraries of Swift without the compiler.'],
        ...KNOWN,
      },
      {
        kind: '.*',
        variant: 'full',
        on: 'ubuntu:{suite}',
        runtimes: { swift: '{head}' },
        commands: 'swift swiftc clang git',
        isOpen: true,
        ...KNOWN,
      },
    ],
  },
  {
    names: ['gcc'],
    ...DOCKER,
    family: 'gcc',
    kinds: [
      {
        kind: '',
        variant: 'full',
        on: 'buildpack-deps:{suite}',
        runtimes: { gcc: '{head}' },
        commands: 'gcc g++ cc c++ gfortran cpp gcov',
        ...SOURCE,
      },
    ],
  },
  {
    names: ['dart'],
    ...DOCKER,
    family: 'dart',
    kinds: [
      {
        kind: '(?:sdk)?',
        variant: 'full',
        on: 'debian:{suite}-slim',
        runtimes: { dart: '{head}' },
        commands: 'dart curl git',
        isOpen: true,
        ...KNOWN,
      },
    ],
  },
  language('julia', { julia: '{head}' }, 'julia', { full: 'debian:{suite}-slim' }),
  {
    names: ['pypy'],
    ...DOCKER,
    family: 'pypy',
    kinds: [
      {
        kind: '(?:.*-)?slim',
        variant: 'slim',
        on: 'debian:{suite}-slim',
        runtimes: { pypy: '{head}' },
        isOpen: true,
        commands: 'pypy pypy3 pip',
        ...KNOWN,
      },
      {
        kind: '.*',
        variant: 'full',
        on: 'buildpack-deps:{suite}',
        runtimes: { pypy: '{head}' },
        commands: 'pypy pypy3 pip',
        ...KNOWN,
      },
    ],
  },
  {
    names: ['composer'],
    ...DOCKER,
    family: 'composer',
    kinds: [
      {
        kind: '.*',
        variant: 'alpine',
        isOpen: true,
        hasShell: 'yes',
        libc: 'musl',
        runtimes: { composer: '{head}', php: '' },
        commands: 'composer php git unzip bash sh',
        ...SOURCE,
      },
    ],
  },
  {
    names: ['gradle'],
    ...DOCKER,
    family: 'gradle',
    leaves: /graal|corretto|ubi|-and-|hotspot|lts/,
    kinds: [
      {
        kind: 'j(?:dk|re)(?<java>\\d+)-alpine',
        variant: 'alpine',
        on: 'eclipse-temurin:{java}-jdk-alpine',
        runtimes: { gradle: '{head}', java: '{java}', jdk: '{java}' },
        commands: `gradle ${JDK}`,
        users: ['gradle 1000 1000 /home/gradle'],
        isOpen: true,
        ...SOURCE,
      },
      {
        kind: 'j(?:dk|re)(?<java>\\d+)',
        suites: 'focal|jammy|noble|resolute',
        variant: 'full',
        on: 'eclipse-temurin:{java}-jdk-{suite}',
        runtimes: { gradle: '{head}', java: '{java}', jdk: '{java}' },
        installs: 'fontconfig unzip wget bzr git git-lfs mercurial openssh-client subversion',
        commands: `gradle ${JDK}`,
        users: ['gradle 1000 1000 /home/gradle'],
        isOpen: true,
        ...SOURCE,
      },
      {
        // Since Gradle 7 its images stand on Temurin's; of which suite, such a tag does not say.
        kind: 'j(?:dk|re)(?<java>\\d+)',
        variant: 'full',
        on: 'eclipse-temurin:{java}-jdk-{suite}',
        runtimes: { gradle: '{head}', java: '{java}', jdk: '{java}' },
        commands: `gradle ${JDK}`,
        users: ['gradle 1000 1000 /home/gradle'],
        isOpen: true,
        ...KNOWN,
      },
      {
        kind: 'j(?:dk|re)(?<java>\\d+)(?:-.*)?',
        variant: 'full',
        runtimes: { gradle: '{head}', java: '{java}', jdk: '{java}' },
        commands: `gradle ${JDK}`,
        users: ['gradle 1000 1000 /home/gradle'],
        isOpen: true,
        ...KNOWN,
      },
      {
        kind: '.*',
        variant: 'full',
        runtimes: { gradle: '{head}', java: '', jdk: '' },
        commands: `gradle ${JDK}`,
        users: ['gradle 1000 1000 /home/gradle'],
        isOpen: true,
        ...KNOWN,
      },
    ],
  },
  {
    names: ['tomcat'],
    ...DOCKER,
    family: 'tomcat',
    kinds: [
      {
        kind: '(?:.*-)?alpine',
        variant: 'alpine',
        on: 'alpine:{version}',
        runtimes: { tomcat: '{head}', java: '' },
        commands: 'catalina.sh java',
        isOpen: true,
        ...KNOWN,
      },
      {
        kind: 'jre(?<java>\\d+)(?:-.*)?',
        variant: 'jre',
        runtimes: { tomcat: '{head}', java: '{java}' },
        commands: `catalina.sh ${JAVA}`,
        isOpen: true,
        ...KNOWN,
      },
      {
        kind: 'jdk(?<java>\\d+)(?:-.*)?',
        variant: 'full',
        runtimes: { tomcat: '{head}', java: '{java}', jdk: '{java}' },
        commands: `catalina.sh ${JDK}`,
        isOpen: true,
        ...KNOWN,
      },
      {
        kind: '.*',
        variant: 'full',
        runtimes: { tomcat: '{head}', java: '' },
        commands: `catalina.sh ${JAVA}`,
        isOpen: true,
        ...KNOWN,
      },
    ],
  },
  {
    names: ['amazoncorretto'],
    ...DOCKER,
    family: 'amazoncorretto',
    depth: 1,
    suiteByRule: (tag) => (/^\d+(?:\.[\d.]+)?$|^latest$|^8u\d+$/.test(tag) ? 'al2' : undefined),
    kinds: [
      {
        kind: 'alpine-jre',
        variant: 'jre-alpine',
        on: 'alpine:{version}',
        runtimes: { java: '{head}' },
        installs: '',
        commands: JAVA,
        isOpen: true,
        ...KNOWN,
      },
      {
        kind: 'alpine(?:-.*)?',
        variant: 'alpine',
        on: 'alpine:{version}',
        runtimes: { java: '{head}', jdk: '{head}' },
        installs: '',
        commands: JDK,
        isOpen: true,
        ...KNOWN,
      },
      {
        kind: '.*',
        variant: 'full',
        runtimes: { java: '{head}', jdk: '{head}' },
        commands: JDK,
        isOpen: true,
        hasCertificates: 'yes',
        ...KNOWN,
      },
    ],
  },
  {
    names: ['java', 'adoptopenjdk'],
    publisher: 'docker',
    family: 'openjdk',
    note: 'No longer built: java since 2017, adoptopenjdk since 2021. eclipse-temurin is what is built today.',
    kinds: [true, false].flatMap((isAlpine) =>
      [true, false].map((isJre) => ({
        tags: `.*:(?:openjdk-)?(?<head>\\d+)?[^-]*-?${isJre ? '.*jre' : ''}.*${isAlpine ? 'alpine.*' : ''}`,
        variant: isJre ? (isAlpine ? 'jre-alpine' : 'jre') : isAlpine ? 'alpine' : 'full',
        runtimes: isJre ? { java: '{head}' } : { java: '{head}', jdk: '{head}' },
        commands: isJre ? JAVA : JDK,
        libc: isAlpine ? 'musl' : 'glibc',
        isOpen: true,
        hasShell: 'yes',
        hasCertificates: 'yes',
        ...KNOWN,
      })),
    ),
  },
];
