/** The gate on a pass that puts a stage on another image: what the image lacks is found without a build. */
import { expect, it } from 'vitest';
import { withText } from '../src/dockerfile/parse.ts';
import { loadFacts } from '../src/facts/load.ts';
import { definePass } from '../src/pass.ts';
import { optimize } from '../src/pipeline.ts';

const facts = loadFacts();

/** Writes another image into the last FROM and asks nothing. */
const careless = (image: string) =>
  definePass({
    id: 'careless',
    summary: 'One.',
    why: 'A test asks for it.',
    refuses: [],
    level: 'safe',
    improves: ['size'],
    references: [],
    run: (file, scope) => {
      const stage = file.stages.at(-1)!;
      const { from } = stage;
      const text = from.text.slice(0, from.image!.start) + image + from.text.slice(from.image!.end);
      const proposal = { level: 'safe', message: `stand on ${image}`, newBase: image } as const;
      return scope.propose(from, proposal, file, () => ({
        ...file,
        stages: [...file.stages.slice(0, -1), { ...stage, from: withText(from, text) }],
      }));
    },
  });

function findings(text: string, image: string): string {
  const { output, diagnostics } = optimize(text, facts, { passes: [careless(image)] });
  if (output === text) return diagnostics.map(({ message }) => message).join('\n');
  expect(diagnostics).toEqual([]);
  return 'taken';
}

it.each([
  ['FROM node:22\nCMD ["node", "x.js"]\n', 'node:22-slim', 'taken'],
  ['FROM node:22\nRUN git clone x\nCMD ["node", "x.js"]\n', 'node:22-slim', 'needs git'],
  [
    'FROM node:22\nHEALTHCHECK CMD curl -f http://localhost\nCMD ["node", "x"]\n',
    'node:22-slim',
    'needs curl',
  ],
  ['FROM eclipse-temurin:17-jdk\nCMD ["javac"]\n', 'eclipse-temurin:17-jre', 'no javac'],
  ['FROM node:22\nCMD ["node"]\n', 'example.com/none', 'an image of which nothing is known'],
  ['FROM python:3.12\nCMD ["python"]\n', 'node:22', 'NODE_VERSION|ENTRYPOINT|does not set'],
  ['FROM node:22\nRUN true\nCMD ["node"]\n', 'scratch', '.+'],
])('%j on %s: %s', (text, image, expected) => {
  expect(findings(text, image)).toMatch(new RegExp(expected));
});

it('lets nobody change a FROM without saying so', () => {
  const silent = definePass({
    ...careless('node:22-slim'),
    run: (file, scope) => {
      const stage = file.stages[0]!;
      return scope.propose(stage.from, { level: 'safe', message: 'hm' }, file, () => ({
        ...file,
        stages: [{ ...stage, from: withText(stage.from, 'FROM node:22-slim') }],
      }));
    },
  });
  const { output, diagnostics } = optimize('FROM node:22\nCMD ["node"]\n', facts, {
    passes: [silent],
  });
  expect(output).toBe('FROM node:22\nCMD ["node"]\n');
  expect(diagnostics[0]?.message).toContain('a FROM changed');
});
