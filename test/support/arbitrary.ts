/** Random Dockerfiles and shell code, from pieces that real ones are made of and some that are nasty. */
import fc from 'fast-check';

type Text = fc.Arbitrary<string>;

function oneOf(...texts: readonly string[]): Text {
  return fc.constantFrom(...texts);
}

function concat(...parts: readonly Text[]): Text {
  return fc.tuple(...parts).map((each) => each.join(''));
}

function joined(part: Text, separator: Text, maxLength: number): Text {
  return fc
    .array(fc.tuple(separator, part), { minLength: 1, maxLength })
    .map((all) =>
      all.map(([between, text], index) => (index === 0 ? text : between + text)).join(''),
    );
}

/** Text that decodes as UTF-8 but need not mean anything, rich in what parsers stumble over. */
export const nastyText: Text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      oneOf(
        '\n',
        '\r\n',
        '\r',
        '\\\n',
        '`\n',
        '\\\\\n',
        '\\ \n',
        ' ',
        '\t',
        '#',
        '"',
        "'",
        '<<EOF',
        '\nEOF\n',
        '\ufeff',
      ),
      oneOf(
        'FROM a\n',
        'RUN ',
        'COPY ',
        'ENV ',
        'ONBUILD ',
        '# escape=`\n',
        '--mount=',
        '[',
        ']',
        '$',
        '${',
        '$(',
        '&&',
        ';',
      ),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''));

const BLANK = oneOf(
  ' ',
  ' ',
  ' ',
  '  ',
  '\t',
  ' \\\n    ',
  ' \\\n',
  ' \\\n# a comment\n  ',
  ' \\\n\n  ',
);

const packageName = oneOf(
  'curl',
  'nano',
  'git=1:2.*',
  '"$PACKAGES"',
  '${MORE:-vim}',
  "'nano'",
  './a.deb',
  'flask>1',
  'gcc\\\n',
);

/** A call of a package manager, with and without the flags that passes care about. */
export const packageCall: Text = concat(
  oneOf(
    '',
    '',
    '',
    'sudo ',
    'sudo -E ',
    'DEBIAN_FRONTEND=noninteractive ',
    'env A=b ',
    '/usr/bin/',
  ),
  oneOf(
    'apt-get update',
    'apt-get install',
    'apt-get install -y',
    'apt-get -y install --no-install-recommends',
    'apt-get upgrade -y',
    'apt-get autoremove',
    'apt-get clean',
    'apt install -qq',
    'apk update',
    'apk add',
    'apk add --update',
    'apk add --no-cache --virtual .x',
    'apk del .x',
    'pip install',
    'python3 -m pip install -r',
    'npm ci',
    'npm install -g',
    'npm cache clean --force',
    'yarn install --production',
    'yum install -y',
    'dnf upgrade',
    'zypper -n install',
    'gem install',
    'bundle install',
    'composer install',
    'conda install',
  ),
  fc.array(concat(BLANK, packageName), { maxLength: 3 }).map((all) => all.join('')),
);

const plainCommand = oneOf(
  'true',
  'echo "a  b" | sha256sum -c -',
  "echo 'apt-get install x'",
  'cd /tmp',
  'export A=b',
  'A=$(cat /x)',
  'set -e',
  'set -eux',
  'set +e',
  'rm -rf /var/lib/apt/lists/*',
  'rm -r /root/.cache',
  'exit 0',
  './setup.sh',
  "sed -e 's/a/b/' -e 's/c/d/' x > /dev/null 2>&1",
  "printf 'a\\n\\\nb\\n'",
  '[ -f /x ]',
  'source /x',
  'eval `echo \\`x\\``',
  'wget -O- x | tar -xz',
);

/** Shell code: commands, chains, lists and compounds. */
export const shellText: Text = fc.letrec<{ list: string; chain: string; link: string }>((tie) => ({
  list: joined(tie('chain'), oneOf('; ', '; ', ' ;', '; \\\n  ', ';\\\n\n', ' & '), 3),
  chain: joined(
    tie('link'),
    oneOf(' && ', ' && ', ' \\\n    && ', ' && \\\n  ', ' || ', ' &&\\\n# why\n  ', '&&'),
    3,
  ),
  link: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 8, arbitrary: packageCall },
    { weight: 4, arbitrary: plainCommand },
    { weight: 1, arbitrary: tie('list').map((list) => `(${list})`) },
    { weight: 1, arbitrary: tie('list').map((list) => `{ ${list}; }`) },
    { weight: 1, arbitrary: tie('list').map((list) => `if [ -n "$A" ]; then ${list}; fi`) },
    { weight: 1, arbitrary: tie('list').map((list) => `for i in a b; do ${list}; done`) },
    { weight: 1, arbitrary: tie('list').map((list) => `case $A in a) ${list} ;; *) ;; esac`) },
    { weight: 1, arbitrary: tie('list').map((list) => `f() { ${list}; }`) },
    { weight: 1, arbitrary: tie('chain').map((chain) => `! ${chain}`) },
    { weight: 1, arbitrary: tie('chain').map((chain) => `echo "$(${chain})"`) },
    { weight: 1, arbitrary: packageCall.map((call) => `yes | ${call}`) },
  ),
})).list;

const runFlags = oneOf(
  '',
  '',
  '',
  '',
  '--network=host ',
  '--mount=type=cache,target=/root/.cache ',
  '--mount=type=cache,target=/var/lib/apt \\\n  --mount=type=secret,id=x ',
);

const run: Text = fc.oneof(
  {
    weight: 8,
    arbitrary: concat(
      oneOf('RUN ', 'RUN ', 'run ', 'RUN \\\n  '),
      runFlags,
      shellText,
      oneOf('', '', '', ' # why', ';', ' &', ' \\'),
    ),
  },
  {
    weight: 1,
    arbitrary: shellText.map((code) => `RUN ${JSON.stringify(['/bin/bash', '-c', code])}`),
  },
  {
    weight: 1,
    arbitrary: concat(
      oneOf('RUN <<EOF\n', "RUN <<'EOF'\n", 'RUN <<EOF bash -e\n', 'RUN <<-EOF\n\t'),
      joined(shellText, oneOf('\n', '\n\n', '\n# why\n'), 3),
      oneOf('\nEOF'),
    ),
  },
);

const other = oneOf(
  'COPY . .',
  'COPY --from=build /a \\\n  /b',
  'COPY ["a b", "c"]',
  'COPY <<EOF /x\napt-get install y\nEOF',
  'ADD https://example.com/a.tgz /',
  'ENV A=b C="d e"',
  'ENV A some words # here',
  'ENV PIP_NO_CACHE_DIR=1',
  'ARG A=b',
  'ARG DEBIAN_FRONTEND=noninteractive',
  'WORKDIR app',
  'USER nobody',
  'USER root',
  'SHELL ["/bin/bash", "-euo", "pipefail", "-c"]',
  'SHELL ["pwsh", "-Command"]',
  'EXPOSE 80',
  'VOLUME /var/lib',
  'LABEL a="b" \\\n  c=d',
  'ONBUILD RUN apt-get install x',
  'HEALTHCHECK --interval=5s CMD curl localhost',
  'CMD ["a"]',
  'CMD a && b',
  'ENTRYPOINT [“a”]',
  'MAINTAINER a',
  'STOPSIGNAL 9',
);

const comment = oneOf(
  '# a comment',
  '  # an indented one',
  '# RUN apt-get install x',
  '# dfopt-ignore remove-package-lists: why',
  '# hadolint ignore=DL3042',
  '',
  '   ',
);

const from = oneOf(
  'FROM debian:bookworm',
  'FROM ubuntu',
  'FROM python:3.12',
  'FROM node:20',
  'FROM alpine:3.20',
  'FROM ruby:3.3',
  'FROM fedora:41',
  'FROM base',
  'FROM ${IMAGE}:${TAG:-latest}',
  'FROM --platform=$BUILDPLATFORM golang:1.23',
  'FROM scratch',
);

const stage: Text = fc
  .tuple(
    from,
    oneOf('', '', ' AS build', ' AS base', ' as tools'),
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: run },
        { weight: 3, arbitrary: other },
        { weight: 2, arbitrary: comment },
      ),
      { maxLength: 6 },
    ),
  )
  .map(([image, name, lines]) => [image + name, ...lines].join('\n'));

/** A Dockerfile that need not be valid, in one of the ways in which files are written. */
export const dockerfileText: Text = fc
  .record({
    bom: oneOf('', '', '', '\ufeff'),
    header: oneOf(
      '',
      '',
      '',
      '# syntax=docker/dockerfile:1\n',
      '# escape=\\\n',
      '# about\n\n',
      'ARG IMAGE=debian\n',
      '# check=skip=all\n',
    ),
    stages: fc.array(stage, { minLength: 1, maxLength: 3 }),
    end: oneOf('\n', '\n', '', '\n\n', '\n# the end', '  \n', ' \\\n\n'),
    crlf: fc.nat(9),
    escape: fc.nat(9),
  })
  .map(({ bom, header, stages, end, crlf, escape }) => {
    const text = header + stages.join('\n\n') + end;
    const ticked = escape === 0 ? `# escape=\`\n${text.replace(/\\(?=[ \t]*\n)/g, '`')}` : text;
    return bom + (crlf === 0 ? ticked.replaceAll('\n', '\r\n') : ticked);
  });
