/** The passes in the order in which they run: the only registration. */
import assumeYes from './assume-yes.ts';
import cleanPackageCache from './clean-package-cache.ts';
import joinPackageUpdate from './join-package-update.ts';
import mergeRuns from './merge-runs.ts';
import removePackageLists from './remove-package-lists.ts';
import skipPackageCache from './skip-package-cache.ts';
import skipPackageDocs from './skip-package-docs.ts';
import skipRecommendedPackages from './skip-recommended-packages.ts';
import type { Pass } from '../src/pass.ts';

export const passes: readonly Pass[] = [
  // First: lists can be removed only in the layer that fetched them, once their readers are in it.
  joinPackageUpdate,
  // Before the flags and clean-ups, which see what has become one RUN.
  mergeRuns,
  assumeYes,
  // After assume-yes, so that the flags stand in the order in which people write them.
  skipRecommendedPackages,
  skipPackageCache,
  skipPackageDocs,
  // After the flags: what a flag already keeps out of the layer needs no clean-up.
  removePackageLists,
  cleanPackageCache,
];
