/** What may become of a step of a stage that is divided, and what decides it. */
import type { Call } from '../analysis/calls.ts';
import type { Place } from '../analysis/places.ts';
import type { Carried, Made } from './carried.ts';
import type { StageScope } from './steps.ts';

/** A name of a package that the shipped image gets in the place of another. */
export interface Renamed {
  readonly from: string;
  readonly to: readonly string[];
}

export type Fate =
  /** The build alone needs it. */
  | { readonly kind: 'build' }
  /** The shipped image needs it. */
  | { readonly kind: 'ship' }
  /** An install of which the shipped image needs less. */
  | {
      readonly kind: 'fewer';
      readonly left: readonly string[];
      readonly renamed: readonly Renamed[];
    }
  /**
   * `chown -R` of what is copied with its owner: only the folder itself is left to be handed over.
   * Without an owner, all that lies in it has come from the build as it was.
   */
  | { readonly kind: 'folder only'; readonly owner: string | undefined; readonly folder: string }
  /** It decides for the commands behind it. */
  | { readonly kind: 'setting' }
  | { readonly kind: 'nothing' };

export interface FateScope extends StageScope {
  readonly made: readonly Made[];
  readonly carried: readonly Carried[];
  /** Folders, without a slash in front, that git fetches for the build. */
  readonly fetched: readonly string[];
  /** Whether a place holds what only the build reads. */
  readonly isInput: (place: Place) => boolean;
  /** Whether a COPY brings it, and it is deleted in the end. */
  readonly isGone: (place: Place) => boolean;
  /** Whether a place is a file that a repeated COPY brings. */
  readonly isCopied: (place: Place) => boolean;
  /** Whether a place lies where a repeated COPY writes. */
  readonly isRepeated: (place: Place) => boolean;
  /** Whether a container starts in a place, or names something in it. */
  readonly isStartedIn: (place: Place) => boolean;
  /** Whether a folder is there in the shipped stage without being made. */
  readonly isMadeAnyway: (place: Place) => boolean;
  /** Whether programs of the package are called in a container. */
  readonly isCalled: (name: string) => boolean;
  /** Whether the package brings a tool that this build uses and a container does not. */
  readonly isBuildTool: (name: string, shipped: readonly Call[]) => boolean;
  /** Whether one of the calls is of a program that the package brings. */
  readonly isCalledBy: (name: string, calls: readonly Call[]) => boolean;
  /** The package that brings what a container needs of this one; see runtime-packages.ts. */
  readonly runtimePackage: (name: string) => string | undefined;
  /** A container runs as another account than root, as far as that shows. */
  readonly isForAccount: boolean;
  /** All that the build makes is code for a runtime that no compiler of C has a part in. */
  readonly isWithoutHeaders: boolean;
  /** Whether what is carried may link libraries whose headers are installed. */
  readonly linksByHeaders: boolean;
}
