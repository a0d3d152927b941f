/** What verify asks of a container engine; one implementation per engine. */
import type { Layer, Step } from '../report/verification.ts';
import type { Configuration } from './configuration.ts';
import type { Files } from './files.ts';
import type { Ended } from './process.ts';

export interface BuildOrder {
  /** Absolute. */
  readonly dockerfile: string;
  readonly context: string;
  readonly tag: string;
  /** `NAME=value`, or `NAME` for the value in the environment. */
  readonly buildArgs: readonly string[];
  readonly network: string | undefined;
  readonly isCached: boolean;
}

export interface BuildOutcome {
  readonly succeeded: boolean;
  readonly steps: readonly Step[];
  /** The last lines, where it failed. */
  readonly errors: readonly string[];
}

export interface Image {
  readonly id: string;
  readonly bytes: number;
  readonly configuration: Configuration;
  /** One for each layer, from the base upwards. */
  readonly diffIds: readonly string[];
}

export interface ContainerOrder {
  readonly name: string;
  readonly label: string;
  readonly image: string;
  /** In place of the image's ENTRYPOINT and CMD. */
  readonly program?: readonly string[];
  /** In place of the image's CMD alone. */
  readonly args?: readonly string[];
  /** `own`: as the engine does it by default, so that ports can be published. */
  readonly network: 'none' | 'host' | 'own';
  /** Ports to be reached from this machine's loopback. */
  readonly publish: readonly number[];
  /** The image's health check is to be run: every second, or when it is asked for; else never. */
  readonly hasHealth?: boolean;
}

export interface ContainerState {
  /** The engine's full name of the container. */
  readonly id: string;
  readonly isRunning: boolean;
  /** It runs or has run. */
  readonly hasStarted: boolean;
  readonly status: number;
  /** Of the main process, where the engine lives; 0 where it does not run. */
  readonly pid: number;
}

export interface Health {
  /** `starting`, `healthy`, `unhealthy`. */
  readonly status: string;
  /** Of the last probe; missing: there was none yet. */
  readonly probe?: {
    readonly status: number;
    readonly output: string;
    /** Milliseconds since 1970. */
    readonly started: number;
  };
}

/** An engine that did not do what it always does; its message is the engine's own. */
export class EngineError extends Error {}

/** What an engine is wanted for: to build and run, or only to look at images that it has. */
export type Task = 'build' | 'look';

export interface Engine {
  readonly name: string;
  /** Why it cannot be used and what to do, or nothing. */
  whyUnusable(task?: Task): Promise<string | undefined>;
  version(): Promise<string>;
  build(
    order: BuildOrder,
    signal: AbortSignal,
    onStep: (step: Step) => void,
  ): Promise<BuildOutcome>;
  image(tag: string): Promise<Image>;
  /** Also those that are no layers but settings; from the base upwards. */
  history(tag: string): Promise<Layer[]>;
  /**
   * Hands the archive of an image to a reader, which need not read all of it.
   * @throws EngineError
   */
  saved(tag: string, read: (archive: AsyncIterable<Uint8Array>) => Promise<void>): Promise<void>;
  /** Bytes by gzip of each layer, from the base upwards. */
  compressedLayers(tag: string, signal: AbortSignal): Promise<number[]>;
  /** Can a container have a network of its own, with ports published? */
  canPublish(): Promise<boolean>;
  /** Why the container cannot be created, or nothing. */
  create(order: ContainerOrder): Promise<string | undefined>;
  /** Starts a container and stays with it until it ends; why it cannot, or how it ended. */
  attach(name: string, signal: AbortSignal): Promise<string | Ended>;
  /** Starts a container and lets it run; why it cannot, or nothing. */
  start(name: string): Promise<string | undefined>;
  state(name: string): Promise<ContainerState>;
  /** `uid:gid` of a process of a container, as the engine sees it. */
  userOf(name: string, pid: number): Promise<string | undefined>;
  health(name: string): Promise<Health | undefined>;
  /** Where a published port is reached on loopback. */
  hostPort(name: string, port: number): Promise<number | undefined>;
  kill(name: string): Promise<void>;
  /** The last lines that a container wrote. */
  lastLines(name: string): Promise<string[]>;
  /** All files of a container that was created. */
  files(name: string, signal: AbortSignal): Promise<Files>;
  remove(name: string): Promise<void>;
  /** Removes what a run made; whatever is left is named. */
  clean(label: string, tags: readonly string[]): Promise<string[]>;
}
