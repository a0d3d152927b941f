/** What verify asks of a container engine; one implementation per engine. */
import type { Layer } from '../report/verify.ts';
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

export interface Image {
  readonly id: string;
  readonly bytes: number;
  readonly configuration: Configuration;
}

export interface ContainerOrder {
  readonly name: string;
  readonly label: string;
  readonly image: string;
  /** Instead of the image's own entrypoint and command. */
  readonly argv?: readonly string[];
  readonly network: string;
  /** Ports to be reached from this machine's loopback. */
  readonly publish: readonly number[];
}

export interface ContainerState {
  readonly isRunning: boolean;
  readonly status: number;
  /** Why the engine could not start it; empty where it could. */
  readonly error: string;
}

/** An engine that did not do what it always does; its message is the engine's own. */
export class EngineError extends Error {}

export interface Engine {
  /** Why it cannot be used and what to do, or nothing. */
  whyUnusable(): Promise<string | undefined>;
  build(order: BuildOrder, signal: AbortSignal, onStep: (step: string) => void): Promise<Ended>;
  image(tag: string): Promise<Image>;
  /** From the base upwards. */
  layers(tag: string): Promise<Layer[]>;
  /** Can a container have a network of its own, with ports published? */
  canPublish(): Promise<boolean>;
  /** Why the container cannot be created, or nothing. */
  create(order: ContainerOrder): Promise<string | undefined>;
  /** Starts a container and stays with it until it ends. */
  attach(name: string, signal: AbortSignal): Promise<Ended>;
  /** Starts a container and lets it run. */
  start(name: string): Promise<void>;
  state(name: string): Promise<ContainerState>;
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
