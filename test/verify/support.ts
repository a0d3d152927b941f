/** The engine that verify's tests work with, and a run of dfopt verify against it. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { Verification } from '../../src/report/verification.ts';
import { dfopt, folderWith } from '../cli/support.ts';
import { labEngine } from '../lab/engine.ts';

/** The smaller one where it is there; both have perl and dpkg. */
const BASES = ['debian:bookworm-slim', 'debian:bookworm'] as const;

/** Builds, exports and starts of containers, on two cores that others use too. */
export const SLOW_MS = 120_000;

type Env = Readonly<Record<string, string>>;

/** What the command line needs of the environment. */
const passed: Env = Object.fromEntries(
  Object.entries(process.env).filter(
    (each): each is [string, string] =>
      each[1] !== undefined &&
      /^(PATH|HOME|TMPDIR|XDG_RUNTIME_DIR|(DOCKER|BUILDX|CONTAINERS?)_.*)$/.test(each[0]),
  ),
);

/** What a client of an engine writes; nothing where it fails. */
function outputOf(client: string, args: readonly string[], env: Env): string {
  const { stdout } = spawnSync(client, args, { env, encoding: 'utf8', timeout: 20_000 });
  return (stdout ?? '').trim();
}

interface Found {
  readonly env: Env;
  readonly base: string;
}

function foundWith(client: string, clientEnv: Env): Found | undefined {
  const base = BASES.find(
    (each) =>
      outputOf(client, ['image', 'inspect', '--format={{.Os}}', each], clientEnv) === 'linux',
  );
  return base === undefined ? undefined : { env: clientEnv, base };
}

/** The engine that the environment names, else the lab's. */
async function findDocker(): Promise<Found | undefined> {
  const here = foundWith('docker', passed);
  if (here) return here;
  const lab = await labEngine();
  return lab && foundWith('docker', { ...passed, ...lab.env });
}

const found = await findDocker();
const podmanFound = foundWith('podman', passed);

export const hasDocker = found !== undefined;
export const env: Env = found?.env ?? passed;
export const BASE: string = found?.base ?? BASES[0];

export const hasPodman = podmanFound !== undefined;
export const PODMAN_BASE: string = podmanFound?.base ?? BASES[0];

export function warnWhereSkipped(): void {
  if (hasDocker) return;
  const names = BASES.join(' or ');
  console.warn(`SKIPPED: nothing of verify was built, as no Docker engine with ${names} answers`);
}

export function docker(...args: readonly string[]): string {
  return outputOf('docker', args, env);
}

export function podman(...args: readonly string[]): string {
  return outputOf('podman', args, env);
}

/** Containers inherit an image's labels: by this one, what a test made is told from all else. */
export function uniqueLabel(): string {
  return `dfopt-test=${randomBytes(6).toString('hex')}`;
}

export function leftBehind(label: string): string[] {
  const filter = `--filter=label=${label}`;
  return [docker('ps', '-aq', filter), docker('images', '-aq', filter)].filter(Boolean);
}

export interface Verified {
  readonly status: number;
  readonly report: Verification;
  readonly left: readonly string[];
}

/** Both Dockerfiles with these lines below FROM, in a context with a file `kept` and more. */
export async function verified(
  before: string,
  after: string,
  args: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<Verified> {
  const label = uniqueLabel();
  const head = `FROM ${BASE}\nLABEL ${label}\n`;
  const cwd = folderWith({
    Dockerfile: `${head}${before}\n`,
    'after.Dockerfile': `${head}${after}\n`,
    kept: 'text\n',
    ...files,
  });
  const given = ['--against', 'after.Dockerfile', '--network', 'host', '--format', 'json'];
  const { status, stdout, stderr } = await dfopt(['verify', ...given, ...args], { cwd, env });
  expect(stdout, stderr).not.toBe('');
  return { status, report: JSON.parse(stdout) as Verification, left: leftBehind(label) };
}

/** Where a server of these tests listens: rarely anybody else does. */
export const PORT = 28_471;

/** A server of one answer, in what the base image has. */
export function serverCode(body: string): string {
  const lines = [
    'use IO::Socket;',
    `my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => $ENV{BIND}, LocalPort => ${PORT}, ReuseAddr => 1) or die;`,
    `while (my $c = $s->accept) { while (<$c> =~ /\\S/) {} print $c "HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\n${body}"; close $c }`,
  ];
  return `${lines.join('\n')}\n`;
}

/** As lines of a Dockerfile. */
export function server(body: string): string {
  return `COPY <<"EOF" /server.pl\n${serverCode(body)}EOF\nENV BIND=0.0.0.0\nCMD ["perl", "/server.pl"]`;
}
