/** Does an `.editorconfig` say how new lines are written, where the Dockerfile itself does not? */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize } from '../../src/pipeline.ts';
import { styleAbove } from '../../src/sources/editor-config.ts';
import { dfopt, folderWith } from '../cli/support.ts';

const INSTALL = 'RUN apt-get update && apt-get install -y --no-install-recommends curl git make';

const styleIn = async (text: string, name = 'Dockerfile'): Promise<unknown> => {
  const folder = folderWith({ '.editorconfig': `root = true\n${text}` });
  return (await styleAbove(join(folder, name)))?.style;
};

describe('an .editorconfig', () => {
  it('tells of indents, widths and line ends', async () => {
    expect(await styleIn('[*]\nindent_style = space\nindent_size = 2\n')).toEqual({ indent: '  ' });
    expect(await styleIn('[*]\nindent_style = tab\nindent_size = 8\n')).toEqual({ indent: '\t' });
    expect(await styleIn('[*]\nindent_size = tab\ntab_width = 3\n')).toEqual({ indent: '   ' });
    expect(await styleIn('[*]\nmax_line_length = 100\nend_of_line = crlf\n')).toEqual({
      width: 100,
      eol: '\r\n',
    });
    expect(await styleIn('[*]\nmax_line_length = off\n')).toEqual({ width: 100_000 });
  });

  it('is for the files that its sections name', async () => {
    const text = '[Dockerfile*]\nindent_size = 3\n[*.py]\nindent_size = 4\n';
    expect(await styleIn(text)).toEqual({ indent: '   ' });
    expect(await styleIn(text, 'app.Dockerfile')).toBeUndefined();
  });

  it('that says nothing of the kind, or nothing that can be meant, says nothing', async () => {
    expect(await styleIn('[*]\ncharset = utf-8\ninsert_final_newline = false\n')).toBeUndefined();
    expect(await styleIn('[*]\nindent_size = -1\nmax_line_length = wide\n')).toBeUndefined();
    expect(await styleIn('[*\n= \u0000 nonsense')).toBeUndefined();
  });
});

describe('a rewrite', () => {
  const rewritten = async (editorConfig: string, dockerfile: string): Promise<string> => {
    const folder = folderWith({
      '.editorconfig': `root = true\n${editorConfig}`,
      Dockerfile: dockerfile,
    });
    const args = ['rewrite', '-', '--stdin-filepath', join(folder, 'Dockerfile'), '--write'];
    return (await dfopt(args, { cwd: folder, stdin: dockerfile })).stdout;
  };

  it('indents as it says', async () => {
    const text = await rewritten('[*]\nindent_style = tab\n', `FROM debian:12-slim\n${INSTALL}\n`);
    expect(text).toContain('make \\\n\t&& rm -rf /var/lib/apt/lists/*\n');
  });

  it('goes by the file where that shows how it is written', async () => {
    const file = `FROM debian:12-slim\nRUN true \\\n   && true\n${INSTALL}\n`;
    const text = await rewritten('[*]\nindent_style = tab\n', file);
    expect(text).toContain('make \\\n   && rm -rf /var/lib/apt/lists/*\n');
  });

  it('breaks lines where it says', async () => {
    const file = `FROM debian:12-slim\n${INSTALL}\n`;
    expect(await rewritten('[*]\nmax_line_length = 200\n', file)).toContain(
      'make && rm -rf /var/lib/apt/lists/*\n',
    );
  });

  it('ends no lines otherwise than the file does', () => {
    const file = `FROM debian:12-slim\n${INSTALL}\n`;
    const { output } = optimize(file, loadFacts(), { style: { eol: '\r\n' } });
    expect(output).not.toBe(file);
    expect(output).not.toContain('\r');
  });
});

it('is shown by dfopt config', async () => {
  const folder = folderWith({
    '.editorconfig': 'root = true\n[*]\nindent_style = tab\n',
    Dockerfile: 'FROM scratch\n',
  });
  expect((await dfopt(['config'], { cwd: folder })).stdout).toMatch(
    /style\.indent +"\\t" +\.editorconfig/,
  );
  const json = JSON.parse(
    (await dfopt(['config', '--format', 'json'], { cwd: folder })).stdout,
  ) as unknown;
  expect(json).toMatchObject({ style: { value: { indent: '\t' }, from: '.editorconfig' } });
});
