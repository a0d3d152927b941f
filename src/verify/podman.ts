/** podman, and buildah for building with podman for running: their own ways beside Docker's. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildErrors,
  clientOf,
  commonEngine,
  complaint,
  createArguments,
  type Client,
  type Unload,
} from './client.ts';
import { healthOf, type HealthInspect } from './docker.ts';
import type { Configuration } from './configuration.ts';
import type { BuildOrder, Engine } from './engine.ts';
import { execute, type ProcessOptions } from './process.ts';
import { buildahSteps } from './steps.ts';

/** @param env in which `podman` runs: CONTAINER_HOST and the like choose the engine */
export function podmanEngine(env: ProcessOptions['env']): Engine {
  return engineOf('podman', env);
}

/** Both use the same storage, so that what buildah built podman runs. */
export function buildahEngine(env: ProcessOptions['env']): Engine {
  return engineOf('buildah', env);
}

function engineOf(name: 'podman' | 'buildah', env: ProcessOptions['env']): Engine {
  const client = clientOf('podman', env);
  const builder = name === 'podman' ? client : clientOf(name, env);
  const { call, answer } = client;
  const removal = ['rm', '--force', '--volumes', '--time=0'];
  const common = commonEngine(client, unloader(client, env), removal);
  return {
    ...common,
    name,
    version: async () => {
      const text = await builder.answer(['--version']);
      return /\d[\w.+~-]*/.exec(text)?.[0] ?? text;
    },
    whyUnusable: async () => {
      if ((await builder.call(['--version'])).isMissing) {
        return `there is no ${name} command: install ${name}`;
      }
      const engine = await call(['info']);
      if (engine.isMissing) return 'there is no podman command: install it, as buildah only builds';
      return engine.status === 0
        ? undefined
        : `podman does not work: ${complaint('podman', engine)}`;
    },
    build: async (order, signal, onStep) => {
      const { read, steps } = buildahSteps(onStep, () => performance.now());
      const ended = await builder.call(['build', ...buildArguments(order)], {
        signal,
        onLine: read,
        hasContainers: true,
      });
      const succeeded = ended.status === 0;
      return { succeeded, steps: steps(), errors: succeeded ? [] : buildErrors(ended) };
    },
    image: async (tag) => {
      const image = await common.image(tag);
      const [inspected] = JSON.parse(await answer(['image', 'inspect', tag])) as [ImageInspect];
      return { ...image, configuration: { ...image.configuration, ...settingsBeside(inspected) } };
    },
    canPublish: async () => {
      const names = await answer(['network', 'ls', '--format', '{{.Name}}']);
      return names.split('\n').includes('podman');
    },
    create: async (order) => {
      const ended = await call(['create', ...createArguments(order)]);
      return ended.status === 0 ? undefined : complaint('podman', ended);
    },
    // Its own `top` knows names alone, which another image may give to another number.
    userOf: () => Promise.resolve(undefined),
    health: async (container) => {
      // Without systemd nobody else would.
      await call(['healthcheck', 'run', container]);
      const text = await answer(['container', 'inspect', container]);
      const [{ State }] = JSON.parse(text) as [
        { State: { Health?: HealthInspect; Healthcheck?: HealthInspect } },
      ];
      return healthOf(State.Health ?? State.Healthcheck);
    },
  };
}

interface ImageInspect {
  readonly Healthcheck?: unknown;
  readonly HealthCheck?: unknown;
  readonly History?: readonly { readonly created_by?: string }[];
}

/** What podman shows elsewhere than in the configuration, or in the history alone. */
function settingsBeside({ Healthcheck, HealthCheck, History = [] }: ImageInspect): Configuration {
  const values = (keyword: string): string[] =>
    History.flatMap(({ created_by = '' }) => {
      const [, value] = created_by.split(`/bin/sh -c #(nop) ${keyword} `);
      return value === undefined ? [] : [value];
    });
  return {
    Healthcheck: Healthcheck ?? HealthCheck,
    Shell: values('SHELL').at(-1),
    OnBuild: values('ONBUILD'),
  };
}

/** podman opens its stdout by name, which a socket, as here, does not allow; a named pipe does. */
function unloader({ call }: Client, env: ProcessOptions['env']): Unload {
  return async (what, name, { signal, onStdout }) => {
    const folder = mkdtempSync(join(tmpdir(), 'dfopt-verify-pipe-'));
    const pipe = join(folder, 'archive.tar');
    const stopper = new AbortController();
    try {
      const made = await execute('mkfifo', [pipe], { env });
      if (made.status !== 0) return made;
      const reading = execute('cat', [pipe], {
        env,
        onStdout,
        signal: AbortSignal.any([signal, stopper.signal]),
      });
      const writing = call([what, '--output', pipe, name], { signal }).then((ended) => {
        // It may never have opened the pipe, for which its reader would wait for ever.
        if (ended.status !== 0) stopper.abort();
        return ended;
      });
      const [ended] = await Promise.all([writing, reading.catch(failedUnless(stopper.signal))]);
      return ended;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** What was cut short cannot be read; that it was is said elsewhere. */
function failedUnless(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}

function buildArguments(order: BuildOrder): string[] {
  const { dockerfile, context, tag, buildArgs, network, isCached } = order;
  const rules = `${dockerfile}.dockerignore`;
  return [
    // The other format knows no HEALTHCHECK, SHELL and ONBUILD.
    '--format=docker',
    '--layers',
    // A build that fails leaves no containers behind.
    '--force-rm',
    `--tag=${tag}`,
    `--file=${dockerfile}`,
    ...(existsSync(rules) ? [`--ignorefile=${rules}`] : []),
    ...buildArgs.map((each) => `--build-arg=${each}`),
    ...(network === undefined ? [] : [`--network=${network}`]),
    ...(isCached ? [] : ['--no-cache']),
    '--',
    context,
  ];
}
