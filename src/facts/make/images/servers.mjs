/** Rows of servers: what image-kinds.mjs says of the format. */

const DOCKER = { publisher: 'docker', isCoarse: true };
const SOURCE = { source: 'dockerfiles' };
const KNOWN = { source: 'general' };
const ALPINE = { kind: '(?:.*-)?alpine(?:-.*)?', variant: 'alpine', on: 'alpine:{version}' };

/** A server of which only the distribution and the main programs are told. */
function server(
  name,
  commands,
  { users = [], alpine = [], slim = 'debian:{suite}-slim', more = {} } = {},
) {
  return {
    names: [name],
    ...DOCKER,
    family: name,
    ...more,
    kinds: [
      { ...ALPINE, installs: '', isOpen: true, commands, users: alpine, ...KNOWN },
      {
        kind: '.*',
        suites: '(?:jessie|stretch|buster|bullseye|bookworm|trixie)',
        variant: 'full',
        on: slim,
        isOpen: true,
        commands,
        users,
        ...KNOWN,
      },
      {
        kind: '.*',
        suites: '(?:trusty|xenial|bionic|focal|jammy|noble|resolute)',
        variant: 'full',
        on: 'ubuntu:{suite}',
        isOpen: true,
        commands,
        users,
        ...KNOWN,
      },
      { kind: '.*', variant: 'full', isOpen: true, hasShell: 'yes', commands, users, ...KNOWN },
    ],
  };
}

export const SERVERS = [
  {
    names: ['nginx'],
    ...DOCKER,
    family: 'nginx',
    words: {},
    kinds: [
      {
        kind: 'alpine-slim',
        variant: 'alpine',
        on: 'alpine:{version}',
        installs: '',
        commands: 'nginx envsubst',
        isOpen: true,
        users: ['nginx 101 101 /nonexistent'],
        runtimes: { nginx: '{head}' },
        ...SOURCE,
      },
      {
        kind: 'alpine(?:-.*)?',
        variant: 'alpine',
        on: 'alpine:{version}',
        installs: 'curl',
        commands: 'nginx envsubst',
        isOpen: true,
        users: ['nginx 101 101 /nonexistent'],
        runtimes: { nginx: '{head}' },
        ...SOURCE,
      },
      {
        kind: '(?:perl|otel)?',
        variant: 'full',
        on: 'debian:{suite}-slim',
        installs: 'ca-certificates curl gettext-base',
        commands: 'nginx nginx-debug',
        isOpen: true,
        users: ['nginx 101 101 /nonexistent'],
        runtimes: { nginx: '{head}' },
        ...SOURCE,
      },
    ],
  },
  {
    names: ['httpd'],
    ...DOCKER,
    family: 'httpd',
    kinds: [
      {
        kind: 'alpine',
        variant: 'alpine',
        on: 'alpine:{version}',
        installs: 'ca-certificates',
        commands: 'httpd apachectl ab htpasswd',
        isOpen: true,
        users: ['www-data 82 82 /home/www-data'],
        runtimes: { httpd: '{head}' },
        ...SOURCE,
      },
      {
        kind: '',
        variant: 'full',
        on: 'debian:{suite}-slim',
        installs: 'ca-certificates libaprutil1-ldap libldap-common',
        commands: 'httpd apachectl ab htpasswd',
        isOpen: true,
        runtimes: { httpd: '{head}' },
        ...SOURCE,
      },
    ],
  },
  server('postgres', 'postgres psql pg_dump pg_ctl initdb pg_isready gosu', {
    users: ['postgres 999 999 /var/lib/postgresql'],
    alpine: ['postgres 70 70 /var/lib/postgresql'],
  }),
  server('mysql', 'mysqld mysql mysqldump mysqladmin gosu', { more: { suiteByRule: undefined } }),
  server('mariadb', 'mariadbd mariadb mysqld gosu'),
  server('redis', 'redis-server redis-cli redis-benchmark', {
    users: ['redis 999 999 /home/redis'],
    alpine: ['redis 999 1000 /home/redis'],
  }),
  server('mongo', 'mongod mongos gosu', { users: ['mongodb 999 999 /data/db'] }),
  server('memcached', 'memcached'),
  server('haproxy', 'haproxy', { users: ['haproxy 99 99 /var/lib/haproxy'] }),
  server('rabbitmq', 'rabbitmq-server rabbitmqctl erl gosu'),
  ...['wordpress', 'drupal'].map((name) => ({
    names: [name],
    publisher: 'docker',
    family: name,
    kinds: [
      {
        tags: `.*alpine.*`,
        variant: 'alpine',
        isOpen: true,
        hasShell: 'yes',
        libc: 'musl',
        runtimes: { php: '' },
        commands: 'php sh',
        hasCertificates: 'yes',
        ...KNOWN,
      },
      {
        tags: `.*`,
        variant: 'full',
        isOpen: true,
        hasShell: 'yes',
        libc: 'glibc',
        runtimes: { php: '' },
        commands: 'php sh bash curl',
        hasCertificates: 'yes',
        ...KNOWN,
      },
    ],
  })),
  server('jenkins', 'java git curl'),
  {
    ...server('jenkins', 'java git curl bash'),
    names: ['jenkins/jenkins'],
    publisher: 'jenkins',
    kinds: [
      {
        tags: '.*alpine.*',
        variant: 'alpine',
        isOpen: true,
        hasShell: 'yes',
        libc: 'musl',
        runtimes: { java: '' },
        commands: 'java git curl bash',
        users: ['jenkins 1000 1000 /var/jenkins_home'],
        ...KNOWN,
      },
      {
        tags: '.*',
        variant: 'full',
        isOpen: true,
        hasShell: 'yes',
        libc: 'glibc',
        runtimes: { java: '' },
        commands: 'java git curl bash',
        users: ['jenkins 1000 1000 /var/jenkins_home'],
        ...KNOWN,
      },
    ],
  },
  {
    names: ['docker'],
    ...DOCKER,
    family: 'docker',
    kinds: [
      {
        kind: '.*',
        variant: 'alpine',
        isOpen: true,
        hasShell: 'yes',
        libc: 'musl',
        commands: 'docker sh',
        hasCertificates: 'yes',
        ...KNOWN,
      },
    ],
  },
  {
    names: ['caddy'],
    ...DOCKER,
    family: 'caddy',
    kinds: [
      {
        kind: '.*',
        variant: 'alpine',
        isOpen: true,
        hasShell: 'yes',
        libc: 'musl',
        commands: 'caddy sh',
        hasCertificates: 'yes',
        ...KNOWN,
      },
    ],
  },
  {
    names: ['traefik'],
    ...DOCKER,
    family: 'traefik',
    kinds: [
      {
        kind: '.*',
        variant: 'alpine',
        isOpen: true,
        commands: 'traefik',
        hasCertificates: 'yes',
        ...KNOWN,
      },
    ],
  },
];
