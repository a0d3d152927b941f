/** Words that the builder expands or resolves itself: can it? */
import { expansionProblem, parseHeredocWord } from './lexer.ts';
import type { Instruction, Word } from './model.ts';
import type { Report } from './report-problem.ts';

/** Words that the builder expands itself must be expandable; URLs are for ADD. */
export function checkExpansion(instruction: Instruction, report: Report): void {
  // BuildKit's escape in words follows the directive; only the usual one is checked here.
  if (instruction.escape !== '\\') return;
  for (const word of expandedWords(instruction)) {
    const problem = expansionProblem(word);
    if (problem === undefined) continue;
    report(`${problem} in ${instruction.keyword}`, 'close it, or escape it with a backslash');
    return;
  }
  if (instruction.kind === 'copy') {
    const url = instruction.sources.find((source) => /^https?:\/\//.test(source.text));
    if (url) report('COPY cannot fetch a URL', 'use ADD, or RUN with curl', url.start);
  }
  if (instruction.kind === 'from') checkImage(instruction.image, report);
}

function expandedWords(instruction: Instruction): readonly string[] {
  switch (instruction.kind) {
    case 'copy':
    case 'add':
      return [...instruction.sources, ...(instruction.destination ? [instruction.destination] : [])]
        .map((word) => word.text)
        .filter((word) => parseHeredocWord(word) === undefined);
    case 'env':
    case 'label':
    case 'arg':
      return instruction.pairs.flatMap(({ name, value }) =>
        value === undefined ? [name] : [name, value],
      );
    case 'expose':
    case 'volume':
      return instruction.words;
    case 'user':
    case 'workdir':
    case 'stopsignal':
      return [instruction.argsText];
    case 'from':
      return instruction.image ? [instruction.image.text] : [];
    case 'run':
    case 'cmd':
    case 'entrypoint':
    case 'healthcheck':
    case 'shell':
    case 'maintainer':
    case 'onbuild':
    case 'unknown':
      return [];
  }
}

/** `registry:port/path:tag@digest`, as the builder's reference grammar has it. */
const IMAGE =
  /^([a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d+)?\/|\[[a-fA-F0-9:]+\](?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/;

export function isImageName(text: string): boolean {
  return IMAGE.test(text);
}

function checkImage(image: Word | undefined, report: Report): void {
  // What a variable will hold is not known, and stage names may be in capitals.
  if (!image || image.text.includes('$') || /["'\\]/.test(image.text)) return;
  if (isImageName(image.text) || /^[A-Za-z][A-Za-z0-9-_.]*$/.test(image.text)) return;
  report(
    `"${image.text}" is not the name of an image`,
    'write <name>:<tag>, in lower case; if it is a template, run dfopt on what it makes',
    image.start,
  );
}
