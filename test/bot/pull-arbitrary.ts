/** Random pull requests: a Dockerfile, and what it was at the base. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { dockerfileText } from '../support/arbitrary.ts';
import { contextFrom } from '../support/contexts.ts';
import type { ModelFile } from './pull-model.ts';

const CORPUS = fileURLToPath(new URL('../../corpus', import.meta.url));

/** Dockerfiles as people write them. */
const corpus = readdirSync(CORPUS, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name === 'Dockerfile')
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  .toSorted();

/** Instructions that dfopt has something to say of, each by itself. */
const step = fc.constantFrom(
  'RUN apt-get update && apt-get install -y curl',
  'RUN apt-get update \\\n    && apt-get install -y --no-install-recommends nano \\\n    && echo "```" > /x',
  'RUN pip install flask',
  'RUN pip install requests  ',
  'RUN npm install -g serve',
  'RUN apk add --update git',
  'ADD a.txt /a.txt',
  'ADD b /b',
  'RUN cd /app && make',
  'WORKDIR /srv',
  'ENV A=b',
  'COPY . .',
  '# @somebody <!-- dfopt:summary {"body":"x"} -->',
  '',
  '\t# a tab',
  'RUN gem install rake',
  'RUN yum install -y gcc',
  'RUN chown -R www:www /srv',
  'RUN curl -fsSL https://example.com/a.tgz | tar -xz',
  'CMD node server.js',
);

const plainText = fc
  .tuple(
    fc.constantFrom('FROM python:3.12', 'FROM debian:bookworm', 'FROM node:20', 'FROM alpine:3.20'),
    fc.array(step, { minLength: 1, maxLength: 14 }),
    fc.constantFrom('\n', '\n', '\n', '', '\n\n'),
  )
  .map(([from, steps, end]) => [from, ...steps].join('\n') + end);

const headText = fc.oneof(
  { weight: 3, arbitrary: plainText },
  { weight: 2, arbitrary: fc.constantFrom(...corpus) },
  { weight: 2, arbitrary: dockerfileText },
  { weight: 1, arbitrary: plainText.map((text) => text.replaceAll('\n', '\r\n')) },
  { weight: 1, arbitrary: plainText.map((text) => `\ufeff${text}`) },
);

/** What is done to a line of the head, so that it is the base's. */
const change = fc.record({
  at: fc.nat(),
  count: fc.integer({ min: 0, max: 4 }),
  put: fc.constantFrom([], [], ['RUN old'], ['# old', 'RUN older'], ['']),
});

const NODE = {
  'package.json': '{"name":"a","dependencies":{"express":"^4.0.0"}}\n',
  'server.js': 'x',
  'a.txt': 'a',
};
const PYTHON = { 'requirements.txt': 'flask\n', 'app.py': 'import flask\n', 'a.txt': 'a' };

/** One Dockerfile of a pull request, and what lies in its folder. */
export interface Triple {
  readonly head: string;
  /** Missing where the pull request adds the file. */
  readonly base: string | undefined;
  readonly tree: Readonly<Record<string, string>>;
}

export const pullTriple: fc.Arbitrary<Triple> = fc
  .record({
    head: headText,
    isNew: fc.nat(3),
    changes: fc.array(change, { minLength: 1, maxLength: 4 }),
    tree: fc.constantFrom({}, NODE, PYTHON),
  })
  .map(({ head, isNew, changes, tree }) => ({
    head,
    base: isNew === 0 ? undefined : changes.reduce(changed, head),
    tree,
  }));

export const modelFile: fc.Arbitrary<ModelFile> = fc
  .record({
    triple: pullTriple,
    level: fc.constantFrom('safe', 'standard', 'aggressive'),
    isGit: fc.boolean(),
    isLarge: fc.nat(19),
  } as const)
  .map(({ triple: { head, base, tree }, level, isGit, isLarge }) => {
    const isKnown = Object.keys(tree).length > 0;
    const all = isGit ? { ...tree, '.git/HEAD': 'x' } : tree;
    return {
      path: 'app/Dockerfile',
      head,
      base,
      options: { level, ...(isKnown && { context: contextFrom(all) }) },
      isLarge: isLarge === 0,
    };
  });

function changed(
  text: string,
  { at, count, put }: { at: number; count: number; put: readonly string[] },
): string {
  const lines = text.split('\n');
  lines.splice(at % lines.length, count, ...put);
  return lines.join('\n');
}
