/** Rows of images that are a system or nothing at all: what image-kinds.mjs says of the format. */

const DOCKER = { publisher: 'docker', isCoarse: true };
const KNOWN = { source: 'general' };

/** What BusyBox can be built with besides. */
const MORE_APPLETS =
  'ar ascii crc32 cttyhack devmem dpkg dpkg-deb dumpleases ed freeramdisk fsfreeze ftpget ftpput httpd i2cdetect i2cdump i2cget i2cset i2ctransfer linuxrc logname lsscsi mim mke2fs mt nuke patch resume rpm rpm2cpio run-init ssl_client start-stop-daemon sulogin svc svok taskset tc telnet telnetd tftp ts ubirename udhcpd uevent uncompress w xz';

const red = (name, id, versions, latest, more = {}) => ({
  names: [name],
  ...DOCKER,
  family: name,
  suiteByRule: (tag) => {
    const major = /^(?:centos)?(\d+)/.exec(tag)?.[1] ?? (tag === 'latest' ? latest : undefined);
    return versions[major];
  },
  kinds: [
    { kind: 'minimal|slim', variant: 'slim', isOpen: true, hasCertificates: 'yes', ...KNOWN },
    {
      kind: '.*',
      variant: 'full',
      isOpen: true,
      hasCertificates: 'yes',
      commands: 'bash sh ls cat',
      ...KNOWN,
    },
  ],
  ...more,
});

const numbered = (prefix, from, to) =>
  Object.fromEntries(
    Array.from({ length: to - from + 1 }, (_, at) => [String(from + at), `${prefix}${from + at}`]),
  );

const EMPTY = {
  libc: 'none',
  hasCertificates: 'no',
  hasTimeZones: 'no',
  hasLocales: 'no',
  isWhole: true,
  installs: '',
  commands: '',
};

/** Packages of distroless images; each kind has those of the ones before. */
const STATIC = 'base-files netbase tzdata';
const BASE = `${STATIC} libc6`;
const CC = `${BASE} libgcc-s1 libgomp1 libstdc++6`;
const SOME =
  'media-types openssl libssl1.1 libssl3 libssl3t64 gcc-8-base gcc-10-base gcc-12-base gcc-14-base';

const distroless = (kind, row) =>
  [true, false].map((isDebug) => ({
    tags: `(?<kind>${kind})-debian(?<debian>\\d+):${isDebug ? 'debug(?:-.*)?' : '.*'}`,
    isSuiteInTag: true,
    variant: 'distroless',
    hasShell: isDebug ? 'yes' : 'no',
    ...(isDebug ? { maybeCommands: 'sh busybox ls cat vi wget' } : {}),
    hasCertificates: 'yes',
    hasTimeZones: 'yes',
    hasLocales: 'no',
    isWhole: true,
    maybePackages: SOME,
    users: ['nonroot 65532 65532 /home/nonroot'],
    notes: [isDebug ? 'Its shell is BusyBox, below /busybox.' : 'No shell and no package manager.'],
    ...row,
    source: 'distroless',
  }));

const DEBIAN = ['10', '11', '12', '13'];
const VERSIONS = { java: [11, 17, 21, 25], nodejs: [14, 16, 18, 20, 22, 24] };
const DISTROLESS = {
  names: ['static', 'base', 'base-nossl', 'cc', 'python3', 'java', 'nodejs'].flatMap((kind) =>
    DEBIAN.flatMap((debian) =>
      (VERSIONS[kind] ?? ['']).map(
        (version) => `gcr.io/distroless/${kind}${version}-debian${debian}`,
      ),
    ),
  ),
  publisher: 'distroless',
  family: 'distroless',
  kinds: [
    ...distroless('static', { libc: 'none', installs: STATIC }),
    ...distroless('base', { installs: BASE }),
    ...distroless('base-nossl', { installs: BASE }),
    ...distroless('cc', { installs: CC }),
    ...distroless('nodejs(?<node>\\d+)', {
      installs: CC,
      runtimes: { node: '{node}' },
      notes: ['No shell and no package manager; node is /nodejs/bin/node and the entrypoint.'],
    }),
    ...distroless('java(?<java>\\d+)', {
      installs: CC,
      runtimes: { java: '{java}' },
      commands: 'java',
      isWhole: false,
      isOpen: true,
    }),
    ...distroless('python3', {
      installs: `${CC} python3`,
      runtimes: { python: '3' },
      commands: 'python3',
      isWhole: false,
      isOpen: true,
    }),
  ],
};

export const SYSTEMS = [
  {
    names: ['scratch'],
    ...DOCKER,
    family: 'scratch',
    kinds: [
      {
        tags: '.*',
        variant: 'other',
        ...EMPTY,
        hasShell: 'no',
        isSuiteInTag: true,
        notes: ['Nothing at all.'],
        ...KNOWN,
      },
    ],
    sizes: { '': { '-': ['0 0 0 - - general'] } },
  },
  {
    names: ['busybox'],
    ...DOCKER,
    family: 'busybox',
    kinds: [
      {
        kind: 'musl',
        variant: 'alpine',
        ...EMPTY,
        libc: 'musl',
        hasShell: 'yes',
        commands: '@busybox@alpine',
        maybeCommands: MORE_APPLETS,
        ...KNOWN,
      },
      {
        kind: 'glibc',
        variant: 'other',
        ...EMPTY,
        libc: 'glibc',
        hasShell: 'yes',
        commands: '@busybox@alpine',
        maybeCommands: MORE_APPLETS,
        ...KNOWN,
      },
      {
        kind: '.*',
        variant: 'other',
        ...EMPTY,
        libc: undefined,
        hasShell: 'yes',
        commands: '@busybox@alpine',
        maybeCommands: MORE_APPLETS,
        ...KNOWN,
      },
    ].map((row) => JSON.parse(JSON.stringify(row))),
  },
  red('centos', 'centos', numbered('centos', 5, 8), '8', {
    note: 'No longer built; the last is CentOS 8 of 2021.',
  }),
  red('fedora', 'fedora', numbered('fedora', 20, 44), '44'),
  red('oraclelinux', 'ol', numbered('oraclelinux', 6, 10), undefined),
  {
    ...red(
      'amazonlinux',
      'amzn',
      { 1: 'al1', 2: 'amazonlinux2', 2017: 'al1', 2018: 'al1', 2022: 'al2023', 2023: 'al2023' },
      undefined,
    ),
    names: ['amazonlinux', 'public.ecr.aws/amazonlinux/amazonlinux'],
  },
  {
    ...red('rockylinux', 'rocky', { 8: 'rocky8', 9: 'rocky9', 10: 'rocky10' }, undefined),
    names: ['rockylinux', 'rockylinux/rockylinux'],
  },
  red('almalinux', 'almalinux', { 8: 'almalinux8', 9: 'almalinux9', 10: 'almalinux10' }, '10'),
  DISTROLESS,
  {
    names: ['gcr.io/distroless/static'],
    publisher: 'distroless',
    family: 'distroless-static',
    kinds: [
      {
        tags: 'static:(?!debug).*',
        variant: 'distroless',
        libc: 'none',
        hasShell: 'no',
        hasCertificates: 'yes',
        hasTimeZones: 'yes',
        hasLocales: 'no',
        isWhole: true,
        installs: STATIC,
        maybePackages: SOME,
        commands: '',
        users: ['nonroot 65532 65532 /home/nonroot'],
        notes: ['No shell and no package manager.'],
        source: 'distroless',
      },
    ],
  },
  {
    names: ['phusion/baseimage'],
    publisher: 'phusion',
    family: 'phusion-baseimage',
    kinds: Object.entries({
      trusty: '0\\.9\\.(?:1\\d|[0-9])|trusty.*',
      xenial: '0\\.9\\.(?:19|2\\d)|0\\.10\\..*|xenial.*',
      bionic: '0\\.11|1\\.0.*|18\\.04.*|bionic.*|master',
      focal: 'focal.*',
      jammy: 'jammy.*',
      noble: 'noble.*|latest',
    }).map(([suite, tags]) => ({
      tags: `.*:(?:${tags})`,
      suite,
      variant: 'full',
      on: `ubuntu:${suite}`,
      isOpen: true,
      isSuiteInTag: true,
      hasCertificates: 'yes',
      hasLocales: 'yes',
      commands: 'my_init setuser sv runsv runsvdir cron curl less nano vim python3',
      ...KNOWN,
    })),
  },
  {
    names: ['bitnami/minideb'],
    publisher: 'bitnami',
    family: 'minideb',
    kinds: [
      {
        tags: '.*:(?<suite>jessie|stretch|buster|bullseye|bookworm|trixie)(?:-.*)?',
        variant: 'slim',
        isOpen: true,
        isSuiteInTag: true,
        ...KNOWN,
      },
      { tags: '.*:latest', variant: 'slim', suite: 'bookworm', isOpen: true, ...KNOWN },
    ],
  },
  {
    names: ['gliderlabs/alpine', 'linuxkit/alpine', 'iron/base', 'frolvlad/alpine-glibc'],
    publisher: 'other',
    family: 'alpine-like',
    kinds: [
      {
        tags: '.*:(?:alpine-)?(?<version>3\\.\\d+).*',
        variant: 'alpine',
        on: 'alpine:{version}',
        isOpen: true,
        isSuiteInTag: true,
        ...KNOWN,
      },
      { tags: '.*', variant: 'alpine', isOpen: true, hasShell: 'yes', ...KNOWN },
    ],
  },
  {
    names: ['public.ecr.aws/ubuntu/ubuntu', 'ubuntu.azurecr.io/ubuntu'],
    publisher: 'canonical',
    family: 'ubuntu',
    kinds: [
      {
        tags: '.*:(?<tag>\\d\\d\\.\\d\\d|[a-z]+)(?:_\\w+)?',
        variant: 'full',
        on: 'ubuntu:{tag}',
        isSuiteInTag: true,
        ...KNOWN,
      },
    ],
  },
  {
    names: ['nvidia/cuda', 'nvcr.io/nvidia/cuda'],
    publisher: 'nvidia',
    family: 'cuda',
    kinds: ['devel', 'runtime', 'base', ''].map((word) => ({
      tags: `cuda:(?<head>\\d[\\d.]*)(?:-cudnn\\d*)?${word ? `(?:-cudnn\\d*)?-${word}` : '.*?'}-ubuntu(?<version>\\d\\d\\.\\d\\d)`,
      variant: word === 'devel' ? 'full' : word === '' ? 'other' : 'runtime',
      on: 'ubuntu:{version}',
      isOpen: true,
      isSuiteInTag: true,
      runtimes: { cuda: '{head}' },
      ...(word === 'devel' ? { commands: 'nvcc gcc g++ make' } : {}),
      ...KNOWN,
    })),
  },
  {
    names: ['continuumio/miniconda3', 'continuumio/anaconda3', 'continuumio/miniconda'],
    publisher: 'anaconda',
    family: 'conda',
    kinds: [
      {
        tags: '.*-alpine',
        variant: 'alpine',
        isOpen: true,
        hasShell: 'yes',
        runtimes: { python: '' },
        commands: 'conda python pip',
        ...KNOWN,
      },
      {
        tags: '.*',
        variant: 'full',
        isOpen: true,
        hasShell: 'yes',
        hasCertificates: 'yes',
        runtimes: { python: '' },
        commands: 'conda python pip bash git wget bzip2',
        ...KNOWN,
      },
    ],
  },
  {
    names: ['tensorflow/tensorflow'],
    publisher: 'tensorflow',
    family: 'tensorflow',
    kinds: [
      {
        tags: '.*',
        variant: 'full',
        isOpen: true,
        hasShell: 'yes',
        runtimes: { python: '' },
        commands: 'python pip bash',
        ...KNOWN,
      },
    ],
  },
  {
    names: ['resin/rpi-raspbian', 'balenalib/rpi-raspbian', 'resin/raspberrypi3-debian'],
    publisher: 'balena',
    family: 'raspbian',
    kinds: [
      {
        tags: '.*:(?<suite>wheezy|jessie|stretch|buster|bullseye|bookworm)(?:-.*)?',
        variant: 'full',
        isOpen: true,
        isSuiteInTag: true,
        notes: ['For ARM only.'],
        ...KNOWN,
      },
      {
        tags: '.*',
        variant: 'full',
        isOpen: true,
        hasShell: 'yes',
        notes: ['For ARM only.'],
        ...KNOWN,
      },
    ],
  },
  {
    names: ['mhart/alpine-node'],
    publisher: 'mhart',
    family: 'alpine-node',
    kinds: [
      {
        tags: '.*:(?<prefix>slim|base)(?:-(?<head>\\d[\\d.]*))?',
        variant: 'slim',
        isOpen: true,
        hasShell: 'yes',
        libc: 'musl',
        runtimes: { node: '{head}' },
        commands: 'node',
        ...KNOWN,
      },
      {
        tags: '.*:(?:(?<head>\\d[\\d.]*)|latest).*',
        variant: 'alpine',
        isOpen: true,
        hasShell: 'yes',
        libc: 'musl',
        runtimes: { node: '{head}' },
        commands: 'node npm',
        maybeCommands: 'npx yarn yarnpkg',
        ...KNOWN,
      },
    ],
  },
  ...[
    ['diamol/base', 'alpine:3.9', { installs: 'curl', commands: 'curl', variant: 'alpine' }],
    [
      'diamol/golang',
      'golang:1.13',
      { variant: 'full', notes: ['It sets CGO_ENABLED=0.'], runtimes: { go: '1.13' } },
    ],
    [
      'diamol/maven',
      'maven:3.6.3-jdk-11',
      { variant: 'full', runtimes: { java: '11', jdk: '11' } },
    ],
    ['diamol/openjdk', 'openjdk:11-jre-slim', { variant: 'jre', runtimes: { java: '11' } }],
    ['diamol/node', 'node:10.16.0-alpine', { variant: 'alpine', runtimes: { node: '10.16.0' } }],
  ].map(([name, on, rest]) => ({
    names: [name],
    publisher: 'diamol',
    family: name,
    kinds: [{ tags: '.*', on, isSuiteInTag: true, ...rest, source: 'diamol' }],
  })),
];
