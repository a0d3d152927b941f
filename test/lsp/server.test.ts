/** Does an editor get the diagnostics, reasons and edits of the text that it shows? */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, describe } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type {
  CodeAction,
  MarkupContent,
  TextDocumentEdit,
  TextEdit,
  Range,
} from 'vscode-languageserver-protocol/node';
import { passes } from '../../passes/index.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize, type Result } from '../../src/pipeline.ts';
import { fixesOf } from '../../src/report/fixes.ts';
import { CLEAN, DIRTY, folderWith, INVALID } from '../cli/support.ts';
import { served, type Client } from './support.ts';

const ALL: Range = { start: { line: 0, character: 0 }, end: { line: 999, character: 0 } };

const TWO = `${DIRTY}RUN apt-get update && apt-get install -y git\nCMD git --version\n`;

/** What the edits of one document make of its text. */
function applied(text: string, edits: readonly TextEdit[]): string {
  return TextDocument.applyEdits(TextDocument.create('file:///x', 'x', 1, text), [...edits]);
}

function textChanges({ edit }: CodeAction): TextDocumentEdit[] {
  return (edit?.documentChanges ?? []).filter((each) => 'textDocument' in each);
}

function editsOf(action: CodeAction, uri: string): TextEdit[] {
  return textChanges(action)
    .filter(({ textDocument }) => textDocument.uri === uri)
    .flatMap(({ edits }) => edits as TextEdit[]);
}

describe('diagnostics', () => {
  it('name the pass, its reference and the lines of the instruction', async () => {
    const client = await served(folderWith({}));
    await client.open('Dockerfile', DIRTY);
    const { diagnostics } = await client.diagnostics('Dockerfile', 1);
    const lists = diagnostics.find(({ code }) => code === 'remove-package-lists');
    const pass = passes.find(({ id }) => id === 'remove-package-lists')!;
    expect(lists).toMatchObject({
      severity: 3,
      source: 'dfopt',
      codeDescription: { href: pass.references[0] },
      range: { start: { line: 1, character: 0 }, end: { line: 1, character: 45 } },
    });
  });

  it('say what the builder rejects as an error', async () => {
    const client = await served(folderWith({}));
    await client.open('Dockerfile', INVALID);
    const { diagnostics } = await client.diagnostics('Dockerfile', 1);
    expect(diagnostics).toMatchObject([{ severity: 1, range: { start: { line: 1 } } }]);
  });

  it('follow the text, and go when it is closed', async () => {
    const client = await served(folderWith({}));
    await client.open('Dockerfile', DIRTY);
    await client.diagnostics('Dockerfile', 1);
    await client.change('Dockerfile', 2, CLEAN);
    expect((await client.diagnostics('Dockerfile', 2)).diagnostics).toEqual([]);
    await client.change('Dockerfile', 3, DIRTY);
    expect((await client.diagnostics('Dockerfile', 3)).diagnostics).not.toEqual([]);
    await client.close('Dockerfile');
    await client.hover('Dockerfile', 0);
    expect(client.published.at(-1)).toEqual({ uri: client.uri('Dockerfile'), diagnostics: [] });
  });

  it('go by the configuration above the file, as it is when something was saved', async () => {
    const off = JSON.stringify({ skip: ['remove-package-lists'] });
    const folder = folderWith({ 'dfopt.config.json': off });
    const client = await served(folder);
    await client.open('Dockerfile', DIRTY);
    const codes = async (version: number): Promise<unknown[]> =>
      (await client.diagnostics('Dockerfile', version)).diagnostics.map(({ code }) => code);
    expect(await codes(1)).not.toContain('remove-package-lists');
    writeFileSync(join(folder, 'dfopt.config.json'), '{}');
    await client.connection.sendNotification('textDocument/didSave', {
      textDocument: { uri: client.uri('Dockerfile') },
    });
    await client.change('Dockerfile', 2, DIRTY);
    expect(await codes(2)).toContain('remove-package-lists');
  });

  it('leave a file alone that the configuration ignores', async () => {
    const client = await served(folderWith({ '.dfoptrc': 'ignore: [Dockerfile]\n' }));
    await client.open('Dockerfile', DIRTY);
    expect((await client.diagnostics('Dockerfile', 1)).diagnostics).toEqual([]);
  });

  it('say what is wrong with the configuration, and go without it', async () => {
    const client = await served(folderWith({ 'dfopt.config.json': '{ "levle": "safe" }' }));
    await client.open('Dockerfile', DIRTY);
    const { diagnostics } = await client.diagnostics('Dockerfile', 1);
    expect(diagnostics[0]).toMatchObject({ severity: 2, range: { start: { line: 0 } } });
    expect(diagnostics[0]!.message).toMatch(/dfopt\.config\.json: .*levle.*level/);
    expect(diagnostics.map(({ code }) => code)).toContain('remove-package-lists');
  });

  it('are for Dockerfiles alone, by language or by name', async () => {
    const client = await served(folderWith({}));
    await client.open('notes.txt', DIRTY, 'plaintext');
    await client.open('any', DIRTY);
    await client.open('app.Dockerfile', DIRTY, 'plaintext');
    await Promise.all([client.diagnostics('any', 1), client.diagnostics('app.Dockerfile', 1)]);
    expect(await client.actions('notes.txt', ALL)).toEqual([]);
    expect(client.published.map(({ uri }) => uri)).not.toContain(client.uri('notes.txt'));
  });
});

describe('code actions', () => {
  it('make one edit, or all of them', async () => {
    const client = await served(folderWith({}));
    await client.open('Dockerfile', TWO);
    const actions = await client.actions('Dockerfile', ALL);
    const uri = client.uri('Dockerfile');
    const facts = loadFacts();
    const whole = optimize(TWO, facts);
    const edits = whole.remarks.filter(({ outcome }) => outcome === 'applied');
    expect(edits.length).toBeGreaterThan(1);
    const all = actions.find(({ kind }) => kind === 'source.fixAll.dfopt')!;
    expect(applied(TWO, editsOf(all, uri))).toBe(whole.output);
    const again = (deny: readonly string[]): Result =>
      optimize(TWO, facts, { deny: new Set(deny) });
    const fixes = fixesOf(whole, again);
    const expected = edits.flatMap(({ id, pass, message }) => {
      const fix = fixes.get(id);
      return fix ? [[`${pass}: ${message}`, fix.output]] : [];
    });
    expect(expected.length).toBeGreaterThan(1);
    const offered = actions.filter(({ isPreferred }) => isPreferred);
    const made = offered.map((each) => [each.title, applied(TWO, editsOf(each, uri))]);
    const byTitle = (one: readonly string[], other: readonly string[]): number =>
      one.join('\n').localeCompare(other.join('\n'));
    expect(made.toSorted(byTitle)).toEqual(expected.toSorted(byTitle));
    for (const action of actions)
      for (const { textDocument } of textChanges(action)) expect(textDocument.version).toBe(1);
  });

  it('are of the text as it is now, not as it was looked at', async () => {
    const client = await served(folderWith({}));
    await client.open('Dockerfile', DIRTY);
    await client.diagnostics('Dockerfile', 1);
    const text = `# one\n# two\n${DIRTY}`;
    await client.change('Dockerfile', 2, text);
    const actions = await client.actions('Dockerfile', ALL, ['source.fixAll']);
    expect(actions.map(({ kind }) => kind)).toEqual(['source.fixAll.dfopt']);
    expect(textChanges(actions[0]!)[0]!.textDocument.version).toBe(2);
    const after = applied(text, editsOf(actions[0]!, client.uri('Dockerfile')));
    expect(after).toBe(optimize(text, loadFacts()).output);
  });

  it('ignore a pass, so that dfopt is silent about it', async () => {
    const client = await served(folderWith({}));
    const text = DIRTY.replaceAll('\n', '\r\n');
    await client.open('Dockerfile', text);
    const line = { line: 1, character: 3 };
    const actions = await client.actions('Dockerfile', { start: line, end: line });
    const ignore = actions.find(({ title }) => title === 'Ignore remove-package-lists here')!;
    const after = applied(text, editsOf(ignore, client.uri('Dockerfile')));
    expect(after).toBe(text.replace('RUN', '# dfopt-ignore remove-package-lists: reason\r\nRUN'));
    await client.change('Dockerfile', 2, after);
    const { diagnostics } = await client.diagnostics('Dockerfile', 2);
    expect(diagnostics.map(({ code }) => code)).not.toContain('remove-package-lists');
    expect(diagnostics.map(({ code }) => code)).not.toContain('input-warning');
  });

  it('offer nothing where nothing is', async () => {
    const client = await served(folderWith({}));
    await client.open('Dockerfile', CLEAN);
    expect(await client.actions('Dockerfile', ALL)).toEqual([]);
    expect(await client.hover('Dockerfile', 0)).toBeNull();
  });

  it('hold for texts with a byte order mark, lone carriage returns and no last line end', async () => {
    const client = await served(folderWith({}));
    const text = `\ufeff# a\n${DIRTY.trimEnd()} # a\r b`;
    await client.open('Dockerfile', text);
    const [all] = await client.actions('Dockerfile', ALL, ['source.fixAll.dfopt']);
    const after = applied(text, editsOf(all!, client.uri('Dockerfile')));
    expect(after).toBe(optimize(text, loadFacts()).output);
    expect(after).not.toBe(text);
  });
});

describe('.dockerignore', () => {
  const COPIES = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD ["node", "server.js"]\n';
  const FILES = {
    Dockerfile: COPIES,
    'package.json': '{}',
    'server.js': '',
    '.git/HEAD': 'ref: x',
    'node_modules/left/index.js': 'x'.repeat(1000),
  };
  const ONE = { start: { line: 2, character: 0 }, end: { line: 2, character: 0 } };

  async function ignoreFix(client: Client): Promise<CodeAction | undefined> {
    const actions = await client.actions('Dockerfile', ONE, ['quickfix']);
    return actions.find(({ title }) => title.startsWith('write-dockerignore: keep .git '));
  }

  it('is made by an edit of the whole workspace', async () => {
    const client = await served(folderWith(FILES));
    await client.open('Dockerfile', COPIES);
    const fix = await ignoreFix(client);
    const uri = client.uri('.dockerignore');
    expect(fix?.edit?.documentChanges?.[0]).toEqual({ kind: 'create', uri });
    expect(applied('', editsOf(fix!, uri))).toContain('.git\n');
    expect(editsOf(fix!, client.uri('Dockerfile'))).toEqual([]);
  });

  it('is not made by an editor that makes no files', async () => {
    const client = await served(folderWith(FILES), {});
    await client.open('Dockerfile', COPIES);
    expect(await ignoreFix(client)).toBeUndefined();
    const others = await client.actions('Dockerfile', ALL);
    expect(others.length).toBeGreaterThan(0);
    for (const { edit } of others) expect(Object.keys(edit!)).toEqual(['changes']);
  });

  it('is read again when it changed on the disk', async () => {
    const cwd = folderWith({ ...FILES, '.dockerignore': 'tmp\n' });
    const client = await served(cwd);
    await client.open('Dockerfile', COPIES);
    const uri = client.uri('.dockerignore');
    const before = editsOf((await ignoreFix(client))!, uri);
    expect(applied('tmp\n', before)).toMatch(/^tmp\n[^]*\.git\n/);
    const text = '# mine\ntmp\n';
    writeFileSync(join(cwd, '.dockerignore'), text);
    const fix = await ignoreFix(client);
    expect(applied(text, editsOf(fix!, uri))).toMatch(/^# mine\ntmp\n[^]*\.git\n/);
    expect(textChanges(fix!)[0]!.textDocument.version).toBeNull();
  });

  it('is the one that the editor shows, at its version', async () => {
    const client = await served(folderWith({ ...FILES, '.dockerignore': 'tmp\n' }));
    await client.open('Dockerfile', COPIES);
    expect(await ignoreFix(client)).toBeDefined();
    await client.open('.dockerignore', 'tmp\n', 'ignore');
    await client.change('.dockerignore', 2, '# new\ntmp\n');
    const fix = await ignoreFix(client);
    expect(textChanges(fix!)[0]!.textDocument).toMatchObject({ version: 2 });
    const after = applied('# new\ntmp\n', editsOf(fix!, client.uri('.dockerignore')));
    expect(after).toMatch(/^# new\ntmp\n[^]*\.git\n/);
    await client.change('.dockerignore', 3, 'tmp\n.git\nnode_modules\n');
    expect(await ignoreFix(client)).toBeUndefined();
  });
});

describe('hover', () => {
  it('says why, and what it saves, as plain text', async () => {
    const client = await served(folderWith({}));
    await client.open('Dockerfile', DIRTY);
    const hover = await client.hover('Dockerfile', 1);
    const { why } = passes.find(({ id }) => id === 'remove-package-lists')!;
    expect(hover?.contents).toMatchObject({ kind: 'plaintext' });
    const { value } = hover!.contents as MarkupContent;
    expect(value).toContain('remove-package-lists: ');
    expect(value).toContain(why);
    expect(value).toMatch(/−[\d.]+ MB/);
    expect(value).toMatch(/The whole image: .* → /);
  });

  it('is not led astray by control characters of the file', async () => {
    const client = await served(folderWith({}));
    await client.open('Dockerfile', 'FROM debian:12-slim\nFR\u202eUM x\n');
    const said = JSON.stringify(await client.diagnostics('Dockerfile', 1));
    expect(said).toContain('FR\\\\u202eUM');
    expect(said).not.toContain('\u202e');
  });
});

describe('the end', () => {
  it('is 0 after a shutdown, and 1 without one', async () => {
    const one = await served(folderWith({}));
    await one.connection.sendRequest('shutdown');
    await one.connection.sendNotification('exit');
    expect(await one.ended).toBe(0);
    const other = await served(folderWith({}));
    await other.connection.sendNotification('exit');
    expect(await other.ended).toBe(1);
  });
});
