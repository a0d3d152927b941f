/** Docker with BuildKit, through its command line: whichever engine that is set up for is used. */
import { buildErrors, clientOf, commonEngine, complaint, createArguments } from './client.ts';
import type { BuildOrder, Engine, Health } from './engine.ts';
import type { ProcessOptions } from './process.ts';
import { buildkitSteps } from './steps.ts';

/** @param env in which `docker` runs: DOCKER_HOST, DOCKER_CONTEXT and the like choose the engine */
export function dockerEngine(env: ProcessOptions['env']): Engine {
  const client = clientOf('docker', env);
  const { call, answer } = client;
  const version = ['version', '--format', '{{.Server.Version}}'];
  return {
    ...commonEngine(client, (what, name, options) => call([what, name], options), [
      'rm',
      '--force',
      '--volumes',
    ]),
    name: 'docker',
    version: () => answer(version),
    whyUnusable: async (task = 'build') => {
      const engine = await call(version);
      if (engine.isMissing) {
        return 'there is no docker command: install Docker Engine with its buildx plugin, or Docker Desktop';
      }
      if (engine.status !== 0) {
        return `the Docker engine does not answer; start it, or set DOCKER_HOST: ${complaint('docker', engine)}`;
      }
      if (task === 'look') return undefined;
      const builder = await call(['buildx', 'version']);
      return builder.status === 0
        ? undefined
        : 'docker has no buildx: install the plugin docker-buildx';
    },
    build: async (order, signal, onStep) => {
      const { read, steps } = buildkitSteps(onStep);
      const ended = await call(['buildx', 'build', ...buildArguments(order)], {
        signal,
        onLine: read,
      });
      const succeeded = ended.status === 0;
      return { succeeded, steps: steps(), errors: succeeded ? [] : buildErrors(ended) };
    },
    canPublish: async () => {
      const names = await answer(['network', 'ls', '--format', '{{.Name}}']);
      return names.split('\n').includes('bridge');
    },
    create: async (order) => {
      const pace = order.hasHealth ? ['--health-interval=1s'] : [];
      const ended = await call(['create', ...pace, ...createArguments(order)]);
      return ended.status === 0 ? undefined : complaint('docker', ended);
    },
    userOf: async (name, pid) => {
      const { stdout } = await call(['top', name, '-eo', 'pid,uid,gid']);
      const row = stdout.text.split('\n').map((line) => line.trim().split(/\s+/));
      const [, uid, gid] = row.find(([each]) => each === String(pid)) ?? [];
      return uid !== undefined && gid !== undefined ? `${uid}:${gid}` : undefined;
    },
    health: async (name) => {
      const text = await answer([
        'container',
        'inspect',
        '--format',
        '{{json .State.Health}}',
        name,
      ]);
      return healthOf(JSON.parse(text) as HealthInspect | null);
    },
  };
}

function buildArguments(order: BuildOrder): string[] {
  const { dockerfile, context, tag, buildArgs, network, isCached } = order;
  return [
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
  ];
}

export interface HealthInspect {
  readonly Status: string;
  readonly Log?:
    | readonly {
        readonly Start: string;
        readonly ExitCode: number;
        readonly Output: string;
      }[]
    | null;
}

export function healthOf(inspected: HealthInspect | null | undefined): Health | undefined {
  if (!inspected || inspected.Status === '' || inspected.Status === 'none') return undefined;
  const last = inspected.Log?.at(-1);
  return {
    status: inspected.Status,
    ...(last && {
      probe: { status: last.ExitCode, output: last.Output, started: Date.parse(last.Start) },
    }),
  };
}
