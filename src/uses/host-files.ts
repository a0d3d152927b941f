/** What services that run images are told to start in them: their own files, by rows. */
import { parse as parseToml } from 'smol-toml';
import { baseName, folderOf } from '../analysis/go-paths.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { isTable, tableIn, type Table } from '../ecosystems/findings.ts';
import { parseJson, parseYaml } from '../ecosystems/parse-text.ts';
import type { HostFile } from '../facts/work-types.ts';
import { codeOf } from './compose.ts';
import { join, type UseFile } from './use-files.ts';

/** Shell code that runs in a container, and the file that says so. */
export interface Start {
  readonly path: string;
  readonly text: string;
}

export function hostStarts(
  files: readonly UseFile[],
  dockerfile: string,
  rows: readonly HostFile[],
): readonly Start[] {
  return files.flatMap((file) => {
    const row = rows.find((each) => matchesWhole(each.file, baseName(file.path)));
    const table = row && tableOf(file);
    if (!row || !table) return [];
    const parts = row.lists ? row.lists.flatMap((name) => tablesIn(table[name])) : [table];
    return parts.flatMap((part) => {
      const named = row.dockerfile.flatMap((key) => valuesAt(part, key)).map(textOf);
      const isOwn =
        named.length === 0
          ? join(folderOf(file.path), 'Dockerfile') === dockerfile
          : named.some((each) => placeOf(file, each) === dockerfile);
      if (!isOwn) return [];
      const code = row.starts.flatMap((key) => valuesAt(part, key)).map(codeOf);
      return code.flatMap((text) => (text === '' ? [] : [{ path: file.path, text }]));
    });
  });
}

function placeOf({ path }: UseFile, written: string): string {
  return join(folderOf(path), written.replace(/^\/+/, ''));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function tableOf({ path, text }: UseFile): Table | undefined {
  try {
    const value: unknown = path.endsWith('.toml')
      ? parseToml(text)
      : path.endsWith('.json')
        ? parseJson(text)
        : parseYaml(text);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function tablesIn(value: unknown): Table[] {
  return Array.isArray(value) ? value.filter((each) => isTable(each)) : [];
}

/** What stands at `a.b`; `*` stands for each name. */
function valuesAt(table: Table, key: string): unknown[] {
  const names = key.split('.');
  const last = names.pop()!;
  let tables: readonly Table[] = [table];
  for (const name of names) {
    tables = tables.flatMap((each) => {
      const next = name === '*' ? Object.values(each) : [tableIn(each, name)];
      return next.filter((value) => isTable(value));
    });
  }
  return tables.flatMap((each) => {
    const values = last === '*' ? Object.values(each) : [each[last]];
    return values.filter((value) => value !== undefined && value !== null);
  });
}

/** The image of a development container is one to work in. */
export function developmentIn(
  files: readonly UseFile[],
  dockerfile: string,
  services: readonly string[],
): string | undefined {
  const found = files.find(({ path, text }) => {
    if (!/(^|\/)\.?devcontainer\.json$/.test(path)) return false;
    // With comments, and commas behind the last one: what is asked of it is plain.
    const [, named] = /"docker[fF]ile"\s*:\s*"([^"]*)"/.exec(text) ?? [];
    const [, service] = /"service"\s*:\s*"([^"]*)"/.exec(text) ?? [];
    if (/"target"\s*:/.test(text)) return false;
    if (named !== undefined) return join(folderOf(path), named) === dockerfile;
    return service !== undefined && services.includes(service);
  });
  return found?.path;
}
