/** The shapes of fact rows. What they say comes from the JSON files beside; each row has a source. */
import type { ComposerSizes, Downloads, GemSizes, PackageSizes } from './size-types.ts';
import type { ApkPackages } from './apk-types.ts';
import type { AptPackages, AptSuites } from './apt-types.ts';
import type { RpmPackages } from './rpm-types.ts';
import type { Images } from './image-rows.ts';
import type { BuilderFeatures } from './builder-types.ts';
import type { Caches } from './cache-types.ts';
import type { CompiledWeights } from './compiled-weight-types.ts';
import type { BusyBox, Crossings } from './crossing-types.ts';
import type { Programs } from './program-types.ts';
import type {
  AlpineNames,
  CommandPackages,
  DebianLibraries,
  NativePackages,
  PlainPackages,
} from './needs-types.ts';
import type { NpmScripts, NpmSizes } from './npm-types.ts';
import type { ObservedImage } from './observed.ts';
import type { SmallImages } from './small-types.ts';
import type { WorkRows } from './work-types.ts';
import type { BaseImages } from './base-image-types.ts';
import type { Commands } from './command-types.ts';
import type {
  Manager,
  HiddenInstallers,
  ToolAge,
  Recommends,
  Recommended,
} from './manager-types.ts';
import type { Manifests, DependencyTool, DevelopmentRows, InstallSteps } from './project-types.ts';

export type * from './base-image-types.ts';
export type * from './command-types.ts';
export type * from './manager-types.ts';
export type * from './project-types.ts';

/** A rule of another tool on the same matter as a pass. */
export interface RuleRow {
  readonly tool: 'hadolint' | 'buildkit';
  readonly rule: string;
  readonly passes: readonly string[];
}

/** Programs that end on SIGTERM and SIGINT also as the first process of a container. */
export interface SignalHandlers {
  readonly source: string;
  /** Patterns of program names, without folder. */
  readonly programs: readonly string[];
}

/** What installs and new accounts read and write; patterns are of whole paths. */
export interface InstallPlaces {
  readonly source: string;
  /** Where packages write and package managers read. */
  readonly system: readonly string[];
  /** Where applications are put although packages own the folder above. */
  readonly applications: readonly string[];
  /** Programs that no package brings, and that none calls. */
  readonly ownPrograms: readonly string[];
  /** Files and folders, not patterns, that programs which make accounts read or write. */
  readonly accounts: readonly string[];
}

/** Words by which something is known that a person should look at. */
export interface Advice {
  readonly source: string;
  /** Patterns of variable names, in upper case, that hold something secret. */
  readonly secretNames: readonly string[];
  /** Patterns of such names that do not. */
  readonly openNames: readonly string[];
  /** Patterns of values that are no secret. */
  readonly openValues: readonly string[];
  /** Patterns anywhere in a text that are secrets by their form. */
  readonly secretForms: readonly { readonly pattern: string; readonly what: string }[];
  /** Patterns of the names of files that hold secrets. */
  readonly secretFiles: readonly string[];
  readonly openFiles: readonly string[];
  /** Programs that write what they fetch to their output. */
  readonly downloaders: readonly string[];
  /** Programs that run what they are fed. */
  readonly interpreters: readonly string[];
  /** Modes of chmod by which everybody may write. */
  readonly openModes: readonly string[];
  /** Programs that start as root and work as another user. */
  readonly dropsRoot: readonly string[];
  /** Images whose own ENTRYPOINT does not change the user, and the account that they bring. */
  readonly staysRoot: readonly { readonly image: string; readonly account?: string }[];
  /** Tags that were published once and can be pulled no more. */
  readonly gone: readonly {
    /** Patterns of whole names and tags. */
    readonly images: string;
    readonly tags: string;
    /** The day. */
    readonly since: string;
    readonly source: string;
  }[];
  /** Suites whose packages are no longer where their images look for them. */
  readonly archives: readonly {
    /** As `Distribution.id`. */
    readonly distribution: string;
    /** As `Distribution.suite`. */
    readonly suites: readonly string[];
    /** The day by which they were gone. */
    readonly since: string;
    readonly what: string;
    readonly source: string;
  }[];
}

/** Everything that dfopt knows from outside. An argument of the core, never loaded by it. */
export interface Facts {
  readonly signalHandlers: SignalHandlers;
  readonly advice: Advice;
  readonly installPlaces: InstallPlaces;
  readonly managers: readonly Manager[];
  readonly hiddenInstallers: HiddenInstallers;
  readonly toolAges: readonly ToolAge[];
  readonly rules: readonly RuleRow[];
  readonly recommends: Recommends;
  readonly recommended: Recommended;
  readonly baseImages: BaseImages;
  readonly images: Images;
  readonly builderFeatures: BuilderFeatures;
  readonly caches: Caches;
  readonly commands: Commands;
  readonly manifests: Manifests;
  readonly dependencyTools: readonly DependencyTool[];
  readonly installSteps: InstallSteps;
  readonly development: DevelopmentRows;
  readonly programs: Programs;
  readonly nativePackages: NativePackages;
  readonly debianLibraries: DebianLibraries;
  readonly commandPackages: CommandPackages;
  readonly alpineNames: AlpineNames;
  readonly apkPackages: ApkPackages;
  readonly aptPackages: AptPackages;
  readonly compiledWeights: CompiledWeights;
  readonly pipSizes: PackageSizes;
  readonly gemSizes: GemSizes;
  readonly composerSizes: ComposerSizes;
  readonly javaLibraries: PackageSizes;
  readonly downloads: Downloads;
  readonly aptSuites: AptSuites;
  readonly rpmPackages: RpmPackages;
  readonly busyBox: BusyBox;
  readonly crossings: Crossings;
  readonly smallImages: SmallImages;
  readonly work: WorkRows;
  readonly plainPackages: PlainPackages;
  readonly npmSizes: NpmSizes;
  readonly npmScripts: NpmScripts;
  /** What registries said in this run, by `name:tag` or `name:tag@digest`; it goes before rows. */
  readonly observedImages?: ReadonlyMap<string, ObservedImage>;
}
