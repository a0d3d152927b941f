/** The passes in the order in which they run: the only registration. */
import assumeYes from './assume-yes.ts';
import cleanPackageCache from './clean-package-cache.ts';
import copyNotAdd from './copy-not-add.ts';
import joinPackageUpdate from './join-package-update.ts';
import mergeRuns from './merge-runs.ts';
import orderByChange from './order-by-change.ts';
import removePackageLists from './remove-package-lists.ts';
import skipPackageCache from './skip-package-cache.ts';
import skipPackageDocs from './skip-package-docs.ts';
import skipRecommendedPackages from './skip-recommended-packages.ts';
import splitDependencyInstall from './split-dependency-install.ts';
import updateBeforeInstall from './update-before-install.ts';
import useExecForm from './use-exec-form.ts';
import writeDockerignore from './write-dockerignore.ts';
import type { Pass } from '../src/pass.ts';

export const passes: readonly Pass[] = [
  // First: what follows knows one instruction that copies.
  copyNotAdd,
  // Before the joins: what has come to stand side by side can become one.
  orderByChange,
  // Before the clean-ups: lists can be removed only in the layer that fetched them, once their readers are in it.
  joinPackageUpdate,
  // Before the flags and clean-ups, which see what has become one RUN.
  mergeRuns,
  // After the moves and joins: what is left between a COPY and an install is there for a reason.
  splitDependencyInstall,
  assumeYes,
  // After assume-yes, so that the flags stand in the order in which people write them.
  skipRecommendedPackages,
  skipPackageCache,
  skipPackageDocs,
  // Once no RUNs come to stand together any more: what is left between two installs stays there.
  updateBeforeInstall,
  // After the flags: what a flag already keeps out of the layer needs no clean-up.
  removePackageLists,
  cleanPackageCache,
  useExecForm,
  // Last: what other passes keep out for a reason of their own is out already.
  writeDockerignore,
];
