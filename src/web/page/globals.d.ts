/** What the build puts into the page. */
declare const IS_PLAYGROUND: boolean;

declare module 'virtual:facts' {
  import type { Facts } from '../../facts/types.ts';
  export const facts: Facts;
}

declare module '*?worker&url' {
  const url: string;
  export default url;
}

declare module '*.css';
