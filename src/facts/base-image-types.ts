/** What base images say in their configuration. */

/** Everything that is known of it. */
export interface BaseImages {
  /** Where and when each was read, by key. */
  readonly sources: Readonly<Record<string, string>>;
  /** Prefixes under which registries offer copies of Docker's official images. */
  readonly mirrors: readonly string[];
  readonly repositories: readonly BaseImageRepository[];
}

export interface BaseImageRepository {
  /** Without `docker.io/` and `library/`; several where they hold the same images. */
  readonly names: readonly string[];
  /** One of Docker's official images. */
  readonly isOfficial: boolean;
  /** The first row whose pattern matches a tag is the one that holds. */
  readonly images: readonly BaseImageRow[];
}

export type BaseImageField =
  | 'workdir'
  | 'user'
  | 'shell'
  | 'entrypoint'
  | 'cmd'
  | 'exposes'
  | 'volumes'
  | 'stopSignal'
  | 'onbuild';

/** What the images of some tags agree on. A field that is absent is not set by any of them. */
export interface BaseImageRow {
  /** A pattern of whole tags. */
  readonly tags: string;
  /** Default `linux`. */
  readonly os?: 'linux' | 'windows';
  /** `null` where it is set, and the value depends on the version. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Variables that some of them set. */
  readonly maybeEnv?: readonly string[];
  readonly workdir?: string;
  readonly user?: string;
  readonly shell?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly exposes?: readonly string[];
  readonly volumes?: readonly string[];
  readonly stopSignal?: string;
  readonly onbuild?: readonly string[];
  /** The fields in which they do not agree. */
  readonly differs?: readonly BaseImageField[];
  /** Keys of `sources`. */
  readonly sources: readonly string[];
}
