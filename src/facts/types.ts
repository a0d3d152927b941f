/** The shapes of fact rows. What they say comes from the JSON files beside; each row has a source. */
import type { Images } from './image-rows.ts';
import type { BuilderFeatures } from './builder-types.ts';
import type { Caches } from './cache-types.ts';
import type { BusyBox, Crossings } from './crossing-types.ts';
import type { Programs } from './program-types.ts';
import type {
  AlpineNames,
  CommandPackages,
  DebianLibraries,
  NativePackages,
} from './needs-types.ts';
import type { ObservedImage } from './observed.ts';
import type { SmallImages } from './small-types.ts';

/** What a flag of a package manager keeps out of a layer, or does for an unattended build. */
export type FlagPurpose = 'recommends' | 'yes' | 'cache' | 'docs';

/** What a command of a package manager does. */
export type PackageAction =
  'install' | 'upgrade' | 'update' | 'remove' | 'clean' | 'read-lists' | 'configure';

export interface ManagerFlag {
  readonly purpose: FlagPurpose;
  /** What dfopt adds behind the action's word. */
  readonly add: string;
  readonly actions: readonly PackageAction[];
  /** Patterns of words that already say it, or say that the author decided otherwise. */
  readonly settledBy: readonly string[];
  /** ENV and ARG names that settle it. */
  readonly settledByEnv: readonly string[];
  /** Patterns in any earlier command of the same image that settle it: a configuration file, say. */
  readonly settledByText: readonly string[];
  /** Patterns of words that the flag takes the place of. */
  readonly replaces: readonly string[];
}

export interface Leftover {
  readonly id: string;
  /** For a remark: "package lists". */
  readonly what: string;
  readonly actions: readonly PackageAction[];
  /** Folders that hold it. A leading `~` is the home folder of the user who runs the command. */
  readonly paths: readonly string[];
  /** Later installs read it and do not fetch it themselves. */
  readonly neededByLaterInstalls: boolean;
  /** A command of its own. */
  readonly remove?: string;
  /** Arguments for the manager's own program, as the author calls it. */
  readonly cleanWith?: readonly string[];
  /** ENV and ARG names by which the author decides about it. */
  readonly settledByEnv: readonly string[];
  /** Patterns of words by which the author decides about it. */
  readonly settledBy: readonly string[];
  /** Patterns of text in later instructions that install from what is left, without a network. */
  readonly readOfflineBy: readonly string[];
  /** Only on these base images does the path hold. */
  readonly onlyOn?: readonly string[];
  /** Only where one of these words shows that the tool is the one meant; else it is offered. */
  readonly shownBy?: readonly string[];
  /** What is assumed where nothing shows it. */
  readonly assumes?: string;
}

export interface Manager {
  readonly id: string;
  /** Patterns of program names, without folder. */
  readonly programs: readonly string[];
  /** Folders with files that every install writes anew, so that each layer of installs has them. */
  readonly database?: readonly string[];
  /** The commands by which an image that has nothing of it installs `{packages}` and keeps clean. */
  readonly installs?: readonly string[];
  /** Ways to start it through another program: `python -m pip`. */
  readonly through: readonly { readonly program: string; readonly words: readonly string[] }[];
  /** Options that take the next word as their value. */
  readonly valueOptions: readonly string[];
  readonly actions: Readonly<Record<string, PackageAction>>;
  /** What the program does when it is called without an action. */
  readonly bareAction?: PackageAction;
  /** Lists may be fetched anew for a later install; absent: nothing is gained by it. */
  readonly fetchAgain?: FetchAgain;
  readonly flags: readonly ManagerFlag[];
  readonly leaves: readonly Leftover[];
  readonly source: string;
}

/** When lists that are fetched a second time are those that were fetched before. */
export interface FetchAgain {
  /** Folders that say where lists come from. */
  readonly sources: readonly string[];
  /** Patterns anywhere in an instruction that may change where lists come from. */
  readonly changedBy: readonly string[];
  /** Patterns of words by which an install reads other lists, or none, or works offline. */
  readonly unless: readonly string[];
}

/** Programs and scripts that may install packages without saying so. */
export interface HiddenInstallers {
  readonly installers: readonly HiddenInstaller[];
  /** Names of scripts that are known not to install packages. */
  readonly plainScripts: readonly string[];
  readonly source: string;
}

export interface HiddenInstaller {
  /** A pattern of program names. */
  readonly program: string;
  /** Only when one of its words matches this pattern. */
  readonly words?: string;
  readonly why: string;
}

/** Where a tool is new enough to know a flag, and where it is not. Patterns are of `name:tag`. */
export interface ToolAge {
  /** `manager.purpose` of the flag. */
  readonly flag: string;
  /** The first version that knows it. */
  readonly since: string;
  readonly newImages: readonly string[];
  readonly oldImages: readonly string[];
  /** Patterns anywhere in the file that show a newer tool. */
  readonly shownBy: readonly string[];
  /** Patterns anywhere in the file that put another tool in the place of the image's. */
  readonly doubtedBy?: readonly string[];
  /** Images whose configuration says the same already. */
  readonly settledOn?: readonly string[];
  readonly source: string;
}

/** A rule of another tool on the same matter as a pass. */
export interface RuleRow {
  readonly tool: 'hadolint' | 'buildkit';
  readonly rule: string;
  readonly passes: readonly string[];
}

/** What `--no-install-recommends` leaves out. */
export interface Recommends {
  readonly source: string;
  readonly names: readonly string[];
  /** For a package: indices into `names` of what apt installs beside it only as recommended. */
  readonly packages: Readonly<Record<string, readonly number[]>>;
}

export interface RecommendedPackage {
  readonly package: string;
  readonly why: string;
  /**
   * Words that show that it is needed, `*` for any run of characters: a package of the same
   * command, or a word of a later instruction. Absent: always named when it would be lost.
   */
  readonly when?: readonly string[];
  /** People name it beside the flag; a needed package that is not is a reason to ask first. */
  readonly named?: boolean;
  /** The suites that have it, where not all suites of `Recommends` do. */
  readonly suites?: readonly string[];
}

export interface Recommended {
  /** The package manager whose packages these are. */
  readonly manager: string;
  readonly source: string;
  /** Recommended packages that programs commonly need: to be named in the install. */
  readonly keep: readonly RecommendedPackage[];
  /** Recommended packages whose absence no program notices. */
  readonly spare: readonly RecommendedPackage[];
}

/** What base images say in their configuration. */
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

/** Files and folders of a project that mean something by their names. */
export interface Manifests {
  readonly source: string;
  readonly files: readonly ProjectFile[];
  readonly folders: readonly ProjectFolder[];
}

/** A file whose text tells how a project is installed, built or run. */
export interface ProjectFile {
  /** A pattern of the file's name; where it has a `/`, of the end of its path. */
  readonly path: string;
  /** `source`: program text, read last and within limits of its own. */
  readonly role: 'manifest' | 'lockfile' | 'configuration' | 'script' | 'source';
  /** `any` where no language is meant. */
  readonly ecosystem: string;
  /** Programs that read it; none where it is no package manager. */
  readonly managers: readonly string[];
}

/** A folder that a tool fills and nobody writes in. */
export interface ProjectFolder {
  /** A pattern of the folder's name. */
  readonly name: string;
  readonly role: 'dependencies' | 'cache' | 'history';
  readonly ecosystem: string;
}

/** A tool that installs the dependencies of a project. */
export interface DependencyTool {
  readonly id: string;
  readonly ecosystem: string;
  /** Files that describe the project: one of them must be there. */
  readonly manifests: readonly string[];
  /** Files and folders beside the manifest that it also reads, where they are there. */
  readonly reads: readonly string[];
  /** What it writes beside the manifest. */
  readonly writes: readonly string[];
  /** Scripts of the manifest that it runs. */
  readonly scripts?: readonly string[];
  /** Sources of a COPY that bring what it reads in most projects. */
  readonly usual: readonly string[];
  /** How it installs what its lockfile says and nothing else; absent: it does anyway, or cannot. */
  readonly frozen?: FrozenInstall;
  /** How it leaves out what is for development only. */
  readonly shippedOnly?: ShippedOnly;
  readonly source: string;
}

/** The form of an install that follows the lockfile, and fails where that is not in sync. */
export interface FrozenInstall {
  /** Its lockfiles; the first that is there counts. */
  readonly locks: readonly string[];
  /** What takes the place of the action's word. */
  readonly action?: string;
  /** Or what is added behind it. */
  readonly add?: string;
  /** Patterns of words, and names of variables, by which the author decides about it. */
  readonly settledBy: readonly string[];
  readonly settledByEnv: readonly string[];
  /** Patterns of further words that mean the same in this form; absent: all do. */
  readonly keeps?: readonly string[];
  /** It deletes what is installed already. */
  readonly startsAnew: boolean;
}

/** The flag that leaves out what is for development only. */
export interface ShippedOnly {
  readonly add: string;
  /** The flag of tools that are older than the tool age row says. */
  readonly old?: { readonly add: string; readonly age: string };
  /** Patterns of words by which the author decides about it. */
  readonly settledBy: readonly string[];
  /** Names of variables by which the author decides about it. */
  readonly settledByEnv: readonly string[];
  /** Files beside the manifest, and a pattern in them, by which the author decides about it. */
  readonly settledIn: readonly { readonly file: string; readonly pattern: string }[];
  /** What it never is right without. */
  readonly assumes?: string;
}

/** What something that runs at an install does with the project; paths from the project's folder. */
export interface ProjectUse {
  /** Files and folders, where they are there. */
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  /** Fields of package.json, with dots between names, that hold a further path. */
  readonly pathIn?: readonly string[];
  /** In files that it reads and whose path matches, each match of `path` names what it writes. */
  readonly outputs?: { readonly files: string; readonly path: string };
  /** Where one of these is there, nobody knows what it does. */
  readonly unless?: readonly string[];
  readonly why: string;
}

/** What of a project runs, or is read, while it is developed and not when it is used. */
export interface DevelopmentRows {
  readonly source: string;
  /** Patterns of programs that load nothing of a project but what they are told to. */
  readonly neutral: readonly string[];
  /** Patterns of paths, from the folder of the manifest, of files that only development reads. */
  readonly files: readonly string[];
  /** Calls of package managers that do nothing of their own, whatever they may start. */
  readonly tools: readonly {
    readonly program: string;
    /** Of their words, joined by blanks. */
    readonly words: string;
    readonly unless?: string;
  }[];
  /** Packages that need another one at the install, though they do not ask for it. */
  readonly generators: readonly {
    readonly package: string;
    readonly with: string;
    readonly why: string;
  }[];
}

/** A command in a script that a package manager runs. Patterns are of whole texts. */
export interface InstallCommand extends ProjectUse {
  readonly program: string;
  /** Of its words, joined by blanks; absent: all. */
  readonly words?: string;
  /** An option whose value is a further path that it reads. */
  readonly pathOption?: string;
}

export interface InstallSteps {
  readonly source: string;
  readonly commands: readonly InstallCommand[];
  /** Packages with a script of their own that looks at the project. */
  readonly packages: readonly (ProjectUse & { readonly name: string })[];
  /** Commands that do the same whatever was copied, as long as they name none of it. */
  readonly standalone: readonly {
    readonly program: string;
    readonly words?: string;
    readonly why: string;
  }[];
  readonly composerPlugins: { readonly harmless: readonly string[]; readonly why: string };
}

/** What programs do to files, and whether they use the network. */
export interface Commands {
  readonly programs: readonly CommandRow[];
  readonly packages: readonly PackageEffectRow[];
  /** Patterns of programs whose exit status is an answer. */
  readonly questions: readonly string[];
  /** Folders that images (patterns of `name:tag`) bring for an application, with nothing in them. */
  readonly emptyFolders: readonly {
    readonly images: readonly string[];
    readonly folder: string;
    readonly source: string;
  }[];
}

export interface CommandRow {
  /** Patterns of program names, without folder. */
  readonly programs: readonly string[];
  /**
   * How options are written: `posix` (the default), `long` (`-name value`), `bundled` (as tar has
   * it), `assignments` (`of=file`), `find`.
   */
  readonly style?: 'posix' | 'long' | 'bundled' | 'assignments' | 'find';
  /** Options that take the next word, or the rest of their own, as value. */
  readonly valueOptions?: readonly string[];
  /** Short options that take only the rest of their own word: `sed -i.bak`. */
  readonly attached?: readonly string[];
  /** A pattern of operands that begin with a dash: `chmod -x`. */
  readonly dashOperands?: string;
  /** The option by which the program changes its folder first: `make -C`. */
  readonly folderOption?: string;
  /** It runs another program: its operands behind so many of its own. */
  readonly runs?: number;
  /** That program gets more arguments than are written: xargs. */
  readonly open?: boolean;
  /** The first that holds says what the call does; none: the form is not known. */
  readonly cases: readonly CommandCase[];
  readonly source: string;
}

/** Places in terms of a call's words. See `analysis/command-rows.ts` for what terms there are. */
export interface PlaceTerms {
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  readonly deletes?: readonly string[];
  /** Default `no`. */
  readonly network?: 'yes' | 'no' | 'unknown';
  /** Why it may do more than that. */
  readonly may?: string;
}

export interface CommandCase extends PlaceTerms {
  /** One of these options must be there. */
  readonly options?: readonly string[];
  /** And one of these. */
  readonly needs?: readonly string[];
  /** A pattern of the first operands, one for each of its words; they are no operands then. */
  readonly first?: string;
  /** How many operands there are at least, and at most. */
  readonly least?: number;
  readonly most?: number;
  /** What is written changes in nothing but this. */
  readonly changes?: 'owner' | 'mode';
}

/** What the calls of package managers do. */
export interface PackageEffectRow extends PlaceTerms {
  readonly managers: readonly string[];
  readonly actions: readonly PackageAction[];
  readonly source: string;
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
  readonly busyBox: BusyBox;
  readonly crossings: Crossings;
  readonly smallImages: SmallImages;
  /** What registries said in this run, by `name:tag` or `name:tag@digest`; it goes before rows. */
  readonly observedImages?: ReadonlyMap<string, ObservedImage>;
}
