/** What a browser may do with the page: run its own files, ask its own server, nothing else. */

/** The one Trusted Types policy: it makes the URL of the page's own worker. */
export const WORKER_POLICY = 'dfopt-worker';

const DIRECTIVES = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  `trusted-types ${WORKER_POLICY}`,
];

/** For a `<meta>`, where some directives have no effect. */
export const PAGE_POLICY = DIRECTIVES.join('; ');

export const POLICY = [...DIRECTIVES, "frame-ancestors 'none'"].join('; ');
