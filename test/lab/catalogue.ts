/**
 * Do the rows about images say what the stand-ins show? Prints where they differ: sizes outside the
 * range, packages and programs that are there or not against the row, users, CA certificates. The
 * stand-ins are not the public images: `differs` in bases.yaml says how, and is printed beside.
 */
import { spawnSync } from 'node:child_process';
import { imageOf } from '../../src/analysis/images.ts';
import { imageName } from '../../src/analysis/stages.ts';
import { loadFacts } from '../../src/facts/load.ts';
import type { Image } from '../../src/facts/image-types.ts';
import { readBases } from './bases.ts';
import { labEngine, type LabEngine } from './engine.ts';

interface Shown {
  readonly size: number;
  /** Undefined where the image has no shell to ask. */
  readonly inside:
    | {
        readonly packages: readonly string[];
        readonly commands: readonly string[];
        readonly users: readonly string[];
        readonly hasCertificates: boolean;
      }
    | undefined;
}

const QUESTIONS = [
  "dpkg-query -W -f '${Package}\\n'",
  'IFS=:; for each in $PATH; do ls "$each"; done',
  'cat /etc/passwd',
  'test -s /etc/ssl/certs/ca-certificates.crt && echo yes',
];

/** Accounts of every Debian. */
const SYSTEM =
  /^(root|daemon|bin|sys|sync|games|man|lp|mail|news|uucp|proxy|www-data|backup|list|irc|gnats|_apt|nobody|systemd-.*):/;

export async function main(only: readonly string[]): Promise<number> {
  const engine = await labEngine();
  if (!engine) {
    process.stderr.write('The lab’s engine does not run: npm run lab:setup\n');
    return 2;
  }
  const facts = loadFacts();
  for (const { tags, differs } of readBases()) {
    // A tag without a suite means another one today than the stand-in's.
    const exact = tags.find((each) => imageOf(imageName(each), facts)?.isSuiteInTag === true);
    for (const tag of only.length > 0
      ? tags.filter((each) => only.includes(each))
      : [exact ?? tags[0]!]) {
      const shown = shownBy(tag, engine);
      if (!shown) continue;
      const image = imageOf(imageName(tag), facts);
      const lines = image ? differences(image, shown) : ['no row'];
      process.stdout.write(`${tag}: ${lines.length === 0 ? 'as the row says' : differs}\n`);
      for (const line of lines) process.stdout.write(`  ${line}\n`);
    }
  }
  return 0;
}

/** What an image of the lab shows of itself; undefined where it was not built. */
function shownBy(tag: string, { env }: LabEngine): Shown | undefined {
  const docker = (...args: readonly string[]) =>
    spawnSync('docker', args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  const inspected = docker('image', 'inspect', '--format', '{{.Size}}', tag);
  if (inspected.status !== 0) return undefined;
  const script = QUESTIONS.map((each) => `(${each}); echo @@`).join('; ');
  const entry = ['--entrypoint', '/bin/sh', '--network', 'none', '--user', '0'];
  const run = docker('run', '--rm', ...entry, tag, '-c', script);
  const answers = run.stdout.split('@@\n').map((text) => text.trim().split('\n'));
  const [packages = [], commands = [], users = [], certificates = []] = answers;
  return {
    size: Number(inspected.stdout),
    inside:
      answers.length > QUESTIONS.length
        ? { packages, commands, users, hasCertificates: certificates[0] === 'yes' }
        : undefined,
  };
}

function differences(image: Image, { size, inside }: Shown): readonly string[] {
  const lines: string[] = [];
  const told = image.size;
  if (told && (size < told.low || size > told.high)) {
    const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    lines.push(`size ${mb(size)}, the row ${mb(told.low)} to ${mb(told.high)} (${told.basis})`);
  }
  const hasShell = inside ? 'yes' : 'no';
  if (image.hasShell !== hasShell) lines.push(`shell: ${hasShell}`);
  if (!inside) return lines;
  const there = new Set(inside.packages);
  const list = (what: string, names: readonly string[]): void => {
    if (names.length > 0) lines.push(`${what}: ${[...names].sort().join(' ')}`);
  };
  list(
    'packages that the row denies',
    inside.packages.filter((name) => image.hasPackage(name) === 'no'),
  );
  list(
    'packages that are not there',
    [...(image.packages ?? [])].filter((name) => !there.has(name)),
  );
  const programs = [...new Set(inside.commands)].filter((name) => /^[\w.+-]+$/.test(name));
  list(
    'programs that the row denies',
    programs.filter((name) => image.hasCommand(name) === 'no'),
  );
  const asked = [
    'sh',
    'bash',
    'curl',
    'wget',
    'git',
    'gcc',
    'make',
    'python3',
    'perl',
    'ps',
    'java',
  ];
  list(
    'programs that are not there',
    asked.filter((name) => image.hasCommand(name) === 'yes' && !programs.includes(name)),
  );
  const named = new Set(image.users.map(({ name }) => name));
  const others = inside.users
    .filter((line) => !SYSTEM.test(line))
    .map((line) => line.split(':')[0]!);
  list(
    'users that the row lacks',
    others.filter((name) => !named.has(name)),
  );
  list(
    'users that are not there',
    [...named].filter((name) => !others.includes(name)),
  );
  if (image.hasCertificates !== 'unknown') {
    const has = inside.hasCertificates ? 'yes' : 'no';
    if (has !== image.hasCertificates) lines.push(`certificates: ${has}`);
  }
  return lines;
}
