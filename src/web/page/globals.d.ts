/** What the build puts into the page. */
declare const IS_PLAYGROUND: boolean;

/** Beside the worker's script. */
declare const FACTS_FILE: string;

declare module 'virtual:worker' {
  export const workerUrl: string;
}

declare module '*.css';
