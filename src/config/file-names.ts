/** How configuration files are called. */

/** In each folder, the first of these counts. */
export const CONFIGURATION_FILES = [
  'dfopt.config.json',
  'dfopt.config.yaml',
  'dfopt.config.yml',
  'dfopt.config.js',
  'dfopt.config.mjs',
  '.dfoptrc',
  '.dfoptrc.json',
  '.dfoptrc.yaml',
  '.dfoptrc.yml',
  'package.json',
] as const;
