/** `npm run new-pass -- <id>`: the files of a new pass, ready to be filled. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './bundle.mjs';

/** @param {string} id */
function passTemplate(id) {
  return `/**
 * TODO: what it does, in one sentence.
 * Refuses where TODO.
 */
import { mapPackageRuns } from '../src/analysis/runs.ts';
import { insertAfterWord, splice } from '../src/dockerfile/edit.ts';
import { definePass } from '../src/pass.ts';

export default definePass({
  id: '${id}',
  summary: 'TODO: one sentence.',
  why: 'TODO: one sentence or two.',
  refuses: ['TODO: each of them needs a case'],
  level: 'safe',
  improves: ['size'],
  references: ['https://docs.docker.com/build/building/best-practices/'],
  run: (file, scope) =>
    mapPackageRuns(file, scope.facts, 'shipped stages', (run, { body, calls }) => {
      const call = calls.find((each) => each.args.some((word) => word.text === '--todo'));
      if (body.kind !== 'script' || !call?.actionWord) return run;
      const { actionWord } = call;
      if (call.operands.length === 0) return scope.missed(run, 'TODO: why not');
      return scope.propose(run, { level: 'safe', message: 'TODO: what' }, run, () =>
        splice(run, [insertAfterWord(body, actionWord, '--done')]),
      );
    }),
});
`;
}

const FENCE = '`'.repeat(3);

/** @param {string} id */
function caseTemplate(id) {
  return `# ${id}

## says in a plain sentence what it does here

refuses: TODO: each of them needs a case

${FENCE}dockerfile before
FROM debian:bookworm
RUN apt-get install -y curl
${FENCE}

${FENCE}remarks
${FENCE}
`;
}

/** @param {string} id */
function importName(id) {
  return id.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

/**
 * @param {readonly string[]} args
 * @returns {string | undefined} what is wrong with them
 */
function problemWith([id, ...rest]) {
  if (id === undefined || rest.length > 0) return 'usage: npm run new-pass -- <id>';
  if (!/^[a-z]+(-[a-z0-9]+)+$/.test(id)) {
    return `"${id}" is no name for a pass: write a verb and its object in lower case, such as remove-package-lists`;
  }
  const taken = pathsOf(id).find((path) => existsSync(join(ROOT, path)));
  return taken && `${taken} exists already`;
}

/** @param {string} id */
function pathsOf(id) {
  return [`passes/${id}.ts`, `test/passes/${id}.md`];
}

const args = process.argv.slice(2);
const problem = problemWith(args);
if (problem) {
  console.error(problem);
  process.exitCode = 2;
} else {
  const id = args[0];
  const [pass, cases] = pathsOf(id);
  writeFileSync(join(ROOT, pass), passTemplate(id));
  writeFileSync(join(ROOT, cases), caseTemplate(id));
  console.log(
    [
      `Wrote ${pass} and ${cases}. What is left to do:`,
      '1. Fill in every TODO of both.',
      `2. Register it in passes/index.ts: import ${importName(id)} from './${id}.ts', and put it into the list where its edits belong, with the reason where the place matters.`,
      '3. Write cases: where it applies, and one for everything that it refuses.',
      '   "UPDATE=1 npm test" writes what comes out; read it before you keep it.',
      '4. "npm run docs" writes passes/README.md.',
    ].join('\n'),
  );
}
