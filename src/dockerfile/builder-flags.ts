/** Builder flags by BuildKit's rules: which an instruction takes, and what values they may have. */
import type { Flag, Instruction } from './model.ts';
import type { Report } from './report-problem.ts';

type FlagType = 'string' | 'bool' | 'strings';

/** The flags that BuildKit knows, per instruction (its `instructions/parse.go`, November 2026). */
const FLAGS: Readonly<Record<string, Readonly<Record<string, FlagType>>>> = {
  from: { platform: 'string' },
  copy: {
    chown: 'string',
    chmod: 'string',
    from: 'string',
    link: 'bool',
    exclude: 'strings',
    parents: 'bool',
  },
  add: {
    chown: 'string',
    chmod: 'string',
    link: 'bool',
    'keep-git-dir': 'bool',
    checksum: 'string',
    unpack: 'bool',
    exclude: 'strings',
  },
  run: { mount: 'strings', network: 'string', security: 'string', device: 'strings' },
  healthcheck: {
    interval: 'string',
    timeout: 'string',
    'start-period': 'string',
    'start-interval': 'string',
    retries: 'string',
  },
};

export function checkFlags(instruction: Instruction, report: Report): void {
  const { kind, flags } = instruction;
  // BuildKit never looks at the flags of these.
  if (kind === 'unknown' || kind === 'arg' || kind === 'stopsignal') return;
  if (kind === 'healthcheck' && instruction.command === undefined) return;
  const known = FLAGS[kind] ?? {};
  const seen = new Set<string>();
  for (const flag of flags) {
    const type = Object.hasOwn(known, flag.name) ? known[flag.name] : undefined;
    const name = `--${flag.name}`;
    if (type === undefined) {
      const names = Object.keys(known).map((each) => `--${each}`);
      report(
        `${kind.toUpperCase()} has no flag "${name}"`,
        names.length > 0 ? `it takes ${names.join(', ')}` : 'it takes no flags; remove it',
        flag.start,
      );
      continue;
    }
    if (seen.has(flag.name) && type !== 'strings') {
      report(`the flag "${name}" is given twice`, 'keep one of them', flag.start);
    }
    seen.add(flag.name);
    if (type === 'bool') {
      if (flag.value !== undefined && !/^(true|false)$/i.test(flag.value)) {
        report(`the flag "${name}" takes true or false`, `write ${name}=true`, flag.start);
      }
    } else if (flag.value === undefined) {
      report(`the flag "${name}" needs a value`, `write ${name}=<value>`, flag.start);
    }
  }
  if (kind === 'run') checkRunFlags(flags, report);
}

const MOUNT_KEYS = new Set(
  (
    'type from source target readonly id sharing required size mode uid gid ' +
    'src dst destination ro rw readwrite env'
  ).split(' '),
);

function checkRunFlags(flags: readonly Flag[], report: Report): void {
  for (const flag of flags) {
    if (flag.name === 'network' && !/^(default|none|host)$/.test(flag.value ?? '')) {
      report(`"${flag.value}" is not a network mode`, 'use default, none or host', flag.start);
    }
    if (flag.name === 'security' && !/^(sandbox|insecure)$/.test(flag.value ?? '')) {
      report(`"${flag.value}" is not a security mode`, 'use sandbox or insecure', flag.start);
    }
    if (flag.name === 'mount') checkMount(flag, report);
  }
}

/** Keys and values of a `--mount` that can be judged without variables. */
function checkMount(flag: Flag, report: Report): void {
  let type = 'bind';
  let sharing = false;
  for (const field of (flag.value ?? '').split(',')) {
    const equals = field.indexOf('=');
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    const value = equals < 0 ? undefined : field.slice(equals + 1);
    if (value === undefined) {
      if (!/^(readonly|ro|readwrite|rw|required)$/.test(key) && !field.includes('$')) {
        report(`the mount option "${field}" needs a value`, `write ${key}=<value>`, flag.start);
      }
      continue;
    }
    if (value.includes('$')) {
      if (key === 'from' && !value.endsWith('$')) {
        report('a mount\'s "from" cannot hold a variable', 'name a stage instead', flag.start);
      }
      if (key === 'type') type = '';
      continue;
    }
    if (!MOUNT_KEYS.has(key)) {
      report(`"${key}" is not a mount option`, 'see the reference of RUN --mount', flag.start);
    } else if (key === 'type') {
      type = value.toLowerCase();
      if (!/^(bind|cache|tmpfs|secret|ssh)$/.test(type)) {
        report(
          `"${value}" is not a mount type`,
          'use bind, cache, tmpfs, secret or ssh',
          flag.start,
        );
      }
    } else if (key === 'sharing') {
      sharing = true;
      if (!/^(shared|private|locked)$/i.test(value)) {
        report(`"${value}" is not a sharing mode`, 'use shared, private or locked', flag.start);
      }
    }
  }
  if (sharing && type !== 'cache' && type !== '') {
    report(
      'only a cache mount has a sharing mode',
      'remove sharing, or use type=cache',
      flag.start,
    );
  }
}
