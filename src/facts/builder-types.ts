/** The shapes of rows about builders: what each understands, and since when. */

/** A way of writing that not every builder understands. */
export type BuilderFeature =
  | 'cache-mount'
  | 'copy-chmod'
  | 'copy-chmod-symbolic'
  | 'copy-link'
  | 'copy-exclude'
  | 'copy-parents'
  | 'heredoc'
  | 'add-checksum'
  | 'run-network';

/** What builders understand. Versions are written `1.5`. */
export interface BuilderFeatures {
  readonly source: string;
  /** The version that is counted on where nobody names one; builders without a row have none. */
  readonly assumed: readonly {
    readonly builder: 'buildkit' | 'buildah';
    readonly version: string;
    readonly why: string;
  }[];
  /** Services that build what lies beside a file of theirs, with a builder of their own. */
  readonly hosts: readonly BuilderHost[];
  readonly features: readonly BuilderFeatureRow[];
}

export interface BuilderHost {
  /** A pattern for the path of the file, one of those that tell how an image is used. */
  readonly file: string;
  /** A pattern for what it says then. */
  readonly says: string;
  /** A pattern for what it says where it is built otherwise. */
  readonly unless?: string;
  /** Also where the application itself says so. */
  readonly everywhere?: true;
  /** One of them stands in what `says` matches: a text without them is not looked through. */
  readonly words?: readonly string[];
  readonly builder: 'classic' | 'kaniko' | 'railway';
  /** What it does not know; default: nothing of all this. */
  readonly lacks?: readonly BuilderFeature[];
  /** For a remark. */
  readonly what: string;
  readonly source: string;
}

export interface BuilderFeatureRow {
  readonly id: BuilderFeature;
  /** For a remark: "RUN --mount=type=cache". */
  readonly what: string;
  /** The first version of docker/dockerfile that has it; absent: none has. */
  readonly buildkit?: string;
  /** The first version whose labs channel has it, where that is an earlier one. */
  readonly labs?: string;
  /** The old experimental frontends have it. */
  readonly experimental?: boolean;
  /** The first buildah. */
  readonly buildah?: string;
  readonly source: string;
}
