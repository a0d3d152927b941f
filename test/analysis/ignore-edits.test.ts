import { expect, it } from 'vitest';
import { withIgnore } from '../../src/analysis/context.ts';
import { ignoreFindings } from '../../src/analysis/ignore-edits.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import { contextFrom } from '../support/contexts.ts';

const FILE = parse(
  'FROM a\nARG D\nCOPY src $D missing *.md /x/\nRUN --mount=type=bind,source=tool,target=/t /t\n',
);
const TREE = { 'src/a': 1, tool: 2, 'node_modules/b': 3, 'a.md': 4, '.dockerignore': 'x\n\ny' };

it.each<[string, string, readonly string[]]>([
  ['nothing is wrong with more lines', 'x\n\ny\nnode_modules\n', []],
  ['also between the others, and with other line ends', '# a\r\nx\r\n\r\nb\r\ny\r\n', []],
  ['a line is lost', 'x\ny\nnode_modules\n', ['.dockerignore lost a line']],
  ['the order is another', 'y\nx\n\n', ['.dockerignore lost a line']],
  ['a folder that is copied', 'x\n\ny\nsrc\n', ['COPY src would find nothing']],
  ['all that is in it is no loss of the folder', 'x\n\ny\n**/c\n', []],
  ['a file that is mounted', 'x\n\ny\ntool\n', ['RUN tool would find nothing']],
  ['all matches of a wildcard', 'x\n\ny\n*.md\n', ['COPY *.md would find nothing']],
  ['no pattern', 'x\n\ny\n[\n', ['line 4 of .dockerignore: "[" is no pattern']],
])('%s', (_, text, findings) => {
  const context = contextFrom(TREE);
  expect(ignoreFindings(FILE, context, withIgnore(context, text))).toEqual(findings);
});

it('says nothing where nothing changed', () => {
  const context = contextFrom({ '.dockerignore': '[\n' });
  expect(ignoreFindings(FILE, context, context)).toEqual([]);
  expect(ignoreFindings(FILE, undefined, undefined)).toEqual([]);
});

it('leaves patterns of the author alone that are none', () => {
  const context = contextFrom({ '.dockerignore': '**\\modules\n' });
  expect(ignoreFindings(FILE, context, withIgnore(context, '**\\modules\n.git\n'))).toEqual([]);
});
