/**
 * What searches and reads configuration files, for those who find one: loaded on demand. A package that is
 * CommonJS has its names in a bundle only where a module imports it by them.
 */
export { defaultLoaders, lilconfig } from 'lilconfig';
export { parse as parseYaml, YAMLParseError } from 'yaml';
