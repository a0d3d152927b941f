/** Does a browser's list of files make the same build context as the disk does? */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { BuildContext } from '../../src/analysis/context.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize } from '../../src/pipeline.ts';
import { readContext } from '../../src/sources/read-context.ts';
import { contextJson, contextOf } from '../../src/web/messages.ts';
import { contextOfFiles, type ListedFile } from '../../src/web/page/dropped.ts';
import { folderWith } from '../cli/support.ts';

const CORPUS = fileURLToPath(new URL('../../corpus', import.meta.url));
const { manifests } = loadFacts();

/** What a browser lists of a folder: files, nothing of their modes. */
function listed(folder: string): ListedFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({
      path: relative(folder, path),
      size: statSync(path).size,
      bytes: () => Promise.resolve(new Uint8Array(readFileSync(path)).buffer),
    }));
}

function fromDisk(folder: string, limits = {}): BuildContext {
  const dockerfile = join(folder, 'Dockerfile');
  const read = readContext({ folder, dockerfile, manifests, limits });
  if (read.kind === 'refused') throw new Error(read.why);
  return read.context;
}

function sorted(texts: ReadonlyMap<string, string>): [string, string][] {
  return [...texts].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** Without what a browser cannot see. */
function comparable({ entries, texts, unread, gaps, ignore, dockerfile }: BuildContext): unknown {
  const byPath = <T extends { readonly path: string }>(list: readonly T[]): T[] =>
    list.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return {
    entries: entries.map(({ path, kind, bytes }) => ({ path, kind, bytes })),
    texts: sorted(texts),
    unread: sorted(unread),
    gaps: byPath(gaps),
    ignore,
    dockerfile,
  };
}

const CASES = ['node/ts-server', 'node/workspaces', 'python/pdf-search', 'java', 'go'].flatMap(
  (each) => {
    const folder = join(CORPUS, each);
    const isCase = readdirSync(folder).includes('Dockerfile');
    return isCase ? [folder] : readdirSync(folder).map((name) => join(folder, name));
  },
);

describe('a folder in the browser', () => {
  it.each(CASES.map((folder) => [relative(CORPUS, folder), folder]))('is %s', async (_, folder) => {
    const dropped = await contextOfFiles({ files: listed(folder) }, 'Dockerfile', manifests);
    const disk = fromDisk(folder);
    // Programs without an extension are read for their mode, which a browser does not know.
    const texts = new Map([...disk.texts].filter(([path]) => dropped.texts.has(path)));
    for (const [path] of disk.texts) {
      const isBare = !path.split('/').at(-1)!.includes('.');
      expect(dropped.texts.has(path) || isBare, path).toBe(true);
    }
    expect(comparable(dropped)).toEqual(comparable({ ...disk, texts }));
  });

  it('is cut off by the same limits, and says so', async () => {
    const folder = folderWith({
      Dockerfile: 'FROM scratch\nCOPY . .\n',
      'a/b/c/package.json': '{}',
      'package.json': '{ "name": "x" }',
      'server.js': 'x'.repeat(50),
      'node_modules/left/package.json': '{}',
      '.dockerignore': 'dist\n!dist/keep\nsecret\n',
      'dist/keep/x.js': '',
      'secret/deep/y.js': '',
    });
    for (const limits of [
      { depth: 1 },
      { textBytes: 10 },
      { sourceBytes: 10 },
      { allTextBytes: 20 },
    ]) {
      const dropped = await contextOfFiles(
        { files: listed(folder) },
        'Dockerfile',
        manifests,
        limits,
      );
      expect(comparable(dropped), JSON.stringify(limits)).toEqual(
        comparable(fromDisk(folder, limits)),
      );
    }
    const few = await contextOfFiles({ files: listed(folder) }, undefined, manifests, {
      entries: 4,
    });
    expect(few.gaps.map(({ path }) => path)).toContain('');
  });

  it('says nothing of modes, and nothing rests on them', async () => {
    const files = listed(folderWith({ Dockerfile: 'FROM alpine:3.20\n', 'run.sh': '#!/bin/sh\n' }));
    const context = await contextOfFiles({ files }, 'Dockerfile', manifests);
    const text = 'FROM alpine:3.20\nCOPY run.sh /run.sh\nRUN chmod +x /run.sh\nCMD ["/run.sh"]\n';
    const options = { level: 'standard', context } as const;
    const { remarks } = optimize(text, loadFacts(), options);
    const rests = remarks.filter(
      ({ message, outcome }) => outcome === 'applied' && /chmod|mode/.test(message),
    );
    expect(rests).toEqual([]);
    expect(remarks.map(({ message }) => message)).toContain('nobody knows the mode of run.sh');
  });

  it('survives the way to the worker', async () => {
    const folder = join(CORPUS, 'node/ts-server');
    const context = await contextOfFiles({ files: listed(folder) }, 'Dockerfile', manifests);
    const sent = JSON.parse(JSON.stringify(contextJson(context))) as ReturnType<typeof contextJson>;
    expect(comparable(contextOf(sent))).toEqual(comparable(context));
  });
});
