/** Where the files beside a Dockerfile start containers of its image with commands of their own. */
import type { BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import { isTable, tableIn, textIn, textsOf } from '../ecosystems/findings.ts';
import { parse as parseYaml } from 'yaml';

/** Shell code that runs in a container, and the file that says so. */
export interface Starter {
  readonly path: string;
  readonly text: string;
}

const COMPOSE = /^(docker-)?compose[^/]*\.ya?ml$/;

/** `docker run … npm test` in a Makefile or a script. */
const DOCKER_RUNS =
  /\bdocker(?:-compose| compose)?\b[^\n]*?\b(?:run|exec)\b[^\n]*?\b((?:npm|npx|yarn|pnpm)\s[^\n"';&|)]*)/g;

/** `docker compose exec app composer install` in a pipeline: of `docker run` nobody knows the image. */
const COMPOSE_RUNS =
  /\bdocker(?:-compose| compose)\b[^\n]*?\b(?:run|exec)\b[^\n]*?\s((?:go|cargo|mvnw?|gradlew?|composer|dotnet)\s[^\n"';&|)]*)/g;

/** Scripts of people and of pipelines. */
const SCRIPTS =
  /(^|\/)([Mm]akefile|[^/]*\.(sh|mk)|\.(gitlab-ci|travis)\.yml|\.github\/workflows\/[^/]*\.ya?ml)$/;

export function startersIn(context: BuildContext): readonly Starter[] {
  return [...context.texts].flatMap(([path, text]): Starter[] => {
    if (COMPOSE.test(baseName(path))) return services(context, path, text);
    if (!SCRIPTS.test(path)) return [];
    return [...text.matchAll(DOCKER_RUNS), ...text.matchAll(COMPOSE_RUNS)].map((match) => ({
      path,
      text: match[1]!.trim(),
    }));
  });
}

/** The commands of the services that are built from this Dockerfile. */
function services(context: BuildContext, path: string, text: string): Starter[] {
  let file: unknown;
  try {
    file = parseYaml(text, { logLevel: 'error', merge: true });
  } catch {
    return [];
  }
  if (!isTable(file)) return [];
  return Object.values(tableIn(file, 'services')).flatMap((service) => {
    if (!isTable(service)) return [];
    const { build } = service;
    const folder = typeof build === 'string' ? build : (textIn(service, 'build', 'context') ?? '.');
    const dockerfile = isTable(build) ? textIn(build, 'dockerfile') : undefined;
    const isThis =
      (typeof build === 'string' || isTable(build)) &&
      pathInside(`${folderOf(path)}/${folder}`) === '' &&
      baseName(dockerfile ?? 'Dockerfile') === baseName(context.dockerfile ?? 'Dockerfile');
    if (!isThis) return [];
    return [service['entrypoint'], service['command']].flatMap((words) => {
      const list = textsOf(words);
      const isList = Array.isArray(words);
      const code = isList
        ? list.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
        : list[0];
      return code === undefined || code.trim() === '' ? [] : [{ path, text: code }];
    });
  });
}
