/** Edits of one instruction leave what was found for others as it was: one value, whichever the Dockerfile. */
import { describe, expect, it } from 'vitest';
import { makeContext, type BuildContext } from '../../src/analysis/context.ts';
import { filesOfImage } from '../../src/analysis/files-of-image.ts';
import { filesAtEnd, filesBefore } from '../../src/analysis/image-files.ts';
import { stateBefore } from '../../src/analysis/state.ts';
import { mapStages, type Dockerfile, type Instruction } from '../../src/dockerfile/model.ts';
import { parse, withText } from '../../src/dockerfile/parse.ts';
import { forgetLastRun } from '../../src/dockerfile/run-memory.ts';
import { loadFacts } from '../../src/facts/load.ts';

const facts = loadFacts();

const BEFORE = `ARG VERSION=1
FROM node:22 AS build
WORKDIR /app
COPY package.json ./
RUN npm install
COPY . .
RUN npm run build

FROM node:22-slim
COPY --from=build /app/dist /srv
CMD ["node", "/srv/main.js"]
`;

function contextOf(...paths: string[]): BuildContext {
  return makeContext({
    entries: paths.map((path) => ({ path, kind: 'file', bytes: 10, isExecutable: false })),
  });
}

const context = contextOf('package.json', 'src/main.ts', 'other.txt');

/** The same file with another text of the instruction that has the first. */
function edited(file: Dockerfile, from: string, to: string): Dockerfile {
  const change = <T extends Instruction>(each: T): T =>
    each.text === from ? withText(each, to) : each;
  const isGlobal = file.globals.some(({ text }) => text === from);
  return isGlobal
    ? { ...file, globals: file.globals.map(change) }
    : mapStages(file, ({ instructions }) => instructions.map(change));
}

function at(file: Dockerfile, stage: number, index: number): [Dockerfile, never, never] {
  const found = file.stages[stage]!;
  return [file, found as never, found.instructions[index]! as never];
}

describe('after another RUN was edited', () => {
  const file = parse(BEFORE);
  const after = edited(file, 'RUN npm run build', 'RUN npm run build && rm -r src');

  it('the state before an instruction above it is the same value', () => {
    expect(stateBefore(...at(after, 0, 3), facts)).toBe(stateBefore(...at(file, 0, 3), facts));
  });

  it('the state behind it knows the edited one', () => {
    const other = edited(file, 'RUN npm install', 'RUN npm ci');
    const [before, behind] = [file, other].map((each) => stateBefore(...at(each, 0, 3), facts));
    expect(behind).not.toBe(before);
    expect(behind!.before.map(({ text }) => text)).toContain('RUN npm ci');
    expect(before!.before.map(({ text }) => text)).toContain('RUN npm install');
  });

  it('the files are the same value, of this stage and of those that copy from it', () => {
    for (const each of [0, 1]) {
      const ends = [file, after].map((one) => filesAtEnd(one, one.stages[each]!, context, facts));
      expect(ends[1]).toBe(ends[0]);
      const whole = [file, after].map((one) =>
        filesOfImage(one, one.stages[each]!, context, facts),
      );
      expect(whole[1]).toBe(whole[0]);
    }
  });
});

describe('what an edit does change', () => {
  const file = parse(BEFORE);

  it('another COPY brings other files', () => {
    const after = edited(file, 'COPY . .', 'COPY src src');
    const paths = (one: Dockerfile): string[] =>
      filesAtEnd(one, one.stages[0]!, context, facts).files.entries.map(({ path }) => path);
    expect(paths(file)).toContain('app/other.txt');
    expect(paths(after)).not.toContain('app/other.txt');
    expect(paths(after)).toContain('app/src/main.ts');
  });

  it('another WORKDIR puts them elsewhere', () => {
    const after = edited(file, 'WORKDIR /app', 'WORKDIR /code');
    const run = after.stages[0]!.instructions[2]!;
    const { files } = filesBefore(after, after.stages[0]!, run, context, facts);
    expect(files.entries.map(({ path }) => path)).toContain('code/package.json');
  });

  it('another default of a global ARG is seen in a stage', () => {
    const text = 'ARG V=1\nFROM scratch\nARG V\nRUN ["/$V"]\n';
    const one = parse(text);
    const other = edited(one, 'ARG V=1', 'ARG V=2');
    const values = [one, other].map(
      (each) => stateBefore(...at(each, 0, 1), facts).variables.get('V')?.usual.text,
    );
    expect(values).toEqual([['1'], ['2']]);
  });

  it('another name of a stage makes an image of what was one', () => {
    const text = 'FROM alpine AS base\nENV A=1\nFROM base\nRUN true\n';
    const one = parse(text);
    const [first, second] = one.stages;
    const renamed = parse(text.replace('AS base', 'AS other')).stages[0]!;
    const other: Dockerfile = { ...one, stages: [{ ...first!, from: renamed.from }, second!] };
    const values = [one, other].map((each) =>
      stateBefore(...at(each, 1, 0), facts).variables.has('A'),
    );
    expect(values).toEqual([true, false]);
  });

  it('another context has other files', () => {
    const other = contextOf('package.json');
    const ends = [context, other].map((each) => filesAtEnd(file, file.stages[0]!, each, facts));
    expect(ends.map(({ files }) => files.entries.length)).toEqual([5, 2]);
  });
});

it('the next run begins with nothing, and finds the same', () => {
  const file = parse(BEFORE);
  const first = filesAtEnd(file, file.stages[0]!, context, facts);
  forgetLastRun();
  const again = filesAtEnd(file, file.stages[0]!, context, facts);
  expect(again).not.toBe(first);
  expect(again).toEqual(first);
});
