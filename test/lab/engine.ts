/**
 * The lab's own Docker engine: where it is, whether it answers, starting and stopping it.
 *
 * It is its own, because stand-ins have public names: in the engine that somebody works with they
 * would take the place of the real debian:bookworm. Its state folder is `$DFOPT_LAB`, by default
 * `~/.cache/dfopt-lab`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Something about this machine that a person has to change; the message says what. */
export class LabError extends Error {}

/** The project's folder, also for code that was bundled into another one. */
export const PROJECT = projectFolder(import.meta.dirname);

function projectFolder(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : projectFolder(dirname(folder));
}

export interface LabEngine {
  /** The state folder: nothing of the lab is elsewhere. */
  readonly folder: string;
  /** What makes `docker` talk to this engine, to be added to an environment. */
  readonly env: Readonly<Record<'DOCKER_HOST' | 'BUILDX_BUILDER', string>>;
}

/** Linux keeps a socket's path in 108 bytes, one of them the end; containerd adds to the folder. */
const LONGEST_FOLDER = 107 - '/exec/containerd/containerd.sock.ttrpc'.length;

/** How long the engine may take to answer after its start, and to end. */
const PATIENCE_MS = 60_000;

/**
 * Where containers that publish ports live; without iptables they reach this machine and nothing
 * else. The first that is free is taken.
 */
const SUBNETS = [30, 29, 28, 27, 26, 25].map((each) => `172.${each}.0`);

/** More build cache than this is thrown away by the engine itself. */
const CACHE_KEPT = '6GB';

/** An engine's programs are not on everybody's PATH. */
const SEARCHED = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];

export function labFolder(): string {
  const { DFOPT_LAB, XDG_CACHE_HOME } = process.env;
  return DFOPT_LAB
    ? resolve(DFOPT_LAB)
    : join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'dfopt-lab');
}

/** The lab's engine if it answers. */
export async function labEngine(folder = labFolder()): Promise<LabEngine | undefined> {
  const socket = join(folder, 'docker.sock');
  if (!(await answers(socket))) return undefined;
  return { folder, env: { DOCKER_HOST: `unix://${socket}`, BUILDX_BUILDER: 'default' } };
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((settle) => {
    const ping = request({ socketPath, path: '/_ping', timeout: 5000 }, (response) => {
      response.resume();
      settle(response.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy());
    ping.on('error', () => settle(false));
    ping.end();
  });
}

/** What a build is given that its image must not contain. */
export interface BuildSurroundings {
  /** This machine's CA certificates, one PEM file. */
  readonly caBundle: string | undefined;
  /** The npm registry to use, where it is not npm's own choice. */
  readonly npmRegistry: string | undefined;
}

/**
 * Starts the engine unless it answers; it goes on after this process.
 *
 * @throws LabError with the end of the engine's log where it does not start
 */
export async function startEngine(surroundings: BuildSurroundings): Promise<LabEngine> {
  const folder = labFolder();
  if (Buffer.byteLength(folder) > LONGEST_FOLDER) {
    throw new LabError(`${folder} is too long for a socket's path: set DFOPT_LAB to a shorter one`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeBuildRuntime(folder, surroundings);
  const running = await labEngine(folder);
  if (running) return running;
  const pidFile = join(folder, 'docker.pid');
  if (pidOf(pidFile, folder) !== undefined) {
    // Another process starts it, or it hangs.
    return await answered(folder, undefined);
  }
  rmSync(pidFile, { force: true });
  const containerdPid = join(folder, 'exec', 'containerd', 'containerd.pid');
  if (pidOf(containerdPid, folder) === undefined) rmSync(containerdPid, { force: true });
  const bridge = makeBridge(folder);
  if (bridge === undefined && existsSync('/sys/class/net/docker0')) {
    // With "none" it would delete the other engine's.
    throw new LabError('another engine has docker0, and no further bridge can be made');
  }
  const engine = await started(folder, bridge ?? 'none');
  if (!engine) throw new LabError(`dockerd does not start:\n${lastLines(folder)}`);
  return engine;
}

/** A bridge of its own: docker0 may be another engine's. The kernel takes 15 characters. */
function bridgeOf(folder: string): string {
  return `dfopt-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`;
}

/** @returns nothing where this kernel has no bridges */
function makeBridge(folder: string): string | undefined {
  const bridge = bridgeOf(folder);
  if (existsSync(`/sys/class/net/${bridge}`)) return bridge;
  const subnet = freeSubnet(SUBNETS, readFileSync('/proc/net/route', 'utf8'));
  if (subnet === undefined || !ip('link', 'add', bridge, 'type', 'bridge')) return undefined;
  const isUp =
    ip('address', 'add', `${subnet}.1/24`, 'dev', bridge) && ip('link', 'set', bridge, 'up');
  if (isUp) return bridge;
  ip('link', 'delete', bridge);
  return undefined;
}

function ip(...args: readonly string[]): boolean {
  return spawnSync(programPath('ip') ?? 'ip', args).status === 0;
}

/**
 * The first that no route but the default one leads into.
 *
 * @param candidates three bytes each, such as `172.30.0`
 * @param routes of /proc/net/route, where addresses are hexadecimal and little-endian
 */
export function freeSubnet(candidates: readonly string[], routes: string): string | undefined {
  const taken = routes.split('\n').flatMap((line) => {
    const [, destination, , , , , , mask] = line.split(/\s+/);
    const route = { network: littleEndian(destination), mask: littleEndian(mask) };
    return route.mask > 0 ? [route] : [];
  });
  return candidates.find((subnet) => {
    const [first = 0, second = 0, third = 0] = subnet.split('.').map(Number);
    const network = ((first << 24) | (second << 16) | (third << 8)) >>> 0;
    return taken.every((route) => {
      const mask = (route.mask & 0xffffff00) >>> 0;
      return (network & mask) >>> 0 !== (route.network & mask) >>> 0;
    });
  });
}

function littleEndian(hex: string | undefined): number {
  return /^[0-9A-F]{8}$/i.test(hex ?? '') ? Buffer.from(hex!, 'hex').readUInt32LE() : 0;
}

/** Nothing where it ends before it answers. */
async function started(folder: string, bridge: string): Promise<LabEngine | undefined> {
  const log = openSync(join(folder, 'dockerd.log'), 'w', 0o600);
  const configuration = join(folder, 'daemon.json');
  writeFileSync(configuration, JSON.stringify(configurationOf(folder, bridge)));
  // Its own file, so that one for the engine of this machine is not read.
  const args = ['--config-file', configuration, ...PLUGINS];
  const child = spawn(programPath('dockerd') ?? 'dockerd', args, {
    cwd: '/',
    // A session of its own: it outlives this process and its terminal.
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      PATH: SEARCHED.join(delimiter),
      DOCKER_BUILDKIT_RUNC_COMMAND: join(folder, 'runc-for-builds'),
    },
  });
  closeSync(log);
  child.unref();
  const ended = new AbortController();
  child.once('exit', () => ended.abort());
  child.once('error', (error) => {
    writeFileSync(join(folder, 'dockerd.log'), `${error.message}\n`);
    ended.abort();
  });
  try {
    return await answered(folder, ended.signal);
  } finally {
    child.removeAllListeners();
  }
}

/** The option that the configuration file cannot have. */
const PLUGINS = ['--containerd-plugins-namespace', 'dfopt-lab-plugins'];

function configurationOf(folder: string, bridge: string): object {
  return {
    'data-root': join(folder, 'data'),
    'exec-root': join(folder, 'exec'),
    pidfile: join(folder, 'docker.pid'),
    hosts: [`unix://${join(folder, 'docker.sock')}`],
    // Apart from an engine that uses the machine's containerd.
    'containerd-namespace': 'dfopt-lab',
    bridge,
    iptables: false,
    ip6tables: false,
    builder: { gc: { enabled: true, defaultKeepStorage: CACHE_KEPT } },
  };
}

/** Waits for the engine; nothing where its process ends. */
async function answered(folder: string, ended: AbortSignal): Promise<LabEngine | undefined>;
async function answered(folder: string, ended: undefined): Promise<LabEngine>;
async function answered(
  folder: string,
  ended: AbortSignal | undefined,
): Promise<LabEngine | undefined> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const engine = await labEngine(folder);
    if (engine) return engine;
    if (ended?.aborted) return undefined;
    await sleep(200);
  }
  throw new LabError(`dockerd does not answer:\n${lastLines(folder)}`);
}

function pidOf(pidFile: string, folder: string): number | undefined {
  if (!existsSync(pidFile)) return undefined;
  const pid = Number(readFileSync(pidFile, 'utf8').trim());
  return isOurs(pid, folder) ? pid : undefined;
}

/** Is there a process under this pid that was started with our folder? Pids are used again. */
function isOurs(pid: number, folder: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.some((word) => word.includes(`${folder}/`));
  } catch {
    return false;
  }
}

/** @returns whether one ran. */
export async function stopEngine(): Promise<boolean> {
  const folder = labFolder();
  const hasRun = await end(join(folder, 'docker.pid'), folder);
  // Left where dockerd was killed, as is the mount.
  await end(join(folder, 'exec', 'containerd', 'containerd.pid'), folder);
  const data = join(folder, 'data');
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  if (mounts.some((line) => line.split(' ')[1] === data)) {
    spawnSync(programPath('umount') ?? 'umount', [data]);
  }
  ip('link', 'delete', bridgeOf(folder));
  return hasRun;
}

/** @returns whether there was a process to be ended */
async function end(pidFile: string, folder: string): Promise<boolean> {
  const pid = pidOf(pidFile, folder);
  if (pid === undefined) return false;
  process.kill(pid, 'SIGTERM');
  const deadline = performance.now() + PATIENCE_MS;
  while (isOurs(pid, folder)) {
    if (performance.now() > deadline) {
      throw new LabError(`process ${pid} does not end:\n${lastLines(folder)}`);
    }
    await sleep(100);
  }
  return true;
}

function lastLines(folder: string): string {
  const path = join(folder, 'dockerd.log');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.trimEnd().split('\n').slice(-15).join('\n');
}

/** The runtime of builds, and only of builds: runc after with-ca.mjs. */
function writeBuildRuntime(folder: string, surroundings: BuildSurroundings): void {
  const program = join(folder, 'with-ca.mjs');
  const script = [
    '#!/bin/sh',
    `case " $* " in *" --bundle "*) ${[process.execPath, program].map(quoted).join(' ')} "$@" || exit 1 ;; esac`,
    `exec ${quoted(programPath('runc') ?? 'runc')} "$@"`,
  ];
  const source = readFileSync(join(PROJECT, 'test', 'lab', 'with-ca.mjs'), 'utf8');
  replaceFile(program, source, 0o600);
  replaceFile(join(folder, 'surroundings.json'), JSON.stringify(surroundings), 0o600);
  replaceFile(join(folder, 'runc-for-builds'), `${script.join('\n')}\n`, 0o700);
}

/** In one step: a build may be reading it. */
function replaceFile(path: string, text: string, mode: number): void {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, text, { mode });
  renameSync(fresh, path);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Where a program of this machine is. */
export function programPath(name: string): string | undefined {
  return SEARCHED.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
