/**
 * How Maven and Gradle download, where the author asks for that alone. `mvn package` and `gradle
 * build` download by themselves: nothing is added to them.
 */
import { contextTree } from '../analysis/context-tree.ts';
import { baseName, folderOf } from '../analysis/go-paths.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import { toolOf, type Ecosystem, type Install, type Project } from './ecosystem.ts';
import {
  hasEntry,
  isFolder,
  leavesFiles,
  read,
  readText,
  refuse,
  result,
  startFindings,
  under,
  type Findings,
} from './findings.ts';
import { javaWeigh } from './java-weight.ts';
import { javaWork } from './java-work.ts';
import { hasOption, programCall, readWords, valuesOf, type Words } from './words.ts';

export const java: Ecosystem = {
  id: 'java',
  install: (command, project) => {
    const call = downloadCall(command);
    if (!call) return undefined;
    return call.tool === 'maven' ? maven(call, project) : gradle(call, project);
  },
  usual: (command, facts) => {
    const call = downloadCall(command);
    return call && !call.isWrapper ? toolOf(facts, call.tool).usual : undefined;
  },
  work: javaWork,
  weigh: javaWeigh,
};

interface DownloadCall {
  readonly tool: 'maven' | 'gradle';
  readonly words: Words;
  /** Started through the script that the project brings. */
  readonly isWrapper: boolean;
}

const MAVEN_VALUES = [
  '-f',
  '--file',
  '-s',
  '--settings',
  '-gs',
  '-pl',
  '--projects',
  '-P',
  '-T',
  '-t',
  '-l',
];
const GRADLE_VALUES = [
  '-p',
  '--project-dir',
  '-b',
  '-c',
  '-I',
  '--init-script',
  '-g',
  '--gradle-user-home',
  '-x',
  '--configuration',
];

const MAVEN_GOAL =
  /^(?:dependency|org\.apache\.maven\.plugins:maven-dependency-plugin(?::[\d.]+)?):(?:go-offline|resolve|resolve-plugins)$/;

/** A call that downloads and does nothing else. */
function downloadCall(command: SimpleCommand): DownloadCall | undefined {
  const { name, args = [] } = programCall(command) ?? {};
  if (name === 'mvn' || name === 'mvnw') {
    const words = readWords(args, MAVEN_VALUES);
    const { operands } = words;
    const isDownload = operands.length > 0 && operands.every((each) => MAVEN_GOAL.test(each));
    return isDownload ? { tool: 'maven', words, isWrapper: name === 'mvnw' } : undefined;
  }
  if (name === 'gradle' || name === 'gradlew') {
    const words = readWords(args, GRADLE_VALUES);
    const { operands } = words;
    const isDownload = operands.length > 0 && operands.every((each) => each === 'dependencies');
    return isDownload ? { tool: 'gradle', words, isWrapper: name === 'gradlew' } : undefined;
  }
  return undefined;
}

function maven({ words, isWrapper }: DownloadCall, project: Project): Install {
  const found = startFindings(project);
  const { folder } = project;
  const tool = toolOf(project.facts, 'maven');
  if (words.unknown !== undefined) refuse(found, `nobody knows what ${words.unknown} says`);
  const file = valuesOf(words, '-f', '--file').at(-1) ?? 'pom.xml';
  const pom = under(
    folder,
    isFolder(project.files, under(folder, file)) ? `${file}/pom.xml` : file,
  );
  if (leavesFiles(folder, file)) refuse(found, `${file} is not known`);
  readPom(found, pom, []);
  read(found, ...tool.reads.map((path) => under(folder, path)));
  for (const path of valuesOf(words, '-s', '--settings', '-gs')) read(found, under(folder, path));
  if (isWrapper) read(found, under(folder, 'mvnw'));
  return result(found, tool);
}

/** A pom, its modules, and the parents that lie in the project. */
function readPom(found: Findings, path: string, seen: readonly string[]): void {
  if (seen.includes(path) || found.reads.has(path)) return;
  const text = readText(found, path)?.replace(/<!--[^]*?-->/g, '');
  if (text === undefined) return refuse(found, `nothing that is copied before it is /${path}`);
  const folder = folderOf(path);
  if (/<activation>[^]*?<file>[^]*?<\/activation>/.test(text)) {
    refuse(found, `a profile of ${path} depends on files`);
  }
  if (/<(systemPath|url)>[^<]*\$\{(project\.|pom\.)?basedir\}/.test(text)) {
    refuse(found, `${path} names archives in the project`);
  }
  if (/<packaging>\s*maven-plugin\s*</.test(text) || /<extensions>\s*true\s*</.test(text)) {
    refuse(found, `${path} may build with a plugin of its own`);
  }
  for (const [, module] of text.matchAll(/<module>\s*([^<]+?)\s*<\/module>/g)) {
    if (leavesFiles(folder, module!)) refuse(found, `${module} is not known`);
    const target = under(folder, module!);
    const inner = target.endsWith('.xml') ? target : `${target}/pom.xml`;
    readPom(found, inner, [...seen, path]);
  }
  const parent = /<parent>([^]*?)<\/parent>/.exec(text)?.[1];
  if (
    parent === undefined ||
    /<relativePath>\s*<\/relativePath>|<relativePath\s*\/>/.test(parent)
  ) {
    return;
  }
  const written = /<relativePath>\s*([^<]+?)\s*<\/relativePath>/.exec(parent)?.[1] ?? '../pom.xml';
  const target = under(folder, written.endsWith('.xml') ? written : `${written}/pom.xml`);
  if (!leavesFiles(folder, written) && hasEntry(found.project.files, target)) {
    readPom(found, target, [...seen, path]);
  }
}

/** What a build script may do beside naming dependencies. */
const READS_MORE =
  /\b(file|files|fileTree|zipTree|includeBuild|exec|javaexec|evaluate|load|readLines|readText)\s*[({'"]|\.text\b|new\s+File\b|\bProperties\s*\(|\bproviders\.exec\b|`/;

function gradle({ words, isWrapper }: DownloadCall, project: Project): Install {
  const found = startFindings(project);
  const { files, folder } = project;
  const tool = toolOf(project.facts, 'gradle');
  if (words.unknown !== undefined) refuse(found, `nobody knows what ${words.unknown} says`);
  const elsewhere = ['-p', '--project-dir', '-b', '-c', '-I', '--init-script', '--include-build'];
  if (elsewhere.some((name) => words.options.has(name)))
    refuse(found, 'it runs for another folder');
  if (!tool.manifests.some((name) => hasEntry(files, under(folder, name)))) {
    read(found, under(folder, 'build.gradle'));
    refuse(found, `nothing that is copied before it is a build.gradle in /${folder}`);
  }
  if (hasEntry(files, under(folder, 'buildSrc')))
    refuse(found, 'the build has sources in buildSrc');
  const reads = isWrapper ? tool.reads : tool.reads.filter((path) => path !== 'gradlew');
  read(found, ...reads.map((path) => under(folder, path)));
  // Subprojects are named in a program; their scripts are known by their names.
  for (const { entry } of contextTree(files.entries).byPath.values()) {
    const isScript = /\.gradle(\.kts)?$/.test(entry.path) && entry.kind === 'file';
    const isLock = baseName(entry.path) === 'gradle.lockfile';
    const isInside = folder === '' || entry.path.startsWith(`${folder}/`);
    if (isInside && (isScript || isLock)) read(found, entry.path);
    if (!isInside || !isScript) continue;
    const text = (readText(found, entry.path) ?? '').replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
    const more = READS_MORE.exec(text);
    if (more) refuse(found, `${entry.path} may read the sources: ${more[0]}`);
  }
  for (const path of tool.writes) found.writes.add(under(folder, path));
  if (hasOption(words, '--write-locks', '--write-verification-metadata')) {
    refuse(found, 'it writes lockfiles');
  }
  return result(found, tool);
}
