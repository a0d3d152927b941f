/** Docker with BuildKit, through its command line: whichever engine that is set up for is used. */
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import type { Layer } from '../report/verify.ts';
import type { Configuration } from './configuration.ts';
import { EngineError, type ContainerState, type Engine } from './engine.ts';
import { execute, type Ended, type ProcessOptions } from './process.ts';

/** The label that all containers of a run have. */
const LABEL = 'dfopt-verify';

/** @param env in which `docker` runs: DOCKER_HOST, DOCKER_CONTEXT and the like choose the engine */
export function dockerEngine(env: ProcessOptions['env']): Engine {
  const docker = (args: readonly string[], options?: Partial<ProcessOptions>): Promise<Ended> =>
    execute('docker', args, { env, ...options });
  const answer = async (args: readonly string[]): Promise<string> => {
    const ended = await docker(args);
    if (ended.status !== 0) throw new EngineError(complaint(ended));
    return ended.stdout.text.trim();
  };
  return {
    whyUnusable: async () => {
      const engine = await docker(['version', '--format', '{{.Server.Version}}']);
      if (engine.isMissing) {
        return 'there is no docker command: install Docker Engine with its buildx plugin, or Docker Desktop';
      }
      if (engine.status !== 0) {
        return `the Docker engine does not answer; start it, or set DOCKER_HOST: ${complaint(engine)}`;
      }
      const builder = await docker(['buildx', 'version']);
      return builder.status === 0
        ? undefined
        : 'docker has no buildx: install the plugin docker-buildx';
    },
    build: ({ dockerfile, context, tag, buildArgs, network, isCached }, signal, onStep) =>
      docker(
        [
          'buildx',
          'build',
          '--progress=plain',
          // Attestations would make the image an index, whose size is not the image's.
          '--provenance=false',
          '--load',
          `--tag=${tag}`,
          `--file=${dockerfile}`,
          ...buildArgs.map((each) => `--build-arg=${each}`),
          ...(network === undefined ? [] : [`--network=${network}`]),
          ...(network === 'host' ? ['--allow=network.host'] : []),
          ...(isCached ? [] : ['--no-cache']),
          '--',
          context,
        ],
        { signal, onLine: stepsOf(onStep) },
      ),
    image: async (tag) => {
      const [image] = JSON.parse(await answer(['image', 'inspect', tag])) as {
        Id: string;
        Size: number;
        Config?: Configuration;
      }[];
      return { id: image!.Id, bytes: image!.Size, configuration: image!.Config ?? {} };
    },
    layers: async (tag) => {
      const format = '{{json .}}';
      const text = await answer([
        'history',
        '--no-trunc',
        '--human=false',
        '--format',
        format,
        tag,
      ]);
      return text.split('\n').map(layerOf).toReversed();
    },
    canPublish: async () => {
      const names = await answer(['network', 'ls', '--format', '{{.Name}}']);
      return names.split('\n').includes('bridge');
    },
    create: async ({ name, label, image, argv, network, publish }) => {
      const [program, ...rest] = argv ?? [];
      const ended = await docker([
        'create',
        '--pull=never',
        `--name=${name}`,
        `--label=${LABEL}=${label}`,
        // Else the container's random id, which programs like to print.
        ...(network === 'host' ? [] : ['--hostname=dfopt-verify']),
        `--network=${network}`,
        ...publish.map((port) => `--publish=127.0.0.1::${port}`),
        ...(program === undefined ? [] : [`--entrypoint=${program}`]),
        '--',
        image,
        ...rest,
      ]);
      return ended.status === 0 ? undefined : complaint(ended);
    },
    attach: (name, signal) => docker(['start', '--attach', name], { signal }),
    start: async (name) => {
      // Where it cannot be started, its state says why.
      await docker(['start', name]);
    },
    state: async (name) => {
      const text = await answer(['container', 'inspect', '--format', '{{json .State}}', name]);
      return stateOf(text);
    },
    hostPort: async (name, port) => {
      const { stdout } = await docker(['port', name, `${port}/tcp`]);
      const found = /:(\d+)\s*$/m.exec(stdout.text)?.[1];
      return found === undefined ? undefined : Number(found);
    },
    kill: async (name) => {
      // It may have ended by itself meanwhile.
      await docker(['kill', name]);
    },
    lastLines: async (name) => {
      const { stdout, stderr } = await docker(['logs', '--tail=10', name]);
      return `${stdout.tail}${stderr.tail}`.split('\n').filter((line) => line !== '');
    },
    files: async (name, signal) => {
      const files = new Map<string, number>();
      const ended = await docker(['export', name], {
        signal,
        onStdout: async (stream) => {
          const archive = extract();
          archive.on('entry', ({ name: path, type, size }, content, next) => {
            const isFile = type !== 'directory';
            if (isFile) files.set(path.replace(/^(\.?\/)+/, ''), size ?? 0);
            // The archive fails with it and says why; unheard, it would end the whole program.
            content.on('error', () => {});
            content.on('end', next).resume();
          });
          await pipeline(stream, archive);
        },
      });
      if (ended.status !== 0) throw new EngineError(complaint(ended));
      return files;
    },
    remove: async (name) => {
      await docker(['rm', '--force', '--volumes', name]);
    },
    clean: async (label, tags) => {
      const left: string[] = [];
      const filter = `--filter=label=${LABEL}=${label}`;
      const names = (await docker(['ps', '--all', '--format={{.Names}}', filter])).stdout.text;
      for (const name of names.split('\n').filter((each) => each !== '')) {
        const ended = await docker(['rm', '--force', '--volumes', name]);
        if (ended.status !== 0) left.push(`container ${name}: ${complaint(ended)}`);
      }
      for (const tag of tags) {
        const ended = await docker(['image', 'rm', tag]);
        const isGone = ended.status === 0 || /no such image/i.test(ended.stderr.tail);
        if (!isGone) left.push(`image ${tag}: ${complaint(ended)}`);
      }
      return left;
    },
  };
}

/** The last thing that it said. */
function complaint({ isMissing, stderr }: Ended): string {
  if (isMissing) return 'there is no docker command';
  const lines = stderr.tail.split('\n').filter((line) => line.trim() !== '');
  const about = lines.findLast((line) => !/^(Run|See) 'docker/.test(line));
  return about ?? 'docker failed without a word';
}

/** `#5 [2/2] RUN make` once for every step, without what the builder does for itself. */
function stepsOf(onStep: (step: string) => void): (line: string) => void {
  const seen = new Set<string>();
  return (line) => {
    const step = /^#\d+ (\[(?!internal\]).*)$/.exec(line)?.[1];
    if (step === undefined || seen.has(step)) return;
    seen.add(step);
    onStep(step);
  };
}

function layerOf(line: string): Layer {
  const { Size, CreatedBy } = JSON.parse(line) as { Size: string; CreatedBy: string };
  return { bytes: Number(Size), createdBy: CreatedBy };
}

function stateOf(text: string): ContainerState {
  const { Running, ExitCode, Error } = JSON.parse(text) as {
    Running: boolean;
    ExitCode: number;
    Error: string;
  };
  return { isRunning: Running, status: ExitCode, error: Error };
}
