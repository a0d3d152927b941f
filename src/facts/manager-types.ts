/** How package managers are called, what they leave behind, and which packages they add unasked. */

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
