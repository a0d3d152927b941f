/** How Composer installs: only where autoloading and scripts need none of the sources. */
import { packageCommand } from '../analysis/packages.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { Facts } from '../facts/types.ts';
import { toolOf, type Ecosystem, type Install, type Project } from './ecosystem.ts';
import {
  hasEntry,
  isTable,
  leavesFiles,
  read,
  readJson,
  refuse,
  result,
  startFindings,
  tableIn,
  textIn,
  textsOf,
  under,
  type Findings,
  type Table,
} from './findings.ts';
import { phpWeigh } from './php-weight.ts';
import { phpWork } from './php-work.ts';
import { hasOption, readWords, valuesOf, type Words } from './words.ts';

export const php: Ecosystem = {
  id: 'php',
  install: (command, project) => {
    const words = installWords(command, project.facts);
    return words && installOf(words, project);
  },
  usual: (command, facts) => {
    const words = installWords(command, facts);
    // With its scripts and the optimized autoloader an install mostly needs the sources.
    const isPlain =
      words && hasOption(words, '--no-scripts') && hasOption(words, '--no-autoloader');
    return isPlain && folderOf(words) === undefined ? toolOf(facts, 'composer').usual : undefined;
  },
  work: phpWork,
  weigh: phpWeigh,
};

function installWords(command: SimpleCommand, facts: Facts): Words | undefined {
  const call = packageCommand(command, facts);
  if (call?.manager.id !== 'composer' || call.operands.length > 0) return undefined;
  if (!/^(install|i)$/.test(call.actionWord?.literal ?? '')) return undefined;
  const args = call.args.filter((word) => word !== call.actionWord);
  return readWords(args, call.manager.valueOptions, true);
}

function folderOf(words: Words): string | undefined {
  return valuesOf(words, '-d', '--working-dir').at(-1);
}

function installOf(words: Words, project: Project): Install {
  const found = startFindings(project);
  const { facts, files, variable } = project;
  const tool = toolOf(facts, 'composer');
  if (words.unknown !== undefined) refuse(found, `nobody knows what ${words.unknown} says`);
  if (variable('COMPOSER') !== undefined || variable('COMPOSER_VENDOR_DIR') !== undefined) {
    refuse(found, 'COMPOSER or COMPOSER_VENDOR_DIR tell it to look elsewhere');
  }
  const option = folderOf(words) ?? '.';
  if (leavesFiles(project.folder, option)) refuse(found, `${option} is not known`);
  const folder = under(project.folder, option);
  const manifest = readJson(found, under(folder, 'composer.json'));
  if (!manifest) {
    refuse(found, `nothing that is copied before it is a composer.json in /${folder}`);
    return result(found, tool);
  }
  read(found, ...tool.reads.map((path) => under(folder, path)));
  const lockPath = under(folder, 'composer.lock');
  const lock = hasEntry(files, lockPath) ? readJson(found, lockPath) : undefined;
  const vendor = textIn(manifest, 'config', 'vendor-dir') ?? tool.writes[0]!;
  found.writes.add(under(folder, vendor));
  const bin = textIn(manifest, 'config', 'bin-dir');
  if (bin !== undefined) found.writes.add(under(folder, bin));
  if (!hasOption(words, '--no-scripts')) scripts(found, manifest, tool.scripts ?? []);
  if (!hasOption(words, '--no-autoloader')) autoload(found, manifest, words);
  if (!hasOption(words, '--no-plugins')) plugins(found, manifest, lock, folder, facts);
  repositories(found, manifest, lock, folder);
  return result(found, tool);
}

function scripts(found: Findings, manifest: Table, events: readonly string[]): void {
  const all = tableIn(manifest, 'scripts');
  for (const event of events) {
    const command = isTable(all[event]) ? Object.keys(all[event])[0] : textsOf(all[event])[0];
    if (command === undefined) continue;
    refuse(found, `the ${event} script runs "${command}", which may read the sources`);
  }
}

/** A map of classes is made by reading them; without one, folders are only named. */
function autoload(found: Findings, manifest: Table, words: Words): void {
  const isOptimized =
    hasOption(
      words,
      '-o',
      '--optimize-autoloader',
      '-a',
      '--classmap-authoritative',
      '--apcu-autoloader',
    ) ||
    ['optimize-autoloader', 'classmap-authoritative', 'apcu-autoloader'].some(
      (name) => tableIn(manifest, 'config')[name] === true,
    );
  if (isOptimized) refuse(found, 'the optimized autoloader is made from the sources');
  const fields = hasOption(words, '--no-dev') ? ['autoload'] : ['autoload', 'autoload-dev'];
  for (const field of fields) {
    if (textsOf(tableIn(manifest, field)['classmap']).length > 0) {
      refuse(found, `the ${field} of composer.json has a classmap, which is made from the sources`);
    }
  }
}

/** Plugins of Composer run inside the install; few are known to leave the project alone. */
function plugins(
  found: Findings,
  manifest: Table,
  lock: Table | undefined,
  folder: string,
  facts: Facts,
): void {
  const { harmless } = facts.installSteps.composerPlugins;
  if (!lock) {
    const allowed = tableIn(manifest, 'config', 'allow-plugins');
    const name = Object.keys(allowed).find(
      (each) => allowed[each] === true && !harmless.includes(each),
    );
    if (name !== undefined) refuse(found, `the plugin ${name} may read the sources`);
  }
  for (const list of [lock?.['packages'], lock?.['packages-dev']]) {
    for (const each of Array.isArray(list) ? list : []) {
      if (!isTable(each)) continue;
      const name = textIn(each, 'name') ?? '';
      if (textIn(each, 'type') === 'composer-plugin' && !harmless.includes(name)) {
        refuse(found, `the plugin ${name} may read the sources`);
      }
    }
  }
  for (const path of Object.keys(tableIn(manifest, 'extra', 'installer-paths'))) {
    // `web/modules/{$name}`: the folder before the first blank to fill in.
    found.writes.add(under(folder, path.split('{')[0]!));
  }
}

function repositories(
  found: Findings,
  manifest: Table,
  lock: Table | undefined,
  folder: string,
): void {
  const field = manifest['repositories'];
  const list = Array.isArray(field) ? field : isTable(field) ? Object.values(field) : [];
  for (const each of list) {
    if (!isTable(each)) continue;
    const url = textIn(each, 'url') ?? '';
    if (textIn(each, 'type') === 'path')
      refuse(found, `a package lies in a folder of the project: ${url}`);
    if (textIn(each, 'type') === 'artifact') read(found, under(folder, url));
  }
  for (const packages of [lock?.['packages'], lock?.['packages-dev']]) {
    for (const each of Array.isArray(packages) ? packages : []) {
      if (isTable(each) && textIn(each, 'dist', 'type') === 'path') {
        refuse(
          found,
          `a package lies in a folder of the project: ${textIn(each, 'dist', 'url') ?? ''}`,
        );
      }
    }
  }
}
