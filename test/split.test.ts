/** Splits of installs that Markdown cannot show, and what a build argument may change. */
import { expect, it } from 'vitest';
import { loadFacts } from '../src/facts/load.ts';
import { optimize, type Result } from '../src/pipeline.ts';
import { contextFrom, type Tree } from './support/contexts.ts';

function split(dockerfile: string, tree: Tree): Result {
  const result = optimize(dockerfile, loadFacts(), {
    context: contextFrom({ Dockerfile: dockerfile, ...tree }),
    select: ['split-dependency-install'],
    strict: true,
  });
  return { ...result, remarks: result.remarks.filter(({ because }) => because !== 'off') };
}

const APP: Tree = { 'package.json': '{}', 'package-lock.json': '{}', 'server.js': 100 };

it('gives the last line of a file no line end where it had none', () => {
  const { output } = split('FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci', APP);
  expect(output).toBe(
    'FROM node:22\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .',
  );
});

it('keeps line ends of Windows', () => {
  const { output } = split('FROM node:22\r\nCOPY . /app\r\nRUN cd /app && npm ci && make\r\n', APP);
  expect(output).toBe(
    [
      'FROM node:22',
      'COPY package.json package-lock.json /app/',
      'RUN cd /app && npm ci',
      'COPY . /app',
      'RUN cd /app && make',
      '',
    ].join('\r\n'),
  );
});

it('keeps the indentation and the case of what it cuts', () => {
  const { output } = split('from node:22\n  workdir /app\n  copy . .\n  run npm ci && make\n', APP);
  expect(output).toBe(
    [
      'from node:22',
      '  workdir /app',
      '  copy package.json package-lock.json ./',
      '  run npm ci',
      '  copy . .',
      '  run make',
      '',
    ].join('\n'),
  );
});

it('fills in variables that no build changes, and only those', () => {
  const tree: Tree = { 'deps/prod.txt': 'flask\n', 'deps/dev.txt': 'pytest\n', 'app.py': 100 };
  const tail = 'WORKDIR /app\nCOPY . .\nRUN pip install -r deps/$KIND.txt\n';
  const fixed = split(`FROM python:3.12\nENV KIND=prod\n${tail}`, tree);
  expect(fixed.output).toContain('COPY deps/prod.txt ./deps/\nRUN pip install -r deps/$KIND.txt\n');
  const open = split(`FROM python:3.12\nARG KIND=prod\n${tail}`, tree);
  expect(open.remarks.map(({ message }) => message)).toEqual([
    'nobody knows what deps/$KIND.txt says',
  ]);
  const shadowed = split(
    `FROM python:3.12\nENV KIND=prod\nCOPY . /app\nRUN KIND=dev; pip install -r /app/deps/$KIND.txt\n`,
    tree,
  );
  expect(shadowed.output).toBe(shadowed.input);
});

it('does not make a folder as another user', () => {
  const tree: Tree = { 'requirements.txt': 'flask\n', 'app.py': 100 };
  const text = (user: string): string =>
    `FROM python:3.12\n${user}COPY . /app\nWORKDIR /app\nCOPY requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\n`;
  expect(split(text(''), tree).output).toMatch(/COPY \. \/app\n$/);
  expect(split(text('USER app\n'), tree).remarks[0]?.message).toBe(
    'line 4 would make the folder as another user',
  );
});

it('sees manifests that a stage below brought', () => {
  const text = [
    'FROM node:22 AS base',
    'WORKDIR /app',
    'COPY package*.json ./',
    'FROM base',
    'COPY src src',
    'RUN npm ci',
    '',
  ].join('\n');
  const { output } = split(text, { ...APP, 'src/main.js': 100 });
  expect(output).toBe(text.replace('COPY src src\nRUN npm ci', 'RUN npm ci\nCOPY src src'));
});

it('knows a folder of which only the base knows the name', () => {
  const { output } = split('FROM example.com/base\nCOPY . .\nRUN cd web && npm ci\n', {
    'web/package.json': '{}',
    'web/index.js': 100,
  });
  expect(output).toContain('COPY web/package.json ./web/\nRUN cd web && npm ci\nCOPY . .\n');
});

it('does not cut a RUN that reads a heredoc', () => {
  const text = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci && cat <<EOF > x\nhello\nEOF\n';
  const { output, remarks } = split(text, APP);
  expect(output).toBe(text);
  expect(remarks[0]?.message).toMatch(/cannot be cut/);
});

it('does not cut behind an install that may fail', () => {
  const text = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci || ./fallback.sh && make\n';
  expect(split(text, APP).output).toBe(text);
});

it('takes a condition that only installs', () => {
  const text =
    'FROM node:22\nARG NODE_ENV\nWORKDIR /app\nCOPY . .\nRUN if [ "$NODE_ENV" = test ]; then npm ci; else npm ci --omit=dev; fi\n';
  expect(split(text, APP).output).toMatch(/fi\nCOPY \. \.\n$/);
});

it('leaves an install over a mount of the sources', () => {
  const text = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN --mount=type=bind,target=/src npm ci\n';
  expect(split(text, APP).remarks[0]?.message).toBe('a bind mount shows it the sources');
  const cached = text.replace('type=bind,target=/src', 'type=cache,target=/root/.npm');
  expect(split(cached, APP).output).toMatch(
    /\nRUN --mount=type=cache,target=\/root\/\.npm npm ci\nCOPY \. \.\n$/,
  );
});

it('cuts before an install of the project itself', () => {
  const tree: Tree = { 'requirements.txt': 'flask\n', 'setup.py': 100, 'app.py': 100 };
  const text =
    'FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt && pip install .\n';
  expect(split(text, tree).output).toMatch(
    /COPY requirements\.txt \.\/\nRUN pip install -r requirements\.txt\nCOPY \. \.\nRUN pip install \.\n$/,
  );
});

it('repeats no folder that only what is behind the cut enters', () => {
  const text = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci && cd src && make\n';
  const { output } = split(text, { ...APP, 'src/Makefile': 10 });
  expect(output).toMatch(/RUN npm ci\nCOPY \. \.\nRUN cd src && make\n$/);
});
