/** The gate on a folder of another stage that is copied in parts: what is lost is found without a build. */
import { expect, it } from 'vitest';
import narrowCopyFrom from '../passes/narrow-copy-from.ts';
import type { Dockerfile, Instruction } from '../src/dockerfile/model.ts';
import { withText } from '../src/dockerfile/parse.ts';
import { loadFacts } from '../src/facts/load.ts';
import { definePass } from '../src/pass.ts';
import { optimize } from '../src/pipeline.ts';
import { contextFrom, type Tree } from './support/contexts.ts';

const facts = loadFacts();

const NODE = `FROM node:22 AS build
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:22 AS pages
WORKDIR /pages
COPY --from=build /app/views ./

FROM node:22-slim
WORKDIR /srv
COPY --from=build --chown=node:node /app /srv
USER node
CMD ["node", "dist/server.js"]
`;

const manifest = {
  name: 'shop',
  version: '1.0.0',
  scripts: { build: 'tsc' },
  dependencies: { ejs: '3.1.10' },
  devDependencies: { typescript: '5.4.5' },
};

const NODE_TREE: Tree = {
  'package.json': JSON.stringify(manifest),
  'package-lock.json': JSON.stringify({
    name: 'shop',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': manifest,
      'node_modules/ejs': { version: '3.1.10' },
      'node_modules/typescript': { version: '5.4.5', dev: true },
    },
  }),
  'tsconfig.json': '{ "compilerOptions": { "outDir": "dist" } }',
  'src/server.ts': "import ejs from 'ejs';\nejs.renderFile('views/index.ejs');\n",
  'views/index.ejs': '<p>hello</p>\n',
};

const GO = `FROM golang:1.24 AS build
WORKDIR /src
COPY . .
RUN mkdir -p data && cp pages/index.html data/start.html
RUN CGO_ENABLED=0 go build -o server .

FROM alpine:3.20
ENV START=/srv/start.go
COPY --from=build /src /srv
WORKDIR /srv
CMD ["./server"]
`;

const GO_TREE: Tree = {
  'go.mod': 'module example.com/server\n\ngo 1.24\n',
  'main.go': 'package main\n\nfunc main() {}\n',
  'start.go': 'package main\n',
  'pages/index.html': '<p>hello</p>\n',
};

type Edit = (text: string) => string | undefined;

/** Narrows as the pass does, and then makes of each instruction what the edit says. */
function findings(input: string, tree: Tree, edit: Edit): string {
  const spoiled = definePass({
    ...narrowCopyFrom,
    run: (file, scope) => {
      const next = narrowCopyFrom.run(file, scope);
      return next === file ? file : edited(next, edit);
    },
  });
  const context = contextFrom({ Dockerfile: input, ...tree });
  const { output, diagnostics } = optimize(input, facts, { passes: [spoiled], context });
  if (output === input) return diagnostics.map(({ message }) => message).join('\n');
  expect(diagnostics).toEqual([]);
  return 'taken';
}

function edited(file: Dockerfile, edit: Edit): Dockerfile {
  const stages = file.stages.map((stage) => ({
    ...stage,
    instructions: stage.instructions.flatMap((each): Instruction[] => {
      const text = edit(each.text);
      return text === undefined ? [] : [text === each.text ? each : withText(each, text)];
    }),
  }));
  return { ...file, stages };
}

const replaced =
  (old: string | RegExp, next: string): Edit =>
  (text) =>
    text.replace(old, next);

const without =
  (pattern: RegExp): Edit =>
  (text) =>
    pattern.test(text) ? undefined : text;

it.each([
  ['Node', NODE, NODE_TREE],
  ['Go', GO, GO_TREE],
] as const)('takes what the pass makes of a project of %s', (_, input, tree) => {
  expect(findings(input, tree, (text) => text)).toBe('taken');
});

const own = 'COPY --from=build --chown=node:node';

it.each<readonly [string, Edit, RegExp]>([
  ['the packages are lost', without(/\/srv\/node_modules$/), /\/app\/node_modules is left behind/],
  ['the output is lost', without(/\/srv\/dist$/), /\/app\/dist is left behind/],
  ['a page is lost', without(/\/srv\/views$/), /\/app\/views\/index.ejs is left behind/],
  ['the manifest is lost', replaced(' /app/package.json', ''), /\/app\/package.json is left/],
  ['the output goes elsewhere', replaced('/srv/dist', '/srv/lib'), /comes to lie at \/srv\/lib/],
  ['the owner is lost', replaced(`${own} /app/dist`, 'COPY --from=build /app/dist'), /flag/],
  ['nothing makes a part', replaced('/app/views /srv/views', '/app/pages /srv/pages'), /left/],
  [
    'another step is put behind the build',
    replaced('npm prune --omit=dev', 'rm -rf node_modules'),
    /"RUN rm -rf node_modules" is no step that leaves packages out/,
  ],
  [
    'another stage copies what is thinned',
    replaced('/app/views ./', '/app/node_modules ./'),
    /changed/,
  ],
])('finds that %s', (_, edit, finding) => {
  expect(findings(NODE, NODE_TREE, edit)).toMatch(finding);
});

it.each<readonly [string, Edit, RegExp]>([
  ['the program is lost', without(/\/srv\/server$/), /\/src\/server is left behind/],
  ['what a step wrote is lost', without(/\/srv\/data$/), /\/src\/data is left behind/],
  ['a page is lost', without(/\/srv\/pages$/), /\/src\/pages\/index.html is left behind/],
  ['what a variable names is lost', without(/start\.go/), /\/src\/start.go is left behind/],
  [
    'what nothing makes is copied',
    replaced('/src/server /srv/server', '/src/server /src/other /srv/'),
    /nothing puts \/src\/other there/,
  ],
])('finds in a project of Go that %s', (_, edit, finding) => {
  expect(findings(GO, GO_TREE, edit)).toMatch(finding);
});
