/** Where files of the build context lie in an image, where no slash at the end says that it is a folder. */
import { describe, expect, it } from 'vitest';
import { makeContext } from '../../src/analysis/context.ts';
import { filesOfImage } from '../../src/analysis/files-of-image.ts';
import { filesAtEnd } from '../../src/analysis/image-files.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import { loadFacts } from '../../src/facts/load.ts';

const facts = loadFacts();
const context = makeContext({
  entries: ['settings.yaml', 'app.jar'].map((path) => ({
    path,
    kind: 'file',
    bytes: 10,
    isExecutable: false,
  })),
});

function pathsIn(text: string): string[] {
  const file = parse(text);
  const { files } = filesAtEnd(file, file.stages.at(-1)!, context, facts);
  return files.entries.filter(({ kind }) => kind === 'file').map(({ path }) => path);
}

describe('a file that is copied to a folder without a slash lies in it', () => {
  it.each([
    ['WORKDIR', 'WORKDIR /app'],
    ['mkdir', 'RUN mkdir /app'],
    ['mkdir of one below it', 'RUN mkdir -p /app/data'],
    ['mkdir among other commands', 'RUN apk add curl && mkdir -m 755 /srv /app && date'],
    ['mkdir in exec form', 'RUN ["mkdir", "-p", "/app"]'],
    ['mkdir, and only what is in it goes', 'RUN mkdir /app && rm -rf /app/tmp'],
    ['mkdir in a folder', 'WORKDIR /\nRUN mkdir app'],
    ['a variable', 'ENV HOME_OF=/app\nRUN mkdir -p "$HOME_OF"'],
  ])('which is there by %s', (_, made) => {
    expect(pathsIn(`FROM alpine\n${made}\nCOPY settings.yaml /app\n`)).toEqual([
      'app/settings.yaml',
    ]);
  });

  it('of the stage below', () => {
    const text =
      'FROM alpine AS base\nRUN mkdir /app\nFROM base\nRUN date\nCOPY settings.yaml /app\n';
    expect(pathsIn(text)).toEqual(['app/settings.yaml']);
  });
});

describe('a file that is copied to where no folder is known takes that name', () => {
  it.each([
    ['before it is made', 'COPY app.jar /app\nRUN mkdir -p /srv/app'],
    ['mkdir that may not run', 'RUN test -d /data || mkdir /app\nCOPY app.jar /app'],
    ['mkdir of what is not known', 'ARG WHERE\nRUN mkdir "$WHERE"\nCOPY app.jar /app'],
    ['mkdir in words', 'RUN echo mkdir /app\nCOPY app.jar /app'],
    [
      'mkdir of what the same RUN takes away',
      'RUN mkdir /app && date && rm -rf /app\nCOPY app.jar /app',
    ],
    ['mkdir in a mount', 'RUN --mount=type=tmpfs,target=/app mkdir -p /app\nCOPY app.jar /app'],
    ['in another stage', 'RUN mkdir /app\nFROM alpine\nCOPY app.jar /app'],
  ])('%s', (_, rest) => {
    expect(pathsIn(`FROM alpine\n${rest}\n`)).toEqual(['app']);
  });
});

it.each([
  ['WORKDIR /app', 'app/app.jar'],
  ['RUN mkdir -p /app/lib', 'app/app.jar'],
  ['RUN date', 'app'],
])('from another stage, after %s', (made, path) => {
  const file = parse(
    `FROM alpine AS build\nCOPY app.jar /\nFROM alpine\n${made}\nCOPY --from=build /app.jar /app\n`,
  );
  const files = filesOfImage(file, file.stages.at(-1)!, context, facts);
  const there = files.entries.filter(({ kind }) => kind === 'file');
  expect(there.map((each) => each.path)).toEqual([path]);
});
