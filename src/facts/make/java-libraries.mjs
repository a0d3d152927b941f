/**
 * Makes java-libraries.json: what the archives of Java libraries weigh, and which others each needs when
 * it runs, as the packages of Debian hold them below /usr/share/maven-repo. Names of packages come on
 * standard input; apt on this machine fetches them, nothing of them is installed or run.
 *
 *     node src/facts/make/java-libraries.mjs < src/facts/make/java-libraries.txt > src/facts/java-libraries.json
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';

const wanted = readFileSync(0, 'utf8').split('\n').filter(Boolean);
const folder = mkdtempSync(join(tmpdir(), 'java-libraries-'));

/** `group:artifact` → bytes of the archive and the names that its pom asks for. */
function librariesIn(root) {
  const repository = join(root, 'usr/share/maven-repo');
  const found = new Map();
  for (const entry of readdirSync(repository, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.jar')) continue;
    const path = join(entry.parentPath, entry.name);
    const parts = entry.parentPath.slice(repository.length + 1).split(sep);
    const [artifact, version] = parts.slice(-2);
    // Archives with a classifier are others than the one that a dependency names.
    if (entry.name !== `${artifact}-${version}.jar`) continue;
    let bytes;
    try {
      bytes = statSync(realpathSync(path)).size;
    } catch {
      continue; // a link into a package that was not asked for
    }
    const name = `${parts.slice(0, -2).join('.')}:${artifact}`;
    found.set(name, { bytes, needs: needsOf(path.replace(/\.jar$/, '.pom')) });
  }
  return found;
}

function needsOf(path) {
  let pom;
  try {
    pom = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const own = pom
    .replace(/<!--[^]*?-->/g, '')
    .replace(/<(dependencyManagement|build|profiles|reporting)>[^]*?<\/\1>/g, '');
  return [...own.matchAll(/<dependency>([^]*?)<\/dependency>/g)].flatMap(([, text]) => {
    const tag = (name) => new RegExp(`<${name}>\\s*([^<\\s]+)`).exec(text)?.[1];
    if (/^(test|provided|system|import)$/.test(tag('scope') ?? '')) return [];
    if (tag('optional') === 'true' || tag('classifier') !== undefined) return [];
    return [`${tag('groupId')}:${tag('artifactId')}`];
  });
}

try {
  execFileSync('apt-get', ['download', ...wanted], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const archives = readdirSync(folder).filter((name) => name.endsWith('.deb'));
  for (const name of archives) {
    execFileSync('dpkg-deb', ['-x', join(folder, name), join(folder, 'all')]);
  }
  const libraries = librariesIn(join(folder, 'all'));
  const rows = [...libraries]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { bytes, needs }]) => {
      const known = needs.filter((each, at) => libraries.has(each) && needs.indexOf(each) === at);
      return `${name};${bytes};${known.join(' ')}`;
    });
  const release = readFileSync('/etc/os-release', 'utf8');
  const suite = /VERSION="([^"]*)"/.exec(release)?.[1] ?? 'unknown release';
  const date = new Date().toISOString().slice(0, 10);
  const source =
    `Archives of Java libraries in ${archives.length} packages of Debian ${suite}, counted ${date}. ` +
    "Debian compiles them itself: those of Maven's own repository differ by their release and by what they pack along.";
  process.stdout.write(`${JSON.stringify({ source, rows }, undefined, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
