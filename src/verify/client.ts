/** An engine's command line, and what Docker's and podman's say and understand alike. */
import type { Layer } from '../report/verification.ts';
import { compressedLayersIn, filesIn } from './archive.ts';
import type { Configuration } from './configuration.ts';
import { EngineError, type ContainerOrder, type Engine } from './engine.ts';
import type { Files } from './files.ts';
import { execute, type Ended, type ProcessOptions } from './process.ts';

/** The label that all containers of a run have. */
const LABEL = 'dfopt-verify';

export interface Client {
  readonly command: string;
  readonly call: (args: readonly string[], options?: Partial<ProcessOptions>) => Promise<Ended>;
  /**
   * What it writes, trimmed.
   * @throws EngineError
   */
  readonly answer: (args: readonly string[]) => Promise<string>;
}

/** @param env in which it runs: DOCKER_HOST, CONTAINER_HOST and the like choose the engine */
export function clientOf(command: string, env: ProcessOptions['env']): Client {
  const call: Client['call'] = (args, options) => execute(command, args, { env, ...options });
  return {
    command,
    call,
    answer: async (args) => {
      const ended = await call(args);
      if (ended.status !== 0) throw new EngineError(complaint(command, ended));
      return ended.stdout.text.trim();
    },
  };
}

/** The last thing that it said. */
export function complaint(command: string, { isMissing, stderr }: Ended): string {
  if (isMissing) return `there is no ${command} command`;
  const about = linesOf(stderr.tail).findLast((line) => !/^(Run|See) '/.test(line));
  return about ?? `${command} failed without a word`;
}

export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

/** How many of a failed builder's last lines are shown. */
const SHOWN_LINES = 40;

/** The last lines of a build that failed: from where the builder sums up, where it does. */
export function buildErrors({ stdout, stderr }: Ended): string[] {
  const lines = linesOf(`${stdout.tail}\n${stderr.tail}`);
  const summary = lines.indexOf('------');
  return lines.slice(Math.max(summary, lines.length - SHOWN_LINES, 0));
}

type Common = Omit<
  Engine,
  'name' | 'whyUnusable' | 'version' | 'build' | 'canPublish' | 'userOf' | 'health' | 'create'
>;

/** Hands the archive of an image or a container to a reader. */
export type Unload = (
  what: 'save' | 'export',
  name: string,
  options: Required<Pick<ProcessOptions, 'signal' | 'onStdout'>>,
) => Promise<Ended>;

/** @param removal what removes a container at once, with what it left */
export function commonEngine(client: Client, unload: Unload, removal: readonly string[]): Common {
  const { command, call, answer } = client;
  const compressed = new Map<string, number>();
  const diffIds = async (tag: string): Promise<readonly string[]> => (await imageOf(tag)).diffIds;
  const imageOf: Common['image'] = async (tag) => {
    const [image] = JSON.parse(await answer(['image', 'inspect', tag])) as ImageInspect[];
    return {
      id: image!.Id,
      bytes: image!.Size,
      configuration: image!.Config ?? {},
      diffIds: image!.RootFS?.Layers ?? [],
    };
  };
  const state: Common['state'] = async (name) => {
    const text = await answer(['container', 'inspect', name]);
    const [{ Id, State }] = JSON.parse(text) as [ContainerInspect];
    const { Running, ExitCode, StartedAt, Pid = 0 } = State;
    // What has never begun has the year 1.
    const hasStarted = Date.parse(StartedAt) > 0;
    return { id: Id, isRunning: Running, hasStarted, status: ExitCode, pid: Pid };
  };
  return {
    image: imageOf,
    history: async (tag) => {
      const format = ['--no-trunc', '--human=false', '--format', '{{json .}}'];
      const rows = linesOf(await answer(['history', ...format, tag])).map(
        (line) => JSON.parse(line) as HistoryRow | readonly HistoryRow[],
      );
      // podman writes all rows as one list.
      return rows.flat().map(layerOf).toReversed();
    },
    saved: async (tag, read) => {
      const ended = await unload('save', tag, {
        signal: new AbortController().signal,
        onStdout: async (stream) => {
          await read(stream.iterator({ destroyOnReturn: false }));
          // A client that cannot write to the end would complain of it.
          stream.resume();
        },
      });
      if (ended.status !== 0) throw new EngineError(complaint(command, ended));
    },
    compressedLayers: async (tag, signal) => {
      let sizes: number[] = [];
      const ended = await unload('save', tag, {
        signal,
        onStdout: async (stream) => {
          sizes = await compressedLayersIn(stream, compressed);
        },
      });
      if (ended.status !== 0) throw new EngineError(complaint(command, ended));
      for (const [index, id] of (await diffIds(tag)).entries()) {
        if (sizes[index] !== undefined) compressed.set(id, sizes[index]);
      }
      return sizes;
    },
    attach: async (name, signal) => {
      const ended = await call(['start', '--attach', name], { signal });
      signal.throwIfAborted();
      if (ended.status === 0) return ended;
      return (await state(name)).hasStarted ? ended : complaint(command, ended);
    },
    start: async (name) => {
      const ended = await call(['start', name]);
      return ended.status === 0 ? undefined : complaint(command, ended);
    },
    state,
    hostPort: async (name, port) => {
      const { stdout } = await call(['port', name, `${port}/tcp`]);
      const found = /:(\d+)\s*$/m.exec(stdout.text)?.[1];
      return found === undefined ? undefined : Number(found);
    },
    kill: async (name) => {
      // It may have ended by itself meanwhile.
      await call(['kill', name]);
    },
    lastLines: async (name) => {
      const { stdout, stderr } = await call(['logs', '--tail=10', name]);
      return linesOf(`${stdout.tail}${stderr.tail}`);
    },
    files: async (name, signal) => {
      let files: Files = new Map();
      const ended = await unload('export', name, {
        signal,
        onStdout: async (stream) => {
          files = await filesIn(stream);
        },
      });
      if (ended.status !== 0) throw new EngineError(complaint(command, ended));
      return files;
    },
    remove: async (name) => {
      await call([...removal, name]);
    },
    clean: async (label, tags) => {
      const left: string[] = [];
      const filter = `--filter=label=${LABEL}=${label}`;
      const names = (await call(['ps', '--all', '--format={{.Names}}', filter])).stdout.text;
      for (const name of linesOf(names)) {
        const ended = await call([...removal, name]);
        if (ended.status !== 0) left.push(`container ${name}: ${complaint(command, ended)}`);
      }
      // All at once, and one by one only where something was not there.
      const isClean = tags.length === 0 || (await call(['image', 'rm', ...tags])).status === 0;
      for (const tag of isClean ? [] : tags) {
        const ended = await call(['image', 'rm', tag]);
        const isGone =
          ended.status === 0 || /no such image|image not known/i.test(ended.stderr.tail);
        if (!isGone) left.push(`image ${tag}: ${complaint(command, ended)}`);
      }
      return left;
    },
  };
}

/** Behind `create`; the same for all that speak Docker's language. */
export function createArguments(order: ContainerOrder): string[] {
  const { name, label, image, program, args, network, publish, hasHealth } = order;
  const [first, ...rest] = program ?? [];
  return [
    '--pull=never',
    `--name=${name}`,
    `--label=${LABEL}=${label}`,
    // Else the container's random id, which programs like to print.
    ...(network === 'host' ? [] : ['--hostname=dfopt-verify']),
    ...(hasHealth ? [] : ['--no-healthcheck']),
    ...(network === 'own' ? [] : [`--network=${network}`]),
    ...publish.map((port) => `--publish=127.0.0.1::${port}`),
    ...(first === undefined ? [] : [`--entrypoint=${first}`]),
    '--',
    image,
    ...(args ?? rest),
  ];
}

interface ImageInspect {
  readonly Id: string;
  readonly Size: number;
  readonly Config?: Configuration;
  readonly RootFS?: { readonly Layers?: readonly string[] };
}

interface ContainerInspect {
  readonly Id: string;
  readonly State: {
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly Pid?: number;
  };
}

interface HistoryRow {
  readonly CreatedBy?: string;
  readonly Size?: string;
  /** podman's. */
  readonly size?: number;
}

function layerOf({ CreatedBy = '', Size, size }: HistoryRow): Layer {
  return { bytes: Number(Size ?? size ?? 0), createdBy: CreatedBy };
}
