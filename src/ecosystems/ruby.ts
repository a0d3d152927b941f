/** How Bundler installs. A Gemfile is a program: what it does beyond naming gems refuses. */
import { packageCommand } from '../analysis/packages.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { Facts } from '../facts/types.ts';
import { toolOf, type Ecosystem, type Install, type Project } from './ecosystem.ts';
import { hasEntry, read, readText, refuse, result, startFindings, under } from './findings.ts';
import { rubyWeigh } from './ruby-weight.ts';
import { rubyWork } from './ruby-work.ts';
import { hasOption, readWords, valuesOf, type Words } from './words.ts';

export const ruby: Ecosystem = {
  id: 'ruby',
  install: (command, project) => {
    const words = installWords(command, project.facts);
    return words && installOf(words, project);
  },
  usual: (command, facts) =>
    installWords(command, facts) ? toolOf(facts, 'bundler').usual : undefined,
  work: rubyWork,
  weigh: rubyWeigh,
};

function installWords(command: SimpleCommand, facts: Facts): Words | undefined {
  const call = packageCommand(command, facts);
  if (call?.manager.id !== 'bundle' || call.action !== 'install' || call.operands.length > 0) {
    return undefined;
  }
  const args = call.args.filter((word) => word !== call.actionWord);
  const words = readWords(args, call.manager.valueOptions);
  return hasOption(words, '-v', '--version', '-h', '--help') ? undefined : words;
}

/** Options that Bundler remembers in `.bundle/config`. */
const REMEMBERED = [
  '--path',
  '--without',
  '--with',
  '--deployment',
  '--binstubs',
  '--shebang',
  '--system',
  '--clean',
  '--no-prune',
];

/** What a Gemfile may do beside naming gems, and what that would read. */
const READERS: readonly (readonly [RegExp, string])[] = [
  [/^\s*gemspec\b/m, 'it names a gemspec, which lists the sources'],
  [/\bpath:|:path\s*=>|^\s*path\s+['"(]/m, 'a gem lies in a folder of the project'],
  [/\beval_gemfile\b|\binstance_eval\b|\beval\b/, 'it runs other files'],
  [/\brequire_relative\b|\bload\b|^\s*require\b/m, 'it loads other files'],
  [
    /\b(File|IO|Dir|Pathname|YAML|JSON)\b|`|%x|\bsystem\b|__dir__|__FILE__|\bopen\b/,
    'it reads files',
  ],
];

/** The one file that a Gemfile may read without more ado: its Ruby version. */
const RUBY_VERSION =
  /^\s*ruby\s+(?:file:\s*|File\.read\()\s*['"](\.ruby-version|\.tool-versions|\.\/\.ruby-version)['"]\)?(?:\.(?:strip|chomp))?\s*$/gm;

function installOf(words: Words, project: Project): Install {
  const found = startFindings(project);
  const { facts, folder, files, variable } = project;
  const tool = toolOf(facts, 'bundler');
  if (words.unknown !== undefined) refuse(found, `nobody knows what ${words.unknown} says`);
  if (words.options.has('--gemfile') || variable('BUNDLE_GEMFILE') !== undefined) {
    refuse(found, 'it installs by another Gemfile');
  }
  const name = tool.manifests.find((each) => hasEntry(files, under(folder, each)));
  if (name === undefined) {
    read(found, under(folder, 'Gemfile'));
    refuse(found, `nothing that is copied before it is a Gemfile in /${folder}`);
    return result(found, tool);
  }
  const text = (readText(found, under(folder, name)) ?? '').replace(/^\s*#.*$/gm, '');
  for (const [, path] of text.matchAll(RUBY_VERSION)) read(found, under(folder, path!));
  const rest = text.replace(RUBY_VERSION, '');
  const reader = READERS.find(([pattern]) => pattern.test(rest));
  if (reader) refuse(found, `the ${name} may read the sources: ${reader[1]}`);
  read(found, ...tool.reads.map((path) => under(folder, path)));
  const lock = ['Gemfile.lock', 'gems.locked'].map((each) => under(folder, each));
  if (lock.some((path) => hasEntry(files, path) && /^PATH$/m.test(readText(found, path) ?? ''))) {
    refuse(found, 'a gem lies in a folder of the project');
  }
  const isRemembered = REMEMBERED.some((option) => words.options.has(option));
  const settings = under(folder, '.bundle/config');
  if (hasEntry(files, settings)) {
    const path = /^BUNDLE_PATH:\s*"?([^"\n]+)/m.exec(readText(found, settings) ?? '')?.[1];
    if (path !== undefined) found.writes.add(under(folder, path.trim()));
    if (isRemembered)
      refuse(found, 'it changes .bundle/config, and the later COPY would undo that');
  }
  const paths = [...valuesOf(words, '--path'), ...(variable('BUNDLE_PATH')?.split(' ') ?? [])];
  for (const path of paths) found.writes.add(under(folder, path));
  if (words.options.has('--deployment') || variable('BUNDLE_DEPLOYMENT') !== undefined) {
    found.writes.add(under(folder, 'vendor/bundle'));
  }
  if (words.options.has('--binstubs')) found.writes.add(under(folder, 'bin'));
  return result(found, tool);
}
