/**
 * `npm run lab:setup [-- --only <tag>… | --stop]`: the lab's Docker engine and its base images.
 *
 * For a Debian 12 machine, as root, where no public registry of images can be reached: the engine is
 * installed from Debian 13 if it is missing, started with a state folder of its own (engine.ts), and
 * base images are made from Debian packages and the npm registry under their public names
 * (bases.yaml says which, and how each differs from the real one). All of it lies below
 * `$DFOPT_LAB`, by default `~/.cache/dfopt-lab`, and nothing goes to any other engine.
 *
 * Running it again starts what does not run and builds what changed. Builds need `--network host`;
 * containers can publish ports to this machine. RUN is given this machine's CA certificates from
 * outside (with-ca.mjs); the images contain nothing of this machine but its Debian mirrors.
 */
import { randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { escapeLines } from '../../src/report/escape.ts';
import { execute, type Ended } from '../../src/verify/process.ts';
import { installMissing, KEYRING, machineSources, mirrorOf, printSources } from './apt.ts';
import { BASES, inputsOf, needsOf, readBases, selectBases, type Base } from './bases.ts';
import {
  LabError,
  startEngine,
  stopEngine,
  type BuildSurroundings,
  type LabEngine,
} from './engine.ts';

const USAGE = 'usage: npm run lab:setup [-- --only <tag>… | --stop]';

/** The longest public name and a little. */
const NAME_WIDTH = 44;

/** What is kept of an image that was made. */
interface Made {
  readonly inputs: string;
  readonly id: string;
}

/** @returns the exit status: 1 where a stand-in could not be made, 2 for wrong use or a wrong machine */
export async function main(argv: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { stop: { type: 'boolean' }, only: { type: 'boolean' } },
    });
    if ((values.only ?? false) !== positionals.length > 0 || (values.stop && values.only)) {
      throw new LabError(USAGE);
    }
    if (values.stop) {
      console.log((await stopEngine()) ? 'the engine was stopped' : 'no engine of the lab runs');
      return 0;
    }
    return await setUp(positionals, interruption.signal);
  } catch (error) {
    const isUse = error instanceof TypeError && 'code' in error;
    if (!(error instanceof LabError) && !isUse) throw error;
    console.error(error.message);
    return 2;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

async function setUp(tags: readonly string[], signal: AbortSignal): Promise<number> {
  const all = readBases();
  const bases = tags.length > 0 ? selectBases(all, tags) : all;
  if (process.platform !== 'linux' || process.arch !== 'x64' || process.getuid?.() !== 0) {
    throw new LabError(
      'stand-ins are made by root on Debian (amd64); elsewhere take the real images with an engine of your own: npm run lab -- --bases public',
    );
  }
  const beginning = performance.now();
  const installed = installMissing();
  if (installed.length > 0) console.log(`installed ${installed.join(', ')}`);
  const engine = await startEngine(await surroundings());
  removeLeftovers(engine);
  const lab: Lab = { engine, signal, ids: await imageIds(engine) };
  const failed: string[] = [];
  for (const base of bases) {
    signal.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- one stands on the other
    if (!(await makeOrKeep(lab, base))) failed.push(base.tags[0]!);
  }
  console.log(`${bases.length - failed.length} stand-ins, ${seconds(beginning)}`);
  console.log(`DOCKER_HOST=${engine.env.DOCKER_HOST}`);
  if (failed.length > 0) console.error(`not made: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

interface Lab {
  readonly engine: LabEngine;
  readonly signal: AbortSignal;
  /** Image ids by tag, brought up to date after each build. */
  readonly ids: Map<string, string>;
}

/** @returns whether the stand-in is there */
async function makeOrKeep(lab: Lab, base: Base): Promise<boolean> {
  const [name] = base.tags;
  const sources =
    base.bootstrap === undefined
      ? undefined
      : printSources(machineSources(base.bootstrap), KEYRING);
  const inputs = inputsOf(base, lab.ids, sources);
  const record = recordOf(lab, base);
  const made = existsSync(record) ? (JSON.parse(readFileSync(record, 'utf8')) as Made) : undefined;
  const isCurrent =
    made?.inputs === inputs && base.tags.every((tag) => lab.ids.get(tag) === made.id);
  process.stdout.write(name!.padEnd(NAME_WIDTH));
  const missing = needsOf(base).filter((need) => !lab.ids.has(need));
  if (missing.length > 0) {
    console.log(`needs ${missing.join(', ')}`);
    return false;
  }
  const beginning = performance.now();
  const scratch = join(
    lab.engine.folder,
    'tmp',
    `${process.pid}-${randomBytes(4).toString('hex')}`,
  );
  try {
    if (!isCurrent) {
      await make(lab, base, sources, scratch);
      for (const [tag, id] of await imageIds(lab.engine)) lab.ids.set(tag, id);
      const id = lab.ids.get(name!)!;
      if (made && made.id !== id) await removeImage(lab.engine, made.id);
      writeFileSync(record, JSON.stringify({ inputs, id } satisfies Made));
    }
    const size = await answer(lab.engine, ['image', 'inspect', '--format={{.Size}}', name!]);
    const megabytes = (Number(size) / 1_000_000).toFixed(1).padStart(8);
    console.log(`${(isCurrent ? 'as it was' : seconds(beginning)).padStart(9)} ${megabytes} MB`);
    return true;
  } catch (error) {
    if (lab.signal.aborted) throw new LabError('\ninterrupted');
    if (!(error instanceof LabError)) throw error;
    console.log(`failed after ${seconds(beginning)}\n${error.message}`);
    return false;
  } finally {
    removeTree(scratch);
  }
}

/** @param scratch a folder that does not exist yet */
async function make(
  { engine, signal }: Lab,
  { folder, target, tags, npm, bootstrap }: Base,
  sources: string | undefined,
  scratch: string,
): Promise<void> {
  mkdirSync(scratch, { recursive: true });
  let context = join(BASES, folder);
  if (bootstrap !== undefined && sources !== undefined) {
    context = join(scratch, 'context');
    cpSync(join(BASES, folder), context, { recursive: true });
    writeFileSync(join(context, 'debian.sources'), sources);
    await makeRootfs(bootstrap, join(scratch, 'root'), join(context, 'rootfs.tar'), signal);
  }
  const packages = join(scratch, 'npm');
  if (npm.length > 0) await unpack(npm, join(engine.folder, 'npm'), packages, signal);
  const args = [
    'buildx',
    'build',
    '--network=host',
    '--progress=plain',
    `--file=${join(context, 'Dockerfile')}`,
    ...(target === undefined ? [] : ['--target', target]),
    ...(npm.length > 0 ? ['--build-context', `npm=${packages}`] : []),
    ...tags.flatMap((tag) => ['--tag', tag]),
    context,
  ];
  await mustDo('docker', args, { ...process.env, ...engine.env }, signal);
}

/** Debian's smallest system as an archive of files. */
async function makeRootfs(
  suite: string,
  root: string,
  archive: string,
  signal: AbortSignal,
): Promise<void> {
  const mirror = mirrorOf(machineSources(suite), suite)!;
  const options = ['--variant=minbase', '--components=main', `--keyring=${KEYRING}`];
  await mustDo('debootstrap', [...options, suite, root, mirror], process.env, signal);
  // debootstrap gives the new system this machine's name and name servers.
  const own = ['./etc/hostname', './etc/resolv.conf'];
  const excluded = ['./dev/*', './proc/*', './sys/*', './var/cache/apt/archives/*.deb', ...own];
  await mustDo(
    'tar',
    [
      '--create',
      `--file=${archive}`,
      `--directory=${root}`,
      '--numeric-owner',
      '--sort=name',
      '--one-file-system',
      ...excluded.map((pattern) => `--exclude=${pattern}`),
      '.',
    ],
    process.env,
    signal,
  );
}

/** Packages of the npm registry, each in a folder of its name; what was downloaded is kept. */
async function unpack(
  packages: readonly string[],
  store: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  mkdirSync(store, { recursive: true });
  for (const one of packages) {
    const name = one.slice(0, one.lastIndexOf('@'));
    const file = `${one.replace('@', '-')}.tgz`;
    const archive = join(store, file);
    const into = join(folder, name);
    mkdirSync(into, { recursive: true });
    if (!existsSync(archive)) {
      await mustDo('npm', ['pack', one, '--pack-destination', folder], process.env, signal);
      // Whole or not at all: this may be interrupted.
      renameSync(join(folder, file), archive);
    }
    const options = ['--strip-components=1', '--no-same-owner', '--no-same-permissions'];
    const args = ['--extract', '--gzip', '--file', archive, '--directory', into, ...options];
    await mustDo('tar', args, process.env, signal);
  }
}

/** @throws LabError with the last lines that a program said, where it fails */
async function mustDo(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<Ended> {
  const ended = await execute(command, args, { env, ...(signal && { signal }) });
  if (ended.status === 0) return ended;
  const said = `${ended.stdout.tail}\n${ended.stderr.tail}`.trim().split('\n').slice(-25);
  const reason = ended.isMissing ? 'there is no such program' : escapeLines(said.join('\n'));
  throw new LabError(`${command} ${args.slice(0, 2).join(' ')} … failed:\n${reason}`);
}

async function answer(engine: LabEngine, args: readonly string[]): Promise<string> {
  const { stdout } = await mustDo('docker', args, { ...process.env, ...engine.env });
  return stdout.text.trim();
}

async function imageIds(engine: LabEngine): Promise<Map<string, string>> {
  const format = '--format={{.Repository}}:{{.Tag}} {{.ID}}';
  const lines = (await answer(engine, ['image', 'ls', '--no-trunc', format])).split('\n');
  return new Map(lines.filter(Boolean).map((line) => line.split(' ') as [string, string]));
}

/** What its successor has left without a name; a container may still need it. */
async function removeImage(engine: LabEngine, id: string): Promise<void> {
  const env = { ...process.env, ...engine.env };
  await execute('docker', ['image', 'rm', id], { env });
}

function recordOf({ engine }: Lab, { tags }: Base): string {
  const folder = join(engine.folder, 'made');
  mkdirSync(folder, { recursive: true });
  return join(folder, `${tags[0]!.replaceAll(/[^\w.-]/g, '_')}.json`);
}

/** What this machine knows and images must not. */
async function surroundings(): Promise<BuildSurroundings> {
  const { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE } = process.env;
  const candidates = [NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, '/etc/ssl/certs/ca-certificates.crt'];
  const [here, byDefault] = await Promise.all([
    npmRegistry({}),
    npmRegistry({
      npm_config_userconfig: '/dev/null',
      npm_config_globalconfig: '/nonexistent/npmrc',
    }),
  ]);
  return {
    caBundle: candidates.find((path) => path && existsSync(path)),
    npmRegistry: here === byDefault ? undefined : here,
  };
}

async function npmRegistry(variables: Readonly<Record<string, string>>): Promise<string> {
  const env = Object.keys(variables).length > 0 ? withoutNpm(process.env) : process.env;
  const args = ['config', 'get', 'registry'];
  return (await mustDo('npm', args, { ...env, ...variables })).stdout.text.trim();
}

function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name)));
}

/** Of runs that were killed. */
function removeLeftovers({ folder }: LabEngine): void {
  const scratch = join(folder, 'tmp');
  if (!existsSync(scratch)) return;
  for (const name of readdirSync(scratch)) {
    if (!existsSync(`/proc/${Number.parseInt(name, 10)}`)) removeTree(join(scratch, name));
  }
}

/** @throws LabError where something is mounted below it: that is not ours to delete */
function removeTree(folder: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const mounted = mounts
    .map((line) => line.split(' ')[1]!)
    .filter((at) => at?.startsWith(`${folder}/`));
  if (mounted.length > 0) {
    throw new LabError(`debootstrap left mounts; umount ${mounted.toReversed().join(' ')}`);
  }
  rmSync(folder, { recursive: true, force: true });
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
