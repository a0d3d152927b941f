/** All paths that the fake serves; of them `scripts/github-openapi.mjs` takes GitHub's description. */
import { GRAPHQL_ROUTES } from './graphql.ts';
import type { Route } from './http.ts';
import { CHECK_ROUTES } from './routes-checks.ts';
import { GIT_ROUTES } from './routes-git.ts';
import { ISSUE_ROUTES } from './routes-issues.ts';
import { PULL_ROUTES } from './routes-pulls.ts';
import { REF_ROUTES } from './routes-refs.ts';
import { REPO_ROUTES } from './routes-repos.ts';

export const ROUTES: readonly Route[] = [
  ...REPO_ROUTES,
  ...PULL_ROUTES,
  ...ISSUE_ROUTES,
  ...CHECK_ROUTES,
  ...REF_ROUTES,
  ...GIT_ROUTES,
  ...GRAPHQL_ROUTES,
];
