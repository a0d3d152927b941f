/** `--image`: what `size` and `rewrite` say with an image at hand, and what they refuse. */
import { describe, expect, it } from 'vitest';
import { layerOf, layout, tarOf } from '../sources/archives.ts';
import { dfopt, folderWith } from './support.ts';

const TEXT = 'FROM debian:12-slim\nRUN apt-get update && apt-get install -y curl\nCOPY a /b\n';

async function folder(history = TEXT): Promise<string> {
  const [, run, copy] = history.split('\n');
  const layers = [
    await layerOf({ base: 70_000 }),
    await layerOf({ curl: 30_000 }),
    await layerOf({ b: 500 }),
  ];
  const steps = [
    { created_by: 'COPY / / # buildkit' },
    { created_by: `RUN /bin/sh -c ${run!.slice(4)} # buildkit` },
    { created_by: `${copy} # buildkit` },
    { created_by: 'CMD ["x"]', empty_layer: true },
  ];
  return folderWith({
    Dockerfile: TEXT,
    a: 'x'.repeat(500),
    'app.tar': await tarOf(layout({ layers, history: steps })),
  });
}

interface Bill {
  readonly bytes: number;
  readonly basis: string;
  readonly lines: readonly { readonly bytes: number; readonly basis: string }[];
}

describe('--image', () => {
  it('gives measured sizes to size', async () => {
    const cwd = await folder();
    const { status, stdout, stderr } = await dfopt(['size', '--image=app.tar'], { cwd });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Dockerfile {2}101 kB\n/);
    expect(stdout).toMatch(/70 kB .* the base debian:12-slim {2}measured, line 1/);
    const json = await dfopt(['size', '--image=app.tar', '--format=json'], { cwd });
    const bill = JSON.parse(json.stdout) as Bill;
    expect(bill).toMatchObject({ bytes: 100_500, low: 100_500, high: 100_500, basis: 'measured' });
    expect(new Set(bill.lines.map(({ basis }) => basis))).toEqual(new Set(['measured']));
    expect(bill.lines.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(100_500);
  });

  it('gives measured sizes to rewrite, before and where nothing changes', async () => {
    const cwd = await folder();
    const args = ['--image=app.tar', '--format=json', '--select=remove-package-lists'];
    const { status, stdout } = await dfopt(['rewrite', 'Dockerfile', ...args], { cwd });
    expect(status).toBe(0);
    const { files } = JSON.parse(stdout) as {
      files: [{ estimate: { before: Bill; after: Bill; saved: { bytes: number } } }];
    };
    const { before, after, saved } = files[0].estimate;
    expect(before).toMatchObject({ bytes: 100_500, basis: 'measured' });
    expect(after.bytes).toBe(100_500 - saved.bytes);
    expect(after.lines[0]).toMatchObject({ bytes: 70_000, basis: 'measured' });
    expect(after.lines.at(-1)).toMatchObject({ bytes: 500, basis: 'measured' });
  });

  it('says what the image does not have', async () => {
    const cwd = await folder(TEXT.replace('curl', 'git'));
    const warning =
      /Dockerfile:2:1:? .*1 of 2 instructions that make layers are not in the history of the image "app.tar"/s;
    const size = await dfopt(['size', '--image=app.tar'], { cwd });
    expect(size).toMatchObject({ status: 0, stderr: expect.stringMatching(warning) });
    const rewrite = await dfopt(['rewrite', 'Dockerfile', '--image=app.tar'], { cwd });
    expect(rewrite.status).toBe(0);
    expect(rewrite.stderr).toMatch(/1 of 2 instructions that make layers/);
  });

  it.each([
    [
      ['rewrite', '--image=app.tar'],
      '--image is for one Dockerfile: name it, as here are 2 Dockerfiles',
    ],
    [
      ['size', '--image=app.tar', '--platform=linux/arm64'],
      'it is for "linux/amd64", not for linux/arm64',
    ],
    [['size', '--image=app.tar', '--platform=arm'], '--platform is written linux/arm64, not "arm"'],
    [['size', '--platform=linux/arm64'], '--platform needs --image'],
    [['size', '--image'], '--image needs a value'],
    [['size', '--image=a b'], '"a b" is neither a file nor the name of an image'],
    [['size', '--image=none.tar'], 'none.tar: it cannot be read: there is no such file'],
    [['size', '--image=acme/app:1'], 'there is no file acme/app:1, and no engine to ask: '],
  ])('%j', async (args, message) => {
    const archive = await tarOf(
      layout({ layers: [await layerOf({ a: 1 })], history: [{ created_by: 'RUN a' }] }),
    );
    const cwd = folderWith({ Dockerfile: TEXT, 'b/Dockerfile': TEXT, 'app.tar': archive });
    const { status, stdout, stderr } = await dfopt(args, { cwd, env: { PATH: '' } });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});
