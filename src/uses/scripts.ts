/** What the scripts of people and of pipelines, and what a project says of itself, start in containers. */
import { baseName } from '../analysis/go-paths.ts';
import type { Service } from './compose.ts';
import type { Start } from './host-files.ts';
import type { UseFile } from './use-files.ts';

const SCRIPTS =
  /(^|\/)([Mm]akefile|justfile|package\.json|Taskfile\.ya?ml|[^/]*\.(sh|mk)|\.(gitlab-ci|travis)\.yml|azure-pipelines[^/]*\.ya?ml|bitbucket-pipelines\.yml|buildspec\.ya?ml|cloudbuild\.ya?ml|\.circleci\/config\.yml|\.github\/workflows\/[^/]*\.ya?ml|Jenkinsfile[^/]*)$/;

/** People try out what it says, but mean no particular image by it. */
const README = /(^|\/)readme(\.(md|rst|txt|adoc))?$/i;

/** `docker run … npm test` in a Makefile or a script. */
const RUNS_TOOL =
  /\bdocker(?:-compose| compose)?\b[^\n]*?\b(?:run|exec)\b[^\n]*?\b((?:npm|npx|yarn|pnpm)\s[^\n"'`;&|)]*)/g;

/** `docker compose exec app composer install` in a pipeline: of `docker run` nobody knows the image. */
const COMPOSE_RUNS_TOOL =
  /\bdocker(?:-compose| compose)\b[^\n]*?\b(?:run|exec)\b[^\n]*?\s((?:go|cargo|mvnw?|gradlew?|composer|dotnet)\s[^\n"'`;&|)]*)/g;

/** Its words from `docker` on, as far as they are one command. */
const DOCKER = /\bdocker(?:-compose)?[ \t][^\n;&|)`]*/g;

/** The same with `$(…)` in it. */
const WHOLE = /\bdocker[ \t](?:\$\([^)\n]*\)|[^\n;&|)`])*/g;

const OPTIONS_WITH_VALUE =
  /^(-[euwvplhmfc]|--(env|env-file|user|workdir|volume|publish|name|network|net|entrypoint|mount|platform|label|hostname|file|project-name|project-directory|profile|index|add-host|memory|cpus|log-driver|restart|link|expose|gpus|shm-size|ulimit|cap-add|device|pull|scale))$/;

export function isScript(path: string): boolean {
  return SCRIPTS.test(path);
}

/** The commands of Docker in a script, from `docker` on. */
export function commandsIn(text: string): string[] {
  return (text.replace(/\\\r?\n/g, ' ').match(WHOLE) ?? []).map((line) => line.trim());
}

export interface ScriptUses {
  readonly starts: readonly Start[];
  /** Files and folders that somebody copies out of a container. */
  readonly taken: readonly string[];
}

export function scriptUses(files: readonly UseFile[], services: readonly Service[]): ScriptUses {
  const starts: Start[] = [];
  const taken: string[] = [];
  const own = {
    services: new Set(services.flatMap(({ names }) => names)),
    images: new Set(services.flatMap(({ image }) => image ?? [])),
  };
  for (const { path, text: raw } of files) {
    const isReadme = README.test(baseName(path));
    if (!SCRIPTS.test(path) && !isReadme) continue;
    const text = raw.replace(/\\\r?\n/g, ' ');
    const images = new Set([...own.images, ...builtIn(text)]);
    const containers = new Set([...own.services, ...namedIn(text, images)]);
    for (const [line] of text.matchAll(DOCKER)) {
      const used = commandOf(wordsOf(line), { ...own, images, containers });
      if (used !== undefined && used !== '') starts.push({ path, text: used });
      const [, place] = /\bcp\b.*?\s[^\s:]+:(\/\S+)\s+\S/.exec(line) ?? [];
      if (place !== undefined) taken.push(place.replace(/\/\.?$/, ''));
    }
    for (const match of [...text.matchAll(RUNS_TOOL), ...text.matchAll(COMPOSE_RUNS_TOOL)]) {
      // What people run in a container that is there, whatever its name has become.
      const isMeant = !isReadme || /^docker\s+(container\s+)?exec\b/.test(match[0]);
      if (isMeant) starts.push({ path, text: match[1]!.trim() });
    }
  }
  return { starts, taken };
}

/** The names that `docker run` gives to containers of these images. */
function namedIn(text: string, images: ReadonlySet<string>): string[] {
  return [...text.matchAll(DOCKER)].flatMap(([line]) => {
    const name = /\brun\b.*?\s--name[ =]("[^"]*"|\S+)/.exec(line)?.[1];
    const isOwn = wordsOf(line).some((word) => images.has(bare(word)));
    return name !== undefined && isOwn ? [bare(name)] : [];
  });
}

/** The names that `docker build` gives. */
function builtIn(text: string): string[] {
  return [...text.matchAll(DOCKER)].flatMap(([line]) =>
    /\bbuild\b/.test(line)
      ? [...line.matchAll(/\s(?:-t|--tag)[ =]("[^"]*"|\S+)/g)].map((match) => bare(match[1]!))
      : [],
  );
}

function bare(word: string): string {
  return word.replace(/^["']|["']$/g, '');
}

/** Quotes hold words together; what is in them stays as it is. */
export function wordsOf(line: string): string[] {
  return line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
}

interface Names {
  readonly services: ReadonlySet<string>;
  readonly images: ReadonlySet<string>;
  readonly containers: ReadonlySet<string>;
}

/** What `docker run`, `docker exec` and their kin of Compose start, where it is this image. */
function commandOf(
  words: readonly string[],
  { services, images, containers }: Names,
): string | undefined {
  const isCompose = words[0] === 'docker-compose' || words[1] === 'compose';
  const verb = words.findIndex((word) => word === 'run' || word === 'exec');
  if (verb < 0) return undefined;
  let at = verb + 1;
  while (at < words.length && words[at]!.startsWith('-')) {
    at += OPTIONS_WITH_VALUE.test(words[at]!) ? 2 : 1;
  }
  const name = words[at] === undefined ? undefined : bare(words[at]!);
  const isRun = words[verb] === 'run';
  const known = isCompose ? services : isRun ? images : containers;
  if (name === undefined || !known.has(name)) return undefined;
  return words.slice(at + 1).join(' ');
}
