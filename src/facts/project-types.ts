/** The files of a project, the tools that install what they name, and what such installs run. */

/** Files and folders of a project that mean something by their names. */
export interface Manifests {
  readonly source: string;
  readonly files: readonly ProjectFile[];
  readonly uses: UseRows;
  readonly folders: readonly ProjectFolder[];
}

/** The rows by which a build context is read. */
export type ContextRows = Omit<Manifests, 'source'>;

/** Where it is written how an image is built, started and looked into. */
export interface UseRows {
  /** Patterns of names; those with a `/` of the ends of paths. */
  readonly files: readonly string[];
  /** Folders in which they lie, from any folder between the top of a repository and a context. */
  readonly folders: readonly string[];
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
  /** A pattern of packages that draw text with fonts of the system. */
  readonly drawing: string;
  /** Packages that load others when they run, which no source needs to name. Patterns of names. */
  readonly loaders: readonly {
    readonly packages: string;
    readonly load: string;
    /** They are alternatives: where one of them stays, nobody asks for another. */
    readonly isOneEnough?: boolean;
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
