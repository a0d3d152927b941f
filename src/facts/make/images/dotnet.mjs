/** Rows of .NET's images: what image-kinds.mjs says of the format. */

const APP = ['app 1654 1654 /home/app'];
const DEPS = {
  trixie: 'ca-certificates libc6 libgcc-s1 libicu76 libssl3t64 libstdc++6 tzdata zlib1g',
  bookworm: 'ca-certificates libc6 libgcc-s1 libicu72 libssl3 libstdc++6 tzdata zlib1g',
  bullseye: 'ca-certificates libc6 libgcc1 libgssapi-krb5-2 libicu67 libssl1.1 libstdc++6 zlib1g',
  resolute: 'ca-certificates libc6 libgcc-s1 libssl3t64 libstdc++6 tzdata',
  noble: 'ca-certificates libc6 libgcc-s1 libicu74 libssl3t64 libstdc++6 tzdata',
  jammy: 'ca-certificates libc6 libgcc-s1 libicu70 libssl3 libstdc++6 tzdata zlib1g',
  focal: 'ca-certificates libc6 libgcc1 libgssapi-krb5-2 libicu66 libssl1.1 libstdc++6 zlib1g',
};
const UBUNTU = 'focal|jammy|noble|resolute';

/** The suite of tags that name none: by the releases' own notes, not looked up again. */
const SUITE_OF = {
  '1.0': 'jessie',
  1.1: 'jessie',
  '2.0': 'stretch',
  2.1: 'stretch',
  2.2: 'stretch',
  '3.0': 'buster',
  3.1: 'buster',
  '5.0': 'buster',
  '6.0': 'bullseye',
  '7.0': 'bullseye',
  '8.0': 'bookworm',
  '9.0': 'bookworm',
  '10.0': 'noble',
};
const ALPINE_OF = {
  2.1: 'alpine3.14',
  3.1: 'alpine3.16',
  '5.0': 'alpine3.15',
  '6.0': 'alpine3.21',
  '7.0': 'alpine3.19',
  '8.0': 'alpine3.23',
  '9.0': 'alpine3.23',
  '10.0': 'alpine3.23',
};

function suiteByRule(tag) {
  const line = /^\d+\.\d+/.exec(tag)?.[0];
  if (line === undefined) return undefined;
  if (/-alpine(?:$|-)/.test(tag)) return ALPINE_OF[line];
  return /^[\d.]+$/.test(tag) ? SUITE_OF[line] : undefined;
}

/** Tags by rule: the lists that are at hand end in 2024 and 2025. */
function further(lines, tails) {
  const tags = {};
  for (const line of lines) {
    for (const tail of tails[line] ?? []) {
      const tag = `${line}${tail}`;
      const suite = suiteByRule(tag) ?? /-(alpine3\.\d+|[a-z]+)/.exec(tail)?.[1];
      if (suite) tags[tag] = suite;
    }
  }
  return tags;
}

const TAILS = {
  2.1: ['', '-stretch-slim', '-stretch', '-bionic', '-focal', '-alpine'],
  2.2: ['', '-stretch-slim', '-stretch', '-bionic', '-alpine'],
  '3.0': ['', '-buster-slim', '-buster', '-bionic', '-alpine'],
  3.1: ['', '-buster-slim', '-buster', '-bionic', '-focal', '-alpine'],
  '5.0': ['', '-buster-slim', '-bullseye-slim', '-focal', '-alpine'],
  '6.0': ['', '-bullseye-slim', '-jammy', '-alpine', '-jammy-chiseled', '-focal'],
  '7.0': ['', '-bullseye-slim', '-bookworm-slim', '-jammy', '-alpine', '-jammy-chiseled'],
  '8.0': [
    '',
    '-bookworm-slim',
    '-jammy',
    '-noble',
    '-alpine',
    '-jammy-chiseled',
    '-noble-chiseled',
    '-jammy-chiseled-extra',
    '-noble-chiseled-extra',
    '-alpine3.22',
    '-alpine3.23',
  ],
  '9.0': [
    '',
    '-bookworm-slim',
    '-noble',
    '-alpine',
    '-noble-chiseled',
    '-noble-chiseled-extra',
    '-alpine3.22',
    '-alpine3.23',
  ],
  '10.0': [
    '',
    '-noble',
    '-alpine',
    '-noble-chiseled',
    '-noble-chiseled-extra',
    '-alpine3.22',
    '-alpine3.23',
  ],
};
const LINES = ['2.1', '2.2', '3.0', '3.1', '5.0', '6.0', '7.0', '8.0', '9.0', '10.0'];
const SDK_TAILS = Object.fromEntries(
  Object.entries(TAILS).map(([line, tails]) => [
    line,
    tails.filter((tail) => !/chiseled/.test(tail)),
  ]),
);

const SOURCE = { source: 'dotnet-dockerfiles' };

/** What all but the SDK are of. */
function layers(below, own) {
  const name = (kind) => (below ? `${below}:{head}${kind}` : undefined);
  return [
    {
      kind: 'chiseled|distroless',
      variant: 'chiseled',
      on: name('-{suite}-chiseled') ?? 'scratch',
      ...(below
        ? {}
        : {
            installs: 'base-files ca-certificates libc6 libgcc-s1 libssl3 libssl3t64 libstdc++6',
            isWhole: true,
            hasCertificates: 'yes',
            users: APP,
            commands: '',
          }),
      hasShell: 'no',
      hasTimeZones: 'no',
      hasLocales: 'no',
      ...own,
      ...SOURCE,
      notes: ['No shell and no package manager; the user is app, not root.'],
    },
    {
      kind: 'alpine',
      variant: 'alpine',
      on: name('-alpine{version}') ?? 'alpine:{version}',
      ...(below
        ? {}
        : {
            installs: 'ca-certificates-bundle libgcc libssl3 libstdc++ zlib',
            isWhole: true,
            users: APP,
          }),
      ...own,
      ...SOURCE,
    },
    ...(below
      ? [
          {
            kind: 'slim|',
            suites: UBUNTU,
            variant: 'runtime',
            on: name('-{suite}'),
            ...own,
            ...SOURCE,
          },
          {
            kind: 'slim|',
            variant: 'runtime',
            on: name('-{suite}-slim'),
            ...own,
            ...SOURCE,
          },
        ]
      : Object.entries(DEPS).map(([suite, installs]) => ({
          kind: 'slim|',
          suites: suite,
          variant: 'runtime',
          on: UBUNTU.includes(suite) ? 'ubuntu:{suite}' : 'debian:{suite}-slim',
          installs,
          maybeUsers: true,
          users: /bullseye|focal/.test(suite) ? [] : APP,
          ...own,
          ...SOURCE,
        }))),
    { kind: '.*', variant: 'other', isOpen: true, ...own, ...SOURCE },
  ].map(({ maybeUsers: _maybe, ...row }) => row);
}

const MCR = 'mcr.microsoft.com/dotnet';
const repository = (kind, old, kinds, tails) => ({
  names: [`${MCR}/${kind}`, `${MCR}/core/${kind}`, `${MCR}/nightly/${kind}`, ...old],
  publisher: 'microsoft',
  family: `dotnet-${kind}`,
  suiteByRule,
  further: further(LINES, tails),
  kinds,
});

export const DOTNET = [
  repository('runtime-deps', [], layers(undefined, {}), TAILS),
  repository(
    'runtime',
    [],
    layers(`${MCR}/runtime-deps`, { runtimes: { dotnet: '{head}' }, commands: 'dotnet' }),
    TAILS,
  ),
  repository(
    'aspnet',
    ['microsoft/aspnetcore'],
    layers(`${MCR}/runtime`, {
      runtimes: { dotnet: '{head}', aspnetcore: '{head}' },
      commands: 'dotnet',
    }),
    TAILS,
  ),
  repository(
    'sdk',
    ['microsoft/aspnetcore-build'],
    [
      {
        kind: 'alpine.*',
        variant: 'alpine',
        on: `${MCR}/aspnet:{head}-alpine{version}`,
        installs: 'curl git icu-data-full icu-libs tzdata',
        runtimes: { dotnet: '{head}', aspnetcore: '{head}', 'dotnet-sdk': '{head}' },
        commands: 'dotnet pwsh',
        isOpen: true,
        ...SOURCE,
      },
      {
        kind: 'slim|',
        suites: UBUNTU,
        variant: 'full',
        on: `${MCR}/aspnet:{head}-{suite}`,
        installs: 'curl git libatomic1 wget',
        runtimes: { dotnet: '{head}', aspnetcore: '{head}', 'dotnet-sdk': '{head}' },
        commands: 'dotnet pwsh',
        ...SOURCE,
      },
      {
        kind: 'slim|',
        suites: 'bookworm|bullseye|trixie',
        variant: 'full',
        on: `${MCR}/aspnet:{head}-{suite}-slim`,
        installs: 'curl git libatomic1 wget',
        runtimes: { dotnet: '{head}', aspnetcore: '{head}', 'dotnet-sdk': '{head}' },
        commands: 'dotnet pwsh',
        ...SOURCE,
      },
      {
        kind: '.*',
        variant: 'full',
        runtimes: { dotnet: '{head}', aspnetcore: '{head}', 'dotnet-sdk': '{head}' },
        commands: 'dotnet curl git wget',
        isOpen: true,
        hasCertificates: 'yes',
        ...SOURCE,
      },
    ],
    SDK_TAILS,
  ),
  {
    // `2.1-sdk`, `1.0.4-runtime-deps`: one repository for all, up to 2019.
    names: ['microsoft/dotnet'],
    publisher: 'microsoft',
    family: 'dotnet',
    note: 'No longer built; its images went on as mcr.microsoft.com/dotnet.',
    kinds: [
      {
        tags: 'dotnet:(?<head>\\d[\\d.]*)-(?:aspnetcore-)?runtime(?:-deps)?-alpine.*',
        variant: 'alpine',
        suite: 'alpine3.9',
        runtimes: { dotnet: '{head}' },
        isOpen: true,
        ...SOURCE,
      },
      {
        tags: 'dotnet:(?<head>\\d[\\d.]*)-aspnetcore-runtime.*',
        variant: 'runtime',
        suite: 'stretch',
        runtimes: { dotnet: '{head}', aspnetcore: '{head}' },
        commands: 'dotnet',
        isOpen: true,
        hasCertificates: 'yes',
        ...SOURCE,
      },
      {
        tags: 'dotnet:(?<head>\\d[\\d.]*)-runtime.*',
        variant: 'runtime',
        suite: 'stretch',
        runtimes: { dotnet: '{head}' },
        isOpen: true,
        ...SOURCE,
      },
      {
        tags: 'dotnet:(?:(?<head>\\d[\\d.]*)-sdk.*|latest|sdk)',
        variant: 'full',
        suite: 'stretch',
        runtimes: { dotnet: '{head}', aspnetcore: '{head}', 'dotnet-sdk': '{head}' },
        commands: 'dotnet curl git wget',
        isOpen: true,
        hasCertificates: 'yes',
        ...SOURCE,
      },
    ],
  },
];
