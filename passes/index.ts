/** The passes in the order in which they run: the only registration. */
import avoidOldBases from './avoid-old-bases.ts';
import avoidOpenModes from './avoid-open-modes.ts';
import avoidSudo from './avoid-sudo.ts';
import assumeYes from './assume-yes.ts';
import cleanPackageCache from './clean-package-cache.ts';
import copyNotAdd from './copy-not-add.ts';
import copyWithOwner from './copy-with-owner.ts';
import deleteInSameLayer from './delete-in-same-layer.ts';
import dropRepeatedUpdate from './drop-repeated-update.ts';
import joinPackageUpdate from './join-package-update.ts';
import keepSecretsOut from './keep-secrets-out.ts';
import leaveRoot from './leave-root.ts';
import mergeRuns from './merge-runs.ts';
import mountCaches from './mount-caches.ts';
import narrowCopyFrom from './narrow-copy-from.ts';
import omitDevDependencies from './omit-dev-dependencies.ts';
import orderByChange from './order-by-change.ts';
import pinBaseImages from './pin-base-images.ts';
import pinSuite from './pin-suite.ts';
import removePackageLists from './remove-package-lists.ts';
import skipPackageCache from './skip-package-cache.ts';
import skipPackageDocs from './skip-package-docs.ts';
import skipRecommendedPackages from './skip-recommended-packages.ts';
import splitDependencyInstall from './split-dependency-install.ts';
import splitStages from './split-stages.ts';
import updateBeforeInstall from './update-before-install.ts';
import useAlpineBase from './use-alpine-base.ts';
import useDistrolessBase from './use-distroless-base.ts';
import useExecForm from './use-exec-form.ts';
import useLockfileInstall from './use-lockfile-install.ts';
import useRuntimeBase from './use-runtime-base.ts';
import useScratch from './use-scratch.ts';
import useSlimBase from './use-slim-base.ts';
import useWorkdir from './use-workdir.ts';
import verifyDownloads from './verify-downloads.ts';
import writeDockerignore from './write-dockerignore.ts';
import type { Pass } from '../src/pass.ts';

export const passes: readonly Pass[] = [
  // Advice on what the author wrote, before anything moves.
  keepSecretsOut,
  verifyDownloads,
  leaveRoot,
  avoidSudo,
  avoidOpenModes,
  pinBaseImages,
  avoidOldBases,
  // First of the edits: all others see the stages as they are to be.
  splitStages,
  // Before all that joins: the base decides what must be installed, and that can be joined with what is.
  useRuntimeBase,
  useSlimBase,
  // Behind it: what the small image was given by name is named anew here.
  useAlpineBase,
  // Once it is settled what is built where and what starts; before the bases of small images, which ask
  // what is copied, and before all that joins the RUNs of a build.
  narrowCopyFrom,
  // Before all that moves or joins: what follows knows one instruction that copies.
  copyNotAdd,
  // Before the joins, for which a folder that is entered inside is in the way.
  useWorkdir,
  // Before the moves: an install that follows its lockfile reads less than one that does not.
  useLockfileInstall,
  // Behind it: an install by the lockfile knows which packages are for development only.
  omitDevDependencies,
  // Before the joins: what has come to stand side by side can become one.
  orderByChange,
  // Before the clean-ups: lists can be removed only in the layer that fetched them, once their readers are in it.
  joinPackageUpdate,
  // Before the flags and clean-ups, which see what has become one RUN.
  mergeRuns,
  // After what stands together has become one: fewer RUNs lie between a file and its deletion.
  deleteInSameLayer,
  // After the moves and joins: what is left between a COPY and an install is there for a reason.
  splitDependencyInstall,
  // Behind it, as a change may come to stand right below the COPY of its files then; accounts are made by now.
  copyWithOwner,
  // Behind the joins, whose RUNs get one flag, and before flags and clean-ups, which a mount makes useless.
  mountCaches,
  assumeYes,
  // After assume-yes, so that the flags stand in the order in which people write them.
  skipRecommendedPackages,
  skipPackageCache,
  skipPackageDocs,
  // Once no RUNs come to stand together any more: what is left between two installs stays there.
  updateBeforeInstall,
  // Where RUNs were merged, or fetch for themselves now, more than one update may stand in a RUN.
  dropRepeatedUpdate,
  // After the flags: what a flag already keeps out of the layer needs no clean-up.
  removePackageLists,
  cleanPackageCache,
  useExecForm,
  // Once nothing is started by a shell any more; nothing at all before next to nothing.
  useScratch,
  useDistrolessBase,
  // Behind all that choose bases: the suites of those that are left must fit together.
  pinSuite,
  // Last: what other passes keep out for a reason of their own is out already.
  writeDockerignore,
];
