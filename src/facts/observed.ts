/** An image as its registry has it: what was seen there, not what rows say of it. */

export interface Platform {
  /** As Go calls it: `linux`, `windows`. */
  readonly os: string;
  /** As Go calls it: `amd64`, `arm64`. */
  readonly architecture: string;
  /** `v6` of `arm`; absent where it is the usual one. */
  readonly variant?: string;
}

export interface ObservedLayer {
  readonly digest: string;
  readonly mediaType: string;
  /** Bytes of what is downloaded. What it unpacks to is not in a manifest. */
  readonly compressed: number;
  /** The instruction that made it; absent where the history does not tell. */
  readonly createdBy?: string;
}

export interface ObservedStep {
  readonly createdBy: string;
  /** It changed the configuration only. */
  readonly isEmptyLayer: boolean;
}

export interface ObservedHealthcheck {
  /** `['NONE']`, `['CMD', …]` or `['CMD-SHELL', command]`. */
  readonly test: readonly string[];
  /** Nanoseconds. */
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly retries?: number;
}

/** As the author or the builder left it: any text may be in it. Empty where nothing is set. */
export interface ObservedConfiguration {
  readonly env: ReadonlyMap<string, string>;
  readonly workdir: string;
  readonly user: string;
  readonly shell: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `80/tcp` */
  readonly exposes: readonly string[];
  readonly volumes: readonly string[];
  readonly stopSignal: string;
  readonly onbuild: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
  readonly healthcheck?: ObservedHealthcheck;
}

export interface ObservedImage {
  /** In full: `docker.io/library/node:22`. */
  readonly name: string;
  /** Of what the name stands for, an index or an image: what pins it. */
  readonly digest: string;
  /** Of the image of this platform. */
  readonly manifest: string;
  readonly platform: Platform;
  /** It is not the platform that was asked for: the name has but this one. */
  readonly isOtherPlatform: boolean;
  readonly configuration: ObservedConfiguration;
  /** From the bottom. */
  readonly layers: readonly ObservedLayer[];
  readonly history: readonly ObservedStep[];
  /** When it was built, as it says itself. */
  readonly created?: string;
  /** The day on which the registry was asked. */
  readonly seen: string;
}
